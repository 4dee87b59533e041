"""The sample files are what they say: real formats, stated shares, the same for the same seed."""

import csv
import io
import json
import re
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from click.testing import CliRunner
from openpyxl import load_workbook

from qingdan.cli.sample import sample
from qingdan.core.address_text import split
from qingdan.core.region import resolve
from qingdan.data import load_divisions
from qingdan.sandbox.samples import SCENARIOS, write_bench_csv, write_sample
from qingdan.sandbox.samples.vocabulary import words

DIVISIONS = load_divisions()
ID = re.compile(r'^="(\d+)"$')


@pytest.fixture(scope="module")
def s1(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("s1")
    write_sample("s1", out, seed=7)
    return out


@pytest.fixture(scope="module")
def manifest(s1: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((s1 / "manifest.json").read_text("utf-8"))
    return loaded


def _rows(path: Path, encoding: str) -> list[dict[str, str]]:
    text = path.read_bytes().decode(encoding)
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _xlsx(path: Path) -> list[dict[str, str]]:
    book = load_workbook(path, read_only=True)
    rows = [[str(value or "") for value in row] for row in book.active.iter_rows(values_only=True)]
    book.close()
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def _file(s1: Path, beginning: str, ending: str) -> Path:
    (path,) = (p for p in s1.iterdir() if p.name.startswith(beginning) and p.name.endswith(ending))
    return path


def _expected(manifest: dict[str, Any], path: Path) -> dict[str, dict[str, Any]]:
    return {order["order_no"]: order for order in manifest["orders"] if order["file"] == path.name}


def test_double_eleven_backlog_is_as_told(manifest: dict[str, Any]) -> None:
    totals = manifest["totals"]
    assert totals["state"]["waiting"] > 2000
    assert set(totals["channel"]) == {"taobao", "jd", "pdd"}
    assert totals["verdict"]["release"] > 800
    assert len(manifest["orders"]) == manifest["count"] == 2400


def test_stated_shares_are_kept(manifest: dict[str, Any]) -> None:
    for shop in SCENARIOS["s1"].shops:
        orders = [o for o in manifest["orders"] if _belongs(o, shop.form)]
        count = len(orders)
        assert sum(o["state"] == "unpaid" for o in orders) == round(manifest["shares"]["unpaid"] * count)
        waiting = [o for o in orders if o["state"] == "waiting"]
        problems = Counter(o["problem"] for o in waiting)
        assert problems["over_limit"] == round(manifest["shares"]["over_limit"] * len(waiting))
        assert problems["address_change"] == round(manifest["shares"]["address_change"] * len(waiting))
        assert sum(o["masked"] for o in orders) == round(shop.masked * count)


def _belongs(order: dict[str, Any], form: str) -> bool:
    name, channel = order["file"], form.partition("-")[0]
    return order["channel"] == channel and (channel != "taobao" or name.endswith(form.partition("-")[2]))


def test_order_numbers_are_unique(manifest: dict[str, Any]) -> None:
    numbers = [(order["channel"], order["order_no"]) for order in manifest["orders"]]
    assert len(set(numbers)) == len(numbers)


def test_same_seed_same_files(s1: Path, tmp_path: Path) -> None:
    write_sample("s1", tmp_path, seed=7)
    assert {p.name: p.read_bytes() for p in s1.iterdir()} == {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    other = tmp_path / "other"
    write_sample("s1", other, seed=8)
    assert (other / "manifest.json").read_bytes() != (s1 / "manifest.json").read_bytes()


def test_taobao_csv_pair(s1: Path, manifest: dict[str, Any]) -> None:
    path = _file(s1, "ExportOrderList", ".csv")
    orders = _rows(path, "gb18030")
    items = _rows(_file(s1, "ExportOrderDetailList", ".csv"), "gb18030")
    numbers = {ID.fullmatch(row["订单编号"]).group(1): row for row in orders}  # type: ignore[union-attr]
    expected = _expected(manifest, path)
    assert set(numbers) == set(expected)
    assert {ID.fullmatch(row["主订单编号"]).group(1) for row in items} == set(numbers)  # type: ignore[union-attr]
    assert all(row["联系手机"].startswith("'") for row in orders)
    by_order = Counter[str]()
    for row in items:
        by_order[row["主订单编号"]] += round(float(row["买家实际支付金额"]) * 100)
    for number, row in numbers.items():
        if expected[number]["state"] != "unpaid":
            assert round(float(row["买家实际支付金额"]) * 100) == by_order[row["订单编号"]]
        assert ("*" in row["收货人姓名"]) == expected[number]["masked"]


def test_tmall_workbook_pair(s1: Path, manifest: dict[str, Any]) -> None:
    path = _file(s1, "ExportOrderList", ".xlsx")
    orders, items = _xlsx(path), _xlsx(_file(s1, "ExportItemlList", ".xlsx"))
    expected = _expected(manifest, path)
    assert {row["订单编号"] for row in orders} == set(expected) == {row["主订单编号"] for row in items}
    parts = split(pl.Series([row["收货地址"] for row in orders]), DIVISIONS)
    assert parts["name"].to_list() == [row["收货人姓名"] for row in orders]
    assert parts["phone"].to_list() == [row["联系手机"] for row in orders]


def test_jd_file(s1: Path, manifest: dict[str, Any]) -> None:
    path = _file(s1, "京东", ".csv")
    lines = path.read_bytes().decode("gb18030").split("\r\n")
    assert lines[0].endswith('",')
    rows = _rows(path, "gb18030")
    expected = _expected(manifest, path)
    assert {row["订单号"] for row in rows} == set(expected)
    assert len(rows) > len(expected)
    skus = [(row["订单号"], row["商品ID"]) for row in rows]
    assert len(set(skus)) == len(skus)
    for row in rows:
        order = expected[row["订单号"]]
        assert (row["支付方式"] == "货到付款") == (order["problem"] == "cash_on_delivery")
        if order["problem"] == "platform_hold":
            assert row["订单状态"] in ("(锁定)等待出库", "暂停")


def test_pdd_file(s1: Path, manifest: dict[str, Any]) -> None:
    path = _file(s1, "orders_export", ".csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = _rows(path, "utf-8-sig")
    assert all(row["订单号"].endswith("\t") for row in rows)
    expected = _expected(manifest, path)
    for row in rows:
        order = expected[row["订单号"].strip()]
        assert (row["是否审核中"].strip() == "是") == (order["problem"] == "platform_hold")
        assert (row["省"].strip() == "") == (order["problem"] == "region_missing")
        if order["problem"] == "payment_failed":
            assert row["支付时间"].strip() == ""


def test_livestream_file(tmp_path: Path) -> None:
    manifest = write_sample("s2", tmp_path, seed=3, count=3000)
    (path,) = tmp_path.glob("*.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert re.fullmatch(r"\d{10}_[0-9a-f]{32}\.csv", path.name)
    rows = _rows(path, "utf-8-sig")
    assert all(row["主订单编号"].startswith("\t") for row in rows)
    assert len({row["子订单编号"] for row in rows}) == len(rows) == manifest["files"][0]["rows"]
    placed = [datetime.fromisoformat(row["订单提交时间"].strip()) for row in rows]
    assert (max(placed) - min(placed)).total_seconds() <= 4 * 3600
    assert any(row["收件人"].strip().startswith("##") and row["收件人手机号"].strip().startswith("$$") for row in rows)
    assert manifest["totals"]["state"]["waiting"] > 0.5 * 3000


def test_normal_month_mostly_releases_itself(tmp_path: Path) -> None:
    manifest = write_sample("s4", tmp_path, seed=1)
    totals = manifest["totals"]
    assert set(totals["channel"]) == {"taobao", "jd", "pdd", "douyin"}
    assert totals["verdict"]["release"] >= 0.8 * totals["state"]["waiting"]


def test_receivers_are_made_up(s1: Path) -> None:
    texts = [p.read_bytes().decode("gb18030", "replace") for p in s1.glob("*.csv")]
    for text in texts:
        assert all(
            number.startswith(("1380000", "1390000")) for number in re.findall(r"(?<!\d)1[3-9]\d{9}(?!\d)", text)
        )


def test_sentences_say_what_they_are_planted_for() -> None:
    """A note planted for a rule holds one of its words, and no other note holds any."""
    policy = Path(__file__).parents[2] / "src/qingdan/data/policies/starter.yaml"
    lists = yaml.safe_load(policy.read_text("utf-8"))["words"]
    of_rule = {
        "vip": lists["VIP词"],
        "expedited": lists["加急词"],
        "complaint": lists["投诉词"],
        "address_change": lists["改址词"],
    }
    for column in ("messages", "memos"):
        for kind, sentences in words()[column].items():
            for sentence in sentences:
                plain = sentence.lower().replace(" ", "")
                found = {rule for rule, listed in of_rule.items() if any(str(word) in plain for word in listed)}
                assert found == ({kind} if kind in of_rule else set()), sentence


def test_addresses_resolve_to_real_places(s1: Path, manifest: dict[str, Any]) -> None:
    path = _file(s1, "orders_export", ".csv")
    rows, expected = _rows(path, "utf-8-sig"), _expected(manifest, path)
    columns = {"province": "省", "city": "市", "district": "区", "address": "详细地址"}
    given = pl.DataFrame({name: [row[column] for row in rows] for name, column in columns.items()})
    resolved = resolve(given, DIVISIONS)
    problems = [expected[row["订单号"].strip()]["problem"] for row in rows]
    for country, city, problem in zip(resolved["country"], resolved["city"], problems, strict=True):
        assert (country is None) == (city is None) == (problem == "region_missing")
        assert (country in ("HK", "MO", "TW")) == (problem == "outside_mainland")


@pytest.mark.parametrize(
    ("which", "number", "column"),
    [
        (("京东", ".csv"), "订单号", "客户地址"),
        (("ExportOrderList", ".csv"), "订单编号", "收货地址 "),
        (("ExportOrderList", ".xlsx"), "订单编号", "收货地址"),
    ],
)
def test_addresses_in_one_text_are_taken_apart(
    s1: Path, manifest: dict[str, Any], which: tuple[str, str], number: str, column: str
) -> None:
    path = _file(s1, *which)
    rows = _xlsx(path) if path.suffix == ".xlsx" else _rows(path, "gb18030")
    expected = _expected(manifest, path)
    parts = split(pl.Series([row[column] for row in rows]), DIVISIONS)
    for row, part in zip(rows, parts.iter_rows(named=True), strict=True):
        order = expected[row[number].strip('="')]
        assert (part["city"] is None) == (order["problem"] == "region_missing"), row[column]
        assert (len(part["address"].replace(" ", "")) < 5) <= (order["problem"] == "detail_unclear"), row[column]
        assert ("*" in part["address"]) == order["masked"]


@pytest.mark.parametrize("channel", ["taobao", "jd", "pdd", "douyin"])
def test_bench_file_of_any_platform_and_encoding(tmp_path: Path, channel: str) -> None:
    path = tmp_path / "bench.csv"
    rows = write_bench_csv(path, channel, 500, seed=1, encoding="utf-8")
    assert len(_rows(path, "utf-8")) == rows >= 500


def test_command_prints_what_it_planted(tmp_path: Path) -> None:
    arguments = ["--scenario", "s1", "--out", str(tmp_path), "--count", "200", "--as-of", "2026-11-13T01:00:00Z"]
    result = CliRunner().invoke(sample, arguments)
    assert result.exit_code == 0, result.output
    assert "2026-11-13T09:00:00+08:00" in result.output
    assert "over_limit" in result.output
    assert CliRunner().invoke(sample, [*arguments[:-1], "昨天"]).exit_code == 2

"""The wizard from a file that was refused to orders that are there, and words that a team taught."""

import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl
import pytest
import pyzipper
import tables
import yaml
from procrastinate.contrib.django.models import ProcrastinateJob

from qingdan.channels.mapping import Channel, dump_mapping
from qingdan.intake import actions, mappings, runner
from qingdan.intake.batch import read_batch
from qingdan.intake.draft import Draft
from qingdan.intake.models import Import, ImportPasswords, MappingCheck, SavedMapping
from qingdan.intake.wizard import check, look
from qingdan.orders.actions import ensure_merchant
from qingdan.orders.actors import Actor
from qingdan.orders.models import Order

SUPERVISOR = Actor("user", "1", "李主管")
AS_OF = dt.datetime(2026, 11, 14, tzinfo=dt.UTC)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def made(text: str) -> Path:
        path = tmp_path / f"{uuid4().hex[:6]}.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return made


@pytest.fixture
def merchant(transactional_db: None) -> int:
    return ensure_merchant(f"商家{uuid4()}").pk


def upload(merchant: int, text: str) -> Import:
    file = actions.Upload("登记.csv", io.BytesIO(text.encode()))
    return actions.create_import(merchant, [file], actor=SUPERVISOR, as_of=AS_OF, queue=False)


def drop(merchant: int, text: str) -> Import:
    made = upload(merchant, text)
    runner.run(made.pk)
    made.refresh_from_db()
    return made


def test_the_check_tells_what_becomes_of_every_row(write: Callable[[str], Path]) -> None:
    path = write(tables.HOMEMADE)
    seen = look(path)
    told = check(path, Draft.model_validate(seen["draft"]), name="登记表")

    assert (seen["header"], seen["draft"]["rows"], seen["draft"]["carried"]) == (2, "line", True)
    assert [told[key] for key in ("rows", "orders", "lines", "refused")] == [6, 3, 4, 1]
    assert [(refusal["id"], refusal["rows"]) for refusal in told["refusals"]] == [("damaged_id", [8])]
    [status] = told["words"]
    assert [(word["word"], word["count"], word["value"]) for word in status["words"]] == [
        ("未发货", 2, "waiting"),
        ("仓库配货中", 1, ""),
        ("已发货", 1, "shipped"),
    ]
    assert [order["paid_amount"] for order in told["preview"]] == [37_800, 15_800, 5_900]


def test_nothing_personal_stands_in_a_preview(write: Callable[[str], Path]) -> None:
    for table in (tables.HOMEMADE, tables.COMBINED):
        path = write(table)
        seen = look(path)
        told = check(path, Draft.model_validate(seen["draft"]))
        shown = str(seen["preview"]) + str(told["preview"])
        for secret in ("张三", "李四", "1380000000", "科技园", "文三路"):
            assert secret not in shown, secret


def test_a_receiver_in_one_cell_becomes_name_phone_and_region(write: Callable[[str], Path]) -> None:
    path = write(tables.COMBINED)
    draft = Draft.model_validate(
        look(path)["draft"] | {"absent": {"platform_state": "waiting", "refund_state": "none"}}
    )
    body = check(path, draft)["body"]
    orders = read_batch([path], as_of=AS_OF, mappings=[Channel.model_validate(body)]).orders

    assert orders.select("receiver_name", "receiver_phone", "province", "city", "address").rows() == [
        ("张三", "13800000001", "广东", "深圳市", "科技园1号"),
        ("李四", "13800000002", "浙江", "杭州市", "文三路2号"),
        ("王五", "13800000003", "北京", "北京市", "建国路1号"),
    ]
    assert orders["platform_state"].to_list() == ["waiting"] * 3
    assert orders["refund_state"].to_list() == ["none"] * 3


def test_amounts_that_do_not_add_up_are_told(write: Callable[[str], Path]) -> None:
    path = write(tables.HOMEMADE.replace("158.00,已发货", "1580.00,已发货"))
    findings = check(path, Draft.model_validate(look(path)["draft"]))["findings"]
    assert [(one["id"], one["orders"]) for one in findings] == [("paid_above_goods", ["DD20261112002"])]


def test_a_saved_mapping_is_a_mapping_file(write: Callable[[str], Path]) -> None:
    path = write(tables.HOMEMADE)
    body = check(path, Draft.model_validate(look(path)["draft"]))["body"]
    channel = Channel.model_validate(body)
    again = Channel.model_validate(yaml.safe_load(dump_mapping(channel)))
    assert again == channel
    read = [read_batch([path], as_of=AS_OF, mappings=[one]).orders for one in (channel, again)]
    assert read[0].equals(read[1])


def test_a_refused_table_is_mapped_imported_and_read_at_once_next_time(merchant: int) -> None:
    made = drop(merchant, tables.HOMEMADE)
    assert (made.state, made.error["id"]) == ("failed", "unknown_layout")

    draft = mappings.look(merchant, made.pk, 0, sheet="", header=None)["draft"]
    draft["columns"]["1"] = "buyer_token"
    body = mappings.check(merchant, made.pk, 0, Draft.model_validate(draft))["result"]["body"]
    mappings.save(merchant, name="登记表", body=body, actor=SUPERVISOR)
    assert mappings.import_again(merchant, made.pk, 0, actor=SUPERVISOR) == made.pk
    runner.run(made.pk)
    assert Order.objects.filter(merchant_id=merchant).count() == 3

    later = drop(merchant, tables.HOMEMADE.replace("DD2026", "DE2026"))
    assert (later.state, later.new) == ("done", 3)

    # A header that differs is proposed as the team chose before.
    changed = upload(merchant, tables.HOMEMADE.replace("送货地址", "送到哪里"))
    seen = mappings.look(merchant, changed.pk, 0, sheet="", header=None)
    customer = next(column for column in seen["columns"] if column["title"] == "客户")
    assert (customer["guess"]["field"], customer["guess"]["why"]) == ("buyer_token", ["past"])

    with pytest.raises(mappings.MappingConflictError):
        mappings.save(merchant, name="另一份", body=body, actor=SUPERVISOR)
    other = ensure_merchant(f"商家{uuid4()}").pk
    assert mappings.taught(other) == ()
    with pytest.raises(mappings.NoSuchMappingError):
        mappings.delete(other, SavedMapping.objects.get().pk)


def locked_archive(password: str) -> bytes:
    """Archive of an export that is known and two tables that are not, one of them protected as the rest."""
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password.encode())
        archive.writestr("订单.csv", tables.PDD)
        archive.writestr("十一月/登记.csv", tables.HOMEMADE)
        archive.writestr("代收.csv", tables.COMBINED)
    return out.getvalue()


def test_a_table_in_a_protected_archive_is_chosen_opened_mapped_and_imported(
    merchant: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = actions.Upload("表格.zip", io.BytesIO(locked_archive("tb-8842")))
    made = actions.create_import(merchant, [file], actor=SUPERVISOR, as_of=AS_OF, queue=False)
    runner.run(made.pk)

    def look_at(**chosen: Any) -> dict[str, Any]:
        return mappings.look(merchant, made.pk, 0, **{"sheet": "", "header": None, **chosen})

    for chosen, said in ({}, "file_encrypted"), ({"password": "不对"}, "password_wrong"):
        with pytest.raises(mappings.CanNotReadError) as refused:
            look_at(**chosen)
        assert refused.value.message.id == said
    assert not ImportPasswords.objects.exists()

    # The first table that nobody knows is shown; the password is asked for once, also by a check in the background.
    seen = look_at(password="tb-8842")
    inner = "表格.zip › 十一月/登记.csv"
    names = ["表格.zip › 订单.csv", inner, "表格.zip › 代收.csv"]
    assert (seen["inner"], seen["file"], sorted(seen["tables"])) == (inner, inner, sorted(names))
    assert look_at(inner=names[2])["columns"][0]["title"] == "编号"
    draft = Draft.model_validate(seen["draft"])
    monkeypatch.setattr(mappings, "QUICK_BYTES", 100)
    asked = mappings.check(merchant, made.pk, 0, draft, inner=inner)
    mappings.run_check(asked["id"])
    result = mappings.checked(MappingCheck.objects.get(pk=asked["id"]))["result"]
    assert (result["orders"], result["body"]["tables"][0]["name"]) == (3, "登记")

    # What is saved is read with the rest of the archive; the passwords go on to the import and are wiped by its end.
    mappings.save(merchant, name="登记", body=result["body"], actor=SUPERVISOR)
    again = mappings.import_again(merchant, made.pk, 0, actor=SUPERVISOR)
    runner.run(again)
    assert Order.objects.filter(merchant_id=merchant).count() == 5
    assert "tb-8842" not in str(list(MappingCheck.objects.values())) + str(list(ProcrastinateJob.objects.values()))


def test_an_unknown_status_is_held_shown_and_may_be_taught(merchant: int) -> None:
    made = drop(merchant, tables.PDD)

    held = Order.objects.get(merchant_id=merchant, platform_state=None)  # type: ignore[misc]
    assert held.stage in {"held", "exception"}
    assert held.platform_status == "仓库配货中"  # type: ignore[attr-defined]
    notice = next(notice for notice in made.notices if notice["id"] == "unknown_words")
    assert "仓库配货中" in notice["zh"]
    assert notice["advice_zh"]
    asked = {"channel": "pdd", "word": "仓库配货中", "count": 1, "value": ""}
    assert mappings.unknown_words(merchant, made.pk) == [asked]

    mappings.teach(merchant, channel="pdd", column="status", word="仓库配货中", value="waiting", actor=SUPERVISOR)
    assert mappings.unknown_words(merchant, made.pk) == [asked | {"value": "waiting"}]
    held.refresh_from_db()
    assert held.stage in {"held", "exception"}
    drop(merchant, tables.PDD)
    assert Order.objects.filter(merchant_id=merchant, platform_state="waiting").count() == 2

    mappings.teach(merchant, channel="pdd", column="status", word="仓库配货中", value="", actor=SUPERVISOR)
    assert mappings.unknown_words(merchant, made.pk) == []
    with pytest.raises(mappings.BadMappingError):
        mappings.teach(merchant, channel="pdd", column="status", word="配货", value="nowhere", actor=SUPERVISOR)


def test_a_large_file_is_checked_in_the_background(merchant: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mappings, "QUICK_BYTES", 100)
    made = upload(merchant, tables.HOMEMADE)
    columns = {0: "order_no", 7: "paid_amount"}
    draft = Draft(header=2, columns=columns, rows="line", carried=True)
    asked = mappings.check(merchant, made.pk, 0, draft)
    assert (asked["state"], asked["result"]) == ("queued", None)

    mappings.run_check(asked["id"])

    done: dict[str, Any] = mappings.checked(MappingCheck.objects.get(pk=asked["id"]))
    assert (done["state"], done["progress"], done["result"]["orders"]) == ("done", 1.0, 3)


def test_a_body_that_is_no_mapping_is_not_kept(merchant: int) -> None:
    body: dict[str, Any] = {"channel": "nowhere", "label": "x", "tables": [], "words": {}}
    for bad in ({}, body, body | {"channel": "pdd"}):
        with pytest.raises(mappings.BadMappingError):
            mappings.save(merchant, name="坏", body=bad, actor=SUPERVISOR)
    assert not SavedMapping.objects.exists()


def test_words_that_are_not_taught_stay_open(write: Callable[[str], Path]) -> None:
    path = write(tables.HOMEMADE)
    draft = look(path)["draft"] | {"words": {"status": {"未发货": ""}}}
    orders = pl.DataFrame(check(path, Draft.model_validate(draft))["preview"])
    assert orders["platform_state"].to_list() == [None, "shipped", None]

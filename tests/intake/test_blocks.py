"""Whatever the sizes of blocks and parts, and wherever rows are put aside, the same orders come out."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import export_files as exports
import polars as pl
import pytest

from qingdan.core.features import RECEIVERS_SCHEMA, RETURNS_SCHEMA, Known
from qingdan.core.message import Message
from qingdan.intake.assembling import Tuning
from qingdan.intake.batch import Batch, read_batch
from qingdan.sandbox.samples import write_sample

GOLDEN = Path(__file__).parent.parent / "channels" / "golden"
LINE_KEY = ["channel", "order_no", "line_no"]


def plain(batch: Batch) -> tuple[object, ...]:
    """Everything a batch says, lines and refused rows in an order of their own."""

    def told(message: Message | None) -> object:
        return message and (message.text("zh"), message.text("en"))

    return (
        batch.orders.to_dicts(),
        batch.lines.sort(LINE_KEY).to_dicts(),
        batch.refused.sort("file", "sheet", "row", "reason").to_dicts(),
        [(notice.file, told(notice.message)) for notice in batch.notices],
        [replace(report, problem=None) for report in batch.files],
        [told(report.problem) for report in batch.files],
    )


def assert_the_same(paths: Sequence[Path], folder: Path, **known: Known) -> None:
    whole = plain(read_batch(paths, as_of=exports.AS_OF, **known))
    size = sum(path.stat().st_size for path in paths)
    crumbs = Tuning(block=size // 3, part=size // 2, folder=folder)
    for one, other in zip(plain(read_batch(paths, as_of=exports.AS_OF, tuning=crumbs, **known)), whole, strict=True):
        assert one == other
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "folder",
    [path for path in sorted(GOLDEN.glob("*/*")) if path.name != "every-word"],
    ids=lambda path: f"{path.parent.name}-{path.name}",
)
def test_golden_files_read_in_crumbs(folder: Path, tmp_path: Path) -> None:
    assert_the_same(sorted(p for p in folder.iterdir() if p.name != "expected.json"), tmp_path)


def test_a_drop_of_all_platforms_with_facts_of_the_store(tmp_path: Path) -> None:
    sample, spool = tmp_path / "sample", tmp_path / "spool"
    spool.mkdir()
    write_sample("s1", sample, seed=5, count=150)
    paths = sorted(path for path in sample.rglob("*") if path.is_file())
    batch = read_batch(paths, as_of=exports.AS_OF)
    some = batch.orders.head(40)
    others = batch.orders.tail(40).with_columns(order_no="X" + pl.col("order_no"))
    known = pl.concat([some, others])
    facts = Known(
        returns=known.filter(pl.col("buyer_token").is_not_null()).select(list(RETURNS_SCHEMA)),
        receivers=known.drop_nulls("receiver_key").select(list(RECEIVERS_SCHEMA)),
    )
    assert_the_same(paths, spool, known=facts)


def test_lines_far_apart_are_one_order_and_bad_rows_stay_where_they_are(tmp_path: Path) -> None:
    header = [
        "订单号",
        "商品ID",
        "商品名称",
        "订购数量",
        "京东价",
        "订单状态",
        "结算金额",
        "客户姓名",
        "客户地址",
        "下单时间",
    ]
    rows = [
        [f"30{n % 70:09d}", f"{n}", f"商品{n}", "1", "10.00", "等待出库", "20.00", "王平", "北京海淀区中关村1号", ""]
        for n in range(140)
    ]
    rows[11][6] = "不是金额"
    rows[97] = ["少了", "几格"]
    rows[50][0] = "1.23E+15"
    rows.sort(key=lambda row: row[1] if len(row) > 2 else "")
    path = tmp_path / "jd.csv"
    path.write_text(exports.text([header, *rows, ["合计", *[""] * 9]]), "gb18030")
    spool = tmp_path / "spool"
    spool.mkdir()
    assert_the_same([path], spool)
    tiny = Tuning(block=700, part=900, workers=1)
    assert plain(read_batch([path], as_of=exports.AS_OF, tuning=tiny)) == plain(read_batch([path], as_of=exports.AS_OF))
    batch = read_batch([path], as_of=exports.AS_OF)
    assert batch.orders.height == 70
    assert sorted(batch.refused["reason"].to_list()) == ["damaged_id", "ragged_row"]

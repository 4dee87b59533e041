"""The same rows in any encoding, delimiter, quoting or container are the same orders."""

import csv
from pathlib import Path

import export_files as exports
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qingdan.intake.cells import BLANK

NOTE = st.text(
    st.characters(codec="gb18030", exclude_categories=["Cs", "Cc", "Cn", "Co"]) | st.sampled_from(',"\n;\t='),
    max_size=12,
).filter(lambda note: note == note.strip() and note not in BLANK)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "商家备注": NOTE,
            "买家留言": NOTE,
            "用户实付金额(元)": st.integers(0, 10**8).map(lambda fen: f"{fen // 100}.{fen % 100:02d}"),
            "商品数量(件)": st.integers(1, 99).map(str),
        }
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=ROWS,
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    ending=st.sampled_from(["\n", "\r\n"]),
    trailing=st.booleans(),
    padded=st.sampled_from(["", "\t"]),
    title=st.booleans(),
)
def test_notes_and_amounts_survive_any_wrapping(  # noqa: PLR0917
    tmp_path: Path,
    cells: list[dict[str, str]],
    encoding: str,
    quoting: int,
    ending: str,
    trailing: bool,  # noqa: FBT001
    padded: str,
    title: bool,  # noqa: FBT001
) -> None:
    rows = [exports.row(number, **one) for number, one in enumerate(cells)]
    padded_rows = [[cell + padded for cell in row] for row in rows]
    table = [list(exports.HEADER), *padded_rows]
    if trailing:
        table = [[*row, ""] for row in table]
    text = exports.text(table, quoting=quoting).replace("\n", ending)
    text = ("# 导出说明" + ending) * title + text
    path = tmp_path / "orders.csv"
    path.write_bytes(text.encode(encoding))
    batch = exports.read(path)
    assert batch.refused.is_empty(), batch.refused.to_dicts()
    # A lone text mark ' is what spreadsheets put before text; one is taken off.
    notes = [one["商家备注"].removeprefix("'").replace("\n", ending).strip() for one in cells]
    assert [_plain(n) for n in batch.orders["seller_memo"]] == [_plain(n) for n in notes]
    fen = [int(one["用户实付金额(元)"].replace(".", "")) for one in cells]
    assert batch.orders["paid_amount"].to_list() == fen
    assert batch.lines["quantity"].to_list() == [int(one["商品数量(件)"]) for one in cells]


def _plain(note: str) -> str:
    """A note without what a formula wrapper ``="…"`` loses, which is a wrapper and not a note."""
    if note.startswith('="'):
        note = note.removeprefix('="').removesuffix('"').removeprefix("'").strip()
    return "" if note in BLANK else note


@pytest.mark.parametrize("memo", ["=1+1", "+86", "-5", "@SUM(A1)", '=HYPERLINK("x")', "普通备注", "a,b", '说"好"'])
def test_a_workbook_and_a_text_table_give_the_same_orders(tmp_path: Path, memo: str) -> None:
    rows = [exports.row(number, 商家备注=memo, 买家留言=memo) for number in range(3)]
    text = exports.read(exports.csv_file(tmp_path, rows))
    book = exports.read(exports.xlsx_file(tmp_path, rows))
    assert text.orders.equals(book.orders)
    assert text.lines.equals(book.lines)
    assert set(text.orders["seller_memo"]) == {memo}


def test_an_html_table_named_xls_is_read(tmp_path: Path) -> None:
    rows = [exports.HEADER, exports.row(1, 商家备注="a&b<c")]
    cells = "".join(
        "<tr>" + "".join(f"<td>{cell.replace('&', '&amp;').replace('<', '&lt;')}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    path = tmp_path / "orders.xls"
    path.write_text(f"<html><meta charset='utf-8'><table>{cells}</table></html>", encoding="utf-8")
    batch = exports.read(path)
    assert batch.files[0].container == "html"
    assert batch.orders["seller_memo"].to_list() == ["a&b<c"]


@pytest.mark.parametrize("delimiter", ["\t", ";", "|"])
def test_other_delimiters_are_told_from_the_header(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "orders.xls"
    path.write_text(exports.text([exports.HEADER, exports.row(1, 商家备注="a,b,c")], delimiter=delimiter), "utf-8")
    assert exports.read(path).orders["seller_memo"].to_list() == ["a,b,c"]


@pytest.mark.parametrize(
    ("cell", "fen"),
    [("28.90", 2890), ("¥1,299.90", 129990), ("￥0", 0), ("12.00元", 1200),
     ("499.00（系统计算中，该值仅供参考）", 49900),
     ("１２.５", 1250), ("-3.5", -350), ("0.005", 1), ("\t28.9\t", 2890)],
)  # fmt: skip
def test_money_is_read_to_the_fen(tmp_path: Path, cell: str, fen: int) -> None:
    batch = exports.read(exports.csv_file(tmp_path, [exports.row(1, **{"用户实付金额(元)": cell})]))
    assert batch.orders["paid_amount"].to_list() == [fen]


@pytest.mark.parametrize(
    "cell",
    ["2026-09-15 09:03:00", "2026/9/15 9:03", "2026/09/15 09:03:00", "2026-09-15 09:03", "2026-09-15T09:03:00",
     "2026年9月15日 09:03", "46280.377083333", "'2026-09-15 09:03:00", "\t2026-09-15 09:03:00"],
)  # fmt: skip
def test_every_way_to_write_a_time_is_one_moment(tmp_path: Path, cell: str) -> None:
    batch = exports.read(exports.csv_file(tmp_path, [exports.row(1, 支付时间=cell)]))
    assert batch.orders["paid_at"].dt.strftime("%Y-%m-%d %H:%M:%S").to_list() == ["2026-09-15 01:03:00"]


def test_the_same_order_in_two_files_counts_once_and_the_last_wins(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    old = exports.csv_file(tmp_path / "a", [exports.row(1), exports.row(2)])
    new = exports.csv_file(tmp_path / "b", [exports.row(2, 订单状态="已发货，待签收"), exports.row(3)])
    batch = exports.read(old, new)
    states = batch.orders.sort("order_no")["platform_state"].cast(pl.String).to_list()
    assert states == ["waiting", "shipped", "waiting"]
    assert batch.lines.height == 3
    assert "repeated_orders" in {notice.message.id for notice in batch.notices}

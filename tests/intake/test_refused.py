"""What can not become an order is told with its row and a way out; the rest of the file goes on."""

from pathlib import Path

import export_files as exports
import pytest

from qingdan.intake.batch import Batch, read_batch


def _reasons(batch: Batch) -> list[tuple[int, str]]:
    return sorted(batch.refused.select("row", "reason").iter_rows())


def test_each_bad_row_is_refused_at_its_row_and_the_others_become_orders(tmp_path: Path) -> None:
    rows = [
        exports.row(1),
        exports.row(2, 订单号=""),
        exports.row(3, 订单号="3.30438E+18"),
        exports.row(4, 订单号="见备注"),
        exports.row(5, 商家备注="两行\n备注"),
        exports.row(6)[:5],
        [*exports.row(7), "多出来的"],
        exports.row(8),
    ]
    batch = exports.read(exports.csv_file(tmp_path, rows))
    assert batch.orders["order_no"].str.slice(-1).to_list() == ["1", "5", "8"]
    assert _reasons(batch) == [
        (3, "missing_order_no"), (4, "damaged_id"), (5, "bad_order_no"), (7, "ragged_row"), (8, "ragged_row"),
    ]  # fmt: skip
    for told in batch.refused.iter_rows(named=True):
        assert told["zh"]
        assert told["en"]
        assert told["advice_zh"]
        assert told["advice_en"]


def test_blank_lines_comments_totals_and_repeated_headers_are_no_orders(tmp_path: Path) -> None:
    width = len(exports.HEADER)
    table = [
        exports.HEADER, exports.row(1), [""] * width, ["--------"] + [""] * (width - 1), exports.HEADER, exports.row(2),
        ["合计", "", "", "198.00", *[""] * (width - 4)], ["# 共2条"],
    ]  # fmt: skip
    path = tmp_path / "orders.csv"
    path.write_text("订单导出\n\n" + exports.text(table), "utf-8")
    batch = exports.read(path)
    assert batch.orders.height == 2
    assert batch.refused.is_empty()


@pytest.mark.parametrize("stray", ['19" 显示器', '"未闭合的引号', '他说"好"', 'a"b,c"d'])
def test_a_stray_quote_harms_no_row_but_its_own(tmp_path: Path, stray: str) -> None:
    lines = [",".join(exports.row(number)) for number in range(200)]
    cells = exports.row(100)
    cells[exports.HEADER.index("商家备注")] = stray
    lines[100] = ",".join(cells)
    lines.insert(150, exports.text([exports.row(900, 商家备注="真的\n两行, 带引号")]).rstrip("\n"))
    path = tmp_path / "orders.csv"
    path.write_text("\n".join([",".join(exports.HEADER), *lines]) + "\n", "utf-8")
    batch = exports.read(path)
    numbers = {int(number[-15:]) for number in batch.orders["order_no"]}
    assert numbers >= {*range(100), *range(101, 200), 900}
    assert batch.orders.height + batch.refused.height == 201
    memo = dict(zip(batch.orders["order_no"], batch.orders["seller_memo"], strict=True))
    assert memo["260915-" + f"{900:015d}"] == "真的\n两行, 带引号"
    if batch.refused.height:
        assert batch.refused["row"].to_list() == [102]


def test_a_bad_amount_or_time_leaves_the_cell_empty_and_is_told(tmp_path: Path) -> None:
    rows = [exports.row(1, 支付时间="昨天"), exports.row(2, **{"用户实付金额(元)": "待定"})]
    batch = exports.read(exports.csv_file(tmp_path, rows))
    assert batch.orders["paid_amount"].to_list() == [9450, None]
    assert batch.orders["paid_at"].null_count() == 1
    told = {notice.message.id: notice.message.text("zh") for notice in batch.notices}
    assert "第 2 行" in told["bad_time"]
    assert "第 3 行" in told["bad_money"]


def test_long_numbers_that_a_spreadsheet_rounded_are_refused_not_guessed(tmp_path: Path) -> None:
    header = "订单编号,买家应付货款,订单状态\n"
    rows = [f"330437561145{n:03d}0000,10.00,等待买家付款\n" for n in range(5)]
    path = tmp_path / "orders.csv"
    path.write_text(header + "".join(rows), "gb18030")
    batch = exports.read(path)
    assert batch.orders.is_empty()
    assert set(batch.refused["reason"]) == {"damaged_id"}


def test_an_unreadable_file_is_reported_and_the_others_go_on(tmp_path: Path) -> None:
    good = exports.csv_file(tmp_path, [exports.row(1)])
    bad = tmp_path / "bad.csv"
    bad.write_bytes("姓名,电话\n甲,1\n".encode())
    batch = read_batch([bad, good, tmp_path / "none.csv"], as_of=exports.AS_OF)
    assert batch.orders.height == 1
    assert [report.problem.id if report.problem else "" for report in batch.files] == [
        "unknown_layout", "", "file_missing",
    ]  # fmt: skip


def test_an_unknown_status_word_is_shown_and_left_to_a_person(tmp_path: Path) -> None:
    batch = exports.read(exports.csv_file(tmp_path, [exports.row(1, 订单状态="神秘状态", 售后状态="神秘售后")]))
    order = batch.orders.row(0, named=True)
    assert (order["platform_status"], order["platform_state"], order["refund_state"]) == ("神秘状态", None, None)
    assert any("神秘状态" in notice.message.text("zh") for notice in batch.notices)

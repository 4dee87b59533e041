"""Bills become entries to the fen, or are refused with what is wrong."""

import datetime as dt

import pytest
from bill_files import ENCODINGS, bill, text

from qingdan.finance.bills import read_bill
from qingdan.finance.messages import UnreadableBill


def _told(data: bytes, *columns: str) -> list[tuple[object, ...]]:
    read = read_bill(data, file="账单.csv")
    assert read.refused.is_empty(), read.refused.to_dicts()
    return read.entries.select(columns).rows()


def test_an_alipay_account_statement_names_taobao_orders_and_both_directions() -> None:
    assert _told(bill("alipay_account"), "entry_no", "order_no", "kind", "amount", "goods") == [
        ("1001", "3304375621433336343", "payment", 20_700, "暖风机"),
        ("1002", "3304375621425332725", "payment", 129_990, "电热水壶,蓝色"),
        ("1003", "3304375621433336343", "refund", -20_700, "暖风机"),
        ("1004", None, "fee", -620, "服务费"),
    ]


def test_a_statement_saved_again_as_utf8_with_comma_tails_reads_the_same() -> None:
    lines = text("alipay_account").replace("\t", "").splitlines()
    saved = "\n".join(line + "," * 15 if line.startswith("#") else line for line in lines)
    assert _told(saved.encode("utf-8-sig"), "entry_no", "order_no", "amount") == _told(
        bill("alipay_account"), "entry_no", "order_no", "amount"
    )


def test_expenses_count_as_going_out_with_and_without_a_minus() -> None:
    plain = bill("alipay_account", (",-207.00", ",207.00"))
    assert _told(plain, "amount") == _told(bill("alipay_account"), "amount")


def test_an_alipay_trade_statement_tells_payments_from_refunds() -> None:
    assert _told(bill("alipay_trade"), "trade_no", "merchant_order_no", "kind", "amount", "fee", "goods") == [
        ("2026111222001", "E2026001", "payment", 993, -6, "面霜,清爽型"),
        ("2026111222001", "E2026001", "refund", -993, 0, "面霜"),
    ]


def test_a_wechat_trade_bill_is_read_with_its_back_ticks_and_bare_commas() -> None:
    assert _told(bill("wechat_trade"), "trade_no", "merchant_order_no", "kind", "amount", "fee", "goods") == [
        ("4200001", "E1", "payment", 10_000, 60, "面霜,两瓶"),
        ("4200001", "E1", "refund", -4_000, -24, "面霜,两瓶"),
    ]


def test_a_wechat_flow_bill_and_a_pinduoduo_account_are_read() -> None:
    assert _told(bill("wechat_flow"), "entry_no", "kind", "amount") == [
        ("F1", "payment", 10_000),
        ("F2", "fee", -60),
    ]
    assert _told(bill("pdd_account"), "order_no", "kind", "amount") == [
        ("261112-000000000000001", "payment", 3_990),
        ("261112-000000000000001", "fee", -24),
        ("261112-000000000000001", "fee", -24),
    ]


def test_entries_keep_their_numbers_from_file_to_file() -> None:
    for name in ENCODINGS:
        numbers = _told(bill(name), "entry_no")
        assert len(set(numbers)) == len(numbers)
        shorter = "\n".join(line for line in text(name).splitlines() if not line.startswith("#"))
        assert numbers == _told(shorter.encode(), "entry_no")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (bill("alipay_account", ("2笔，共1,506.90元", "3笔，共1,506.90元")), "收入共 3 笔，实际读到 2 笔"),
        (
            bill("alipay_account", ("2笔，共1,506.90元", "2笔，共1,606.90元")),
            "收入共 1,606.90 元，各笔相加是 1,506.90 元",
        ),
        (bill("alipay_account", (text("alipay_account").splitlines()[8] + "\n", "")), "支出共 2 笔，实际读到 1 笔"),
        (bill("wechat_trade", ("`2,`100.00", "`3,`100.00")), "共 3 笔，实际读到 2 笔"),
        (b"", "是空的"),
        ("#支付宝账务汇总查询\r\n类型,收入笔数\r\n".encode("gb18030"), "汇总表"),
        ("订单编号,金额\n1,2\n".encode(), "不是认识的账单"),
        (b"\xff\xfe\x00\x81\x00", "编码"),
    ],
    ids=["count", "sum", "cut off", "wechat count", "empty", "summary", "other table", "encoding"],
)
def test_a_bill_that_does_not_add_up_is_refused_with_both_figures(data: bytes, said: str) -> None:
    with pytest.raises(UnreadableBill) as caught:
        read_bill(data, file="账单.csv")
    assert said in caught.value.message.text("zh")
    assert caught.value.message.advice_text("zh")


def test_a_row_that_cannot_be_read_is_refused_by_its_line_and_column() -> None:
    broken = bill("alipay_account", (",207.00\t,\t,207.00", ",二百\t,\t,207.00"), ("2026-11-13 09:05:00", "昨天"))
    read = read_bill(broken, file="账单.csv")
    assert read.refused.select("row", "column", "value", "reason").rows() == [
        (6, "收入金额（+元）", "二百", "finance.row_amount"),
        (9, "发生时间", "昨天", "finance.row_time"),
    ]
    assert read.entries["entry_no"].to_list() == ["1002", "1003"]


def test_a_number_that_a_spreadsheet_damaged_is_refused() -> None:
    read = read_bill(bill("alipay_account", ("2026111222009", "2.02611E+12")), file="账单.csv")
    assert read.refused.select("row", "column", "reason").rows() == [(9, "业务流水号", "finance.row_id")]


def test_platform_settlements_are_kept_with_their_orders_and_judge_no_payment() -> None:
    assert _told(bill("douyin_settlement"), "entry_no", "order_no", "kind", "amount") == [
        ("7000000000000001", "6930000000000000001", "transfer", 9_500),
        ("7000000000000002", "6930000000000000001", "fee", -499),
    ]
    assert _told(bill("wechat_shop_flow"), "entry_no", "order_no", "kind", "amount") == [
        ("W1", "3720000000000000001", "transfer", 5_990),
        ("W2", "3720000000000000001", "fee", -60),
    ]
    assert _told(bill("kuaishou_settlement"), "order_no", "kind", "amount") == [
        ("2620500000000001", "transfer", 8_500),
        ("2620500000000002", "transfer", -80),
    ]
    assert _told(bill("kuaishou_movements"), "entry_no", "order_no", "kind", "amount") == [
        ("KS0001", "2620500000000001", "transfer", 8_500),
        ("KS0002", "2620500000000002", "fee", -80),
        ("KS0003", "2620500000000009", "other", -2_000),
    ]
    assert _told(bill("xiaohongshu_settlement"), "order_no", "kind", "amount") == [
        ("P700000000000000001", "transfer", 9_405),
        ("P700000000000000001", "transfer", 9_405),
        ("P700000000000000001", "transfer", -9_405),
    ]
    assert _told(bill("xiaohongshu_movements"), "order_no", "kind", "amount") == [
        ("P700000000000000001", "transfer", 9_405),
        ("P700000000000000001", "fee", -90),
        ("T70001", "transfer", -100_000),
    ]


def test_movements_of_taobao_keep_day_and_time_apart_or_not() -> None:
    told = _told(bill("qianniu_movements"), "trade_no", "order_no", "kind", "at", "amount")
    day, after = (dt.datetime(2026, 11, 14, 5, 13, 45, tzinfo=dt.UTC), dt.datetime(2026, 11, 15, 1, tzinfo=dt.UTC))
    assert told == [
        ("2026111400001", "3304375621433336343", "transfer", day, 20_700),
        ("2026111400002", "3304375621425332725", "transfer", day, 5_000),
        ("2026111400002", "3304375621425332725", "transfer", day, 5_000),
        ("2026111500001", "3304375621425332725", "transfer", after, -5_000),
        ("2026111500002", "3304375621433336343", "fee", after + dt.timedelta(seconds=5), -124),
    ]
    short = (
        "入账时间,支付流水号,淘宝订单编号,入账类型,收入金额（元）,支出金额,业务描述,备注\n"
        "2026-11-14 13:13:45,2026111400001,3304375621433336343,交易收款,207.00,,交易收款-交易收款,\n"
    )
    assert _told(short.encode(), "trade_no", "order_no", "kind", "at", "amount") == told[:1]
    assert _told(short.encode(), "entry_no") == _told(bill("qianniu_movements"), "entry_no")[:1]

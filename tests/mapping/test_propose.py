"""Tables that teams keep themselves, and what the wizard proposes for them before anybody corrects it."""

from typing import Any

import polars as pl
import pytest

from qingdan.channels.mapping import all_channels
from qingdan.data import header_names, load_divisions
from qingdan.intake.lexicon import Lexicon, name_key
from qingdan.intake.propose import Proposal, header_row, propose, vocabulary_of

LEXICON = Lexicon.of(header_names(), all_channels())
WORDS = vocabulary_of(all_channels())


def proposal(table: list[str], **options: Any) -> Proposal:
    """Proposal for a table written as lines of cells divided by bars."""
    titles, *rows = ([cell.strip() for cell in line.split("|")] for line in table)
    frame = pl.DataFrame(
        {str(at): [row[at] or None for row in rows] for at in range(len(titles))},
        schema={str(at): pl.String() for at in range(len(titles))},
    )
    return propose(titles, frame, lexicon=LEXICON, words=WORDS, divisions=load_divisions(), **options)


def fields(table: list[str], **options: Any) -> dict[str, str]:
    titles = [cell.strip() for cell in table[0].split("|")]
    return {titles[at]: field for field, at in proposal(table, **options).fields.items()}


CUSTOMER_SERVICE = [
    "日期|客户|电话|送货地址|货品|颜色尺码|件数|实收(元)|单号|客服备注|发货状态",
    "2026-11-12|张三|13800000001|广东省深圳市南山区科技园1号|羽绒服|黑色 L|1|299.00|DD20261112001|加急|未发货",
    "2026-11-12|李四|13800000002|浙江省杭州市西湖区文三路2号|围巾|红|2|158.00|DD20261112002||已发货",
    "2026-11-13|王五|13800000003|上海市浦东新区世纪大道100号|手套|蓝|1|59.00|DD20261113001||未发货",
]

ENGLISH = [
    (
        "Order ID|Created At|Recipient Name|Phone Number|Shipping Address|City|State"
        "|Item Name|Qty|Unit Price|Total Paid|Status|Customer Note"
    ),
    (
        "SO-100021|2026-11-12 10:00:00|Zhang San|13800000001|科技园1号|深圳市|广东省"
        "|Down jacket|1|299.00|299.00|Unfulfilled|"
    ),
    "SO-100022|2026-11-12 11:00:00|Li Si|13800000002|文三路2号|杭州市|浙江省|Scarf|2|79.00|158.00|Shipped|gift wrap",
]

NO_RECEIVER = [
    "网店订单号|下单日期|宝贝|数量|付款金额|状态|是否退款",
    "260915-100000000000001|2026/9/15 10:01|羽绒服|1|299|待发货|无退款",
    "260915-100000000000002|2026/9/15 10:02|围巾|2|158|待发货|退款中",
]

COMBINED = [
    "编号|收货信息|买了什么|多少钱",
    "A2026111201|张三 13800000001 广东省深圳市南山区科技园1号|羽绒服*1|299.00",
    "A2026111202|李四，13800000002，浙江省杭州市西湖区文三路2号|围巾*2|158.50",
]

COMBINED_AS_ADDRESS = [
    "订单编号|收货地址|商品|金额",
    "A2026111201|张三 13800000001 广东省深圳市南山区科技园1号|羽绒服|299.00",
    "A2026111202|李四，13800000002，浙江省杭州市西湖区文三路2号|围巾|158.50",
]

BLANK_BELOW = [
    "订单号|收件人|手机号码|地址|商品名称|数量|单价|订单总价|付款方式",
    "DD0001001|张三|13800000001|广东省深圳市南山区科技园1号|羽绒服|1|299.00|378.00|微信",
    "||||手套|1|79.00||",
    "DD0001002|李四|13800000002|浙江省杭州市西湖区文三路2号|围巾|2|79.00|158.00|支付宝",
]

REPEATED = [
    "订单号|收件人|手机号码|地址|商品名称|数量|单价|订单总价|付款方式",
    "DD0001001|张三|13800000001|广东省深圳市南山区科技园1号|羽绒服|1|299.00|378.00|微信",
    "DD0001001|张三|13800000001|广东省深圳市南山区科技园1号|手套|1|79.00|378.00|微信",
    "DD0001002|李四|13800000002|浙江省杭州市西湖区文三路2号|围巾|2|79.00|158.00|支付宝",
]


def test_names_in_other_words_and_another_order_are_recognised() -> None:
    assert fields(CUSTOMER_SERVICE) == {
        "日期": "created_at",
        "客户": "receiver_name",
        "电话": "receiver_phone",
        "送货地址": "address",
        "货品": "title",
        "颜色尺码": "spec",
        "件数": "quantity",
        "实收(元)": "paid_amount",
        "单号": "order_no",
        "客服备注": "seller_memo",
        "发货状态": "status",
    }


def test_english_headers_are_recognised() -> None:
    assert fields(ENGLISH) == {
        "Order ID": "order_no",
        "Created At": "created_at",
        "Recipient Name": "receiver_name",
        "Phone Number": "receiver_phone",
        "Shipping Address": "address",
        "City": "city",
        "State": "province",
        "Item Name": "title",
        "Qty": "quantity",
        "Unit Price": "unit_price",
        "Total Paid": "paid_amount",
        "Status": "status",
        "Customer Note": "buyer_message",
    }


def test_a_table_without_receivers_gets_none() -> None:
    assert fields(NO_RECEIVER) == {
        "网店订单号": "order_no",
        "下单日期": "created_at",
        "宝贝": "title",
        "数量": "quantity",
        "付款金额": "paid_amount",
        "状态": "status",
        "是否退款": "refund_state",
    }


@pytest.mark.parametrize(("table", "title"), [(COMBINED, "收货信息"), (COMBINED_AS_ADDRESS, "收货地址")])
def test_a_receiver_in_one_cell_is_told_by_the_cells(table: list[str], title: str) -> None:
    assert fields(table)[title] == "receiver_text"


def test_cells_alone_tell_what_no_header_says() -> None:
    found = fields([line.replace("编号", "A", 1).replace("多少钱", "B") for line in COMBINED])
    assert found["A"] == "order_no"
    assert found["B"] == "paid_amount"


@pytest.mark.parametrize(("table", "carried"), [(REPEATED, False), (BLANK_BELOW, True)])
def test_rows_of_one_order_are_told_from_orders(table: list[str], *, carried: bool) -> None:
    found = proposal(table)
    assert (found.rows, found.carried, found.summed) == ("line", carried, ())


def test_amounts_that_differ_within_an_order_add_up() -> None:
    table = [REPEATED[0], REPEATED[1].replace("378.00", "299.00"), REPEATED[2].replace("378.00", "79.00"), REPEATED[3]]
    assert proposal(table).summed == ("paid_amount",)


def test_what_the_team_chose_before_goes_before_names() -> None:
    past = {name_key("客户"): "buyer_token"}
    assert fields(CUSTOMER_SERVICE, past=past)["客户"] == "buyer_token"
    guess = next(column.guess for column in proposal(CUSTOMER_SERVICE, past=past).columns if column.title == "客户")
    assert guess is not None
    assert (guess.why, guess.confidence > 0.9) == (("past",), True)


def test_a_name_that_its_cells_contradict_is_not_believed() -> None:
    table = ["订单号|电话|金额", "DD0001001|张三|13800000001", "DD0001002|李四|13800000002"]
    found = fields(table)
    assert found["金额"] == "receiver_phone"
    assert found.get("电话") != "receiver_phone"


def test_the_header_is_found_below_titles() -> None:
    head = [
        ["某某旗舰店 2026年11月待发货订单", "", ""],
        ["制表：张主管", "2026-11-12", ""],
        ["单号", "收件人", "实付"],
        ["DD0001001", "张三", "299.00"],
    ]
    assert header_row(head, LEXICON) == 2


def test_confidence_is_between_none_and_all_and_higher_for_a_plain_name() -> None:
    columns = {column.title: column.guess for column in proposal(CUSTOMER_SERVICE).columns}
    assert all(guess is not None and 0 < guess.confidence <= 1 for guess in columns.values())
    plain, odd = columns["单号"], proposal(COMBINED).columns[0].guess
    assert plain is not None
    assert odd is not None
    assert plain.confidence > odd.confidence

"""奇门: what we send is what the standard asks for, and every answer is read as what it is."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from qingdan.fulfilment.delivery import Delivery, Line, weigh
from qingdan.fulfilment.wms import Access, Meaning, NotSendableError, Reply, signing, xmltext
from qingdan.fulfilment.wms.qimen import QimenAdapter

NOW = datetime(2026, 1, 1, 2, 0, tzinfo=UTC)
SETTINGS = {
    "url": "http://wms.example/router?x=1",
    "app_key": "testappkey",
    "customer_id": "c1",
    "warehouse_code": "W1",
    "owner_code": "OWN1",
    "sender": {"name": "仓库", "mobile": "13800000000", "province": "浙江省", "city": "杭州市", "address": "示例路1号"},
}
TO = Access(1, "一号仓", SETTINGS, "testsecret")
BATCH = Access(1, "一号仓", {**SETTINGS, "batch_size": 50}, "testsecret")
FACTS: dict[str, Any] = {
    "channel": "taobao",
    "shop": "示例旗舰店",
    "order_no": "1000000000000000001",
    "receiver_name": "测试<甲>&",
    "receiver_phone": "13800000001",
    "province": "浙江",
    "city": "杭州市",
    "district": "西湖区",
    "address": "示例街2号",
    "paid_amount": 3979,
    "freight": 500,
    "discount": 521,
    "goods_amount": 4000,
    "pay_method": "alipay",
    "created_at": datetime(2026, 1, 1, 1, 58, tzinfo=UTC),
}
ADAPTER = QimenAdapter()


def delivery(order: int = 7, **changed: Any) -> Delivery:
    facts = FACTS | changed
    amounts, lines = weigh(facts, [Line("1", "SKU-A", "示例", "", 3, 1000), Line("2", "SKU-B", "示例", "", 1, 1000)])
    return Delivery(order, 1, facts, lines, amounts, NOW, urgent=True)


def sent(one: Delivery, to: Access = TO) -> xmltext.Node:
    return xmltext.read(ADAPTER.create([one], to, NOW).body)


def answer(**content: Any) -> Reply:
    return Reply(200, xmltext.write("response", content))


def test_a_call_is_signed_over_its_parameters_and_its_very_bytes() -> None:
    call = ADAPTER.create([delivery()], TO, NOW)
    query = {name: values[0] for name, values in parse_qs(urlsplit(call.url).query).items()}

    assert query["method"] == "deliveryorder.create"
    assert query["timestamp"] == "2026-01-01 10:00:00"
    assert query.pop("x") == "1"
    assert query["sign"] == signing.qimen(query, call.body, "testsecret")
    assert call.headers["Content-Type"] == "text/xml;charset=utf-8"


def test_the_order_holds_what_the_standard_requires() -> None:
    order = sent(delivery()).first("deliveryOrder")
    assert order is not None
    wanted = {
        "deliveryOrderCode": "QD7",
        "orderType": "JYCK",
        "warehouseCode": "W1",
        "sourcePlatformCode": "TB",
        "placeOrderTime": "2026-01-01 09:58:00",
        "shopNick": "示例旗舰店",
        "isUrgency": "Y",
        "receiverInfo/name": "测试<甲>&",
        "receiverInfo/province": "浙江省",
        "senderInfo/detailAddress": "示例路1号",
    }
    assert {path: order.value(path) for path in wanted} == wanted


@pytest.mark.parametrize("method", ["alipay", "cod"])
def test_the_identities_of_the_amounts_hold_to_the_cent(method: str) -> None:
    request = sent(delivery(pay_method=method))
    names = ("totalAmount", "itemAmount", "discountAmount", "freight", "arAmount", "gotAmount")
    fen = [round(float(request.value(f"deliveryOrder/{name}")) * 100) for name in names]
    total, goods, discount, freight, still, got = fen

    assert total == goods - discount + freight == still + got == 3979
    assert (still if method == "cod" else got) == total
    shares = [round(float(line.value("discountAmount")) * 100) for line in request.all("orderLines/orderLine")]
    assert sum(shares) == discount


@pytest.mark.parametrize(("channel", "code"), [("pdd", "OTHERS"), ("douyin", "DYXD"), ("jd", "JD")])
def test_platforms_go_by_the_official_list_or_as_others_with_their_name(channel: str, code: str) -> None:
    request = sent(delivery(channel=channel))
    assert request.value("deliveryOrder/sourcePlatformCode") == code
    assert bool(request.value("deliveryOrder/sourcePlatformName")) == (code == "OTHERS")


def test_a_masked_receiver_goes_as_its_token_and_never_as_masked_text() -> None:
    request = sent(delivery(receiver_masked=True, receiver_token="oaid-1", receiver_name="测**"))
    receiver = request.first("deliveryOrder/receiverInfo")
    assert receiver is not None
    assert (receiver.value("oaid"), receiver.value("name"), receiver.value("mobile")) == ("oaid-1", "", "")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"receiver_masked": True}, "push.receiver_masked"),
        ({"receiver_phone": None}, "push.receiver_incomplete"),
        ({"address": ""}, "push.receiver_incomplete"),
    ],
)
def test_what_a_warehouse_could_not_ship_is_not_sent(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(NotSendableError) as refused:
        ADAPTER.create([delivery(**changed)], TO, NOW)
    assert refused.value.message.id == said


def test_a_batch_is_accepted_now_and_judged_later() -> None:
    both = [delivery(7), delivery(8)]
    call = ADAPTER.create(both, BATCH, NOW)

    codes = [n.value("deliveryOrder/deliveryOrderCode") for n in xmltext.read(call.body).all("orders/order")]
    assert codes == ["QD7", "QD8"]
    said = ADAPTER.created(both, answer(flag="success"), BATCH)
    assert {number: one.meaning for number, one in said.items()} == {"QD7": Meaning.WAIT, "QD8": Meaning.WAIT}


def test_a_batch_that_is_turned_down_whole_is_sent_again_one_by_one() -> None:
    said = ADAPTER.created([delivery(7), delivery(8)], answer(flag="failure", code="E1", message="报文有误"), BATCH)
    assert {(one.meaning, one.alone) for one in said.values()} == {(Meaning.LATER, True)}


def test_a_delivery_that_was_cancelled_there_is_not_taken_for_one_on_its_way() -> None:
    order = {"deliveryOrderCode": "QD7", "status": "CANCELED"}
    assert ADAPTER.asked(delivery(), answer(flag="success", deliveryOrder=order), TO).meaning is Meaning.REFUSED


BUSY = b"<error_response><code>7</code><msg>Limited</msg><sub_code>accesscontrol.limited</sub_code></error_response>"
BEHIND = (
    b"<error_response><code>15</code><msg>Remote service error</msg><sub_code>isp.timeout</sub_code></error_response>"
)


@pytest.mark.parametrize(
    ("reply", "meaning", "outage"),
    [
        (answer(flag="success", deliveryOrderId="W9"), Meaning.TAKEN, False),
        (answer(flag="failure", code="E1", message="库存不足"), Meaning.REFUSED, False),
        (answer(flag="failure", code="E2", message="出库单已存在"), Meaning.UNCLEAR, False),
        (answer(flag="failure", code="E3", message="系统繁忙，请稍后再试"), Meaning.LATER, True),
        (Reply(200, BUSY), Meaning.LATER, True),
        (Reply(200, BEHIND), Meaning.UNCLEAR, True),
        (Reply(500, b""), Meaning.UNCLEAR, True),
        (Reply(404, b""), Meaning.LATER, True),
        (Reply(200, b"<html>502</html>"), Meaning.UNCLEAR, True),
        (Reply(200, b"\xff\xfe"), Meaning.UNCLEAR, True),
        (Reply(200, b'<!DOCTYPE x [<!ENTITY a "b">]><response><flag>success</flag></response>'), Meaning.UNCLEAR, True),
    ],
)
def test_every_answer_to_a_create_is_read_as_what_it_is(reply: Reply, meaning: Meaning, outage: bool) -> None:  # noqa: FBT001
    said = ADAPTER.created([delivery()], reply, TO)["QD7"]
    assert (said.meaning, said.outage) == (meaning, outage)


@pytest.mark.parametrize(
    ("reply", "meaning"),
    [
        (answer(flag="success", deliveryOrder={"deliveryOrderCode": "QD7", "deliveryOrderId": "W9"}), Meaning.TAKEN),
        (answer(flag="success", deliveryOrder={"deliveryOrderCode": "QD8"}), Meaning.ABSENT),
        (answer(flag="failure", message="单据不存在"), Meaning.ABSENT),
        (answer(flag="failure", message="权限不足"), Meaning.UNCLEAR),
        (Reply(503, b""), Meaning.UNCLEAR),
    ],
)
def test_only_a_clear_no_means_that_it_is_not_there(reply: Reply, meaning: Meaning) -> None:
    assert ADAPTER.asked(delivery(), reply, TO).meaning is meaning


@pytest.mark.parametrize(
    ("reply", "meaning"),
    [
        (answer(flag="success"), Meaning.TAKEN),
        (answer(flag="failure", message="订单已拣货，拦截失败"), Meaning.REFUSED),
        (answer(flag="failure", message="系统繁忙"), Meaning.LATER),
        (answer(flag="failure", message="单据不存在"), Meaning.TAKEN),
        (Reply(200, b""), Meaning.UNCLEAR),
    ],
)
def test_a_stop_says_whether_it_managed(reply: Reply, meaning: Meaning) -> None:
    assert ADAPTER.cancelled(delivery(), reply, TO).meaning is meaning


@pytest.mark.parametrize(("restore", "action"), [(False, "pending"), (True, "restore")])
def test_a_delivery_can_be_held_back_and_let_go(restore: bool, action: str) -> None:  # noqa: FBT001
    call = ADAPTER.pending(delivery(), TO, NOW, restore=restore)
    assert xmltext.read(call.body).value("actionType") == action

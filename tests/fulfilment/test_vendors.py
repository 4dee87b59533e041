"""旺店通 and 聚水潭: what we send holds to the fen, every answer is read as what it is, only the authentic counts."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingdan.fulfilment.adapters import ADAPTERS
from qingdan.fulfilment.delivery import Delivery, Line, weigh
from qingdan.fulfilment.wms import (
    Access,
    Adapter,
    Call,
    Confirming,
    Happened,
    Meaning,
    NotSendableError,
    Poller,
    Reply,
    Window,
    signing,
)
from qingdan.sandbox.wms.faults import Faults
from qingdan.sandbox.wms.jushuitan import Jushuitan
from qingdan.sandbox.wms.ledger import Ledger
from qingdan.sandbox.wms.qimen import Keys, Qimen
from qingdan.sandbox.wms.speaking import Asked, Floor, Speaker
from qingdan.sandbox.wms.wangdian import Wangdian
from qingdan.sandbox.wms.wangdian_enterprise import WangdianEnterprise

NOW = datetime.now(UTC)
ACCESS = {
    "wangdian": Access(
        1,
        "甲",
        {"url": "http://w/wangdian/openapi", "sid": "sandbox", "key": "sandbox", "shop_no": "sandbox"},
        "s:salt",
    ),
    "wangdian_enterprise": Access(
        2,
        "乙",
        {"url": "http://w/wangdian_enterprise/openapi2", "sid": "sandbox", "appkey": "sandbox", "shop_no": "sandbox"},
        "s",
    ),
    "jushuitan": Access(3, "丙", {"url": "http://w/jushuitan", "app_key": "sandbox", "shop_id": 1}, "s:sandbox-token"),
}
VENDORS = tuple(ACCESS)
FACTS: dict[str, Any] = {
    "channel": "taobao",
    "shop": "示例旗舰店",
    "order_no": "1000000000000000001",
    "receiver_name": "测试甲",
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
    "created_at": NOW,
}


def delivery(order: int = 7, lines: list[Line] | None = None, **changed: Any) -> Delivery:
    facts = FACTS | changed
    given_lines = lines or [Line("1", "SKU-A", "示例", "", 3, 1000), Line("2", "SKU-B", "示例", "", 1, 1000)]
    amounts, weighed = weigh(facts, given_lines)
    return Delivery(order, 1, facts, weighed, amounts, NOW)


@dataclass
class Vendor:
    """One adapter and the simulated warehouse that speaks its protocol, without a network between."""

    adapter: Adapter
    to: Access
    speaker: Speaker
    ledger: Ledger
    faults: Faults

    def send(self, call: Call | None) -> Reply:
        assert call is not None
        parts = urlsplit(call.url)
        return Reply(200, self.speaker.answer(Asked(parts.path, dict(parse_qsl(parts.query)), call.body)).body)

    def create(self, *some: Delivery, at: datetime | None = None) -> dict[str, Meaning]:
        reply = self.send(self.adapter.create(some, self.to, at or datetime.now(UTC)))
        return {number: said.meaning for number, said in self.adapter.created(some, reply, self.to).items()}

    def ask(self, one: Delivery) -> Meaning:
        return self.adapter.asked(one, self.send(self.adapter.ask(one, self.to, datetime.now(UTC))), self.to).meaning

    def number(self, one: Delivery) -> str:
        """The warehouse's own number for it."""
        reply = self.send(self.adapter.ask(one, self.to, datetime.now(UTC)))
        return self.adapter.asked(one, reply, self.to).warehouse_no

    def cancel(self, one: Delivery) -> Meaning:
        return self.adapter.cancelled(
            one, self.send(self.adapter.cancel(one, self.to, datetime.now(UTC))), self.to
        ).meaning

    def stopped(self, one: Delivery) -> Meaning:
        assert isinstance(self.adapter, Confirming)
        return self.adapter.stopped(one, self.send(self.adapter.ask(one, self.to, datetime.now(UTC))), self.to).meaning

    def effects(self) -> dict[str, int]:
        return dict(self.ledger.summary()["states"])


SPEAKERS: Mapping[str, Callable[[Floor], Speaker]] = {
    "wangdian": lambda floor: Wangdian(floor, secret="s"),
    "wangdian_enterprise": lambda floor: WangdianEnterprise(floor, secret="s"),
    "jushuitan": lambda floor: Jushuitan(floor, secret="s"),
}


@pytest.fixture(params=VENDORS)
def vendor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Vendor]:
    name = str(request.param)
    adapter, ledger, faults = ADAPTERS[name], Ledger(tmp_path / "l.sqlite"), Faults()
    assert isinstance(adapter, Adapter)
    yield Vendor(adapter, ACCESS[name], SPEAKERS[name](Floor(ledger, faults, 0.0)), ledger, faults)
    ledger.close()


def test_a_push_takes_effect_once_and_can_be_asked_for(vendor: Vendor) -> None:
    one = delivery()
    assert vendor.ask(one) is Meaning.ABSENT
    assert vendor.create(one) == {"QD7": Meaning.TAKEN}
    assert vendor.ask(one) is Meaning.TAKEN

    again = vendor.create(one, at=datetime.now(UTC) + timedelta(seconds=1))

    assert again["QD7"] in {Meaning.TAKEN, Meaning.UNCLEAR}
    assert vendor.effects() == {"taken": 1}
    assert vendor.ledger.summary()["double_effects"] == 0


def test_the_parcels_are_told_line_by_line_until_they_are_acknowledged(vendor: Vendor) -> None:
    vendor.create(delivery())
    vendor.ledger.ship_due(10)
    poller, to = vendor.adapter, vendor.to
    assert isinstance(poller, Poller)
    window = Window(NOW - timedelta(hours=1), datetime.now(UTC))

    polled = poller.polled(vendor.send(poller.poll(to, window, datetime.now(UTC))), to)

    assert [(t.event.kind, t.event.number, t.event.parcels[0].of_lines[0][0]) for t in polled.told] == [
        (Happened.PARTLY, "QD7", "1"),
        (Happened.PARTLY, "QD7", "2"),
    ]
    assert len({t.event_id for t in polled.told}) == len({t.event.parcels[0].tracking_no for t in polled.told}) == 2
    acknowledgement = poller.acknowledge({t.event_id: True for t in polled.told}, to, datetime.now(UTC))
    if acknowledgement is not None:
        assert poller.polled(vendor.send(acknowledgement), to).problem is None
        assert poller.polled(vendor.send(poller.poll(to, window, datetime.now(UTC))), to).told == ()
    assert vendor.ledger.summary()["confirmed"] == 1


def test_a_delivery_of_one_line_leaves_whole(vendor: Vendor) -> None:
    vendor.create(delivery(lines=[Line("1", "SKU-A", "示例", "", 4, 1000)]))
    vendor.ledger.ship_due(10)
    poller = vendor.adapter
    assert isinstance(poller, Poller)
    window = Window(NOW - timedelta(hours=1), datetime.now(UTC))
    [told] = poller.polled(vendor.send(poller.poll(vendor.to, window, datetime.now(UTC))), vendor.to).told
    # 聚水潭 always names what is in a parcel; whether that is all is counted where the order is
    assert told.event.kind is (Happened.PARTLY if vendor.to.name == "丙" else Happened.SHIPPED)


def test_a_stop_is_taken_first_and_says_later_whether_it_managed(vendor: Vendor) -> None:
    stopped, gone = delivery(7), delivery(8)
    vendor.create(stopped)
    vendor.create(gone)
    vendor.ledger.ship_due(10)  # all leave at once here, so the first is made to wait again
    vendor.ledger._db.execute("UPDATE effect SET state = 'taken', ship_at = 1e12 WHERE number = 'QD7'")

    known = replace(stopped, warehouse_no=vendor.number(stopped))
    assert vendor.cancel(known) is Meaning.WAIT
    assert vendor.stopped(known) is Meaning.WAIT
    vendor.ledger.ship_due(10)
    assert vendor.stopped(known) is Meaning.TAKEN
    assert vendor.ask(known) is Meaning.REFUSED
    assert vendor.cancel(replace(gone, warehouse_no=vendor.number(gone))) is Meaning.REFUSED
    assert vendor.stopped(gone) is Meaning.REFUSED
    assert vendor.effects() == {"shipped": 1, "stopped": 1}


def test_a_stop_goes_out_although_its_order_could_not_be_sent_any_more(vendor: Vendor) -> None:
    vendor.create(delivery())
    # meanwhile the platform masked the receiver and the amounts no longer hold
    later = replace(delivery(receiver_masked=True, receiver_name="测**"), amounts=None)
    vendor.ledger._db.execute("UPDATE effect SET ship_at = 1e12")
    assert vendor.cancel(later) is Meaning.WAIT
    vendor.ledger.ship_due(10)
    assert vendor.effects() == {"stopped": 1}


@pytest.mark.parametrize("fault", ["wrong secret", "changed body", "stale", "from the future", "replayed"])
def test_what_is_not_authentic_is_refused_and_changes_nothing(vendor: Vendor, fault: str) -> None:
    one, now, to = delivery(), datetime.now(UTC), vendor.to
    before: dict[str, int] = {}
    match fault:
        case "wrong secret":
            to = replace(to, secret=to.secret.replace("s", "x", 1))
        case "stale":
            now -= timedelta(minutes=6)
        case "from the future":
            now += timedelta(minutes=6)
    call = vendor.adapter.create([one], to, now)
    match fault:
        case "changed body":
            call = replace(call, body=call.body.replace(b"QD7", b"QD9"))
        case "replayed":
            vendor.send(call)
            vendor.faults.forgetful = True  # even a warehouse that forgets numbers does not take a copy
            before = {"taken": 1}

    said = vendor.adapter.created([one], vendor.send(call), vendor.to)["QD7"]

    assert (said.meaning, said.outage) == (Meaning.LATER, True)
    assert vendor.effects() == before


MOMENT = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
"""1700000000, the time of 聚水潭's vector."""
QIMEN_BODY = (
    b'<?xml version="1.0" encoding="utf-8"?><request><warehouseCode>W1</warehouseCode>'
    b"<orderCode>D1</orderCode></request>"
)


def vectors(ledger: Ledger) -> dict[str, tuple[Callable[[datetime], Callable[[Asked], bytes]], datetime, Asked]]:
    """The reference's vectors as calls, each with a warehouse that holds the vector's keys, and the vector's time."""

    def floor(at: datetime) -> Floor:
        return Floor(ledger, Faults(), 0.0, clock=lambda: at)

    def qimen(at: datetime) -> Callable[[Asked], bytes]:
        keys = Keys("testappkey", "testsecret", "c1")
        speaker = Qimen(ledger, Faults(), keys, 0.0, lambda: at)
        return lambda asked: speaker.answer(asked.params, asked.body)

    def wangdian(at: datetime) -> Callable[[Asked], bytes]:
        speaker = Wangdian(floor(at), "demo", "demo-key", "testsecret", "testsalt")
        return lambda asked: speaker.answer(asked).body

    def enterprise(at: datetime) -> Callable[[Asked], bytes]:
        speaker = WangdianEnterprise(floor(at), "test2", "test2-xx", "12345")
        return lambda asked: speaker.answer(asked).body

    def jushuitan(at: datetime) -> Callable[[Asked], bytes]:
        speaker = Jushuitan(floor(at), "demo_key", "demo_secret", "demo_token")
        return lambda asked: speaker.answer(asked).body

    return {
        "qimen": (
            qimen,
            datetime(2015, 4, 25, 16, 0, 7, tzinfo=UTC),
            Asked(
                "/qimen",
                {
                    "method": "order.cancel",
                    "timestamp": "2015-04-26 00:00:07",
                    "format": "xml",
                    "app_key": "testappkey",
                    "v": "2.0",
                    "sign_method": "md5",
                    "customerId": "c1",
                    "sign": "27FE74AB1F006F2D8A97BB61B8EBD253",
                },
                QIMEN_BODY,
            ),
        ),
        "wangdian": (
            wangdian,
            datetime.fromtimestamp(300_000_000 + signing.WDT_EPOCH, UTC),
            Asked(
                "/wangdian/openapi",
                {
                    "sid": "demo",
                    "key": "demo-key",
                    "salt": "testsalt",
                    "method": "setting.Shop.queryShop",
                    "timestamp": "300000000",
                    "v": "1.0",
                    "sign": "ed1d88383aa65e8d45b513d50c6ada3d",
                },
                b"[{}]",
            ),
        ),
        "wangdian_enterprise": (
            enterprise,
            datetime.fromtimestamp(1470042310, UTC),
            Asked(
                "/wangdian_enterprise/openapi2/trade_query.php",
                {},
                urlencode(
                    {
                        "appkey": "test2-xx",
                        "sid": "test2",
                        "page_no": "0",
                        "page_size": "40",
                        "start_time": "2016-08-01 12:00:00",
                        "end_time": "2016-08-01 13:00:00",
                        "timestamp": "1470042310",
                        "sign": "ad4e6fe037ea6e3ba4768317be9d1309",
                    }
                ).encode(),
            ),
        ),
        "jushuitan": (
            jushuitan,
            MOMENT,
            Asked(
                "/jushuitan/open/jushuitan/orders/upload",
                {},
                urlencode(
                    {
                        "app_key": "demo_key",
                        "access_token": "demo_token",
                        "timestamp": "1700000000",
                        "charset": "utf-8",
                        "version": "2",
                        "biz": '[{"shop_id":1}]',
                        "sign": "667b6c98c7dd5529c71d60aa82f26d00",
                    }
                ).encode(),
            ),
        ),
    }


@pytest.mark.parametrize("name", ["qimen", *VENDORS])
def test_the_references_vectors_are_authentic_at_their_time_and_with_their_bytes_alone(
    name: str, tmp_path: Path
) -> None:
    ledger = Ledger(tmp_path / "l.sqlite")
    make, at, asked = vectors(ledger)[name]

    def unauthentic() -> int:
        return sum(n for outcome, n in ledger.summary()["calls"].items() if outcome.endswith(" unauthentic"))

    make(at)(asked)
    assert unauthentic() == 0
    params = dict(asked.params)
    wrong = [replace(asked, params={**params, "sign": params["sign"][:-1] + "0"})] if params else []
    wrong.append(replace(asked, body=asked.body.replace(b"o", b"0", 1) if name == "qimen" else asked.body + b" "))
    if not params:
        wrong.append(replace(asked, body=asked.body[:-1] + b"x"))
    for one in wrong:
        make(at)(one)
    make(at + timedelta(minutes=11))(asked)
    make(at - timedelta(minutes=11))(asked)

    assert unauthentic() == len(wrong) + 2
    assert ledger.summary()["states"] == {}
    if name in {"qimen", "jushuitan"}:  # vectors of calls that change something: the second is a copy
        make(at)(asked)
        assert unauthentic() == len(wrong) + 3
    ledger.close()


MONEY = st.integers(0, 10**6)


@given(
    st.lists(st.tuples(st.integers(1, 20), st.one_of(MONEY, st.none())), min_size=1, max_size=5),
    st.integers(0, 100),
    st.integers(0, 3000),
    st.integers(0, 10**5),
    st.booleans(),
)
def test_the_identities_of_every_vendor_hold_to_the_fen(
    lines: list[tuple[int, int | None]],
    percent: int,
    freight: int,
    rest: int,
    cod: bool,  # noqa: FBT001
) -> None:
    goods = sum(q * (p or 0) for q, p in lines) + (rest if any(p is None for _, p in lines) else 0)
    discount = goods * percent // 100
    paid = goods - discount + freight
    one = delivery(
        lines=[Line(str(n), "SKU", "示例", "", q, p) for n, (q, p) in enumerate(lines)],
        paid_amount=paid,
        freight=freight,
        discount=discount,
        goods_amount=goods,
        pay_method="cod" if cod else "alipay",
    )
    for name, check in CHECKS.items():
        adapter = ADAPTERS[name]
        assert isinstance(adapter, Adapter)
        check(adapter.create([one], ACCESS[name], NOW), paid, cod)


def fen(value: float) -> int:
    assert round(value * 100) == pytest.approx(value * 100, abs=1e-6), "more than two decimals"
    return round(value * 100)


def check_wangdian(call: Call, paid: int, cod: bool) -> None:  # noqa: FBT001
    _, [head], lines = json.loads(call.body)
    for line in lines:
        total = fen(line["price"]) * line["num"] + fen(line["adjust_amount"]) - fen(line["discount"])
        assert fen(line["total_amount"]) == total
    shares = sum(fen(line["total_amount"]) - fen(line["share_discount"]) for line in lines)
    assert fen(head["receivable"]) == shares + fen(head["post_amount"]) == paid
    assert fen(head["cod_amount" if cod else "paid"]) == paid


def check_enterprise(call: Call, paid: int, cod: bool) -> None:  # noqa: FBT001
    [trade] = json.loads(dict(parse_qsl(call.body.decode()))["trade_list"])
    due = fen(trade["post_amount"]) + fen(trade["other_amount"])
    for line in trade["order_list"]:
        due += fen(line["price"]) * line["num"] + fen(line["adjust_amount"])
        due -= fen(line["discount"]) + fen(line["share_discount"])
    assert due == paid
    assert fen(trade["paid"]) == (0 if cod else due)
    assert fen(trade["cod_amount"]) == (due if cod else 0)


def check_jushuitan(call: Call, paid: int, cod: bool) -> None:  # noqa: FBT001
    [order] = json.loads(dict(parse_qsl(call.body.decode()))["biz"])
    assert sum(fen(item["amount"]) for item in order["items"]) + fen(order["freight"]) == paid
    assert fen(order["pay_amount"]) == paid
    assert ("pay" not in order) if cod else fen(order["pay"]["amount"]) == paid


CHECKS = {"wangdian": check_wangdian, "wangdian_enterprise": check_enterprise, "jushuitan": check_jushuitan}


def test_a_masked_receiver_is_not_sent_as_masked_text(vendor: Vendor) -> None:
    masked = {"receiver_masked": True, "receiver_name": "测**", "receiver_phone": "138****0001", "address": "示**"}
    with pytest.raises(NotSendableError) as nothing:
        vendor.adapter.create([delivery(**masked)], vendor.to, NOW)
    assert nothing.value.message.id == "push.receiver_masked"
    with pytest.raises(NotSendableError) as useless:
        vendor.adapter.create([delivery(**masked, receiver_token="T1", channel="pdd")], vendor.to, NOW)
    assert useless.value.message.id == "push.token_unsupported"

    taobao = delivery(**masked, receiver_token="T1")
    if vendor.to.name == "丙":
        call = vendor.adapter.create([taobao], vendor.to, NOW)
        [order] = json.loads(dict(parse_qsl(call.body.decode()))["biz"])
        assert order["oaid"] == "T1"
        assert "*" not in json.dumps(order, ensure_ascii=False)
    else:
        with pytest.raises(NotSendableError):
            vendor.adapter.create([taobao], vendor.to, NOW)


@pytest.mark.parametrize(
    ("body", "meaning", "outage"),
    [
        (b"<html>502</html>", Meaning.UNCLEAR, True),
        (b"", Meaning.UNCLEAR, True),
        (b"[1]", Meaning.UNCLEAR, True),
        (b"[" * 10_000, Meaning.UNCLEAR, True),
        (
            '{"status":100,"code":100,"message":"超过每分钟最大调用频率限制，请稍后重试","msg":"调用过于频繁"}',
            Meaning.LATER,
            True,
        ),
        (
            '{"status":1,"code":10,"message":"app auth fail","msg":"签名错误"}',
            Meaning.LATER,
            True,
        ),
        ('{"status":100,"code":130,"message":"店铺不存在","msg":"店铺不存在"}', Meaning.REFUSED, False),
    ],
)
def test_an_answer_that_is_not_the_orders_fault_is_not_held_against_it(
    vendor: Vendor,
    body: str | bytes,
    meaning: Meaning,
    outage: bool,  # noqa: FBT001
) -> None:
    raw = body if isinstance(body, bytes) else body.encode()
    said = vendor.adapter.created([delivery()], Reply(200, raw), vendor.to)["QD7"]
    assert (said.meaning, said.outage) == (meaning, outage)
    asked = vendor.adapter.asked(delivery(), Reply(200, raw), vendor.to).meaning
    assert asked in {Meaning.UNCLEAR, Meaning.LATER}


@pytest.mark.parametrize("name", ["wangdian", "jushuitan"])
def test_one_faulty_order_of_a_batch_does_not_stop_the_others(name: str, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "l.sqlite")
    adapter, to = ADAPTERS[name], ACCESS[name]
    assert isinstance(adapter, Adapter)
    batched = replace(to, settings={**to.settings, "batch_size": 10})
    vendor = Vendor(adapter, batched, SPEAKERS[name](Floor(ledger, Faults(), 0.0)), ledger, Faults())
    good, bad = delivery(7), delivery(8, address="　" if name == "jushuitan" else "示例街")
    call = adapter.create([good, bad], batched, datetime.now(UTC))
    broken = {"wangdian": "receiver_mobile", "jushuitan": "receiver_mobile"}[name]

    # the warehouse finds fault with the second alone
    secret = to.secret.partition(":")[0]
    if name == "wangdian":
        shop, heads, lines = json.loads(call.body)
        heads[1][broken] = ""
        body = json.dumps([shop, heads, lines]).encode()
        params = dict(parse_qsl(urlsplit(call.url).query))
        params["sign"] = signing.wangdian(params, body, secret)
        call = replace(call, url=f"http://w/wangdian/openapi?{urlencode(params)}", body=body)
    else:
        form = dict(parse_qsl(call.body.decode()))
        orders = json.loads(form["biz"])
        orders[1][broken] = ""
        form["biz"] = json.dumps(orders)
        form["sign"] = signing.jushuitan(form, secret)
        call = replace(call, body=urlencode(form).encode())
    said = adapter.created([good, bad], vendor.send(call), batched)

    assert (said["QD7"].meaning, said["QD8"].meaning) == (Meaning.TAKEN, Meaning.REFUSED)
    assert "缺少" in said["QD8"].words
    refused = Reply(200, '{"status":2,"code":130,"message":"字段错误","msg":"字段错误"}'.encode())
    both = adapter.created([good, bad], refused, batched)
    assert {(one.meaning, one.alone) for one in both.values()} == {(Meaning.LATER, True)}
    ledger.close()

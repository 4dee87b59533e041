"""Calls to 旺店通 企业版 (openapi2) and the reading of its replies.

One order a push: the interface answers for a whole list at once, and one order's fault must not be another's. A push is
an upsert by our number. A stop is a push of the order as refunded, whose outcome is asked for.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal
from urllib.parse import quote, urlencode

from qingdan.fulfilment.delivery import Delivery, Line
from qingdan.fulfilment.wms import (
    Access,
    Call,
    Event,
    Happened,
    Meaning,
    Polled,
    Reply,
    Said,
    Window,
    outage_of,
    signing,
)
from qingdan.fulfilment.wms.numbers import amount, encode, is_busy, is_ours, moment, parse, rows, text, whole
from qingdan.fulfilment.wms.receiver import check_codes, receiver, whoever
from qingdan.fulfilment.wms.wangdian.calls import shipment
from qingdan.fulfilment.wms.wangdian.orders import NO_TOKENS, line_id

PUSH: Final = "trade_push.php"
QUERY: Final = "trade_query.php"
SHIPPED: Final = "logistics_sync_query.php"
ACKNOWLEDGE: Final = "logistics_sync_ack.php"

_MOST: Final = 50
"""As many as one acknowledgement may hold."""
_CANCELLED: Final = frozenset({4, 5})
_LEFT: Final = 95
_TO_SHIP: Final = 30
_REFUNDED: Final = 80


class WangdianEnterpriseAdapter:
    """Pushes, asks, stops, and reads the list of shipments."""

    honours_key = True
    token_channels: frozenset[str] | None = NO_TOKENS
    paged = False

    def at_once(self, to: Access) -> int:  # noqa: ARG002 - the protocol's shape
        """Return one."""
        return 1

    def check(self, delivery: Delivery, to: Access) -> None:  # noqa: ARG002 - the protocol's shape
        """Write it once, to see whether it can be."""
        trade(delivery)

    def create(self, deliveries: Sequence[Delivery], to: Access, now: datetime) -> Call:
        """Build ``trade_push``."""
        [delivery] = deliveries
        return _push(trade(delivery), to, now)

    def created(self, deliveries: Sequence[Delivery], reply: Reply, to: Access) -> dict[str, Said]:  # noqa: ARG002
        """Read it: neither new nor changed means that it was shipped there before, or has not changed."""
        [delivery] = deliveries
        answer, said = _read(reply)
        if answer is None:
            return {delivery.number: said}
        if whole(answer.get("new_count")) + whole(answer.get("chg_count")) > 0:
            return {delivery.number: Said(Meaning.TAKEN, warehouse_no=delivery.number)}
        return {delivery.number: Said(Meaning.UNCLEAR, "exists", text(answer, "message")[:500])}

    def ask(self, delivery: Delivery, to: Access, now: datetime) -> Call | None:
        """Build ``trade_query`` by our number."""
        asked = {"src_tid": delivery.number, "shop_no": to.setting("shop_no"), "page_no": "0", "page_size": "10"}
        return call(QUERY, asked, to, now)

    def asked(self, delivery: Delivery, reply: Reply, to: Access) -> Said:  # noqa: ARG002 - the protocol's shape
        """Read whether it is there."""
        found, said = _found(delivery, reply)
        if found is None:
            return said
        if whole(found.get("trade_status")) in _CANCELLED:
            return Said(Meaning.REFUSED, "cancelled", "旺店通里这张单已取消")
        return Said(Meaning.TAKEN, warehouse_no=text(found, "trade_no"))

    def standing(self, delivery: Delivery, reply: Reply, to: Access) -> Event | None:  # noqa: ARG002
        """Read how far it is; its parcels come with the list of shipments."""
        found, _ = _found(delivery, reply)
        if found is None:
            return None
        status = whole(found.get("trade_status"))
        kind = Happened.STOPPED if status in _CANCELLED else Happened.SHIPPED if status >= _LEFT else Happened.MOVED
        return Event(kind, delivery.number, str(status))

    def cancel(self, delivery: Delivery, to: Access, now: datetime) -> Call | None:
        """Build the push of the order as refunded."""
        return _push(trade(delivery, stop=True), to, now)

    def cancelled(self, delivery: Delivery, reply: Reply, to: Access) -> Said:  # noqa: ARG002 - the protocol's shape
        """Read whether the wish was taken: what became of it is asked for next."""
        answer, said = _read(reply)
        return said if answer is None else Said(Meaning.WAIT, "stop_asked")

    def stopped(self, delivery: Delivery, reply: Reply, to: Access) -> Said:  # noqa: ARG002 - the protocol's shape
        """Read what became of a stop; an order that never got beyond the raw trade stays there."""
        found, said = _found(delivery, reply)
        if found is None:
            return Said(Meaning.TAKEN, "absent") if said.meaning is Meaning.ABSENT else said
        status = whole(found.get("trade_status"))
        if status in _CANCELLED:
            return Said(Meaning.TAKEN)
        if status >= _LEFT:
            return Said(Meaning.REFUSED, f"trade_{status}", "旺店通里已发货")
        return Said(Meaning.WAIT, "stop_asked")

    def poll(self, to: Access, window: Window, now: datetime) -> Call:  # noqa: ARG002 - the list knows no window
        """Build ``logistics_sync_query``: what was shipped and is not acknowledged yet, split orders too."""
        asked = {"shop_no": to.setting("shop_no"), "is_part_sync_able": "1", "limit": str(_MOST)}
        return call(SHIPPED, asked, to, now)

    def polled(self, reply: Reply, to: Access) -> Polled:  # noqa: ARG002 - the protocol's shape
        """Read the list."""
        answer, said = _read(reply)
        if answer is None:
            return Polled(problem=said)
        found = rows(answer.get("trades"))
        return Polled(tuple(shipment(row, "rec_id", "logistics_type") for row in found), len(found) >= _MOST)

    def acknowledge(self, ours: Mapping[str, bool], to: Access, now: datetime) -> Call | None:
        """Build ``logistics_sync_ack``."""
        said = [
            {"rec_id": key, "status": 0 if mine else 1, "message": "同步成功" if mine else "清单没有这个出库单"}
            for key, mine in ours.items()
        ]
        return call(ACKNOWLEDGE, {"logistics_list": encode(said)}, to, now)


def trade(delivery: Delivery, *, stop: bool = False) -> dict[str, Any]:
    """Write the trade, or with ``stop`` the trade as refunded; raises ``NotSendableError``.

    ``paid`` is the sum of the lines plus freight to the fen; of an order paid on delivery ``cod_amount`` is.
    """
    facts = delivery.facts
    if stop:
        who, amounts = whoever(delivery), delivery.roughly
    else:
        check_codes(delivery)
        who, amounts = receiver(delivery, NO_TOKENS), delivery.weighed
    cod = facts.get("pay_method") == "cod"
    return {
        "tid": delivery.number,
        "trade_status": _REFUNDED if stop else _TO_SHIP,
        "pay_status": 0 if cod else 2,
        "delivery_term": 2 if cod else 1,
        "trade_time": moment(facts.get("created_at") or facts.get("paid_at") or delivery.released_at),
        "pay_time": moment(facts.get("paid_at")),
        "buyer_nick": (delivery.text("buyer_token") or who.name)[:100],
        "pay_id": delivery.text("payment_no")[:40],
        "receiver_name": who.name,
        "receiver_province": who.province,
        "receiver_city": who.city,
        "receiver_district": who.district,
        "receiver_address": who.town + who.address,
        "receiver_mobile": who.phone,
        "logistics_type": -1,
        "buyer_message": delivery.text("buyer_message")[:1024],
        "seller_memo": _memo(delivery),
        "post_amount": amount(amounts.freight),
        "cod_amount": amount(amounts.total if cod else 0),
        "ext_cod_fee": 0,
        "other_amount": 0,
        "paid": amount(0 if cod else amounts.total),
        "order_list": [_line(delivery, line, stop=stop) for line in delivery.lines],
    }


def _line(delivery: Delivery, line: Line, *, stop: bool) -> dict[str, Any]:
    return {
        "oid": line_id(delivery, line),
        "status": _REFUNDED if stop else _TO_SHIP,
        "refund_status": 5 if stop else 0,
        "goods_id": line.sku_code,
        "spec_id": line.sku_code,
        "goods_no": line.sku_code,
        "spec_no": line.sku_code,
        "goods_name": line.title or line.sku_code,
        "spec_name": line.spec,
        "num": line.quantity,
        "price": amount(line.price),
        "adjust_amount": amount(line.total - line.price * line.quantity),
        "discount": 0,
        "share_discount": amount(line.discount),
    }


def _memo(delivery: Delivery) -> str:
    origin = f"{delivery.text('shop')} {delivery.text('order_no')}".strip()
    return " ".join(part for part in (delivery.text("seller_memo"), origin) if part)[:1024]


def call(method: str, business: Mapping[str, str], to: Access, now: datetime) -> Call:
    """Build a signed call; ``sign_length`` in the settings switches to characters where an installation counts so."""
    params = {
        "sid": to.setting("sid"),
        "appkey": to.setting("appkey"),
        "timestamp": str(int(now.timestamp())),
        **business,
    }
    length: Literal["bytes", "characters"] = "characters" if to.setting("sign_length") == "characters" else "bytes"
    params["sign"] = signing.wangdian_enterprise(params, to.secret, length=length)
    return Call(
        f"{to.setting('url').rstrip('/')}/{method}",
        urlencode(params, quote_via=quote).encode(),
        {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
    )


def _push(one: Mapping[str, Any], to: Access, now: datetime) -> Call:
    return call(PUSH, {"shop_no": to.setting("shop_no"), "switch": "1", "trade_list": encode([one])}, to, now)


def _read(reply: Reply) -> tuple[dict[str, Any] | None, Said]:
    """Read the envelope: the answer, or None and what that means."""
    if (outage := outage_of(reply)) is not None:
        return None, outage
    answer = parse(reply.body)
    if answer is None or "code" not in answer:
        return None, Said(Meaning.UNCLEAR, "garbage", outage=True)
    code, words = whole(answer["code"]), text(answer, "message")[:500]
    if not code:
        return answer, Said(Meaning.TAKEN)
    if is_ours(words) or is_busy(words):
        return None, Said(Meaning.LATER, f"code_{code}", words, outage=True)
    return None, Said(Meaning.REFUSED, f"code_{code}", words)


def _found(delivery: Delivery, reply: Reply) -> tuple[dict[str, Any] | None, Said]:
    answer, said = _read(reply)
    if answer is None:
        # a question that was refused tells nothing of the order
        unclear = Said(Meaning.UNCLEAR, said.code, said.words, outage=True)
        return None, unclear if said.meaning is Meaning.REFUSED else said
    listed = rows(answer.get("trades"))
    found = next((row for row in listed if delivery.number in text(row, "src_tids").split(",")), None)
    return found, Said(Meaning.ABSENT)

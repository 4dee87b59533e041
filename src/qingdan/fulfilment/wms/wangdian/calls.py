"""Calls to 旺店通 旗舰版 and the reading of its replies.

The secret is as the vendor issues it, ``secret:salt``. A push is an upsert by our number, so a repeat is harmless. A
stop is a push of the order as refunded, which the ERP carries out by itself: whether it managed is asked for. What it
shipped stands in a list until it is acknowledged.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

from qingdan.fulfilment.delivery import Delivery
from qingdan.fulfilment.wms import (
    Access,
    Call,
    Event,
    Happened,
    Meaning,
    ParcelTold,
    Polled,
    Reply,
    Said,
    Told,
    Window,
    outage_of,
    signing,
)
from qingdan.fulfilment.wms.numbers import encode, is_busy, is_ours, parse, rows, text, whole
from qingdan.fulfilment.wms.wangdian.orders import NO_TOKENS, line_no, trade

PUSH: Final = "sales.RawTrade.pushSelf2"
SEARCH: Final = "sales.RawTrade.search"
SHIPPED: Final = "sales.LogisticsSync.getSyncListExt"
ACKNOWLEDGE: Final = "sales.LogisticsSync.update"

_MOST: Final = 100
_AUTH, _FIELD, _WHITELIST, _CLOCK, _BUSINESS = 1, 2, 6, 7, 100
_LEFT: Final = frozenset({30, 40, 60})
_CANCELLED: Final = 70
_UNTOUCHED: Final = frozenset({10, 15})
"""Statuses of a raw trade: not handed on yet, shipped in part or whole, cancelled."""


class WangdianAdapter:
    """Pushes, asks, stops, and reads the list of shipments."""

    honours_key = True
    token_channels: frozenset[str] | None = NO_TOKENS
    paged = False

    def at_once(self, to: Access) -> int:
        """Return the size of a batch: one unless the settings say otherwise, at most what the vendor advises."""
        return min(_MOST, max(1, int(to.settings.get("batch_size") or 1)))

    def check(self, delivery: Delivery, to: Access) -> None:
        """Write it once, to see whether it can be."""
        trade(delivery, to)

    def create(self, deliveries: Sequence[Delivery], to: Access, now: datetime) -> Call:
        """Build ``pushSelf2``."""
        return _push([trade(delivery, to) for delivery in deliveries], to, now)

    def created(self, deliveries: Sequence[Delivery], reply: Reply, to: Access) -> dict[str, Said]:  # noqa: ARG002
        """Read what became of each: a call can succeed while some of its orders fail."""
        answer, said = _read(reply)
        if answer is None:
            if said.meaning is Meaning.REFUSED and len(deliveries) > 1:
                said = Said(Meaning.LATER, said.code, said.words, alone=True)
            return {delivery.number: said for delivery in deliveries}
        failed = _failures(answer)
        return {d.number: failed.get(d.number, Said(Meaning.TAKEN, warehouse_no=d.number)) for d in deliveries}

    def ask(self, delivery: Delivery, to: Access, now: datetime) -> Call | None:
        """Build ``RawTrade.search`` by our number."""
        asked = {"tid": delivery.number, "shop_no": to.setting("shop_no")}
        return call(SEARCH, [asked, {"page_size": 10, "page_no": 0}], to, now)

    def asked(self, delivery: Delivery, reply: Reply, to: Access) -> Said:  # noqa: ARG002 - the protocol's shape
        """Read whether it is there."""
        found, said = _found(delivery, reply)
        if found is None:
            return said
        if whole(found.get("process_status")) == _CANCELLED:
            return Said(Meaning.REFUSED, "cancelled", "旺店通里这张单已取消")
        return Said(Meaning.TAKEN, warehouse_no=text(found, "rec_id"))

    def standing(self, delivery: Delivery, reply: Reply, to: Access) -> Event | None:  # noqa: ARG002
        """Read how far it is; its parcels come with the list of shipments."""
        found, _ = _found(delivery, reply)
        if found is None:
            return None
        status = whole(found.get("process_status"))
        kind = Happened.STOPPED if status == _CANCELLED else Happened.SHIPPED if status in _LEFT else Happened.MOVED
        return Event(kind, delivery.number, str(status))

    def cancel(self, delivery: Delivery, to: Access, now: datetime) -> Call | None:
        """Build the push of the order as refunded."""
        return _push([trade(delivery, to, stop=True)], to, now)

    def cancelled(self, delivery: Delivery, reply: Reply, to: Access) -> Said:  # noqa: ARG002 - the protocol's shape
        """Read whether the wish was taken: what became of it is asked for next."""
        answer, said = _read(reply)
        if answer is None:
            return said
        return _failures(answer).get(delivery.number, Said(Meaning.WAIT, "stop_asked"))

    def stopped(self, delivery: Delivery, reply: Reply, to: Access) -> Said:  # noqa: ARG002 - the protocol's shape
        """Read what became of a stop; what was never handed on within the ERP will not be any more."""
        found, said = _found(delivery, reply)
        if found is None:
            return Said(Meaning.TAKEN, "absent") if said.meaning is Meaning.ABSENT else said
        status = whole(found.get("process_status"))
        if status in _LEFT:
            return Said(Meaning.REFUSED, f"process_{status}", "旺店通里已发货")
        if status == _CANCELLED or status in _UNTOUCHED:
            return Said(Meaning.TAKEN)
        return Said(Meaning.WAIT, "stop_asked")

    def poll(self, to: Access, window: Window, now: datetime) -> Call:  # noqa: ARG002 - the list knows no window
        """Build ``getSyncListExt``: what was shipped and is not acknowledged yet."""
        asked = {"shop_no": to.setting("shop_no"), "is_own_platform": True}
        return call(SHIPPED, [asked, {"page_size": _MOST, "page_no": 0}], to, now)

    def polled(self, reply: Reply, to: Access) -> Polled:  # noqa: ARG002 - the protocol's shape
        """Read the list; a part of an order is told with its lines."""
        answer, said = _read(reply)
        if answer is None:
            return Polled(problem=said)
        found = rows(answer.get("data"))
        return Polled(tuple(shipment(row, "sync_id", "logistics_code") for row in found), len(found) >= _MOST)

    def acknowledge(self, ours: Mapping[str, bool], to: Access, now: datetime) -> Call | None:
        """Build ``LogisticsSync.update``; what is not ours is answered as failed, so that a person there sees it."""
        said = [
            {"sync_id": whole(key), "status": 0 if mine else 2, "error_msg": "" if mine else "清单没有这个出库单"}
            for key, mine in ours.items()
        ]
        return call(ACKNOWLEDGE, [said], to, now)


def shipment(row: Mapping[str, Any], key: str, carrier: str) -> Told:
    """Read one row of a list of shipments, which both versions of 旺店通 have alike."""
    row = dict(row)
    number = text(row, "tid")
    partly = text(row, "is_part_sync") == "1"
    lines = tuple((line_no(number, one.strip()), 0) for one in text(row, "oids").split(",") if one.strip())
    parcel = ParcelTold(
        text(row, carrier),
        text(row, "logistics_name"),
        text(row, "logistics_no"),
        of_lines=tuple(line for line in lines if line[0]) if partly else (),
    )
    kind = Happened.PARTLY if partly else Happened.SHIPPED
    parcels = (parcel,) if parcel.tracking_no else ()
    return Told(text(row, key), Event(kind, number, "part" if partly else "shipped", parcels))


def call(method: str, arguments: Sequence[object], to: Access, now: datetime) -> Call:
    """Build a signed call; its clock begins in 2012."""
    secret, _, salt = to.secret.partition(":")
    body = encode(arguments).encode()
    params = {
        "method": method,
        "sid": to.setting("sid"),
        "key": to.setting("key"),
        "salt": salt,
        "timestamp": str(int(now.timestamp()) - signing.WDT_EPOCH),
        "v": "1.0",
    }
    params["sign"] = signing.wangdian(params, body, secret)
    return Call(
        f"{to.setting('url')}?{urlencode(params, quote_via=quote)}",
        body,
        {"Content-Type": "application/json; charset=utf-8"},
    )


def _push(trades: Sequence[tuple[dict[str, Any], list[dict[str, Any]]]], to: Access, now: datetime) -> Call:
    heads = [head for head, _ in trades]
    lines = [line for _, lines in trades for line in lines]
    return call(PUSH, [to.setting("shop_no"), heads, lines], to, now)


def _read(reply: Reply) -> tuple[dict[str, Any] | None, Said]:
    """Read the envelope: the answer, or None and what that means."""
    if (outage := outage_of(reply)) is not None:
        return None, outage
    answer = parse(reply.body)
    if answer is None or "status" not in answer:
        return None, Said(Meaning.UNCLEAR, "garbage", outage=True)
    status, words = whole(answer["status"]), text(answer, "message")[:500]
    if not status:
        return answer, Said(Meaning.TAKEN)
    code = f"status_{status}"
    if status in {_WHITELIST, _CLOCK} or (status == _AUTH and is_ours(words)) or is_busy(words):
        return None, Said(Meaning.LATER, code, words, outage=True)
    if status in {_AUTH, _FIELD, _BUSINESS}:
        return None, Said(Meaning.REFUSED, code, words)
    return None, Said(Meaning.UNCLEAR, code, words, outage=True)


def _failures(answer: Mapping[str, Any]) -> dict[str, Said]:
    data = answer.get("data")
    listed = rows(data.get("error_list")) if isinstance(data, dict) else []
    return {
        text(row, "no"): Said(Meaning.LATER if is_busy(words) else Meaning.REFUSED, "error", words)
        for row in listed
        for words in [text(row, "error")[:500]]
    }


def _found(delivery: Delivery, reply: Reply) -> tuple[dict[str, Any] | None, Said]:
    answer, said = _read(reply)
    if answer is None:
        # a question that was refused tells nothing of the order
        unclear = Said(Meaning.UNCLEAR, said.code, said.words, outage=True)
        return None, unclear if said.meaning is Meaning.REFUSED else said
    data = answer.get("data")
    listed = rows(data.get("order")) if isinstance(data, dict) else []
    found = next((row for row in listed if text(row, "tid") == delivery.number), None)
    return found, Said(Meaning.ABSENT)

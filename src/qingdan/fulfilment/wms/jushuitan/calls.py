"""Calls to 聚水潭 and the reading of its replies.

The secret is ``app_secret:access_token``, both as the vendor issues them. An upload is an upsert by our number within a
shop. A stop goes by the ERP's own order number, or where that is not known as an upload of the order as closed; what
became of it is asked for. Shipments are read by the time they changed, page by page.
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
from qingdan.fulfilment.wms.jushuitan.orders import TOKENS, order
from qingdan.fulfilment.wms.numbers import encode, is_busy, is_ours, moment, parse, rows, text, whole
from qingdan.fulfilment.wms.wangdian.orders import line_no

UPLOAD: Final = "/open/jushuitan/orders/upload"
QUERY: Final = "/open/orders/single/query"
CANCEL: Final = "/open/jushuitan/orderbyoid/cancel"
SHIPPED: Final = "/open/logistic/query"

_MOST: Final = 50
_CANCELLED: Final = "cancelled"
_LEFT: Final = frozenset({"sent", "sended", "delivered"})
_ALREADY: Final = ("已取消", "已作废")


class JushuitanAdapter:
    """Uploads, asks, cancels, and reads what was shipped."""

    honours_key = True
    token_channels: frozenset[str] | None = TOKENS
    paged = True

    def at_once(self, to: Access) -> int:
        """Return the size of a batch: one unless the settings say otherwise, at most what the vendor takes."""
        return min(_MOST, max(1, int(to.settings.get("batch_size") or 1)))

    def check(self, delivery: Delivery, to: Access) -> None:
        """Write it once, to see whether it can be."""
        order(delivery, to)

    def create(self, deliveries: Sequence[Delivery], to: Access, now: datetime) -> Call:
        """Build ``orders/upload``."""
        return call(UPLOAD, [order(delivery, to) for delivery in deliveries], to, now)

    def created(self, deliveries: Sequence[Delivery], reply: Reply, to: Access) -> dict[str, Said]:  # noqa: ARG002
        """Read what became of each."""
        answer, said = _read(reply)
        if answer is None:
            if said.meaning is Meaning.REFUSED and len(deliveries) > 1:
                said = Said(Meaning.LATER, said.code, said.words, alone=True)
            return {delivery.number: said for delivery in deliveries}
        told = {text(row, "so_id"): row for row in _datas(answer)}
        return {delivery.number: _one(told.get(delivery.number)) for delivery in deliveries}

    def ask(self, delivery: Delivery, to: Access, now: datetime) -> Call | None:
        """Build ``orders/single/query`` by our number."""
        asked = {
            "shop_id": whole(to.setting("shop_id")),
            "so_ids": [delivery.number],
            "page_index": 1,
            "page_size": 10,
        }
        return call(QUERY, asked, to, now)

    def asked(self, delivery: Delivery, reply: Reply, to: Access) -> Said:  # noqa: ARG002 - the protocol's shape
        """Read whether it is there."""
        found, said = _found(delivery, reply)
        if not found:
            return said
        if all(_status(row) == _CANCELLED for row in found):
            return Said(Meaning.REFUSED, "cancelled", "聚水潭里这张单已取消")
        return Said(Meaning.TAKEN, warehouse_no=text(found[0], "o_id"))

    def standing(self, delivery: Delivery, reply: Reply, to: Access) -> Event | None:  # noqa: ARG002
        """Read how far it is: a split order has left when all of its parts have. Parcels come with the list."""
        found, _ = _found(delivery, reply)
        alive = [row for row in found if _status(row) != _CANCELLED]
        if not found:
            return None
        left = bool(alive) and all(_status(row) in _LEFT for row in alive)
        kind = Happened.SHIPPED if left else Happened.MOVED if alive else Happened.STOPPED
        return Event(kind, delivery.number, _status(found[0]))

    def cancel(self, delivery: Delivery, to: Access, now: datetime) -> Call | None:
        """Build ``orderbyoid/cancel``, or the upload of a closed order where the ERP's number is not known."""
        if delivery.warehouse_no.isdigit():
            reason = {"o_ids": [int(delivery.warehouse_no)], "cancel_type": "其他", "remark": "订单取消或变更"}
            return call(CANCEL, reason, to, now)
        return call(UPLOAD, [order(delivery, to, stop=True)], to, now)

    def cancelled(self, delivery: Delivery, reply: Reply, to: Access) -> Said:  # noqa: ARG002 - the protocol's shape
        """Read whether the wish was taken: what became of it is asked for next."""
        answer, said = _read(reply)
        if answer is not None:
            failed = next((row for row in _datas(answer) if not _well(row)), None)
            if failed is None:
                return Said(Meaning.WAIT, "stop_asked")
            said = Said(Meaning.REFUSED, "error", text(failed, "msg")[:500])
        already = said.meaning is Meaning.REFUSED and any(word in said.words for word in _ALREADY)
        return Said(Meaning.WAIT, "stop_asked") if already else said

    def stopped(self, delivery: Delivery, reply: Reply, to: Access) -> Said:  # noqa: ARG002 - the protocol's shape
        """Read what became of a stop: an order that was split is stopped when all of its parts are."""
        found, said = _found(delivery, reply)
        if not found:
            return Said(Meaning.TAKEN, "absent") if said.meaning is Meaning.ABSENT else said
        if all(_status(row) == _CANCELLED for row in found):
            return Said(Meaning.TAKEN)
        if any(_status(row) in _LEFT for row in found):
            return Said(Meaning.REFUSED, "sent", "聚水潭里已发货")
        return Said(Meaning.WAIT, "stop_asked")

    def poll(self, to: Access, window: Window, now: datetime) -> Call:
        """Build ``logistic/query``: one page of what changed in the window."""
        asked = {
            "shop_id": whole(to.setting("shop_id")),
            "modified_begin": moment(window.since),
            "modified_end": moment(window.until),
            "page_index": window.page + 1,
            "page_size": _MOST,
        }
        return call(SHIPPED, asked, to, now)

    def polled(self, reply: Reply, to: Access) -> Polled:  # noqa: ARG002 - the protocol's shape
        """Read a page: a parcel a row, several an order."""
        answer, said = _read(reply)
        if answer is None:
            return Polled(problem=said)
        data = answer.get("data")
        if not isinstance(data, dict):
            return Polled()
        told = [_shipment(row) for row in rows(data.get("orders")) if text(row, "l_id")]
        return Polled(tuple(told), bool(data.get("has_next")))

    def acknowledge(self, ours: Mapping[str, bool], to: Access, now: datetime) -> Call | None:  # noqa: ARG002
        """Return nothing: the ERP does not wait for it."""
        return None


def _shipment(row: dict[str, Any]) -> Told:
    number = text(row, "so_id")
    lines, items = [], []
    for item in rows(row.get("items")):
        quantity = whole(item.get("qty"))
        if ours := line_no(number, text(item, "outer_oi_id")):
            lines.append((ours, quantity))
        elif text(item, "sku_id"):
            items.append((text(item, "sku_id"), quantity))
    parcel = ParcelTold(
        text(row, "lc_id"), text(row, "logistics_company"), text(row, "l_id"), tuple(items), tuple(lines)
    )
    # of a parcel that names its goods it is counted whether they are all; one that names none is the whole order
    kind = Happened.PARTLY if lines or items else Happened.SHIPPED
    return Told(f"{text(row, 'o_id')}:{parcel.tracking_no}", Event(kind, number, "sent", (parcel,)))


def call(path: str, biz: object, to: Access, now: datetime) -> Call:
    """Build a signed call."""
    secret, _, token = to.secret.partition(":")
    params = {
        "app_key": to.setting("app_key"),
        "access_token": token,
        "timestamp": str(int(now.timestamp())),
        "charset": "utf-8",
        "version": "2",
        "biz": encode(biz),
    }
    params["sign"] = signing.jushuitan(params, secret)
    return Call(
        f"{to.setting('url').rstrip('/')}{path}",
        urlencode(params, quote_via=quote).encode(),
        {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
    )


def _read(reply: Reply) -> tuple[dict[str, Any] | None, Said]:
    """Read the envelope: the answer, or None and what that means."""
    if (outage := outage_of(reply)) is not None:
        return None, outage
    answer = parse(reply.body)
    if answer is None or "code" not in answer:
        return None, Said(Meaning.UNCLEAR, "garbage", outage=True)
    code, words = whole(answer["code"]), text(answer, "msg")[:500]
    if not code:
        return answer, Said(Meaning.TAKEN)
    if is_ours(words) or is_busy(words):
        return None, Said(Meaning.LATER, f"code_{code}", words, outage=True)
    return None, Said(Meaning.REFUSED, f"code_{code}", words)


def _datas(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    data = answer.get("data")
    return rows(data.get("datas")) if isinstance(data, dict) else rows(data)


def _well(row: Mapping[str, Any]) -> bool:
    return row.get("issuccess") in {True, "true", "True"}


def _one(row: dict[str, Any] | None) -> Said:
    """Read one order's part of an upload's answer; one that is not spoken of is asked for."""
    if row is None:
        return Said(Meaning.UNCLEAR, "not_answered")
    words = text(row, "msg")[:500]
    if _well(row):
        return Said(Meaning.TAKEN, warehouse_no=text(row, "o_id"))
    return Said(Meaning.LATER if is_busy(words) else Meaning.REFUSED, "error", words)


def _found(delivery: Delivery, reply: Reply) -> tuple[list[dict[str, Any]], Said]:
    """Read the orders under our number: one, or the parts that it was split into."""
    answer, said = _read(reply)
    if answer is None:
        # a question that was refused tells nothing of the order
        unclear = Said(Meaning.UNCLEAR, said.code, said.words, outage=True)
        return [], unclear if said.meaning is Meaning.REFUSED else said
    data = answer.get("data")
    listed = rows(data.get("orders")) if isinstance(data, dict) else []
    found = [row for row in listed if text(row, "so_id") == delivery.number and _status(row) not in {"split", "merged"}]
    return found, Said(Meaning.ABSENT)


def _status(row: dict[str, Any]) -> str:
    return text(row, "status").lower()

"""CloudEvents both ways, signed over id, time and bytes in ``webhook-id``, ``-timestamp``, ``-signature``."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from qingdan.fulfilment.delivery import Delivery
from qingdan.fulfilment.wms import (
    Access,
    BadMessageError,
    Call,
    Event,
    Happened,
    Heard,
    Incoming,
    Meaning,
    ParcelTold,
    Reply,
    Said,
    UnauthenticError,
    signing,
)
from qingdan.fulfilment.wms.qimen.orders import order_element

TOLERANCE: Final = timedelta(minutes=5)
REQUESTED: Final = "cn.qingdan.delivery.requested"
STOP: Final = "cn.qingdan.delivery.stop"
_KINDS: Final = {
    "cn.qingdan.delivery.shipped": Happened.SHIPPED,
    "cn.qingdan.delivery.partly_shipped": Happened.PARTLY,
    "cn.qingdan.delivery.stopped": Happened.STOPPED,
    "cn.qingdan.delivery.trouble": Happened.TROUBLE,
    "cn.qingdan.delivery.progress": Happened.MOVED,
}
_NEEDED: Final = ("receiver_name", "receiver_phone", "province", "city", "district", "town", "address")


class WebhookAdapter:
    """Posts one event a delivery. With ``query_url`` it can be asked: 200 means there, 404 not there."""

    honours_key = True
    token_channels: frozenset[str] | None = None

    def at_once(self, to: Access) -> int:  # noqa: ARG002 - the protocol's shape
        """Return one."""
        return 1

    def check(self, delivery: Delivery, to: Access) -> None:
        """Refuse what no warehouse could ship."""
        order_element(delivery, to, delivery.released_at)

    def create(self, deliveries: Sequence[Delivery], to: Access, now: datetime) -> Call:
        """Build ``delivery.requested``; its id is the delivery number, so a repeat is known as one."""
        [delivery] = deliveries
        self.check(delivery, to)
        return _post(REQUESTED, delivery.number, _data(delivery), to, now)

    def created(self, deliveries: Sequence[Delivery], reply: Reply, to: Access) -> dict[str, Said]:  # noqa: ARG002
        """Read the status: 2xx taken, 409 known already, other 4xx refused but for limits and rights."""
        [delivery] = deliveries
        return {delivery.number: _read(reply)}

    def ask(self, delivery: Delivery, to: Access, now: datetime) -> Call | None:
        """Build the question, if there is an address for it."""
        if not (url := to.setting("query_url")):
            return None
        return Call(f"{url.rstrip('/')}/{quote(delivery.number)}", b"", _headers(delivery.number, b"", to, now), "GET")

    def asked(self, delivery: Delivery, reply: Reply, to: Access) -> Said:  # noqa: ARG002 - the protocol's shape
        """Read it."""
        if 200 <= reply.status < 300:
            return Said(Meaning.TAKEN)
        return (
            Said(Meaning.ABSENT) if reply.status == 404 else Said(Meaning.UNCLEAR, f"http_{reply.status}", outage=True)
        )

    def cancel(self, delivery: Delivery, to: Access, now: datetime) -> Call | None:
        """Build ``delivery.stop``."""
        return _post(STOP, f"{delivery.number}/stop", {"number": delivery.number}, to, now)

    def cancelled(self, delivery: Delivery, reply: Reply, to: Access) -> Said:  # noqa: ARG002 - the protocol's shape
        """Read whether it was stopped: 409 says that it is too late, 404 that it was never there."""
        if reply.status == 409:
            return Said(Meaning.REFUSED, "http_409", _words(reply))
        return Said(Meaning.TAKEN, "absent") if reply.status == 404 else _read(reply)


class WebhookListener:
    """Takes CloudEvents of the types above, signed the same way."""

    def hear(self, message: Incoming, to: Access, now: datetime) -> Heard:
        """Check signature and time, then read."""
        event_id, moment = message.headers.get("webhook-id", ""), message.headers.get("webhook-timestamp", "")
        computed = signing.webhook(event_id, moment, message.body, to.secret)
        given = message.headers.get("webhook-signature", "").split(" ")
        if not to.secret or not event_id or not any(signing.same(one, computed) for one in given):
            raise UnauthenticError("signature")
        if not moment.isascii() or not moment.isdigit() or len(moment) > 12:
            raise UnauthenticError("timestamp")
        if abs(now - datetime.fromtimestamp(int(moment), UTC)) > TOLERANCE:
            raise UnauthenticError("stale")
        try:
            said = json.loads(message.body)
            kind, data = _KINDS[said["type"]], said["data"]
            parcels = tuple(
                ParcelTold(str(p.get("carrier", "")), str(p.get("carrier_name", "")), str(p["tracking_no"]))
                for p in data.get("parcels", ())
            )
            event = Event(
                kind, str(data["number"]), said["type"].rpartition(".")[2], parcels, None, str(data.get("words", ""))
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise BadMessageError(type(error).__name__) from error
        return Heard(said["type"], event_id, computed + moment, (event,))

    def reply(self, problem: str = "") -> tuple[str, bytes]:
        """Answer in JSON."""
        return "application/json", json.dumps({"ok": not problem, "problem": problem}).encode()


def _post(kind: str, event_id: str, data: Mapping[str, Any], to: Access, now: datetime) -> Call:
    event = {
        "specversion": "1.0",
        "id": event_id,
        "source": f"/qingdan/{to.destination}",
        "type": kind,
        "time": now.astimezone(UTC).isoformat(timespec="seconds"),
        "datacontenttype": "application/json",
        "data": data,
    }
    body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    headers = _headers(event_id, body, to, now) | {"Content-Type": "application/cloudevents+json; charset=utf-8"}
    return Call(to.setting("url"), body, headers)


def _headers(event_id: str, body: bytes, to: Access, now: datetime) -> dict[str, str]:
    moment = str(int(now.timestamp()))
    return {
        "webhook-id": event_id,
        "webhook-timestamp": moment,
        "webhook-signature": signing.webhook(event_id, moment, body, to.secret),
        "Idempotency-Key": event_id,
    }


def _data(delivery: Delivery) -> dict[str, Any]:
    """Write a delivery: amounts in fen, times in UTC; of a masked receiver only region and token."""
    if delivery.facts.get("receiver_masked"):
        receiver = {k: delivery.text(k) for k in ("province", "city", "district", "town")}
        receiver["token"] = delivery.text("receiver_token")
    else:
        receiver = {k: delivery.text(k) for k in _NEEDED}
    amounts = delivery.weighed
    return {
        "number": delivery.number,
        "channel": delivery.text("channel"),
        "shop": delivery.text("shop"),
        "order_no": delivery.text("order_no"),
        "urgent": delivery.urgent,
        "ship_by": delivery.ship_by.astimezone(UTC).isoformat() if delivery.ship_by else None,
        "receiver": receiver,
        "amounts": {
            "goods": amounts.goods,
            "discount": amounts.discount,
            "freight": amounts.freight,
            "total": amounts.total,
        },
        "buyer_message": delivery.text("buyer_message"),
        "seller_memo": delivery.text("seller_memo"),
        "lines": [
            {
                "line_no": line.line_no,
                "sku_code": line.sku_code,
                "title": line.title,
                "spec": line.spec,
                "quantity": line.quantity,
                "amount": line.amount,
            }
            for line in delivery.lines
        ],
    }


def _read(reply: Reply) -> Said:
    code = f"http_{reply.status}"
    if 200 <= reply.status < 300:
        return Said(Meaning.TAKEN)
    if reply.status == 409:
        return Said(Meaning.UNCLEAR, "exists", _words(reply))
    if reply.status in {400, 422}:
        return Said(Meaning.REFUSED, code, _words(reply))
    if reply.status >= 500 or reply.status == 408 or reply.status < 400:
        return Said(Meaning.UNCLEAR, code, outage=True)
    return Said(Meaning.LATER, code, outage=True)


def _words(reply: Reply) -> str:
    return reply.body[:300].decode("utf-8", "replace")

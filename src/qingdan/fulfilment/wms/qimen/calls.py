"""Calls to a 奇门 warehouse, and the reading of its replies."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from qingdan.fulfilment.delivery import Delivery
from qingdan.fulfilment.wms import Access, Call, Event, Meaning, Reply, Said, outage_of, signing, xmltext
from qingdan.fulfilment.wms.qimen.confirming import standing
from qingdan.fulfilment.wms.qimen.orders import order_element

ZONE: Final = ZoneInfo("Asia/Shanghai")
CREATE: Final = "deliveryorder.create"
BATCH: Final = "deliveryorder.batchcreate"
QUERY: Final = "deliveryorder.query"
CANCEL: Final = "order.cancel"
PENDING: Final = "order.pending"

_EXISTS: Final = ("已存在", "重复", "already exist", "duplicate", "exists")
_ABSENT: Final = ("不存在", "未找到", "查不到", "无此", "not exist", "not found", "no such")
_BUSY: Final = ("繁忙", "限流", "频繁", "稍后", "too many", "limit", "busy")
_CANCELLED: Final = frozenset({"CANCELED", "CLOSED", "REJECT"})
_CALL_LIMITED: Final = "7"


class QimenAdapter:
    """Ships by ``deliveryorder.create``, or in batches whose answers come later."""

    honours_key = True
    token_channels: frozenset[str] | None = None

    def at_once(self, to: Access) -> int:
        """Return the size of a batch; one unless the destination's settings say otherwise."""
        return max(1, int(to.settings.get("batch_size") or 1))

    def check(self, delivery: Delivery, to: Access) -> None:
        """Write it once, to see whether it can be."""
        order_element(delivery, to, delivery.released_at)

    def create(self, deliveries: Sequence[Delivery], to: Access, now: datetime) -> Call:
        """Build ``deliveryorder.create`` for one delivery, ``batchcreate`` for several."""
        if self.at_once(to) == 1:
            [delivery] = deliveries
            return call(CREATE, xmltext.write("request", order_element(delivery, to, now)), to, now)
        orders = {"orders": {"order": [order_element(delivery, to, now) for delivery in deliveries]}}
        return call(BATCH, xmltext.write("request", orders), to, now)

    def created(self, deliveries: Sequence[Delivery], reply: Reply, to: Access) -> dict[str, Said]:
        """Read what became of them; a batch that was accepted is judged later."""
        said = read(reply)
        if said.meaning is Meaning.TAKEN and self.at_once(to) > 1:
            said = Said(Meaning.WAIT, "awaiting_answer")
        elif said.meaning is Meaning.REFUSED and len(deliveries) > 1:
            # the whole batch was turned down, for one in it most likely: each is judged by itself
            said = Said(Meaning.LATER, said.code, said.words, alone=True)
        elif said.meaning is Meaning.REFUSED:
            said = refused(said)
        return {delivery.number: said for delivery in deliveries}

    def ask(self, delivery: Delivery, to: Access, now: datetime) -> Call | None:
        """Build ``deliveryorder.query``."""
        owner = to.setting("owner_code")
        asked = {"orderCode": delivery.number, "ownerCode": owner, "page": "1", "pageSize": "10"}
        return call(QUERY, xmltext.write("request", asked), to, now)

    def asked(self, delivery: Delivery, reply: Reply, to: Access) -> Said:  # noqa: ARG002 - the protocol's shape
        """Read whether the warehouse has it."""
        said = read(reply, "deliveryOrder/deliveryOrderId")
        if said.meaning is Meaning.TAKEN:
            root = xmltext.read(reply.body)
            if root.value("deliveryOrder/deliveryOrderCode") != delivery.number:
                return Said(Meaning.ABSENT)
            status = root.value("deliveryOrder/status")
            return Said(Meaning.REFUSED, status, "仓库里这张单已取消") if status in _CANCELLED else said
        if said.meaning is Meaning.REFUSED:
            absent = _mentions(said.words, _ABSENT) or _mentions(said.code, _ABSENT)
            return Said(Meaning.ABSENT) if absent else Said(Meaning.UNCLEAR, said.code, said.words, outage=True)
        return said

    def cancel(self, delivery: Delivery, to: Access, now: datetime) -> Call | None:
        """Build ``order.cancel``."""
        asked = {
            "warehouseCode": to.setting("warehouse_code"),
            "ownerCode": to.setting("owner_code"),
            "orderCode": delivery.number,
            "orderType": "JYCK",
            "cancelReason": "订单取消或变更",
        }
        return call(CANCEL, xmltext.write("request", asked), to, now)

    def pending(self, delivery: Delivery, to: Access, now: datetime, *, restore: bool = False) -> Call:
        """Build ``order.pending``: hold a delivery back at the warehouse, or let it go on."""
        asked = {
            "actionType": "restore" if restore else "pending",
            "warehouseCode": to.setting("warehouse_code"),
            "ownerCode": to.setting("owner_code"),
            "orderCode": delivery.number,
            "orderType": "JYCK",
        }
        return call(PENDING, xmltext.write("request", asked), to, now)

    def held(self, reply: Reply) -> Said:
        """Read whether it was held back or let go on."""
        said = read(reply)
        if said.meaning is Meaning.REFUSED and _mentions(said.words, _BUSY):
            return Said(Meaning.LATER, said.code, said.words)
        return said

    def standing(self, delivery: Delivery, reply: Reply, to: Access) -> Event | None:  # noqa: ARG002
        """Read how far it is, with its parcels."""
        return standing(reply.body)

    def cancelled(self, delivery: Delivery, reply: Reply, to: Access) -> Said:  # noqa: ARG002 - the protocol's shape
        """Read whether it was stopped; what the warehouse does not have is stopped."""
        said = read(reply)
        if said.meaning is Meaning.REFUSED:
            if _mentions(said.words, _ABSENT):
                return Said(Meaning.TAKEN, "absent", said.words)
            if _mentions(said.words, _BUSY):
                return Said(Meaning.LATER, said.code, said.words)
        return said


def call(method: str, body: bytes, to: Access, now: datetime) -> Call:
    """Build a signed call; the signature covers the parameters and the bytes of the body."""
    params = {
        "method": method,
        "timestamp": beijing(now),
        "format": "xml",
        "app_key": to.setting("app_key"),
        "v": to.setting("version", "2.0"),
        "sign_method": "md5",
        "customerId": to.setting("customer_id"),
    }
    params["sign"] = signing.qimen(params, body, to.secret)
    query = urlencode(params, quote_via=quote)
    url = to.setting("url")
    return Call(
        f"{url}{'&' if '?' in url else '?'}{query}",
        body,
        {"Content-Type": "text/xml;charset=utf-8", "Accept": "text/xml"},
    )


def read(reply: Reply, warehouse_no: str = "deliveryOrderId") -> Said:
    """Read a reply's flag: taken, or refused with the warehouse's words; a gateway's error is not the order's."""
    if (outage := outage_of(reply)) is not None:
        return outage
    try:
        root = xmltext.read(reply.body)
    except xmltext.BadXmlError:
        return Said(Meaning.UNCLEAR, "garbage", outage=True)
    if root.name == "error_response":
        return _gateway(root)
    flag, code, words = root.value("flag"), root.value("code"), root.value("message")[:500]
    if root.name != "response" or flag not in {"success", "failure"}:
        return Said(Meaning.UNCLEAR, "garbage", outage=True)
    if flag == "success":
        return Said(Meaning.TAKEN, warehouse_no=root.value(warehouse_no))
    return Said(Meaning.REFUSED, code, words)


def refused(said: Said) -> Said:
    """What a refusal of a create means: a number it knows already is asked for, a busy one tried again."""
    if _mentions(said.words, _EXISTS) or _mentions(said.code, _EXISTS):
        return Said(Meaning.UNCLEAR, "exists", said.words)
    if _mentions(said.words, _BUSY):
        return Said(Meaning.LATER, said.code, said.words, outage=True)
    return said


def _gateway(root: xmltext.Node) -> Said:
    code, sub = root.value("code"), root.value("sub_code")
    words = (root.value("sub_msg") or root.value("msg"))[:500]
    if code == _CALL_LIMITED or sub.startswith("accesscontrol"):
        return Said(Meaning.LATER, sub or code, words, outage=True)
    if sub.startswith("isp."):
        return Said(Meaning.UNCLEAR, sub, words, outage=True)  # the warehouse behind the gateway did not answer
    return Said(Meaning.LATER, sub or code, words, outage=True)  # our key, our signature, our rights


def beijing(moment: datetime) -> str:
    """Moment as 奇门 writes it."""
    return moment.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")


def _mentions(words: str, any_of: Iterable[str]) -> bool:
    lower = words.lower()
    return any(word in lower for word in any_of)

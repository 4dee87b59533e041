"""What a 奇门 warehouse tells us: shipped, a step further, stopped, the late answer to a batch."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from qingdan.fulfilment.wms import (
    Access,
    BadMessageError,
    Event,
    Happened,
    Heard,
    Incoming,
    Meaning,
    Said,
    UnauthenticError,
    signing,
    xmltext,
)
from qingdan.fulfilment.wms.qimen.calls import ZONE, refused
from qingdan.fulfilment.wms.qimen.confirming import KINDS, confirm

TOLERANCE: Final = timedelta(minutes=5)
"""How far a message's time may lie from ours."""


class QimenListener:
    """Reads calls of the warehouse; the signature is checked over the very bytes that came."""

    def hear(self, message: Incoming, to: Access, now: datetime) -> Heard:
        """Check who speaks and when, then read what is said."""
        signature = message.params.get("sign", "")
        computed = signing.qimen(message.params, message.body, to.secret)
        if not to.secret or not signing.same(signature, computed):
            raise UnauthenticError("signature")
        if message.params.get("customerId", "") != to.setting("customer_id"):
            raise UnauthenticError("customer")
        _check_time(message.params.get("timestamp", ""), now)
        method = message.params.get("method", "").removeprefix("taobao.qimen.")
        reader = _READERS.get(method)
        if reader is None:
            raise BadMessageError(f"method {method[:60]}")
        try:
            root = xmltext.read(message.body)
        except xmltext.BadXmlError as error:
            raise BadMessageError(str(error)) from error
        event_id, events = reader(root)
        return Heard(method, event_id or hashlib.sha256(message.body).hexdigest(), signature, events)

    def reply(self, problem: str = "") -> tuple[str, bytes]:
        """Answer as 奇门 asks."""
        content = {
            "flag": "failure" if problem else "success",
            "code": "E001" if problem else "0",
            "message": problem or "ok",
        }
        return "text/xml;charset=utf-8", xmltext.write("response", content)


def _check_time(text: str, now: datetime) -> None:
    try:
        told = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZONE)
    except ValueError as error:
        raise UnauthenticError("timestamp") from error
    if abs(now - told) > TOLERANCE:
        raise UnauthenticError("stale")


def _process(root: xmltext.Node) -> tuple[str, tuple[Event, ...]]:
    order, process = root.first("order"), root.first("process")
    if order is None or process is None:
        raise BadMessageError("no order or no process")
    status = process.value("processStatus")
    kind = KINDS.get(status, Happened.MOVED)
    if kind is Happened.SHIPPED:
        kind = Happened.MOVED  # the parcels come with deliveryorder.confirm, which alone ships an order
    words = process.value("operateInfo") or process.value("remark")
    return "", (Event(kind, order.value("orderCode"), status, words=words[:500]),)


def _lack(root: xmltext.Node) -> tuple[str, tuple[Event, ...]]:
    lacking = "、".join(f"{i.value('itemCode')} 缺 {i.value('lackQty')}" for i in root.all("items/item"))
    event = Event(Happened.TROUBLE, root.value("deliveryOrderCode"), "LACK", words=lacking[:500])
    return root.value("outBizCode"), (event,)


def _answer(root: xmltext.Node) -> tuple[str, tuple[Event, ...]]:
    return "", tuple(_one_answer(node) for node in root.all("orders/order"))


def _one_answer(node: xmltext.Node) -> Event:
    if node.value("flag") == "success":
        no = node.value("orderInfo/deliveryOrderId") or node.value("deliveryOrders/deliveryOrder/deliveryOrderId")
        said = Said(Meaning.TAKEN, warehouse_no=no)
    else:
        said = refused(Said(Meaning.REFUSED, node.value("code"), node.value("message")[:500]))
    return Event(Happened.ANSWERED, node.value("deliveryOrderCode"), node.value("flag"), said=said)


_READERS: Final[dict[str, Callable[[xmltext.Node], tuple[str, tuple[Event, ...]]]]] = {
    "deliveryorder.confirm": confirm,
    "orderprocess.report": _process,
    "itemlack.report": _lack,
    "deliveryorder.batchcreate.answer": _answer,
}

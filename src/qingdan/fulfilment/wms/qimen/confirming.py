"""How far a delivery is, as 奇门 writes it: in a confirmation, and in the answer to a query."""

from typing import Final

from qingdan.fulfilment.wms import BadMessageError, Event, Happened, ParcelTold, xmltext

KINDS: Final = {
    "DELIVERED": Happened.SHIPPED,
    "FULFILLED": Happened.MOVED,
    "PARTDELIVERED": Happened.PARTLY,
    "CANCELED": Happened.STOPPED,
    "TMSCANCELED": Happened.STOPPED,
    "CLOSED": Happened.STOPPED,
    "EXCEPTION": Happened.TROUBLE,
    "REJECT": Happened.TROUBLE,
    "REFUSE": Happened.TROUBLE,
    "CANCELEDFAIL": Happened.TROUBLE,
    "TMSCANCELFAILED": Happened.TROUBLE,
}
"""What a status of ``deliveryorder.confirm`` or ``orderprocess.report`` means; any other is a step further."""


def confirm(root: xmltext.Node) -> tuple[str, tuple[Event, ...]]:
    """Read a confirmation: the warehouse's own number for it, and its event."""
    order = root.first("deliveryOrder")
    if order is None:
        raise BadMessageError("no deliveryOrder")
    status = order.value("status") or "DELIVERED"
    kind = KINDS.get(status, Happened.MOVED)
    parcels = tuple(_parcel(node) for node in root.all("packages/package"))
    if kind is Happened.SHIPPED and order.value("confirmType") == "1":
        kind = Happened.PARTLY
    event = Event(kind, order.value("deliveryOrderCode"), status, tuple(p for p in parcels if p.tracking_no))
    return order.value("outBizCode"), (event,)


def standing(body: bytes) -> Event | None:
    """Read how a delivery stands from the reply to ``deliveryorder.query``; None when it does not say.

    It has the form of a confirmation. A warehouse that names no parcels has not said what left with whom.
    """
    try:
        root = xmltext.read(body)
        if root.value("flag") != "success" or not root.value("deliveryOrder/status"):
            return None
        _, (event,) = confirm(root)
    except (xmltext.BadXmlError, BadMessageError):
        return None
    return event


def _parcel(node: xmltext.Node) -> ParcelTold:
    items = tuple((item.value("itemCode"), _quantity(item.value("quantity"))) for item in node.all("items/item"))
    return ParcelTold(node.value("logisticsCode"), node.value("logisticsName"), node.value("expressCode"), items)


def _quantity(text: str) -> int:
    try:
        return int(float(text or 0))
    except ValueError as error:
        raise BadMessageError(f"quantity {text[:20]}") from error

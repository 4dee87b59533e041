"""What warehouses tell us by themselves: checked, taken in once, and written to the orders in one transaction."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.db import IntegrityError, connection, transaction
from psycopg import errors

from qingdan.core.lifecycle import Stage
from qingdan.fulfilment import claims
from qingdan.fulfilment.delivery import read_number
from qingdan.fulfilment.models import Destination, Parcel, Push, Receipt
from qingdan.fulfilment.wms import Event, Happened, Heard, Meaning, ParcelTold, Told, UnauthenticError
from qingdan.orders import shipping
from qingdan.orders.actors import Actor
from qingdan.orders.models import Order, OrderLine

_MAY_SHIP: Final = (Stage.RELEASED, Stage.SENT, Stage.HELD, Stage.EXCEPTION, Stage.IN_REVIEW, Stage.UNPAID)
POLLED: Final = "polled"
"""Method of what was asked for instead of heard."""
_REPLAYED: Final = "receipt_signature_once"


class UnknownDeliveryError(Exception):
    """A message about a delivery that this warehouse never got from us."""


def take_in(destination: Destination, heard: Heard, body: bytes) -> bool:
    """Take an authentic message in; return whether it was new. Raises ``UnauthenticError`` for a replay.

    A message that came twice, each time signed anew, is well received and changes nothing. One whose very
    signature came before is a copy of what somebody overheard.
    """
    digest = hashlib.sha256(body).hexdigest()
    try:
        with transaction.atomic(durable=True):
            if Receipt.objects.filter(destination=destination, signature=heard.signature).exists():
                raise UnauthenticError("replayed")
            known = Receipt.objects.filter(destination=destination, method=heard.method, event_id=heard.event_id)
            fresh = not known.exists()
            Receipt.objects.create(
                destination=destination,
                method=heard.method,
                event_id=heard.event_id if fresh else "",
                signature=heard.signature,
                body_sha256=digest,
                outcome="applied" if fresh else "repeated",
            )
            _note_voice(destination.pk)
            if fresh:
                _apply(destination, heard.events)
    except IntegrityError as error:
        cause = error.__cause__
        if not isinstance(cause, errors.UniqueViolation):
            raise
        if cause.diag.constraint_name == _REPLAYED:
            raise UnauthenticError("replayed") from error
        return False  # the same event came on another connection at the same moment, and that one applies it
    return fresh


def take_polled(destination: Destination, told: Sequence[Told]) -> dict[str, bool]:
    """Take in what a warehouse said when it was asked; return for each event id whether it is a delivery of ours.

    What was taken in before changes nothing: the orders' locks make two relays take turns.
    """
    if not told:
        return {}
    keys = {one.event_id: read_number(one.event.number) for one in told}
    orders = sorted({key[0] for key in keys.values() if key is not None})
    with transaction.atomic(durable=True):
        shipping.lock(orders)
        pushed = Push.objects.filter(
            order_id__in=orders, operation="create", destination=destination, attempt__gt=0
        ).values_list("order_id", "revision")
        ours = set(pushed)
        known = set(
            Receipt.objects.filter(
                destination=destination, method=POLLED, event_id__in=[claims.clean(event_id) for event_id in keys]
            ).values_list("event_id", flat=True)
        )
        fresh = {
            event_id: one
            for one in told
            if keys[one.event_id] in ours and (event_id := claims.clean(one.event_id)) not in known
        }
        Receipt.objects.bulk_create(
            [
                Receipt(
                    destination=destination,
                    method=POLLED,
                    event_id=event_id,
                    signature=f"{POLLED}:{event_id}",
                    body_sha256="",
                    outcome="applied",
                )
                for event_id in fresh
            ]
        )
        if fresh:
            _note_voice(destination.pk)
        for event_id, one in fresh.items():
            if (key := keys[one.event_id]) is not None and not _apply_one(destination, one.event, *key):
                raise UnknownDeliveryError(event_id)
    return {event_id: key in ours for event_id, key in keys.items()}


def _apply(destination: Destination, events: Iterable[Event]) -> None:
    found = [(event, read_number(event.number)) for event in events]
    if any(key is None for _, key in found):
        raise UnknownDeliveryError
    keys = {event.number: key for event, key in found if key is not None}
    shipping.lock(sorted({order for order, _ in keys.values()}))
    for event, key in found:
        if key is None or not _apply_one(destination, event, *key):
            raise UnknownDeliveryError


def _apply_one(destination: Destination, event: Event, order_id: int, revision: int) -> bool:
    """Apply one event; return whether the delivery is one that this destination got from us."""
    mine = Push.objects.filter(
        order_id=order_id, operation="create", revision=revision, destination=destination, attempt__gt=0
    )
    if not mine.exists():
        return False
    actor = Actor("system", f"destination:{destination.pk}", destination.name)
    if event.kind is Happened.ANSWERED:
        _answer(event, order_id, revision, destination)
        return True
    _it_is_there(order_id, revision, destination)
    _keep(destination, order_id, revision, event.parcels)
    facts = _facts(destination, event)
    told = [shipping.Told(order_id, facts)]
    kind = event.kind
    if kind is Happened.PARTLY and _all_left(order_id, revision):
        kind = Happened.SHIPPED
    stage = Order.objects.values_list("stage", flat=True).get(pk=order_id)
    match kind:
        case Happened.SHIPPED if stage == Stage.CANCELLED:
            # it left although it was cancelled: somebody must call it back
            shipping.move(told, sources=[Stage.CANCELLED], target=Stage.EXCEPTION, actor=actor)
        case Happened.SHIPPED:
            shipping.move(told, sources=_MAY_SHIP, target=Stage.SHIPPED, actor=actor)
        case Happened.STOPPED | Happened.TROUBLE:
            moved = shipping.move(told, sources=[Stage.RELEASED, Stage.SENT], target=Stage.EXCEPTION, actor=actor)
            if not moved:
                shipping.move(told, sources=[Stage(stage)], target=None, actor=actor)
        case Happened.PARTLY:
            moved = shipping.move(told, sources=[Stage.RELEASED], target=Stage.SENT, actor=actor)
            if not moved:
                shipping.move(told, sources=[Stage(stage)], target=None, actor=actor)
        case _:
            pass  # a step further at the warehouse is no change of the order
    return True


def _facts(destination: Destination, event: Event) -> dict[str, str]:
    parcels = "、".join(f"{p.carrier_name or p.carrier} {p.tracking_no}" for p in event.parcels)
    facts = {"warehouse": destination.name, "warehouse_status": event.status, "parcels": parcels}
    facts["warehouse_words"] = event.words
    return {name: claims.clean(value) for name, value in facts.items() if value}


def _it_is_there(order_id: int, revision: int, destination: Destination, warehouse_no: str = "") -> None:
    """Settle a doubt: who speaks of a delivery has it, under the number that it may have told."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE fulfilment_push SET state = 'done', reason = '', detail = '', said = NULL, "
            "ended_at = statement_timestamp(), due_at = NULL, lease_until = NULL, attempt = attempt + 1, "
            "warehouse_no = coalesce(nullif(%s, ''), warehouse_no) "
            "WHERE order_id = %s AND operation = 'create' "
            "AND revision = %s AND state IN ('sending', 'unknown')",
            [claims.clean(warehouse_no), order_id, revision],
        )
        if cursor.rowcount:
            told = [shipping.Told(order_id, {"warehouse": destination.name})]
            shipping.move(told, sources=[Stage.RELEASED], target=Stage.SENT, actor=claims.RELAY)


def _all_left(order_id: int, revision: int) -> bool:
    """Whether the parcels of a delivery hold all that it was to ship; False where they do not say what is in them."""
    needed = Counter[str]()
    for code, quantity in _lines(order_id).values():
        needed[code] += quantity
    left = Counter[str]()
    for parcel in Parcel.objects.filter(order_id=order_id, revision=revision):
        for code, quantity in parcel.items:
            left[code] += quantity
    return bool(needed) and all(left[code] >= quantity for code, quantity in needed.items())


def _lines(order_id: int) -> dict[str, tuple[str, int]]:
    """Item code and quantity of each line that is shipped, by the line's number."""
    found = OrderLine.objects.filter(order_id=order_id).exclude(line_refund_state="success")
    rows = found.values_list("line_no", "sku_code", "quantity")
    return {no: (code or "", quantity or 1) for no, code, quantity in rows}


def _items(order_id: int, parcel: ParcelTold) -> list[list[Any]]:
    """What is in a parcel as item codes and quantities, whether the warehouse named codes or lines."""
    items: list[list[Any]] = [list(item) for item in parcel.items]
    if parcel.of_lines:
        lines = _lines(order_id)
        items += [[lines[no][0], quantity or lines[no][1]] for no, quantity in parcel.of_lines if no in lines]
    return items


def _keep(destination: Destination, order_id: int, revision: int, parcels: Iterable[ParcelTold]) -> None:
    merchant = destination.merchant_id
    Parcel.objects.bulk_create(
        [
            Parcel(
                order_id=order_id,
                merchant_id=merchant,
                destination=destination,
                revision=revision,
                carrier=claims.clean(parcel.carrier),
                carrier_name=claims.clean(parcel.carrier_name),
                tracking_no=claims.clean(parcel.tracking_no),
                items=_items(order_id, parcel),
            )
            for parcel in parcels
        ],
        ignore_conflicts=True,
    )


def _answer(event: Event, order_id: int, revision: int, destination: Destination) -> None:
    """Write the late answer to a batch: it was taken, or refused with the warehouse's words."""
    said = event.said
    if said is None:
        return
    if said.meaning is Meaning.TAKEN:
        _it_is_there(order_id, revision, destination, said.warehouse_no)
        return
    if said.meaning is not Meaning.REFUSED:
        return  # the relay asks for it
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE fulfilment_push SET state = 'failed', reason = 'refused', detail = %s, "
            "ended_at = statement_timestamp(), due_at = NULL, lease_until = NULL, attempt = attempt + 1 "
            "WHERE order_id = %s AND operation = 'create' "
            "AND revision = %s AND state IN ('sending', 'unknown')",
            [claims.clean(f"{said.code} {said.words}".strip()), order_id, revision],
        )


def note_refused(destination: Destination) -> None:
    """Note that a message was not authentic, once a minute at most: a changed secret looks like silence."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO fulfilment_health AS h (destination_id, refused_at) VALUES (%s, statement_timestamp()) "
            "ON CONFLICT (destination_id) DO UPDATE SET refused_at = statement_timestamp() "
            "WHERE h.refused_at IS NULL OR h.refused_at < statement_timestamp() - interval '1 minute'",
            [destination.pk],
        )


def learn(destination: Destination, events: Iterable[Event]) -> int:
    """Take in what a warehouse answered when it was asked how deliveries stand; return how many were ours."""
    known = [(event, key) for event in events if (key := read_number(event.number)) is not None]
    with transaction.atomic(durable=True):
        shipping.lock(sorted({key[0] for _, key in known}))
        return sum(_apply_one(destination, event, *key) for event, key in known)


def _note_voice(destination: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO fulfilment_health (destination_id, heard_at) VALUES (%s, statement_timestamp()) "
            "ON CONFLICT (destination_id) DO UPDATE SET heard_at = statement_timestamp()",
            [destination],
        )

"""What warehouses tell us by themselves: checked, taken in once, and written to the orders in one transaction."""

import hashlib
from collections.abc import Iterable
from typing import Final

from django.db import IntegrityError, connection, transaction
from psycopg import errors

from qingdan.core.lifecycle import Stage
from qingdan.fulfilment import claims
from qingdan.fulfilment.delivery import read_number
from qingdan.fulfilment.models import Destination, Parcel, Push, Receipt
from qingdan.fulfilment.wms import Event, Happened, Heard, Meaning, ParcelTold, UnauthenticError
from qingdan.orders import shipping
from qingdan.orders.actors import Actor
from qingdan.orders.models import Order
from qingdan.orders.shipping import Told

_MAY_SHIP: Final = (Stage.RELEASED, Stage.SENT, Stage.HELD, Stage.EXCEPTION, Stage.IN_REVIEW, Stage.UNPAID)
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
    told = [Told(order_id, facts)]
    stage = Order.objects.values_list("stage", flat=True).get(pk=order_id)
    match event.kind:
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


def _it_is_there(order_id: int, revision: int, destination: Destination) -> None:
    """Settle a doubt: who speaks of a delivery has it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE fulfilment_push SET state = 'done', reason = '', detail = '', said = NULL, "
            "ended_at = statement_timestamp(), due_at = NULL, lease_until = NULL, attempt = attempt + 1 "
            "WHERE order_id = %s AND operation = 'create' "
            "AND revision = %s AND state IN ('sending', 'unknown')",
            [order_id, revision],
        )
        if cursor.rowcount:
            told = [Told(order_id, {"warehouse": destination.name})]
            shipping.move(told, sources=[Stage.RELEASED], target=Stage.SENT, actor=claims.RELAY)


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
                items=[list(item) for item in parcel.items],
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
        _it_is_there(order_id, revision, destination)
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

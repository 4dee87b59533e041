"""Verbs of people on the way out: settle a push, connect a warehouse, say where orders go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from django.db import connection, transaction

from qingdan.core.lifecycle import Stage
from qingdan.core.message import Message, Words
from qingdan.fulfilment import messages, standing
from qingdan.fulfilment.adapters import ADAPTERS, REQUIRED, seal_row
from qingdan.fulfilment.models import Destination, Push, Routing
from qingdan.fulfilment.routing import RoutingError, read_rows
from qingdan.fulfilment.wms import Meaning
from qingdan.orders import shipping
from qingdan.orders.actors import Actor
from qingdan.orders.models import Order
from qingdan.orders.shipping import Told
from qingdan.web.sealing import seal


class Settle(StrEnum):
    """What a person may do about a push."""

    RETRY = "retry"
    """Push a failed one again, or ask about a doubtful one now."""
    CANCEL = "cancel"
    """Do not send it; stop it if it is there."""
    ARRIVED = "arrived"
    """The warehouse told the person that it has it."""
    RESEND = "resend"
    """Send it anew, under a new number, perhaps to another warehouse."""


class FulfilmentError(Exception):
    """A refusal that a person can read."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.text("en"))
        self.message = message


class NoSuchPushError(FulfilmentError):
    """The merchant has no such push."""


class NoSuchWarehouseError(NoSuchPushError):
    """The merchant has no such warehouse."""


class NotNowError(FulfilmentError):
    """The push is not in a state for that."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a warehouse answered when it was asked to hold a delivery back; ``detail`` holds its own words."""

    ok: bool
    code: str
    detail: str


class BadSettingsError(FulfilmentError):
    """A destination or a routing table that can not work."""


_MAY: Final[dict[Settle, frozenset[str]]] = {
    Settle.RETRY: frozenset({"failed", "unknown", "ready"}),
    Settle.CANCEL: frozenset({"ready", "failed", "unknown", "sending", "done"}),
    Settle.ARRIVED: frozenset({"unknown"}),
    Settle.RESEND: frozenset({"unknown", "failed", "done"}),
}
_REVIEWABLE: Final = (Stage.RELEASED,)
_SET: Final = """
UPDATE fulfilment_push
   SET state = %s, reason = %s, detail = '', said = NULL, lease_until = NULL, tries = 0, asks = 0,
       attempt = attempt + 1, due_at = CASE WHEN %s IN ('ready', 'unknown') THEN statement_timestamp() END,
       ended_at = CASE WHEN %s IN ('ready', 'unknown') THEN NULL ELSE statement_timestamp() END
 WHERE order_id = %s AND operation = %s AND revision = %s
"""


def settle(
    order_id: int,
    operation: str,
    revision: int,
    what: Settle,
    *,
    merchant: int,
    actor: Actor,
    destination: int | None = None,
) -> None:
    """Settle one push by hand; raises ``NoSuchPushError`` or ``NotNowError``.

    Only a push of the newest revision is settled. Whoever holds a lease on it loses it: the fence moves on.
    """
    with transaction.atomic(durable=True):
        held = shipping.lock([order_id])
        push = Push.objects.filter(
            order_id=order_id, operation=operation, revision=revision, merchant_id=merchant
        ).first()
        if push is None or order_id not in held:
            raise NoSuchPushError(messages.NO_SUCH_PUSH)
        later = Push.objects.filter(order_id=order_id, operation=operation, revision__gt=revision).exists()
        allowed = push.state in _MAY[what] and not later
        if not allowed or (operation == "cancel" and what is not Settle.RETRY):
            raise NotNowError(_not_now(push.state))
        _DO[what](push, actor, destination)


def _retry(push: Push, _actor: Actor, _destination: int | None) -> None:
    _set(push, "unknown" if push.state == "unknown" else "ready", "")


def _cancel(push: Push, actor: Actor, _destination: int | None) -> None:
    told = [Told(push.order_id, {"push": "by_person"})]
    if push.state in {"failed", "ready"}:
        _set(push, "cancelled", "by_person")
        shipping.move(told, sources=_REVIEWABLE, target=Stage.EXCEPTION, actor=actor)
    elif not shipping.move(told, sources=_REVIEWABLE, target=Stage.EXCEPTION, actor=actor):
        # it was sent and its order stands so: queue the stop, which moves the order if it succeeds
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO fulfilment_push AS p (order_id, merchant_id, operation, revision, urgent, destination_id) "
                "VALUES (%s, %s, 'cancel', %s, true, %s) ON CONFLICT (order_id, operation, revision) DO UPDATE "
                "SET state = 'ready', reason = '', detail = '', ended_at = NULL, tries = 0, "
                "due_at = statement_timestamp() "
                "WHERE p.state IN ('failed', 'cancelled')",
                [push.order_id, push.merchant_id, push.revision, push.destination_id],
            )


def _arrived(push: Push, actor: Actor, _destination: int | None) -> None:
    _set(push, "done", "by_person")
    shipping.move([Told(push.order_id)], sources=[Stage.RELEASED], target=Stage.SENT, actor=actor)


def _resend(push: Push, actor: Actor, destination: int | None) -> None:
    _set(push, "failed", "resent")
    # the order's way back to released writes the new push, as every release does
    back = shipping.move([Told(push.order_id)], sources=[Stage.SENT], target=Stage.RELEASED, actor=actor)
    if not back:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO fulfilment_push (order_id, merchant_id, operation, revision, urgent) "
                "SELECT order_id, merchant_id, 'create', revision + 1, urgent FROM fulfilment_push "
                "WHERE order_id = %s AND operation = 'create' AND revision = %s",
                [push.order_id, push.revision],
            )
    if destination is not None:
        Push.objects.filter(order_id=push.order_id, operation="create", state="ready").update(
            destination_id=Destination.objects.get(pk=destination, merchant_id=push.merchant_id).pk
        )


_DO: Final = {Settle.RETRY: _retry, Settle.CANCEL: _cancel, Settle.ARRIVED: _arrived, Settle.RESEND: _resend}


def _set(push: Push, state: str, reason: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SET, [state, reason, state, state, push.order_id, push.operation, push.revision])


def _not_now(state: str) -> Message:
    return Message("push.not_now", messages.NOT_NOW, messages.NOT_NOW_ADVICE, {"state": messages.STATES[state]})


def hold(order_id: int, *, merchant: int, actor: Actor, restore: bool = False) -> Held:
    """Have the warehouse hold back an order that it has and has not picked, or let it go on; say what it answered.

    The warehouse is asked outside any transaction. Raises ``NoSuchPushError`` or ``NotNowError``.
    """
    found = Push.objects.filter(order_id=order_id, operation="create", merchant_id=merchant)
    push = found.select_related("destination").order_by("-revision").first()
    if push is None:
        raise NoSuchPushError(messages.NO_SUCH_PUSH)
    if push.state != "done" or push.destination is None or Order.objects.get(pk=order_id).stage != Stage.SENT:
        raise NotNowError(_not_now(push.state))
    said = standing.hold(push.destination, order_id, push.revision, restore=restore)
    if said is None:
        return Held(ok=False, code="cannot_hold", detail="")
    ok = said.meaning is Meaning.TAKEN
    code = ("let_go" if restore else "held") if ok else _NOT_HELD.get(said.meaning, "unsure")
    if ok:
        facts = {"warehouse": push.destination.name, "push": code}
        with transaction.atomic(durable=True):
            shipping.lock([order_id])
            shipping.move([Told(order_id, facts)], sources=[Stage.SENT], target=None, actor=actor)
            Push.objects.filter(order_id=order_id, operation="create", revision=push.revision, state="done").update(
                reason="" if restore else "held"
            )
    return Held(ok, code, f"{said.code} {said.words}".strip()[:200] if not ok else "")


_NOT_HELD: Final = {Meaning.REFUSED: "not_held", Meaning.LATER: "later"}


def save_destination(
    merchant: int,
    *,
    name: str,
    adapter: str,
    settings: Mapping[str, Any],
    secret: str = "",
    active: bool = True,
    concurrency: int = 8,
) -> Destination:
    """Connect a warehouse, or change the one of that name; an empty ``secret`` keeps the one it has.

    Raises ``BadSettingsError``.
    """
    if adapter not in ADAPTERS:
        raise BadSettingsError(
            Message("warehouse.no_adapter", messages.NO_ADAPTER, messages.SETTING_ADVICE, {"name": adapter})
        )
    missing = [key for key in REQUIRED[adapter] if not str(settings.get(key) or "").strip()]
    if missing:
        names = {"names": "、".join(missing)}
        raise BadSettingsError(Message("warehouse.missing", messages.MISSING_SETTING, messages.SETTING_ADVICE, names))
    with transaction.atomic(durable=True):
        made, _ = Destination.objects.update_or_create(
            merchant_id=merchant,
            name=name,
            defaults={
                "adapter": adapter,
                "settings": dict(settings),
                "active": active,
                "concurrency": concurrency,
            },
        )
        if secret:
            made.secret = seal(secret, seal_row(made.pk))
            made.save(update_fields=["secret"])
    return made


def test_destination(merchant: int, destination_id: int) -> standing.Tried:
    """Try whether a saved destination can be reached and knows our key; nothing is sent to be shipped."""
    found = Destination.objects.filter(merchant_id=merchant, pk=destination_id).first()
    if found is None:
        raise NoSuchWarehouseError(messages.NO_SUCH_WAREHOUSE)
    return standing.test(found)


def publish_routing(merchant: int, rows: Sequence[Mapping[str, Any]], actor: Actor) -> Routing:
    """Say where orders go from now on; raises ``BadSettingsError`` with the first fault and their number."""
    warehouses = dict(Destination.objects.filter(merchant_id=merchant).values_list("name", "id"))
    try:
        kept = read_rows(rows, warehouses)
    except RoutingError as error:
        first = error.faults[0]
        params = {"count": len(error.faults), "first": _row_words(first.row, first.message)}
        raise BadSettingsError(
            Message("routing.faulty", messages.BAD_ROUTING, messages.BAD_ROUTING_ADVICE, params)
        ) from error
    with transaction.atomic(durable=True):
        made = Routing.objects.create(
            merchant_id=merchant, rows=kept, actor_kind=actor.kind, actor_id=actor.id, actor_name=actor.name
        )
        # what waits is routed anew by the new table
        Push.objects.filter(merchant_id=merchant, operation="create", state="ready").update(destination=None)
    return made


def _row_words(row: int, message: Message) -> Words:
    zh, en = message.text("zh"), message.text("en")
    return Words(f"第 {row} 行：{zh}", f"row {row}: {en}") if row else Words(zh, en)

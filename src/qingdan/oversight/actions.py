"""Verbs on incidents and differences, and the catching up after silence; each is one durable transaction."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from qingdan.alerts.actions import close_alert
from qingdan.core.message import Message
from qingdan.fulfilment import hearing, standing
from qingdan.fulfilment.models import Destination
from qingdan.fulfilment.wms import Happened
from qingdan.orders.actors import Actor
from qingdan.oversight import messages, watching
from qingdan.oversight.models import Difference, Incident

RECONCILE: Final = "oversight.reconcile_one"
CATCH_UP: Final = 500
"""Orders of one incident that are asked for at a time."""
_CAUGHT_UP: Final = dt.timedelta(hours=6)
"""For so long after an incident its orders are asked for that are still not told of."""
_SENT_BEHIND: Final = """
SELECT p.destination_id, p.order_id, max(p.revision) FROM oversight_affected AS a
  JOIN orders_order AS o ON o.id = a.order_id AND o.stage = 'sent'
  JOIN fulfilment_push AS p ON p.order_id = o.id AND p.operation = 'create' AND p.state = 'done'
 WHERE a.incident_id = %s GROUP BY 1, 2 ORDER BY 1, 2 LIMIT %s
"""
_ASK_NOW: Final = """
UPDATE fulfilment_push AS p SET due_at = statement_timestamp()
  FROM oversight_affected AS a
 WHERE a.incident_id = %s AND p.order_id = a.order_id AND p.merchant_id = %s AND p.lease_until IS NULL
   AND p.state IN ('ready', 'unknown') AND p.due_at IS NOT NULL
"""
_ELSEWHERE: Final = """
UPDATE fulfilment_push AS p SET destination_id = %s, due_at = statement_timestamp(), reason = ''
  FROM oversight_affected AS a
 WHERE a.incident_id = %s AND p.order_id = a.order_id AND p.merchant_id = %s AND p.operation = 'create'
   AND p.state = 'ready'
"""


class OversightError(Exception):
    """A refusal that a person can read."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.text("en"))
        self.message = message


class NotThereError(OversightError):
    """The merchant has no such incident or difference."""


class OverError(OversightError):
    """It has ended, or somebody else has settled it."""


class BadReasonError(OversightError):
    """It can not be done without saying why, or not there."""


def take(merchant: int, incident_id: int, actor: Actor) -> Incident:
    """Note who looks after an open incident; a colleague may take it over."""
    with transaction.atomic(durable=True):
        incident = _open(merchant, incident_id)
        incident.taken_id, incident.taken_name, incident.taken_at = actor.id, actor.name, timezone.now()
        incident.save(update_fields=["taken_id", "taken_name", "taken_at"])
    return incident


def close(merchant: int, incident_id: int, note: str, actor: Actor) -> Incident:
    """Close an incident by hand, with a reason: the shop is on holiday, say. Its next voice starts anew."""
    told = note.strip()
    if not told:
        raise BadReasonError(messages.NO_NOTE)
    with transaction.atomic(durable=True):
        incident = _open(merchant, incident_id)
        incident.closed_at, incident.end, incident.note = timezone.now(), "person", told
        if not incident.taken_id:
            incident.taken_id, incident.taken_name, incident.taken_at = actor.id, actor.name, incident.closed_at
        incident.save(update_fields=["closed_at", "end", "note", "taken_id", "taken_name", "taken_at"])
        close_alert(merchant, watching.alert_key(incident))
    return incident


def ask_now(merchant: int, incident_id: int) -> int:
    """Let every affected push that waits for its next try be tried, or asked for, now; return how many."""
    with transaction.atomic(durable=True):
        incident = _open(merchant, incident_id)
        with connection.cursor() as cursor:
            cursor.execute(_ASK_NOW, [incident.pk, merchant])
            return int(cursor.rowcount)


def move_elsewhere(merchant: int, incident_id: int, destination: int) -> int:
    """Send what certainly has not reached the silent warehouse to another one; return how many orders."""
    with transaction.atomic(durable=True):
        incident = _open(merchant, incident_id)
        known = Destination.objects.filter(merchant_id=merchant, pk=destination, active=True).exists()
        if not known or str(destination) == incident.source:
            raise BadReasonError(messages.NO_SUCH_WAREHOUSE)
        with connection.cursor() as cursor:
            cursor.execute(_ELSEWHERE, [destination, incident.pk, merchant])
            return int(cursor.rowcount)


def catch_up(incident: Incident) -> int:
    """Ask for affected orders that were sent and not told of since; return how many moved on."""
    with connection.cursor() as cursor:
        cursor.execute(_SENT_BEHIND, [incident.pk, CATCH_UP])
        rows = cursor.fetchall()
    if not rows:
        return 0
    moved = 0
    by_destination: dict[int, dict[int, int]] = {}
    for destination, order, revision in rows:
        by_destination.setdefault(destination, {})[order] = revision
    for key, revisions in by_destination.items():
        destination = Destination.objects.get(pk=key)
        if standing.tells(destination):
            told = [one.event for one in standing.ask(destination, revisions) if one.event is not None]
            # what left with whom is read from the list of shipments where the answer does not say it
            moved += hearing.learn(
                destination, [one for one in told if one.parcels or one.kind is not Happened.SHIPPED]
            )
    watching.recount(incident)
    return moved


def catch_up_all(now: dt.datetime) -> int:
    """Catch up with every incident that is open, or ended a short while ago."""
    lately = Incident.objects.filter(behind__gt=0).exclude(closed_at__lt=now - _CAUGHT_UP).exclude(kind="shop")
    return sum(catch_up(incident) for incident in lately.exclude(cause="unreachable", closed_at__isnull=True))


def settle_differences(merchant: int, ids: Sequence[int], reason: str, actor: Actor) -> list[Difference]:
    """Settle differences with a reason, all or none."""
    told = reason.strip()
    if not told:
        raise BadReasonError(messages.NO_NOTE)
    with transaction.atomic(durable=True):
        found = list(
            Difference.objects.select_for_update().filter(merchant_id=merchant, pk__in=set(ids)).order_by("id")
        )
        if len(found) != len(set(ids)):
            raise NotThereError(messages.NO_SUCH_DIFFERENCE)
        if any(one.settled_at is not None or one.vanished_at is not None for one in found):
            raise OverError(messages.MOVED)
        now = timezone.now()
        for one in found:
            one.settled_id, one.settled_name, one.settled_at, one.reason = actor.id, actor.name, now, told
        Difference.objects.bulk_update(found, ["settled_id", "settled_name", "settled_at", "reason"])
    return found


def _open(merchant: int, incident_id: int) -> Incident:
    incident = Incident.objects.select_for_update().filter(merchant_id=merchant, pk=incident_id).first()
    if incident is None:
        raise NotThereError(messages.NO_SUCH_INCIDENT)
    if incident.closed_at is not None:
        raise OverError(messages.OVER)
    return incident


def wake_reconciling(merchant: int) -> None:
    """Ask for a comparison of a merchant's books now."""
    app.configure_task(RECONCILE, queue="oversight", lock=f"reconcile:{merchant}").defer(merchant_id=merchant)

"""Claiming what must leave and writing what became of it: the only statements that move a delivery.

Each function is one durable transaction, and nothing is sent inside one. A message to an outlet is written before it
is sent, so that a sender which dies over it is still counted by the pace; its deliveries come back when the lease is
over, and what a sender says of deliveries that are no longer its own is not written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from qingdan.alerts import pace
from qingdan.alerts.actions import raise_alert
from qingdan.alerts.models import Delivery, Message, Outlet
from qingdan.alerts.robots import FORMS, Answer
from qingdan.core.message import Words

MOST: Final = 1_000
"""Alerts that one message may tell of; the text names some and counts all."""
_LIMITS: Final[dict[str, tuple[pace.Limit, ...]]] = {kind: form.limits for kind, form in FORMS.items()}
_MAIL: Final = (pace.Limit(10, 60.0),)
LONGEST_LEASE: Final = 60.0
_LONGEST: Final = timedelta(seconds=120)
"""The longest window of the vendors' limits and the longest lease: messages that began earlier matter no more."""
_MUTE: Final = {"dingtalk": timedelta(minutes=10)}
_THROTTLED: Final = timedelta(minutes=1)
_BACK_OFF: Final = timedelta(seconds=30)
_LONGEST_BACK_OFF: Final = timedelta(minutes=30)
_TELL_AFTER: Final = 3
"""Failures in a row after which the supervisor is told in the page that an outlet does not work."""


@dataclass(frozen=True, slots=True)
class Item:
    """One delivery of a batch."""

    delivery: int
    alert: int
    step: int
    again: bool
    kind: str
    urgent: bool
    line: Words
    path: str
    people: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one message to an outlet tells; its deliveries are the sender's as long as they name ``message``."""

    outlet: Outlet
    message: int
    items: tuple[Item, ...]


def database_now() -> datetime:
    """Return the database's clock, which all senders share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


def tidy(now: datetime) -> None:
    """Give back what a dead sender held, and drop what need not be told any more."""
    with transaction.atomic(durable=True):
        lapsed = Delivery.objects.filter(state="sending", lease_until__lte=now)
        lapsed.update(state="ready", lease_until=None, again=True)
        moot = Q(alert__acked_at__isnull=False) | Q(alert__closed_at__isnull=False)
        Delivery.objects.filter(moot, state="ready").update(state="dropped")


def waiting_outlets(now: datetime, busy: Sequence[int]) -> list[int]:
    """Return the outlets that something waits for and that no call of this sender is under way to."""
    ready = Delivery.objects.filter(
        Q(outlet__paused_until__isnull=True) | Q(outlet__paused_until__lte=now),
        state="ready",
        due_at__lte=now,
        outlet__active=True,
    )
    return list(ready.exclude(outlet__in=busy).order_by("outlet_id").values_list("outlet_id", flat=True).distinct())


def claim(outlet_id: int, now: datetime, *, lease: float, gather: float) -> Batch | None:
    """Claim all that waits for an outlet as one message, or None where its pace does not allow one yet.

    A sender that claims must end its call within ``lease`` seconds. After a message the next waits ``gather`` seconds,
    a third of that when something urgent is there, so that what comes together leaves together.
    """
    until = now + timedelta(seconds=lease)
    with transaction.atomic(durable=True):
        outlet = Outlet.objects.select_for_update(skip_locked=True).filter(pk=outlet_id, active=True).first()
        if outlet is None or (outlet.paused_until is not None and outlet.paused_until > now):
            return None
        ready = Delivery.objects.filter(outlet=outlet, state="ready", due_at__lte=now)
        urgent = ready.filter(urgent=True).exists()
        if _may_send_at(outlet, now, gather / 3 if urgent else gather) > now:
            return None
        chosen = list(
            ready.select_for_update(skip_locked=True, of=("self",))
            .select_related("alert")
            .order_by("-urgent", "due_at", "id")[:MOST]
        )
        if not chosen:
            return None
        message = Message.objects.create(outlet=outlet, began_at=now, lease_until=until, alerts=len(chosen))
        Delivery.objects.filter(pk__in=[d.pk for d in chosen]).update(
            state="sending", attempt=F("attempt") + 1, lease_until=until, message=message
        )
    return Batch(outlet, message.pk, tuple(_item(delivery) for delivery in chosen))


def finish(batch: Batch, answer: Answer | None, now: datetime, *, trouble: str = "") -> int:
    """Write what came of a message; ``answer`` is None where no connection was made. Returns how many were told."""
    outcome = answer.outcome if answer is not None else "unreachable"
    said = trouble or (f"{answer.code} {answer.said}".strip() if answer is not None else "")
    with transaction.atomic(durable=True):
        ours = Delivery.objects.filter(
            pk__in=[item.delivery for item in batch.items], message_id=batch.message, state="sending"
        )
        Message.objects.filter(pk=batch.message).update(ended_at=now, outcome=outcome, said=said[:200])
        outlet = Outlet.objects.select_for_update().get(pk=batch.outlet.pk)
        if outcome == "sent":
            told = ours.update(state="sent", sent_at=now, lease_until=None)
            outlet.last_ok_at, outlet.failures, outlet.trouble, outlet.paused_until = now, 0, "", None
            outlet.save(update_fields=["last_ok_at", "failures", "trouble", "paused_until"])
            return told
        if outcome == "unclear":
            ours.update(again=True)
        ours.update(state="ready", lease_until=None)
        outlet.failures += 1
        outlet.trouble, outlet.trouble_at = (said or outcome)[:200], now
        if outcome == "throttled":
            outlet.paused_until = now + _MUTE.get(outlet.kind, _THROTTLED)
        else:
            outlet.paused_until = now + min(_BACK_OFF * 2 ** min(outlet.failures - 1, 10), _LONGEST_BACK_OFF)
        outlet.save(update_fields=["failures", "trouble", "trouble_at", "paused_until"])
        if outlet.failures == _TELL_AFTER:
            raise_alert(
                outlet.merchant_id,
                "outlet_down",
                f"outlet_down:{outlet.pk}:{batch.message}",
                Words("“{name}”连续 {n} 次没发出去：{said}", "“{name}” failed {n} times in a row: {said}"),
                {"name": outlet.name, "n": _TELL_AFTER, "said": outlet.trouble},
                path="/alerts?tab=outlets",
            )
    return 0


def reserve(outlet_id: int, now: datetime, *, lease: float) -> tuple[int, float]:
    """Take a place in an outlet's pace for a test message; returns it, or 0 and the seconds to wait for one."""
    with transaction.atomic(durable=True):
        outlet = Outlet.objects.select_for_update().get(pk=outlet_id)
        wait = (_may_send_at(outlet, now, 1.0) - now).total_seconds()
        if wait > 0:
            return 0, wait
        until = now + timedelta(seconds=lease)
        return Message.objects.create(outlet=outlet, began_at=now, lease_until=until, alerts=0).pk, 0.0


def _may_send_at(outlet: Outlet, now: datetime, gather: float) -> datetime:
    """Return when the next message may begin, counted from when those before ended, or would at the latest."""
    limits = [*_LIMITS.get(outlet.kind, _MAIL), pace.Limit(1, gather)]
    before = Message.objects.filter(outlet=outlet, began_at__gt=now - _LONGEST).annotate(
        over=Coalesce("ended_at", "lease_until")
    )
    sent = sorted((over - now).total_seconds() for over in before.values_list("over", flat=True))
    return now + timedelta(seconds=pace.next_at(limits, pace.needed(limits, sent, 0.0), 0.0))


def _item(delivery: Delivery) -> Item:
    alert = delivery.alert
    return Item(
        delivery=delivery.pk,
        alert=alert.pk,
        step=delivery.step,
        again=delivery.again,
        kind=alert.kind,
        urgent=delivery.urgent,
        line=Words(alert.line["zh"], alert.line["en"]),
        path=alert.path,
        people=tuple(delivery.people),
    )

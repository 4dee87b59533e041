"""Taking a verdict back: all is as before, with an event, and the order is in the person's hands again."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from qingdan.core.lifecycle import Stage
from qingdan.desk import leases, messages, verdicts
from qingdan.desk.errors import NoSuchThingError, RefusedError
from qingdan.desk.models import Assignment, Hold, Snooze, Verdict
from qingdan.desk.verdicts import Ruled
from qingdan.orders import deciding
from qingdan.orders.deciding import Former
from qingdan.orders.messages import NOT_FOUND
from qingdan.people.models import User


def undo(user: User, order_id: int, version: int | None = None) -> Ruled:
    """Take the person's last verdict on an order back: all is as before, with an event, and the order hers again.

    ``version`` is the one that the verdict made. A snooze is taken back as well. What went on since (an import, a
    push, another's decision) forbids it: ``StaleError`` says what. Raises ``RefusedError`` when nothing is hers.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        order = deciding.lock([order_id], merchant=user.merchant_id).get(order_id)
        if order is None:
            raise NoSuchThingError(NOT_FOUND.message())
        snoozed = Snooze.objects.filter(pk=order_id, user=user).delete()[0]
        if snoozed and (version is None or version == order.version):
            verdicts.log(cursor, user, order, "undone", code="snooze")
            _back(cursor, user, order_id)
            return Ruled(order_id, order.version, order.stage)
        last = Verdict.objects.filter(order_id=order_id).order_by("-version").first()
        if last is not None and last.undone_at is not None and version == last.version and last.user_id == user.pk:
            return Ruled(order_id, order.version, order.stage, repeated=True)
        if last is None or last.undone_at is not None or (version is not None and version != last.version):
            raise RefusedError(messages.NOTHING_TO_UNDO)
        if last.user_id != user.pk and not verdicts.OVERSEERS.intersection(user.roles):
            raise RefusedError(messages.NOTHING_TO_UNDO)
        if order.version != last.version:
            raise verdicts.stale(order, last.version)
        leases.end_of_others(cursor, user, order_id)
        said = messages.RECALLED.text("zh", {"verdict": messages.VERDICTS[last.verdict].zh})
        now = deciding.restore([_former(last, said)], actor=verdicts.actor_of(user))[order_id]
        _restore(last)
        Verdict.objects.filter(order_id=order_id, version=last.version).update(undone_at=timezone.now())
        verdicts.log(cursor, user, order, "undone", code=last.verdict)
        _back(cursor, user, order_id)
    return Ruled(order_id, now, Stage(last.was["stage"]))


def _former(last: Verdict, reason: str) -> Former:
    was = last.was
    until = datetime.fromisoformat(was["held_until"]) if was["held_until"] else None
    return Former(
        last.order_id,
        last.version,
        was["stage"],
        was["decided_kind"],
        was["decided_id"],
        was["decided_name"],
        was["hand_decided"],
        until,
        reason,
    )


def _restore(last: Verdict) -> None:
    if last.was["assignment"]:
        Assignment.objects.update_or_create(
            order_id=last.order_id, defaults={"merchant_id": last.merchant_id, **last.was["assignment"]}
        )
    else:
        Assignment.objects.filter(pk=last.order_id).delete()
    if last.was["hold"]:
        given = dict(last.was["hold"])
        given["until"] = datetime.fromisoformat(given["until"]) if given["until"] else None
        Hold.objects.update_or_create(
            order_id=last.order_id,
            defaults={"merchant_id": last.merchant_id, "ended_at": None, "ended_by": "", **given},
        )
    elif last.verdict == "hold":
        Hold.objects.filter(pk=last.order_id).delete()


def _back(cursor: Any, user: User, order_id: int) -> None:
    seconds = leases.settings_of(user.merchant_id).lease_minutes * 60
    cursor.execute(
        leases.TAKE_ONE, {"merchant": user.merchant_id, "user": user.pk, "order": order_id, "seconds": seconds}
    )

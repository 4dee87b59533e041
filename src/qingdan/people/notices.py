"""What a person is told: changes that matter of orders that she decided, or that a role of hers owns.

A notice is an order event; nothing is copied. Only how far a person has read is kept, in one row.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from qingdan.orders.models import OrderEvent
from qingdan.people.models import ReadMark, User
from qingdan.people.rights import Role

MOST: Final = 50
_DAYS: Final = timedelta(days=30)
_COMMIT: Final = timedelta(minutes=10)
"""Longer than any transaction that tells something takes to end."""
_OWNER_OF_ROLE: Final = {Role.AGENT.value: "front_line"}


def unread(user: User) -> dict[str, Any]:
    """Return the newest unread notices of a person, and how many there are in all."""
    found = _unread(user)
    columns = ("order_id", "version", "at", "alerts", "order__order_no", "order__channel", "order__stage")
    rows = [
        {
            "id": _id(event["order_id"], event["version"]),
            **{name.removeprefix("order__"): event[name] for name in columns if name != "version"},
        }
        for event in found.order_by("-at", "-order_id")[:MOST].values(*columns)
    ]
    return {"rows": rows, "total": found.count() if len(rows) == MOST else len(rows)}


@transaction.atomic
def read(user: User, ids: Iterable[str], *, every: bool) -> None:
    """Mark notices as read: those of ``ids``, or every one that there is now."""
    now = timezone.now()
    mark = ReadMark.objects.select_for_update().filter(user=user).first()
    seen = set(mark.seen if mark else ()) | set(ids)
    upto = mark.upto if mark else now - _DAYS
    if every:
        seen |= {_id(order, version) for order, version in _unread(user).values_list("order_id", "version")}
        upto = max(upto, now - _COMMIT)
    recent = OrderEvent.objects.filter(merchant_id=user.merchant_id, alerts__isnull=False, at__gt=upto)
    kept = sorted(seen & {_id(order, version) for order, version in recent.values_list("order_id", "version")})
    ReadMark.objects.update_or_create(user=user, defaults={"upto": upto, "seen": kept})


def _unread(user: User) -> QuerySet[OrderEvent]:
    mark = ReadMark.objects.filter(user=user).first()
    since = max(mark.upto, timezone.now() - _DAYS) if mark else timezone.now() - _DAYS
    mine = Q(told_user=str(user.pk)) | Q(told_role__in=[_OWNER_OF_ROLE.get(role, role) for role in user.roles])
    found = OrderEvent.objects.filter(mine, merchant_id=user.merchant_id, alerts__isnull=False, at__gt=since)
    if mark is None or not mark.seen:
        return found
    key = Concat(Cast("order_id", TextField()), Value(":"), Cast("version", TextField()), output_field=TextField())
    return found.annotate(key=key).exclude(key__in=mark.seen)


def _id(order_id: int, version: int) -> str:
    return f"{order_id}:{version}"

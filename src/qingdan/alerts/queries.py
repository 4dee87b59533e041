"""Reads of alerts."""

from collections.abc import Sequence

from django.db.models import Count, Q, QuerySet

from qingdan.alerts.models import Alert
from qingdan.people.models import User

_OWNER_OF_ROLE = {"agent": "front_line"}


def visible(user: User, *, mine: bool) -> QuerySet[Alert]:
    """Return the alerts of a person's merchant; ``mine``: those of her roles, or that called her by name."""
    found = Alert.objects.filter(merchant_id=user.merchant_id)
    if not mine:
        return found
    roles = [_OWNER_OF_ROLE.get(role, role) for role in user.roles]
    return found.filter(Q(role__in=roles) | Q(deliveries__people__contains=[user.pk])).distinct()


def listed(user: User, *, state: str, mine: bool, kinds: Sequence[str] = ()) -> QuerySet[Alert]:
    """Return alerts by state: ``open`` and not taken note of, ``acked`` and still open, or ``closed``."""
    found = visible(user, mine=mine)
    if kinds:
        found = found.filter(kind__in=kinds)
    if state == "closed":
        found = found.filter(closed_at__isnull=False)
    else:
        found = found.filter(closed_at__isnull=True, acked_at__isnull=state == "open")
    return found.select_related("acked_by").order_by("-opened_at", "-id")


def counts(user: User, *, mine: bool) -> dict[str, int]:
    """Return how many alerts are open and not taken note of, by kind."""
    found = visible(user, mine=mine).filter(closed_at__isnull=True, acked_at__isnull=True)
    ids = found.values("id")
    rows = Alert.objects.filter(pk__in=ids).values("kind").annotate(n=Count("id"))
    return {row["kind"]: row["n"] for row in rows}

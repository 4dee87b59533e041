"""Verbs on alerts: raise, close, acknowledge. Any room may raise one; the sender takes it from there."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from qingdan.alerts.kinds import KINDS, Severity
from qingdan.alerts.models import Alert
from qingdan.core.message import LANGUAGES, Words
from qingdan.people.models import User


def raise_alert(
    merchant_id: int,
    kind: str,
    key: str,
    words: Words,
    params: Mapping[str, object] | None = None,
    *,
    severity: Severity | None = None,
    role: str | None = None,
    tier: str | None = None,
    order_id: int | None = None,
    path: str = "",
) -> bool:
    """Raise an alert unless one of this ``key`` was ever raised for the merchant; return whether it is new.

    ``kind`` is one of ``kinds.KINDS``; ``key`` names the occasion, for example ``silence:12`` by its incident, so that
    one occasion is told once. ``words`` with ``params`` is one sentence without personal data. ``role`` is an owner
    role; it, and ``severity``, are the kind's own unless given. ``path`` is the page that shows it. It joins the
    caller's transaction.
    """
    of = KINDS[kind]
    alert = Alert(
        merchant_id=merchant_id,
        kind=kind,
        key=key[:200],
        severity=severity or of.severity,
        line={language: words.text(language, params) for language in LANGUAGES},
        path=path,
        role=role or of.role,
        tier=tier or "",
        order_id=order_id,
        opened_at=timezone.now(),
    )
    if Alert.objects.filter(merchant_id=merchant_id, key=alert.key).exists():
        return False
    Alert.objects.bulk_create([alert], ignore_conflicts=True)
    return True


def close_alert(merchant_id: int, key: str, *, at: datetime | None = None) -> bool:
    """Close an open alert because what it told of is over; return whether it was open. It is not sent any more."""
    open_ = Alert.objects.filter(merchant_id=merchant_id, key=key[:200], closed_at__isnull=True)
    return bool(open_.update(closed_at=at or timezone.now(), escalate_at=None))


def acknowledge(
    merchant_id: int, *, ids: Sequence[int] | None = None, kind: str | None = None, user: User | None, via: str = ""
) -> int:
    """Take note of alerts, which ends their escalation: those of ``ids``, or all open ones (of ``kind``).

    ``user`` is None for a link in a message, whose outlet ``via`` names. Returns how many were not taken note of yet.
    """
    chosen = Q(merchant_id=merchant_id, acked_at__isnull=True)
    if ids is not None:
        chosen &= Q(pk__in=ids)
    else:
        chosen &= Q(closed_at__isnull=True)
    if kind is not None:
        chosen &= Q(kind=kind)
    return Alert.objects.filter(chosen).update(
        acked_at=timezone.now(), acked_by=user, acked_via=via[:80], escalate_at=None
    )

"""What the owners of policies are told: by name, or everybody who has a role."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Func, IntegerField, Q, QuerySet
from django.utils import timezone

from qingdan.policies.models import Notice

MOST: Final = 20
_DAYS: Final = timedelta(days=30)


def tell(merchant: int, kind: str, details: Mapping[str, Any], *, user: str = "", role: str = "") -> None:
    """Tell a person (id), or those who have a role, or both; part of the caller's transaction."""
    Notice.objects.create(merchant_id=merchant, kind=kind, told_user=user, told_role=role, details=dict(details))


def unread(merchant: int, user: int, roles: Iterable[str]) -> list[Notice]:
    """Return the newest notices that a person has not seen."""
    return list(_mine(merchant, user, roles).exclude(read_by__contains=[user]).order_by("-id")[:MOST])


def read(merchant: int, user: int, roles: Iterable[str], ids: Iterable[int]) -> None:
    """Mark notices as seen by a person."""
    with transaction.atomic(durable=True):
        found = _mine(merchant, user, roles).filter(pk__in=list(ids)).exclude(read_by__contains=[user])
        found.update(read_by=Func("read_by", user, function="array_append", output_field=IntegerField()))


def _mine(merchant: int, user: int, roles: Iterable[str]) -> QuerySet[Notice]:
    mine = Q(told_user=str(user)) | Q(told_role__in=list(roles))
    return Notice.objects.filter(mine, merchant_id=merchant, at__gt=timezone.now() - _DAYS)

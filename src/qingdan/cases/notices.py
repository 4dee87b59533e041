"""What a person is told about cases: mentions, approvals, cases given to her, clocks that ran out."""

from collections.abc import Iterable
from typing import Any, Final

from django.db.models import QuerySet
from django.db.models.functions import Now

from qingdan.cases.models import Case, Notice
from qingdan.people.models import User
from qingdan.people.rights import Role

MOST: Final = 50
ROLE_OF_OWNER: Final = {"front_line": Role.AGENT.value}
"""Role of the people behind an owner role, where its name is another."""


def tell(users: Iterable[int], kind: str, case: Case, *, by: str = "", text: str = "") -> None:
    """Tell people something about a case; part of the caller's transaction."""
    told = sorted(set(users))
    Notice.objects.bulk_create(
        Notice(user_id=key, kind=kind, order_id=case.order_id, case=case, by=by, text=text) for key in told
    )


def people_of(merchant: int, owner_role: str) -> list[int]:
    """Return the ids of the people behind an owner role or a role."""
    role = ROLE_OF_OWNER.get(owner_role, owner_role)
    found = User.objects.filter(merchant_id=merchant, is_active=True, roles__contains=[role])
    return list(found.values_list("pk", flat=True))


def unread(user: User) -> dict[str, Any]:
    """Return a person's newest unread notices, and how many there are in all."""
    found = _unread(user)
    rows: Any = found.select_related("order", "case").order_by("-at", "-id")[:MOST]
    return {
        "rows": [
            {
                "id": one.pk,
                "kind": one.kind,
                "at": one.at,
                "by": one.by,
                "text": one.text,
                "order_id": one.order_id,
                "order_no": one.order.order_no,
                "channel": one.order.channel,
                "case_id": one.case_id,
                "case_type": one.case.type if one.case else None,
            }
            for one in rows
        ],
        "total": found.count(),
    }


def read(user: User, ids: Iterable[int], *, every: bool) -> None:
    """Note that a person has read notices: those of ``ids``, or every one."""
    found = _unread(user)
    (found if every else found.filter(pk__in=list(ids))).update(read_at=Now())


def _unread(user: User) -> QuerySet[Notice]:
    return Notice.objects.filter(user=user, read_at=None)

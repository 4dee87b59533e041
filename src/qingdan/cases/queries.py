"""Reads of cases: the list with its counts, one case with all that belongs to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.models import Case as CaseWhen
from django.db.models import Count, F, Min, Q, QuerySet, When
from django.db.models.functions import Least

from qingdan.cases import timing
from qingdan.cases.errors import NoSuchCaseError
from qingdan.cases.models import Approval, Case, Cause, Sop
from qingdan.cases.notices import ROLE_OF_OWNER
from qingdan.core import worktime
from qingdan.people.models import User

SORTS: Final = ("due", "opened", "closed", "difficulty")
_STEP_TIMES: Final = """
SELECT c.type, l.step, count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY l.worked_seconds),
       percentile_disc(0.9) WITHIN GROUP (ORDER BY l.worked_seconds)
  FROM cases_steplog AS l JOIN cases_case AS c ON c.id = l.case_id
 WHERE c.merchant_id = %s AND l.at >= now() - make_interval(days => %s) AND NOT l.skipped
 GROUP BY c.type, l.step ORDER BY c.type, min(l.began_at - c.opened_at)
"""


@dataclass(frozen=True, slots=True)
class Filters:
    """What cases are looked for; an empty value leaves its filter out. ``mine`` is the person whose they are."""

    states: Sequence[str] = ()
    types: Sequence[str] = ()
    roles: Sequence[str] = ()
    owner: int | None = None
    nobody: bool = False
    approver: User | None = None
    late: bool = False
    order: int | None = None
    query: str = ""


def find(merchant: int, filters: Filters, now: datetime) -> QuerySet[Case]:
    """Return the cases that the filters name."""
    found = Case.objects.filter(merchant_id=merchant)
    if filters.states:
        found = found.filter(state__in=filters.states)
    if filters.types:
        found = found.filter(type__in=filters.types)
    if filters.roles:
        found = found.filter(owner_role__in=filters.roles)
    if filters.owner is not None:
        found = found.filter(owner_id=filters.owner)
    if filters.nobody:
        found = found.filter(owner=None)
    if filters.order is not None:
        found = found.filter(order_id=filters.order)
    if filters.late:
        found = found.filter(late(now))
    if filters.query.strip():
        found = found.filter(order__order_no__startswith=filters.query.strip())
    if filters.approver is not None:
        found = found.filter(pk__in=_to_approve(merchant, filters.approver))
    return found


def late(now: datetime) -> Q:
    """Condition on cases that are not closed and of which some clock has run out."""
    return ~Q(state="closed") & (
        Q(responded_at=None, respond_due__lt=now) | Q(resolve_due__lt=now) | Q(cause_at=None, cause_due__lt=now)
    )


def page(found: QuerySet[Case], sort: str, number: int, size: int) -> list[Case]:
    """Return one page of cases with their order, shop, owner and cause."""
    backwards, name = sort.startswith("-"), sort.removeprefix("-")
    column = {"due": "next_due", "opened": "opened_at", "closed": "closed_at", "difficulty": "difficulty"}[name]
    order = F(column).desc(nulls_last=True) if backwards else F(column).asc(nulls_last=True)
    start = (number - 1) * size
    rows = with_next_due(found).select_related("order__shop", "owner", "cause").order_by(order, "id")
    return list(rows[start : start + size])


def with_next_due(found: QuerySet[Case]) -> QuerySet[Case]:
    """Add ``next_due``: the nearest moment at which a clock that is still to be met runs out."""
    unanswered = When(responded_at=None, then=F("respond_due"))
    unexplained = When(cause_at=None, then=F("cause_due"))
    # PostgreSQL's least() leaves nulls out
    return found.annotate(next_due=Least(CaseWhen(unanswered), F("resolve_due"), CaseWhen(unexplained)))


def counts(merchant: int, now: datetime) -> dict[str, Any]:
    """Return how many cases are not closed: in all, late, without owner, by type, by owner role and by state."""
    live = Case.objects.filter(merchant_id=merchant).exclude(state="closed")
    whole = live.aggregate(
        total=Count("id"),
        late=Count("id", filter=late(now)),
        nobody=Count("id", filter=Q(owner=None)),
        next_due=Min("resolve_due"),
    )
    return {
        **whole,
        "by_type": _by(live, "type"),
        "by_role": _by(live, "owner_role"),
        "by_state": _by(live, "state"),
    }


def get(merchant: int, case_id: int) -> Case:
    """Return one case. Raises ``NoSuchCaseError``."""
    found = Case.objects.select_related("order__shop", "owner", "cause", "sop").filter(merchant_id=merchant, pk=case_id)
    case = found.first()
    if case is None:
        raise NoSuchCaseError
    return case


def of_order(merchant: int, order_id: int) -> list[Case]:
    """Return the cases of an order, those that are not closed first."""
    found = Case.objects.filter(merchant_id=merchant, order_id=order_id)
    rows = list(found.select_related("order__shop", "owner", "cause").order_by("id"))
    return sorted(rows, key=lambda case: (case.state == "closed", case.pk))


def asked(case: Case) -> Approval | None:
    """Return what a case asks others to approve, if anything."""
    return Approval.objects.filter(case=case, state="asked").select_related("asked_by").first()


def causes(merchant: int, key: str | None = None) -> list[Cause]:
    """Return the causes in use, those for a type of case first when one is named."""
    found = Cause.objects.filter(merchant_id=merchant, active=True)
    if key is not None:
        found = found.filter(Q(types__contains=[key]) | Q(types=[]))
    return sorted(found, key=lambda one: (key is not None and key not in one.types, one.pk))


def sops(merchant: int, key: str | None = None) -> list[Sop]:
    """Return the live SOPs, or every version of one type, the newest first."""
    found = Sop.objects.filter(merchant_id=merchant)
    return list(found.filter(live=True).order_by("id") if key is None else found.filter(type=key).order_by("-version"))


def all_causes(merchant: int) -> list[Cause]:
    """Return every root cause, those no longer offered last."""
    return list(Cause.objects.filter(merchant_id=merchant).order_by("-active", "id"))


def step_times(merchant: int, days: int) -> list[dict[str, Any]]:
    """Return the steps done in the last days: how often, median and 90 % in worked seconds."""
    with connection.cursor() as cursor:
        cursor.execute(_STEP_TIMES, [merchant, days])
        names = ("type", "step", "times", "median_seconds", "p90_seconds")
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def clocks(case: Case, now: datetime) -> list[dict[str, Any]]:
    """Return what the clocks of a case show."""
    return [
        {
            "clock": told.clock.value,
            "due": None if told.reading.due is None else worktime.moment(told.reading.due),
            "left_seconds": told.reading.left // 1_000_000,
            "paused": told.reading.paused,
            "late": told.reading.late_at is not None,
            "met_at": told.stopped_at,
        }
        for told in timing.told(case, now)
    ]


def _by(found: QuerySet[Case], column: str) -> dict[str, int]:
    rows = found.order_by().values(column).annotate(n=Count("id")).values_list(column, "n")
    return dict(rows)


def _to_approve(merchant: int, user: User) -> list[int]:
    """Return the cases of which it is a person's turn to approve something."""
    open_ = Approval.objects.filter(case__merchant_id=merchant, state="asked").exclude(asked_by=user)
    return [
        one.case_id
        for one in open_
        if one.path[len(one.given)] in user.roles and user.pk not in {said["id"] for said in one.given}
    ]


def owner_roles(user: User) -> list[str]:
    """Return the owner roles that a person stands behind."""
    owner_of = {role: owner for owner, role in ROLE_OF_OWNER.items()}
    return [owner_of.get(role, role) for role in user.roles]

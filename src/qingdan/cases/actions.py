"""Verbs on cases: each is one durable transaction. The steps of a case's SOP stand in ``stepping``.

Who acts names the version of the case that she saw. The first thing a person does answers the case, and makes her its
owner if nobody is.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from qingdan.cases import notices, opening, timing
from qingdan.cases.errors import CaseMovedError, CaseRefusedError, NoSuchCaseError
from qingdan.cases.messages import message
from qingdan.cases.models import Approval, Case, CaseEvent, Cause
from qingdan.cases.types import case_types
from qingdan.core.lifecycle import BACKLOG, Stage
from qingdan.orders import deciding
from qingdan.orders.actions import ConflictError, MoveRefusedError
from qingdan.orders.actors import Actor
from qingdan.orders.messages import CONFLICT, NO_MOVE
from qingdan.orders.models import Order
from qingdan.people.models import User
from qingdan.people.rights import Right

LONGEST_WAIT: Final = timedelta(days=30)
_SOMEBODY: Final = "系统"


def open_case(
    user: User,
    order_id: int,
    key: str,
    *,
    note: str = "",
    order_version: int | None = None,
    now: datetime | None = None,
) -> Case:
    """Open a case of a type on an order, or open it again; one that is open stays. Raises ``NoSuchCaseError``.

    With the version of the order that the person saw, the order goes to exception with it, or both do not happen:
    see ``to_exception`` for what that raises.
    """
    moment = now or timezone.now()
    order = Order.objects.filter(merchant_id=user.merchant_id, pk=order_id).first()
    if order is None or key not in case_types():
        raise NoSuchCaseError
    with transaction.atomic(durable=True):
        # an open pass may add the same case at this moment; the second of the two finds it
        begun = opening.fresh_case(user.merchant_id, order_id, key, moment)
        Case.objects.bulk_create([begun], ignore_conflicts=True)
        case = Case.objects.select_for_update(no_key=True).get(order_id=order_id, type=key)
        fresh = not case.events.exists()
        if fresh or case.state == "closed":
            if not fresh:
                begin_again(case, moment)
            case.by_hand, case.touched, case.wanted = True, True, order.stage in BACKLOG
            save(case, moment)
            note_event(case, "opened" if fresh else "reopened", user, note)
        if order_version is not None:
            to_exception(user, order_id, order_version, note or case_types()[key].title.zh)
            Case.objects.filter(pk=case.pk).update(wanted=True, by_hand=True, touched=True)
    return case


def to_exception(user: User, order_id: int, version: int, reason: str) -> None:
    """Put an order to exception by hand; part of the caller's transaction. One that is there already stays as it is.

    Raises ``ConflictError`` when the order is no longer at ``version``, ``MoveRefusedError`` when it may not go there.
    """
    seen = deciding.lock([order_id], merchant=user.merchant_id).get(order_id)
    if seen is None:
        raise NoSuchCaseError
    if seen.version != version:
        raise ConflictError(CONFLICT.message(version=seen.version), None)
    if seen.stage is Stage.EXCEPTION:
        return
    if not seen.may_be(Stage.EXCEPTION):
        raise MoveRefusedError(NO_MOVE.message(stage=seen.stage, target=Stage.EXCEPTION), None)
    choice = deciding.Choice(seen.id, seen.version, Stage.EXCEPTION, reason)
    deciding.decide([choice], actor=Actor("user", str(user.pk), user.name))


def take(user: User, case_id: int, *, version: int, now: datetime | None = None) -> Case:
    """Make a person the owner of a case."""
    with changing(user, case_id, version, now) as (case, moment):
        _open(case)
        case.owner = user
        answered(case, user, moment)
        note_event(case, "taken", user)
    return case


def assign(
    user: User, case_id: int, *, version: int, role: str | None, to: int | None, note: str = "",
    now: datetime | None = None,
) -> Case:  # fmt: skip
    """Give a case to an owner role, to a person, or both; its clocks go on under the role's calendar."""
    with changing(user, case_id, version, now) as (case, moment):
        _open(case)
        person = None
        if to is not None:
            person = User.objects.filter(pk=to, merchant_id=user.merchant_id, is_active=True).first()
            if person is None or Right.CASES_WORK not in person.rights:
                raise CaseRefusedError(message("case.no_person"))
        if role is not None and role != case.owner_role:
            case.owner_role = role
            timing.change(case, moment, paused=case.state == "waiting")
        case.owner = person
        case.touched = True
        note_event(case, "assigned", user, note, {"role": case.owner_role, "to": person.name if person else None})
        if person is not None and person.pk != user.pk:
            notices.tell([person.pk], "assigned", case, by=user.name, text=note)
    return case


def wait(
    user: User, case_id: int, *, version: int, until: datetime | None, note: str = "", now: datetime | None = None
) -> Case:
    """Wait for the customer: the clocks stand still until somebody goes on, or until a moment."""
    with changing(user, case_id, version, now) as (case, moment):
        _open(case)
        if case.state == "approval":
            raise CaseRefusedError(message("case.approving"))
        if until is not None and not moment < until <= moment + LONGEST_WAIT:
            raise CaseRefusedError(message("case.until_past"))
        answered(case, user, moment)
        begin_waiting(case, moment, until)
        note_event(case, "waiting", user, note, {"until": until.isoformat() if until else None})
    return case


def resume(user: User, case_id: int, *, version: int, note: str = "", now: datetime | None = None) -> Case:
    """Go on with a case that waits for the customer."""
    with changing(user, case_id, version, now) as (case, moment):
        _open(case)
        end_waiting(case, moment)
        case.touched = True
        note_event(case, "resumed", user, note)
    return case


def wake_waiting(*, now: datetime | None = None) -> int:
    """Go on with the cases whose wait has ended; return how many. One that somebody works on is left for next time."""
    moment, woken = now or timezone.now(), 0
    due = Case.objects.filter(state="waiting", wait_until__lte=moment).order_by("pk").values_list("pk", flat=True)
    for key in list(due):
        with transaction.atomic(durable=True):
            held = Case.objects.select_for_update(skip_locked=True, no_key=True)
            case = held.filter(pk=key, state="waiting", wait_until__lte=moment).first()
            if case is None:
                continue
            end_waiting(case, moment)
            save(case, moment)
            note_event(case, "resumed", None)
            woken += 1
    return woken


def pin_cause(
    user: User, case_id: int, *, version: int, cause: str, note: str = "", now: datetime | None = None
) -> Case:
    """Record the root cause of a case; the first one stops the clock of the cause."""
    with changing(user, case_id, version, now) as (case, moment):
        set_cause(case, user, cause, moment, note)
        answered(case, user, moment)
    return case


def close(user: User, case_id: int, *, version: int, outcome: str, note: str = "", now: datetime | None = None) -> Case:
    """Close a case by hand: ``solved`` or ``unreachable`` with its cause pinned, ``unfounded`` with a note."""
    with changing(user, case_id, version, now) as (case, moment):
        _open(case)
        if outcome == "unfounded" and not note.strip():
            raise CaseRefusedError(message("case.note_missing"))
        answered(case, user, moment)
        finish(case, user, outcome, moment, note)
    return case


def reopen(user: User, case_id: int, *, version: int, note: str = "", now: datetime | None = None) -> Case:
    """Open a closed case again, from its first step and with new clocks."""
    with changing(user, case_id, version, now) as (case, moment):
        if case.state != "closed":
            raise CaseRefusedError(message("case.not_closed"))
        begin_again(case, moment)
        case.by_hand, case.touched = True, True
        case.wanted = Order.objects.filter(pk=case.order_id, stage__in=BACKLOG).exists()
        note_event(case, "reopened", user, note)
    return case


@contextmanager
def changing(
    user: User, case_id: int, version: int | None, now: datetime | None = None
) -> Iterator[tuple[Case, datetime]]:
    """Lock one of the person's merchant's cases as she saw it at ``version``; what is done to it is saved at the end.

    Cases are locked before orders, and in a way that leaves others free to add to what happened to them.
    Raises ``NoSuchCaseError``, and ``CaseMovedError`` when the case has changed since.
    """
    moment = now or timezone.now()
    with transaction.atomic(durable=True):
        held = Case.objects.select_for_update(of=("self",), no_key=True).select_related("owner", "cause")
        case = held.filter(merchant_id=user.merchant_id, pk=case_id).first()
        if case is None:
            raise NoSuchCaseError
        if version is not None and case.version != version:
            last = case.events.order_by("-id").first()
            by = last.actor_name if last and last.actor_name else _SOMEBODY
            raise CaseMovedError(message("case.moved", by=by), {"version": case.version})
        yield case, moment
        save(case, moment)


def save(case: Case, moment: datetime) -> None:
    """Write a locked case as its next version."""
    case.version += 1
    case.changed_at = moment
    case.save()


def note_event(case: Case, kind: str, user: User | None, note: str = "", data: Mapping[str, Any] | None = None) -> None:
    """Add to what happened to a case; without a user it happened by itself."""
    CaseEvent.objects.create(
        case=case,
        kind=kind,
        actor_kind="user" if user else "system",
        actor_id=str(user.pk) if user else "cases",
        actor_name=user.name if user else "",
        note=note.strip(),
        data=dict(data or {}),
    )


def answered(case: Case, user: User, moment: datetime) -> None:
    """Note that a person has acted on a case: it is answered, and hers if nobody's."""
    case.touched = True
    if case.responded_at is None:
        case.responded_at = moment
    if case.owner is None and case.state != "closed":
        case.owner = user


def begin_waiting(case: Case, moment: datetime, until: datetime | None) -> None:
    """Let a case wait for the customer."""
    case.state, case.wait_until = "waiting", until
    timing.change(case, moment, paused=True)


def end_waiting(case: Case, moment: datetime) -> None:
    """Let a case go on; one that does not wait is left alone."""
    if case.state == "waiting":
        case.state, case.wait_until = "open", None
        timing.change(case, moment, paused=False)


def set_cause(case: Case, user: User, key: str, moment: datetime, note: str = "") -> None:
    """Pin the cause of a locked case. Raises ``CaseRefusedError`` for one that the team does not have."""
    cause = Cause.objects.filter(merchant_id=case.merchant_id, key=key, active=True).first()
    if cause is None:
        raise CaseRefusedError(message("case.cause_unknown"))
    case.cause = cause
    case.cause_at = case.cause_at or moment
    note_event(case, "cause", user, note, {"cause": key, "zh": cause.zh, "en": cause.en})


def finish(case: Case, user: User, outcome: str, moment: datetime, note: str = "") -> None:
    """Close a locked case. Raises ``CaseRefusedError`` when its cause is not pinned."""
    if outcome != "unfounded" and case.cause is None:
        raise CaseRefusedError(message("case.cause_missing"))
    case.state, case.outcome, case.closed_at, case.wait_until = "closed", outcome, moment, None
    Approval.objects.filter(case=case, state="asked").update(state="withdrawn", ended_at=moment)
    note_event(case, "closed", user, note, {"outcome": outcome})


def _open(case: Case) -> None:
    if case.state == "closed":
        raise CaseRefusedError(message("case.closed"))


def begin_again(case: Case, moment: datetime) -> None:
    """Open a locked case again: from the first step of the live SOP, with new clocks and nobody's."""
    fresh = opening.fresh_case(case.merchant_id, case.order_id, case.type, moment)
    for name in ("owner_role", "sop", "step", "step_since", "opened_at", "phases", "state"):
        setattr(case, name, getattr(fresh, name))
    case.respond_due, case.resolve_due, case.cause_due = fresh.respond_due, fresh.resolve_due, fresh.cause_due
    case.reopened += 1
    case.owner = case.closed_at = case.outcome = case.cause = case.cause_at = case.responded_at = None

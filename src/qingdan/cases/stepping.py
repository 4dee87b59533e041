"""Walking a case through its SOP: a step done, a step that others have to approve, their answers.

What a step changes (the order's stage, a payment difference) commits together with the step.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from django.db.models.functions import Now

from qingdan.cases import notices, sop, timing
from qingdan.cases.actions import answered, begin_waiting, changing, end_waiting, finish, note_event, set_cause
from qingdan.cases.errors import CaseRefusedError, NotYoursError
from qingdan.cases.messages import BY_CASE, message
from qingdan.cases.models import Approval, Case, Contact, Sop, StepLog
from qingdan.cases.sop import Choice, Do, Procedure, Step
from qingdan.cases.types import case_types
from qingdan.core.fields import ADDRESS_GAPS
from qingdan.core.lifecycle import Stage
from qingdan.finance.models import DIFFERENCES, Payment, PaymentEvent
from qingdan.orders import deciding
from qingdan.orders.actions import ConflictError, MoveRefusedError, NotFoundError
from qingdan.orders.actors import Actor
from qingdan.orders.messages import CANCELLED_BY_PLATFORM, CONFLICT, NO_MOVE, NOT_FOUND
from qingdan.orders.models import Order
from qingdan.people.models import User
from qingdan.people.rights import ROLE_LABELS, Role

_TARGETS: Final = {
    "release": Stage.RELEASED,
    "hold": Stage.HELD,
    "exception": Stage.EXCEPTION,
    "review": Stage.IN_REVIEW,
}
_RELEASED: Final = frozenset({Stage.RELEASED, Stage.SENT, Stage.SHIPPED})
_NEEDS_NOTE: Final = frozenset({Do.NOTE, Do.SETTLE})


@dataclass(frozen=True, slots=True)
class Told:
    """What a person says when she does a step; ``order_version`` is the version of the order that she saw."""

    step: str
    choice: str | None = None
    note: str = ""
    cause: str | None = None
    skip: bool = False
    until: datetime | None = None
    order_version: int | None = None


def do_step(user: User, case_id: int, *, version: int, told: Told, now: datetime | None = None) -> Case:
    """Do the step that a case is at, or ask for its approval; a case without a next step is closed.

    Raises ``CaseMovedError``, ``CaseRefusedError``, ``NotYoursError``, and what a decision about the order raises.
    """
    with changing(user, case_id, version, now) as (case, moment):
        walk(case, user, told, moment)
    return case


def walk(case: Case, user: User, told: Told, moment: datetime) -> None:
    """Do the step that a locked case is at; its saving is the caller's."""
    procedure = procedure_of(case)
    step = _step(case, procedure, told.step)
    if step.who and Role.ADMIN.value not in user.roles and not set(step.who) & set(user.roles):
        raise NotYoursError(message("case.not_your_step", roles=_names(step.who)))
    end_waiting(case, moment)
    answered(case, user, moment)
    if told.skip:
        if not step.optional:
            raise CaseRefusedError(message("case.not_optional"))
        _go_on(case, procedure, step, None, user=user, moment=moment, note=told.note, skipped=True)
        return
    choice = _choice(step, told.choice)
    _see_to(case, step, user, told, moment)
    path = choice.path(_amount(case)) if choice else ()
    if choice and path:
        _ask(case, step, choice, path=path, user=user, moment=moment, note=told.note)
        return
    _decide(case, choice, user, told.order_version, told.note)
    if step.do is Do.SETTLE:
        _settle(case, user, told.note)
    _go_on(case, procedure, step, choice, user=user, moment=moment, note=told.note)


def approve(
    user: User, case_id: int, *, version: int, order_version: int | None, note: str = "", now: datetime | None = None
) -> Case:
    """Say yes to what a case asks; the last of the path lets it happen.

    Raises ``NotYoursError`` when it is not the person's turn, or she asked or has agreed already.
    """
    with changing(user, case_id, version, now) as (case, moment):
        asked = _turn(case, user)
        asked.given = [*asked.given, {"id": user.pk, "name": user.name, "role": asked.path[len(asked.given)]}]
        note_event(case, "approved", user, note, {"step": asked.step, "choice": asked.choice, "of": len(asked.path)})
        if len(asked.given) < len(asked.path):
            asked.save(update_fields=["given"])
            _call(case, asked, user)
            return case
        procedure = procedure_of(case)
        step = procedure.step(asked.step)
        choice = step.choice(asked.choice) if step else None
        if step is None or choice is None:
            raise CaseRefusedError(message("case.not_this_step"))
        asked.state, asked.ended_at = "given", moment
        asked.save(update_fields=["given", "state", "ended_at"])
        _decide(case, choice, user, order_version, note or asked.note)
        case.state = "open"
        _go_on(case, procedure, step, choice, user=asked.asked_by, moment=moment, note=asked.note)
        notices.tell([asked.asked_by_id], "approved", case, by=user.name, text=note)
    return case


def refuse(user: User, case_id: int, *, version: int, note: str, now: datetime | None = None) -> Case:
    """Say no to what a case asks, and why; whoever asked may also take it back so. The step is to be done again."""
    with changing(user, case_id, version, now) as (case, moment):
        asked = Approval.objects.select_for_update().filter(case=case, state="asked").first()
        if asked is None:
            raise CaseRefusedError(message("case.not_asked"))
        own = asked.asked_by_id == user.pk
        if not own:
            asked = _turn(case, user)
            if not note.strip():
                raise CaseRefusedError(message("case.note_missing"))
        asked.state, asked.ended_at = "withdrawn" if own else "refused", moment
        asked.save(update_fields=["state", "ended_at"])
        case.state = "open"
        note_event(case, "refused", user, note, {"step": asked.step, "choice": asked.choice, "withdrawn": own})
        if not own:
            notices.tell([asked.asked_by_id], "refused", case, by=user.name, text=note)
    return case


def procedure_of(case: Case) -> Procedure:
    """Return the steps that a case follows: those of the version it opened with."""
    return procedure(case.sop_id)


@lru_cache(maxsize=512)
def procedure(sop_id: int) -> Procedure:
    """Return the steps of a stored SOP, which never change."""
    return sop.read(Sop.objects.values_list("source", flat=True).get(pk=sop_id))


def _step(case: Case, procedure: Procedure, key: str) -> Step:
    if case.state == "closed":
        raise CaseRefusedError(message("case.closed"))
    if case.state == "approval":
        raise CaseRefusedError(message("case.approving"))
    step = procedure.step(key)
    if step is None or case.step != key:
        raise CaseRefusedError(message("case.not_this_step"))
    return step


def _choice(step: Step, key: str | None) -> Choice | None:
    choice = step.choice(key)
    if step.choices and choice is None:
        raise CaseRefusedError(message("case.no_choice"))
    return choice


def _see_to(case: Case, step: Step, user: User, told: Told, moment: datetime) -> None:
    """See that what the step is for was done."""
    if step.do in _NEEDS_NOTE and not told.note.strip():
        raise CaseRefusedError(message("case.note_missing"))
    if step.do is Do.CAUSE:
        if told.cause is None and case.cause is None:
            raise CaseRefusedError(message("case.cause_missing"))
        if told.cause is not None:
            set_cause(case, user, told.cause, moment, told.note)
    if step.do is Do.CONTACT and not Contact.objects.filter(order_id=case.order_id, at__gte=case.step_since).exists():
        raise CaseRefusedError(message("case.contact_missing"))
    if step.do is Do.ADDRESS:
        quality, gaps = Order.objects.values_list("address_quality", "address_gaps").get(pk=case.order_id)
        if quality == "incomplete":
            labels = {value.id: value.zh for value in ADDRESS_GAPS}
            raise CaseRefusedError(message("case.address_incomplete", gaps="、".join(labels[gap] for gap in gaps)))


def _amount(case: Case) -> int | None:
    return Order.objects.values_list("paid_amount", flat=True).get(pk=case.order_id)


def _ask(
    case: Case, step: Step, choice: Choice, *, path: tuple[str, ...], user: User, moment: datetime, note: str
) -> None:
    asked = Approval.objects.create(
        case=case, step=step.id, choice=choice.id, path=list(path), note=note.strip(), asked_by=user, asked_at=moment
    )
    case.state = "approval"
    note_event(case, "asked", user, note, {"step": step.id, "choice": choice.id, "path": list(path)})
    _call(case, asked, user)


def _call(case: Case, asked: Approval, user: User) -> None:
    """Tell the people of the role whose turn it is."""
    role = asked.path[len(asked.given)]
    taken = {asked.asked_by_id, user.pk, *(one["id"] for one in asked.given)}
    called = set(notices.people_of(case.merchant_id, role)) - taken
    notices.tell(called, "approval", case, by=user.name, text=asked.note)


def _turn(case: Case, user: User) -> Approval:
    asked = Approval.objects.select_for_update().filter(case=case, state="asked").first()
    if asked is None or case.state != "approval":
        raise CaseRefusedError(message("case.not_asked"))
    if user.pk == asked.asked_by_id or user.pk in {one["id"] for one in asked.given}:
        raise NotYoursError(message("case.second_person"))
    role = asked.path[len(asked.given)]
    if role not in user.roles:
        raise NotYoursError(message("case.not_your_turn", roles=_names([role])))
    return asked


def _names(roles: Iterable[str]) -> str:
    return "、".join(ROLE_LABELS[Role(role)].zh for role in roles)


def _decide(case: Case, choice: Choice | None, user: User, order_version: int | None, note: str) -> None:
    """Move the order as a choice says; it must be as the person saw it."""
    if choice is None or choice.decide is None:
        return
    target = _TARGETS[choice.decide]
    seen = deciding.lock([case.order_id], merchant=case.merchant_id).get(case.order_id)
    if seen is None:
        raise NotFoundError(NOT_FOUND.message(), None)
    if target is Stage.RELEASED and seen.stage in _RELEASED:
        return  # it went by itself, as when its address was put right
    if order_version is None or seen.version != order_version:
        raise ConflictError(CONFLICT.message(version=seen.version), None)
    if target is Stage.RELEASED and seen.platform_state in {"closed", "cancelled"}:
        raise MoveRefusedError(CANCELLED_BY_PLATFORM.message(), None)
    if not seen.may_be(target):
        raise MoveRefusedError(NO_MOVE.message(stage=seen.stage, target=target), None)
    title = case_types()[case.type].title
    reason = BY_CASE.text("zh", {"type": title.zh, "choice": choice.title.zh})
    said = deciding.Choice(seen.id, seen.version, target, f"{reason}：{note.strip()}" if note.strip() else reason)
    deciding.decide([said], actor=Actor("user", str(user.pk), user.name))


def _settle(case: Case, user: User, note: str) -> None:
    """Settle the payment difference of the case's order, as finance does."""
    payment = Payment.objects.select_for_update().filter(order_id=case.order_id, settled_at=None).first()
    if payment is None or payment.state not in DIFFERENCES:
        raise CaseRefusedError(message("case.no_difference"))
    Payment.objects.filter(pk=payment.pk).update(
        settled_by=str(user.pk), settled_name=user.name, settled_at=Now(), note=note.strip()
    )
    PaymentEvent.objects.create(
        order_id=case.order_id,
        merchant_id=case.merchant_id,
        kind="settled",
        state=payment.state,
        difference=payment.difference,
        actor_name=user.name,
        note=note.strip(),
    )


def _go_on(
    case: Case,
    procedure: Procedure,
    step: Step,
    choice: Choice | None,
    *,
    user: User,
    moment: datetime,
    note: str,
    skipped: bool = False,
) -> None:
    """Log the step and go to the next; without one the case is closed."""
    seconds = max(int((moment - case.step_since).total_seconds()), 0)
    StepLog.objects.create(
        case=case,
        round=case.reopened,
        step=step.id,
        choice=choice.id if choice else None,
        skipped=skipped,
        began_at=case.step_since,
        at=moment,
        seconds=seconds,
        worked_seconds=timing.worked(case, case.step_since, moment),
        actor_id=str(user.pk),
        actor_name=user.name,
        note=note.strip(),
    )
    note_event(case, "step", user, note, {"step": step.id, "choice": choice.id if choice else None, "skipped": skipped})
    case.step, case.step_since = procedure.after(step, choice), moment
    if case.step is None:
        finish(case, user, (choice.outcome if choice else None) or "solved", moment, note)
        return
    following = procedure.step(case.step)
    if following is not None and following.do is Do.WAIT:
        begin_waiting(case, moment, moment + timedelta(hours=following.wait_hours or 24))
        note_event(case, "waiting", user, "", {"until": case.wait_until.isoformat() if case.wait_until else None})

"""Macros: several changes of an order in one step, on one order or on many; each order's changes hold together.

What a macro does is data: a verdict, a comment, a contact, and what becomes of the order's case (opened, given to a
role, its cause, its step, waiting, closed). The changes of one order are one transaction.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal

from django.db import IntegrityError, transaction
from django.utils import timezone
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qingdan.cases import actions, opening, stepping, timing
from qingdan.cases.errors import CaseNameTakenError, CaseRefusedError, CasesError, NoSuchCaseError
from qingdan.cases.messages import message
from qingdan.cases.models import Case, Comment, Contact, Macro
from qingdan.cases.types import case_types
from qingdan.core.lifecycle import BACKLOG, Stage
from qingdan.core.message import Message
from qingdan.orders import deciding
from qingdan.orders.actions import ConflictError, DecisionError, MoveRefusedError, NotFoundError
from qingdan.orders.actors import Actor
from qingdan.orders.messages import CANCELLED_BY_PLATFORM, CONFLICT, NO_MOVE, NOT_FOUND
from qingdan.people.models import User

MOST_ORDERS: Final = 200
_TARGETS: Final = {
    "release": Stage.RELEASED,
    "hold": Stage.HELD,
    "exception": Stage.EXCEPTION,
    "review": Stage.IN_REVIEW,
}
Text = Annotated[str, Field(max_length=500)]
Key = Annotated[str, Field(max_length=64)]


class _Part(BaseModel):
    """A part of a macro; a key that is not known is a mistake."""

    model_config = ConfigDict(extra="forbid")


class Verdict(_Part):
    """What is decided about the order."""

    action: Literal["release", "hold", "exception", "review"]
    reason: Text
    hold_hours: int | None = Field(None, ge=1, le=720)


class Tried(_Part):
    """A try to reach the buyer."""

    channel: Literal["call", "sms", "chat"]
    result: Literal["reached", "no_answer", "refused", "wrong_number", "sent", "callback"]
    note: Text = ""
    next_try_hours: int | None = Field(None, ge=1, le=720)


class OnCase(_Part):
    """What becomes of the order's case of a type; it is opened if it is not open."""

    type: Key
    role: Literal["supervisor", "front_line", "risk", "finance", "warehouse"] | None = None
    cause: Key | None = None
    step: Key | None = None
    choice: Key | None = None
    wait_hours: int | None = Field(None, ge=1, le=720)
    close: Literal["solved", "unfounded", "unreachable"] | None = None


class Body(_Part):
    """A whole macro; at least one part is there."""

    comment: Annotated[str, Field(max_length=2000)] = ""
    contact: Tried | None = None
    case: OnCase | None = None
    verdict: Verdict | None = None


class Result(BaseModel):
    """What came of one order."""

    order_id: int
    done: bool
    code: str = ""
    zh: str = ""
    en: str = ""


def read(body: Any) -> Body:
    """Read a macro. Raises ``CaseRefusedError``."""
    try:
        told = Body.model_validate(body)
    except ValidationError as bad:
        first = bad.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise CaseRefusedError(message("case.macro", what=where or "body"), {"field": where}) from bad
    if told.case is not None and told.case.type not in case_types():
        raise CaseRefusedError(message("case.macro", what="case.type"), {"field": "case.type"})
    if not (told.comment.strip() or told.contact or told.case or told.verdict):
        raise CaseRefusedError(message("case.empty"))
    return told


def save(user: User, macro_id: int | None, *, name: str, body: Any) -> Macro:
    """Add or change a macro. Raises ``CaseNameTakenError``, ``NoSuchCaseError``, ``CaseRefusedError``."""
    values = {
        "name": name.strip(),
        "body": read(body).model_dump(exclude_none=True),
        "created_by": user.name,
        "changed_at": timezone.now(),
    }
    if not values["name"]:
        raise CaseRefusedError(message("case.empty"))
    try:
        with transaction.atomic(durable=True):
            if macro_id is None:
                return Macro.objects.create(merchant_id=user.merchant_id, **values)
            if not Macro.objects.filter(merchant_id=user.merchant_id, pk=macro_id).update(**values):
                raise NoSuchCaseError
    except IntegrityError as error:
        raise CaseNameTakenError(name) from error
    return Macro.objects.get(pk=macro_id)


def get(merchant: int, macro_id: int) -> Macro:
    """Return one of the merchant's macros. Raises ``NoSuchCaseError``."""
    found = Macro.objects.filter(merchant_id=merchant, pk=macro_id).first()
    if found is None:
        raise NoSuchCaseError
    return found


def delete(merchant: int, macro_id: int) -> None:
    """Delete a macro. Raises ``NoSuchCaseError``."""
    if not Macro.objects.filter(merchant_id=merchant, pk=macro_id).delete()[0]:
        raise NoSuchCaseError


def apply(user: User, body: Body, seen: Sequence[tuple[int, int]], *, now: datetime | None = None) -> list[Result]:
    """Apply a macro to orders, each as the person saw it (id, version); one that can not be changed is left alone."""
    moment, results = now or timezone.now(), []
    for order_id, version in seen:
        try:
            with transaction.atomic(durable=True):
                _one(user, body, order_id, version, moment)
        except (CasesError, DecisionError) as refused:
            results.append(_refused(order_id, refused.message))
        else:
            results.append(Result(order_id=order_id, done=True))
    return results


def _one(user: User, body: Body, order_id: int, version: int, moment: datetime) -> None:
    case = _case(user, body.case, order_id, moment) if body.case else None
    order = deciding.lock([order_id], merchant=user.merchant_id).get(order_id)
    if order is None:
        raise NotFoundError(NOT_FOUND.message(), None)
    if order.version != version:
        raise ConflictError(CONFLICT.message(version=order.version), None)
    if body.comment.strip():
        Comment.objects.create(
            merchant_id=user.merchant_id, order_id=order_id, case=case, text=body.comment.strip(), by=user
        )
    if body.contact is not None:
        again = body.contact.next_try_hours
        Contact.objects.create(
            merchant_id=user.merchant_id,
            order_id=order_id,
            case=case,
            channel=body.contact.channel,
            result=body.contact.result,
            note=body.contact.note.strip(),
            next_try_at=moment + timedelta(hours=again) if again else None,
            by=user,
            at=moment,
        )
    if case is not None and body.case is not None:
        case.wanted = case.wanted or order.waits
        _work(case, body.case, user, moment, version)
        actions.save(case, moment)
    if body.verdict is not None:
        _decide(order, body.verdict, user, moment)


def _case(user: User, told: OnCase, order_id: int, moment: datetime) -> Case:
    """Lock the order's open case of the type; open it first if it is not."""
    opening.ensure_setup(user.merchant_id)
    held = Case.objects.select_for_update(of=("self",), no_key=True).select_related("owner", "cause", "order")
    found = held.filter(merchant_id=user.merchant_id, order_id=order_id, type=told.type).first()
    if found is None:
        begun = opening.fresh_case(user.merchant_id, order_id, told.type, moment)
        begun.by_hand = True
        begun.wanted = False
        Case.objects.bulk_create([begun], ignore_conflicts=True)
        found = held.get(order_id=order_id, type=told.type)
        actions.note_event(found, "opened", user)
    elif found.state == "closed":
        actions.begin_again(found, moment)
        found.by_hand = True
        found.wanted = found.order.stage in BACKLOG
        actions.note_event(found, "reopened", user)
    return found


def _work(case: Case, told: OnCase, user: User, moment: datetime, order_version: int) -> None:
    actions.answered(case, user, moment)
    if told.role is not None and told.role != case.owner_role:
        case.owner_role, case.owner = told.role, None
        timing.change(case, moment, paused=case.state == "waiting")
        actions.note_event(case, "assigned", user, data={"role": told.role, "to": None})
    if told.cause is not None:
        actions.set_cause(case, user, told.cause, moment)
    if told.step is not None:
        said = stepping.Told(step=told.step, choice=told.choice, cause=told.cause, order_version=order_version)
        stepping.walk(case, user, said, moment)
    if told.close is not None and case.state != "closed":
        actions.finish(case, user, told.close, moment)
    elif told.wait_hours is not None and case.state == "open":
        actions.begin_waiting(case, moment, moment + timedelta(hours=told.wait_hours))
        actions.note_event(case, "waiting", user)


def _decide(order: deciding.Standing, told: Verdict, user: User, moment: datetime) -> None:
    target = _TARGETS[told.action]
    if target is Stage.RELEASED and order.platform_state in {"closed", "cancelled"}:
        raise MoveRefusedError(CANCELLED_BY_PLATFORM.message(), None)
    if not order.may_be(target):
        raise MoveRefusedError(NO_MOVE.message(stage=order.stage, target=target), None)
    until = moment + timedelta(hours=told.hold_hours) if told.hold_hours and target is Stage.HELD else None
    choice = deciding.Choice(order.id, order.version, target, told.reason.strip(), until)
    deciding.decide([choice], actor=Actor("user", str(user.pk), user.name))


def _refused(order_id: int, said: Message) -> Result:
    return Result(order_id=order_id, done=False, code=said.id, zh=said.text("zh"), en=said.text("en"))

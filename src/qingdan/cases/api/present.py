"""Cases as the screens see them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from qingdan.cases import queries, stepping, talking
from qingdan.cases.api.shapes import choices_of, title_of
from qingdan.cases.models import Approval, Case, Cause, Contact
from qingdan.cases.sop import Procedure, Step
from qingdan.people.models import User
from qingdan.people.rights import Role


def person(user: User | None) -> dict[str, Any] | None:
    """Return a colleague by id and name."""
    return {"id": user.pk, "name": user.name} if user else None


def row(case: Case, now: datetime) -> dict[str, Any]:
    """Return one case as a row."""
    order: Any = case.order
    open_ = {
        "respond_due": case.respond_due if case.responded_at is None else None,
        "resolve_due": case.resolve_due,
        "cause_due": case.cause_due if case.cause_at is None else None,
    }
    if case.state == "closed":
        open_ = dict.fromkeys(open_)
    dues = [due for due in open_.values() if due]
    return {
        "id": case.pk,
        "version": case.version,
        "type": case.type,
        "state": case.state,
        "order_id": case.order_id,
        "order_no": order.order_no,
        "channel": order.channel,
        "shop": order.shop.name,
        "stage": order.stage,
        "paid_amount": order.paid_amount,
        "owner_role": case.owner_role,
        "owner": person(case.owner),
        "difficulty": case.difficulty,
        "step": case.step,
        "step_title": title_of(stepping.procedure_of(case), case.step),
        "opened_at": case.opened_at,
        "reopened": case.reopened,
        "closed_at": case.closed_at,
        "outcome": case.outcome,
        "cause": case.cause.key if case.cause else None,
        "wait_until": case.wait_until,
        **open_,
        "next_due": min(dues, default=None),
        "late": any(due < now for due in dues),
    }


def whole(case: Case, user: User, now: datetime) -> dict[str, Any]:
    """Return one case with its clocks, steps and history."""
    procedure = stepping.procedure_of(case)
    asked = queries.asked(case)
    return {
        **row(case, now),
        "order_version": case.order.version,
        "sop_id": case.sop_id,
        "sop_version": case.sop.version,
        "sop_title": procedure.title.both(),
        "clocks": queries.clocks(case, now),
        "steps": list(_steps(case, procedure, user)),
        "approval": _approval(asked, user) if asked else None,
        "events": [
            {
                "id": one.pk,
                "at": one.at,
                "kind": one.kind,
                "by": one.actor_name,
                "note": one.note,
                "data": one.data,
            }
            for one in case.events.order_by("-id")
        ],
        "causes": [cause(one) for one in queries.causes(case.merchant_id, case.type)],
        "archive": talking.out_of_reach(talking.contacts_of(case.order_id), now),
    }


def cause(one: Cause) -> dict[str, Any]:
    """Return a root cause."""
    return {"id": one.pk, "key": one.key, "zh": one.zh, "en": one.en, "types": one.types, "active": one.active}


def contact(one: Contact) -> dict[str, Any]:
    """Return a try to reach the buyer."""
    return {
        "id": one.pk,
        "order_id": one.order_id,
        "case_id": one.case_id,
        "channel": one.channel,
        "result": one.result,
        "note": one.note,
        "next_try_at": one.next_try_at,
        "by": person(one.by),
        "at": one.at,
    }


def may(step: Step, user: User) -> bool:
    """Whether a person may do a step."""
    return not step.who or Role.ADMIN.value in user.roles or bool(set(step.who) & set(user.roles))


def _steps(case: Case, procedure: Procedure, user: User) -> Iterable[dict[str, Any]]:
    order: Any = case.order
    done = {one.step: one for one in case.steps.filter(round=case.reopened)}
    for step in procedure.steps:
        log = done.get(step.id)
        state = "now" if step.id == case.step else "ahead" if log is None else "skipped" if log.skipped else "done"
        yield {
            "id": step.id,
            "do": step.do.value,
            "title": step.title.both(),
            "help": step.help.both() if step.help else None,
            "who": list(step.who),
            "mine": may(step, user),
            "optional": step.optional,
            "wait_hours": step.wait_hours,
            "minutes": step.minutes,
            "choices": choices_of(step, order.paid_amount),
            "state": state,
            "choice": log.choice if log else None,
            "by": log.actor_name if log else None,
            "at": log.at if log else None,
            "seconds": log.seconds if log else None,
            "worked_seconds": log.worked_seconds if log else None,
            "note": log.note if log else None,
        }


def _approval(asked: Approval, user: User) -> dict[str, Any]:
    taken = {asked.asked_by_id, *(one["id"] for one in asked.given)}
    return {
        "step": asked.step,
        "choice": asked.choice,
        "path": asked.path,
        "given": asked.given,
        "asked_by": person(asked.asked_by),
        "asked_at": asked.asked_at,
        "note": asked.note,
        "mine": asked.path[len(asked.given)] in user.roles and user.pk not in taken,
    }

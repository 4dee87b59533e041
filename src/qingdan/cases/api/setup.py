"""HTTP of how cases are worked: their types, root causes and SOPs."""

from datetime import datetime
from typing import Any

from ninja import Field, Schema

from qingdan.cases import opening, queries, sops, stepping, waking
from qingdan.cases.api import present
from qingdan.cases.api.routing import router
from qingdan.cases.api.shapes import CaseWordsOut, CauseOut, Key, Short
from qingdan.cases.models import Sop
from qingdan.cases.types import case_types
from qingdan.core.clocks import SAME_DAY
from qingdan.people.access import Needs, Request
from qingdan.people.rights import Right


class CaseTypeOut(Schema):
    """One type: its owner role, limits in working seconds (null: none; -1: the same day) and the rules that open it."""

    key: str
    title: CaseWordsOut
    owner: str
    difficulty: int
    respond_seconds: int | None
    resolve_seconds: int | None
    cause_seconds: int | None
    reasons: list[str]
    held: bool
    sop_id: int
    sop_version: int


class CaseSetupOut(Schema):
    """The types and the causes."""

    types: list[CaseTypeOut]
    causes: list[CauseOut]


class ReasonIn(Schema):
    """The review rule, by its id, and the type of case that it leads to."""

    reason: Key
    type: Key | None = None


class CauseAddIn(Schema):
    """A root cause to add."""

    zh: str = Field(min_length=1, max_length=60)
    en: str = Field("", max_length=80)
    types: list[Key] = Field(default_factory=list, max_length=12)


class CauseChangeIn(CauseAddIn):
    """A root cause as it is to be; one that is not active is no longer offered."""

    active: bool = True


class SopOut(Schema):
    """One version of the steps of a type; ``source`` is its YAML."""

    id: int
    type: str
    version: int
    live: bool
    title: CaseWordsOut
    steps: int
    note: str
    created_by: str
    created_at: datetime
    source: str


class SopIn(Schema):
    """Steps to publish for a type, made from version ``base``."""

    source: str = Field(max_length=40_000)
    base: int
    note: Short = ""


class FaultOut(Schema):
    """Something wrong with an SOP."""

    code: str
    zh: str
    en: str
    advice_zh: str
    advice_en: str


class SopCheckOut(Schema):
    """What is wrong with an SOP, and its steps when nothing is."""

    faults: list[FaultOut]
    steps: list[CaseWordsOut]


class SopCheckIn(Schema):
    """An SOP to check."""

    source: str = Field(max_length=40_000)


class StepTimeOut(Schema):
    """How long a step took: times done, median and 90 % in worked seconds."""

    type: str
    step: str
    times: int
    median_seconds: int
    p90_seconds: int


@router.get("/setup", auth=Needs(Right.CASES_VIEW), response=CaseSetupOut)
def get_case_setup(request: Request) -> dict[str, Any]:
    """Return the types of cases and the root causes."""
    merchant = request.auth.merchant_id
    opening.ensure_setup(merchant)
    live = {one.type: one for one in queries.sops(merchant)}
    reasons = opening.reasons_of(merchant)
    return {
        "types": [
            {
                "key": kind.key,
                "title": kind.title.both(),
                "owner": kind.owner,
                "difficulty": kind.difficulty,
                "respond_seconds": _seconds(kind.respond),
                "resolve_seconds": _seconds(kind.resolve),
                "cause_seconds": _seconds(kind.cause),
                "reasons": [reason for reason, key in reasons.items() if key == kind.key],
                "held": kind.held,
                "sop_id": live[kind.key].pk,
                "sop_version": live[kind.key].version,
            }
            for kind in case_types().values()
        ],
        "causes": [present.cause(one) for one in queries.all_causes(merchant)],
    }


@router.put("/reasons", auth=Needs(Right.SOPS_EDIT), response=CaseSetupOut)
def set_reason(request: Request, body: ReasonIn) -> dict[str, Any]:
    """Say which type of case a review rule leads to; no type leaves it as it comes."""
    sops.set_reason(request.auth.merchant_id, body.reason, body.type)
    waking.wake(request.auth.merchant_id)
    return get_case_setup(request)


@router.post("/causes", auth=Needs(Right.CASES_WORK), response=CauseOut)
def add_cause(request: Request, body: CauseAddIn) -> dict[str, Any]:
    """Add a root cause to the team's list."""
    return present.cause(sops.add_cause(request.auth.merchant_id, zh=body.zh, en=body.en, types=body.types))


@router.put("/causes/{int:cause_id}", auth=Needs(Right.SOPS_EDIT), response=CauseOut)
def change_cause(request: Request, cause_id: int, body: CauseChangeIn) -> dict[str, Any]:
    """Change a root cause, or offer it no longer."""
    return present.cause(sops.change_cause(request.auth.merchant_id, cause_id, **body.model_dump()))


@router.get("/sops", auth=Needs(Right.CASES_VIEW), response=list[SopOut])
def list_sops(request: Request, type: str = "") -> list[dict[str, Any]]:  # noqa: A002 - the name in the address
    """List the live SOPs, or every version of one type."""
    opening.ensure_setup(request.auth.merchant_id)
    return [_sop(one) for one in queries.sops(request.auth.merchant_id, type or None)]


@router.post("/sops/check", auth=Needs(Right.CASES_VIEW), response=SopCheckOut)
def check_sop(request: Request, body: SopCheckIn) -> dict[str, Any]:  # noqa: ARG001 - every operation gets it
    """Say what is wrong with an SOP before it is published."""
    faults, procedure = sops.check(body.source)
    return {
        "faults": [{"code": one.id, **one.both()} for one in faults],
        "steps": [step.title.both() for step in procedure.steps] if procedure else [],
    }


@router.post("/sops", auth=Needs(Right.SOPS_EDIT), response=SopOut)
def publish_sop(request: Request, body: SopIn) -> dict[str, Any]:
    """Publish a new version of a type's steps; cases that are open keep theirs."""
    return _sop(sops.publish(request.auth, body.source, base=body.base, note=body.note))


@router.get("/times", auth=Needs(Right.CASES_VIEW), response=list[StepTimeOut])
def step_times(request: Request, days: int = 30) -> list[dict[str, Any]]:
    """Say how long the steps of each type took in the last days."""
    return queries.step_times(request.auth.merchant_id, min(max(days, 1), 366))


def _sop(one: Sop) -> dict[str, Any]:
    procedure = stepping.procedure(one.pk)
    return {
        "id": one.pk,
        "type": one.type,
        "version": one.version,
        "live": one.live,
        "title": procedure.title.both(),
        "steps": len(procedure.steps),
        "note": one.note,
        "created_by": one.created_by,
        "created_at": one.created_at,
        "source": one.source,
    }


def _seconds(limit: int | None) -> int | None:
    return limit if limit in {None, SAME_DAY} else int(limit or 0) // 1_000_000

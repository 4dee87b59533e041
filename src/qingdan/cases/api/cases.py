"""HTTP of cases: the list, one case, and what a person does with it."""

from typing import Any

from django.utils import timezone
from ninja import Query

from qingdan.cases import actions, handing, notices, queries, stepping
from qingdan.cases.api import present
from qingdan.cases.api.routing import router
from qingdan.cases.api.shapes import (
    ApproveIn,
    CaseAssignIn,
    CaseNoticesReadIn,
    CaseOut,
    CasePageOut,
    CasesHandedOut,
    CasesHandIn,
    CasesIn,
    CauseIn,
    CloseIn,
    NoticePageOut,
    OpenIn,
    SeenIn,
    StepIn,
    WaitIn,
)
from qingdan.cases.queries import Filters
from qingdan.people.access import Needs, Request
from qingdan.people.errors import RightMissingError
from qingdan.people.models import User
from qingdan.people.rights import Right


@router.get("", auth=Needs(Right.CASES_VIEW), response=CasePageOut)
def list_cases(request: Request, query: Query[CasesIn]) -> dict[str, Any]:
    """List one page of cases, the nearest due first, and how many there are."""
    now, user = timezone.now(), request.auth
    found = queries.find(user.merchant_id, _filters(query, user), now)
    mine = Filters(states=("open", "waiting", "approval"), owner=user.pk)
    return {
        "rows": [present.row(case, now) for case in queries.page(found, query.sort, query.page, query.size)],
        "total": found.count(),
        "page": query.page,
        "size": query.size,
        "counts": {
            **queries.counts(user.merchant_id, now),
            "mine": queries.find(user.merchant_id, mine, now).count(),
            "approvals": queries.find(user.merchant_id, Filters(approver=user), now).count(),
        },
    }


@router.post("", auth=Needs(Right.CASES_WORK), response=CaseOut)
def open_case(request: Request, body: OpenIn) -> dict[str, Any]:
    """Open a case on an order by hand, or open it again; with the order's version, the order goes to exception."""
    if body.order_version is not None and Right.ORDERS_DECIDE not in request.auth.rights:
        raise RightMissingError(Right.ORDERS_DECIDE.value)
    case = actions.open_case(request.auth, body.order_id, body.type, note=body.note, order_version=body.order_version)
    return _whole(request, case.pk)


@router.post("/hand-over", auth=Needs(Right.DESK_MANAGE), response=CasesHandedOut)
def hand_cases_over(request: Request, body: CasesHandIn) -> dict[str, Any]:
    """Give a colleague's open cases to another, or back to their roles."""
    return {"cases": handing.hand_over(request.auth, giver=body.of, taker=body.to, note=body.note)}


@router.get("/notices", auth=Needs(Right.CASES_VIEW), response=NoticePageOut)
def list_case_notices(request: Request) -> dict[str, Any]:
    """List what the person is told about cases and has not read."""
    return notices.unread(request.auth)


@router.post("/notices/read", auth=Needs(Right.CASES_VIEW), response=NoticePageOut)
def read_case_notices(request: Request, body: CaseNoticesReadIn) -> dict[str, Any]:
    """Mark notices as read; returns those that are left."""
    notices.read(request.auth, body.ids, every=body.all)
    return notices.unread(request.auth)


@router.get("/{int:case_id}", auth=Needs(Right.CASES_VIEW), response=CaseOut)
def get_case(request: Request, case_id: int) -> dict[str, Any]:
    """Return one case with its clocks, steps and history."""
    return _whole(request, case_id)


@router.post("/{int:case_id}/take", auth=Needs(Right.CASES_WORK), response=CaseOut)
def take_case(request: Request, case_id: int, body: SeenIn) -> dict[str, Any]:
    """Make oneself the owner."""
    actions.take(request.auth, case_id, version=body.version)
    return _whole(request, case_id)


@router.post("/{int:case_id}/assign", auth=Needs(Right.CASES_WORK), response=CaseOut)
def assign_case(request: Request, case_id: int, body: CaseAssignIn) -> dict[str, Any]:
    """Give a case to a role or a colleague; its clocks go on in the working time of the role's team."""
    actions.assign(request.auth, case_id, version=body.version, role=body.role, to=body.to, note=body.note)
    return _whole(request, case_id)


@router.post("/{int:case_id}/wait", auth=Needs(Right.CASES_WORK), response=CaseOut)
def wait_for_customer(request: Request, case_id: int, body: WaitIn) -> dict[str, Any]:
    """Wait for the customer; the clocks stand still."""
    actions.wait(request.auth, case_id, version=body.version, until=body.until, note=body.note)
    return _whole(request, case_id)


@router.post("/{int:case_id}/resume", auth=Needs(Right.CASES_WORK), response=CaseOut)
def resume_case(request: Request, case_id: int, body: SeenIn) -> dict[str, Any]:
    """Go on after waiting."""
    actions.resume(request.auth, case_id, version=body.version, note=body.note)
    return _whole(request, case_id)


@router.post("/{int:case_id}/cause", auth=Needs(Right.CASES_WORK), response=CaseOut)
def pin_cause(request: Request, case_id: int, body: CauseIn) -> dict[str, Any]:
    """Record the root cause."""
    actions.pin_cause(request.auth, case_id, version=body.version, cause=body.cause, note=body.note)
    return _whole(request, case_id)


@router.post("/{int:case_id}/step", auth=Needs(Right.CASES_WORK), response=CaseOut)
def do_case_step(request: Request, case_id: int, body: StepIn) -> dict[str, Any]:
    """Do the step that the case is at, or ask for its approval; the last one closes the case."""
    told = stepping.Told(
        step=body.step,
        choice=body.choice,
        note=body.note,
        cause=body.cause,
        skip=body.skip,
        order_version=body.order_version,
    )
    stepping.do_step(request.auth, case_id, version=body.version, told=told)
    return _whole(request, case_id)


@router.post("/{int:case_id}/approve", auth=Needs(Right.CASES_WORK), response=CaseOut)
def approve_step(request: Request, case_id: int, body: ApproveIn) -> dict[str, Any]:
    """Agree to the step that waits for approval."""
    stepping.approve(request.auth, case_id, version=body.version, order_version=body.order_version, note=body.note)
    return _whole(request, case_id)


@router.post("/{int:case_id}/refuse", auth=Needs(Right.CASES_WORK), response=CaseOut)
def refuse_step(request: Request, case_id: int, body: SeenIn) -> dict[str, Any]:
    """Refuse the step that waits for approval, or take back what one asked oneself."""
    stepping.refuse(request.auth, case_id, version=body.version, note=body.note)
    return _whole(request, case_id)


@router.post("/{int:case_id}/close", auth=Needs(Right.CASES_WORK), response=CaseOut)
def close_case(request: Request, case_id: int, body: CloseIn) -> dict[str, Any]:
    """Close a case without its remaining steps."""
    actions.close(request.auth, case_id, version=body.version, outcome=body.outcome, note=body.note)
    return _whole(request, case_id)


@router.post("/{int:case_id}/reopen", auth=Needs(Right.CASES_WORK), response=CaseOut)
def reopen_case(request: Request, case_id: int, body: SeenIn) -> dict[str, Any]:
    """Open a closed case again from its first step."""
    actions.reopen(request.auth, case_id, version=body.version, note=body.note)
    return _whole(request, case_id)


def _whole(request: Request, case_id: int) -> dict[str, Any]:
    return present.whole(queries.get(request.auth.merchant_id, case_id), request.auth, timezone.now())


def _filters(query: CasesIn, user: User) -> Filters:
    return Filters(
        states=query.state or ("open", "waiting", "approval"),
        types=query.type,
        roles=query.role or (queries.owner_roles(user) if query.owner == "my_roles" else ()),
        owner=user.pk if query.owner == "me" else None,
        nobody=query.owner == "nobody",
        approver=user if query.owner == "my_approval" else None,
        late=query.late,
        query=query.q,
    )

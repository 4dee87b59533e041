"""HTTP of what is watched over: incidents of silence, feed health, and differences between the books."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from qingdan.orders.actors import Actor
from qingdan.oversight import actions, queries
from qingdan.people.access import Needs, Request
from qingdan.people.models import User
from qingdan.people.rights import Right

router = Router(tags=["oversight"])


class SpokenOut(Schema):
    """A sentence in both languages."""

    zh: str
    en: str


class IncidentOut(Schema):
    """A source that fell silent; ``behind`` of its orders still wait, the orders page lists them by ``incident``."""

    id: int
    kind: Literal["shop", "warehouse", "carrier", "relay"]
    source: str
    name: str
    cause: str
    cause_words: SpokenOut
    advice: SpokenOut
    detail: str
    since: datetime
    usual_seconds: int | None
    allowed_seconds: int
    opened_at: datetime
    owner_role: str
    behind: int
    most: int
    taken_name: str
    taken_at: datetime | None
    closed_at: datetime | None
    end: Literal["", "returned", "person", "nothing_waits"]
    note: str


class IncidentsOut(Schema):
    """One page of incidents, and how many there are."""

    rows: list[IncidentOut]
    total: int


class IncidentsIn(Schema):
    """Which incidents."""

    open: bool | None = None
    page: int = Field(1, ge=1, le=10_000)
    size: int = Field(20, ge=1, le=100)


class NoteIn(Schema):
    """Why."""

    note: str = Field(max_length=500)


class MoveIn(Schema):
    """Where the orders are to go."""

    destination: int


class MovedOut(Schema):
    """How many orders it was done with."""

    orders: int


class FeedOut(Schema):
    """How one source does: last voice, lag, the last hour against what is usual at this hour of the week."""

    kind: Literal["shop", "answers", "returns", "carrier"]
    source: str
    name: str
    of: str
    last_at: datetime
    lag_seconds: int
    last_hour: int
    usual_hour: float | None
    incident: int | None


class DifferenceOut(Schema):
    """What our ledger and another's books say differently of one order; ``amount`` is fen."""

    id: int
    book: Literal["warehouse", "bill"]
    name: str
    order_id: int
    order_no: str
    channel: str
    shop: str
    stage: str
    kind: str
    what: SpokenOut
    ours: SpokenOut
    theirs: SpokenOut
    amount: int | None
    found_at: datetime
    seen_at: datetime
    vanished_at: datetime | None
    settled_name: str
    settled_at: datetime | None
    reason: str


class DifferencesOut(Schema):
    """One page of differences, and how many there are."""

    rows: list[DifferenceOut]
    total: int


class DifferencesIn(Schema):
    """Which differences."""

    state: Literal["open", "settled", "gone"] = "open"
    book: Literal["warehouse", "bill"] | None = None
    page: int = Field(1, ge=1, le=10_000)
    size: int = Field(20, ge=1, le=100)


class SettleDifferencesIn(Schema):
    """Which differences are settled, and why that is right."""

    ids: Annotated[list[int], Field(min_length=1, max_length=500)]
    reason: str = Field(max_length=500)


class ReconciliationOut(Schema):
    """One comparison: how many orders were compared, not answered for, caught up, found to differ, and agree again."""

    id: int
    book: Literal["warehouse", "bill"]
    name: str
    compared: int
    unanswered: int
    caught_up: int
    found: int
    vanished: int
    began_at: datetime
    ended_at: datetime


@router.get("/incidents", auth=Needs(Right.PUSHES_VIEW), response=IncidentsOut)
def list_incidents(request: Request, query: Query[IncidentsIn]) -> dict[str, Any]:
    """List one page of incidents, the open ones first."""
    rows, total = queries.incidents(request.auth.merchant_id, open_=query.open, number=query.page, size=query.size)
    return {"rows": rows, "total": total}


@router.post("/incidents/{int:incident_id}/take", auth=Needs(Right.INCIDENTS_HANDLE), response=IncidentOut)
def take(request: Request, incident_id: int) -> dict[str, Any]:
    """Say that one looks after it."""
    return queries.incident(actions.take(request.auth.merchant_id, incident_id, _actor(request.auth)))


@router.post("/incidents/{int:incident_id}/close", auth=Needs(Right.INCIDENTS_HANDLE), response=IncidentOut)
def close(request: Request, incident_id: int, body: NoteIn) -> dict[str, Any]:
    """Close it by hand, with a reason; it closes by itself when the source returns."""
    return queries.incident(actions.close(request.auth.merchant_id, incident_id, body.note, _actor(request.auth)))


@router.post("/incidents/{int:incident_id}/ask", auth=Needs(Right.INCIDENTS_HANDLE), response=MovedOut)
def ask(request: Request, incident_id: int) -> dict[str, int]:
    """Try its waiting pushes, and ask about its doubtful ones, now instead of in their turn."""
    return {"orders": actions.ask_now(request.auth.merchant_id, incident_id)}


@router.post("/incidents/{int:incident_id}/elsewhere", auth=Needs(Right.INCIDENTS_HANDLE), response=MovedOut)
def elsewhere(request: Request, incident_id: int, body: MoveIn) -> dict[str, int]:
    """Send what certainly has not reached the silent warehouse to another one."""
    return {"orders": actions.move_elsewhere(request.auth.merchant_id, incident_id, body.destination)}


@router.get("/feeds", auth=Needs(Right.PUSHES_VIEW), response=list[FeedOut])
def feeds(request: Request) -> list[dict[str, Any]]:
    """Return how every shop, warehouse and carrier does, against what is usual at this hour."""
    return queries.feeds(request.auth.merchant_id, timezone.now())


@router.get("/differences", auth=Needs(Right.DIFFERENCES_SETTLE), response=DifferencesOut)
def list_differences(request: Request, query: Query[DifferencesIn]) -> dict[str, Any]:
    """List one page of differences between our ledger and the warehouses' books or the bills."""
    rows, total = queries.differences(
        request.auth.merchant_id, state=query.state, book=query.book, number=query.page, size=query.size
    )
    return {"rows": rows, "total": total}


@router.post("/differences/settle", auth=Needs(Right.DIFFERENCES_SETTLE), response=list[DifferenceOut])
def settle(request: Request, body: SettleDifferencesIn) -> list[dict[str, Any]]:
    """Settle differences with a reason, all or none; 409 when one has been settled or is gone."""
    found = actions.settle_differences(request.auth.merchant_id, body.ids, body.reason, _actor(request.auth))
    return queries.settled(found)


@router.get("/reconciliations", auth=Needs(Right.DIFFERENCES_SETTLE), response=list[ReconciliationOut])
def list_reconciliations(request: Request) -> list[Any]:
    """List the newest thirty comparisons."""
    return list(queries.reconciliations(request.auth.merchant_id))


@router.post("/reconciliations", auth=Needs(Right.DIFFERENCES_SETTLE), response={202: None})
def reconcile(request: Request) -> Status[None]:
    """Compare now instead of tonight; it runs in the background."""
    actions.wake_reconciling(request.auth.merchant_id)
    return Status(202, None)


def _actor(user: User) -> Actor:
    return Actor("user", str(user.id), user.name)

"""HTTP of rule suggestions: a search, what it found, the orders behind a rule, and a draft with rules in it."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Field, Query, Schema

from qingdan.orders.schemas import RowOut
from qingdan.people.access import Needs, Request
from qingdan.people.rights import Right
from qingdan.policies import suggesting
from qingdan.policies.api.actor import actor_of
from qingdan.policies.api.backtests import order_rows
from qingdan.policies.api.drafts import DraftOut, Name
from qingdan.policies.api.routing import router
from qingdan.policies.api.shapes import Said
from qingdan.policies.models import Draft, Suggestion

RuleId = Annotated[str, Field(pattern=r"^s[0-9]{1,2}$")]


class SuggestIn(Schema):
    """What share of a rule's orders must be safe, and which period's decisions to look at (by the orders' creation)."""

    target: Annotated[float, Field(ge=0.9, le=0.999)] = suggesting.TARGET
    since: datetime | None = None
    before: datetime | None = None


class CountOut(Schema):
    """Decided orders that a rule selects, the unsafe ones, the share of safe ones and the least share not refuted."""

    n: int
    bad: int
    rate: float | None
    bound: float


class SetOut(CountOut):
    """Rules together on the later days; ``share`` of the decisions there, ``waiting``: orders that would go now."""

    rules: int
    share: float
    waiting: int


class SuggestedOut(Schema):
    """One rule: ``checks`` would pass its orders, too; examples were released by hand, counter-examples were not."""

    id: str
    condition: str
    text: Said
    sentence: Said
    checks: list[str]
    earlier: CountOut
    later: CountOut
    examples: list[int]
    counters: list[int]
    proven: bool


class PartOut(Schema):
    """Decisions of the earlier or the later days."""

    n: int
    bad: int
    first: date | None
    last: date | None


class FoundOut(Schema):
    """What a search found; ``lacking`` is how many more safe decisions a proof needs, ``look`` the how-manieth test."""

    outcome: Literal["proven", "not_proven", "no_rule", "too_few", "one_day"]
    target: float
    confidence: float | None = None
    look: int | None = None
    decisions: int
    unsafe: int
    recent: int
    earlier: PartOut
    later: PartOut
    lacking: int
    rules: list[SuggestedOut]
    set: SetOut | None


class SuggestionOut(Schema):
    """A search and how far it is."""

    id: int
    state: Literal["queued", "running", "done", "failed"]
    hash: str
    target: float
    since: datetime | None
    before: datetime | None
    created_at: datetime
    created_by: str
    finished_at: datetime | None
    result: FoundOut | None


class BehindIn(Schema):
    """Which orders of a rule."""

    rule: RuleId = "s1"
    safe: bool = True


class SuggestedDraftIn(Schema):
    """The draft's name, and the rules to put into it."""

    name: Name
    rules: list[RuleId] = Field(min_length=1, max_length=20)


@router.post("/suggestions", auth=Needs(Right.POLICIES_EDIT), response=SuggestionOut)
def create_suggestion(request: Request, body: SuggestIn) -> Suggestion:
    """Search hand decisions for rules that the live policy lacks; it runs in the background."""
    return suggesting.create(
        request.auth.merchant_id, actor_of(request), target=body.target, since=body.since, before=body.before
    )


@router.get("/suggestions", auth=Needs(Right.POLICIES_VIEW), response=list[SuggestionOut])
def list_suggestions(request: Request) -> list[Suggestion]:
    """List the newest ten searches with what they found."""
    found = Suggestion.objects.filter(merchant_id=request.auth.merchant_id)
    return list(found.order_by("-id")[:10])


@router.get("/suggestions/{int:suggestion_id}", auth=Needs(Right.POLICIES_VIEW), response=SuggestionOut)
def get_suggestion(request: Request, suggestion_id: int) -> Suggestion:
    """Return one search, with what it found once it is done."""
    return suggesting.get(request.auth.merchant_id, suggestion_id)


@router.get("/suggestions/{int:suggestion_id}/orders", auth=Needs(Right.POLICIES_VIEW), response=list[RowOut])
def get_suggestion_orders(request: Request, suggestion_id: int, query: Query[BehindIn]) -> list[dict[str, Any]]:
    """Return the newest orders that speak for a rule, or against it, as they stand now."""
    merchant = request.auth.merchant_id
    row = suggesting.get(merchant, suggestion_id)
    return order_rows(merchant, suggesting.orders_of(row, query.rule, safe=query.safe))


@router.post("/suggestions/{int:suggestion_id}/draft", auth=Needs(Right.POLICIES_EDIT), response=DraftOut)
def draft_suggestion(request: Request, suggestion_id: int, body: SuggestedDraftIn) -> Draft:
    """Keep a draft of the live policy with rules in it; 409 when another policy went live since."""
    return suggesting.draft(request.auth.merchant_id, suggestion_id, body.rules, body.name, actor_of(request))

"""HTTP of drafts."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Field, Schema

from qingdan.people.access import Needs, Request
from qingdan.people.rights import Right
from qingdan.policies import drafts, queries
from qingdan.policies.api.actor import actor_of
from qingdan.policies.api.routing import router
from qingdan.policies.api.shapes import Said, Source
from qingdan.policies.models import Draft

Name = Annotated[str, Field(min_length=1, max_length=80)]


class DraftRowOut(Schema):
    """A draft in the list."""

    id: int
    name: str
    version: int
    based_on: str
    created_at: datetime
    created_by: str
    changed_at: datetime
    changed_by: str


class DraftOut(DraftRowOut):
    """A draft with its text."""

    source: str


class NewDraftIn(Schema):
    """A new draft; without a text it begins as the live policy."""

    name: Name
    source: Source | None = None


class TextIn(Schema):
    """A policy's text."""

    source: Source


class SaveDraftIn(Schema):
    """A draft's new content; ``version`` is the one it was opened at."""

    name: Name
    source: Source
    version: int


class PolicyDifferenceOut(Schema):
    """One part of a policy that differs; ``before`` and ``after`` are conditions in words."""

    kind: str
    id: str
    change: str
    title: Said
    before: Said | None
    after: Said | None


class ComparedOut(Schema):
    """What differs from the live policy; ``same`` when both decide alike."""

    live: str
    hash: str
    same: bool
    differences: list[PolicyDifferenceOut]


@router.get("/drafts", auth=Needs(Right.POLICIES_VIEW), response=list[DraftRowOut])
def list_drafts(request: Request) -> list[Draft]:
    """List the drafts, the one changed last first."""
    found = Draft.objects.filter(merchant_id=request.auth.merchant_id).defer("source")
    return list(found.order_by("-changed_at", "-id"))


@router.post("/drafts", auth=Needs(Right.POLICIES_EDIT), response=DraftOut)
def create_draft(request: Request, body: NewDraftIn) -> Draft:
    """Keep a new draft."""
    merchant = request.auth.merchant_id
    source = body.source if body.source is not None else queries.live_source(merchant)
    return drafts.create(merchant, body.name, source, actor_of(request))


@router.get("/drafts/{int:draft_id}", auth=Needs(Right.POLICIES_VIEW), response=DraftOut)
def get_draft(request: Request, draft_id: int) -> Draft:
    """Return one draft."""
    return drafts.get(request.auth.merchant_id, draft_id)


@router.put("/drafts/{int:draft_id}", auth=Needs(Right.POLICIES_EDIT), response=DraftOut)
def save_draft(request: Request, draft_id: int, body: SaveDraftIn) -> Draft:
    """Save a draft; 409 when somebody else has saved it since it was opened."""
    return drafts.save(
        request.auth.merchant_id,
        draft_id,
        version=body.version,
        name=body.name,
        source=body.source,
        actor=actor_of(request),
    )


@router.delete("/drafts/{int:draft_id}", auth=Needs(Right.POLICIES_EDIT), response={204: None})
def delete_draft(request: Request, draft_id: int) -> HttpResponse:
    """Delete a draft."""
    drafts.delete(request.auth.merchant_id, draft_id, actor_of(request))
    return HttpResponse(status=204)


@router.post("/compare", auth=Needs(Right.POLICIES_VIEW), response=ComparedOut)
def compare_text(request: Request, body: TextIn) -> dict[str, Any]:
    """Return what a text decides differently from the live policy; 422 when it has errors."""
    return _compared(request.auth.merchant_id, body.source)


@router.get("/drafts/{int:draft_id}/compare", auth=Needs(Right.POLICIES_VIEW), response=ComparedOut)
def compare_draft(request: Request, draft_id: int) -> dict[str, Any]:
    """Return what a draft decides differently from the live policy; 422 when it has errors."""
    merchant = request.auth.merchant_id
    return _compared(merchant, drafts.get(merchant, draft_id).source)


def _compared(merchant: int, source: str) -> dict[str, Any]:
    new = drafts.ready(source).policy
    old = drafts.ready(queries.live_source(merchant)).policy
    return {
        "live": old.hash,
        "hash": new.hash,
        "same": old.hash == new.hash,
        "differences": drafts.compare(old, new),
    }

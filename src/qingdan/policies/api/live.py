"""HTTP of policies: the live one, as people read it."""

from datetime import datetime
from typing import Any

from ninja import Schema

from qingdan.people.access import Needs, Request
from qingdan.people.rights import Right
from qingdan.policies import present, queries
from qingdan.policies.api.routing import router
from qingdan.policies.api.shapes import Said


class RuleOut(Schema):
    """One rule with its condition in words."""

    id: str
    kind: str
    title: Said
    text: Said


class TierOut(Schema):
    """One row of the tier table, in its order; the first that holds is the order's tier."""

    id: str
    title: Said
    text: Said
    owner: str
    respond: Said | None
    resolve: Said | None


class WordListOut(Schema):
    """A named list of words that rules look for."""

    name: str
    items: list[str]


class PolicyOut(Schema):
    """A policy version."""

    id: str
    title: Said
    hash: str
    live_since: datetime | None
    scope: Said | None
    rules: list[RuleOut]
    tiers: list[TierOut]
    words: list[WordListOut]


@router.get("/live", auth=Needs(Right.POLICIES_VIEW), response=PolicyOut)
def get_live(request: Request) -> dict[str, Any]:
    """Return the policy that decides new orders now."""
    policy = present.live_policy(request.auth.merchant_id)
    return {
        "id": policy.id,
        "title": policy.title.both(),
        "hash": policy.hash,
        "live_since": queries.live_since(request.auth.merchant_id),
        "scope": present.scope(policy),
        "rules": present.rules(policy),
        "tiers": present.tiers(policy),
        "words": [{"name": name, "items": items} for name, items in policy.words.items()],
    }

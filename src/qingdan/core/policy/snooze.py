"""Rules that do not count for some orders for a while.

A snoozed check counts as passed, a snoozed exception or hold as not firing, whatever the order's facts are, also where
they are missing. Everything else is decided as ever: the other rules, the tiers (which see the check passed and the
hold silent) and the lattice. A tag, a tier row or the scope can not be snoozed, and an id that is no rule of the policy
changes nothing. The policy keeps its hash: it is the order that is special, not the policy.

It is done by judging such orders with a variant of the policy whose snoozed conditions are constants, so both back
ends are equal on it for the reason that they are equal at all.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from qingdan.core.policy.ast import Truth
from qingdan.core.policy.model import Kind, Policy

SNOOZED: Final = "snoozed"
"""Column of a frame (String, and key of a single order) with the ids of an order's snoozed rules, sorted, joined by
``;``; null or empty when there are none."""
SNOOZABLE: Final = frozenset({Kind.CHECK, Kind.EXCEPTION, Kind.HOLD})


def joined(rules: Iterable[str]) -> str:
    """Rule ids as the column holds them."""
    return ";".join(sorted(set(rules)))


def without(policy: Policy, snoozed: str) -> Policy:
    """The policy as it decides an order for which the rules of ``snoozed`` (joined by ``;``) do not count."""
    ids = set(snoozed.split(";"))
    rules = tuple(
        replace(rule, ast=Truth(value=rule.kind is Kind.CHECK)) if rule.id in ids and rule.kind in SNOOZABLE else rule
        for rule in policy.rules
    )
    return replace(policy, rules=rules)

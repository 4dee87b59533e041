"""Kinds of work that a clean-up is planned in: what an order needs from people, read off the order itself.

Finer than a tier, coarser than a reason: each kind has its own handling time and can be given to a group of people.
"""

from typing import Final

from qingdan.core.message import Words

KINDS: Final = ("regular", "urgent", "address", "payment", "exception")
LABELS: Final[dict[str, Words]] = {
    "regular": Words("常规放行", "Regular"),
    "urgent": Words("紧急单", "Urgent"),
    "address": Words("地址问题", "Address"),
    "payment": Words("支付异常", "Payment"),
    "exception": Words("其他异常", "Other exceptions"),
}
USUAL_MINUTES: Final[dict[str, float]] = {
    "regular": 1.5,
    "urgent": 3.0,
    "address": 6.0,
    "payment": 5.0,
    "exception": 4.0,
}
"""Minutes an order of a kind is taken to need as long as little was measured: first guesses, counted as one case."""
USUAL_ROLE: Final[dict[str, str]] = {
    "regular": "front_line",
    "urgent": "supervisor",
    "address": "front_line",
    "payment": "finance",
    "exception": "risk",
}
"""Which owner role's team does a kind unless the plan says otherwise."""
ADDRESS_REASONS: Final = ("address_unclear", "address_change")
PAYMENT_REASONS: Final = ("payment", "payment_failed")
PAYMENT_MATCHES: Final = ("short", "over", "double", "missing", "unexpected", "unpaid")

KIND: Final = (
    "CASE WHEN o.reasons && ARRAY['address_unclear','address_change'] OR o.address_quality = 'incomplete' "
    "OR o.address_changed THEN 'address' "
    "WHEN o.reasons && ARRAY['payment','payment_failed'] "
    "OR o.payment_match IN ('short','over','double','missing','unexpected','unpaid') THEN 'payment' "
    "WHEN o.tier = 'urgent' THEN 'urgent' "
    "WHEN o.stage IN ('exception','held') THEN 'exception' ELSE 'regular' END"
)
"""The kind of an order ``o`` as SQL; the desk's queues of addresses and payments say the same."""
WAITS: Final = "o.stage IN ('in_review','exception','held')"
PARKED: Final = "(o.stage = 'held' AND o.hand_decided)"
"""Put aside by a person until something comes: scheduled, and nothing to do for anybody now."""


def may_do(skills: set[str]) -> tuple[bool, ...]:
    """Tell which of ``KINDS`` a person can do, by her skills of the kind ``reason``; without one she does them all."""
    reasons = {skill.removeprefix("reason:") for skill in skills if skill.startswith("reason:")}
    if not reasons:
        return (True,) * len(KINDS)
    own = {"address": ADDRESS_REASONS, "payment": PAYMENT_REASONS}
    special = reasons <= {*ADDRESS_REASONS, *PAYMENT_REASONS}
    return tuple(bool(reasons.intersection(own[kind])) if kind in own else not special for kind in KINDS)

"""Stages of an order and the moves between them."""

from enum import StrEnum
from typing import Final


class Stage(StrEnum):
    """Where an order stands with us; labels are in the field catalogue."""

    UNPAID = "unpaid"
    IN_REVIEW = "in_review"
    EXCEPTION = "exception"
    HELD = "held"
    RELEASED = "released"
    SENT = "sent"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"
    ARCHIVED = "archived"


class Verdict(StrEnum):
    """What review says; ``none`` when the order does not wait to ship."""

    NONE = "none"
    RELEASE = "release"
    REVIEW = "review"
    EXCEPTION = "exception"


BACKLOG: Final = frozenset({Stage.IN_REVIEW, Stage.EXCEPTION, Stage.HELD})
"""Stages that wait for us."""

UNSHIPPED: Final = BACKLOG | {Stage.RELEASED, Stage.SENT}
"""Stages of paid orders that have not left: here the time promised to the buyer runs."""

DONE: Final = frozenset({Stage.SHIPPED, Stage.CANCELLED, Stage.ARCHIVED})


MOVES: Final[dict[Stage, frozenset[Stage]]] = {
    Stage.UNPAID: frozenset(Stage) - {Stage.UNPAID},
    Stage.IN_REVIEW: frozenset(Stage) - {Stage.IN_REVIEW},
    Stage.EXCEPTION: frozenset(Stage) - {Stage.EXCEPTION},
    Stage.HELD: frozenset(Stage) - {Stage.HELD},
    Stage.RELEASED: frozenset(Stage) - {Stage.RELEASED, Stage.UNPAID},
    Stage.SENT: frozenset({Stage.SHIPPED, Stage.CANCELLED, Stage.EXCEPTION, Stage.RELEASED}),
    Stage.SHIPPED: frozenset({Stage.CANCELLED, Stage.ARCHIVED, Stage.EXCEPTION}),
    Stage.CANCELLED: frozenset({Stage.ARCHIVED, Stage.IN_REVIEW, Stage.EXCEPTION, Stage.HELD, Stage.RELEASED}),
    Stage.ARCHIVED: frozenset({Stage.IN_REVIEW, Stage.EXCEPTION}),
}
"""Stage → stages it may move to. A sent order can not go back to review: what the warehouse holds is intercepted."""


def may_move(source: Stage, target: Stage) -> bool:
    """Whether an order may move from ``source`` to ``target``; staying is always allowed."""
    return source is target or target in MOVES[source]


STAGE_OF_PLATFORM_STATE: Final[dict[str, Stage]] = {
    "unpaid": Stage.UNPAID,
    "partly_shipped": Stage.SENT,
    "shipped": Stage.SHIPPED,
    "signed": Stage.SHIPPED,
    "closed": Stage.CANCELLED,
    "cancelled": Stage.CANCELLED,
}
"""Stage of an order that does not wait to ship (verdict ``none``), by what the platform says."""

STAGE_OF_VERDICT: Final[dict[Verdict, Stage]] = {
    Verdict.RELEASE: Stage.RELEASED,
    Verdict.REVIEW: Stage.IN_REVIEW,
    Verdict.EXCEPTION: Stage.EXCEPTION,
}
"""Stage by verdict; an exception that a hold caused is ``held`` instead."""

"""When the next message may go: windows of time with a number of messages each. Pure; times are seconds."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``count`` messages in any ``seconds``."""

    count: int
    seconds: float


def next_at(limits: Sequence[Limit], sent: Sequence[float], now: float) -> float:
    """Return the earliest moment, ``now`` or later, at which one more message keeps every limit.

    ``sent`` holds the moments of the messages before, ascending.
    """
    moment = now
    for limit in limits:
        if len(sent) >= limit.count:
            moment = max(moment, sent[-limit.count] + limit.seconds)
    return moment


def needed(limits: Sequence[Limit], sent: Sequence[float], now: float) -> list[float]:
    """Return the moments of ``sent`` that can still matter."""
    longest = max(limit.seconds for limit in limits)
    return [moment for moment in sent if moment > now - longest]

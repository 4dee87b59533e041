"""Which outlets an alert is told through, and when: first-hit routes of steps, and quiet hours. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from qingdan.core.worktime import DAY_MINUTES, Shift

MOST_STEPS: Final = 6
MOST_MINUTES: Final = 7 * DAY_MINUTES


@dataclass(frozen=True, slots=True)
class Step:
    """Tell ``outlet`` (None: the page alone) and call the people of ``role`` ('': the alert's), ``after`` minutes."""

    outlet: int | None
    role: str
    after: int


@dataclass(frozen=True, slots=True)
class Rule:
    """A route; empty sets match every alert."""

    kinds: frozenset[str]
    tiers: frozenset[str]
    roles: frozenset[str]
    steps: tuple[Step, ...]

    def matches(self, kind: str, tier: str, role: str) -> bool:
        """Whether the route is for such alerts."""
        wanted = ((self.kinds, kind), (self.tiers, tier), (self.roles, role))
        return all(not among or given in among for among, given in wanted)


USUAL: Final = (Step(None, "", 0), Step(None, "supervisor", 30))
"""What holds where no route matches: the page tells the owner's role, and the supervisor half an hour later."""


def steps_of(rules: Iterable[Rule], kind: str, tier: str, role: str) -> tuple[Step, ...]:
    """Return the steps of the first route that matches."""
    return next((rule.steps for rule in rules if rule.matches(kind, tier, role)), USUAL)


def read_steps(rows: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    """Read stored steps, in the order of time."""
    steps = (Step(row["outlet"], row["role"], row["after"]) for row in rows)
    return tuple(sorted(steps, key=lambda step: step.after))


def quiet_until(quiet: str, now: datetime, zone: str) -> datetime | None:
    """Return when the quiet hours ``22:00-08:00`` that ``now`` lies in end, or None outside of them."""
    if not quiet:
        return None
    shift = Shift.of(quiet)
    local = now.astimezone(ZoneInfo(zone))
    minute = local.hour * 60 + local.minute
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    for before in (0, DAY_MINUTES):
        if shift.start <= minute + before < shift.end:
            return midnight + timedelta(minutes=shift.end - before)
    return None

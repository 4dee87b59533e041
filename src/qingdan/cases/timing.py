"""The three clocks of a case, read in the working time of whoever owns it."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import pairwise
from typing import Any, Final, NamedTuple

from qingdan.cases.models import Case
from qingdan.cases.types import CaseType, case_types
from qingdan.core.clocks import Clock, Phase, Reading, read_clock
from qingdan.core.worktime import OutsideCalendarError, Timeline, micros, moment
from qingdan.people import queries as people

PhaseRow = list[Any]
"""``[µs since 1970, owner role]``; null for the role while the customer is waited for."""
LineOf = Callable[[str], Timeline]
DUE_COLUMN: Final = {Clock.RESPOND: "respond_due", Clock.RESOLVE: "resolve_due", Clock.CAUSE: "cause_due"}


class Told(NamedTuple):
    """What a clock shows: see ``core.clocks.Reading``; ``limit`` in working µs, ``stopped_at`` when it was met."""

    clock: Clock
    limit: int
    reading: Reading
    stopped_at: datetime | None


def lines(merchant: int, since: datetime, now: datetime) -> LineOf:
    """Return what gives the working time of an owner role between two moments; each is asked for once."""
    known: dict[str, Timeline] = {}

    def line(role: str) -> Timeline:
        if role not in known:
            known[role] = people.timeline_of_role(merchant, role, since, now)
        return known[role]

    return line


def limit_of(kind: CaseType, clock: Clock) -> int | None:
    """Return the limit of a type's clock."""
    return {Clock.RESPOND: kind.respond, Clock.RESOLVE: kind.resolve, Clock.CAUSE: kind.cause}[clock]


def dues(kind: CaseType, phases: Sequence[PhaseRow], now: datetime, line: LineOf) -> dict[Clock, datetime | None]:
    """Return when each clock runs out if nothing changes; None for one that stands still or does not exist."""
    found: dict[Clock, datetime | None] = dict.fromkeys(Clock)
    for clock in Clock:
        limit = limit_of(kind, clock)
        if limit is None:
            continue
        try:
            due = read_clock(limit, _phases(phases, line), micros(now)).due
        except OutsideCalendarError:
            due = None  # a team that does not work for months has no deadline to name
        found[clock] = None if due is None else moment(due)
    return found


def start(case: Case, now: datetime) -> None:
    """Start the clocks of a case anew under its owner role."""
    case.phases = [[micros(now), case.owner_role]]
    _set(case, now, tuple(Clock))


def change(case: Case, now: datetime, *, paused: bool) -> None:
    """Go on under the case's owner role from ``now``, or stand still; clocks that were met are left alone."""
    role = None if paused else case.owner_role
    if case.phases and case.phases[-1][1] == role:
        return
    case.phases = [*case.phases, [micros(now), role]]
    _set(case, now, running(case))


def running(case: Case) -> tuple[Clock, ...]:
    """Return the clocks of a case that nobody has met yet."""
    met = {Clock.RESPOND: case.responded_at, Clock.RESOLVE: case.closed_at, Clock.CAUSE: case.cause_at}
    return tuple(clock for clock in Clock if met[clock] is None)


def told(case: Case, now: datetime) -> list[Told]:
    """Read every clock of a case, a met one as of the moment it was met."""
    line = lines(case.merchant_id, case.opened_at, now)
    met = {Clock.RESPOND: case.responded_at, Clock.RESOLVE: case.closed_at, Clock.CAUSE: case.cause_at}
    found = []
    for clock in Clock:
        limit = limit_of(case_types()[case.type], clock)
        if limit is None:
            continue
        stopped = met[clock] or case.closed_at
        at = max(micros(stopped or now), case.phases[0][0])
        with suppress(OutsideCalendarError):
            found.append(Told(clock, limit, read_clock(limit, _phases(case.phases, line), at), met[clock]))
    return found


def worked(case: Case, begin: datetime, end: datetime) -> int:
    """Return the working seconds between two moments of a case's life, waiting for the customer left out."""
    line = lines(case.merchant_id, min(begin, case.opened_at), end)
    first, last = micros(begin), micros(end)
    total = 0
    rows = [*case.phases, [last, None]]
    for (at, role), (following, _) in pairwise(rows):
        if role is not None and max(at, first) < min(following, last):
            total += line(role).between_one(max(at, first), min(following, last))
    return total // 1_000_000


def _phases(rows: Sequence[PhaseRow], line: LineOf) -> list[Phase]:
    return [Phase(at, None if role is None else line(role)) for at, role in rows]


def _set(case: Case, now: datetime, clocks: Sequence[Clock]) -> None:
    since = moment(case.phases[0][0])
    found = dues(case_types()[case.type], case.phases, now, lines(case.merchant_id, since, now))
    for clock in clocks:
        setattr(case, DUE_COLUMN[clock], found[clock])

"""Who works when: a person's own shifts over the team's calendar, without the hours of leave. Pure.

Moments are µs UTC, as in ``worktime``; spans are half open.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from qingdan.core.worktime import NO_PUBLIC_DAYS, PublicDays, Shift, WorkCalendar

Span = tuple[int, int]

_AHEAD: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rota:
    """One person's work: the team's calendar, the days that the roster says otherwise of, and leave.

    A day of ``duties`` without shifts is a day off. ``leave`` holds spans in any order; they may overlap.
    """

    calendar: WorkCalendar
    duties: Mapping[date, tuple[Shift, ...]]
    leave: tuple[Span, ...] = ()

    def spans(self, first: date, last: date, public: PublicDays = NO_PUBLIC_DAYS) -> list[Span]:
        """Spans of work from local midnight of ``first`` to the end of ``last``, sorted, apart from each other."""
        own = replace(self.calendar, own_days={**self.calendar.own_days, **self.duties})
        line = own.timeline(first, last, public)
        return without(zip(line.starts.tolist(), line.ends.tolist(), strict=True), self.leave)

    def span_at(self, at: int, day: date, public: PublicDays = NO_PUBLIC_DAYS) -> Span | None:
        """Span of work that the moment ``at`` of the local day ``day`` lies in, or None while the person is off."""
        for start, end in self.spans(day - _AHEAD, day + _AHEAD, public):
            if start <= at < end:
                return start, end
        return None


def without(spans: Iterable[Span], gaps: Sequence[Span]) -> list[Span]:
    """Cut ``gaps`` out of ``spans``, which are sorted and apart."""
    holes = sorted(gap for gap in gaps if gap[0] < gap[1])
    left: list[Span] = []
    for start, end in spans:
        begin = start
        for off, back in holes:
            if back <= begin or off >= end:
                continue
            if off > begin:
                left.append((begin, off))
            begin = max(begin, back)
        if begin < end:
            left.append((begin, end))
    return left


def overlap(spans: Iterable[Span], begin: int, finish: int) -> int:
    """Time of ``spans`` that lies between two moments."""
    return sum(max(0, min(end, finish) - max(start, begin)) for start, end in spans)

"""Working time: a team's calendar of shifts, holidays and make-up workdays, as a line on which hours are counted.

A ``WorkCalendar`` says when a team works in words a supervisor uses: shifts by weekday, whether public holidays are
off, days of its own. ``timeline`` turns it into sorted open spans between two days; on a ``Timeline`` working time
between two moments and the moment after so much working time are look-ups, for one moment or for millions.

Moments are int64 microseconds since 1970 in UTC, spans are int64 microseconds of working time. A span is open from its
start up to, and not including, its end.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Micros = NDArray[np.int64]

MINUTE: Final = 60_000_000
"""Microseconds in a minute."""
HOUR: Final = 60 * MINUTE
DAY_MINUTES: Final = 24 * 60
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
SHANGHAI: Final = "Asia/Shanghai"
_MICRO: Final = timedelta(microseconds=1)


class OutsideCalendarError(ValueError):
    """A moment lies before or after the days that a timeline was made for."""


class Shift(NamedTuple):
    """A stretch of work on a day, in minutes after local midnight; ``end`` passes 1440 where it ends next day."""

    start: int
    end: int

    @classmethod
    def of(cls, text: str) -> "Shift":
        """Read ``09:00-12:00``; an end at or before the start is on the next day. Raises ValueError."""
        first, dash, last = text.replace("–", "-").replace("：", ":").partition("-")
        if not dash:
            raise ValueError(f"not a shift: {text!r}")
        start, end = _clock_minutes(first), _clock_minutes(last)
        return cls(start, end if end > start else end + DAY_MINUTES)


@dataclass(frozen=True, slots=True)
class PublicDays:
    """Public holidays and make-up workdays of a country between two days, both included.

    Outside ``first``..``last`` nothing is known, and weekdays alone decide; ``knows`` tells whether a day is inside.
    """

    holidays: Mapping[date, str] = field(default_factory=dict)
    make_up: Mapping[date, str] = field(default_factory=dict)
    first: date = date.max
    last: date = date.min

    def knows(self, day: date) -> bool:
        """Whether the arrangement of this day has been published and is here."""
        return self.first <= day <= self.last


NO_PUBLIC_DAYS: Final = PublicDays()


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """When a team works.

    ``week`` holds the shifts of Monday to Sunday. On a public holiday nobody works unless ``works_holidays``; on a
    make-up workday the shifts of ``make_up_like`` (0 = Monday) hold, unless the day has shifts of its own by the week.
    ``own_days`` goes before everything: a day off of the firm (no shifts), or extra shifts before a promotion.
    """

    week: tuple[tuple[Shift, ...], ...]
    works_holidays: bool = False
    make_up_like: int = 0
    own_days: Mapping[date, tuple[Shift, ...]] = field(default_factory=dict)
    zone: str = SHANGHAI

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise ValueError("a week has seven days")
        if not 0 <= self.make_up_like < 7:
            raise ValueError("make_up_like is a weekday, 0 to 6")
        for shifts in (*self.week, *self.own_days.values()):
            for shift in shifts:
                if not 0 <= shift.start < DAY_MINUTES or not 0 < shift.end - shift.start <= DAY_MINUTES:
                    raise ValueError(f"not a shift of one day: {shift}")

    def shifts_on(self, day: date, public: PublicDays = NO_PUBLIC_DAYS) -> tuple[Shift, ...]:
        """Shifts that begin on a local day."""
        if day in self.own_days:
            return self.own_days[day]
        usual = self.week[day.weekday()]
        if self.works_holidays:
            return usual
        if day in public.holidays:
            return ()
        if day in public.make_up:
            return usual or self.week[self.make_up_like]
        return usual

    def timeline(self, first: date, last: date, public: PublicDays = NO_PUBLIC_DAYS) -> "Timeline":
        """Open spans from local midnight of ``first`` to the end of ``last``. Overlapping shifts count once."""
        if last < first:
            raise ValueError("the last day lies before the first")
        zone = ZoneInfo(self.zone)
        midnights = [_midnight(first + timedelta(days=n), zone) for n in range((last - first).days + 3)]
        begin, finish = midnights[0], midnights[-2]
        raw: list[tuple[int, int, int]] = []
        # the night shift of the day before reaches into the first day
        for offset in range(-1, (last - first).days + 1):
            day = first + timedelta(days=offset)
            for shift in self.shifts_on(day, public):
                start, end = _local(day, shift.start, zone), _local(day, shift.end, zone)
                if end > begin and start < finish and end > start:
                    raw.append((max(start, begin), min(end, finish), max(offset, 0)))
        return Timeline.of_spans(raw, midnights[:-1], begin, finish)


def every_day(*shifts: str, days: int = 7, zone: str = SHANGHAI, works_holidays: bool = False) -> WorkCalendar:
    """Make a calendar with the same shifts on the first ``days`` days: ``every_day("09:00-18:00", days=5)``."""
    day = tuple(Shift.of(text) for text in shifts)
    week = tuple(day if n < days else () for n in range(7))
    return WorkCalendar(week, works_holidays=works_holidays, zone=zone)


@dataclass(frozen=True, slots=True)
class Timeline:
    """Open spans of a calendar, ready to be counted on.

    ``starts`` and ``ends`` (m,) are sorted and do not touch; ``before`` (m,) is the working time before each span.
    ``midnights`` (d + 1,) are the local days' beginnings; ``closing`` (d,) is when the last shift that begins on each
    day ends, or the day's own beginning where nobody works.
    """

    starts: Micros
    ends: Micros
    before: Micros
    midnights: Micros
    closing: Micros
    begin: int
    finish: int

    @classmethod
    def of_spans(cls, raw: list[tuple[int, int, int]], midnights: list[int], begin: int, finish: int) -> "Timeline":
        """Join spans (start, end, number of the day they belong to) that touch or overlap."""
        closing = list(midnights[:-1])
        joined: list[list[int]] = []
        for start, end, day in sorted(raw):
            closing[day] = max(closing[day], end)
            if joined and start <= joined[-1][1]:
                joined[-1][1] = max(joined[-1][1], end)
            else:
                joined.append([start, end])
        table = np.array(joined, dtype=np.int64).reshape(-1, 2)
        lengths = table[:, 1] - table[:, 0]
        before = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)[:-1]]) if len(table) else lengths
        days, ends = np.array(midnights, np.int64), np.maximum.accumulate(np.array(closing, np.int64))
        return cls(table[:, 0].copy(), table[:, 1].copy(), before, days, ends, begin, finish)

    @property
    def total(self) -> int:
        """All working time of the timeline."""
        return int(self.before[-1] + self.ends[-1] - self.starts[-1]) if len(self.starts) else 0

    def worked(self, at: Micros) -> Micros:
        """Working time from the timeline's beginning to each moment, shape as ``at``. Raises OutsideCalendarError."""
        moments = np.asarray(at, dtype=np.int64)
        self._inside(moments)
        if not len(self.starts):
            return np.zeros_like(moments)
        index = np.searchsorted(self.starts, moments, side="right") - 1
        known = np.maximum(index, 0)
        inside = np.minimum(moments, self.ends[known]) - self.starts[known]
        return np.where(index < 0, 0, self.before[known] + inside).astype(np.int64)

    def between(self, start: Micros, end: Micros) -> Micros:
        """Working time between two moments each, negative when ``end`` lies before ``start``."""
        return self.worked(end) - self.worked(start)

    def after(self, start: Micros, span: Micros) -> Micros:
        """First moment at which ``span`` of working time has passed since ``start`` (shapes alike or broadcast).

        A span of zero ends at ``start``. Raises OutsideCalendarError when the timeline ends before.
        """
        begin, spans = np.broadcast_arrays(np.asarray(start, np.int64), np.asarray(span, np.int64))
        if np.any(spans < 0):
            raise ValueError("a span of working time is not negative")
        target = self.worked(begin) + spans
        if np.any(target[spans > 0] > self.total):
            raise OutsideCalendarError("the timeline ends before so much working time has passed")
        if not len(self.starts):
            return begin.copy()
        index = np.maximum(np.searchsorted(self.before, target, side="left") - 1, 0)
        return np.where(spans == 0, begin, self.starts[index] + target - self.before[index]).astype(np.int64)

    def is_open(self, at: Micros) -> NDArray[np.bool_]:
        """Whether somebody works at each moment."""
        moments = np.asarray(at, dtype=np.int64)
        self._inside(moments)
        if not len(self.starts):
            return np.zeros(moments.shape, dtype=np.bool_)
        index = np.searchsorted(self.starts, moments, side="right") - 1
        return np.asarray((index >= 0) & (moments < self.ends[np.maximum(index, 0)]), dtype=np.bool_)

    def next_open(self, at: Micros) -> Micros:
        """Give each moment itself where somebody works, else the beginning of the next span."""
        moments = np.asarray(at, dtype=np.int64)
        index = np.searchsorted(self.ends, moments, side="right")
        self._inside(moments)
        if np.any(index >= len(self.starts)):
            raise OutsideCalendarError("nobody works after this moment in the timeline")
        return np.maximum(moments, self.starts[index])

    def same_day(self, at: Micros, least: int = 0) -> Micros:
        """End of the working day on which work at each moment is possible: the "same day" of a deadline.

        That is the closing of the shift day that ``at`` lies in; where that day has closed, or less than ``least``
        working time is left of it, the closing of the next working day.
        """
        moments = np.asarray(at, dtype=np.int64)
        self._inside(moments)
        closings = self.closing[self.closing > self.midnights[:-1]]
        index = np.searchsorted(closings, moments, side="right")
        while True:
            if np.any(index >= len(closings)):
                raise OutsideCalendarError("no working day is left in the timeline")
            short = self.between(moments, closings[index]) < max(least, 1)
            if not np.any(short):
                break
            index = index + short
        return closings[index]

    def between_one(self, start: int, end: int) -> int:
        """Do for one pair of moments what ``between`` does for many, without arrays."""
        return self._worked_one(end) - self._worked_one(start)

    def after_one(self, start: int, span: int) -> int:
        """Do for one moment what ``after`` does for many, without arrays."""
        if span < 0:
            raise ValueError("a span of working time is not negative")
        if span == 0:
            return start
        target = self._worked_one(start) + span
        if target > self.total:
            raise OutsideCalendarError("the timeline ends before so much working time has passed")
        index = max(bisect_left(self.before, target) - 1, 0)
        return int(self.starts[index]) + target - int(self.before[index])

    def same_day_one(self, at: int, least: int = 0) -> int:
        """Do for one moment what ``same_day`` does for many."""
        return int(self.same_day(np.array([at], np.int64), least)[0])

    def _worked_one(self, at: int) -> int:
        if not self.begin <= at <= self.finish:
            raise OutsideCalendarError("the moment lies outside the calendar's days")
        index = bisect_right(self.starts, at) - 1
        if index < 0:
            return 0
        return int(self.before[index]) + min(at, int(self.ends[index])) - int(self.starts[index])

    def _inside(self, at: Micros) -> None:
        if at.size and (at.min() < self.begin or at.max() > self.finish):
            raise OutsideCalendarError("a moment lies outside the calendar's days")


def micros(moment: datetime) -> int:
    """Microseconds since 1970 of an aware moment. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return (moment - EPOCH) // _MICRO


def moment(at: int) -> datetime:
    """Moment in UTC of microseconds since 1970."""
    return EPOCH + timedelta(microseconds=at)


def _clock_minutes(text: str) -> int:
    hours, colon, minutes = text.strip().partition(":")
    if not colon or not hours.isdecimal() or not minutes.isdecimal():
        raise ValueError(f"not a time of day: {text!r}")
    total = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or total > DAY_MINUTES:
        raise ValueError(f"not a time of day: {text!r}")
    return total


def _local(day: date, minutes: int, zone: ZoneInfo) -> int:
    """Moment of a wall-clock time, which may be past midnight; where summer time skips it, the moment after the gap."""
    whole = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minutes)
    return micros(whole.astimezone(UTC))


def _midnight(day: date, zone: ZoneInfo) -> int:
    return _local(day, 0, zone)


ALWAYS: Final = every_day("00:00-24:00", works_holidays=True)
"""The calendar of limits that run around the clock."""

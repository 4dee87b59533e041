"""Working time is what a wall clock and a roster say, minute by minute."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingdan.core.clocks import NEVER, PAUSED, SAME_DAY, Phase, Reading, read_clock, read_clocks
from qingdan.core.worktime import (
    ALWAYS,
    HOUR,
    MINUTE,
    OutsideCalendarError,
    PublicDays,
    Shift,
    Timeline,
    WorkCalendar,
    every_day,
    micros,
    moment,
)
from qingdan.data.workdays import china_public_days, with_years

ZONE = ZoneInfo("Asia/Shanghai")
PUBLIC = china_public_days()
FIRST, LAST = date(2026, 9, 14), date(2026, 10, 20)
OFFICE = every_day("09:00-12:00", "13:30-18:00", days=5)
EVENING = every_day("14:00-22:00", works_holidays=True)
NIGHT = every_day("22:00-06:00", days=7)
LINES = {
    "office": OFFICE.timeline(FIRST, LAST, PUBLIC),
    "evening": EVENING.timeline(FIRST, LAST, PUBLIC),
    "night": NIGHT.timeline(FIRST, LAST, PUBLIC),
    "always": ALWAYS.timeline(FIRST, LAST, PUBLIC),
}


def at(text: str) -> int:
    """Give µs of local ``09-17 11:00`` in 2026."""
    return micros(datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=ZONE))


def local(value: int) -> str:
    return moment(value).astimezone(ZONE).strftime("%m-%d %H:%M")


def works(calendar: WorkCalendar, minute: datetime) -> bool:
    """Oracle: read the roster for one minute of the wall clock, holidays from the notices as printed below."""
    holidays = {date(2026, 9, d) for d in (25, 26, 27)} | {date(2026, 10, d) for d in range(1, 8)}
    make_up = {date(2026, 9, 20), date(2026, 10, 10)}

    def shifts(day: date) -> tuple[Shift, ...]:
        if calendar.works_holidays:
            return calendar.week[day.weekday()]
        if day in holidays:
            return ()
        return (calendar.week[day.weekday()] or calendar.week[0]) if day in make_up else calendar.week[day.weekday()]

    of_day = minute.hour * 60 + minute.minute
    today, before = minute.date(), minute.date() - timedelta(days=1)
    return any(s.start <= of_day < s.end for s in shifts(today)) or any(of_day + 1440 < s.end for s in shifts(before))


def minutes(name: str) -> np.ndarray:
    calendar = {"office": OFFICE, "evening": EVENING, "night": NIGHT, "always": ALWAYS}[name]
    start = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=ZONE)
    count = ((LAST - FIRST).days + 1) * 1440
    return np.array([works(calendar, start + timedelta(minutes=n)) for n in range(count)])


OPEN = {name: minutes(name) for name in LINES}
BEGIN = at("09-14 00:00")


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("09-17 09:00", 2, "09-17 11:00"),  # plain
        ("09-17 11:00", 2, "09-17 14:30"),  # across lunch
        ("09-17 17:00", 2, "09-18 10:00"),  # across the night
        ("09-17 20:00", 2, "09-18 11:00"),  # came in at night
        ("09-18 17:00", 2, "09-20 10:00"),  # Saturday is off, Sunday is a make-up workday
        ("09-19 12:00", 2, "09-20 11:00"),  # came in on a day off
        ("09-24 17:00", 2, "09-28 10:00"),  # across the Mid-autumn holiday
        ("09-30 17:30", 1, "10-08 09:30"),  # across the National Day holiday
        ("10-09 17:00", 8, "10-10 17:30"),  # Saturday is a make-up workday
        ("10-10 17:30", 1, "10-12 09:30"),  # and Sunday is off
        ("09-17 09:00", 3, "09-17 12:00"),  # ends with the shift, not at the next one's beginning
    ],
)
def test_hours_run_only_while_the_office_works(start: str, hours: int, due: str) -> None:
    line = LINES["office"]
    assert local(line.after_one(at(start), hours * HOUR)) == due
    assert line.after(np.array([at(start)] * 2), np.array([hours * HOUR] * 2)).tolist() == [at(due)] * 2
    assert line.between_one(at(start), at(due)) == hours * HOUR


@pytest.mark.parametrize(
    ("team", "came", "end"),
    [
        ("office", "09-17 09:30", "09-17 18:00"),
        ("office", "09-17 12:30", "09-17 18:00"),
        ("office", "09-17 18:00", "09-18 18:00"),  # the day has closed
        ("office", "09-18 19:00", "09-20 18:00"),  # the next working day is a make-up Sunday
        ("office", "09-24 18:30", "09-28 18:00"),
        ("evening", "10-01 08:00", "10-01 22:00"),  # this team works through the holiday
        ("night", "09-18 02:00", "09-18 06:00"),  # a night shift's day ends in the morning
        ("night", "09-18 12:00", "09-19 06:00"),
    ],
)
def test_the_same_day_is_the_day_on_which_work_is_possible(team: str, came: str, end: str) -> None:
    assert local(LINES[team].same_day_one(at(came))) == end


def test_too_little_of_a_day_is_not_that_day() -> None:
    line = LINES["office"]
    assert local(line.same_day_one(at("09-17 17:50"))) == "09-17 18:00"
    assert local(line.same_day_one(at("09-17 17:50"), least=30 * MINUTE)) == "09-18 18:00"


minute_of_range = st.integers(0, len(OPEN["office"]) - 1)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(LINES)), st.lists(st.tuples(minute_of_range, minute_of_range), min_size=1, max_size=20))
def test_working_time_equals_a_count_of_minutes(team: str, pairs: list[tuple[int, int]]) -> None:
    line, open_ = LINES[team], OPEN[team]
    first, last = np.array(pairs, np.int64).T
    start, end = BEGIN + first * MINUTE, BEGIN + last * MINUTE
    counted = [int(open_[a:b].sum()) if b >= a else -int(open_[b:a].sum()) for a, b in pairs]
    assert (line.between(start, end) // MINUTE).tolist() == counted
    assert [line.between_one(int(a), int(b)) // MINUTE for a, b in zip(start, end, strict=True)] == counted
    assert line.is_open(start).tolist() == open_[first].tolist()


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(LINES)), minute_of_range, st.integers(1, 3000))
def test_the_moment_after_so_many_minutes_is_where_a_walk_ends(team: str, start: int, span: int) -> None:
    line, open_ = LINES[team], OPEN[team]
    worked = np.flatnonzero(open_[start:])
    begin = BEGIN + start * MINUTE
    if len(worked) < span:
        with pytest.raises(OutsideCalendarError):
            line.after_one(begin, span * MINUTE)
        return
    expected = begin + (int(worked[span - 1]) + 1) * MINUTE
    assert line.after_one(begin, span * MINUTE) == expected
    assert line.after(np.array([begin]), np.array([span * MINUTE])).tolist() == [expected]
    upcoming = begin + int(worked[0]) * MINUTE
    assert line.next_open(np.array([begin])).tolist() == [upcoming]


def walk(limit: int, phases: list[tuple[int, str | None]], now: int) -> Reading:
    """Oracle of a clock with a span: step through the minutes."""
    passed, late = 0, None
    for minute in range(phases[0][0], now):
        team = [name for since, name in phases if since <= minute][-1]
        if team is not None and OPEN[team][minute]:
            if passed == limit and late is None:
                late = True
            passed += 1
    team = [name for since, name in phases if since <= now][-1]
    return Reading(None, passed, limit - passed, team is None, 1 if late else None)


phase_lists = st.lists(
    st.tuples(st.integers(0, 20000), st.sampled_from([None, *sorted(LINES)])), min_size=1, max_size=5
).map(lambda rows: sorted({minute: (minute, team) for minute, team in rows}.values()))


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(phase_lists, st.integers(1, 2500), st.integers(0, 3000)), min_size=1, max_size=4))
def test_clocks_count_as_a_person_with_a_stopwatch(rows: list[tuple[list, int, int]]) -> None:
    names = sorted(LINES)
    table, limits, nows, ones = [], [], [], []
    for number, (phases, limit, more) in enumerate(rows):
        now = phases[-1][0] + more
        one = read_clock(
            limit * MINUTE,
            [Phase(BEGIN + m * MINUTE, LINES[t] if t else None) for m, t in phases],
            BEGIN + now * MINUTE,
        )
        told = walk(limit, phases, now)
        assert one.passed == told.passed * MINUTE
        assert one.left == told.left * MINUTE
        assert one.paused == told.paused
        assert (one.late_at is None) >= (told.late_at is None and told.passed < limit)
        assert (one.late_at is not None) >= (told.late_at is not None)
        ones.append(one)
        table += [(number, BEGIN + m * MINUTE, names.index(t) if t else PAUSED) for m, t in phases]
        limits.append(limit * MINUTE)
        nows.append(BEGIN + now * MINUTE)
    check_many(limits, table, nows, ones)
    same_day = [SAME_DAY] * len(limits)
    ones = [
        read_clock(SAME_DAY, [Phase(m, None if t == PAUSED else LINES[names[t]]) for n, m, t in table if n == k], now)
        for k, now in enumerate(nows)
    ]
    check_many(same_day, table, nows, ones)


def check_many(limits: list[int], table: list[tuple[int, int, int]], nows: list[int], ones: list[Reading]) -> None:
    clock, moments, team = (np.array(column, np.int64) for column in zip(*table, strict=True))
    many = read_clocks(
        np.array(limits, np.int64),
        clock=clock,
        at=moments,
        team=team,
        now=np.array(nows, np.int64),
        timelines=[LINES[name] for name in sorted(LINES)],
    )
    assert many.passed.tolist() == [one.passed for one in ones]
    assert many.left.tolist() == [one.left for one in ones]
    assert many.paused.tolist() == [one.paused for one in ones]
    assert many.due.tolist() == [NEVER if one.due is None else one.due for one in ones]
    assert many.late_at.tolist() == [NEVER if one.late_at is None else one.late_at for one in ones]


def clock(limit: int, now: str, *phases: tuple[str, Timeline | None]) -> Reading:
    return read_clock(limit, [Phase(at(start), line) for start, line in phases], at(now))


def test_waiting_for_the_customer_stops_the_clock_and_moves_the_deadline() -> None:
    office = LINES["office"]
    asked = clock(2 * HOUR, "09-17 16:00", ("09-17 10:00", office), ("09-17 11:00", None))
    assert (asked.due, asked.passed, asked.paused, asked.late_at) == (None, HOUR, True, None)
    answered = clock(2 * HOUR, "09-17 16:30", ("09-17 10:00", office), ("09-17 11:00", None), ("09-17 16:00", office))
    assert answered.due == at("09-17 17:00")
    late = clock(2 * HOUR, "09-17 17:30", ("09-17 10:00", office), ("09-17 11:00", None), ("09-17 16:00", office))
    assert (late.late_at, late.left) == (at("09-17 17:00"), -HOUR // 2)


def test_a_pause_after_the_deadline_does_not_undo_it() -> None:
    office = LINES["office"]
    read = clock(HOUR, "09-18 10:00", ("09-17 10:00", office), ("09-17 15:00", None), ("09-18 09:00", office))
    assert read.late_at == read.due == at("09-17 11:00")


def test_another_team_goes_on_under_its_own_calendar() -> None:
    office, evening = LINES["office"], LINES["evening"]
    handed = clock(4 * HOUR, "09-17 19:00", ("09-17 16:00", office), ("09-17 18:00", evening))
    assert (handed.due, handed.passed) == (at("09-17 20:00"), 3 * HOUR)
    back = clock(4 * HOUR, "09-17 18:30", ("09-17 16:00", evening), ("09-17 18:00", office))
    assert back.due == at("09-18 11:00")


def test_the_cause_clock_ends_with_the_day_and_after_a_pause_with_the_day_of_the_answer() -> None:
    office, evening = LINES["office"], LINES["evening"]
    assert clock(SAME_DAY, "09-17 10:00", ("09-17 10:00", office)).due == at("09-17 18:00")
    asked = clock(SAME_DAY, "09-17 12:00", ("09-17 10:00", office), ("09-17 11:00", None))
    assert asked.due is None
    same = clock(SAME_DAY, "09-17 15:00", ("09-17 10:00", office), ("09-17 11:00", None), ("09-17 14:00", office))
    assert same.due == at("09-17 18:00")
    later = clock(SAME_DAY, "09-18 10:00", ("09-17 10:00", office), ("09-17 11:00", None), ("09-18 09:10", office))
    assert later.due == at("09-18 18:00")
    handed = clock(SAME_DAY, "09-17 18:00", ("09-17 10:00", office), ("09-17 17:30", evening))
    assert handed.due == at("09-17 22:00")


def test_the_package_and_the_file_know_this_year_and_a_team_can_add_the_next() -> None:
    assert PUBLIC.knows(date(2026, 12, 31))
    more = with_years({2027: {"holidays": {date(2027, 1, 1): "元旦"}, "make_up": {date(2027, 1, 2): "元旦"}}})
    assert more.knows(date(2027, 6, 1))
    assert OFFICE.shifts_on(date(2027, 1, 1), more) == ()
    assert OFFICE.shifts_on(date(2027, 1, 2), more) == OFFICE.week[0]
    with pytest.raises(ValueError, match="leaves out"):
        with_years({2029: {}})


def test_own_days_go_before_holidays_and_weekends() -> None:
    promotion = WorkCalendar(OFFICE.week, own_days={date(2026, 10, 1): (Shift(600, 660),), date(2026, 9, 17): ()})
    line = promotion.timeline(FIRST, LAST, PUBLIC)
    assert local(line.after_one(at("09-30 18:00"), HOUR)) == "10-01 11:00"
    assert local(line.after_one(at("09-16 18:00"), HOUR)) == "09-18 10:00"


def test_a_short_day_inside_a_long_night_does_not_end_the_night() -> None:
    """The shift of the evening before goes on until six, whatever else begins at midnight."""
    calendar = WorkCalendar(NIGHT.week, own_days={date(2026, 9, 18): (Shift(0, 60),)})
    line = calendar.timeline(FIRST, LAST)
    assert local(line.same_day_one(at("09-18 02:00"))) == "09-18 06:00"
    assert local(line.same_day_one(at("09-18 07:00"))) == "09-20 06:00"


def test_a_clock_read_at_its_due_moment_is_in_time_and_late_right_after() -> None:
    office = LINES["office"]
    due = clock(HOUR, "09-17 11:00", ("09-17 10:00", office))
    assert (due.due, due.late_at, due.left) == (at("09-17 11:00"), None, 0)
    assert read_clock(HOUR, [Phase(at("09-17 10:00"), office)], at("09-17 11:00") + 1).late_at == due.due
    paused_in_time = clock(HOUR, "09-17 16:00", ("09-17 10:00", office), ("09-17 11:00", None))
    assert paused_in_time.late_at is None


def test_summer_time_neither_loses_nor_adds_a_working_hour() -> None:
    berlin = every_day("00:00-24:00", works_holidays=True, zone="Europe/Berlin")
    line = berlin.timeline(date(2026, 3, 28), date(2026, 3, 30))
    assert line.total == 71 * HOUR


def test_what_is_outside_is_refused_and_not_guessed() -> None:
    line = LINES["office"]
    with pytest.raises(OutsideCalendarError):
        line.worked(np.array([at("09-13 23:59")]))
    with pytest.raises(OutsideCalendarError):
        line.same_day_one(at("10-20 19:00"))
    with pytest.raises(ValueError, match="not a shift"):
        Shift.of("9 to 5")
    with pytest.raises(ValueError, match="zone"):
        micros(datetime(2026, 1, 1))  # noqa: DTZ001 - on purpose
    assert not WorkCalendar(((),) * 7).timeline(FIRST, LAST, PublicDays()).total

"""The rescue plan saves the most that can be saved, says why, starves nobody, and beats the usual rules."""

from datetime import UTC, date, datetime
from itertools import combinations
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from bench.priority.world import work_off, world
from hypothesis import given, settings
from hypothesis import strategies as st

from qingdan.core.flow.messages import why
from qingdan.core.flow.priority import NEVER, Why, Work, atc, c_mu, edf, fifo, rescue
from qingdan.core.worktime import HOUR, MINUTE, every_day, micros


def work(rows: list[tuple[list[tuple[int, int]], float, int]]) -> Work:
    """Make orders of ([(minute, fen)], minutes of work, minute since)."""
    depth = max((len(steps) for steps, _, _ in rows), default=0)
    at = np.full((len(rows), depth), NEVER)
    fen = np.zeros((len(rows), depth), np.int64)
    for index, (steps, _, _) in enumerate(rows):
        for place, (minute, amount) in enumerate(steps):
            at[index, place], fen[index, place] = minute * MINUTE, amount
    minutes = np.array([m for _, m, _ in rows], float)
    return Work(at, fen, minutes, np.array([s * MINUTE for _, _, s in rows], np.int64))


def most(orders: Work) -> int:
    """Oracle: try every set of orders, each by the due order that suits it best."""
    best, rows = 0, range(len(orders.minutes))
    for size in range(len(orders.minutes) + 1):
        for chosen in combinations(rows, size):
            due = sorted(chosen, key=lambda row: orders.step_at[row, 0])
            ends = np.cumsum(orders.minutes[due]) * MINUTE
            if all(ends <= orders.step_at[due, 0]):
                best = max(best, int(orders.step_fen[list(chosen), 0].sum()))
    return best


same_minutes = st.lists(st.tuples(st.integers(1, 40), st.integers(1, 50)), min_size=1, max_size=7).map(
    lambda rows: work([([(due, fen)], 5.0, 0) for due, fen in rows])
)
same_penalty = st.lists(st.tuples(st.integers(1, 40), st.integers(1, 20)), min_size=1, max_size=7).map(
    lambda rows: work([([(due, 300)], float(minutes), 0) for due, minutes in rows])
)


@settings(max_examples=60, deadline=None)
@given(same_minutes | same_penalty)
def test_it_saves_the_most_that_any_choice_could_where_the_best_is_known(orders: Work) -> None:
    plan = rescue(orders, 0, 1)
    saved = plan.why == Why.SAVE
    assert int(plan.stake[saved].sum()) == most(orders)
    assert sorted(plan.order.tolist()) == list(range(len(orders.minutes)))
    # and the plan's own order really makes it
    kept = [row for row in plan.order.tolist() if saved[row]]
    assert all(np.cumsum(orders.minutes[kept]) * MINUTE <= orders.step_at[kept, 0])


def test_most_overdue_first_loses_all_where_the_plan_loses_one() -> None:
    rows = [([(10 * (n + 1), 300)], 10.0, -n) for n in range(5)] + [([(-5, 300)], 10.0, -9)]
    plan = rescue(work(rows), 0, 1)
    assert plan.order[0] == 0
    assert (plan.why[:5] == Why.SAVE).all()
    assert plan.why[5] == Why.LATE
    assert edf(work(rows))[0] == 5


def test_a_charge_given_up_leaves_the_following_one_to_save() -> None:
    orders = work([([(10, 300), (60, 900)], 10.0, 0), ([(10, 500)], 10.0, 0)])
    plan = rescue(orders, 0, 1)
    assert plan.order.tolist() == [1, 0]
    assert (plan.why.tolist(), plan.stake.tolist()) == ([Why.SAVE, Why.SAVE], [900, 500])
    late = rescue(orders, 20 * MINUTE, 1)
    assert (late.why[0], late.stake[0], late.why[1]) == (Why.NEXT_CHARGE, 900, Why.LATE)


def test_late_and_overaged_orders_get_their_share_and_the_overaged_come_first() -> None:
    rows = [([(100_000, 300)], 10.0, 0) for _ in range(40)]
    rows += [([(-5, 300)], 10.0, -60)] * 3 + [([], 10.0, -80 * 60)] * 2
    plan = rescue(work(rows), 0, 1, late_share=0.1)
    places = [place for place, row in enumerate(plan.order.tolist()) if row >= 40]
    assert [plan.why[plan.order[place]] for place in places] == [Why.AGE] * 2 + [Why.LATE] * 3
    minutes = [10.0 * (place + 1) for place in places]
    for count, done in enumerate(minutes, start=1):
        assert count * 10 / done >= 0.1 - 1e-9  # at least a tenth by the time each is done


def test_who_waited_too_long_comes_before_a_late_order_with_a_charge_ahead() -> None:
    rows = [([(100_000, 300)], 10.0, 0) for _ in range(40)]
    rows += [([(-5, 300), (100_001, 9_000)], 10.0, -80 * 60 + 700), ([], 10.0, -80 * 60 + 60)]
    plan = rescue(work(rows), 0, 1)
    place = {row: place for place, row in enumerate(plan.order.tolist())}
    assert (plan.why[40], plan.why[41]) == (Why.NEXT_CHARGE, Why.AGE)
    assert place[41] < place[40] < 41


def test_only_working_time_counts_as_capacity() -> None:
    office = every_day("09:00-18:00", days=5)
    monday = micros(datetime(2026, 9, 14, 17, tzinfo=ZoneInfo(office.zone)))
    from_monday = office.timeline(date(2026, 9, 14), date(2026, 9, 18))
    due = np.full((30, 1), monday + 15 * HOUR)
    orders = Work(due, np.full((30, 1), 300), np.full(30, 10.0), np.zeros(30, np.int64))
    assert (rescue(orders, monday, 1).why == Why.SAVE).sum() == 30
    assert (rescue(orders, monday, 1, timeline=from_monday).why == Why.SAVE).sum() == 6


def test_nothing_to_do_is_a_plan_too() -> None:
    empty = Work(*(np.zeros((0, 0), np.int64),) * 2, np.zeros(0), np.zeros(0, np.int64))
    assert rescue(empty, 0, 3).order.tolist() == []
    assert [len(rule) for rule in (fifo(empty), edf(empty), c_mu(empty, 0), atc(empty, 0))] == [0] * 4
    with pytest.raises(ValueError, match="some work"):
        work([([], 0.0, 0)])


def test_it_beats_the_usual_rules_in_a_pile_up() -> None:
    """One seed and one load; all loads and more seeds are in the benchmark."""
    orders = world(7)
    some = np.flatnonzero(np.arange(len(orders.minutes)) % 6 == 0)
    pile = Work(orders.step_at[some], orders.step_fen[some], orders.minutes[some] * 6, orders.since[some])
    cost = {
        name: work_off(pile, rule, 3, 7)["avoidable"]
        for name, rule in {
            "fifo": lambda w, _n, _h: fifo(w),
            "edf": lambda w, _n, _h: edf(w),
            "c_mu": lambda w, n, _h: c_mu(w, n),
            "atc": lambda w, n, _h: atc(w, n),
            "rescue": lambda w, n, h: rescue(w, n, h).order,
        }.items()
    }
    assert cost["rescue"] == min(cost.values()), cost


@pytest.mark.parametrize("reason", Why)
def test_the_screen_says_why_in_both_languages(reason: Why) -> None:
    said = why(reason, due=micros(datetime(2026, 11, 12, tzinfo=UTC)), stake=300)
    assert "{" not in said.text("zh") + said.text("en")
    if reason in {Why.SAVE, Why.GIVEN_UP}:
        assert "11-12 08:00" in said.text("zh")
        assert "¥3.00" in said.text("en")

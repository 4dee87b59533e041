"""The simulated clean-up equals other people's arithmetic, repeats itself bit for bit, and advises well."""

from datetime import UTC, date, datetime

import numpy as np
import pytest
import simpy
from bench.simulation.run import erlang
from bench.simulation.world import USUAL, World, world

from qingdan.core.flow.handling import Empirical, LogNormal, measure
from qingdan.core.flow.simulate import NEVER, Floor, Inflow, Orders, Run, run
from qingdan.core.flow.staffing import Case, by_rescue, least_staff, moves, outlook
from qingdan.core.worktime import HOUR, MINUTE, every_day, micros

START = micros(datetime(2026, 11, 12, 1, tzinfo=UTC))  # nine in the morning in Shanghai
DAYS = (date(2026, 11, 12), date(2026, 11, 30))
LINE = every_day("00:00-24:00").timeline(*DAYS)
OFFICE = every_day("09:00-12:00", "13:00-18:00", days=5).timeline(*DAYS)


def crew(people: int, line: object = LINE, reasons: int = 1) -> Floor:
    return Floor(
        np.zeros(people, np.int64),
        np.ones((1, reasons), np.bool_),
        np.ones((people, reasons), np.bool_),
        np.ones((reasons, people)),
        (line,) * people,
    )


def test_a_counter_with_several_people_equals_simpy_order_by_order() -> None:
    rng = np.random.default_rng(11)
    arrive = START + np.sort(rng.integers(0, 20 * 60, 800)) * MINUTE + np.arange(800)
    minutes = rng.integers(1, 60, 800).astype(float)
    done = run(crew(3), Orders.plain(np.zeros(800, np.int64), arrive), minutes, start=START)
    finish = np.zeros(800, np.int64)
    env = simpy.Environment(int(START))
    desk = simpy.Resource(env, capacity=3)

    def order(row: int):  # noqa: ANN202 - a simpy process
        yield env.timeout(int(arrive[row]) - START)
        with desk.request() as turn:
            yield turn
            yield env.timeout(int(minutes[row] * MINUTE))
            finish[row] = env.now

    for row in range(800):
        env.process(order(row))
    env.run()
    assert done.finish.tolist() == finish.tolist()


def test_the_mean_wait_is_that_of_erlang() -> None:
    """A short run; the benchmark's long one is held to 2 %."""
    assert erlang(3, customers=40_000, load=0.5, seed=1)["ratio"] == pytest.approx(1, abs=0.05)


def test_work_waits_for_skill_and_shift_and_goes_on_after_the_break() -> None:
    floor = Floor(
        np.array([0, 1]),
        np.eye(2, dtype=np.bool_),
        np.ones((2, 2), np.bool_),
        np.array([[1.0, 1.0], [1.0, 0.5]]),
        (OFFICE, OFFICE),
    )
    orders = Orders.plain(np.array([0, 0, 1]), np.full(3, START))
    done = run(floor, orders, np.array([150.0, 60.0, 60.0]), start=START)
    clock = [(int(at) - START) / HOUR for at in done.finish]
    assert clock == [2.5, 4.5, 0.5]  # the second is begun at 11:30 and ends at 13:30, the quick one takes half
    assert done.person.tolist() == [0, 0, 1]


def test_who_can_do_two_things_takes_the_older_and_who_is_there_first_begins() -> None:
    orders = Orders.plain(np.array([0, 1, 0]), START + np.array([2, 1, 0]) * MINUTE)
    done = run(crew(1, LINE, reasons=2), orders, np.array([10.0, 10.0, 30.0]), start=START)
    assert np.argsort(done.begin).tolist() == [2, 1, 0]
    evening = every_day("14:00-22:00").timeline(*DAYS)
    both = Floor(
        np.zeros(2, np.int64), np.ones((1, 1), np.bool_), np.ones((2, 1), np.bool_), np.ones((1, 2)), (evening, LINE)
    )
    late = Orders.plain(np.zeros(2, np.int64), START + np.array([14, 16]) * HOUR)  # eleven at night and one
    served = run(both, late, np.full(2, 10.0), start=START)
    assert served.person.tolist() == [1, 1]
    assert served.begin.tolist() == late.arrive.tolist()


def test_what_the_shifts_do_not_suffice_for_is_left() -> None:
    done = run(
        crew(1, OFFICE), Orders.plain(np.zeros(2, np.int64), np.full(2, START)), np.array([10.0, 1e6]), start=START
    )
    assert done.finish.tolist() == [START + 10 * MINUTE, NEVER]
    assert done.end == NEVER


def test_a_rule_decides_the_order_and_is_asked_again() -> None:
    asked: list[int] = []

    def longest_number_first(rows: np.ndarray, now: int) -> np.ndarray:
        asked.append(now)
        return rows[::-1]

    orders = Orders.plain(np.zeros(6, np.int64), START + np.array([0, 0, 0, 0, 15, 35]) * MINUTE)
    done = run(crew(1), orders, np.full(6, 10.0), start=START, rule=longest_number_first, replan=30 * MINUTE)
    assert np.argsort(done.finish).tolist() == [3, 2, 1, 4, 0, 5]
    assert [(now - START) // MINUTE for now in asked] == [0, 30]


def played(made: World, seed: int) -> Run:
    return made.known.play(made.floor, seed)


def test_the_same_seed_gives_the_same_run_bit_for_bit() -> None:
    one, two, other = played(world(3, count=80), 5), played(world(3, count=80), 5), played(world(3, count=80), 6)
    for name in ("begin", "finish", "person"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes()
    assert one.finish.tobytes() != other.finish.tobytes()


def test_charges_are_counted_by_the_moment_of_finishing() -> None:
    at = np.array([[START + 10 * MINUTE, START + 25 * MINUTE]] * 3)
    orders = Orders(np.zeros(3, np.int64), np.full(3, START), at, np.array([[300, 500]] * 3))
    done = run(crew(1), orders, np.full(3, 10.0), start=START)
    assert (done.penalty, done.late) == (0 + 300 + 800, 2)


def test_arrivals_resemble_the_orders_they_are_drawn_from() -> None:
    like = Orders(
        np.array([0, 1]), np.array([START, START]), np.array([[START + HOUR], [NEVER]]), np.array([[300], [0]])
    )
    coming = Inflow(START, np.array([500.0, 0.0, 500.0]), like).draw(np.random.default_rng(1))
    hours = (coming.arrive - START) // HOUR
    assert 900 < len(hours) < 1100
    assert set(hours.tolist()) == {0, 2}
    timed = coming.reason == 0
    assert (coming.step_at[timed, 0] - coming.arrive[timed] == HOUR).all()
    assert (coming.step_at[~timed, 0] == NEVER).all()


def test_times_are_learned_per_reason_and_person() -> None:
    rng = np.random.default_rng(4)
    reason, person = rng.integers(0, 2, 6_000), rng.integers(0, 3, 6_000)
    pace = np.array([[1.0, 0.5, 2.0], [1.0, 1.0, 1.0]])
    minutes = np.array([3.0, 10.0])[reason] * pace[reason, person] * np.exp(0.5 * rng.standard_normal(6_000))
    seen = measure(reason, person, minutes, people=3, usual=(1.0, 1.0, 7.0))
    assert [t.median for t in seen.times] == pytest.approx([3.0, 10.0, 7.0], rel=0.06)
    assert seen.factor[:2] == pytest.approx(pace, rel=0.06)
    assert seen.times[0].sigma == pytest.approx(0.5, rel=0.06)
    assert seen.times[2].error > 0.5  # nothing is known of the third
    drawn = Empirical(minutes[:100]).draw(rng, 50)
    assert set(drawn) <= set(minutes[:100])


def test_the_finish_promised_at_80_percent_is_kept_in_about_that_many_worlds() -> None:
    """A few worlds, to catch a broken plan; the benchmark holds 200 to 75 to 85 %."""
    kept = 0
    for seed in range(20):
        made = world(seed, count=60)
        plan = outlook(made.known, made.floor, worlds=19)
        kept += made.truth.play(made.true_floor, 9_000 + seed).end <= plan.finish(0.8)
    assert 12 <= kept <= 20


def test_the_least_staff_makes_it_and_one_less_does_not() -> None:
    made = world(2, count=150)
    case = Case(made.known.orders, made.known.handling, made.known.start)
    goal = case.start + 30 * HOUR
    found = least_staff(case, made.floor, goal, worlds=15)
    assert found.finish is not None
    assert found.finish <= goal
    assert least_staff(case, made.floor, case.start + HOUR // 2, most=4, worlds=5).finish is None
    tight = least_staff(case, made.floor, case.start + 8 * HOUR, worlds=15)
    assert tight.people.sum() > found.people.sum()


def test_the_best_move_goes_where_the_work_is_and_shortens_the_finish() -> None:
    """Five people on plain orders that are nearly done, one on a pile of addresses."""
    floor = Floor(
        np.array([0, 0, 0, 0, 0, 1]),
        np.eye(2, dtype=np.bool_),
        np.array([[True, False]] + [[True, True]] * 5),
        np.ones((2, 6)),
        (OFFICE,) * 6,
    )
    reason = np.repeat([0, 1], [40, 150])
    at = np.full((190, 1), START + 8 * HOUR)
    orders = Orders(reason, np.full(190, START), at, np.full((190, 1), 300))
    case = Case(orders, (LogNormal(USUAL[0], 0.5), LogNormal(USUAL[1], 0.5)), START)
    best = moves(case, floor, worlds=10)[0]
    assert (best.source, best.target, best.promised) == (0, 1, True)
    assert 0 not in best.people  # who can not do addresses
    assert best.late > 0
    assert best.fen == pytest.approx(300 * best.late)
    for seed in range(100, 110):
        assert case.play(floor.moved(best.people, 1), seed).end < case.play(floor, seed).end
    busy = Floor(
        np.array([0, 1, 1, 1]), *(getattr(floor.only([1, 2, 3, 4]), n) for n in ("serves", "can", "factor", "shifts"))
    )
    away = [m for m in moves(case, busy, worlds=10) if m.target == 0]
    assert away
    assert not any(m.promised for m in away)


def test_the_outlook_counts_what_is_left_at_each_checkpoint() -> None:
    orders = Orders.plain(np.zeros(12, np.int64), START + np.arange(12) * 5 * MINUTE)
    case = Case(orders, (LogNormal(10.0, 0.0),), START)
    seen = outlook(case, crew(1), worlds=3, at=[START, START + 30 * MINUTE, START + 10 * HOUR])
    assert seen.left.tolist() == [[1, 4, 0]] * 3  # at half past seven have come and three are done
    assert seen.finish(0.5) == START + 2 * HOUR


def test_the_rescue_plan_pays_less_than_first_come_first_served() -> None:
    made = world(4, count=150)
    known = made.known
    usual = np.array([times.median for times in known.handling])
    planned = Case(known.orders, known.handling, known.start, known.inflow, by_rescue(usual, 2.0))
    assert np.mean(outlook(planned, made.floor, worlds=8).penalty) < np.mean(
        outlook(known, made.floor, worlds=8).penalty
    )

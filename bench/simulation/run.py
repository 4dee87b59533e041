"""The clean-up's simulation: against Erlang C, its promises kept, its advice good, its speed."""

import time
from datetime import date, timedelta
from typing import Any

import numpy as np

from bench.simulation.erlang import mean_wait
from bench.simulation.world import world
from qingdan.core.flow.simulate import Floor, Orders, run
from qingdan.core.flow.staffing import least_staff, moves, outlook
from qingdan.core.worktime import ALWAYS, HOUR, MINUTE, Timeline

WORLDS = 200


def measure() -> list[dict[str, Any]]:
    """Rows for the benchmark table."""
    return [*(erlang(people) for people in (1, 3, 8)), *promises(), speed()]


def erlang(people: int, *, customers: int = 1_000_000, load: float = 0.7, seed: int = 3) -> dict[str, Any]:
    """Mean wait of a long run with one kind of work, people without breaks and random times.

    Erlang is asked with the rates that the run really drew, so that what is left is the loop's error.
    """
    rng = np.random.default_rng(seed)
    arrivals = load * people
    arrive = np.cumsum(rng.exponential(1 / arrivals, customers) * 10 * MINUTE).astype(np.int64)
    line = _always(int(arrive[-1]) + 24 * HOUR)
    floor = Floor(
        np.zeros(people, np.int64),
        np.ones((1, 1), np.bool_),
        np.ones((people, 1), np.bool_),
        np.ones((1, people)),
        (line,) * people,
    )
    minutes = rng.exponential(10, customers)
    done = run(floor, Orders.plain(np.zeros(customers, np.int64), arrive), minutes, start=0)
    wait = float((done.begin - arrive)[customers // 20 :].mean()) / MINUTE
    expected = mean_wait(customers / float(arrive[-1] / MINUTE), 1 / float(minutes.mean()), people)
    return {
        "name": f"simulation: mean wait, M/M/{people}, load {load}",
        "value": round(wait, 3),
        "unit": "minutes",
        "target": "within 2 %",
        "peer": f"Erlang C {expected:.3f}",
        "ratio": round(wait / expected, 4),
    }


def _always(until: int) -> Timeline:
    days = until // (24 * HOUR) + 2
    return ALWAYS.timeline(date(1969, 12, 31), date(1970, 1, 1) + timedelta(days=int(days)))


def promises(worlds: int = WORLDS) -> list[dict[str, Any]]:
    """Plans from what was measured, held against what then really happens, in ``worlds`` made-up clean-ups."""
    kept = {0.5: 0, 0.8: 0, 0.95: 0}
    promised = shorter = fewer = 0
    saved: list[float] = []
    for seed in range(worlds):
        made = world(seed)
        plan = outlook(made.known, made.floor, worlds=60, seed=1_000)
        real = made.truth.play(made.true_floor, 50_000 + seed)
        for certainty in kept:
            kept[certainty] += real.end <= plan.finish(certainty)
        best = next((m for m in moves(made.known, made.floor, worlds=30, seed=1_000) if m.promised), None)
        if best:
            promised += 1
            moved = made.truth.play(made.true_floor.moved(best.people, best.target), 50_000 + seed)
            shorter += moved.end < real.end
            fewer += moved.penalty <= real.penalty
            saved.append((real.end - moved.end) / HOUR - best.hours)
    rows = [
        {
            "name": f"simulation: P{round(certainty * 100)} finish kept",
            "value": round(100 * count / worlds, 1),
            "unit": f"% of {worlds} worlds",
            "target": "75 to 85" if certainty == 0.8 else None,
            "peer": None,
            "ratio": None,
        }
        for certainty, count in kept.items()
    ]
    rows.append(
        {
            "name": "simulation: promised moves that shorten the finish",
            "value": round(100 * shorter / max(promised, 1), 1),
            "unit": f"% of {promised} moves in {worlds} worlds",
            "target": ">= 90",
            "peer": f"hours saved against promise, median {np.median(saved):+.1f}",
            "ratio": None,
        }
    )
    return rows


def speed() -> dict[str, Any]:
    """CPU time of one world of 2,000 orders, and of the whole advice for it."""
    made = world(1, count=2_000)
    start = time.process_time()
    outlook(made.known, made.floor, worlds=20)
    each = (time.process_time() - start) / 20
    start = time.process_time()
    least_staff(made.known, made.floor, made.known.start + 72 * HOUR, worlds=20)
    staff = time.process_time() - start
    return {
        "name": "simulation: one world of 2,000 orders",
        "value": round(each * 1000, 1),
        "unit": "ms CPU",
        "target": None,
        "peer": f"least staff for 72 h in {staff:.1f} s",
        "ratio": None,
    }

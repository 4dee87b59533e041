"""A made-up pile-up for the order of work: its orders, and a plain shop floor that works them off.

5,000 orders wait at the start, about one in six late already, and 2,600 more come in within 72 hours. The charges are
invented (a first step, then repeated detections); they prove the method, not a result on a real shop.
"""

from collections.abc import Callable
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from qingdan.core.flow.priority import NEVER, Work
from qingdan.core.worktime import HOUR, MINUTE

BACKLOG, ARRIVALS, SPAN = 5_000, 2_600, 72 * HOUR
REPLAN = 20 * MINUTE

Rule = Callable[[Work, int, float], NDArray[np.intp]]


def world(seed: int) -> Work:
    """Orders of one seed; ``since`` is negative for the backlog."""
    rng = np.random.default_rng(seed)
    count = BACKLOG + ARRIVALS
    since = np.concatenate([-rng.exponential(20 * HOUR, BACKLOG), rng.uniform(0, SPAN, ARRIVALS)]).astype(np.int64)
    promise = rng.choice([24, 36, 48, 72], count, p=[0.1, 0.2, 0.5, 0.2]) * HOUR
    due = since + promise
    paid = np.clip(rng.lognormal(9.6, 0.9, count), 300, 2_000_000)
    first = np.where(paid < 30_000, 300, np.minimum(paid // 100, 3_000)).astype(np.int64)
    compensation = np.clip(paid * 0.05, 500, 5_000).astype(np.int64) * (rng.random(count) < 0.5)
    again = (rng.random(count) < 0.4) * 200
    at = np.stack([due, due + 24 * HOUR, due + 36 * HOUR, due + 60 * HOUR], axis=1)
    fen = np.stack([first, compensation, again, again], axis=1).astype(np.int64)
    minutes = rng.lognormal(0.45, 0.65, count)
    return Work(np.where(fen > 0, at, NEVER), fen, minutes * 1.94 / minutes.mean(), since)


def work_off(orders: Work, rule: Rule, hands: int, seed: int) -> dict[str, float]:
    """Let ``hands`` people work the orders off by a rule that is asked again every 20 minutes.

    Real work differs from its estimate. Gives the avoidable penalty (yuan), how many orders became late that were not,
    and the longest wait in hours.
    """
    rng = np.random.default_rng(seed)
    real = orders.minutes * rng.lognormal(-0.08, 0.4, len(orders.minutes))
    finished = np.full(len(real), NEVER)
    free = [(0.0, n) for n in range(hands)]
    waiting = orders.since <= 0
    come = np.argsort(orders.since, kind="stable").tolist()
    come = come[int(waiting.sum()) :]
    now, queue, planned = 0, [], -REPLAN
    while True:
        at, person = heappop(free)
        now = int(at)
        while come and orders.since[come[0]] <= now:
            waiting[come.pop(0)] = True
        if now - planned >= REPLAN or not queue:
            rows = np.flatnonzero(waiting)
            if not len(rows) and not come:
                break
            some = Work(orders.step_at[rows], orders.step_fen[rows], orders.minutes[rows], orders.since[rows])
            queue = rows[rule(some, now, hands)][::-1].tolist()
            planned = now
        if not queue:
            heappush(free, (float(orders.since[come[0]]), person))
            continue
        row = queue.pop()
        waiting[row] = False
        done = at + real[row] * MINUTE
        finished[row] = done
        heappush(free, (done, person))
    charged = np.sum(orders.step_fen, axis=1, where=orders.step_at < finished[:, None])
    sunk = np.sum(orders.step_fen, axis=1, where=orders.step_at < 0)
    first = np.min(orders.step_at, axis=1)
    return {
        "avoidable": float((charged - sunk).sum()) / 100,
        "newly_late": float(((first >= 0) & (first < finished)).sum()),
        "longest_wait": float((finished - np.maximum(orders.since, 0)).max() / HOUR),
    }

"""Made-up weeks of an order desk as event logs, clean or with one planted cause.

Orders come from four platforms, review leaves a reason on each, they are given to owners in turn, each owner works
first come first served, some orders need a question, and released orders go to the warehouse by themselves.
"""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl

from qingdan.core.flow.eventlog import LOG_SCHEMA
from qingdan.core.worktime import HOUR, MINUTE, micros

START = micros(datetime(2026, 11, 2, tzinfo=UTC))
CHANNELS = ("taobao", "jd", "pdd", "douyin")
REASONS = ("amount_region", "payment", "trust", "address_unclear", "address_change")
OWNERS = ("甲", "乙", "丙", "丁", "戊", "己")
PLANTS = ("delay", "absent", "rule", "capacity", "trigger")
CAUSES = {
    "delay": "system_gap",
    "trigger": "system_gap",
    "absent": "missing_owner",
    "rule": "fuzzy_rules",
    "capacity": "capacity",
}


def world(seed: int, plant: str | None, *, days: int = 10, daily: int = 150) -> tuple[pl.DataFrame, int, str]:
    """Give a log, the moment it was taken, and the planted value (a channel, owner, reason or nothing)."""
    rng = np.random.default_rng(seed)
    count = rng.poisson(days * daily)
    end = START + days * 24 * HOUR
    placed = np.sort(START + (rng.random(count) * (end - START)).astype(np.int64))
    channel = rng.choice(len(CHANNELS), count, p=rng.dirichlet([6.0] * len(CHANNELS)))
    reason = rng.choice(len(REASONS), count, p=rng.dirichlet([6.0] * len(REASONS)))
    value = ""
    lag = rng.lognormal(np.log(rng.uniform(2, 6, len(CHANNELS)))[channel], 0.6) * MINUTE
    if plant == "delay":
        which = int(rng.integers(len(CHANNELS)))
        value = CHANNELS[which]
        lag = lag + np.where(channel == which, rng.exponential(rng.uniform(3, 8), count) * HOUR, 0)
    arrived = (placed + lag).astype(np.int64)
    # arrivals an owner gets a day, and how many of them the owner can do
    load = rng.uniform(0.6, 0.75) if plant != "capacity" else rng.uniform(1.12, 1.3)
    mean = load * 24 * 60 * len(OWNERS) / daily
    pace = np.exp(0.08 * rng.standard_normal(len(OWNERS)))
    owner = np.arange(count) % len(OWNERS)
    owner[np.argsort(arrived)] = owner.copy()
    work = rng.lognormal(np.log(mean) - 0.18, 0.6, count) * pace[owner] * MINUTE
    away = (-1, 0, 0)
    if plant == "absent":
        which = int(rng.integers(len(OWNERS)))
        value = OWNERS[which]
        begin = START + int(rng.integers(2, 6)) * 24 * HOUR
        away = (which, begin, begin + int(rng.integers(2, 5)) * 24 * HOUR)
    touched = _served(arrived, owner, work, away)
    done = touched + work.astype(np.int64)
    asks = rng.random(count) < rng.uniform(0.01, 0.05, len(REASONS))[reason]
    wait = rng.exponential(1.0, count)
    if plant == "rule":
        which = int(rng.integers(len(REASONS)))
        value = REASONS[which]
        mine = (reason == which) & (rng.random(count) < rng.uniform(0.4, 0.8))
        asks, wait = asks | mine, np.where(mine, rng.exponential(rng.uniform(4, 9), count), wait)
    answered = done + (wait * HOUR).astype(np.int64)
    released = np.where(asks, answered, done)
    trigger = rng.exponential(4, count) * MINUTE
    if plant == "trigger":
        gap = int(rng.integers(8, 13)) * HOUR
        trigger = (-(released - START) % gap).astype(float)
    sent = (released + trigger).astype(np.int64)
    names = np.char.add("A", np.arange(count).astype(str))
    by = np.array(OWNERS)[owner]
    parts = [
        _events(names, "placed", placed),
        _events(names, "arrived", arrived, stage="in_review"),
        _events(names, "assigned", arrived + MINUTE, by),
        _events(names, "touched", np.maximum(touched, arrived + MINUTE), by),
        _events(names[asks], "asked", done[asks], by[asks]),
        _events(names[asks], "answered", answered[asks], np.full(int(asks.sum()), "主管")),
        _events(names, "released", released, by, stage="released"),
        _events(names, "sent", sent, stage="sent"),
    ]
    facts = pl.DataFrame(
        {
            "order": names,
            "channel": np.array(CHANNELS)[channel],
            "why": np.array(REASONS)[reason],
        }
    ).with_columns(pl.concat_list("why").alias("why"), (pl.col("channel") + "一店").alias("shop"))
    log = pl.concat(parts).join(facts, on="order", how="left", maintain_order="left")
    log = log.with_columns(pl.when(pl.col("kind") == "arrived").then("why").alias("reasons"))
    return log.select([pl.col(n).cast(t) for n, t in LOG_SCHEMA.items()]).sort("at"), end, value


def _served(arrived: np.ndarray, owner: np.ndarray, work: np.ndarray, away: tuple[int, int, int]) -> np.ndarray:
    """When each order is begun, by owners who take the next when they are free and present."""
    free = [0] * (int(owner.max()) + 1)
    begun = np.empty(len(arrived), np.int64)
    for row in np.argsort(arrived, kind="stable").tolist():
        who = int(owner[row])
        begin = max(int(arrived[row]) + MINUTE, free[who])
        if who == away[0] and away[1] <= begin < away[2]:
            begin = away[2]
        begun[row] = begin
        free[who] = begin + int(work[row])
    return begun


def _events(names: np.ndarray, kind: str, at: np.ndarray, actor: np.ndarray | None = None, stage: str = "") -> Any:
    none = pl.Series([None] * len(names), dtype=pl.String)
    return pl.DataFrame(
        {
            "order": names,
            "kind": pl.Series([kind] * len(names), dtype=pl.String),
            "at": pl.Series(at).cast(pl.Datetime("us", "UTC")),
            "actor": none if actor is None else pl.Series(actor),
            "stage_from": none,
            "stage_to": pl.Series([stage or None] * len(names), dtype=pl.String),
        }
    )

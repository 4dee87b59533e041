"""The signs of each cause of a backlog, looked for in one row an order: how sure and how large each is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qingdan.core.flow.significance import above_zero, blocks, contrast

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

LEAST_ORDERS: Final = 20
"""Orders that a group needs before anything is said of it."""
RATE: Final = 0.01
"""Part of the findings that may be luck."""


class Cause(StrEnum):
    """The founding causes of a backlog, and capacity."""

    SYSTEM_GAP = "system_gap"
    MISSING_OWNER = "missing_owner"
    FUZZY_RULES = "fuzzy_rules"
    CAPACITY = "capacity"


class Sign(StrEnum):
    """How a cause shows itself."""

    LATE_ARRIVAL = "late_arrival"
    WAITS_FOR_TRIGGER = "waits_for_trigger"
    OWNERLESS = "ownerless"
    UNTOUCHED = "untouched"
    PING_PONG = "ping_pong"
    UNCLEAR = "unclear"
    INFLOW = "inflow"


CAUSE_OF: Final = {
    Sign.LATE_ARRIVAL: Cause.SYSTEM_GAP,
    Sign.WAITS_FOR_TRIGGER: Cause.SYSTEM_GAP,
    Sign.OWNERLESS: Cause.MISSING_OWNER,
    Sign.UNTOUCHED: Cause.MISSING_OWNER,
    Sign.PING_PONG: Cause.MISSING_OWNER,
    Sign.UNCLEAR: Cause.FUZZY_RULES,
    Sign.INFLOW: Cause.CAPACITY,
}


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What is not worth a word: hours, or parts of the orders."""

    lag: float = 0.5
    trigger: float = 0.5
    ownerless: float = 0.5
    queue: float = 1.0
    times: float = 1.8
    absence: float = 4.0
    gaps: float = 3.0
    handovers: int = 3
    ping_pong: float = 0.03
    unclear: float = 0.1
    inflow: float = 0.05


USUAL: Final = Tolerance()


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something looked at: its p, whether it is large enough, which orders, and the hours lost by each (n,)."""

    sign: Sign
    dimension: str
    value: str
    p: float
    large: bool
    group: Flags
    lost: Floats
    facts: Mapping[str, float]


class Table:
    """Columns of the cases as arrays, in order of arrival."""

    def __init__(self, table: pl.DataFrame) -> None:
        self.count = table.height
        self.arrived = table["arrived"].cast(pl.Int64).to_numpy()
        self.block = blocks(self.arrived)
        names = ("lag", "ownerless", "queue", "idle", "unclear", "trigger", "open", "handovers")
        self.hours: dict[str, Floats] = {name: table[name].to_numpy() for name in names}
        self.owners = table["owners"].to_numpy()
        self.touched = table["touched"].cast(pl.Int64)
        self.waits = table["waits"].to_numpy()
        troubles = table.select(pl.col("asks") + pl.col("overrides") + pl.col("reopens") + pl.col("unruled"))
        self.troubled = (troubles.to_series() > 0).to_numpy()
        self._table = table

    def groups(self, *dimensions: str) -> Iterator[tuple[str, str, Flags]]:
        """Groups of at least ``LEAST_ORDERS`` orders, with as many outside."""
        for dimension in dimensions:
            column = self._table[dimension]
            lists = column.dtype == pl.List(pl.String)
            values = column.explode().drop_nulls().unique().sort() if lists else column.drop_nulls().unique().sort()
            for value in values:
                inside = column.list.contains(value) if lists else column == value
                group = inside.fill_null(value=False).to_numpy()
                if LEAST_ORDERS <= group.sum() <= self.count - LEAST_ORDERS:
                    yield dimension, str(value), group


def arrival(facts: Table, allowed: Tolerance) -> Iterator[Candidate]:
    """Late arrival by channel and shop, or everywhere; waiting for a trigger likewise."""
    for sign, name, limit in (
        (Sign.LATE_ARRIVAL, "lag", allowed.lag),
        (Sign.WAITS_FOR_TRIGGER, "trigger", allowed.trigger),
    ):
        hours = facts.hours[name]
        lost = np.maximum(hours - limit, 0.0)
        everyone = np.ones(facts.count, np.bool_)
        local = np.zeros(facts.count, np.bool_)
        for dimension, value, group in facts.groups("channel", "shop"):
            here, usual = float(hours[group].mean()), float(hours[~group].mean())
            large = here > limit and here > usual * allowed.times
            p = contrast(np.log1p(hours), group, facts.block)
            local |= group & large & (p < RATE)
            yield Candidate(sign, dimension, value, p, large, group, lost, {"here": here, "usual": usual})
        rest = everyone & ~local
        if rest.sum() >= LEAST_ORDERS:
            means = by_block(hours, rest, facts.block)
            here = float(hours[rest].mean())
            yield Candidate(sign, "", "", above_zero(means - limit), here > limit, rest, lost, {"here": here})


def ownership(facts: Table, allowed: Tolerance) -> Iterator[Candidate]:
    """Orders nobody owns, owners who do not touch theirs, and orders handed to and fro."""
    ownerless = facts.hours["ownerless"]
    lost = np.maximum(ownerless - allowed.ownerless, 0.0)
    p = above_zero(by_block(ownerless, np.ones(facts.count, np.bool_), facts.block) - allowed.ownerless)
    here = float(ownerless.mean())
    yield Candidate(Sign.OWNERLESS, "", "", p, here > allowed.ownerless, lost > 0, lost, {"here": here})
    for dimension, value, group in facts.groups("channel", "reasons"):
        here, usual = float(ownerless[group].mean()), float(ownerless[~group].mean())
        large = here > allowed.ownerless and here > usual * allowed.times
        p = contrast(np.log1p(ownerless), group, facts.block)
        yield Candidate(Sign.OWNERLESS, dimension, value, p, large, group, lost, {"here": here, "usual": usual})
    queue = facts.hours["queue"]
    for dimension, value, group in facts.groups("owner"):
        # a slow owner with too much work is a matter of capacity; one who touches nothing while orders wait is missing
        here, usual = float(queue[group].mean()), float(queue[~group].mean())
        gap, others = _longest_gaps(facts, group)
        absent = gap > allowed.absence and gap > others * allowed.gaps
        large = absent and here > usual + allowed.queue and here > usual * allowed.times
        p = contrast(np.log1p(queue), group, facts.block)
        beyond = np.maximum(queue - usual, 0.0)
        figures = {"here": here, "usual": usual, "gap": gap}
        yield Candidate(Sign.UNTOUCHED, dimension, value, p, large, group, beyond, figures)
    handed = facts.owners >= allowed.handovers
    p = above_zero(by_block(handed.astype(float), np.ones(facts.count, np.bool_), facts.block) - allowed.ping_pong)
    share = float(handed.mean())
    yield Candidate(
        Sign.PING_PONG, "", "", p, share > allowed.ping_pong, handed, facts.hours["handovers"], {"share": share}
    )


def _longest_gaps(facts: Table, group: Flags) -> tuple[float, float]:
    """Longest time an owner touched nothing while an order waited, and the middle of the other owners' longest."""
    idle = facts.hours["idle"]
    others = [float(idle[other].max()) for _, _, other in facts.groups("owner") if not (other & group).any()]
    return float(idle[group].max()), float(np.median(others)) if others else 0.0


def rules(facts: Table, allowed: Tolerance) -> Iterator[Candidate]:
    """Orders for which no rule said what to do, by reason and shop or everywhere."""
    troubled, lost = facts.troubled.astype(float), facts.hours["unclear"]
    local = np.zeros(facts.count, np.bool_)
    for dimension, value, group in facts.groups("reasons", "shop"):
        here, usual = float(troubled[group].mean()), float(troubled[~group].mean())
        large = here > usual + allowed.unclear and here > usual * allowed.times
        p = contrast(troubled, group, facts.block)
        local |= group & large & (p < RATE)
        yield Candidate(
            Sign.UNCLEAR, dimension, value, p, large, group & facts.troubled, lost, {"here": here, "usual": usual}
        )
    rest = ~local
    if rest.sum() >= LEAST_ORDERS:
        here = float(troubled[rest].mean())
        p = above_zero(by_block(troubled, rest, facts.block) - allowed.unclear)
        group = rest & facts.troubled
        yield Candidate(Sign.UNCLEAR, "", "", p, here > allowed.unclear, group, lost, {"here": here})


def capacity(facts: Table, allowed: Tolerance, group: Flags) -> Iterator[Candidate]:
    """More in than out, block by block, of the orders that do not wait for one owner."""
    arrived = facts.arrived[group]
    if len(arrived) < LEAST_ORDERS:
        return
    touched = facts.touched.filter(pl.Series(group)).drop_nulls().to_numpy()
    edges = np.linspace(arrived.min(), arrived.max() + 1, 15)
    come, gone = np.histogram(arrived, edges)[0], np.histogram(touched, edges)[0]
    excess = float((come - gone).sum() / max(come.sum(), 1))
    queue = facts.hours["queue"]
    large = excess > allowed.inflow and float(queue[group].mean()) > allowed.queue
    lost = np.maximum(queue - allowed.queue, 0.0)
    facts_ = {"inflow": float(come.sum()), "outflow": float(gone.sum()), "excess": excess}
    yield Candidate(
        Sign.INFLOW,
        "",
        "",
        above_zero((come - gone).astype(float)),
        large,
        group & (lost > 0),
        lost,
        facts_,
    )


def by_block(values: Floats, group: Flags, block: NDArray[np.int64]) -> Floats:
    """Mean of the group's values in each block that has any."""
    count = np.bincount(block[group])
    sums = np.bincount(block[group], weights=values[group])
    means: Floats = sums[count > 0] / count[count > 0]
    return means

"""Why there is a backlog: the three causes and capacity, from the event log, in orders, hours and yuan.

Each way an order can lose time is measured by itself (``eventlog.cases``) and belongs to a cause:

- system gap: it arrives late, for everybody or from one channel or shop; or, released, it waits for somebody to start
  the next step by hand (a waterfall);
- missing owner: nobody owns it; its owner does not touch it while the others' orders move; it is handed to and fro;
- fuzzy rules: staff must ask, decide against the policy, put aside without a rule, or open it again;
- capacity: more comes in than goes out, and all wait.

A finding needs both a difference that blocks of time agree on, after Benjamini-Hochberg over everything looked at, and
a size worth acting on (``Tolerance``). Hours are those beyond what is tolerated or usual elsewhere, so that the causes
do not count the same hour twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from qingdan.core.flow.significance import above_zero, discoveries
from qingdan.core.flow.signs import (
    CAUSE_OF,
    RATE,
    USUAL,
    Candidate,
    Cause,
    Floats,
    Sign,
    Table,
    Tolerance,
    arrival,
    by_block,
    capacity,
    ownership,
    rules,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One sign in one group: ``dimension`` and ``value`` empty when it is everywhere.

    ``orders`` it concerns, ``hours`` and ``fen`` it costs, ``p`` of its test. ``facts`` are the figures that
    ``messages.evidence`` puts in words.
    """

    sign: Sign
    dimension: str
    value: str
    orders: int
    hours: float
    fen: int
    p: float
    facts: Mapping[str, float] = field(default_factory=dict)

    @property
    def cause(self) -> Cause:
        """Cause that the sign belongs to."""
        return CAUSE_OF[self.sign]


@dataclass(frozen=True, slots=True)
class Share:
    """What a cause costs in all."""

    cause: Cause
    orders: int
    hours: float
    fen: int


@dataclass(frozen=True, slots=True)
class Lever:
    """A check or reason that orders wait for: ``alone`` for nothing else, ``orders`` in all."""

    reason: str
    alone: int
    orders: int


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Findings, the most hours first; ``causes`` likewise; ``levers``, the most orders freed first.

    ``trigger_hours``: released orders waited so long for the next step to be started, tolerated time included.
    ``per_order``: hours an order lost on average, by part of its way, for comparing periods.
    """

    findings: tuple[Finding, ...]
    causes: tuple[Share, ...]
    levers: tuple[Lever, ...]
    trigger_hours: float
    orders: int
    per_order: Mapping[str, float]


def diagnose(
    table: pl.DataFrame,
    *,
    penalty: Mapping[str, int] | None = None,
    tolerance: Tolerance = USUAL,
    rate: float = RATE,
) -> Diagnosis:
    """Diagnose one row an order (``eventlog.CASE_SCHEMA``).

    ``penalty``: fen an order has cost or will cost by being late. It is shared among the findings that the order is
    part of, by the hours they took from it.
    """
    if not table.height:
        return Diagnosis((), (), (), 0.0, 0, {})
    facts = Table(table)
    first = list(arrival(facts, tolerance)) + list(ownership(facts, tolerance)) + list(rules(facts, tolerance))
    believed = _believed(first, rate)
    # capacity is what is left: those that wait for one absent owner are no sign of too few people
    elsewhere = np.zeros(facts.count, np.bool_)
    for found in believed:
        if found.sign in {Sign.UNTOUCHED, Sign.OWNERLESS}:
            elsewhere |= found.group
    believed += _believed(list(capacity(facts, tolerance, ~elsewhere)), rate)
    findings = _priced(believed, table["order"].to_list(), penalty or {})
    return Diagnosis(
        findings,
        _shares(findings),
        levers(table),
        float(facts.hours["trigger"].sum()),
        facts.count,
        {name: float(values.mean()) for name, values in facts.hours.items()},
    )


def _believed(candidates: list[Candidate], rate: float) -> list[Candidate]:
    """What is both no luck and large. Of a channel and its only shop, or the like, the first stands for both."""
    sure = discoveries(np.array([each.p for each in candidates]), rate)
    kept: list[Candidate] = []
    for each, told in zip(candidates, sure, strict=True):
        if told and each.large and not any(_same(each, other) for other in kept):
            kept.append(each)
    return kept


def _same(one: Candidate, other: Candidate) -> bool:
    if one.sign is not other.sign:
        return False
    return bool((one.group & other.group).sum() >= 0.8 * min(one.group.sum(), other.group.sum()))


def _priced(believed: list[Candidate], names: list[str], penalty: Mapping[str, int]) -> tuple[Finding, ...]:
    """Findings with hours and yuan; an order's yuan go to its findings by the hours they took."""
    lost = [np.where(each.group, each.lost, 0.0) for each in believed]
    total = np.sum(lost, axis=0) if lost else np.zeros(0)
    fen = np.array([penalty.get(name, 0) for name in names], float)
    findings = []
    for each, hours in zip(believed, lost, strict=True):
        part = np.divide(hours, total, out=np.zeros_like(hours), where=total > 0)
        findings.append(
            Finding(
                each.sign,
                each.dimension,
                each.value,
                int((hours > 0).sum()),
                float(hours.sum()),
                round(float((fen * part).sum())),
                each.p,
                each.facts,
            )
        )
    return tuple(sorted(findings, key=lambda f: (-f.hours, f.sign, f.value)))


def _shares(findings: tuple[Finding, ...]) -> tuple[Share, ...]:
    shares = []
    for cause in Cause:
        mine = [f for f in findings if f.cause is cause]
        if mine:
            orders = max(f.orders for f in mine)
            shares.append(Share(cause, orders, sum(f.hours for f in mine), sum(f.fen for f in mine)))
    return tuple(sorted(shares, key=lambda share: -share.hours))


def levers(table: pl.DataFrame) -> tuple[Lever, ...]:
    """Reasons that waiting orders wait for: those that alone hold the most orders first."""
    waiting = table.filter("waits").select("reasons", pl.col("reasons").list.len().eq(1).alias("alone"))
    counts = (
        waiting.explode("reasons", empty_as_null=True)
        .drop_nulls("reasons")
        .group_by("reasons")
        .agg(pl.col("alone").sum(), pl.len().alias("orders"))
    )
    rows = counts.sort("alone", "orders", "reasons", descending=[True, True, False]).iter_rows()
    return tuple(Lever(str(reason), int(alone), int(orders)) for reason, alone, orders in rows)


@dataclass(frozen=True, slots=True)
class Change:
    """Hours an order loses on average on one part of its way, before and after; ``p`` that the rise or fall is luck."""

    part: str
    before: float
    after: float
    p: float


def compare(before: pl.DataFrame, after: pl.DataFrame) -> tuple[Change, ...]:
    """Compare two periods' cases, the largest change first; two-sided p by blocks of time."""
    changes = []
    for part in ("lag", "ownerless", "queue", "unclear", "trigger", "open"):
        old, new = _means(before, part), _means(after, part)
        changes.append(Change(part, _mean(before, part), _mean(after, part), _difference(old, new)))
    return tuple(sorted(changes, key=lambda c: -abs(c.after - c.before)))


def _means(table: pl.DataFrame, part: str) -> Floats:
    if not table.height:
        return np.zeros(0)
    facts = Table(table)
    return by_block(facts.hours[part], np.ones(facts.count, np.bool_), facts.block)


def _mean(table: pl.DataFrame, part: str) -> float:
    return float(table[part].sum()) / max(table.height, 1)


def _difference(old: Floats, new: Floats) -> float:
    """Two-sided p that two sets of block means differ by luck alone, pairing them at random order of time."""
    size = min(len(old), len(new))
    gap = new[:size] - old[:size]
    return min(2 * min(above_zero(gap), above_zero(-gap)), 1.0)

"""Two policies on the same judged orders: who moves from where to where, what stops whom, and what came of it.

Pure, part by part: ``Judge`` turns one part of orders into coded columns, ``Tally`` adds parts up. Nothing here knows
where orders come from.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from functools import reduce
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from qingdan.core.lifecycle import Stage, Verdict
from qingdan.core.policy.columns import TRUE_MASK, UNKNOWN_MASK, Columns
from qingdan.core.policy.decide import Outcome
from qingdan.core.policy.model import Kind, Policy
from qingdan.core.policy.review import Compiled, snoozing
from qingdan.core.policy.snooze import SNOOZED
from qingdan.core.policy.texts import Text, reads_moment, text_leaves


class Outcomes(IntEnum):
    """Where an order goes; the codes of the columns ``old`` and ``new``."""

    RELEASE = 0
    REVIEW = 1
    EXCEPTION = 2
    HELD = 3
    NONE = 4


CODES: Final = tuple(o.name.lower() for o in Outcomes)
TALLIED: Final = ("old", "new", "old_tier", "new_tier", "channel", "shop", "province", "problems")
STOPPED: Final = ("true", "unknown", "new", "problems")
_NO_TIER: Final = 255


def code_of(outcome: Outcome) -> Outcomes:
    """Where an outcome sends an order."""
    if outcome.verdict is Verdict.EXCEPTION:
        return Outcomes.HELD if outcome.stage is Stage.HELD else Outcomes.EXCEPTION
    return {Verdict.RELEASE: Outcomes.RELEASE, Verdict.REVIEW: Outcomes.REVIEW, Verdict.NONE: Outcomes.NONE}[
        outcome.verdict
    ]


class Judge:
    """One policy on parts of orders whose conditions on texts are already known."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self.texts = text_leaves(compiled.policy)
        self._given = {leaf: text.key for leaf, text in self.texts.items()}
        self._columns = Columns(compiled.policy.rules, compiled.policy.words, self._given)
        self.by_moment = reads_moment(compiled.policy)
        self._bits = {kind: sum(1 << bit for bit, _ in compiled.policy.of(kind)) for kind in Kind}

    @property
    def policy(self) -> Policy:
        """The policy."""
        return self.compiled.policy

    @property
    def fields(self) -> tuple[str, ...]:
        """Fields that a part must have beside the columns of the texts' keys."""
        return self._columns.fields

    def masks(self, orders: pl.DataFrame) -> pl.DataFrame:
        """``true_mask`` and ``unknown_mask`` of orders, each judged at its own ``as_of`` and with its snoozed rules."""
        if not orders.height:
            return _NO_MASKS
        # what orders that are judged together must have in common
        moment = pl.col("as_of") if self.by_moment else pl.lit(orders["as_of"][0])
        snoozed = pl.col(SNOOZED) if SNOOZED in orders.columns else pl.lit(None, pl.String)
        alike = orders.select(__as_of=moment, __snoozed=snoozed.fill_null(""))
        groups = alike.unique()
        if groups.height == 1:
            return self._at(orders, *groups.row(0))
        numbered = orders.hstack(alike).with_row_index("__place")
        parts = [
            self._at(part, as_of, rules).with_columns(part["__place"])
            for (as_of, rules), part in numbered.group_by("__as_of", "__snoozed", maintain_order=True)
        ]
        return pl.concat(parts).sort("__place").drop("__place")

    def _at(self, orders: pl.DataFrame, moment: datetime, snoozed: str) -> pl.DataFrame:
        columns = self._columns
        if snoozed:
            policy = snoozing(self.compiled, snoozed).policy
            columns = Columns(policy.rules, policy.words, self._given)
        return columns.masks(columns.booleans(orders, moment))

    def coded(self, masks: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
        """Codes of where each order goes and of its tier: the lattice of ``decide`` on whole columns."""
        true, unknown = masks[TRUE_MASK].to_numpy(), masks[UNKNOWN_MASK].to_numpy()
        bits = self._bits
        held = ((unknown & (bits[Kind.HOLD] | bits[Kind.SCOPE])) | (true & bits[Kind.HOLD])) != 0
        code = np.full(len(true), Outcomes.REVIEW, np.uint8)
        code[true & bits[Kind.CHECK] == bits[Kind.CHECK]] = Outcomes.RELEASE
        code[true & bits[Kind.EXCEPTION] != 0] = Outcomes.EXCEPTION
        code[held] = Outcomes.HELD
        tier = np.full(len(true), _NO_TIER, np.uint8)
        for place, (bit, _) in reversed(list(enumerate(self.policy.of(Kind.TIER)))):
            tier[true >> bit & 1 == 1] = place
        if bits[Kind.SCOPE]:
            outside = (true | unknown) & bits[Kind.SCOPE] == 0
            code[outside], tier[outside] = Outcomes.NONE, _NO_TIER
        return pl.Series(code), pl.Series(tier)


_NO_MASKS: Final = pl.DataFrame(schema={TRUE_MASK: pl.Int64(), UNKNOWN_MASK: pl.Int64()})


@dataclass(frozen=True, slots=True)
class Part:
    """One part, judged by both: codes row by row, beside what it is grouped by."""

    rows: pl.DataFrame
    masks: pl.DataFrame


def judge(old: Judge, new: Judge, orders: pl.DataFrame) -> Part:
    """Judge one part. ``orders`` has the fields of both, the texts' keys, ``as_of``, and what ``TALLIED`` groups by."""
    was, now = old.masks(orders), new.masks(orders)
    (old_code, old_tier), (new_code, new_tier) = old.coded(was), new.coded(now)
    rows = orders.select("channel", "shop", "province", "problems").with_columns(
        old=old_code, new=new_code, old_tier=old_tier, new_tier=new_tier
    )
    return Part(rows, now)


class Tally:
    """Sums of parts; the order of the parts does not matter."""

    def __init__(self) -> None:
        self._cubes: list[pl.DataFrame] = []
        self._stops: list[pl.DataFrame] = []

    def add(self, part: Part) -> None:
        """Add one part; parts may be added by several threads."""
        cube = part.rows.group_by(TALLIED).len("n")
        stopped = part.masks.rename({TRUE_MASK: "true", UNKNOWN_MASK: "unknown"}).with_columns(
            part.rows["new"], part.rows["problems"]
        )
        self._cubes.append(cube)
        self._stops.append(stopped.group_by(STOPPED).len("n"))

    def cube(self) -> pl.DataFrame:
        """Number ``n`` of orders by all that ``TALLIED`` names."""
        return _summed(self._cubes, TALLIED)

    def stops(self) -> pl.DataFrame:
        """Number ``n`` of orders by the new policy's masks, where it sends them, and their problems."""
        return _summed(self._stops, STOPPED)


def _summed(parts: Sequence[pl.DataFrame], by: Sequence[str]) -> pl.DataFrame:
    if not parts:
        return pl.DataFrame(schema={**dict.fromkeys(by, pl.Int64()), "n": pl.UInt32()})
    return pl.concat(parts).group_by(by).agg(pl.col("n").sum()).sort(by)


@dataclass(frozen=True, slots=True)
class RuleCount:
    """What one rule of the new policy stopped.

    ``hit``: orders in scope that it stopped (a check not passed, an exception or hold that fired or could not be
    decided). ``alone``: those that nothing else stopped, so that without it they would be released.
    """

    id: str
    hit: int
    hit_problems: int
    alone: int
    alone_problems: int


def rule_counts(policy: Policy, stops: pl.DataFrame) -> list[RuleCount]:
    """Count each rule that can stop a release, in the policy's order."""
    columns = {name: stops[name].to_numpy() for name in ("true", "unknown", "n")}
    weight = columns["n"].astype(np.int64)
    bad = stops["problems"].to_numpy() != 0
    inside = stops["new"].to_numpy() != Outcomes.NONE
    stopping = {bit: rule for bit, rule in enumerate(policy.rules) if rule.kind in _STOPPING}
    stopped = {
        bit: inside & _stopped(columns["true"], columns["unknown"], bit, rule.kind) for bit, rule in stopping.items()
    }
    # an undecided scope holds, too, and no rule's absence would free such an order
    scope = reduce(np.logical_or, [_bit(columns["unknown"], bit) for bit, _ in policy.of(Kind.SCOPE)], ~inside)
    count = np.sum(list(stopped.values()), axis=0, dtype=np.int64) if stopped else np.zeros(len(weight), np.int64)
    counts = []
    for bit, rule in stopping.items():
        hit = stopped[bit]
        alone = hit & (count == 1) & ~scope
        counts.append(RuleCount(rule.id, *(int(weight[m].sum()) for m in (hit, hit & bad, alone, alone & bad))))
    return counts


_STOPPING: Final = frozenset({Kind.CHECK, Kind.EXCEPTION, Kind.HOLD})
_Bits = npt.NDArray[np.bool_]


def _bit(mask: npt.NDArray[np.int64], bit: int) -> _Bits:
    return (mask >> bit & 1).astype(np.bool_)


def _stopped(true: npt.NDArray[np.int64], unknown: npt.NDArray[np.int64], bit: int, kind: Kind) -> _Bits:
    if kind is Kind.CHECK:
        return ~_bit(true, bit)
    return _bit(true, bit) | _bit(unknown, bit) if kind is Kind.HOLD else _bit(true, bit)


def grouped(cube: pl.DataFrame, by: str) -> pl.DataFrame:
    """Orders in scope by ``by``: ``n``, ``old_released``, ``new_released``, ``problems`` among the newly released."""
    n, old, new = pl.col("n"), pl.col("old"), pl.col("new")
    released = new == int(Outcomes.RELEASE)
    return (
        cube.filter((old != int(Outcomes.NONE)) | (new != int(Outcomes.NONE)))
        .group_by(pl.col(by).cast(pl.String))
        .agg(
            n=n.sum(),
            old_released=n.filter(old == int(Outcomes.RELEASE)).sum(),
            new_released=n.filter(released).sum(),
            problems=n.filter(released & (pl.col("problems") != 0)).sum(),
        )
        .sort("n", by, descending=[True, False])
    )


def bits_of(ids: npt.NDArray[np.int64], known: Mapping[str, npt.NDArray[np.int64]]) -> pl.Series:
    """Problem bits of orders: ``known`` maps ``ids`` (sorted) to ``bits``."""
    if not len(known["ids"]):
        return pl.Series("problems", np.zeros(len(ids), np.uint8))
    at = np.searchsorted(known["ids"], ids)
    at[at == len(known["ids"])] = 0
    found = np.where(known["ids"][at] == ids, known["bits"][at], 0)
    return pl.Series("problems", found.astype(np.uint8))


def texts_of(judges: Iterable[Judge]) -> dict[str, Text]:
    """Conditions on texts of several policies, by key."""
    return {text.key: text for one in judges for text in one.texts.values()}

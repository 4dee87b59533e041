"""One threshold of one rule, slid over a grid: every other rule is judged once, the rule once a value."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from qingdan.core.fields import Type
from qingdan.core.message import Words
from qingdan.core.policy.ast import (
    And,
    Arith,
    Compare,
    Expr,
    FieldRef,
    Leaf,
    Literal,
    Not,
    Or,
    Scalar,
    leaves,
)
from qingdan.core.policy.backtest import Judge
from qingdan.core.policy.columns import TRUE_MASK, UNKNOWN_MASK, Columns
from qingdan.core.policy.model import Kind, Rule

SLIDING: Final = frozenset({Type.MONEY, Type.INT, Type.DURATION})


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number that a rule compares with: leaf ``leaf`` (from 1) of ``rule``, now at ``value`` (fen, count, µs)."""

    rule: str
    leaf: int
    field: str
    type: Type
    value: int


def thresholds(rules: Sequence[Rule]) -> list[Threshold]:
    """Thresholds of the rules that can stop a release."""
    found = []
    for rule in rules:
        if rule.kind not in {Kind.CHECK, Kind.EXCEPTION, Kind.HOLD}:
            continue
        for number, leaf in enumerate(leaves(rule.ast), start=1):
            literal = _literal(leaf)
            if literal is not None and isinstance(leaf, Compare):
                field = leaf.left.id if isinstance(leaf.left, FieldRef) else ""
                found.append(Threshold(rule.id, number, field, literal.type, int(literal.value)))
    return found


def _literal(leaf: Leaf) -> Literal | None:
    if not isinstance(leaf, Compare):
        return None
    side: Scalar = leaf.right
    if isinstance(side, Arith) and isinstance(side.right, Literal):
        side = side.right
    return side if isinstance(side, Literal) and side.type in SLIDING else None


def slid(rule: Rule, leaf: int, value: int) -> Rule:
    """Rule with one threshold at another value. Raises ValueError when that leaf has none."""
    found = [False]
    changed = replace(rule, ast=_slid(rule.ast, [leaf], value, found))
    if not found[0]:
        raise ValueError(f"rule {rule.id} has no threshold at leaf {leaf}")
    return changed


def _slid(expr: Expr, left: list[int], value: int, found: list[bool]) -> Expr:
    match expr:
        case Not(arg):
            return Not(_slid(arg, left, value, found))
        case And(args):
            return And(tuple(_slid(arg, left, value, found) for arg in args))
        case Or(args):
            return Or(tuple(_slid(arg, left, value, found) for arg in args))
    left[0] -= 1
    literal = _literal(expr)
    if left[0] != 0 or literal is None or not isinstance(expr, Compare):
        return expr
    found[0] = True
    moved = replace(literal, value=value)
    return replace(expr, right=replace(expr.right, right=moved) if isinstance(expr.right, Arith) else moved)


class Slider:
    """A policy with one threshold slid over ``values``."""

    def __init__(self, judge: Judge, rule_id: str, leaf: int, values: Sequence[int]) -> None:
        self._judge = judge
        policy = judge.policy
        bit, rule = next((b, r) for b, r in enumerate(policy.rules) if r.id == rule_id and r.kind is not Kind.TIER)
        self._bit, self._kind = bit, rule.kind
        variants = [replace(slid(rule, leaf, v), id=f"v{i}", kind=Kind.TAG) for i, v in enumerate(values)]
        variants = [replace(v, title=Words("", "")) for v in variants]
        self._columns = Columns(variants, policy.words, {k: t.key for k, t in judge.texts.items()})

    @property
    def fields(self) -> tuple[str, ...]:
        """Fields that orders must have."""
        return tuple(dict.fromkeys((*self._judge.fields, *self._columns.fields)))

    def released(self, orders: pl.DataFrame) -> list[npt.NDArray[np.bool_]]:
        """For each value, which orders are released."""
        policy, masks = self._judge.policy, self._judge.masks(orders)
        true, unknown = masks[TRUE_MASK].to_numpy(), masks[UNKNOWN_MASK].to_numpy()
        others = {k: sum(1 << b for b, r in policy.of(k) if b != self._bit) for k in Kind}
        free = true & others[Kind.CHECK] == others[Kind.CHECK]
        free &= true & (others[Kind.EXCEPTION] | others[Kind.HOLD]) == 0
        free &= unknown & (others[Kind.HOLD] | others[Kind.SCOPE]) == 0
        if scope := others[Kind.SCOPE]:
            free &= true & scope != 0
        booleans = _booleans(self._columns, _moments(self._judge, orders))
        return [free & self._passes(booleans[name]) for name in booleans.columns]

    def _passes(self, column: pl.Series) -> npt.NDArray[np.bool_]:
        if self._kind is Kind.CHECK:
            return column.fill_null(value=False).to_numpy()
        if self._kind is Kind.HOLD:
            return ~column.fill_null(value=True).to_numpy()
        return ~column.fill_null(value=False).to_numpy()


def _moments(judge: Judge, orders: pl.DataFrame) -> list[pl.DataFrame]:
    """Orders by the moment they are judged at; all at once when no rule asks for it."""
    return [orders] if not judge.by_moment else orders.with_row_index("__place").partition_by("as_of")


def _booleans(columns: Columns, parts: list[pl.DataFrame]) -> pl.DataFrame:
    judged = [columns.booleans(part, part["as_of"][0]) for part in parts if part.height]
    if "__place" not in parts[0].columns:
        return judged[0]
    places = pl.concat([part["__place"] for part in parts if part.height])
    return pl.concat(judged).with_columns(places).sort("__place").drop("__place")

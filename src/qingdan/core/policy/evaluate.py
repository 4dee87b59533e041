"""A tree walk that also says why: the value of a condition with the smallest set of leaves that decides it."""

import operator
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from qingdan.core.fields import Type
from qingdan.core.policy import limits
from qingdan.core.policy.ast import (
    And,
    Arith,
    AsOf,
    BuiltinRef,
    Compare,
    Expr,
    FieldRef,
    InSet,
    IsEmpty,
    Leaf,
    Length,
    ListContains,
    Literal,
    Matches,
    Not,
    Op,
    Or,
    Scalar,
    TextMatch,
    TextOp,
    Truth,
)
from qingdan.core.policy.closure import TIME_RANGE, resolve
from qingdan.core.policy.pattern import read_pattern
from qingdan.core.text import norm_name, normalise

Ternary: TypeAlias = bool | None
"""True, False, or None for unknown."""

_COMPARE: Final[dict[Op, Callable[..., bool]]] = {
    Op.EQ: operator.eq,
    Op.NE: operator.ne,
    Op.LT: operator.lt,
    Op.LE: operator.le,
    Op.GT: operator.gt,
    Op.GE: operator.ge,
}
_ARITH: Final[dict[str, Callable[..., object]]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}
_BOUNDS: Final[dict[Type, tuple[object, object]]] = {
    Type.MONEY: (-limits.MONEY_IN_SUMS, limits.MONEY_IN_SUMS),
    Type.INT: (-limits.INT_IN_SUMS, limits.INT_IN_SUMS),
    Type.TIME: (TIME_RANGE[0], TIME_RANGE[1]),
}


class Evaluator:
    """Evaluates conditions of one policy on one order."""

    def __init__(
        self,
        words: Mapping[str, tuple[str, ...]],
        order: Mapping[str, object],
        as_of: datetime,
        builtins: Mapping[str, bool] | None = None,
    ) -> None:
        self._words = words
        self._order = order
        self._as_of = as_of
        self._builtins = builtins or {}

    def decide(self, expr: Expr) -> tuple[Ternary, tuple[Leaf, ...]]:
        """Value and the leaves that decide it: of a failed "and" only the false parts, of an unknown the unknown."""
        match expr:
            case Not(arg):
                value, because = self.decide(arg)
                return (None if value is None else not value), because
            case And(args) | Or(args):
                parts = [self.decide(arg) for arg in args]
                strong = isinstance(expr, Or)
                values = [value for value, _ in parts]
                whole: Ternary = strong if strong in values else None if None in values else not strong
                deciding = [leaves for value, leaves in parts if value is whole]
                return whole, tuple(leaf for leaves in deciding for leaf in leaves)
        return self.leaf(expr), (expr,)

    def text(self, name: str) -> str | None:
        """Normalised text of a field."""
        norm = self._order.get(norm_name(name))
        if norm is not None:
            return str(norm)
        value = self._order.get(name)
        return None if value is None else normalise(str(value))

    def leaf(self, leaf: Leaf) -> Ternary:
        """Value of one leaf."""
        match leaf:
            case Truth(value):
                return value
            case BuiltinRef(name):
                return self._builtins[name.value]
            case Compare(op, left, right):
                first, second = self.scalar(left), self.scalar(right)
                return None if first is None or second is None else _COMPARE[op](first, second)
            case InSet(ref, values, negated):
                return self._in_set(ref, values, negated=negated)
            case IsEmpty(ref, negated):
                return self._is_empty(ref) is not negated
            case _:
                return self._search(leaf)

    def scalar(self, scalar: Scalar, *, inside: bool = False) -> object:  # noqa: PLR0911 - one arm a kind of node
        """Value of a scalar, None where a field is missing or out of the bounds of arithmetic."""
        match scalar:
            case FieldRef(id=name, type=kind):
                value = self.text(name) if kind is Type.TEXT else self._order.get(name)
                return _within(value, kind) if inside else value
            case Literal(Type.DURATION, value):
                return timedelta(microseconds=int(value))
            case Literal(Type.TEXT, value):
                return normalise(str(value))
            case Literal(value=value):
                return value
            case AsOf():
                return self._as_of
            case Length(field=name):
                text = self.text(name)
                return None if text is None else len(text)
            case Arith(op, left, right):
                first, second = self.scalar(left, inside=True), self.scalar(right, inside=True)
                return None if first is None or second is None else _ARITH[op](first, second)

    def _in_set(self, ref: FieldRef, values: tuple[int | str, ...], *, negated: bool) -> Ternary:
        value = self.scalar(ref)
        if value is None:
            return None
        known = [normalise(str(v)) for v in values] if ref.type is Type.TEXT else values
        return (value in known) is not negated

    def _is_empty(self, ref: FieldRef) -> bool:
        if ref.type is Type.TEXT:
            return not self.text(ref.id)
        value = self._order.get(ref.id)
        return value is None or (isinstance(value, (list, tuple)) and not value)

    def _search(self, leaf: TextMatch | Matches | ListContains) -> Ternary:  # noqa: PLR0911 - one arm a kind of node
        if isinstance(leaf, ListContains):
            held = self._order.get(leaf.field)
            if not isinstance(held, (list, tuple)):
                return None
            return (all if leaf.every else any)(value in held for value in leaf.values)
        text = self.text(leaf.field)
        if text is None:
            return None
        if isinstance(leaf, Matches):
            return re.search(read_pattern(leaf.pattern).python, text) is not None
        words = resolve(leaf, self._words)
        match leaf.op:
            case TextOp.STARTS:
                return text.startswith(words)
            case TextOp.ENDS:
                return text.endswith(words)
            case TextOp.CONTAINS_ALL:
                return all(word in text for word in words)
            case TextOp.CONTAINS:
                return any(word in text for word in words)


def _within(value: object, kind: Type) -> object:
    if value is None or kind not in _BOUNDS:
        return value
    low, high = _BOUNDS[kind]
    return value if low <= value <= high else None  # type: ignore[operator]

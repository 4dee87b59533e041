"""Back end for frames: each condition is one Boolean column of Polars, null where it is unknown."""

import operator
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import reduce
from types import MappingProxyType
from typing import Final

import polars as pl

from qingdan.core.columns import ORDER_SCHEMA, TIME
from qingdan.core.fields import FIELDS, Type
from qingdan.core.policy import limits
from qingdan.core.policy.ast import (
    And,
    Arith,
    AsOf,
    Builtin,
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
    leaf_fields,
    leaves,
)
from qingdan.core.policy.closure import TIME_RANGE, resolve
from qingdan.core.policy.model import Kind, Rule
from qingdan.core.policy.pattern import read_pattern
from qingdan.core.policy.search import contains, contains_each
from qingdan.core.text import norm_name, normalise, normalise_expr

TRUE_MASK: Final = "true_mask"
UNKNOWN_MASK: Final = "unknown_mask"

_COMPARE: Final[dict[Op, Callable[[pl.Expr, pl.Expr], pl.Expr]]] = {
    Op.EQ: operator.eq,
    Op.NE: operator.ne,
    Op.LT: operator.lt,
    Op.LE: operator.le,
    Op.GT: operator.gt,
    Op.GE: operator.ge,
}
_ARITH: Final[dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}
_FEW_VALUES: Final = 8
"""Up to so many values, comparing one by one beats a set look-up."""
PART: Final = 100_000
"""Orders from which on a frame is cut, so that each thread decides a part; Polars does not cut a column by itself."""


def column_name(rule: Rule) -> str:
    """Name of a rule's Boolean column."""
    return f"tier.{rule.id}" if rule.kind is Kind.TIER else rule.id


class Columns:
    """The column plan of a list of rules.

    Leaves among ``given`` are not evaluated: the frame has them as Boolean columns of the names that it gives.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        words: Mapping[str, tuple[str, ...]],
        given: Mapping[Leaf, str] = MappingProxyType({}),
    ) -> None:
        self._rules = tuple(rules)
        self._words = words
        self._given = given
        found = [leaf for rule in rules for leaf in leaves(rule.ast) if leaf not in given]
        self._atoms: dict[TextMatch | Matches, str] = {}
        self._searched: dict[str, dict[str, tuple[str, ...]]] = {}
        for leaf in found:
            if isinstance(leaf, (TextMatch, Matches)) and leaf not in self._atoms:
                self._atoms[leaf] = name = f"__atom{len(self._atoms)}"
                if isinstance(leaf, TextMatch) and leaf.op is TextOp.CONTAINS:
                    self._searched.setdefault(leaf.field, {})[name] = resolve(leaf, words)
        self._fields = tuple(dict.fromkeys(name for leaf in found for name in leaf_fields(leaf)))

    def booleans(self, orders: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
        """One Boolean column a rule, one row an order; null is unknown."""
        parts = min(pl.thread_pool_size(), orders.height // PART)
        if parts < 2:
            return self._part(orders, as_of)
        size = -(-orders.height // parts)
        with ThreadPoolExecutor(parts) as pool:
            cut = [orders.slice(start, size) for start in range(0, orders.height, size)]
            return pl.concat(pool.map(lambda part: self._part(part, as_of), cut))

    def _part(self, orders: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
        plain = [r for r in self._rules if r.kind is not Kind.TIER]
        tiers = [r for r in self._rules if r.kind is Kind.TIER]
        # The height must be the orders' even for rules that read no field.
        rows = pl.repeat(value=True, n=pl.len(), dtype=pl.Boolean).alias("__row")
        sources = orders.select(rows, *self._sources(orders.columns, orders.schema))
        searched = [
            column
            for field, wanted in self._searched.items()
            for column in contains_each(sources[norm_name(field)], wanted)
        ]
        others = [(leaf, name) for leaf, name in self._atoms.items() if name not in {c.name for c in searched}]
        frame = sources.with_columns(searched).lazy()
        frame = frame.with_columns(self._atom(leaf).alias(name) for leaf, name in others)
        frame = frame.with_columns(self._condition(r.ast, as_of).alias(column_name(r)) for r in plain)
        if tiers:
            frame = frame.with_columns(self._builtins()).with_columns(
                self._condition(r.ast, as_of).alias(column_name(r)) for r in tiers
            )
        return frame.select(column_name(r) for r in self._rules).collect()

    def masks(self, booleans: pl.DataFrame) -> pl.DataFrame:
        """``true_mask`` and ``unknown_mask`` (Int64) of the Boolean columns; bit i is rule i."""
        names = booleans.columns
        groups = [names[i : i + 8] for i in range(0, len(names), 8)]
        packed = booleans.lazy().select(
            *(_byte([pl.col(n).fill_null(value=False) for n in g]).alias(f"t{i}") for i, g in enumerate(groups)),
            *(_byte([pl.col(n).is_null() for n in g]).alias(f"u{i}") for i, g in enumerate(groups)),
        )
        return packed.select(
            _word("t", len(groups)).alias(TRUE_MASK), _word("u", len(groups)).alias(UNKNOWN_MASK)
        ).collect()

    def _sources(self, columns: Sequence[str], schema: Mapping[str, pl.DataType]) -> list[pl.Expr]:
        sources: list[pl.Expr] = [pl.col(name) for name in dict.fromkeys(self._given.values())]
        for name in self._fields:
            dtype = ORDER_SCHEMA[name]
            if dtype == pl.String:
                norm = norm_name(name)
                if norm in columns:
                    sources.append(pl.col(norm))
                elif name in columns:
                    sources.append(normalise_expr(pl.col(name).cast(pl.String)).alias(norm))
                else:
                    sources.append(pl.lit(None, dtype=pl.String).alias(norm))
            elif name not in columns:
                sources.append(pl.lit(None, dtype=dtype).alias(name))
            else:
                sources.append(pl.col(name) if schema[name] == dtype else pl.col(name).cast(dtype))
        return sources

    def _builtins(self) -> list[pl.Expr]:
        def fired(kind: Kind) -> list[pl.Expr]:
            return [pl.col(column_name(r)) for r in self._rules if r.kind is kind]

        unknown = [c.is_null() for kind in (Kind.HOLD, Kind.SCOPE) for c in fired(kind)]
        holds = [c.fill_null(value=False) for c in fired(Kind.HOLD)]
        exceptions = [c.fill_null(value=False) for c in fired(Kind.EXCEPTION)]
        checks = [c.fill_null(value=False) for c in fired(Kind.CHECK)]
        return [
            _any(exceptions).alias(Builtin.ANY_EXCEPTION),
            _any([*holds, *unknown]).alias(Builtin.ANY_HOLD),
            reduce(operator.and_, checks, pl.lit(value=True)).alias(Builtin.ALL_CHECKS_PASSED),
        ]

    @property
    def fields(self) -> tuple[str, ...]:
        """Ids of the fields that the plan reads."""
        return self._fields

    def _condition(self, expr: Expr, as_of: datetime) -> pl.Expr:  # noqa: C901, PLR0911 - one arm a kind of node
        if not isinstance(expr, (Not, And, Or)) and expr in self._given:
            return pl.col(self._given[expr])
        match expr:
            case Not(arg):
                return ~self._condition(arg, as_of)
            case And(args):
                return reduce(operator.and_, (self._condition(a, as_of) for a in args))
            case Or(args):
                return reduce(operator.or_, (self._condition(a, as_of) for a in args))
            case Truth(value):
                return pl.lit(value=value) | pl.col("__row") if value else pl.lit(value=False) & pl.col("__row")
            case BuiltinRef(name):
                return pl.col(name.value)
            case TextMatch() | Matches():
                return pl.col(self._atoms[expr])
            case IsEmpty(ref, negated):
                return _empty(ref, negated=negated)
            case InSet(ref, values, negated):
                return _in_set(ref, values, negated=negated)
            case ListContains(name, values, every):
                inner = pl.Enum(FIELDS[name].value_ids)
                tests = [pl.col(name).list.contains(pl.lit(v, dtype=inner)) for v in values]
                return reduce(operator.and_ if every else operator.or_, tests)
            case Compare(op, left, right):
                return _COMPARE[op](_scalar(left, as_of, of=right), _scalar(right, as_of, of=left))

    def _atom(self, leaf: TextMatch | Matches) -> pl.Expr:
        text = pl.col(norm_name(leaf.field)).str
        if isinstance(leaf, Matches):
            return text.contains(read_pattern(leaf.pattern).rust)
        words = resolve(leaf, self._words)
        match leaf.op:
            case TextOp.STARTS:
                return reduce(operator.or_, [text.starts_with(w) for w in words])
            case TextOp.ENDS:
                return reduce(operator.or_, [text.ends_with(w) for w in words])
            case TextOp.CONTAINS_ALL:
                return reduce(operator.and_, [text.contains(w, literal=True) for w in words])
            case TextOp.CONTAINS:
                return contains(pl.col(norm_name(leaf.field)), words)


def _any(columns: list[pl.Expr]) -> pl.Expr:
    return reduce(operator.or_, columns, pl.lit(value=False))


def _byte(columns: list[pl.Expr]) -> pl.Expr:
    """Up to eight Boolean columns as the bits of one byte: narrow adds cost an eighth of wide ones."""
    return reduce(operator.add, [c.cast(pl.UInt8) * pl.lit(1 << i, dtype=pl.UInt8) for i, c in enumerate(columns)])


def _word(prefix: str, count: int) -> pl.Expr:
    parts = [pl.col(f"{prefix}{i}").cast(pl.Int64) * (1 << (8 * i)) for i in range(count)]
    return reduce(operator.add, parts)


def _empty(ref: FieldRef, *, negated: bool) -> pl.Expr:
    if ref.type is Type.TEXT:
        empty = (pl.col(norm_name(ref.id)) == "").fill_null(value=True)
    elif ref.type is Type.ENUM_LIST:
        empty = (pl.col(ref.id).list.len() == 0).fill_null(value=True)
    else:
        return pl.col(ref.id).is_not_null() if negated else pl.col(ref.id).is_null()
    return ~empty if negated else empty


def _in_set(ref: FieldRef, values: tuple[int | str, ...], *, negated: bool) -> pl.Expr:
    dtype = ORDER_SCHEMA[ref.id]
    if ref.type is Type.TEXT:
        column = pl.col(norm_name(ref.id))
        known: list[int | str] = list(dict.fromkeys(normalise(str(v)) for v in values))
    else:
        column, known = pl.col(ref.id), list(dict.fromkeys(values))
    if len(known) <= _FEW_VALUES:
        inside = reduce(operator.or_, [column == pl.lit(v, dtype=dtype) for v in known])
    else:
        inside = column.is_in(pl.Series(known, dtype=dtype).implode())
    return ~inside if negated else inside


def _scalar(scalar: Scalar, as_of: datetime, *, of: Scalar | None = None, inside: bool = False) -> pl.Expr:  # noqa: PLR0911 - one arm a kind of node
    match scalar:
        case FieldRef(id=name, type=kind):
            if kind is Type.TEXT:
                return pl.col(norm_name(name))
            return _bounded(scalar) if inside else pl.col(name)
        case Literal(Type.DURATION, value):
            return pl.lit(timedelta(microseconds=int(value)), dtype=pl.Duration("us"))
        case Literal(Type.TEXT, value):
            return pl.lit(normalise(str(value)))
        case Literal(Type.ENUM, value):
            return pl.lit(value, dtype=ORDER_SCHEMA[of.id] if isinstance(of, FieldRef) else pl.String)
        case Literal(value=value):
            return pl.lit(value)
        case AsOf():
            return pl.lit(as_of, dtype=TIME)
        case Length(field=name):
            return pl.col(norm_name(name)).str.len_chars().cast(pl.Int64)
        case Arith(op, left, right):
            return _ARITH[op](_scalar(left, as_of, inside=True), _scalar(right, as_of, inside=True))


def _bounded(ref: FieldRef) -> pl.Expr:
    """Field inside arithmetic: null beyond the bounds, since 64-bit columns would wrap around."""
    column = pl.col(ref.id)
    if ref.type is Type.TIME:
        low, high = (pl.lit(moment, dtype=TIME) for moment in TIME_RANGE)
        return pl.when(column.is_between(low, high)).then(column)
    limit = limits.MONEY_IN_SUMS if ref.type is Type.MONEY else limits.INT_IN_SUMS
    return pl.when(column.is_between(-limit, limit)).then(column)

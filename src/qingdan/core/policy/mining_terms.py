"""The conditions that a mined rule may be made of: short comparisons that a supervisor would write herself.

They come from the orders (numbers at round values, frequent options) and from the live policy (its own conditions and
word lists, either way). Free text, numbers of orders and personal data are never compared with.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from qingdan.core.fields import FIELDS, ORDER_FIELDS, Field, Pii, Source, Type
from qingdan.core.message import Words
from qingdan.core.policy import limits
from qingdan.core.policy.ast import (
    OPPOSITE,
    And,
    BuiltinRef,
    Compare,
    Expr,
    FieldRef,
    InSet,
    IsEmpty,
    Leaf,
    ListContains,
    Literal,
    Not,
    Op,
    Truth,
    expr_fields,
    flatten,
    leaves,
)
from qingdan.core.policy.columns import Columns
from qingdan.core.policy.model import Kind, Policy, Rule
from qingdan.core.policy.texts import leaf_reads_moment

Bits = npt.NDArray[np.bool_]

_OPTIONS: Final = 12
"""So many of an enum's values, the most frequent, are tried."""
_SHARE: Final = 0.01
"""An option that fewer of the orders have is not worth a condition."""
_QUANTILES: Final = tuple(share / 40 for share in range(1, 40))
_ROUND: Final = (10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100)
_LARGEST: Final = 10 ** (limits.NUMBER_DIGITS - 1)
"""Beyond this the language has no numbers."""
_WRITTEN: Final = ("buyer_message", "seller_memo", "flag_label")
"""Texts of which only matters whether there is anything."""
_NEVER: Final = frozenset({"platform_state"})
_NO_MOMENT: Final = datetime(2000, 1, 1, tzinfo=UTC)
_ORDER: Final = {f.id: place for place, f in enumerate(ORDER_FIELDS)}


@dataclass(frozen=True, slots=True)
class Term:
    """One condition; of a ``family`` a rule takes one at most."""

    ast: Expr
    family: str


_COMPARED: Final = frozenset({Type.BOOL, Type.ENUM, Type.ENUM_LIST, Type.INT, Type.MONEY})
FIELDS_READ: Final[tuple[str, ...]] = (
    *(
        f.id
        for f in ORDER_FIELDS
        if f.type in _COMPARED and f.source is not Source.LEDGER and f.pii is Pii.NONE and f.id not in _NEVER
    ),
    "shop",
    *_WRITTEN,
)
"""Fields that orders must have, beside those of the policy's own conditions."""


def terms(orders: pl.DataFrame, policy: Policy) -> list[Term]:
    """Conditions worth trying on ``orders`` (columns of ``ORDER_SCHEMA``), each at most once."""
    found = dict.fromkeys((*_of_orders(orders), *_of_policy(policy)))
    once: dict[Expr, Term] = {}
    for term in found:
        once.setdefault(term.ast, term)
    return list(once.values())


def truth(found: Sequence[Term], orders: pl.DataFrame, policy: Policy) -> Bits:
    """Which conditions are certainly true of which orders, (orders, conditions), by the back end for frames."""
    rules = [Rule(f"t{place}", Kind.TAG, Words("", ""), term.ast) for place, term in enumerate(found)]
    columns = Columns(rules, policy.words).booleans(orders, _NO_MOMENT)
    if not rules:
        return np.zeros((orders.height, 0), np.bool_)
    return np.column_stack([column.fill_null(value=False).to_numpy() for column in columns])


def distinct(found: Sequence[Term], bits: Bits) -> list[int]:
    """Places of the conditions that tell some orders from others, one of each kind that tells the same."""
    seen: set[bytes] = set()
    kept = []
    for place in range(len(found)):
        column = bits[:, place]
        key = np.packbits(column).tobytes()
        if column.any() and not column.all() and key not in seen:
            seen.add(key)
            kept.append(place)
    return kept


def joined(parts: Iterable[Expr]) -> Expr:
    """One condition from several, in the catalogue's order, exclusions of one field drawn together."""
    excluded: dict[FieldRef, list[int | str]] = {}
    plain: list[Expr] = []
    for part in parts:
        match part:
            case Compare(Op.NE, FieldRef(type=Type.ENUM | Type.TEXT) as ref, Literal(value=value)):
                excluded.setdefault(ref, []).append(value if isinstance(value, int) else str(value))
            case _:
                plain.append(part)
    for ref, values in excluded.items():
        one = Compare(Op.NE, ref, Literal(ref.type, values[0]))
        plain.append(one if len(values) == 1 else InSet(ref, tuple(sorted(values, key=str)), negated=True))
    return flatten(And, sorted(plain, key=_place))


def _place(expr: Expr) -> tuple[int, str]:
    names = expr_fields(expr)
    return (_ORDER.get(names[0], len(_ORDER)) if names else len(_ORDER), repr(expr))


def _of_orders(orders: pl.DataFrame) -> Iterator[Term]:
    for name in FIELDS_READ:
        field = FIELDS[name]
        ref = FieldRef(name, field.type)
        match field.type:
            case Type.BOOL:
                for value in (True, False):
                    yield Term(Compare(Op.EQ, ref, Literal(Type.BOOL, value)), name)
            case Type.ENUM_LIST:
                yield from (Term(IsEmpty(ref, negated), name) for negated in (False, True))
                yield from (Term(Not(ListContains(name, (v,))), f"{name}!{v}") for v in field.value_ids)
            case Type.INT | Type.MONEY:
                for edge in _edges(orders[name], field):
                    yield Term(Compare(Op.LE, ref, Literal(field.type, edge)), f"{name}<")
                    yield Term(Compare(Op.GE, ref, Literal(field.type, edge)), f"{name}>")
            case _ if name in _WRITTEN:
                yield from (Term(IsEmpty(ref, negated), name) for negated in (False, True))
            case _:
                options = _options(orders[name])
                for option in options:
                    yield Term(Compare(Op.EQ, ref, Literal(field.type, option)), name)
                    yield Term(Compare(Op.NE, ref, Literal(field.type, option)), f"{name}!{option}")
                for many in range(2, len(options)):
                    yield Term(InSet(ref, tuple(options[:many])), name)


def _options(column: pl.Series) -> list[str]:
    """The most frequent values of a column."""
    given = column.drop_nulls().cast(pl.String)
    counts = given.filter(given != "").value_counts(name="n")
    often = counts.filter(pl.col("n") >= max(1, int(_SHARE * len(column))))
    return often.sort("n", column.name, descending=[True, False])[column.name].head(_OPTIONS).to_list()


def _edges(column: pl.Series, field: Field) -> list[int]:
    """Values that a person would write as a limit: all of a few, else round ones between the quantiles."""
    given = column.drop_nulls().filter(column.drop_nulls().is_between(-_LARGEST, _LARGEST))
    values = given.unique().sort().to_list()
    if len(values) <= _OPTIONS:
        return [int(value) for value in values]
    unit = 100 if field.type is Type.MONEY else 1
    found = {_rounded(int(given.quantile(share, "nearest") or 0), unit) for share in _QUANTILES}
    return sorted(found)


def _rounded(value: int, unit: int) -> int:
    """The round number of units nearest to ``value``."""
    if abs(value) < 10 * unit:
        return round(value / unit) * unit
    scale = int(10 ** (len(str(abs(value) // unit)) - 2))
    nearest = min(_ROUND, key=lambda step: (abs(step * scale * unit - abs(value)), step)) * scale * unit
    return nearest if value > 0 else -nearest


def _of_policy(policy: Policy) -> Iterator[Term]:
    for rule in policy.rules:
        for leaf in leaves(rule.ast):
            if isinstance(leaf, (Truth, BuiltinRef)) or leaf_reads_moment(leaf) or _NEVER & {*expr_fields(leaf)}:
                continue
            family = repr(leaf)
            yield Term(leaf, family)
            yield Term(_denied(leaf), family)


def _denied(leaf: Leaf) -> Expr:
    """The opposite of a condition, as a person would write it."""
    match leaf:
        case Compare(op, _, _):
            return replace(leaf, op=OPPOSITE[op])
        case InSet(negated=negated) | IsEmpty(negated=negated):
            return replace(leaf, negated=not negated)
    return Not(leaf)

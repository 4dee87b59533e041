"""The typed tree of a rule: what both back ends, the renderer, the hash and the explanation read.

Every node is frozen and compares by value. Truth nodes are three-valued; scalar nodes carry their type.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from qingdan.core.fields import Type


class Op(StrEnum):
    """Comparison operators."""

    EQ = "="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="


OPPOSITE = {Op.EQ: Op.NE, Op.NE: Op.EQ, Op.LT: Op.GE, Op.GE: Op.LT, Op.GT: Op.LE, Op.LE: Op.GT}
"""Operator that is true exactly when the key is false (both sides known)."""


class TextOp(StrEnum):
    """Literal text searches."""

    CONTAINS = "contains"
    CONTAINS_ALL = "contains_all"
    STARTS = "starts"
    ENDS = "ends"


class Builtin(StrEnum):
    """What a tier row may ask about the rules before it; always known, never unknown."""

    ANY_EXCEPTION = "any_exception"
    ANY_HOLD = "any_hold"
    ALL_CHECKS_PASSED = "all_checks_passed"


@dataclass(frozen=True, slots=True)
class FieldRef:
    """The value of a field of the order."""

    id: str
    type: Type


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant: money in fen, duration in microseconds, enum as value id, text as written."""

    type: Type
    value: int | str | bool


@dataclass(frozen=True, slots=True)
class AsOf:
    """The moment of the decision; an argument, never the clock."""

    type: Type = Type.TIME


@dataclass(frozen=True, slots=True)
class Length:
    """Code points of a normalised text."""

    field: str
    type: Type = Type.INT


@dataclass(frozen=True, slots=True)
class Arith:
    """``left op right`` with ``+``, ``-`` or ``*``."""

    op: str
    left: "Scalar"
    right: "Scalar"
    type: Type


Scalar: TypeAlias = FieldRef | Literal | AsOf | Length | Arith


@dataclass(frozen=True, slots=True)
class Truth:
    """A constant condition."""

    value: bool


@dataclass(frozen=True, slots=True)
class BuiltinRef:
    """A built-in condition of tier rows."""

    name: Builtin


@dataclass(frozen=True, slots=True)
class Compare:
    """``left op right`` of one type."""

    op: Op
    left: Scalar
    right: Scalar


@dataclass(frozen=True, slots=True)
class InSet:
    """Whether a field's value is one of ``values`` (of the field's type)."""

    field: FieldRef
    values: tuple[int | str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class TextMatch:
    """Literal search in a normalised text, for ``words`` or for the words of the list ``list_name``."""

    op: TextOp
    field: str
    words: tuple[str, ...]
    list_name: str | None = None


@dataclass(frozen=True, slots=True)
class Matches:
    """Whether ``pattern`` (restricted dialect) is found in a normalised text."""

    field: str
    pattern: str


@dataclass(frozen=True, slots=True)
class ListContains:
    """Whether a list of enum values holds any, or every, one of ``values``."""

    field: str
    values: tuple[str, ...]
    every: bool = False


@dataclass(frozen=True, slots=True)
class IsEmpty:
    """Whether a field is null (text: or empty once normalised; list: or without elements)."""

    field: FieldRef
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    """Kleene negation."""

    arg: "Expr"


@dataclass(frozen=True, slots=True)
class And:
    """Kleene conjunction of two or more, none of them an ``And``."""

    args: tuple["Expr", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Kleene disjunction of two or more, none of them an ``Or``."""

    args: tuple["Expr", ...]


Leaf: TypeAlias = Truth | BuiltinRef | Compare | InSet | TextMatch | Matches | ListContains | IsEmpty
Expr: TypeAlias = Leaf | Not | And | Or


def flatten(kind: type[And] | type[Or], args: list[Expr]) -> Expr:
    """Conjunction or disjunction in the one canonical form."""
    flat: list[Expr] = []
    for arg in args:
        flat.extend(arg.args if isinstance(arg, kind) else (arg,))
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def leaves(expr: Expr) -> Iterator[Leaf]:
    """Leaves from left to right."""
    match expr:
        case Not(arg):
            yield from leaves(arg)
        case And(args) | Or(args):
            for arg in args:
                yield from leaves(arg)
        case _:
            yield expr


def scalar_fields(scalar: Scalar) -> Iterator[str]:
    """Ids of the fields that a scalar reads, from left to right."""
    match scalar:
        case FieldRef(id=name):
            yield name
        case Length(field=name):
            yield name
        case Arith(left=left, right=right):
            yield from scalar_fields(left)
            yield from scalar_fields(right)


def leaf_fields(leaf: Leaf) -> tuple[str, ...]:
    """Ids of the fields that a leaf reads, each once, from left to right."""
    match leaf:
        case Compare(left=left, right=right):
            return tuple(dict.fromkeys((*scalar_fields(left), *scalar_fields(right))))
        case InSet(field=ref) | IsEmpty(field=ref):
            return (ref.id,)
        case TextMatch(field=name) | Matches(field=name) | ListContains(field=name):
            return (name,)
    return ()


def expr_fields(expr: Expr) -> tuple[str, ...]:
    """Ids of the fields that an expression reads, each once, from left to right."""
    return tuple(dict.fromkeys(name for leaf in leaves(expr) for name in leaf_fields(leaf)))

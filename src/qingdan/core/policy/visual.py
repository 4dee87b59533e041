"""A condition as JSON that a visual builder edits, and back to text. Nothing of the tree is lost either way.

A node is a dict, told apart by ``kind``:

- ``group``: ``combinator`` (``and``, ``or``), ``not``, ``rules`` (nodes);
- ``leaf``: ``field`` (field id, or a built-in of tier rows), ``operator`` (see ``OPERATORS``), ``value``;
- ``text``: ``source``, a condition in the rule language that a builder can not show as a leaf.

A value is ``{"type", "value"}``: money in fen, durations in seconds, enums by id; see ``ValueType``.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, TypeAlias

from qingdan.core.fields import FIELDS, Type
from qingdan.core.message import Language
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
    Length,
    ListContains,
    Literal,
    Matches,
    Not,
    Or,
    Scalar,
    TextMatch,
    Truth,
)
from qingdan.core.policy.render import duration_text, field_name, money_text, quoted, render, value_name
from qingdan.core.policy.vocabulary import SECOND, WRITTEN

Node: TypeAlias = dict[str, Any]

LENGTH: Final = "length"
"""Prefix of the operators that compare a text's length, as ``length<=``."""


class ValueType(StrEnum):
    """What a leaf's ``value`` holds."""

    NONE = "none"
    MONEY = "money"
    INT = "int"
    DURATION = "duration"
    BOOL = "bool"
    TEXT = "text"
    ENUM = "enum"
    MONEYS = "moneys"
    INTS = "ints"
    TEXTS = "texts"
    ENUMS = "enums"
    WORDS = "words"
    FIELD = "field"
    NOW = "now"
    BEFORE_NOW = "before_now"
    AFTER_NOW = "after_now"


_ORDER: Final = ("=", "!=", "<", "<=", ">", ">=")
_EMPTY: Final = ("empty", "not_empty")
_LENGTHS: Final = tuple(f"{LENGTH}{sign}" for sign in _ORDER)
_SEARCHES: Final = ("contains", "contains_all", "starts", "ends")
_ONE: Final[dict[Type, ValueType]] = {
    Type.MONEY: ValueType.MONEY,
    Type.INT: ValueType.INT,
    Type.DURATION: ValueType.DURATION,
    Type.BOOL: ValueType.BOOL,
    Type.TEXT: ValueType.TEXT,
    Type.ENUM: ValueType.ENUM,
}
_MANY: Final[dict[Type, ValueType]] = {
    Type.MONEY: ValueType.MONEYS,
    Type.INT: ValueType.INTS,
    Type.TEXT: ValueType.TEXTS,
    Type.ENUM: ValueType.ENUMS,
    Type.ENUM_LIST: ValueType.ENUMS,
}
_TYPE_OF: Final = {given: kind for kind, given in (*_ONE.items(), *_MANY.items()) if kind is not Type.ENUM_LIST}

OPERATORS: Final[dict[Type, tuple[tuple[str, tuple[ValueType, ...]], ...]]] = {
    kind: tuple((op, values) for ops, values in rows for op in ops)
    for kind, rows in {
        Type.MONEY: ((_ORDER, (ValueType.MONEY, ValueType.FIELD)), (("in", "not_in"), (ValueType.MONEYS,))),
        Type.INT: ((_ORDER, (ValueType.INT, ValueType.FIELD)), (("in", "not_in"), (ValueType.INTS,))),
        Type.TIME: ((_ORDER, (ValueType.BEFORE_NOW, ValueType.AFTER_NOW, ValueType.NOW, ValueType.FIELD)),),
        Type.DURATION: ((_ORDER, (ValueType.DURATION,)),),
        Type.BOOL: ((("=", "!="), (ValueType.BOOL, ValueType.FIELD)),),
        Type.ENUM: ((("=", "!="), (ValueType.ENUM,)), (("in", "not_in"), (ValueType.ENUMS,))),
        Type.ENUM_LIST: ((("contains", "contains_all"), (ValueType.ENUMS,)),),
        Type.TEXT: (
            (_SEARCHES, (ValueType.TEXTS, ValueType.WORDS)),
            (("=", "!="), (ValueType.TEXT, ValueType.FIELD)),
            (("in", "not_in"), (ValueType.TEXTS,)),
            (("matches",), (ValueType.TEXT,)),
            (_LENGTHS, (ValueType.INT,)),
        ),
    }.items()
    for rows in ((*rows, (_EMPTY, (ValueType.NONE,))),)
}
"""Type of a field → its operators in the order to offer them, each with the kinds of value that it takes."""


def to_node(expr: Expr, language: Language = "zh") -> Node:
    """Condition as a node; what has no leaf of its own becomes ``text`` in ``language``."""
    match expr:
        case And(args):
            return group("and", [to_node(arg, language) for arg in args])
        case Or(args):
            return group("or", [to_node(arg, language) for arg in args])
        case Not(And() | Or() as arg):
            return {**to_node(arg, language), "not": True}
        case Not(arg):
            return group("and", [to_node(arg, language)], negated=True)
    leaf = _leaf(expr)
    return text_node(render(expr, language)) if leaf is None else leaf


def group(combinator: str, rules: Sequence[Node], *, negated: bool = False) -> Node:
    """Group of nodes."""
    return {"kind": "group", "combinator": combinator, "not": negated, "rules": list(rules)}


def text_node(source: str) -> Node:
    """Condition kept as text."""
    return {"kind": "text", "source": source}


def as_group(node: Node) -> Node:
    """The same condition with a group at its root, as builders want it."""
    return node if node["kind"] == "group" else group("and", [node])


def _leaf(expr: Expr) -> Node | None:  # noqa: C901, PLR0911 - one arm a kind of node
    match expr:
        case Truth(value):
            return _made("always" if value else "never", "is", _value(ValueType.NONE))
        case BuiltinRef(name):
            return _made(name.value, "is", _value(ValueType.NONE))
        case Compare(op, FieldRef(id=name), right):
            compared = _compared(right)
            return None if compared is None else _made(name, op.value, compared)
        case Compare(op, Length(field=name), Literal(Type.INT, int() as count)):
            return _made(name, f"{LENGTH}{op.value}", _value(ValueType.INT, count))
        case InSet(ref, values, negated):
            return _made(ref.id, "not_in" if negated else "in", _value(_MANY[ref.type], list(values)))
        case TextMatch(op, name, _, str() as listed):
            return _made(name, op.value, _value(ValueType.WORDS, listed))
        case TextMatch(op, name, words):
            return _made(name, op.value, _value(ValueType.TEXTS, list(words)))
        case Matches(name, pattern):
            return _made(name, "matches", _value(ValueType.TEXT, pattern))
        case ListContains(name, values, every):
            return _made(name, "contains_all" if every else "contains", _value(ValueType.ENUMS, list(values)))
        case IsEmpty(ref, negated):
            return _made(ref.id, "not_empty" if negated else "empty", _value(ValueType.NONE))
    return None


def _compared(scalar: Scalar) -> Node | None:
    match scalar:
        case Literal(Type.DURATION, int() as micros):
            return _value(ValueType.DURATION, micros // SECOND)
        case Literal(kind, value):
            return _value(_ONE[kind], value)
        case FieldRef(id=name):
            return _value(ValueType.FIELD, name)
        case AsOf():
            return _value(ValueType.NOW)
        case Arith(op, AsOf(), Literal(Type.DURATION, int() as micros)) if micros > 0:
            return _value(ValueType.BEFORE_NOW if op == "-" else ValueType.AFTER_NOW, micros // SECOND)
    return None


def _made(field: str, operator: str, value: Node) -> Node:
    return {"kind": "leaf", "field": field, "operator": operator, "value": value}


def _value(kind: ValueType, value: object = None) -> Node:
    return {"type": kind.value, "value": value}


def to_text(node: Mapping[str, Any], language: Language = "zh") -> str:
    """Text of a node in the rule language; an unfinished node gives text that checking tells what it lacks.

    Empty groups say nothing and are left out; a root without anything gives the empty text.
    """
    return _Writer(language).text(node, inside=None)


class _Writer:
    def __init__(self, language: Language) -> None:
        self._language: Language = language

    def word(self, keyword: str) -> str:
        return WRITTEN[keyword][0 if self._language == "zh" else 1]

    def text(self, node: Mapping[str, Any], *, inside: str | None) -> str:
        """Text of a node that stands in a group joined by ``inside``, or alone."""
        if node["kind"] == "text":
            source = str(node["source"]).strip()
            return f"({source})" if inside and source else source
        if node["kind"] == "leaf":
            return self._leaf(node)
        combinator = "or" if node["combinator"] == "or" else "and"
        held = [rule for rule in node["rules"] if not _is_blank(rule)]
        joined = f" {self.word(combinator)} ".join(
            self.text(rule, inside=combinator if len(held) > 1 else inside) for rule in held
        )
        if node.get("not") and joined:
            return f"{self.word('not')} ({joined})"
        return f"({joined})" if inside and len(held) > 1 and inside != combinator else joined

    def _leaf(self, leaf: Mapping[str, Any]) -> str:
        name, operator = str(leaf["field"]), str(leaf["operator"])
        if name in {"always", "never"}:
            return self.word("true" if name == "always" else "false")
        if name in set(Builtin):
            return self.word(name)
        field = field_name(FIELDS[name], self._language) if name in FIELDS else f"[{name}]"
        value = leaf.get("value") or {}
        if operator in _EMPTY:
            return f"{field} {self.word(operator)}"
        if operator.startswith(LENGTH) and operator != LENGTH:
            return f"{field} {self.word('length')} {operator.removeprefix(LENGTH)} {self._value(name, value)}"
        sign = self.word(operator) if operator in WRITTEN else operator
        return f"{field} {sign} {self._value(name, value, braced=operator in {'in', 'not_in'})}"

    def _value(self, name: str, value: Mapping[str, Any], *, braced: bool = False) -> str:  # noqa: PLR0911 - one a kind
        kind, given = value.get("type", ValueType.NONE), value.get("value")
        if kind == ValueType.NOW:
            return self.word("as_of")
        if given is None or kind not in set(ValueType):
            return ""
        match ValueType(kind):
            case ValueType.WORDS:
                return f"@{given}"
            case ValueType.FIELD:
                return field_name(FIELDS[given], self._language) if given in FIELDS else f"[{given}]"
            case ValueType.BEFORE_NOW | ValueType.AFTER_NOW as side:
                sign = "-" if side is ValueType.BEFORE_NOW else "+"
                return f"{self.word('as_of')} {sign} {self._one(Type.DURATION, name, given)}"
            case ValueType.MONEYS | ValueType.INTS | ValueType.TEXTS | ValueType.ENUMS as many:
                listed = given if isinstance(given, list) else [given]
                texts = [self._one(_TYPE_OF[many], name, one) for one in listed]
                plain = many is ValueType.TEXTS and len(texts) == 1 and not braced
                return texts[0] if plain else "{" + ", ".join(texts) + "}"
            case one:
                return self._one(_TYPE_OF.get(one, Type.TEXT), name, given)

    def _one(self, kind: Type, name: str, value: Any) -> str:
        match kind, value:
            case Type.BOOL, bool():
                return self.word("true" if value else "false")
            case Type.MONEY, int():
                return money_text(value, self._language)
            case Type.DURATION, int():
                return duration_text(value * SECOND, self._language)
            case Type.INT, int():
                return str(value)
            case Type.ENUM, str():
                known = name in FIELDS and value in FIELDS[name].value_ids
                return value_name(FIELDS[name], value, self._language) if known else f"[{value}]"
        return quoted(str(value))


def _is_blank(node: Mapping[str, Any]) -> bool:
    if node["kind"] == "text":
        return not str(node["source"]).strip()
    return node["kind"] == "group" and all(_is_blank(rule) for rule in node["rules"])

"""Typed tree → canonical text in either language; parsing the text gives the tree back."""

from typing import Final

from qingdan.core.fields import FIELDS, Field, Type
from qingdan.core.message import Language
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
    Length,
    ListContains,
    Literal,
    Matches,
    Not,
    Op,
    Or,
    Scalar,
    TextMatch,
    Truth,
)
from qingdan.core.policy.vocabulary import WRITTEN, value_of

_DURATIONS: Final = (
    (86_400_000_000, "天", ("day", "days")),
    (3_600_000_000, "小时", ("hour", "hours")),
    (60_000_000, "分钟", ("minute", "minutes")),
    (1_000_000, "秒", ("second", "seconds")),
)
_SIGNS: Final = {Op.LE: "≤", Op.GE: "≥", Op.NE: "≠"}


def render(expr: Expr, language: Language = "zh", *, signs: bool = False) -> str:
    """Canonical text of a condition; with ``signs`` for reading, ≤ ≥ ≠ instead of <= >= !=."""
    return _Renderer(language, signs=signs).expr(expr, 0)


def render_scalar(scalar: Scalar, language: Language = "zh") -> str:
    """Canonical text of a value."""
    return _Renderer(language, signs=False).scalar(scalar)


def money_text(fen: int, language: Language = "zh", *, exact: bool = False) -> str:
    """Amount with its unit, ``500元`` or ``12.50元``; always two decimals with ``exact``."""
    sign, yuan, cents = ("-" if fen < 0 else ""), abs(fen) // 100, abs(fen) % 100
    number = f"{sign}{yuan}.{cents:02d}" if cents or exact else f"{sign}{yuan}"
    return number + ("元" if language == "zh" else " yuan")


def duration_text(micros: int, language: Language = "zh") -> str:
    """Duration in its largest whole unit; one day is 24 hours, as deadlines are usually said."""
    size = abs(micros)
    for unit, zh, (one, many) in _DURATIONS:
        if size % unit == 0 and size >= (2 * unit if zh == "天" else unit):
            count = micros // unit
            return f"{count}{zh}" if language == "zh" else f"{count} {one if abs(count) == 1 else many}"
    return f"{micros / 1_000_000:g}{'秒' if language == 'zh' else ' seconds'}"


def field_name(of: Field, language: Language = "zh") -> str:
    """Name of a field in a rule: its Chinese label, or its id."""
    return of.zh if language == "zh" else of.id


def value_name(of: Field, value_id: str, language: Language = "zh") -> str:
    """Name of an enum value in a rule: its Chinese label; in English its id, or its label where the id is Chinese."""
    value = value_of(of, value_id)
    if language == "zh":
        return value.zh
    return value.id if value.id.isascii() else value.en


def quoted(text: str) -> str:
    """Text in quotes that it does not itself hold."""
    for opening, closing in (('"', '"'), ("'", "'"), ("「", "」")):
        if opening not in text and closing not in text:
            return f"{opening}{text}{closing}"
    return "“" + text + "”"


class _Renderer:
    def __init__(self, language: Language, *, signs: bool) -> None:
        self._language: Language = language
        self._signs = signs

    def word(self, keyword: str) -> str:
        return WRITTEN[keyword][0 if self._language == "zh" else 1]

    def expr(self, expr: Expr, level: int) -> str:
        """Text of a condition; ``level`` 0 inside "or", 1 inside "and", 2 under "not"."""
        match expr:
            case Or(args):
                text = f" {self.word('or')} ".join(self.expr(arg, 1) for arg in args)
                return f"({text})" if level > 0 else text
            case And(args):
                text = f" {self.word('and')} ".join(self.expr(arg, 2) for arg in args)
                return f"({text})" if level > 1 else text
            case Not(arg):
                inner = self.expr(arg, 0)
                return f"{self.word('not')} ({inner})"
        return self.leaf(expr)

    def leaf(self, leaf: Expr) -> str:  # noqa: PLR0911 - one arm a kind of node
        match leaf:
            case Truth(value):
                return self.word("true" if value else "false")
            case BuiltinRef(name):
                return self.word(name)
            case Compare(op, left, right):
                sign = _SIGNS.get(op, op.value) if self._signs else op.value
                return f"{self.scalar(left)} {sign} {self.scalar(right, of=left)}"
            case InSet(ref, values, negated):
                text = self.braces([self.value(ref, v) for v in values])
                return f"{self.field(ref.id)} {self.word('not_in' if negated else 'in')} {text}"
            case TextMatch(op, name, words, list_name):
                return f"{self.field(name)} {self.word(op)} {self.words(words, list_name)}"
            case Matches(name, pattern):
                return f"{self.field(name)} {self.word('matches')} {quoted(pattern)}"
            case ListContains(name, values, every):
                text = self.braces([value_name(FIELDS[name], v, self._language) for v in values])
                return f"{self.field(name)} {self.word('contains_all' if every else 'contains')} {text}"
            case IsEmpty(ref, negated):
                return f"{self.field(ref.id)} {self.word('not_empty' if negated else 'empty')}"
        return self.expr(leaf, 0)

    def field(self, name: str) -> str:
        return field_name(FIELDS[name], self._language)

    def braces(self, values: list[str]) -> str:
        return "{" + ", ".join(values) + "}"

    def words(self, words: tuple[str, ...], list_name: str | None) -> str:
        if list_name is not None:
            return "@" + list_name
        texts = [quoted(word) for word in words]
        return texts[0] if len(texts) == 1 else self.braces(texts)

    def value(self, ref: FieldRef, value: int | str) -> str:
        if ref.type is Type.ENUM:
            return value_name(FIELDS[ref.id], str(value), self._language)
        return self.scalar(Literal(ref.type, value))

    def scalar(self, scalar: Scalar, of: Scalar | None = None, *, nested: bool = False) -> str:
        match scalar:
            case FieldRef(id=name):
                return self.field(name)
            case AsOf():
                return self.word("as_of")
            case Length(field=name):
                return f"{self.field(name)} {self.word('length')}"
            case Arith(op, left, right):
                first = self.scalar(left, nested=op == "*" and isinstance(left, Arith))
                second = self.scalar(right, nested=isinstance(right, Arith))
                text = f"{first} {op} {second}"
                return f"({text})" if nested else text
            case Literal(kind, value):
                return self.literal(kind, value, of)

    def literal(self, kind: Type, value: int | str, of: Scalar | None) -> str:
        if kind is Type.MONEY:
            return money_text(int(value), self._language)
        if kind is Type.DURATION:
            return duration_text(int(value), self._language)
        if kind is Type.BOOL:
            return self.word("true" if value else "false")
        if kind is Type.TEXT:
            return quoted(str(value))
        if kind is Type.ENUM and isinstance(of, FieldRef):
            return value_name(FIELDS[of.id], str(value), self._language)
        return str(value)

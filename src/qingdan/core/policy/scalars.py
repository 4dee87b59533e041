"""Typing of values: fields, literals, lengths and the allowed arithmetic."""

from collections.abc import Callable
from typing import Final

from qingdan.core.fields import FIELDS, Field, Type
from qingdan.core.message import Message, Words
from qingdan.core.policy import limits
from qingdan.core.policy.ast import Arith, AsOf, FieldRef, Length, Literal, Scalar
from qingdan.core.policy.lexer import Token
from qingdan.core.policy.messages import message
from qingdan.core.policy.parser import Raw
from qingdan.core.text import normalise

TYPE_NAMES: Final[dict[Type, Words]] = {
    Type.ENUM: Words("选项", "enum"),
    Type.TEXT: Words("文字", "text"),
    Type.INT: Words("整数", "int"),
    Type.MONEY: Words("金额", "money"),
    Type.TIME: Words("时间", "time"),
    Type.DURATION: Words("时长", "duration"),
    Type.BOOL: Words("是否", "bool"),
    Type.ENUM_LIST: Words("选项列表", "list"),
}

_M, _I, _T, _D = Type.MONEY, Type.INT, Type.TIME, Type.DURATION
_RESULTS: Final[dict[tuple[str, Type, Type], Type]] = {
    **{(op, kind, kind): kind for op in "+-" for kind in (_M, _I, _D)},
    ("*", _M, _I): _M,
    ("*", _I, _M): _M,
    ("-", _T, _T): _D,
    ("+", _T, _D): _T,
    ("-", _T, _D): _T,
    ("+", _D, _T): _T,
}
_BOUNDS: Final[dict[Type, int]] = {
    _M: limits.MONEY_IN_SUMS,
    _I: limits.INT_IN_SUMS,
    _T: limits.TIME_IN_SUMS,
    _D: int(limits.DURATION.total_seconds()) * 1_000_000,
}


def bound(scalar: Scalar) -> int:
    """Largest magnitude that a scalar may reach, its fields being within the bounds for arithmetic."""
    match scalar:
        case Literal(value=int() as value):
            return abs(value)
        case Arith(op="*", left=left, right=right):
            return bound(left) * bound(right)
        case Arith(left=left, right=right):
            return bound(left) + bound(right)
    return _BOUNDS.get(scalar.type, 0)


def value_in(of: Field, token: Token) -> tuple[str, ...]:
    """Ids of the values of an enum field that a token may stand for."""
    return tuple(v for f, v in token.meaning.values if f == of.id) if token.meaning else ()


class ScalarReader:
    """Reads value nodes; tells every fault to ``fault``."""

    def __init__(self, fault: Callable[[int, Message], None]) -> None:
        self._fault = fault

    def field(self, token: Token) -> FieldRef | None:
        """Field that a token names, or None without a fault when it names none."""
        names = token.meaning.fields if token.meaning else ()
        if len(names) > 1:
            self._fault(token.start, message("ambiguous", text=token.source, readings="、".join(names)))
        return FieldRef(names[0], FIELDS[names[0]].type) if len(names) == 1 else None

    def read(self, raw: Raw) -> Scalar | None:
        """Typed value, or None after a fault."""
        match raw.kind:
            case "atom":
                return self._atom(raw.token)
            case "negative":
                inner = self.read(raw.items[0])
                if isinstance(inner, Literal) and inner.type in _BOUNDS:
                    return Literal(inner.type, -int(inner.value))
                return None
            case "length":
                return self._length(raw)
            case "arith":
                return self._arith(raw)
        self._fault(raw.start, message("not_value"))
        return None

    def _atom(self, token: Token) -> Scalar | None:
        keyword = token.meaning.keyword if token.meaning and not token.bracketed else None
        if token.number is not None:
            return Literal(Type(token.number.type), token.number.value)
        if token.text is not None:
            if not normalise(token.text):
                self._fault(token.start, message("empty_word", word=token.text))
                return None
            return Literal(Type.TEXT, token.text)
        if keyword in {"true", "false"}:
            return Literal(Type.BOOL, keyword == "true")
        if keyword == "as_of":
            return AsOf()
        ref = self.field(token)
        if ref is None:
            expected = "字段或值 (a field or a value)"
            self._fault(token.start, message("expected", expected=expected, found=token.source))
        return ref

    def _length(self, raw: Raw) -> Scalar | None:
        inner = raw.items[0]
        ref = self.field(inner.token) if inner.kind == "atom" else None
        if ref is None or ref.type is not Type.TEXT:
            name = TYPE_NAMES[ref.type] if ref else inner.token.source
            self._fault(raw.token.start, message("bad_operator", op=raw.token.source, type=name))
            return None
        return Length(ref.id)

    def _arith(self, raw: Raw) -> Scalar | None:
        left, right = self.read(raw.items[0]), self.read(raw.items[1])
        if left is None or right is None:
            return None
        op = raw.token.symbol or ""
        kind = _RESULTS.get((op, left.type, right.type))
        if kind is None:
            names = {"left": TYPE_NAMES[left.type], "right": TYPE_NAMES[right.type], "op": raw.token.source}
            self._fault(raw.token.start, message("bad_arith", **names))
            return None
        return Arith(op, left, right, kind)

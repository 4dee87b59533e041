"""Untyped tree → typed tree: every type fault of an expression at once, and the warnings about empty values."""

from dataclasses import dataclass, field
from typing import Final

from qingdan.core.fields import FIELDS, Field, Type
from qingdan.core.message import Message, Words
from qingdan.core.policy import limits
from qingdan.core.policy.ast import (
    And,
    Builtin,
    BuiltinRef,
    Compare,
    Expr,
    FieldRef,
    InSet,
    IsEmpty,
    ListContains,
    Literal,
    Matches,
    Not,
    Op,
    Or,
    TextMatch,
    TextOp,
    Truth,
    flatten,
)
from qingdan.core.policy.lexer import FaultError, Token
from qingdan.core.policy.messages import message, too_large
from qingdan.core.policy.parser import Raw, parse
from qingdan.core.policy.pattern import read_pattern
from qingdan.core.policy.scalars import TYPE_NAMES, ScalarReader, bound, value_in
from qingdan.core.policy.vocabulary import Vocabulary
from qingdan.core.text import normalise

_ORDERED: Final = frozenset({Type.INT, Type.MONEY, Type.TIME, Type.DURATION})
_SETS: Final = frozenset({Type.ENUM, Type.TEXT, Type.INT, Type.MONEY})
_BUILTINS: Final = frozenset(Builtin)
_SYMBOL_OF: Final = {"in": "属于", "not_in": "不属于", "contains": "含", "contains_all": "全含", "starts": "开头"} | {
    "ends": "结尾",
    "matches": "匹配",
    "empty": "为空",
    "not_empty": "不为空",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong, or worth a warning, at an offset of the expression."""

    start: int
    said: Message
    warning: bool = False


@dataclass(slots=True)
class Checked:
    """What checking an expression gave: a tree, or faults; warnings beside either."""

    expr: Expr | None
    faults: list[Fault] = field(default_factory=list)


def read_expression(source: str, vocabulary: Vocabulary, *, builtins: bool = False) -> Checked:
    """Parse and check one expression. Never raises; every fault is in the result."""
    try:
        raw = parse(source, vocabulary)
    except FaultError as error:
        return Checked(None, [Fault(error.start, error.said)])
    checker = _Checker(builtins=builtins)
    expr = checker.condition(raw, negative=False)
    faults = checker.faults
    if not faults:
        faults.extend(checker.nullable_warnings())
    return Checked(expr if not any(not f.warning for f in faults) else None, faults)


class _Checker:
    def __init__(self, *, builtins: bool) -> None:
        self._builtins = builtins
        self.faults: list[Fault] = []
        self._negatives: list[tuple[int, str]] = []
        self._guarded: set[str] = set()
        self._scalars = ScalarReader(self._fault)

    def _fault(self, start: int, said: Message) -> None:
        self.faults.append(Fault(start, said))

    def nullable_warnings(self) -> list[Fault]:
        """Warn of each nullable field under a negation that no ``为空`` of the expression covers."""
        return [
            Fault(start, message("nullable", field=FIELDS[name].zh), warning=True)
            for start, name in dict.fromkeys(self._negatives)
            if name not in self._guarded
        ]

    def condition(self, raw: Raw, *, negative: bool) -> Expr | None:
        """Typed condition, or None after a fault."""
        if raw.kind in {"and", "or"}:
            parts = [self.condition(item, negative=negative) for item in raw.items]
            known = [part for part in parts if part is not None]
            if len(known) < len(parts):
                return None
            return flatten(And if raw.kind == "and" else Or, known)
        if raw.kind == "not":
            arg = self.condition(raw.items[0], negative=not negative)
            return None if arg is None else Not(arg)
        leaf = self._leaf(raw)
        if leaf is not None:
            self._note_nullable(leaf, raw, negative=negative)
        return leaf

    def _note_nullable(self, leaf: Expr, raw: Raw, *, negative: bool) -> None:
        match leaf:
            case IsEmpty(field=ref):
                self._guarded.add(ref.id)
            case Compare(op=Op.NE, left=FieldRef(id=name)) | InSet(field=FieldRef(id=name), negated=True):
                if FIELDS[name].nullable:
                    self._negatives.append((raw.start, name))
            case (
                Compare(left=FieldRef(id=name))
                | InSet(field=FieldRef(id=name))
                | TextMatch(field=name)
                | Matches(field=name)
                | ListContains(field=name)
            ):
                if negative and FIELDS[name].nullable:
                    self._negatives.append((raw.start, name))

    def _leaf(self, raw: Raw) -> Expr | None:  # noqa: PLR0911 - one arm a kind of node
        match raw.kind:
            case "compare":
                return self._compare(raw)
            case "empty" | "not_empty":
                ref = self._field(raw)
                return None if ref is None else IsEmpty(ref, negated=raw.kind == "not_empty")
            case "in" | "not_in":
                return self._in_set(raw)
            case "contains" | "contains_all" | "starts" | "ends":
                return self._search(raw)
            case "matches":
                return self._matches(raw)
            case "atom":
                return self._atom(raw.token)
        self._fault(raw.start, message("not_condition", text=raw.token.source))
        return None

    def _atom(self, token: Token) -> Expr | None:
        keyword = token.meaning.keyword if token.meaning and not token.bracketed else None
        if keyword in {"true", "false"}:
            return Truth(keyword == "true")
        if keyword in _BUILTINS:
            if not self._builtins:
                self._fault(token.start, message("builtin_outside", text=token.source))
                return None
            return BuiltinRef(Builtin(keyword or ""))
        scalar = self._scalars.field(token)
        if scalar is not None and scalar.type is Type.BOOL:
            return Compare(Op.EQ, scalar, Literal(Type.BOOL, value=True))
        self._fault(token.start, message("not_condition", text=token.source))
        return None

    def _field(self, raw: Raw) -> FieldRef | None:
        left = raw.items[0]
        ref = self._scalars.field(left.token) if left.kind == "atom" else None
        if ref is None:
            self._fault(left.start, message("need_field", op=raw.token.source))
        return ref

    def _compare(self, raw: Raw) -> Expr | None:  # noqa: PLR0911 - one arm a kind of node
        op = Op({"==": "="}.get(raw.token.symbol or "", raw.token.symbol or ""))
        first, second = raw.items
        for one, other in ((first, second), (second, first)):
            ref = self._scalars.field(one.token) if one.kind == "atom" else None
            if ref is not None and ref.type in {Type.ENUM, Type.ENUM_LIST}:
                return self._compare_enum(ref, op, other, raw)
        left, right = self._scalars.read(first), self._scalars.read(second)
        if left is None or right is None:
            return None
        if isinstance(left, Literal) and isinstance(right, Literal):
            self._fault(raw.start, message("no_field"))
            return None
        if left.type is not right.type:
            names = {"left": TYPE_NAMES[left.type], "right": TYPE_NAMES[right.type]}
            self._fault(raw.token.start, message("type_mismatch", **names, hint=_hint(left.type)))
            return None
        if left.type not in _ORDERED and op not in {Op.EQ, Op.NE}:
            self._fault(raw.token.start, message("bad_operator", op=raw.token.source, type=TYPE_NAMES[left.type]))
            return None
        if max(abs(bound(left)), abs(bound(right))) > limits.RESULT:
            self._fault(raw.start, too_large("计算结果", "The result", bound(left), limits.RESULT))
            return None
        return Compare(op, left, right)

    def _compare_enum(self, ref: FieldRef, op: Op, other: Raw, raw: Raw) -> Expr | None:
        if ref.type is Type.ENUM_LIST or op not in {Op.EQ, Op.NE}:
            self._fault(raw.token.start, message("bad_operator", op=raw.token.source, type=TYPE_NAMES[ref.type]))
            return None
        value = self._enum_value(FIELDS[ref.id], other)
        return None if value is None else Compare(op, ref, Literal(Type.ENUM, value))

    def _enum_value(self, of: Field, raw: Raw) -> str | None:
        found = value_in(of, raw.token) if raw.kind == "atom" else ()
        if len(found) == 1:
            return found[0]
        key = "ambiguous" if found else "bad_value"
        known = "、".join(v.zh for v in of.values)
        self._fault(raw.start, message(key, text=raw.token.source, field=of.zh, known=known, readings="、".join(found)))
        return None

    def _in_set(self, raw: Raw) -> Expr | None:
        ref = self._field(raw)
        if ref is None:
            return None
        right = raw.items[1]
        if ref.type not in _SETS:
            self._fault(raw.token.start, message("bad_operator", op=raw.token.source, type=TYPE_NAMES[ref.type]))
            return None
        items = right.items if right.kind == "set" else (right,)
        values = [self._set_value(ref, item) for item in items]
        known = [v for v in values if v is not None]
        if len(known) < len(values):
            return None
        self._refuse_duplicates(known, items)
        return InSet(ref, tuple(known), negated=raw.kind == "not_in")

    def _set_value(self, ref: FieldRef, item: Raw) -> int | str | None:
        if ref.type is Type.ENUM:
            return self._enum_value(FIELDS[ref.id], item)
        if ref.type is Type.TEXT:
            return self._text(item)
        scalar = self._scalars.read(item)
        if isinstance(scalar, Literal) and scalar.type is ref.type:
            return scalar.value
        if scalar is not None:
            names = {"left": TYPE_NAMES[ref.type], "right": item.token.source}
            self._fault(item.start, message("type_mismatch", **names, hint=_hint(ref.type)))
        return None

    def _refuse_duplicates(self, values: list[int | str], items: tuple[Raw, ...]) -> None:
        seen: set[int | str] = set()
        for value, item in zip(values, items, strict=True):
            if value in seen:
                self._fault(item.start, message("duplicate_value", text=item.token.source))
            seen.add(value)

    def _text(self, item: Raw) -> str | None:
        text = item.token.text if item.kind == "atom" else None
        if text is None:
            self._fault(item.start, message("need_text"))
        elif not normalise(text):
            self._fault(item.start, message("empty_word", word=text))
        else:
            return text
        return None

    def _search(self, raw: Raw) -> Expr | None:  # noqa: PLR0911 - one arm a kind of node
        ref = self._field(raw)
        if ref is None:
            return None
        right = raw.items[1]
        items = right.items if right.kind == "set" else (right,)
        if ref.type is Type.ENUM_LIST and raw.kind in {"contains", "contains_all"}:
            values = [self._enum_value(FIELDS[ref.id], item) for item in items]
            known = [v for v in values if v is not None]
            if len(known) < len(values):
                return None
            self._refuse_duplicates(list(known), items)
            # One value is one test: "all" of it is the same as "any".
            return ListContains(ref.id, tuple(known), every=raw.kind == "contains_all" and len(known) > 1)
        if ref.type is not Type.TEXT:
            self._fault(raw.token.start, message("bad_operator", op=raw.token.source, type=TYPE_NAMES[ref.type]))
            return None
        op = TextOp(raw.kind)
        if right.kind == "atom" and right.token.meaning is not None and right.token.meaning.words is not None:
            return TextMatch(op, ref.id, (), right.token.meaning.words)
        texts = [self._text(item) for item in items]
        words = [t for t in texts if t is not None]
        if len(words) < len(texts):
            return None
        self._refuse_duplicates(list(words), items)
        return TextMatch(TextOp.CONTAINS if op is TextOp.CONTAINS_ALL and len(words) == 1 else op, ref.id, tuple(words))

    def _matches(self, raw: Raw) -> Expr | None:
        ref = self._field(raw)
        if ref is None:
            return None
        right = raw.items[1]
        text = right.token.text if right.kind == "atom" else None
        if ref.type is not Type.TEXT:
            self._fault(raw.token.start, message("bad_operator", op=raw.token.source, type=TYPE_NAMES[ref.type]))
        elif text is None:
            self._fault(right.start, message("need_text"))
        else:
            try:
                read_pattern(text)
            except FaultError as error:
                self._fault(right.start + 1 + error.start, error.said)
            else:
                return Matches(ref.id, text)
        return None


def _hint(kind: Type) -> Words:
    """Say how a value of ``kind`` is written."""
    return {
        Type.MONEY: Words("金额要带单位，写成 500元。", "Write money with its unit: 500 yuan."),
        Type.DURATION: Words("时长要带单位，写成 24小时。", "Write a duration with its unit: 24 hours."),
        Type.TEXT: Words('文字要加引号，写成 "加急"。', 'Write text in quotes: "urgent".'),
        Type.BOOL: Words("写 是 或 否。", "Write true or false."),
        Type.TIME: Words("时间写成 当前时间 - 24小时。", "Write a time as as_of - 24 hours."),
        Type.INT: Words("写一个整数，不带单位。", "Write a whole number without a unit."),
    }.get(kind, Words("换一个能比较的字段。", "Choose a field that compares."))

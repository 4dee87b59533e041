"""Random typed conditions and random orders, from a seed: what the equality and round-trip tests run on."""

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from qingdan.core.fields import FIELDS, Type
from qingdan.core.policy.ast import (
    And,
    Arith,
    AsOf,
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
    TextOp,
    Truth,
    flatten,
)

if TYPE_CHECKING:
    from collections.abc import Callable

AS_OF = datetime(2026, 11, 12, 3, 4, 5, tzinfo=UTC)
WORDS = {
    "加急词": ("加急", "催 发", "ＶＩＰ", "é"),
    "长词表": (*tuple(f"词{i}" for i in range(20)), "改地址", "👍"),
}

_BY_TYPE: dict[Type, list[str]] = {
    Type.ENUM: ["channel", "platform_state", "pay_method", "province", "refund_state", "flag_color"],
    Type.TEXT: ["buyer_message", "seller_memo", "address", "flag_label", "receiver_phone"],
    Type.INT: ["returns_30d", "item_count", "kind_count", "amount_vs_usual"],
    Type.MONEY: ["paid_amount", "goods_amount", "freight", "discount"],
    Type.TIME: ["created_at", "paid_at", "ship_by"],
    Type.BOOL: ["vip", "mainland", "receiver_masked"],
    Type.ENUM_LIST: ["address_gaps"],
}
FIELDS_USED = [name for names in _BY_TYPE.values() for name in names]

_PIECES = [
    *("加急", "催发", "改地址", "改 地 址", "vip", "ＶＩＰ", "Vip", "１２３", "123", "0571", "é", "é", "👍", "👍🏽"),
    *(
        "\n",
        "\r\n",
        "　",
        "\u200b",
        "号",
        "栋",
        "路",
        "a.b",
        "[x]",
        "$",
        "^",
        "\\",
        "词3",
        "ß",
        "İ",
        "ﬁ",
        "①",
        "が",
        "が",
    ),
]
_PATTERNS = [
    *("[0-9号栋]", "^1[3-9][0-9]{9}$", "(加急|催发)", "[0-9]{1,3}号?$", "^(改|换)?地址", "[^0-9]", ".{3}", "a\\.b"),
    *("[一-龥]{2}", "^$", "[0-9]+路", "(ab|[0-9])?号", "\\$|\\^", "👍", "e|é", "^[a-z&&~~\\-]+$"),
]
_COUNTS = [0, 1, 2, 3, 5, 100, 9_999, 10_000, 10_001, 2**40]
_FEN = [0, 1, 99, 100, 50_000, 50_001, 500_000, 9 * 10**13, 9 * 10**13 + 1, 2**62, -100]
_SECONDS = [1, 60, 3_600, 5_400, 86_400, 2 * 86_400, 90_061]
_TIMES = [
    datetime(1969, 1, 1, tzinfo=UTC),
    datetime(2026, 11, 10, tzinfo=UTC),
    AS_OF,
    AS_OF - timedelta(hours=24),
    AS_OF - timedelta(microseconds=1),
    datetime(2300, 1, 1, tzinfo=UTC),
]


class Generator:
    """A stream of random conditions and orders."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - test data

    def text(self) -> str:
        return "".join(self.random.choices(_PIECES, k=self.random.choice([0, 1, 1, 2, 3, 6])))

    def order(self, null_share: float = 0.25) -> dict[str, object]:
        return {name: None if self.random.random() < null_share else self._value(name) for name in FIELDS_USED}

    def _value(self, name: str) -> object:  # noqa: PLR0911 - one arm a type
        field, pick = FIELDS[name], self.random.choice
        match field.type:
            case Type.ENUM:
                return pick(field.value_ids)
            case Type.TEXT:
                return self.text()
            case Type.INT:
                return pick(_COUNTS)
            case Type.MONEY:
                return pick(_FEN)
            case Type.TIME:
                return pick(_TIMES)
            case Type.BOOL:
                return pick([True, False])
            case _:
                return self.random.sample(field.value_ids, self.random.choice([0, 1, 2, 3]))

    def expr(self, depth: int = 3) -> Expr:
        roll = self.random.random()
        if depth == 0 or roll < 0.35:
            return self.leaf()
        if roll < 0.5:
            return Not(self.expr(depth - 1))
        kind = And if roll < 0.75 else Or
        return flatten(kind, [self.expr(depth - 1) for _ in range(self.random.choice([2, 2, 3]))])

    def leaf(self) -> Expr:
        makers: list[Callable[[], Expr]] = [
            self._enum,
            self._number,
            self._number,
            self._time,
            self._bool,
            self._in_set,
            self._search,
            self._search,
            self._pattern,
            self._list,
            self._empty,
            self._text_compare,
            lambda: Truth(self.random.random() < 0.5),
        ]
        return self.random.choice(makers)()

    def ref(self, kind: Type) -> FieldRef:
        return FieldRef(self.random.choice(_BY_TYPE[kind]), kind)

    def word(self) -> str:
        return self.random.choice(
            ["加急", "催发", "改地址", "ＶＩＰ", "1", "é", "👍", "a.b", "[x]", "$", "词3", "が", "ss"]
        )

    def _enum(self) -> Expr:
        ref = self.ref(Type.ENUM)
        value = self.random.choice(FIELDS[ref.id].value_ids)
        return Compare(self.random.choice([Op.EQ, Op.NE]), ref, Literal(Type.ENUM, value))

    def _bool(self) -> Expr:
        value = self.random.random() < 0.5
        return Compare(self.random.choice([Op.EQ, Op.NE]), self.ref(Type.BOOL), Literal(Type.BOOL, value))

    def _number(self) -> Expr:
        kind = self.random.choice([Type.INT, Type.MONEY])
        left: Scalar = self._sum(kind)
        right: Scalar = self._sum(kind) if self.random.random() < 0.5 else self._literal(kind)
        return Compare(self.random.choice(list(Op)), left, right)

    def _literal(self, kind: Type) -> Literal:
        if kind is Type.DURATION:
            return Literal(kind, self.random.choice(_SECONDS) * 1_000_000 * self.random.choice([1, 1, -1]))
        return Literal(kind, self.random.choice([0, 1, 3, 100, 10_000] if kind is Type.INT else [0, 99, 50_000, -100]))

    def _sum(self, kind: Type) -> Scalar:
        roll = self.random.random()
        if roll < 0.5:
            return self.ref(kind)
        if kind is Type.INT and roll < 0.65:
            return Length(self.ref(Type.TEXT).id)
        if kind is Type.MONEY and roll < 0.75:
            right: Scalar = self.ref(Type.INT) if roll < 0.65 else self._literal(Type.INT)
            return Arith("*", self.ref(Type.MONEY), right, Type.MONEY)
        return Arith(self.random.choice("+-"), self.ref(kind), self._sum(kind), kind)

    def _time(self) -> Expr:
        op = self.random.choice(list(Op))
        first: Scalar = self.ref(Type.TIME) if self.random.random() < 0.7 else AsOf()
        if self.random.random() < 0.6:
            gap = Arith("-", first, self.ref(Type.TIME), Type.DURATION)
            return Compare(op, gap, self._literal(Type.DURATION))
        sign = self.random.choice("+-")
        return Compare(op, self.ref(Type.TIME), Arith(sign, first, self._literal(Type.DURATION), Type.TIME))

    def _in_set(self) -> Expr:
        kind = self.random.choice([Type.ENUM, Type.ENUM, Type.TEXT, Type.INT, Type.MONEY])
        ref, negated = self.ref(kind), self.random.random() < 0.4
        size = self.random.choice([1, 2, 3])
        if kind is Type.ENUM:
            ids = FIELDS[ref.id].value_ids
            size = self.random.choice([1, 2, min(12, len(ids))])
            return InSet(ref, tuple(self.random.sample(ids, size)), negated)
        if kind is Type.TEXT:
            return InSet(ref, tuple(dict.fromkeys(self.word() for _ in range(size))), negated)
        values = self.random.sample([0, 1, 3, 100, 50_000], size)
        return InSet(ref, tuple(values), negated)

    def _search(self) -> Expr:
        op, name = self.random.choice(list(TextOp)), self.ref(Type.TEXT).id
        if self.random.random() < 0.3:
            return TextMatch(op, name, (), self.random.choice(list(WORDS)))
        words = tuple(dict.fromkeys(self.word() for _ in range(self.random.choice([1, 2, 3, 15]))))
        if len(words) == 1 and op is TextOp.CONTAINS_ALL:
            op = TextOp.CONTAINS
        return TextMatch(op, name, words)

    def _pattern(self) -> Expr:
        return Matches(self.ref(Type.TEXT).id, self.random.choice(_PATTERNS))

    def _list(self) -> Expr:
        ref = self.ref(Type.ENUM_LIST)
        values = self.random.sample(FIELDS[ref.id].value_ids, self.random.choice([1, 2, 3]))
        return ListContains(ref.id, tuple(values), every=len(values) > 1 and self.random.random() < 0.5)

    def _empty(self) -> Expr:
        kind = self.random.choice(list(_BY_TYPE))
        return IsEmpty(self.ref(kind), self.random.random() < 0.5)

    def _text_compare(self) -> Expr:
        ref = self.ref(Type.TEXT)
        right: Scalar = Literal(Type.TEXT, self.word()) if self.random.random() < 0.7 else self.ref(Type.TEXT)
        return Compare(self.random.choice([Op.EQ, Op.NE]), ref, right)

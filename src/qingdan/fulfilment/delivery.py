"""What a warehouse is asked to ship: one order's facts, lines and amounts. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from qingdan.core.message import Message, Words

_NUMBER: Final = re.compile(r"QD(\d{1,18})(?:-([1-9]\d{0,4}))?\Z")

_DIFFER: Final = Words(
    "金额对不上：商品 {goods} + 运费 {freight} - 优惠 {discount} = {sum} 元，实付却是 {paid} 元。",
    "The amounts do not add up: goods {goods} + freight {freight} - discount {discount} = {sum} yuan, but {paid} "
    "yuan was paid.",
)
_DIFFER_ADVICE: Final = Words(
    "请在平台核对这笔订单的金额，更正后重新导入再推送。",
    "Check the order's amounts on the platform, import it again and push it again.",
)
_MISSING: Final = Words("没有金额，不能推送：缺 {field}。", "It has no amounts and can not be pushed: no {field}.")
_NO_LINES: Final = Words(
    "没有商品明细，仓库不知道发什么。", "It has no lines, so the warehouse would not know what to ship."
)
_NO_LINES_ADVICE: Final = Words("请导入含商品明细的订单文件。", "Import a file that has the order's lines.")


def number(order_id: int, revision: int) -> str:
    """Delivery number by which a warehouse knows one revision of an order: the key that makes repeats harmless."""
    return f"QD{order_id}" if revision == 1 else f"QD{order_id}-{revision}"


def read_number(text: str) -> tuple[int, int] | None:
    """Order and revision of a delivery number; None when it is not one of ours."""
    found = _NUMBER.match(text)
    return (int(found[1]), int(found[2] or 1)) if found else None


@dataclass(frozen=True, slots=True)
class Line:
    """One line, amounts in fen. ``amount`` is what the line costs after its share of the discount.

    ``total`` is given where the platform named no price; otherwise it is price times quantity.
    """

    line_no: str
    sku_code: str
    title: str
    spec: str
    quantity: int
    unit_price: int | None
    discount: int = 0
    given_total: int | None = None

    @property
    def total(self) -> int:
        """What the line costs before the discount, in fen."""
        return (self.unit_price or 0) * self.quantity if self.given_total is None else self.given_total

    @property
    def price(self) -> int:
        """Price of one piece before the discount, in fen, rounded down where none was given."""
        return self.total // self.quantity if self.unit_price is None and self.quantity else self.unit_price or 0

    @property
    def amount(self) -> int:
        """What is left of the total after the discount."""
        return self.total - self.discount


@dataclass(frozen=True, slots=True)
class Amounts:
    """An order's amounts in fen: ``total = goods - discount + freight``, exactly."""

    goods: int
    discount: int
    freight: int

    @property
    def total(self) -> int:
        """What the buyer pays."""
        return self.goods - self.discount + self.freight


@dataclass(frozen=True, slots=True)
class Delivery:
    """One revision of one order as it goes to a warehouse. ``facts`` are the order's catalogue fields.

    ``amounts`` is None when they contradict each other: such a delivery can be asked for and stopped, not sent.
    ``warehouse_no`` is the number that the warehouse gave it, empty as long as it is not known.
    """

    order_id: int
    revision: int
    facts: Mapping[str, Any] = field(repr=False)
    lines: tuple[Line, ...]
    amounts: Amounts | None
    released_at: datetime
    released_by: str = ""
    ship_by: datetime | None = None
    urgent: bool = False
    warehouse_no: str = ""

    @property
    def number(self) -> str:
        """The warehouse's key for it."""
        return number(self.order_id, self.revision)

    @property
    def weighed(self) -> Amounts:
        """The amounts of a delivery that may be sent."""
        if self.amounts is None:
            raise ValueError("a delivery whose amounts do not hold is never sent")
        return self.amounts

    @property
    def roughly(self) -> Amounts:
        """The amounts where nobody goes by them, as when it is called back: of the lines if they do not hold."""
        if self.amounts is not None:
            return self.amounts
        return Amounts(sum(line.total for line in self.lines), sum(line.discount for line in self.lines), 0)

    def text(self, name: str) -> str:
        """Text of a fact; empty when it is not known."""
        value = self.facts.get(name)
        return "" if value is None else str(value)


class AmountsError(Exception):
    """Amounts that contradict each other, or are missing."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.text("en"))
        self.message = message


def weigh(facts: Mapping[str, Any], lines: Sequence[Line]) -> tuple[Amounts, tuple[Line, ...]]:
    """Amounts that hold to the fen, and the lines with their share of the discount.

    The discount is the platform's; where it gave none, it is what is missing to the paid amount. Shares go by each
    line's total and are rounded down; the last line that costs something bears the rest, so that the sum is exact.
    Raises ``AmountsError``.
    """
    if not lines:
        raise AmountsError(Message("push.no_lines", _NO_LINES, _NO_LINES_ADVICE))
    paid = facts.get("paid_amount")
    if paid is None:
        said = Words("实付金额", "paid amount")
        raise AmountsError(Message("push.amount_missing", _MISSING, _DIFFER_ADVICE, {"field": said}))
    freight = facts.get("freight") or 0
    stated = facts.get("discount")
    told = facts.get("goods_amount")
    if any(line.unit_price is None for line in lines):
        lines = priced(lines, told if told is not None else paid - freight + (stated or 0))
    goods = sum(line.total for line in lines)
    discount = goods + freight - paid if stated is None else stated + (goods - told if told is not None else 0)
    amounts = Amounts(goods, discount, freight)
    if amounts.total != paid or discount < 0 or discount > goods:
        shown = {"goods": yuan(goods), "freight": yuan(freight), "discount": yuan(discount)}
        params = shown | {"sum": yuan(amounts.total), "paid": yuan(paid)}
        raise AmountsError(Message("push.amounts_differ", _DIFFER, _DIFFER_ADVICE, params))
    return amounts, shared(lines, discount)


def priced(lines: Sequence[Line], goods: int) -> list[Line]:
    """Lines of which some have no price, these with their share of what the others leave of ``goods``.

    Many exports name what the whole order costs and no price of a piece. Shares go by quantity, the last such line
    bears the rest.
    """
    left = max(0, goods - sum(line.total for line in lines))
    pieces = sum(line.quantity for line in lines if line.unit_price is None)
    done: list[Line] = []
    for line in lines:
        if line.unit_price is not None:
            done.append(line)
            continue
        share = left * line.quantity // pieces if pieces > line.quantity else left
        done.append(replace(line, given_total=share))
        left, pieces = left - share, pieces - line.quantity
    return done


def shared(lines: Sequence[Line], discount: int) -> tuple[Line, ...]:
    """Lines with the order's discount shared out among them, to the fen; no line goes below nothing."""
    goods = sum(line.total for line in lines)
    if not goods:
        return tuple(lines)
    shares = [discount * line.total // goods for line in lines]
    rest = discount - sum(shares)
    for place in reversed(range(len(lines))):
        more = min(rest, lines[place].total - shares[place])
        shares[place] += more
        rest -= more
    return tuple(replace(line, discount=share) for line, share in zip(lines, shares, strict=True))


def yuan(fen: int) -> str:
    """Amount in yuan with two places."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{fen // 100}.{fen % 100:02}"

"""Habits of tables that people keep themselves: cells that stand for the rows below, a receiver in one piece."""

from typing import Final

import polars as pl

from qingdan.channels.mapping import Table
from qingdan.intake.readers import ROW

LINE_COLUMNS: Final = frozenset(
    {"line_no", "sku_code", "title", "spec", "quantity", "unit_price", "line_paid_amount", "line_refund_state"}
)
"""Mapped columns that a line has of its own; all others are its order's."""

_COMMENT: Final = r"^(?:[#＃]|[-=—_*]{3,}|合计|总计|共计|小计|汇总|备注[:：]|注[:：]|total)"
_SEPARATORS: Final = " \t\r\n,，;；、|/:：。()（）[]【】"
_GAPS: Final = r"[\s,，;；、|/]+"
_LABELS: Final = "收货人|收件人|姓名|联系人|手机号码|手机号|手机|联系电话|电话|联系方式|收货地址|收件地址|详细地址|地址"
_LABEL: Final = rf"(?:{_LABELS})\s*[:：]\s*"
_PHONE: Final = r"(?:\+?86[- ]?)?((?:1[3-9*][\d*]{9}|0\d{2,3}-\d{7,8})(?:[-转]\d{1,6})?)"
_AROUND: Final = rf"(?s)^(|.*?[^\d*]){_PHONE}(|[^\d*].*)$"
_NAME_LENGTH: Final = 15


def prepare(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Typed cells as a platform would have written them: every row with its order's cells, the receiver in columns."""
    if table.carried:
        frame = _carry(frame)
    return _receiver(frame) if "receiver_text" in frame.columns else frame


def _carry(frame: pl.DataFrame) -> pl.DataFrame:
    """Fill an order's cells down over its rows; a total or a note below them is no row of theirs."""
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    comment = pl.any_horizontal(pl.col(name).str.to_lowercase().str.contains(_COMMENT) for name in texts)
    lines = [pl.col(name).is_not_null() for name in frame.columns if name in LINE_COLUMNS]
    below = pl.any_horizontal(lines) if lines else pl.lit(value=False)
    number = pl.col("order_no")
    followed = number.is_null() & below & ~comment.fill_null(value=False)
    frame = frame.with_columns(order_no=pl.when(followed).then(number.forward_fill()).otherwise(number))
    others = [name for name in frame.columns if name not in LINE_COLUMNS and name not in {ROW, "order_no"}]
    told = number.is_not_null()
    return frame.with_columns(
        pl.when(told).then(pl.col(name).forward_fill().over("order_no")).otherwise(name).alias(name) for name in others
    )


def _receiver(frame: pl.DataFrame) -> pl.DataFrame:
    """Take ``receiver_text`` apart: the phone number cuts it, the shorter side of it is the name."""
    text = pl.col("receiver_text").str.replace_all(_LABEL, " ")
    parts = text.str.extract_groups(_AROUND)
    left, phone, right = (parts.struct.field(str(number)) for number in (1, 2, 3))
    cut = frame.select(text=text, left=_bare(left), phone=phone, right=_bare(right))
    short_left = pl.col("left").str.len_chars().is_between(1, _NAME_LENGTH)
    head = pl.col("right").str.extract_groups(rf"(?s)^([^\s,，;；]+){_GAPS}(.*)$")
    tail = pl.col("left").str.extract_groups(rf"(?s)^(.*[^\s,，;；、|/]){_GAPS}([^\s,，;；、|/]+)$")
    before, after = pl.col("left"), pl.col("right")
    cases = [
        # address, name and phone; name and phone alone; phone, name and address; address, phone and name
        ((after == "") & tail.struct.field("2").is_not_null(), tail.struct.field("2"), tail.struct.field("1")),
        (short_left, before, after),
        ((before == "") & head.struct.field("1").is_not_null(), head.struct.field("1"), head.struct.field("2")),
        (after.str.len_chars().is_between(1, _NAME_LENGTH), after, before),
    ]
    name, place = pl.lit(None, pl.String), pl.concat_str(before, after, separator=" ")
    for when, who, where in reversed(cases):
        name, place = pl.when(when).then(who).otherwise(name), pl.when(when).then(where).otherwise(place)
    place = pl.when(pl.col("phone").is_null()).then(_bare(pl.col("text"))).otherwise(_bare(place))
    name = pl.when(pl.col("phone").is_not_null()).then(name)
    found = cut.select(receiver_name=name, receiver_phone="phone", region_text=place.replace("", None))
    mine = [
        pl.coalesce(name, pl.lit(found[name])).alias(name) if name in frame.columns else pl.lit(found[name]).alias(name)
        for name in found.columns
    ]
    return frame.with_columns(mine).drop("receiver_text")


def _bare(text: pl.Expr) -> pl.Expr:
    return text.str.strip_chars(_SEPARATORS).fill_null("")

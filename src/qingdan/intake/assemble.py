"""Rows of all sheets grouped into orders and lines.

A later file wins over an earlier one, a line that came twice counts once. Amounts that stand on every row of an
order are taken once; amounts that rows carry in parts are added up.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from qingdan.channels.mapping import Table
from qingdan.core.columns import LINE_SCHEMA, ORDER_SCHEMA
from qingdan.core.fields import FIELDS
from qingdan.core.message import Message
from qingdan.intake.meaning import LINE_RANK, RANK, REFUND_RANKS, UNKNOWN_REFUND
from qingdan.intake.messages import message
from qingdan.intake.readers import ROW

_FACTS: Final[dict[str, pl.DataType]] = {
    name: ORDER_SCHEMA[name]
    for name in (
        "shop", "platform_status", "platform_state", "platform_hold", "buyer_token", "receiver_name",
        "receiver_phone", "city", "district", "town", "address", "goods_amount", "freight", "discount",
        "paid_amount", "pay_method", "payment_no", "created_at", "paid_at", "ship_by", "pickup_by", "presale_step",
        "address_changed", "buyer_message", "seller_memo", "flag_color", "flag_label", "invoice_wanted", "goods_title",
    )
}  # fmt: skip
PART: Final = "part"
ORDER_ROW: Final[dict[str, pl.DataType]] = {
    "file": pl.UInt16(),
    PART: pl.UInt32(),
    ROW: pl.UInt32(),
    "channel": ORDER_SCHEMA["channel"],
    "order_no": pl.String(),
    **_FACTS,
    "province": pl.String(),
    "region_text": pl.String(),
    "item_total": pl.Int64(),
    "kind_total": pl.Int64(),
    RANK: pl.UInt8(),
    "paid_at_known": pl.Boolean(),
    "address_known": pl.Boolean(),
}
"""Columns of rows that become orders; ``part`` counts the sheets, ``*_known``: whether it has the column at all."""

LINE_ROW: Final[dict[str, pl.DataType]] = {
    **{name: LINE_SCHEMA[name] for name in ("line_no", "sku_code", "title", "spec", "quantity", "unit_price")},
    "line_paid_amount": pl.Int64(),
    LINE_RANK: pl.UInt8(),
    "gift": pl.Boolean(),
    "gift.title": pl.String(),
    "gift.spec": pl.String(),
    "gift.quantity": pl.Int64(),
}
_REMARKS: Final = ("repeated_orders", "conflicting_amounts", "orders_missing_for_lines", "joined_goods")
_SHOWN: Final = 3
_MONEY: Final = ("goods_amount", "freight", "discount", "paid_amount")
_WAITING, _PARTLY, _CLOSED = (
    list(FIELDS["platform_state"].value_ids).index(v) for v in ("waiting", "partly_shipped", "closed")
)


@dataclass(frozen=True, slots=True)
class Part:
    """Conforming rows of one sheet."""

    table: Table
    frame: pl.DataFrame
    file: str


@dataclass(frozen=True, slots=True)
class Remark:
    """Something worth telling of ``count`` orders or lines; ``first`` are some of them by sheet, row and number."""

    id: str
    count: int
    field: str = ""
    first: tuple[tuple[int, int, str], ...] = ()


def told(remarks: Iterable[Remark]) -> list[Message]:
    """Messages of remarks made on parts of the same orders, added up."""
    merged: dict[tuple[str, str], Remark] = {}
    for one in remarks:
        key = (one.id, one.field)
        before = merged.get(key, Remark(one.id, 0, one.field))
        first = tuple(sorted((*before.first, *one.first))[:_SHOWN])
        merged[key] = replace(before, count=before.count + one.count, first=first)
    ranked = sorted(merged.values(), key=lambda one: (_REMARKS.index(one.id), one.field))
    return [_message(one) for one in ranked]


def _message(remark: Remark) -> Message:
    if not remark.field:
        return message(remark.id, count=remark.count)
    field = FIELDS[remark.field]
    orders = "、".join(number for _, _, number in remark.first)
    return message(remark.id, count=remark.count, label=field.zh, label_en=field.en, orders=orders)


@dataclass(frozen=True, slots=True)
class Assembled:
    """``orders``: columns of ``ORDER_ROW``, one row an order; ``lines``: columns of ``LINE_SCHEMA``.

    ``joined`` are lines of which each stands for all goods of its order, so that they can not be counted.
    """

    orders: pl.DataFrame
    lines: pl.DataFrame
    joined: pl.DataFrame
    remarks: tuple[Remark, ...]


def conform(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Rows with every column of ``ORDER_ROW`` and ``LINE_ROW``, each line number unique within its order."""
    known = {"paid_at_known": "paid_at" in frame.columns, "address_known": _has_address(frame)}
    frame = frame.select(
        pl.lit(known[name]).alias(name)
        if name in known
        else (pl.col(name) if name in frame.columns else pl.lit(None, dtype).alias(name))
        for name, dtype in {**ORDER_ROW, **LINE_ROW}.items()
    )
    return frame if table.rows == "order" else _number_lines(frame, table)


def _has_address(frame: pl.DataFrame) -> bool:
    return "address" in frame.columns or "region_text" in frame.columns


def _number_lines(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Give lines without a number their ordinal, and tell repeated product ids apart (``100123``, ``100123#2``)."""
    if frame["line_no"].null_count():
        ordinal = pl.int_range(1, pl.len() + 1).over("order_no").cast(pl.String)
        frame = frame.with_columns(line_no=pl.coalesce("line_no", ordinal))
    keys = ["order_no", "line_no"]
    if not frame["line_no"].is_duplicated().any() or not frame.select(pl.struct(keys).is_duplicated().any()).item():
        return frame
    if not table.repeated_lines:
        return frame.unique(keys, keep="last", maintain_order=True)
    nth = pl.int_range(1, pl.len() + 1).over(keys)
    again = pl.when(nth > 1).then(pl.format("{}#{}", "line_no", nth)).otherwise("line_no")
    return frame.with_columns(line_no=again)


def assemble(parts: Sequence[Part]) -> Assembled:
    """Orders and lines of one channel from the conforming rows of all its sheets, in the order of the files."""
    order_parts = [part for part in parts if part.table.kind == "order"]
    item_parts = [part for part in parts if part.table.kind == "item"]
    remarks: list[Remark] = []
    orders, order_lines = _orders(order_parts, remarks)
    items = _merge(item_parts, ["order_no", "line_no"], remarks)
    if items.height:
        orders = _with_items(orders, items)
        missing = items.select(pl.col("order_no").unique()).join(orders, on="order_no", how="anti").height
        if missing:
            remarks.append(Remark("orders_missing_for_lines", missing))
    joined = order_lines.clear()
    if any(part.table.joined_goods for part in order_parts):
        joined = order_lines.join(items.select("order_no").unique(), on="order_no", how="anti", maintain_order="left")
        order_lines = order_lines.clear()
        if joined.height:
            remarks.append(Remark("joined_goods", joined.height))
    return Assembled(orders, pl.concat([order_lines, _lines(items)]), joined, tuple(remarks))


def _merge(parts: Sequence[Part], keys: list[str], remarks: list[Remark]) -> pl.DataFrame:
    """Rows of all parts in the order of their files; where a key repeats, the last row stays."""
    if not parts:
        return pl.DataFrame(schema={**ORDER_ROW, **LINE_ROW})
    if len(parts) == 1 and "line_no" in keys:
        return parts[0].frame
    frame = pl.concat([part.frame for part in parts])
    repeated = frame.select(pl.struct(keys).is_duplicated() if len(keys) > 1 else pl.col(keys[0]).is_duplicated())
    again = int(repeated.to_series().sum())
    if not again:
        return frame
    merged = frame.unique(keys, keep="last", maintain_order=True)
    if keys == ["order_no"]:
        count = frame.filter(repeated.to_series())["order_no"].n_unique()
        remarks.append(Remark("repeated_orders", count))
    return merged


def _orders(parts: Sequence[Part], remarks: list[Remark]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Orders and their lines; sheets of different shape are grouped apart, and the last that has an order wins."""
    shapes: dict[tuple[object, ...], list[Part]] = {}
    for part in parts:
        shapes.setdefault(_shape(part.table), []).append(part)
    made = [_of_one_shape(same, remarks) for same in shapes.values()]
    if not made:
        return pl.DataFrame(schema=ORDER_ROW), pl.DataFrame(schema=LINE_SCHEMA)
    if len(made) == 1:
        return made[0]
    orders = pl.concat([one for one, _ in made]).sort(PART, maintain_order=True)
    lines = pl.concat([one for _, one in made]).unique(["order_no", "line_no"], keep="last", maintain_order=True)
    return orders.unique("order_no", keep="last", maintain_order=True), lines


def _shape(table: Table) -> tuple[object, ...]:
    return table.rows, table.summed, table.repeated_lines, table.joined_goods, "title" in table.columns


def _of_one_shape(parts: Sequence[Part], remarks: list[Remark]) -> tuple[pl.DataFrame, pl.DataFrame]:
    table = parts[0].table
    if table.rows == "order":
        frame = _merge(parts, ["order_no"], remarks)
        has_lines = "title" in table.columns
        return frame.select(*ORDER_ROW), _lines(frame) if has_lines else pl.DataFrame(schema=LINE_SCHEMA)
    frame = _merge(parts, ["order_no", "line_no"], remarks)
    repeated = frame["order_no"].is_duplicated()
    if not repeated.any():
        return frame.select(*ORDER_ROW), _lines(frame)
    grouped = _group(frame.filter(repeated), table, remarks)
    orders = pl.concat([frame.filter(~repeated).select(*ORDER_ROW), grouped]).sort("file", ROW)
    return orders, _lines(frame)


def _group(rows: pl.DataFrame, table: Table, remarks: list[Remark]) -> pl.DataFrame:
    """Orders of several rows. Facts come from the first row of the last file that has the order."""
    if rows["file"].n_unique() > 1:
        rows = rows.sort("file", descending=True, maintain_order=True)
    same = [name for name in _MONEY if name not in table.summed]
    code = pl.col("platform_state").to_physical()
    live = code.filter(code < _CLOSED)
    hold = pl.col("platform_hold")
    special = {
        "platform_status": pl.col("platform_status").drop_nulls().unique(maintain_order=True).str.join("；"),
        "platform_hold": hold.filter(hold != "none").first(),
        "paid_at": pl.col("paid_at").min(),
        "ship_by": pl.coalesce(pl.col("ship_by").filter(code < _CLOSED).min(), pl.col("ship_by").min()),
        "address_changed": pl.col("address_changed").any(),
        RANK: pl.col(RANK).max(),
        **{name: _total(name) for name in table.summed},
    }
    plain = [name for name in ORDER_ROW if name not in special and name not in {"platform_state", "order_no"}]
    grouped = rows.group_by("order_no", maintain_order=True).agg(
        pl.col(plain).first(),
        *(expr.alias(name) for name, expr in special.items()),
        low=live.min(),
        high=live.max(),
        dead=code.first(),
        unknown=code.is_null().any(),
        **{f"differs.{name}": pl.col(name).n_unique() > 1 for name in same},
    )
    for name in same:
        conflicts = grouped.filter(pl.col(f"differs.{name}")).select(PART, ROW, "order_no")
        if conflicts.height:
            first = tuple(conflicts.sort(PART, ROW).head(_SHOWN).iter_rows())
            remarks.append(Remark("conflicting_amounts", conflicts.height, name, first))
    mixed = (pl.col("low") == _WAITING) & (pl.col("high") > _WAITING)
    state = pl.when(mixed).then(pl.lit(_PARTLY)).otherwise(pl.coalesce("low", "dead"))
    values = FIELDS["platform_state"].value_ids
    grouped = grouped.with_columns(
        platform_state=pl.when(~pl.col("unknown"))
        .then(state)
        .replace_strict(
            list(range(len(values))), list(values), default=None, return_dtype=ORDER_SCHEMA["platform_state"]
        ),
        platform_hold=pl.col("platform_hold").fill_null("none"),
    )
    return grouped.select(*ORDER_ROW)


def _total(name: str) -> pl.Expr:
    """Sum of a column that rows carry in parts. A missing part of what was paid makes the sum unknown."""
    column = pl.col(name)
    if name == "paid_amount":
        return pl.when(column.null_count() == 0).then(column.sum())
    return pl.when(column.count() > 0).then(column.sum())


def _with_items(orders: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """What an item list adds to its orders: the refund state of the lines, and a memo where the order has none."""
    facts = items.group_by("order_no").agg(
        pl.col(LINE_RANK).max().alias("item_rank"), pl.col("seller_memo").drop_nulls().first().alias("item_memo")
    )
    return (
        orders.join(facts, on="order_no", how="left", maintain_order="left")
        .with_columns(
            pl.max_horizontal(RANK, "item_rank").alias(RANK), seller_memo=pl.coalesce("seller_memo", "item_memo")
        )
        .select(*ORDER_ROW)
    )


def refund_states(rank: str) -> pl.Expr:
    """Refund state of a rank column; null for a word not known."""
    known = {i: state for i, state in enumerate(REFUND_RANKS) if i != UNKNOWN_REFUND}
    return pl.col(rank).replace_strict(
        list(known), list(known.values()), default=None, return_dtype=ORDER_SCHEMA["refund_state"]
    )


def _lines(rows: pl.DataFrame) -> pl.DataFrame:
    """Lines of ``rows``, with a gift line where a row names a gift beside its goods."""
    own = rows.with_columns(pl.coalesce(LINE_RANK, RANK).alias(LINE_RANK)).select(
        "channel",
        "order_no",
        line_no=pl.col("line_no").fill_null("1"),
        sku_code="sku_code",
        title=pl.col("title").fill_null(""),
        spec=pl.col("spec").fill_null(""),
        quantity="quantity",
        unit_price="unit_price",
        line_paid_amount="line_paid_amount",
        line_refund_state=refund_states(LINE_RANK),
        gift=pl.col("gift").fill_null(value=False),
    )
    gifts = rows.filter(pl.col("gift.title").is_not_null())
    if gifts.is_empty():
        return own.select(*LINE_SCHEMA)
    given = gifts.select(
        "channel",
        "order_no",
        line_no=pl.lit("gift"),
        sku_code=pl.lit(None, pl.String),
        title="gift.title",
        spec=pl.col("gift.spec").fill_null(""),
        quantity=pl.col("gift.quantity").fill_null(1),
        unit_price=pl.lit(None, pl.Int64),
        line_paid_amount=pl.lit(None, pl.Int64),
        line_refund_state=pl.lit(None, LINE_SCHEMA["line_refund_state"]),
        gift=pl.lit(value=True),
    )
    return pl.concat([own, given]).select(*LINE_SCHEMA)

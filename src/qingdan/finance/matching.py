"""Orders against bill entries, to the fen: frames in, frames out, no database."""

from typing import Final

import polars as pl

from qingdan.core.columns import ORDER_SCHEMA

STATES: Final = (
    "full",
    "short",
    "over",
    "double",
    "refunded",
    "part_refunded",
    "missing",
    "unexpected",
    "unpaid",
)
"""What an order's payment is found to be.

``full`` paid to the fen; ``short`` and ``over`` by ``difference``; ``double`` paid more than once, each time in full;
``refunded`` and ``part_refunded``; ``missing``: the platform says paid, no bill knows of it; ``unexpected``: a bill
knows of money, the platform says unpaid; ``unpaid``: neither does.
"""
MATCH_SCHEMA: Final[dict[str, pl.DataType]] = {
    "channel": ORDER_SCHEMA["channel"],
    "order_no": pl.String(),
    "state": pl.Enum(STATES),
    "due": pl.Int64(),
    "paid": pl.Int64(),
    "refunded": pl.Int64(),
    "fee": pl.Int64(),
    "difference": pl.Int64(),
    "payments": pl.Int64(),
}
"""One row an order, amounts in fen: ``due`` by the platform, ``paid`` and ``refunded`` by the bills (both positive)."""
_KEY: Final = ("channel", "order_no")
_MONEY: Final = ("payment", "refund")


def match(orders: pl.DataFrame, entries: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return what each order's payment is (``MATCH_SCHEMA``) and the entries with the order they belong to.

    ``orders``: channel, order_no, paid_amount, payment_no, pay_status, pay_method; ``entries``: ``ENTRY_SCHEMA``.
    The entries come back with ``channel`` and ``of`` (order number), null for money that is not of these orders.
    """
    assigned = assign(orders, entries)
    paid = _paid(assigned)
    joined = orders.join(paid, left_on=_KEY, right_on=("channel", "of"), how="left", maintain_order="left")
    due = pl.col("paid_amount").fill_null(0)
    shaped = joined.with_columns(pl.col("paid", "refunded", "fee", "payments").fill_null(0), due=due).with_columns(
        difference=pl.col("paid") - pl.col("due")
    )
    matched = shaped.with_columns(state=_state())
    return matched.select(pl.col(name).cast(dtype) for name, dtype in MATCH_SCHEMA.items()), assigned


def assign(orders: pl.DataFrame, entries: pl.DataFrame) -> pl.DataFrame:
    """Find the order of each entry: by its order number, the merchant's, or the payment's; else none.

    A refund that names only its payment belongs to the order of that payment.
    """
    by_number = _once(orders.select("channel", of="order_no", key="order_no"))
    by_payment = _once(orders.select("channel", of="order_no", key="payment_no"))
    found = entries.with_row_index("at_row")
    ways = (("order_no", by_number), ("merchant_order_no", by_number), ("trade_no", by_payment))
    for number, (name, known) in enumerate(ways):
        found = found.join(known, left_on=name, right_on="key", how="left", maintain_order="left", suffix=f"_{number}")
    found = found.with_columns(
        channel=pl.coalesce("channel", "channel_1", "channel_2"), of=pl.coalesce("of", "of_1", "of_2")
    ).drop("channel_1", "channel_2", "of_1", "of_2")
    trades = _once(found.filter(pl.col("of").is_not_null()).select("channel", "of", key="trade_no").unique())
    lost = pl.col("of").is_null()
    found = found.join(trades, left_on="trade_no", right_on="key", how="left", maintain_order="left", suffix="_trade")
    return found.with_columns(
        channel=pl.when(lost).then("channel_trade").otherwise("channel"),
        of=pl.when(lost).then("of_trade").otherwise("of"),
    ).drop("channel_trade", "of_trade", "at_row")


def not_ours(assigned: pl.DataFrame) -> pl.DataFrame:
    """Return the payments and refunds that belong to none of the orders."""
    return assigned.filter(pl.col("of").is_null() & pl.col("kind").is_in(_MONEY))


def _once(known: pl.DataFrame) -> pl.DataFrame:
    """Keep the keys that name one order; a key of two orders proves nothing."""
    told = known.filter(pl.col("key").is_not_null() & (pl.col("key") != ""))
    return told.unique("key", keep="none")


def _paid(assigned: pl.DataFrame) -> pl.DataFrame:
    """Add up each order's money.

    Two bills of one family tell of the same payments: the movements of the account count, and the trades only where
    the account's bill says nothing of the order.
    """
    ours = assigned.filter(pl.col("of").is_not_null() & pl.col("kind").is_in([*_MONEY, "fee"]))
    group = ("channel", "of", "family")
    is_account = pl.col("format").str.ends_with("_account") | pl.col("format").str.ends_with("_flow")
    counted = ours.with_columns(account=is_account).with_columns(
        by_account=(pl.col("account") & pl.col("kind").is_in(_MONEY)).any().over(group)
    )
    counted = counted.filter(pl.col("account") == pl.col("by_account"))
    is_payment, is_refund = pl.col("kind") == "payment", pl.col("kind") == "refund"
    charged = pl.when(pl.col("kind") == "fee").then(-pl.col("amount")).otherwise("fee")
    return counted.group_by("channel", "of").agg(
        paid=pl.col("amount").filter(is_payment).sum(),
        refunded=-pl.col("amount").filter(is_refund).sum(),
        fee=charged.sum(),
        payments=is_payment.sum().cast(pl.Int64),
        alike=pl.col("amount").filter(is_payment).n_unique() == 1,
    )


def _state() -> pl.Expr:
    paid, due, refunded = pl.col("paid"), pl.col("due"), pl.col("refunded")
    told_paid = (pl.col("pay_status") == "paid").fill_null(value=False) & (
        pl.col("pay_method").cast(pl.String).fill_null("") != "cod"
    )
    nothing = pl.col("payments") == 0
    twice = (pl.col("payments") > 1) & pl.col("alike").fill_null(value=False) & (paid == due * pl.col("payments"))
    return (
        pl.when(nothing & told_paid & (due > 0) & (refunded == 0))
        .then(pl.lit("missing"))
        .when(nothing & (refunded == 0))
        .then(pl.lit("unpaid"))
        .when((refunded > 0) & (refunded >= paid))
        .then(pl.lit("refunded"))
        .when(refunded > 0)
        .then(pl.lit("part_refunded"))
        .when(~told_paid)
        .then(pl.lit("unexpected"))
        .when(twice)
        .then(pl.lit("double"))
        .when(paid < due)
        .then(pl.lit("short"))
        .when(paid > due)
        .then(pl.lit("over"))
        .otherwise(pl.lit("full"))
    )

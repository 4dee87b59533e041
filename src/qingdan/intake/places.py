"""What assembled orders are given before review: where they go, whether they are paid, the catalogue's shape."""

from typing import Final

import polars as pl

from qingdan.core import address_text, region
from qingdan.core.address import is_masked
from qingdan.core.columns import ORDER_SCHEMA
from qingdan.core.fields import FIELDS
from qingdan.data import load_divisions
from qingdan.intake import assemble, meaning

_PLACES: Final = ("province", "city", "district", "town")


def with_place(orders: pl.DataFrame) -> pl.DataFrame:
    """Regions in official names, from their own columns or from an address in one piece; masked or not."""
    divisions = load_divisions()
    whole = pl.col("region_text").is_not_null() | (
        pl.col("province").is_null() & pl.col("city").is_null() & pl.col("address").is_not_null()
    )
    whole_text = orders.select(whole=whole, text=pl.when(whole).then(pl.coalesce("region_text", "address")))
    if whole_text["whole"].any():
        orders = _take_apart(orders, _split_distinct(whole_text["text"], divisions))
    if whole_text["whole"].all():
        # What was taken apart is in official names already.
        known_province = pl.col("province").is_in(FIELDS["province"].value_ids)
        orders = orders.with_columns(country=region.country_of(pl.col("province"), known=known_province))
    else:
        orders = orders.with_columns(region.resolve(orders.select(*_PLACES, "address"), divisions))
    hidden = [is_masked(pl.col(name)) for name in ("receiver_name", "receiver_phone", "address")]
    return orders.with_columns(
        pl.col("country").cast(ORDER_SCHEMA["country"]),
        pl.col("province").cast(ORDER_SCHEMA["province"], strict=False),
        receiver_masked=pl.any_horizontal(*hidden, ~pl.col("address_known")).fill_null(value=False),
    )


def _split_distinct(texts: pl.Series, divisions: region.Divisions) -> pl.DataFrame:
    """Parts of each text; masked addresses repeat a lot, and each distinct one is taken apart once."""
    distinct = texts.unique().alias("text")
    if 2 * len(distinct) > len(texts):
        return address_text.split(texts, divisions)
    parts = address_text.split(distinct, divisions).insert_column(0, distinct)
    joined = texts.alias("text").to_frame().join(parts, on="text", how="left", nulls_equal=True, maintain_order="left")
    return joined.drop("text")


def _take_apart(orders: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """Fill the receiver from a split address; a text that names no province leaves an address of its own alone."""
    named = parts.rename({name: f"split.{name}" for name in parts.columns})
    orders = orders.hstack(named)
    took = pl.col("region_text").is_not_null() | pl.col("split.province").is_not_null()
    return orders.with_columns(
        *(pl.when(took).then(f"split.{name}").otherwise(name).alias(name) for name in (*_PLACES, "address")),
        receiver_name=pl.coalesce("receiver_name", "split.name"),
        receiver_phone=pl.coalesce("receiver_phone", "split.phone"),
    ).drop(named.columns)


def with_payment(orders: pl.DataFrame) -> pl.DataFrame:
    """``pay_status`` and ``refund_state``.

    A platform that says an order waits to ship took its money, unless the export has a payment time and it is blank;
    cash on delivery is not paid before it has a payment time.
    """
    state = pl.col("platform_state")
    unproved = pl.col("paid_at").is_null() & (pl.col("paid_at_known") | (pl.col("pay_method") == "cod"))
    doubtful = state.is_in(["waiting", "closed", "cancelled"]) & unproved.fill_null(value=False)
    dtype = ORDER_SCHEMA["pay_status"]
    return orders.with_columns(
        pay_status=pl.when((state == "unpaid") | doubtful)
        .then(pl.lit("unpaid", dtype))
        .when(state.is_not_null())
        .then(pl.lit("paid", dtype)),
        refund_state=assemble.refund_states(meaning.RANK),
    )


def to_schema(orders: pl.DataFrame) -> pl.DataFrame:
    """Exactly the catalogue's columns; a field with a default is never null."""
    columns = []
    for name, dtype in ORDER_SCHEMA.items():
        default = FIELDS[name].default
        column = pl.col(name) if name in orders.columns else pl.lit(None, dtype).alias(name)
        if default is not None and name != "address_gaps":
            column = column.fill_null(pl.lit(default, dtype)).alias(name)
        columns.append(column.cast(dtype))
    return orders.select(columns)

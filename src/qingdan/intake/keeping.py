"""Personal data that a masked export of an order must not erase: what only hides what we know is no news."""

from typing import Final

import polars as pl

from qingdan.core.fields import FIELDS, Pii
from qingdan.core.masking import mask
from qingdan.core.sheetform import PERSONAL
from qingdan.orders import queries

_KEY: Final = ("channel", "order_no")
_SPOKEN: Final = tuple(name for name in PERSONAL if FIELDS[name].pii is Pii.NOTE)
_UNSPOKEN: Final = tuple(name for name in PERSONAL if FIELDS[name].pii is not Pii.NOTE)
_FOLLOWING: Final = ("receiver_masked", "phone_plausible", "address_quality", "address_gaps", "receiver_key")
"""Columns that are made from personal data."""
_KEPT: Final = (*PERSONAL, *_FOLLOWING)


def kept(orders: pl.DataFrame, merchant: int) -> pl.DataFrame:
    """Return those of ``orders`` (``ORDER_SCHEMA``) that only mask what is stored, with the stored personal data.

    An order is one of them when it says that its receiver is masked, and each of its personal texts is the masked
    form of the stored one; names, numbers and addresses may also be missing, as exports leave them out.
    """
    masked = orders.filter("receiver_masked")
    if masked.is_empty():
        return masked
    stored = queries.frame_of(merchant, masked.select(_KEY))
    stored = stored.select(*_KEY, *(pl.col(name).alias(f"was_{name}") for name in _KEPT))
    known = masked.join(stored, on=_KEY, maintain_order="left")
    if known.is_empty():
        return masked.clear()
    hidden = known.with_columns(
        _masked(known[f"was_{name}"], FIELDS[name].pii).alias(f"hid_{name}") for name in PERSONAL
    )
    same = [pl.col(name).is_null() | pl.col(name).eq_missing(pl.col(f"hid_{name}")) for name in _UNSPOKEN] + [
        pl.col(name).eq_missing(pl.col(f"hid_{name}")) for name in _SPOKEN
    ]
    return (
        hidden.filter(pl.all_horizontal(same))
        .with_columns(pl.col(f"was_{name}").alias(name) for name in _KEPT)
        .select(orders.columns)
    )


def _masked(texts: pl.Series, pii: Pii) -> pl.Series:
    distinct = texts.drop_nulls().unique()
    hidden = pl.Series([mask(text, pii) for text in distinct], dtype=pl.String)
    return texts.replace_strict(distinct, hidden, default=None, return_dtype=pl.String)

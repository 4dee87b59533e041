"""A 64-bit digest of all that makes an import a change: what the platform says, what review concludes, the lines.

An order whose stored digest is that of the incoming one is unchanged; every other is compared in full, so a digest
that another version of this catalogue or of Polars made costs time and nothing else. The chance that two different
orders have one digest is 1 in 2^64 each time.
"""

import hashlib
from typing import Final

import polars as pl

from qingdan.orders.merge import COMPARED, COMPARED_LINE, KEY, STORED_SCHEMA

_LINE: Final = ("line_no", *COMPARED_LINE)
_MADE_BY: Final = repr((pl.__version__, [(name, repr(STORED_SCHEMA[name])) for name in COMPARED], _LINE))
_SEED: Final = int.from_bytes(hashlib.sha256(_MADE_BY.encode()).digest()[:8], "big")
_STEP: Final = 0x1E3779B97F4A7C15


def contents(orders: pl.DataFrame, lines: pl.DataFrame) -> pl.Series:
    """Return the digest of each of ``orders`` (with the compared columns) and its ``lines``, in whatever order."""
    told = orders.select(
        pl.col(name).list.join("\x1f") if isinstance(dtype, pl.List) else name
        for name, dtype in orders.select(COMPARED).schema.items()
    )
    parts = lines.select(*KEY, part=lines.select(_LINE).hash_rows(_SEED))
    # a sum, as the order of an order's lines says nothing
    whole = orders.select(KEY).join(
        parts.group_by(KEY).agg(pl.col("part").sum()), on=KEY, how="left", maintain_order="left"
    )
    mixed = told.hash_rows(_SEED) ^ pl.DataFrame([whole["part"]]).hash_rows(_SEED)
    return mixed.reinterpret(signed=True).alias("content")


def at_version(content: str, version: str) -> pl.Expr:
    """Return what is stored with a version of an order: any later version makes it stale, whoever wrote it."""
    return pl.col(content) ^ (pl.col(version) * _STEP)

"""What imports make of receivers that somebody put right.

The platform's own words come again with every import. As long as they are what it said before the correction, the
corrected receiver stays. When they are new, it stays too, but the order says that its address changed, which holds it
by the policy and alerts its owner, and a case asks a person to choose.
"""

import json
from datetime import datetime
from typing import Any, Final

import polars as pl
from django.db import connection
from django.utils import timezone
from psycopg.types.json import Jsonb

from qingdan.core.columns import ORDER_SCHEMA
from qingdan.core.text import normalise_series
from qingdan.orders.correcting import RECEIVER

_KEY: Final = ("channel", "order_no")
_TEXTS: Final = {name: pl.String() for name in RECEIVER}
_KEPT: Final = (
    *RECEIVER, "country", "receiver_masked", "mainland", "remote_region", "phone_plausible", "address_quality",
    "address_gaps", "receiver_key", "address_changed",
)  # fmt: skip
"""Columns that go with a corrected receiver."""
_OF_REGION: Final = ("province", "city", "district")


def applied(orders: pl.DataFrame, merchant: int, stored: Any) -> pl.DataFrame:
    """Return those of ``orders`` (``ORDER_SCHEMA``, as a platform tells them) that were corrected, as they are to be.

    ``stored`` fetches the merchant's stored orders of some keys. What a platform said anew is noted.
    """
    known = _known(merchant, orders)
    if known.is_empty():
        return orders.clear()
    mine = stored(merchant, known.select(_KEY)).select(*_KEY, *(pl.col(n).alias(f"my_{n}") for n in _KEPT))
    both = orders.join(known, on=_KEY).join(mine, on=_KEY, maintain_order="left")
    if both.is_empty():
        return orders.clear()
    came, told, my = (_text(both, prefix, RECEIVER) for prefix in ("", "told_", "my_"))
    hidden = both["receiver_masked"].fill_null(value=False)
    same_place = _text(both, "", _OF_REGION) == _text(both, "told_", _OF_REGION)
    untold = (came == told) | (came == my) | (hidden & same_place)
    marked = both.with_columns(untold=untold)
    _hear(marked.filter(~pl.col("untold")), timezone.now())
    return marked.with_columns(
        *(pl.col(f"my_{name}").alias(name) for name in _KEPT if name != "address_changed"),
        address_changed=pl.when("untold").then("my_address_changed").otherwise(pl.lit(value=True)),
    ).select(pl.col(name).cast(dtype) for name, dtype in ORDER_SCHEMA.items())


def _text(frame: pl.DataFrame, prefix: str, names: tuple[str, ...]) -> pl.Series:
    """Return columns as one text each, whatever the spelling of spaces and of empty."""
    parts = [pl.col(f"{prefix}{name}").cast(pl.String).fill_null("") for name in names]
    return normalise_series(frame.select(pl.concat_str(parts, separator="|")).to_series())


def _known(merchant: int, orders: pl.DataFrame) -> pl.DataFrame:
    """Return what the platform had told of the orders that were corrected: key, order_id, ``told_`` columns."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.channel, o.order_no, k.order_id, k.told FROM cases_correction AS k "
            "JOIN orders_order AS o ON o.id = k.order_id WHERE k.merchant_id = %s",
            [merchant],
        )
        rows = cursor.fetchall()
    schema = {"channel": ORDER_SCHEMA["channel"], "order_no": pl.String(), "order_id": pl.Int64()}
    told = {f"told_{name}": dtype for name, dtype in _TEXTS.items()}
    frame = pl.DataFrame(
        [(channel, no, key, *map(json.loads(said).get, RECEIVER)) for channel, no, key, said in rows],
        schema={**schema, **told},
        orient="row",
    )
    return frame.join(orders.select(_KEY), on=_KEY, how="semi")


def _hear(news: pl.DataFrame, now: datetime) -> None:
    """Note what the platform says now of orders that were corrected."""
    if news.is_empty():
        return
    rows = news.select("order_id", *(pl.col(name).cast(pl.String) for name in RECEIVER)).rows(named=True)
    cursor: Any
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE cases_correction SET heard = %s, heard_at = %s WHERE order_id = %s AND heard IS DISTINCT FROM %s",
            [(said := Jsonb({name: row[name] for name in RECEIVER}), now, row["order_id"], said) for row in rows],
        )

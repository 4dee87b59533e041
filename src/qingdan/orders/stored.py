"""What an import asks of the store: which orders it knows and, where that is not enough, all of them."""

import datetime as dt
from typing import Any, Final

import numpy as np
import polars as pl
from psycopg import sql

from qingdan.core.columns import LINE_SCHEMA
from qingdan.orders.copying import copy_out
from qingdan.orders.merge import KEY, LINE_COLUMNS, STORED_SCHEMA

_SEPARATOR: Final = "\x1f"
# fixed bytes a row in one value: rows of a result are read one by one, a value is not
_MARKS: Final = """
SELECT coalesce(string_agg(int8send(k.place) || int8send(o.version) || int8send(coalesce(o.digest, 0))
                           || int8send((o.reviewed_at > %s)::int), ''), '')
  FROM unnest({numbers}) WITH ORDINALITY AS k(order_no, place)
  JOIN orders_order AS o ON o.merchant_id = %s AND o.channel = %s AND o.order_no = k.order_no
"""


def marks(cursor: Any, merchant: int, incoming: pl.DataFrame, as_of: dt.datetime) -> pl.DataFrame:
    """Return, row by row of ``incoming``, its stored order's ``was_version`` and ``was_digest``, null when it is new.

    ``newer`` says that the store has heard of the order after ``as_of``. ``incoming`` is sorted by its key.
    """
    places, found = [], []
    start = 0
    for (channel,), group in incoming.select(KEY).group_by("channel", maintain_order=True):
        numbers = group["order_no"].to_list()
        joined = _SEPARATOR.join(numbers)
        # one text is passed several times faster than a list
        plain = joined.count(_SEPARATOR) == len(numbers) - 1
        given = f"string_to_array(%s, '{_SEPARATOR}')" if plain else "%s::text[]"
        cursor.execute(_MARKS.format(numbers=given), [as_of, joined if plain else numbers, merchant, channel])
        rows = np.frombuffer(cursor.fetchone()[0], ">i8").reshape(-1, 4).astype(np.int64)
        places.append(rows[:, 0] - 1 + start)
        found.append(rows[:, 1:])
        start += group.height
    table = np.zeros((incoming.height, 3), np.int64)
    known = np.zeros(incoming.height, np.bool_)
    if places:
        at = np.concatenate(places)
        table[at] = np.concatenate(found)
        known[at] = True
    frame = pl.DataFrame(table, schema=["was_version", "was_digest", "newer"]).with_columns(known=pl.Series(known))
    return frame.select(
        pl.when("known").then("was_version").alias("was_version"),
        pl.when("known").then("was_digest").alias("was_digest"),
        newer=pl.col("newer") == 1,
    )


def orders(cursor: Any, merchant: int, keys: pl.DataFrame) -> pl.DataFrame:
    """Fetch the stored orders that ``keys`` name, in the columns of ``STORED_SCHEMA``."""
    parts = []
    columns = {name: (sql.Identifier(name), dtype) for name, dtype in STORED_SCHEMA.items()}
    where = sql.SQL("FROM orders_order WHERE merchant_id = %s AND channel = %s AND order_no = ANY(%s)")
    for (channel,), group in keys.select(KEY).group_by("channel", maintain_order=True):
        parts.append(copy_out(cursor, columns, where, [merchant, channel, group["order_no"].to_list()]))
    return pl.concat(parts) if parts else pl.DataFrame(schema=STORED_SCHEMA)


def lines(cursor: Any, named: pl.DataFrame) -> pl.DataFrame:
    """Fetch the stored lines of the orders that the lines ``named`` belong to."""
    types = {"order_id": pl.Int64(), **{name: LINE_SCHEMA[name] for name in LINE_COLUMNS}}
    if named.is_empty():
        return pl.DataFrame(schema=types)
    columns = {name: (sql.Identifier(name), dtype) for name, dtype in types.items()}
    where = sql.SQL("FROM orders_orderline WHERE order_id = ANY(%s)")
    return copy_out(cursor, columns, where, [named["order_id"].unique().to_list()])


def new_ids(cursor: Any, count: int) -> pl.Series:
    """Take ``count`` ids for new orders, ascending as far as no other session takes some too."""
    cursor.execute(
        "SELECT coalesce(string_agg(int8send(nextval('orders_order_id_seq')), ''), '') FROM generate_series(1, %s)",
        [count],
    )
    return pl.Series(np.frombuffer(cursor.fetchone()[0], ">i8").astype(np.int64))

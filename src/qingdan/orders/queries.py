"""Reads of the order store for other rooms: orders as frames, the facts that features need, the counters."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

import polars as pl
from django.db import connection
from psycopg import sql
from psycopg.sql import Composable

from qingdan.core.columns import LINE_SCHEMA, ORDER_SCHEMA
from qingdan.core.features import RECEIVERS_SCHEMA, RETURNS_SCHEMA, USUAL_SCHEMA, WINDOW, Known
from qingdan.core.fields import CHANNELS
from qingdan.orders.copying import copy_out
from qingdan.orders.merge import KEY

_EVERY: Final = sql.SQL("true")
_FROM: Final = sql.SQL("FROM orders_order AS o JOIN orders_shop AS s ON s.id = o.shop_id WHERE o.merchant_id = %s AND ")
COUNTER_SCHEMA: Final[dict[str, pl.DataType]] = {
    "shop_id": pl.Int64(),
    "channel": pl.Enum([v.id for v in CHANNELS]),
    "province": pl.String(),
    "stage": pl.String(),
    "tier": pl.String(),
    "n": pl.Int64(),
    "amount": pl.Int64(),
}
"""Columns of the counters; an order without a province or tier counts under the empty text."""


def _column(name: str) -> Composable:
    return sql.SQL("s.name") if name == "shop" else sql.SQL("o.{}").format(sql.Identifier(name))


def frame(
    merchant: int,
    where: Composable = _EVERY,
    params: Sequence[object] = (),
    *,
    also: dict[str, pl.DataType] | None = None,
) -> pl.DataFrame:
    """Fetch a merchant's orders in the columns of ``ORDER_SCHEMA``, and ``also`` further columns of the table.

    ``where`` is a condition on the table ``o`` (and its shop ``s``) with places for ``params``.
    """
    columns = {name: (_column(name), dtype) for name, dtype in {**ORDER_SCHEMA, **(also or {})}.items()}
    with connection.cursor() as cursor:
        return copy_out(cursor, columns, _FROM + where, [merchant, *params])


def frame_of(merchant: int, keys: pl.DataFrame) -> pl.DataFrame:
    """Fetch the merchant's orders that ``keys`` (channel, order_no) name, with their ``id`` and ``version``."""
    where = sql.SQL("(o.channel, o.order_no) IN (SELECT * FROM unnest(%s::text[], %s::text[]))")
    params = [keys["channel"].cast(pl.String).to_list(), keys["order_no"].to_list()]
    return frame(merchant, where, params, also={"id": pl.Int64(), "version": pl.Int64()})


def lines(order_ids: pl.Series) -> pl.DataFrame:
    """Fetch the lines of orders, in the columns of ``LINE_SCHEMA``."""
    columns = {name: (sql.Identifier("o" if name in KEY else "l", name), dtype) for name, dtype in LINE_SCHEMA.items()}
    rest = sql.SQL("FROM orders_orderline AS l JOIN orders_order AS o ON o.id = l.order_id WHERE l.order_id = ANY(%s)")
    with connection.cursor() as cursor:
        return copy_out(cursor, columns, rest, [order_ids.to_list()])


def with_other_lines(merchant: int, lines: pl.DataFrame) -> pl.DataFrame:
    """Fetch the keys of the orders that have stored lines besides ``lines`` (channel, order_no, line_no)."""
    columns = {name: (sql.Identifier("o", name), LINE_SCHEMA[name]) for name in KEY}
    rest = sql.SQL(
        "FROM (SELECT DISTINCT channel, order_no FROM unnest(%s::text[], %s::text[]) AS c (channel, order_no)) AS k "
        "JOIN orders_order AS o ON o.merchant_id = %s AND o.channel = k.channel AND o.order_no = k.order_no "
        "JOIN orders_orderline AS l ON l.order_id = o.id "
        "LEFT JOIN unnest(%s::text[], %s::text[], %s::text[]) AS c (channel, order_no, line_no) "
        "ON c.channel = o.channel AND c.order_no = o.order_no AND c.line_no = l.line_no WHERE c.line_no IS NULL"
    )
    channels, numbers = lines["channel"].cast(pl.String).to_list(), lines["order_no"].to_list()
    params = [channels, numbers, merchant, channels, numbers, lines["line_no"].to_list()]
    with connection.cursor() as cursor:
        return copy_out(cursor, columns, rest, params).unique()


def waiting(merchant: int) -> int:
    """Count the merchant's orders that wait for a decision and that no person decided."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM orders_order WHERE merchant_id = %s AND NOT hand_decided "
            "AND stage IN ('in_review', 'exception', 'held')",
            [merchant],
        )
        return int(cursor.fetchone()[0])


def open_refunds(merchant: int) -> pl.DataFrame:
    """Fetch the orders of which a stored line has an open refund: channel, order_no, ``refund_state``."""
    columns = {name: (_column(name), ORDER_SCHEMA[name]) for name in (*KEY, "refund_state")}
    rest = _FROM + sql.SQL(
        "o.refund_state IN ('requested', 'in_progress') AND EXISTS (SELECT FROM orders_orderline AS l "
        "WHERE l.order_id = o.id AND l.line_refund_state IN ('requested', 'in_progress'))"
    )
    with connection.cursor() as cursor:
        return copy_out(cursor, columns, rest, [merchant])


def known_facts(merchant: int, as_of: dt.datetime) -> Known:
    """Fetch what the features of an import look at: returns, waiting receivers, and each shop's usual amount."""
    since = as_of - WINDOW
    with connection.cursor() as cursor:
        returns = copy_out(
            cursor,
            {name: (_column(name), dtype) for name, dtype in RETURNS_SCHEMA.items()},
            _FROM
            + sql.SQL(
                "o.refund_state = 'success' AND (o.buyer_token IS NOT NULL OR o.receiver_key IS NOT NULL) "
                "AND o.created_at BETWEEN %s AND %s"
            ),
            [merchant, since, as_of],
        )
        receivers = copy_out(
            cursor,
            {name: (_column(name), dtype) for name, dtype in RECEIVERS_SCHEMA.items()},
            _FROM + sql.SQL("o.platform_state = 'waiting' AND o.receiver_key IS NOT NULL"),
            [merchant],
        )
        median = sql.SQL("percentile_disc(0.5) WITHIN GROUP (ORDER BY o.paid_amount)")
        usual = copy_out(
            cursor,
            {
                name: (median if name == "usual_amount" else _column(name), dtype)
                for name, dtype in USUAL_SCHEMA.items()
            },
            _FROM + sql.SQL("o.created_at BETWEEN %s AND %s AND o.paid_amount IS NOT NULL GROUP BY o.channel, s.name"),
            [merchant, since, as_of],
        )
    return Known(returns=returns, receivers=receivers, usual=usual)


def counters(merchant: int) -> pl.DataFrame:
    """Return how many orders, for how much, stand in each (shop, province, stage, tier); exact at any moment."""
    groups = tuple(name for name in COUNTER_SCHEMA if name not in {"n", "amount"})
    columns = {
        name: (
            sql.SQL("sum({})::bigint").format(sql.Identifier(name)) if name not in groups else sql.Identifier(name),
            d,
        )
        for name, d in COUNTER_SCHEMA.items()
    }
    rest = sql.SQL("FROM {} WHERE merchant_id = %s GROUP BY {} HAVING sum(n) <> 0 OR sum(amount) <> 0").format(
        sql.Identifier("orders_counter"), sql.SQL(", ").join(map(sql.Identifier, groups))
    )
    with connection.cursor() as cursor:
        return copy_out(cursor, columns, rest, [merchant])

"""Gives each new push its destination, by the merchant's routing table, in sets."""

import json
from typing import Final

import polars as pl
from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from qingdan.fulfilment import routing
from qingdan.fulfilment.adapters import ADAPTERS
from qingdan.fulfilment.models import Destination, Routing
from qingdan.orders import queries

RELEASE_LIST: Final = "release_list"
_AT_ONCE: Final = 5000
_UNROUTED: Final = sql.SQL(
    "EXISTS (SELECT FROM fulfilment_push AS p WHERE p.order_id = o.id AND p.operation = 'create' "
    "AND p.state = 'ready' AND p.destination_id IS NULL) AND o.id > %s ORDER BY o.id LIMIT %s"
)
_MERCHANTS: Final = """
SELECT DISTINCT merchant_id FROM fulfilment_destination AS d WHERE active AND EXISTS (
    SELECT FROM fulfilment_push AS p WHERE p.merchant_id = d.merchant_id AND p.state = 'ready'
       AND p.destination_id IS NULL)
"""
# the order's lock is not taken: a change of the order since we read it has set its row back to be routed anew
_SEND_TO: Final = """
UPDATE fulfilment_push AS p SET destination_id = t.destination
  FROM unnest(%s::bigint[], %s::int[], %s::bigint[]) AS t (id, version, destination), orders_order AS o
 WHERE p.order_id = t.id AND p.operation = 'create' AND p.state = 'ready' AND p.destination_id IS NULL
   AND o.id = t.id AND o.version = t.version
"""


def route_new() -> int:
    """Route what has no destination yet; return how many pushes got one."""
    with connection.cursor() as cursor:
        cursor.execute(_MERCHANTS)
        merchants = [row[0] for row in cursor.fetchall()]
    return sum(_route(merchant) for merchant in merchants)


def _route(merchant: int) -> int:
    destinations = {d.name: d for d in Destination.objects.filter(merchant_id=merchant, active=True)}
    ids = {name: d.pk for name, d in destinations.items()}
    live = Routing.objects.filter(merchant_id=merchant).order_by("-id").first()
    lists = [d.pk for d in destinations.values() if d.adapter == RELEASE_LIST]
    tokens = {
        d.pk: channels
        for d in destinations.values()
        if d.adapter in ADAPTERS and (channels := ADAPTERS[d.adapter].token_channels) is not None
    }
    routed, after = 0, 0
    while True:
        orders = queries.frame(merchant, _UNROUTED, [after, _AT_ONCE], also={"id": pl.Int64(), "version": pl.Int64()})
        if orders.is_empty():
            return routed
        after = int(orders["id"][-1])
        routed += _send(_decide(orders, live, ids, lists, tokens))
        if orders.height < _AT_ONCE:
            return routed


def _decide(
    orders: pl.DataFrame,
    live: Routing | None,
    ids: dict[str, int],
    lists: list[int],
    tokens: dict[int, frozenset[str]],
) -> pl.DataFrame:
    """Add each order's ``destination``; null where the table names a warehouse that is gone or switched off."""
    if live is None:
        only = [key for key in ids.values() if key not in lists]
        chosen = pl.Series("destination", [only[0] if len(only) == 1 else None] * orders.height, dtype=pl.Int64)
    else:
        names = routing.route(json.dumps(live.rows, ensure_ascii=False), orders, timezone.now())
        chosen = names.replace_strict(ids, default=None, return_dtype=pl.Int64)
    decided = orders.select("id", "version", "channel", "receiver_masked", "receiver_token", destination=chosen)
    if lists:
        # no warehouse can print a label of a masked receiver: the platform's own tool ships it
        own_tool = pl.col("receiver_masked") & (pl.col("receiver_token").is_null() | _token_means_nothing(tokens))
        decided = decided.with_columns(destination=pl.when(own_tool).then(lists[0]).otherwise("destination"))
    return decided.filter(pl.col("destination").is_not_null())


def _token_means_nothing(tokens: dict[int, frozenset[str]]) -> pl.Expr:
    """Whether the chosen warehouse's interface can not use the token; ``tokens``: warehouse → channels it can."""
    lost = pl.lit(value=False)
    for warehouse, channels in tokens.items():
        known = pl.col("channel").cast(pl.String).is_in(sorted(channels))
        lost |= (pl.col("destination") == warehouse) & ~known
    return lost


def _send(decided: pl.DataFrame) -> int:
    if decided.is_empty():
        return 0
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        columns = [decided[name].to_list() for name in ("id", "version", "destination")]
        cursor.execute(_SEND_TO, columns)
        return int(cursor.rowcount)

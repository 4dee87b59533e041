"""The event log of the store, in the shape of ``core.flow.eventlog``: read by COPY, put together as columns.

What a row of the store means here:

- an order that first comes unpaid *arrives* when it is paid; one that comes already shipped or cancelled never does,
  for it never asked anything of us;
- review names an owner role on arrival, which is an *assigned* with the role as actor; handing out a lease is
  *touched*, since the person has it before her;
- a person who stops what the policy releases *overrides*; releasing what the policy only wants looked at does not;
- a release that an import or a person's undo takes back is *withdrawn*; only a new decision *reopens*.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl
from django.db import connection
from psycopg import sql

from qingdan.core.columns import ORDER_SCHEMA, TIME
from qingdan.core.flow.eventlog import LOG_SCHEMA
from qingdan.core.shiprules.evaluate import COLUMNS
from qingdan.orders.copying import copy_out

_SLACK: Final = timedelta(hours=1)
"""Ids are given when a transaction writes and times when it began; so far apart they may lie."""
_FIRST_ID: Final = "SELECT id, received_at FROM orders_order WHERE id >= %s ORDER BY id LIMIT 1"
_LARGEST_ID: Final = "SELECT coalesce(max(id), 0) FROM orders_order"

_OURS: Final = sql.SQL(
    "o.id >= %(low)s AND o.id < %(high)s AND o.merchant_id = %(merchant)s "
    "AND o.received_at >= %(since)s AND o.received_at < %(until)s AND o.id %% %(every)s = 0"
)
_CASE: Final = sql.SQL("o.channel || '-' || o.order_no")
_WAITS: Final = "('in_review', 'exception', 'held')"
_BEGINS: Final = (
    "((e.version = 1 OR e.from_stage = 'unpaid') AND e.to_stage IN ('in_review', 'exception', 'held', 'released'))"
)
_KINDS: Final = f"""
array_remove(ARRAY[
    CASE WHEN {_BEGINS} THEN 'arrived' END,
    CASE WHEN {_BEGINS} AND e.to_stage IN {_WAITS} AND o.owner_role IS NOT NULL THEN 'assigned' END,
    CASE WHEN e.kind = 'decided' AND e.actor_kind = 'user' AND e.from_stage IN {_WAITS} THEN 'touched' END,
    CASE WHEN e.from_stage = 'held' AND e.to_stage <> 'held' THEN 'resumed' END,
    CASE WHEN e.kind = 'decided' AND e.actor_kind = 'user' AND e.verdict = 'release'
              AND e.to_stage IN {_WAITS} AND e.from_stage <> e.to_stage THEN 'overridden' END,
    CASE WHEN e.from_stage IN ('released', 'cancelled') AND e.to_stage IN {_WAITS}
         THEN CASE WHEN e.kind = 'decided' AND e.actor_kind = 'user' THEN 'reopened' ELSE 'withdrawn' END END,
    CASE WHEN e.to_stage = 'held' AND e.from_stage IS DISTINCT FROM 'held' THEN 'held' END,
    CASE WHEN e.to_stage = 'released' AND e.from_stage IS DISTINCT FROM 'released' THEN 'released' END,
    CASE WHEN e.to_stage = 'sent' AND e.from_stage IS DISTINCT FROM 'sent' THEN 'sent' END,
    CASE WHEN e.to_stage IN ('shipped', 'cancelled', 'archived') AND e.from_stage IS DISTINCT FROM e.to_stage
         THEN 'closed' END
], NULL)"""
_REASONS: Final = """
CASE k.kind
    WHEN 'arrived' THEN coalesce(
        (SELECT ARRAY(SELECT jsonb_array_elements_text(x.changes -> 'reasons' -> 'before'))
           FROM orders_orderevent AS x
          WHERE x.order_id = e.order_id AND x.version > e.version
            AND jsonb_typeof(x.changes -> 'reasons' -> 'before') = 'array' ORDER BY x.version LIMIT 1), o.reasons)
    WHEN 'held' THEN CASE WHEN e.actor_kind <> 'user' THEN ARRAY['policy']
                          WHEN e.reason <> '' THEN ARRAY['given'] ELSE '{}' END
END"""
_EVENTS: Final = sql.SQL(
    "FROM orders_order AS o JOIN orders_shop AS s ON s.id = o.shop_id "
    "JOIN orders_orderevent AS e ON e.order_id = o.id "
    f"CROSS JOIN LATERAL unnest({_KINDS}) WITH ORDINALITY AS k (kind, place) "
    "WHERE {ours} ORDER BY o.id, e.version, k.place"
).format(ours=_OURS)
_WORK_KIND: Final = """
CASE WHEN w.kind = 'leased' THEN 'touched' WHEN w.kind = 'assigned' THEN 'assigned'
     WHEN w.kind = 'skipped' AND w.code IN ('unsure', 'needs_other') OR w.kind = 'decided' AND w.code = 'escalate'
     THEN 'asked' WHEN w.kind = 'decided' THEN 'answered' ELSE w.kind END"""
_WORK: Final = sql.SQL(
    "FROM desk_worklog AS w JOIN orders_order AS o ON o.id = w.order_id JOIN orders_shop AS s ON s.id = o.shop_id "
    "JOIN people_user AS u ON u.id = w.user_id WHERE w.merchant_id = %(merchant)s AND {ours} ORDER BY w.id"
).format(ours=_OURS)
_PUSHES: Final = sql.SQL(
    "FROM fulfilment_push AS p JOIN orders_order AS o ON o.id = p.order_id JOIN orders_shop AS s ON s.id = o.shop_id "
    "LEFT JOIN fulfilment_destination AS d ON d.id = p.destination_id "
    "WHERE p.state = 'failed' AND p.operation = 'create' AND {ours} ORDER BY p.order_id"
).format(ours=_OURS)
_ORDERS: Final = sql.SQL(
    "FROM orders_order AS o JOIN orders_shop AS s ON s.id = o.shop_id WHERE {ours} ORDER BY o.id"
).format(ours=_OURS)
_COUNT: Final = sql.SQL("SELECT count(*) FROM orders_order AS o WHERE {ours}").format(ours=_OURS)


@dataclass(frozen=True, slots=True)
class Window:
    """A merchant's orders that reached us from ``since`` until before ``until``, every ``every``-th of them."""

    merchant: int
    since: datetime
    until: datetime
    low: int
    high: int
    every: int = 1

    def params(self) -> dict[str, Any]:
        """Return the values of the conditions."""
        names = ("merchant", "since", "until", "low", "high", "every")
        return {name: getattr(self, name) for name in names}


def window(merchant: int, since: datetime, until: datetime) -> Window:
    """Return a window, with the ids between which its orders lie: the store has no index on when orders came."""
    with connection.cursor() as cursor:
        cursor.execute(_LARGEST_ID)
        largest = int(cursor.fetchone()[0])
        bounds = []
        for moment in (since - _SLACK, until + _SLACK):
            low, high = 0, largest + 1
            while low < high:
                middle = (low + high) // 2
                cursor.execute(_FIRST_ID, [middle])
                found = cursor.fetchone()
                if found is None or found[1] >= moment:
                    high = middle
                else:
                    low = int(found[0]) + 1
            bounds.append(low)
    return Window(merchant, since, until, bounds[0], bounds[1])


def size(of: Window) -> int:
    """Return how many orders lie in a window."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, of.params())
        return int(cursor.fetchone()[0])


def orders(of: Window) -> pl.DataFrame:
    """Return the window's orders: ``order`` as in the log, ``stage``, and what the ship-by rules read."""
    shown = {
        "order": (_CASE, pl.String()),
        "stage": (sql.SQL("o.stage"), pl.String()),
        **{
            name: (sql.SQL("s.name") if name == "shop" else sql.Identifier("o", name), ORDER_SCHEMA[name])
            for name in COLUMNS
        },
    }
    with connection.cursor() as cursor:
        return copy_out(cursor, shown, _ORDERS, of.params())


def read(of: Window) -> pl.DataFrame:
    """Return the window's log (``LOG_SCHEMA``), by order and time; what happened at one moment in its own order."""
    with connection.cursor() as cursor:
        parts = [
            _copied(cursor, of, _ORDERS, "'placed'", "coalesce(o.paid_at, o.created_at)", rest="NULL"),
            _copied(
                cursor,
                of,
                _EVENTS,
                "k.kind",
                "e.at",
                actor="CASE k.kind WHEN 'assigned' THEN o.owner_role ELSE e.actor_name END",
                stages=("e.from_stage", "e.to_stage"),
                rest=_REASONS,
            ),
            _copied(cursor, of, _WORK, _WORK_KIND, "w.at", actor="u.name", rest="NULL"),
            _copied(cursor, of, _PUSHES, "'push_failed'", "p.ended_at", actor="d.name", rest="NULL"),
        ]
    log = pl.concat(parts).filter(pl.col("at").is_not_null()).sort("order", "at", maintain_order=True)
    return _answered(log)


def for_diagnosis(log: pl.DataFrame) -> pl.DataFrame:
    """Drop releases that were withdrawn since, so that the order counts as waiting."""
    taken_back = pl.col("at").filter(pl.col("kind") == "withdrawn").max().over("order")
    return log.filter(~((pl.col("kind") == "released") & (pl.col("at") <= taken_back).fill_null(value=False)))


def _answered(log: pl.DataFrame) -> pl.DataFrame:
    """Keep an answer only where something had been asked."""
    asked = (pl.col("kind") == "asked").cum_sum().over("order")
    return log.filter((pl.col("kind") != "answered") | (asked > 0))


def _copied(
    cursor: Any,
    of: Window,
    source: sql.Composable,
    kind: str,
    at: str,
    *,
    rest: str,
    actor: str = "NULL",
    stages: tuple[str, str] = ("NULL", "NULL"),
) -> pl.DataFrame:
    """Copy one kind of rows out in the columns of the log; an actor is null where nobody is named."""
    texts = {
        "order": _CASE.as_string(None),
        "kind": kind,
        "at": at,
        "actor": actor,
        "stage_from": stages[0],
        "stage_to": stages[1],
        "reasons": f"({rest})::text[]",
        "channel": "o.channel",
        "shop": "s.name",
    }
    columns = {name: (sql.SQL(texts[name].replace("%", "%%")), dtype) for name, dtype in LOG_SCHEMA.items()}
    return copy_out(cursor, columns, source, of.params()).with_columns(pl.col("at").cast(TIME))

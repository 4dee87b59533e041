"""The ledger: the only writer of orders, lines and events.

Functions here run inside the transaction that ``actions`` opens. An import builds its rows outside the database and
copies them straight into the tables, so what it costs is the COPY, the indexes and the counters. Locks are taken in
one order: stored orders by id, then new ones by their key. Two imports of one order meet at its unique key: the
second waits, is refused, and tries again as a change.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl
from django.db import connection
from psycopg import sql
from psycopg.types.json import Jsonb

from qingdan.core.columns import ORDER_SCHEMA
from qingdan.core.lifecycle import BACKLOG, Stage, may_move
from qingdan.orders import stored
from qingdan.orders.actors import Actor
from qingdan.orders.copying import copy_in
from qingdan.orders.digest import at_version, contents
from qingdan.orders.merge import (
    FACT_COLUMNS,
    KEY,
    LINE_COLUMNS,
    STORED_SCHEMA,
    VERDICT_SCHEMA,
    Merge,
    changed_lines,
    decide_by_policy,
    merge,
)

_IMPORT_WAIT: Final = "20s"
_ROW_WAIT: Final = "3s"
UNDO_LOCK: Final = 0x71D2
"""Advisory lock, with the merchant: imports share it, undoing one needs it alone."""
_ORDER: Final = "orders_order"
_LINE: Final = "orders_orderline"
_EVENT: Final = "orders_orderevent"
_DECISION: Final = ("decided_kind", "decided_id", "decided_name", "hand_decided", "held_until")
_WRITTEN: Final = (
    "shop_id",
    "policy_hash",
    "reviewed_at",
    "last_import",
    *FACT_COLUMNS,
    *VERDICT_SCHEMA,
    *_DECISION,
    "due_at",
    "digest",
)
"""Columns that an import gives an order, new or changed."""
_TOLD: Final = ("alerts", "told_user", "told_role")
_OF_CHANGE: Final = ("from_stage", "changes", *_TOLD)
_STAGED: Final = ("id", "version", *(name for name in _WRITTEN if name not in KEY))


@dataclass(frozen=True, slots=True)
class Recorded:
    """What an import did: orders added, changed, left alone; ``outdated`` of the last had been heard of later.

    ``written`` names those added and changed: channel, order_no, id, version, from_stage (null of an added one).
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    outdated: int = 0
    written: pl.DataFrame | None = field(default=None, compare=False, repr=False)

    def __add__(self, other: "Recorded") -> "Recorded":
        return Recorded(
            self.new + other.new,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.outdated + other.outdated,
        )


class MovedMeanwhileError(Exception):
    """Another transaction changed an order between our reading and locking it; the import reads again."""


class OutOfDateError(Exception):
    """An order that the caller completed from the store has changed since it was read; read and review it again."""


def record(
    orders: pl.DataFrame,
    lines: pl.DataFrame,
    *,
    merchant: int,
    shops: Mapping[tuple[str, str], int],
    import_id: int | None,
    policy_hash: str,
    as_of: dt.datetime,
    actor: Actor,
    holds: frozenset[str] | None,
    seen: pl.DataFrame | None = None,
) -> Recorded:
    """Write reviewed orders and their lines; see ``merge`` for what counts as a change and who decides the stage.

    ``orders`` has the columns of ``ORDER_SCHEMA`` and ``VERDICT_SCHEMA``, one row an order; ``reasons`` may also be
    text, joined by ``;`` as review gives it. ``shops`` maps (channel, shop name) to its id. ``seen`` names, by their
    key, the orders that were made from stored ones, with their ``version`` then. Raises ``MovedMeanwhileError`` when
    the transaction must be tried again, ``OutOfDateError`` when a seen version is no longer the stored one.
    """
    incoming = _incoming(orders, shops, policy_hash, as_of, import_id)
    incoming = incoming.with_columns(contents(incoming, lines))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('lock_timeout', %s, true), pg_advisory_xact_lock_shared(%s, %s::int)",
            [_IMPORT_WAIT, UNDO_LOCK, merchant],
        )
        known = incoming.hstack(stored.marks(cursor, merchant, incoming, as_of))
        if seen is not None and known.join(seen, on=KEY).filter(pl.col("was_version") != pl.col("version")).height:
            raise OutOfDateError
        alike = known.filter(pl.col("newer") | (pl.col("was_digest") == at_version("content", "was_version")))
        other = known.filter(pl.col("was_version").is_not_null()).join(alike, on=KEY, how="anti")
        merged, touched = _compare(cursor, merchant, other.select(incoming.columns), lines, holds)
        new = known.filter(pl.col("was_version").is_null()).select(incoming.columns)
        fresh = pl.concat([decide_by_policy(new), merged.fresh])
        fresh = _stamped(fresh.with_columns(id=stored.new_ids(cursor, fresh.height), version=pl.lit(1, pl.Int64)))
        _lock(cursor, merged.changed)
        changed = _stamped(merged.changed.with_columns(pl.col("version") + 1))
        _keep_images(cursor, changed, import_id)
        _update(cursor, changed)
        copy_in(cursor, _ORDER, fresh.select("id", *_WRITTEN, merchant_id=pl.lit(merchant)))
        added = lines.join(fresh.select(*KEY, order_id="id"), on=KEY)
        copy_in(cursor, _LINE, _as_lines(added, merchant))
        _upsert_lines(cursor, _as_lines(touched.join(changed.select(order_id="id"), on="order_id"), merchant))
        _write_events(cursor, fresh, changed, merchant=merchant, import_id=import_id, actor=actor)
    newer = int(alike["newer"].sum())
    written = pl.concat([f.select(*KEY, "id", "version") for f in (fresh, changed)]).with_columns(
        from_stage=pl.concat([pl.repeat(None, fresh.height, dtype=pl.String, eager=True), changed["from_stage"]])
    )
    return Recorded(fresh.height, changed.height, alike.height + merged.unchanged, newer + merged.outdated, written)


def rereview(
    orders: pl.DataFrame,
    *,
    merchant: int,
    policy_hash: str,
    actor: Actor,
    holds: frozenset[str],
    reason: str,
    corrected: bool = False,
) -> pl.DataFrame:
    """Write stored orders that were reviewed anew, with the reason in their events; return what was written.

    That is channel, order_no, id, version and from_stage of each order that changed.

    ``orders`` has ``ORDER_SCHEMA``, ``VERDICT_SCHEMA``, and ``id``, ``version``, ``shop_id``, ``reviewed_at`` and
    ``last_import`` as they were read. An order that no longer waits, that a person decided, or that changed since it
    was read, is left alone. ``corrected`` says that somebody put its facts right: then one that a person decided is
    written too, keeping the stage that she chose, and nobody is alerted of what was done on purpose.
    """
    incoming = orders.select(
        *FACT_COLUMNS,
        *(_verdict(name, orders.schema[name]) for name in VERDICT_SCHEMA),
        "shop_id",
        "reviewed_at",
        "last_import",
        policy_hash=pl.lit(policy_hash),
        # whatever this is, the next import compares in full
        content=pl.lit(0, pl.Int64),
    ).sort(KEY)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_IMPORT_WAIT])
        was = stored.orders(cursor, merchant, incoming).join(orders.select(*KEY, seen="version"), on=KEY)
        waits = pl.col("stage").is_in([stage.value for stage in BACKLOG])
        if not corrected:
            waits &= ~pl.col("hand_decided")
        was = was.filter(waits & (pl.col("version") == pl.col("seen"))).drop("seen")
        incoming = incoming.join(was, on=KEY, how="semi", maintain_order="left")
        merged = merge(incoming, was, pl.Series(dtype=pl.Int64), holds)
        _lock(cursor, merged.changed)
        changed = _stamped(merged.changed.with_columns(pl.col("version") + 1))
        if corrected:
            changed = changed.with_columns(pl.lit(None, changed.schema[name]).alias(name) for name in _TOLD)
        _update(cursor, changed)
        if not changed.is_empty():
            kind = "updated" if corrected else "reviewed"
            _write_changes(cursor, changed, merchant=merchant, actor=actor, kind=kind, reason=reason)
    return changed.select(*KEY, "id", "version", "from_stage")


def _compare(
    cursor: Any, merchant: int, incoming: pl.DataFrame, lines: pl.DataFrame, holds: frozenset[str] | None
) -> tuple[Merge, pl.DataFrame]:
    """Compare orders with the stored ones in full; return the outcome, and the lines that are not stored just so."""
    was = stored.orders(cursor, merchant, incoming)
    known = lines.join(was.select(*KEY, order_id="id"), on=KEY)
    touched = changed_lines(known, stored.lines(cursor, known))
    return merge(incoming, was, touched["order_id"].unique(), holds), touched


def _stamped(orders: pl.DataFrame) -> pl.DataFrame:
    """Give orders that are about to be written what follows from their other columns."""
    return orders.with_columns(
        digest=at_version("content", "version"), due_at=pl.min_horizontal("respond_by", "resolve_by")
    )


def _incoming(
    orders: pl.DataFrame,
    shops: Mapping[tuple[str, str], int],
    policy_hash: str,
    as_of: dt.datetime,
    import_id: int | None,
) -> pl.DataFrame:
    ids = pl.DataFrame(
        [(channel, name, key) for (channel, name), key in shops.items()],
        schema={"channel": ORDER_SCHEMA["channel"], "shop": pl.String(), "shop_id": pl.Int64()},
        orient="row",
    )
    shaped = orders.select(*ORDER_SCHEMA, *(_verdict(name, orders.schema[name]) for name in VERDICT_SCHEMA))
    return (
        shaped.sort(KEY)
        .join(ids, on=["channel", "shop"], how="left", maintain_order="left")
        .drop("shop")
        .with_columns(
            policy_hash=pl.lit(policy_hash),
            reviewed_at=pl.lit(as_of.astimezone(dt.UTC)).cast(STORED_SCHEMA["reviewed_at"]),
            last_import=pl.lit(import_id, pl.Int64),
        )
    )


def _verdict(name: str, given: pl.DataType) -> pl.Expr:
    column, wanted = pl.col(name), VERDICT_SCHEMA[name]
    if isinstance(wanted, pl.List) and not isinstance(given, pl.List):
        none = pl.lit([], dtype=wanted)
        return pl.when(column.fill_null("") == "").then(none).otherwise(column.str.split(";")).alias(name)
    return column.cast(wanted)


def _lock(cursor: Any, changed: pl.DataFrame) -> None:
    """Lock the orders to be changed, by id, and see that they are what we read."""
    if changed.is_empty():
        return
    cursor.execute(
        "SELECT id, version FROM orders_order WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
        [changed["id"].to_list()],
    )
    if dict(cursor.fetchall()) != dict(changed.select("id", "version").iter_rows()):
        raise MovedMeanwhileError


def _keep_images(cursor: Any, changed: pl.DataFrame, import_id: int | None) -> None:
    """Keep what the locked orders were before this import, so that it can be undone."""
    if changed.is_empty() or import_id is None:
        return
    cursor.execute(
        """
        INSERT INTO orders_orderimage AS kept (order_id, import_id, row, lines)
        SELECT o.id, %s, to_jsonb(o), (SELECT coalesce(jsonb_agg(to_jsonb(l)), '[]') FROM orders_orderline AS l
                                        WHERE l.order_id = o.id)
          FROM orders_order AS o WHERE o.id = ANY(%s)
        ON CONFLICT (order_id) DO UPDATE SET import_id = excluded.import_id, at = now(), row = excluded.row,
                                             lines = excluded.lines
         WHERE kept.import_id <> excluded.import_id
        """,
        [import_id, changed["id"].to_list()],
    )


def _update(cursor: Any, changed: pl.DataFrame) -> None:
    if changed.is_empty():
        return
    columns = sql.SQL(", ").join(map(sql.Identifier, _STAGED))
    cursor.execute(
        sql.SQL("CREATE TEMP TABLE changed_order ON COMMIT DROP AS SELECT {} FROM orders_order WITH NO DATA").format(
            columns
        )
    )
    copy_in(cursor, "changed_order", changed.select(_STAGED))
    cursor.execute("ANALYZE changed_order (id)")
    assignments = sql.SQL(", ").join(
        sql.SQL("{0} = c.{0}").format(sql.Identifier(name)) for name in _STAGED if name != "id"
    )
    cursor.execute(
        sql.SQL("UPDATE orders_order AS o SET {}, changed_at = now() FROM changed_order AS c WHERE o.id = c.id").format(
            assignments
        )
    )
    cursor.execute("DROP TABLE changed_order")


def _as_lines(lines: pl.DataFrame, merchant: int) -> pl.DataFrame:
    return lines.select("order_id", *LINE_COLUMNS, merchant_id=pl.lit(merchant))


def _upsert_lines(cursor: Any, lines: pl.DataFrame) -> None:
    if lines.is_empty():
        return
    columns = sql.SQL(", ").join(map(sql.Identifier, lines.columns))
    cursor.execute("CREATE TEMP TABLE changed_line ON COMMIT DROP AS SELECT * FROM orders_orderline WITH NO DATA")
    copy_in(cursor, "changed_line", lines)
    assignments = sql.SQL(", ").join(
        sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in LINE_COLUMNS if name != "line_no"
    )
    cursor.execute(
        sql.SQL(
            "INSERT INTO orders_orderline ({0}) SELECT {0} FROM changed_line ORDER BY order_id, line_no "
            "ON CONFLICT (order_id, line_no) DO UPDATE SET {1}"
        ).format(columns, assignments)
    )
    cursor.execute("DROP TABLE changed_line")


def _write_events(
    cursor: Any, fresh: pl.DataFrame, changed: pl.DataFrame, *, merchant: int, import_id: int | None, actor: Actor
) -> None:
    same = _same_in_events(merchant, actor, import_id)
    copy_in(cursor, _EVENT, fresh.select(*_SEEN, order_id="id", kind=pl.lit("imported"), **same))
    if not changed.is_empty():
        _write_changes(cursor, changed, merchant=merchant, import_id=import_id, actor=actor, kind="updated")


_SEEN: Final = ("version", "verdict", "policy_hash")


def _same_in_events(merchant: int, actor: Actor, import_id: int | None) -> dict[str, pl.Expr]:
    return {
        "merchant_id": pl.lit(merchant),
        "actor_kind": pl.lit(actor.kind),
        "actor_id": pl.lit(actor.id),
        "actor_name": pl.lit(actor.name),
        "to_stage": pl.col("stage"),
        "import_id": pl.lit(import_id, pl.Int64),
    }


def _write_changes(
    cursor: Any,
    changed: pl.DataFrame,
    *,
    merchant: int,
    actor: Actor,
    kind: str,
    import_id: int | None = None,
    reason: str = "",
) -> None:
    same = {**_same_in_events(merchant, actor, import_id), "reason": pl.lit(reason)}
    rows = changed.select(*_SEEN, *_OF_CHANGE, order_id="id", kind=pl.lit(kind), **same)
    copy_in(cursor, _EVENT, rows)


@dataclass(frozen=True, slots=True)
class Decision:
    """A stored order's stage and version, before or after a decision."""

    id: int
    version: int
    stage: Stage
    platform_state: str | None


def lock_order(order_id: int, *, merchant: int) -> Decision | None:
    """Lock one order of the merchant's and return where it stands; None when there is no such order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_ROW_WAIT])
        cursor.execute(
            "SELECT id, version, stage, platform_state FROM orders_order WHERE id = %s AND merchant_id = %s "
            "FOR NO KEY UPDATE",
            [order_id, merchant],
        )
        row = cursor.fetchone()
    return Decision(row[0], row[1], Stage(row[2]), row[3]) if row else None


def write_decision(
    seen: Decision, target: Stage, *, merchant: int, actor: Actor, reason: str, until: dt.datetime | None
) -> Decision:
    """Move a locked order to ``target`` by a person's decision, with its event."""
    if not may_move(seen.stage, target):
        raise ValueError(f"{seen.stage} may not move to {target}")
    version = seen.version + 1
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orders_order SET stage = %s, version = %s, decided_kind = 'user', decided_id = %s, "
            "decided_name = %s, hand_decided = true, held_until = %s, changed_at = now() "
            "WHERE id = %s AND version = %s RETURNING verdict, policy_hash",
            [target.value, version, actor.id, actor.name, until, seen.id, seen.version],
        )
        verdict, policy_hash = cursor.fetchone()
        changes: dict[str, Sequence[object] | Mapping[str, object]] = {
            "stage": {"before": seen.stage.value, "after": target.value}
        }
        if until is not None:
            changes["held_until"] = {"before": None, "after": until.isoformat()}
        params: list[Any] = [seen.id, version, merchant, actor.kind, actor.id, actor.name]
        params += [seen.stage.value, target.value, verdict, policy_hash, reason, Jsonb(changes)]
        cursor.execute(
            "INSERT INTO orders_orderevent (order_id, version, merchant_id, kind, actor_kind, actor_id, actor_name, "
            "from_stage, to_stage, verdict, policy_hash, reason, changes) "
            "VALUES (%s, %s, %s, 'decided', %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            params,
        )
    return Decision(seen.id, version, target, seen.platform_state)


def end_holds(limit: int, actor: Actor) -> int:
    """Move up to ``limit`` held orders whose ``held_until`` has passed to review; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH due AS (
                SELECT id, held_until FROM orders_order
                 WHERE stage = 'held' AND held_until <= now()
                 ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
            ), moved AS (
                UPDATE orders_order AS o
                   SET stage = 'in_review', version = o.version + 1, held_until = NULL, hand_decided = false,
                       decided_kind = NULL, decided_id = NULL, decided_name = NULL, changed_at = now()
                  FROM due WHERE o.id = due.id
                RETURNING o.id, o.version, o.merchant_id, o.verdict, o.policy_hash, due.held_until
            )
            INSERT INTO orders_orderevent (order_id, version, merchant_id, kind, actor_kind, actor_id, actor_name,
                                           from_stage, to_stage, verdict, policy_hash, changes)
            SELECT id, version, merchant_id, 'decided', %s, %s, %s, 'held', 'in_review', verdict, policy_hash,
                   jsonb_build_object('stage', jsonb_build_object('before', 'held', 'after', 'in_review'),
                                      'held_until', jsonb_build_object('before', held_until, 'after', NULL))
              FROM moved ORDER BY id
            """,
            [limit, actor.kind, actor.id, actor.name],
        )
        return int(cursor.rowcount)

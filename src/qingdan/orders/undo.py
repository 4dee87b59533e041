"""Undoing an import: its new orders go, its changed ones become again what they were.

Runs inside the caller's transaction, and in one: parts would leave half an import undone when an order in a later part
went on meanwhile. An order that went on since (a person decided it, another import changed it, a
warehouse has it, somebody looked at its personal data) stops the whole: half an import can not be undone.

A new order goes with its lines and its events: it never should have been, and the import keeps who undid it, when and
how many orders went. A changed order keeps its events and gets one more, ``undone``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from qingdan.orders.actors import Actor
from qingdan.orders.ledger import UNDO_LOCK
from qingdan.orders.models import Order

IMAGE_DAYS: Final = 30
"""How long an import can be undone."""
STEPS: Final = 4
"""Steps of ``apply``: new orders withdrawn, changed ones restored, what other rooms kept of them gone, removed."""
_EXAMPLES: Final = 10
_MAY_GO: Final = {"fulfilment.Push": Q(state__in=["ready", "cancelled"]), "cases.Case": Q(touched=False)}
"""What other rooms keep of an order, by model, and may go with it. Anything else means that they have acted on it."""
_LEAVES: Final = "fulfilment.Push"
_KEPT: Final = frozenset({"id", "merchant_id", "version", "digest", "changed_at"})
_TOUCHED: Final = """
CREATE TEMP TABLE undo_order ON COMMIT DROP AS
SELECT o.id, o.order_no, t.first = 1 AS fresh,
       CASE WHEN o.version <> t.last THEN (
                SELECT CASE WHEN bool_or(e.actor_kind = 'user') THEN 'decided'
                            WHEN bool_or(e.import_id IS NOT NULL) THEN 'imported' ELSE 'moved' END
                  FROM orders_orderevent AS e WHERE e.order_id = o.id AND e.version > t.last)
            WHEN t.first > 1 AND NOT EXISTS (SELECT FROM orders_orderimage AS i
                                              WHERE i.order_id = o.id AND i.import_id = %(import)s) THEN 'forgotten'
       END AS why
  FROM (SELECT order_id, min(version) AS first, max(version) AS last FROM orders_orderevent
         WHERE import_id = %(import)s AND merchant_id = %(merchant)s GROUP BY order_id) AS t
  JOIN orders_order AS o ON o.id = t.order_id
"""
_RESTORE: Final = """
WITH undone AS (
    UPDATE orders_order AS o
       SET {columns}, version = o.version + 1, digest = NULL, changed_at = now()
      FROM undo_order AS u JOIN orders_order AS was USING (id)
      JOIN orders_orderimage AS i ON i.order_id = u.id
      CROSS JOIN LATERAL jsonb_populate_record(was, i.row) AS p
     WHERE o.id = u.id AND NOT u.fresh
    RETURNING o.id, o.version, o.merchant_id, was.stage AS source, o.stage, o.verdict, o.policy_hash
)
INSERT INTO orders_orderevent (order_id, version, merchant_id, kind, actor_kind, actor_id, actor_name, from_stage,
                               to_stage, verdict, policy_hash, reason, changes)
SELECT n.id, n.version, n.merchant_id, 'undone', %(kind)s, %(actor)s, %(name)s, n.source, n.stage, n.verdict,
       n.policy_hash, %(reason)s,
       (SELECT jsonb_object_agg(c.key, CASE WHEN jsonb_typeof(c.value) = 'object' THEN jsonb_build_object(
                   'before', c.value -> 'after', 'after', c.value -> 'before') ELSE c.value END)
          FROM orders_orderevent AS e, jsonb_each(e.changes) AS c
         WHERE e.order_id = n.id AND e.version = n.version - 1)
  FROM undone AS n ORDER BY n.id
"""
_LINES_BACK: Final = """
DELETE FROM orders_orderline AS l USING undo_order AS u WHERE l.order_id = u.id AND NOT u.fresh;
INSERT INTO orders_orderline
SELECT p.* FROM undo_order AS u JOIN orders_orderimage AS i ON i.order_id = u.id
  CROSS JOIN LATERAL jsonb_populate_recordset(NULL::orders_orderline, i.lines) AS p WHERE NOT u.fresh;
"""
_REMOVE: Final = """
SET LOCAL qingdan.erase = 'on';
DELETE FROM orders_orderimage AS i USING undo_order AS u WHERE i.order_id = u.id;
DELETE FROM orders_orderline AS l USING undo_order AS u WHERE l.order_id = u.id AND u.fresh;
DELETE FROM orders_orderevent AS e USING undo_order AS u WHERE e.order_id = u.id AND u.fresh;
DELETE FROM orders_order AS o USING undo_order AS u WHERE o.id = u.id AND u.fresh;
SET LOCAL qingdan.erase = 'off';
"""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What undoing does: orders that go, orders restored; ``blocked`` orders forbid it, ``examples`` name some.

    An example is an order number and why: ``decided``, ``imported``, ``moved``, ``acted`` (another room acted on it)
    or ``forgotten`` (what it was is no longer kept).
    """

    removed: int
    restored: int
    blocked: int
    examples: tuple[tuple[str, str], ...]


def look(import_id: int, *, merchant: int, lock: bool = True) -> Outlook:
    """Say what undoing would do to the merchant's orders that an import touched; they are locked for ``apply``."""
    with connection.cursor() as cursor:
        if lock:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s::int)", [UNDO_LOCK, merchant])
        cursor.execute(_TOUCHED, {"import": import_id, "merchant": merchant})
        cursor.execute("ANALYZE undo_order")
        if lock:
            cursor.execute("SELECT id FROM orders_order WHERE id IN (SELECT id FROM undo_order) ORDER BY id FOR UPDATE")
        _mark_acted(cursor)
        cursor.execute(
            "SELECT count(*) FILTER (WHERE fresh), count(*) FILTER (WHERE NOT fresh), count(why) FROM undo_order"
        )
        removed, restored, blocked = cursor.fetchone()
        cursor.execute(
            "SELECT order_no, why FROM undo_order WHERE why IS NOT NULL ORDER BY order_no LIMIT %s", [_EXAMPLES]
        )
        return Outlook(removed, restored, blocked, tuple(cursor.fetchall()))


def apply(import_id: int, *, actor: Actor, told: Callable[[int], None] = lambda _: None) -> bool:
    """Undo after a ``look`` that found nothing in the way; False when a room acted on an order at this very moment.

    ``told`` is called with the number of each of its ``STEPS`` that is done.
    """
    names = [field.column for field in Order._meta.concrete_fields]  # noqa: SLF001 - Django's documented name
    columns = ", ".join(f'"{name}" = p."{name}"' for name in names if name not in _KEPT)
    params = {"kind": actor.kind, "actor": actor.id, "name": actor.name, "reason": f"#{import_id}"}
    with connection.cursor() as cursor:
        # what waits to leave for a warehouse is withdrawn by this, or found to have left
        cursor.execute(
            "UPDATE orders_order SET stage = 'cancelled' WHERE id IN (SELECT id FROM undo_order WHERE fresh)"
        )
        told(1)
        cursor.execute(_RESTORE.format(columns=columns), params)
        cursor.execute(_LINES_BACK)
        told(2)
        if _mark_acted(cursor):
            return False
        for model, name, may_go in _elsewhere():
            model.objects.filter(may_go, **{f"{name}__in": _ids(fresh=True)}).delete()
        told(3)
        cursor.execute(_REMOVE)
        cursor.execute("DROP TABLE undo_order")
    return True


def drop_images() -> int:
    """Forget what orders were before imports of more than ``IMAGE_DAYS`` ago; return how many."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM orders_orderimage WHERE at < now() - make_interval(days => %s)", [IMAGE_DAYS])
        return int(cursor.rowcount)


def _mark_acted(cursor: Any) -> int:
    marked = 0
    for model, name, may_go in _elsewhere():
        # of an order that stays, only what may have left matters
        for fresh in (True, False) if model._meta.label == _LEAVES else (True,):  # noqa: SLF001
            found = model.objects.filter(**{f"{name}__in": _ids(fresh=fresh)}).exclude(may_go or Q(pk__in=[]))
            ids = list(found.values_list(f"{name}_id", flat=True))
            # numbers of one width are looked up by hash; of another, each order would go through all of them
            cursor.execute("UPDATE undo_order SET why = 'acted' WHERE id = ANY(%s::bigint[])", [ids])
            marked += len(ids)
    return marked


def _elsewhere() -> list[tuple[Any, str, Q]]:
    """Return the models of other rooms that point at an order, by which field, and which rows may go with it."""
    return [
        (link.related_model, link.field.name, _MAY_GO.get(link.related_model._meta.label, Q()))  # noqa: SLF001
        for link in Order._meta.related_objects  # noqa: SLF001 - Django's documented name
        if link.related_model._meta.app_label != "orders"  # noqa: SLF001
    ]


def _ids(*, fresh: bool) -> RawSQL:
    return RawSQL(f"SELECT id FROM undo_order WHERE fresh = {fresh}", [])  # noqa: S608, S611 - a constant of ours

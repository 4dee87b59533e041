"""The ledger's page on what the warehouse says: sent, shipped, stopped.

Functions here run inside the caller's transaction, which has locked the orders by id; what the warehouse told and
what it did to the order commit together. One statement moves any number of orders, each with its event.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection
from psycopg.types.json import Jsonb

from qingdan.core.lifecycle import Stage, may_move
from qingdan.orders.actors import Actor

_ROW_WAIT: Final = "3s"

_MOVE: Final = """
WITH told AS (
    SELECT * FROM unnest(%(ids)s::bigint[], %(reasons)s::text[], %(changes)s::jsonb[]) AS t (id, reason, changes)
), was AS (
    SELECT o.id, o.stage FROM orders_order AS o
     WHERE o.id = ANY (%(ids)s) AND o.stage = ANY (%(sources)s) ORDER BY o.id FOR NO KEY UPDATE
), moved AS (
    UPDATE orders_order AS o
       SET stage = coalesce(%(target)s, o.stage), version = o.version + 1, held_until = NULL, changed_at = now()
      FROM was JOIN told AS t USING (id) WHERE o.id = was.id
    RETURNING o.id, o.version, o.merchant_id, was.stage AS source, o.stage, o.verdict, o.policy_hash, t.reason,
              t.changes
)
INSERT INTO orders_orderevent (order_id, version, merchant_id, kind, actor_kind, actor_id, actor_name, from_stage,
                               to_stage, verdict, policy_hash, reason, changes)
SELECT id, version, merchant_id, 'updated', %(kind)s, %(actor)s, %(name)s, source, stage, verdict, policy_hash, reason,
       changes || CASE WHEN source = stage THEN '{}'
                       ELSE jsonb_build_object('stage', jsonb_build_object('before', source, 'after', stage)) END
  FROM moved ORDER BY id
RETURNING order_id
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What is to be written of one order: facts that the event keeps (name → value), and a sentence if need be."""

    order_id: int
    facts: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a locked order stands, as far as leaving for the warehouse is concerned."""

    id: int
    version: int
    stage: Stage
    platform_state: str | None
    refund_state: str | None
    address_changed: bool
    hand_decided: bool
    paid_at: dt.datetime | None


def lock(order_ids: Sequence[int], *, skip_locked: bool = False) -> dict[int, Standing]:
    """Lock orders by id and return where they stand; with ``skip_locked`` those that nobody else holds."""
    rest = "SKIP LOCKED" if skip_locked else ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_ROW_WAIT])
        cursor.execute(
            "SELECT id, version, stage, platform_state, refund_state, address_changed, hand_decided, paid_at "  # noqa: S608
            f"FROM orders_order WHERE id = ANY (%s) ORDER BY id FOR NO KEY UPDATE {rest}",
            [list(order_ids)],
        )
        return {row[0]: Standing(row[0], row[1], Stage(row[2]), *row[3:]) for row in cursor.fetchall()}


def move(told: Iterable[Told], *, sources: Iterable[Stage], target: Stage | None, actor: Actor) -> set[int]:
    """Move orders that stand in one of ``sources`` to ``target`` (None: they stay), each with an event.

    Returns the ids of those that moved; the others stood elsewhere and are left alone.
    """
    known = sorted(told, key=lambda t: t.order_id)
    stages = list(sources)
    if target is not None and (wrong := [stage for stage in stages if not may_move(stage, target)]):
        raise ValueError(f"{wrong} may not move to {target}")
    if not known:
        return set()
    params: dict[str, Any] = {
        "ids": [t.order_id for t in known],
        "reasons": [t.reason for t in known],
        "changes": [Jsonb({k: {"before": None, "after": v} for k, v in t.facts.items()}) for t in known],
        "sources": [stage.value for stage in stages],
        "target": target.value if target else None,
        "kind": actor.kind,
        "actor": actor.id,
        "name": actor.name,
    }
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, params)
        return {row[0] for row in cursor.fetchall()}

"""The ledger's page on what people decide: any number of orders at once, each with its event, and the way back.

Functions here run inside the caller's transaction, so that what a room keeps beside the orders (who held them, what
was done) commits together with them. Orders are locked by id, as everywhere.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection
from psycopg.types.json import Jsonb

from qingdan.core.lifecycle import BACKLOG, DONE, Stage, may_move
from qingdan.orders.actors import Actor

_ROW_WAIT: Final = "3s"
_SEEN: Final = (
    "id, version, stage, platform_state, platform_hold, refund_state, tier, owner_role, reasons, paid_amount, "
    "decided_kind, decided_id, decided_name, hand_decided, held_until"
)
_CHANGES: Final = """
    CASE WHEN was.stage = m.stage THEN '{}'::jsonb
         ELSE jsonb_build_object('stage', jsonb_build_object('before', was.stage, 'after', m.stage)) END
 || CASE WHEN was.held_until IS NOT DISTINCT FROM m.held_until THEN '{}'::jsonb
         ELSE jsonb_build_object('held_until', jsonb_build_object('before', was.held_until, 'after', m.held_until)) END
"""
_EVENT: Final = f"""
INSERT INTO orders_orderevent (order_id, version, merchant_id, kind, actor_kind, actor_id, actor_name, from_stage,
                               to_stage, verdict, policy_hash, reason, changes)
SELECT m.id, m.version, m.merchant_id, %(event)s, %(kind)s, %(actor)s, %(name)s, was.stage, m.stage, m.verdict,
       m.policy_hash, m.reason, m.facts || {_CHANGES}
  FROM moved AS m JOIN was USING (id) ORDER BY m.id
RETURNING order_id, version
"""  # noqa: S608 - put together from our own texts
_WAS: Final = """
was AS (
    SELECT o.id, o.stage, o.held_until FROM orders_order AS o JOIN chosen AS c USING (id)
     WHERE o.version = c.version ORDER BY o.id FOR NO KEY UPDATE OF o
)
"""
_DECIDE: Final = f"""
WITH chosen AS (
    SELECT * FROM unnest(%(ids)s::bigint[], %(versions)s::int[], %(targets)s::text[], %(untils)s::timestamptz[],
                         %(reasons)s::text[], %(facts)s::jsonb[]) AS t (id, version, target, until, reason, facts)
), {_WAS}, moved AS (
    UPDATE orders_order AS o
       SET stage = coalesce(c.target, o.stage), version = o.version + 1, changed_at = now(),
           decided_kind = CASE WHEN c.target IS NULL THEN o.decided_kind ELSE 'user' END,
           decided_id = CASE WHEN c.target IS NULL THEN o.decided_id ELSE %(actor)s END,
           decided_name = CASE WHEN c.target IS NULL THEN o.decided_name ELSE %(name)s END,
           hand_decided = o.hand_decided OR c.target IS NOT NULL,
           held_until = CASE WHEN c.target IS NULL THEN o.held_until ELSE c.until END
      FROM chosen AS c JOIN was USING (id) WHERE o.id = c.id
    RETURNING o.id, o.version, o.merchant_id, o.stage, o.verdict, o.policy_hash, o.held_until, c.reason, c.facts
)
{_EVENT}
"""  # noqa: S608 - put together from our own texts
_RESTORE: Final = f"""
WITH chosen AS (
    SELECT * FROM unnest(%(ids)s::bigint[], %(versions)s::int[], %(stages)s::text[], %(kinds)s::text[],
                         %(deciders)s::text[], %(names)s::text[], %(hands)s::bool[], %(untils)s::timestamptz[],
                         %(reasons)s::text[])
        AS t (id, version, stage, kind, decider, name, hand, until, reason)
), {_WAS}, moved AS (
    UPDATE orders_order AS o
       SET stage = c.stage, version = o.version + 1, changed_at = now(), decided_kind = c.kind,
           decided_id = c.decider, decided_name = c.name, hand_decided = c.hand, held_until = c.until
      FROM chosen AS c JOIN was USING (id) WHERE o.id = c.id
    RETURNING o.id, o.version, o.merchant_id, o.stage, o.verdict, o.policy_hash, o.held_until, c.reason,
              '{{}}'::jsonb AS facts
)
{_EVENT}
"""  # noqa: S608 - put together from our own texts


@dataclass(frozen=True, slots=True)
class Standing:
    """A locked order as a decision finds it."""

    id: int
    version: int
    stage: Stage
    platform_state: str | None
    platform_hold: str
    refund_state: str | None
    tier: str | None
    owner_role: str | None
    reasons: tuple[str, ...]
    paid_amount: int | None
    decided_kind: str | None
    decided_id: str | None
    decided_name: str | None
    hand_decided: bool
    held_until: dt.datetime | None

    def may_be(self, target: Stage) -> bool:
        """Whether a person may move the order there: what has left or is over only follows others."""
        return self.stage not in DONE and self.stage is not Stage.SENT and may_move(self.stage, target)

    @property
    def waits(self) -> bool:
        """Whether the order waits for us."""
        return self.stage in BACKLOG


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person decided about one order that she saw at ``version``; without a ``target`` the stage stays.

    ``facts`` are further values that the event keeps (name → value).
    """

    order_id: int
    version: int
    target: Stage | None
    reason: str
    until: dt.datetime | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Former:
    """Where an order stood before a decision that is taken back; ``version`` is the one that the decision made."""

    order_id: int
    version: int
    stage: str
    decided_kind: str | None
    decided_id: str | None
    decided_name: str | None
    hand_decided: bool
    held_until: dt.datetime | None
    reason: str


def lock(order_ids: Iterable[int], *, merchant: int, skip_locked: bool = False) -> dict[int, Standing]:
    """Lock the merchant's orders by id and return where they stand; ``skip_locked`` leaves out what others hold."""
    rest = "SKIP LOCKED" if skip_locked else ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_ROW_WAIT])
        cursor.execute(
            f"SELECT {_SEEN} FROM orders_order WHERE id = ANY (%s) AND merchant_id = %s "  # noqa: S608 - our own texts
            f"ORDER BY id FOR NO KEY UPDATE {rest}",
            [sorted(order_ids), merchant],
        )
        return {row[0]: _standing(row) for row in cursor.fetchall()}


def _standing(row: Sequence[Any]) -> Standing:
    values: list[Any] = [*row[:2], Stage(row[2]), *row[3:8], tuple(row[8]), *row[9:]]
    return Standing(*values)


def decide(choices: Sequence[Choice], *, actor: Actor) -> dict[int, int]:
    """Write decisions about locked orders, each with its event; return the new version of each order written.

    An order whose version is another by now is left out. That a move is allowed is the caller's to see to.
    """
    return _written(
        _DECIDE,
        {
            "ids": [c.order_id for c in choices],
            "versions": [c.version for c in choices],
            "targets": [c.target.value if c.target else None for c in choices],
            "untils": [c.until for c in choices],
            "reasons": [c.reason for c in choices],
            "facts": [Jsonb({k: {"before": None, "after": v} for k, v in c.facts.items()}) for c in choices],
            "event": "decided",
        },
        actor,
    )


def restore(formers: Sequence[Former], *, actor: Actor, event: str = "undone") -> dict[int, int]:
    """Put locked orders back to where they stood, with an event; return the new version of each order written."""
    return _written(
        _RESTORE,
        {
            "ids": [f.order_id for f in formers],
            "versions": [f.version for f in formers],
            "stages": [f.stage for f in formers],
            "kinds": [f.decided_kind for f in formers],
            "deciders": [f.decided_id for f in formers],
            "names": [f.decided_name for f in formers],
            "hands": [f.hand_decided for f in formers],
            "untils": [f.held_until for f in formers],
            "reasons": [f.reason for f in formers],
            "event": event,
        },
        actor,
    )


def end_holds(held: Iterable[Standing], *, actor: Actor, reasons: Mapping[int, str]) -> dict[int, int]:
    """Put locked held orders back to review, as no person's decision, because what they waited for came true."""
    return restore(
        [
            Former(
                order.id,
                order.version,
                Stage.IN_REVIEW,
                decided_kind=None,
                decided_id=None,
                decided_name=None,
                hand_decided=False,
                held_until=None,
                reason=reasons[order.id],
            )
            for order in held
        ],
        actor=actor,
        event="decided",
    )


def _written(statement: str, params: dict[str, Any], actor: Actor) -> dict[int, int]:
    if not params["ids"]:
        return {}
    params |= {"kind": actor.kind, "actor": actor.id, "name": actor.name}
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return dict(cursor.fetchall())

"""Claiming pushes and writing what became of them: the only statements that move a push after its birth.

Each function is one durable transaction. Locks are taken in one order, orders by id and then pushes, which is also
the order of every other writer: the triggers of the outbox run under the order's lock. Whoever cancels an order
commits either before a claim, and then nothing is sent, or after it, and then a stop is queued behind the push.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.db import connection, transaction

from qingdan.core.lifecycle import Stage
from qingdan.fulfilment.facts import deliveries
from qingdan.fulfilment.judging import STOP_ASKED
from qingdan.fulfilment.work import Done, Task, Work
from qingdan.orders import shipping
from qingdan.orders.actors import Actor
from qingdan.orders.shipping import Standing, Told

RELAY: Final = Actor("system", "relay", "出库推送")

_OPEN_REFUND: Final = ("requested", "in_progress", "success")
_GONE: Final = ("closed", "cancelled", "shipped", "signed", "unpaid")
_OVERLAP: Final = 3
"""Candidates looked at for each one wanted, since another relay may hold some of them."""

# strict order where it matters: a stop waits for its push, and a new push for the stop of the old one
_MAY_GO: Final = """
    p.state = 'ready' AND p.due_at <= statement_timestamp() AND NOT EXISTS (
        SELECT FROM fulfilment_push AS other
         WHERE other.order_id = p.order_id AND other.state IN ('ready', 'sending', 'unknown')
           AND other.operation = CASE p.operation WHEN 'create' THEN 'cancel' ELSE 'create' END
           AND (p.operation = 'create' OR other.revision = p.revision))
"""
_CANDIDATES: Final = f"""
SELECT p.order_id FROM fulfilment_push AS p
 WHERE p.destination_id = %s AND {_MAY_GO}
 ORDER BY p.urgent DESC, p.order_id LIMIT %s
"""  # noqa: S608 - put together from our own texts
_IN_TURN: Final = f"""
SELECT p.order_id, p.operation, p.revision,
       (SELECT c.state FROM fulfilment_push AS c
         WHERE c.order_id = p.order_id AND c.operation = 'create' AND c.revision = p.revision)
  FROM fulfilment_push AS p
 WHERE p.destination_id = %s AND p.order_id = ANY (%s) AND {_MAY_GO}
 ORDER BY p.urgent DESC, p.order_id LIMIT %s
"""  # noqa: S608 - put together from our own texts
_TAKE: Final = """
UPDATE fulfilment_push AS p
   SET state = 'sending', attempt = p.attempt + 1, lease_until = statement_timestamp() + make_interval(secs => %s),
       sent_at = coalesce(p.sent_at, statement_timestamp()), reason = '', due_at = NULL
  FROM unnest(%s::bigint[], %s::text[], %s::int[]) AS t (order_id, operation, revision)
 WHERE p.order_id = t.order_id AND p.operation = t.operation AND p.revision = t.revision AND p.state = 'ready'
RETURNING p.order_id, p.operation, p.revision, p.attempt, p.tries, p.asks
"""
_END: Final = """
UPDATE fulfilment_push AS p
   SET state = %s, reason = %s, ended_at = statement_timestamp(), due_at = NULL, lease_until = NULL
  FROM unnest(%s::bigint[], %s::text[], %s::int[]) AS t (order_id, operation, revision)
 WHERE p.order_id = t.order_id AND p.operation = t.operation AND p.revision = t.revision AND p.state = 'ready'
"""
_TAKE_DOUBTS: Final = """
WITH doubt AS (
    SELECT order_id, operation, revision FROM fulfilment_push
     WHERE destination_id = %s AND (
           state = 'unknown' AND due_at <= statement_timestamp()
               AND (lease_until IS NULL OR lease_until <= statement_timestamp())
        OR state = 'sending' AND lease_until <= statement_timestamp())
     ORDER BY urgent DESC, order_id LIMIT %s FOR UPDATE SKIP LOCKED
)
UPDATE fulfilment_push AS p
   SET state = 'unknown', attempt = p.attempt + 1, due_at = statement_timestamp(),
       lease_until = statement_timestamp() + make_interval(secs => %s),
       reason = CASE p.state WHEN 'sending' THEN 'no_answer' ELSE p.reason END
  FROM doubt AS d WHERE p.order_id = d.order_id AND p.operation = d.operation AND p.revision = d.revision
RETURNING p.order_id, p.operation, p.revision, p.attempt, p.tries, p.asks, p.reason
"""
_FINISH: Final = """
UPDATE fulfilment_push AS p
   SET state = t.state, reason = t.reason, detail = t.detail, said = t.said, lease_until = NULL,
       due_at = CASE WHEN t.due_in IS NULL THEN NULL ELSE statement_timestamp() + make_interval(secs => t.due_in) END,
       tries = p.tries + t.tries, asks = p.asks + t.asks,
       warehouse_no = coalesce(nullif(t.warehouse_no, ''), p.warehouse_no),
       ended_at = CASE WHEN t.state IN ('done', 'failed', 'cancelled') THEN statement_timestamp() END
  FROM unnest(%s::bigint[], %s::text[], %s::int[], %s::int[], %s::text[], %s::float8[], %s::text[], %s::text[],
              %s::jsonb[], %s::text[], %s::int[], %s::int[])
       AS t (order_id, operation, revision, attempt, state, due_in, reason, detail, said, warehouse_no, tries, asks)
 WHERE p.order_id = t.order_id AND p.operation = t.operation AND p.revision = t.revision
   AND p.attempt = t.attempt AND p.state IN ('sending', 'unknown')
RETURNING p.order_id, p.operation, p.revision
"""

Key = tuple[int, str, int]


def claim(destination: int, wanted: int, lease: float) -> list[Work]:
    """Claim up to ``wanted`` pushes of a destination for ``lease`` seconds: urgent ones first, then the oldest.

    Each order is looked at again under its lock: what was cancelled, refunded or changed since its release is not
    sent, and a person gets the order back.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_CANDIDATES, [destination, wanted * _OVERLAP])
        candidates = [row[0] for row in cursor.fetchall()]
        if not candidates:
            return []
        held = shipping.lock(candidates, skip_locked=True)
        cursor.execute(_IN_TURN, [destination, list(held), wanted])
        rows = cursor.fetchall()
        go: list[Key] = []
        back: dict[str, list[Key]] = {}
        moot: dict[str, list[Key]] = {}
        for order_id, operation, revision, created in rows:
            key = (order_id, operation, revision)
            if operation == "create":
                change = changed_since(held[order_id])
                back.setdefault(change, []).append(key) if change else go.append(key)
            elif reason := _needs_no_stop(held[order_id], created):
                moot.setdefault(reason, []).append(key)
            else:
                go.append(key)
        for reason, keys in back.items():
            cursor.execute(_END, ["cancelled", reason, *_columns(keys)])
            shipping.move(
                [Told(key[0], {"push": reason}) for key in keys],
                sources=[Stage.RELEASED],
                target=Stage.EXCEPTION,
                actor=RELAY,
            )
        for reason, keys in moot.items():
            cursor.execute(_END, ["cancelled", reason, *_columns(keys)])
        if not go:
            return []
        cursor.execute(_TAKE, [lease, *_columns(go)])
        taken = {row[:3]: row[3:] for row in cursor.fetchall()}
    return _works([(key, *taken[key], Task(key[1])) for key in go if key in taken])


def claim_doubts(destination: int, wanted: int, lease: float) -> list[Work]:
    """Claim pushes of which nobody knows whether they arrived, lapsed leases among them, to ask the warehouse."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_TAKE_DOUBTS, [destination, wanted, lease])
        rows = [(row[:3], *row[3:6], _doubt(row[1], row[6])) for row in cursor.fetchall()]
    return _works(rows)


def _doubt(operation: str, reason: str) -> Task:
    """Say how a doubt is resolved: a stop is sent again, unless it was taken and only its outcome is open."""
    if operation == Task.CREATE:
        return Task.ASK
    return Task.CHECK if reason == STOP_ASKED else Task.CANCEL


def finish(done: Sequence[Done], warehouse: str) -> set[Key]:
    """Write what became of claimed pushes and move their orders; return those that were still ours to write.

    A push that somebody else has claimed since, or that a person has settled, is left as it is.
    """
    if not done:
        return set()
    ordered = sorted(done, key=lambda d: (d.work.order_id, d.work.operation))
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        shipping.lock(sorted({d.work.order_id for d in ordered}))
        cursor.execute(
            _FINISH,
            [
                [d.work.order_id for d in ordered],
                [d.work.operation for d in ordered],
                [d.work.revision for d in ordered],
                [d.work.attempt for d in ordered],
                [d.state for d in ordered],
                [d.due_in for d in ordered],
                [d.reason for d in ordered],
                [clean(d.detail) for d in ordered],
                [json.dumps(words, ensure_ascii=False) if (words := d.words()) else None for d in ordered],
                [clean(d.warehouse_no) for d in ordered],
                [d.tries for d in ordered],
                [d.asks for d in ordered],
            ],
        )
        ours: set[Key] = {(row[0], row[1], row[2]) for row in cursor.fetchall()}
        settle([d for d in ordered if (d.work.order_id, d.work.operation, d.work.revision) in ours], warehouse)
    return ours


def settle(done: Iterable[Done], warehouse: str) -> None:
    """Move the orders of pushes that have ended; within the caller's transaction, which holds their locks."""
    ended = [d for d in done if d.state in {"done", "failed"}]
    taken = [_told(d, warehouse) for d in ended if d.work.operation == "create" and d.state == "done"]
    shipping.move(taken, sources=[Stage.RELEASED], target=Stage.SENT, actor=RELAY)
    stopped = [_told(d, warehouse, "stopped") for d in ended if d.work.operation == "cancel" and d.state == "done"]
    after = shipping.move(stopped, sources=[Stage.SENT], target=Stage.EXCEPTION, actor=RELAY)
    shipping.move([t for t in stopped if t.order_id not in after], sources=_NOT_SHIPPED, target=None, actor=RELAY)
    late = [d for d in ended if d.work.operation == "cancel" and d.state == "failed"]
    told = [_told(d, warehouse, d.reason) for d in late]
    moved = shipping.move(told, sources=_WITHDRAWN, target=Stage.EXCEPTION, actor=RELAY)
    rest = [t for t in told if t.order_id not in moved]
    again = [t.order_id for t in rest]
    if again:
        _keep_the_first(again)
        back = shipping.move(rest, sources=[Stage.RELEASED], target=Stage.SENT, actor=RELAY)
        shipping.move(
            [t for t in rest if t.order_id not in back],
            sources=[Stage.SENT, Stage.EXCEPTION],
            target=None,
            actor=RELAY,
        )


_WITHDRAWN: Final = (Stage.HELD, Stage.IN_REVIEW, Stage.CANCELLED, Stage.UNPAID)
_NOT_SHIPPED: Final = (Stage.HELD, Stage.IN_REVIEW, Stage.CANCELLED, Stage.UNPAID, Stage.EXCEPTION, Stage.ARCHIVED)


def _keep_the_first(order_ids: list[int]) -> None:
    """Withdraw the second pushes of orders whose first can not be stopped any more: they are being shipped."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE fulfilment_push SET state = 'cancelled', reason = 'already_there', "
            "ended_at = statement_timestamp(), due_at = NULL, lease_until = NULL "
            "WHERE order_id = ANY (%s) AND operation = 'create' AND state = 'ready'",
            [order_ids],
        )


def changed_since(order: Standing) -> str:
    """Say why a released order must not leave after all; empty when it may.

    Who released an order by hand saw its refund or new address and decided; what the platform has closed never goes.
    """
    if order.stage is not Stage.RELEASED:
        return "withdrawn"
    if order.platform_state in _GONE:
        return f"platform_{order.platform_state}"
    if order.hand_decided:
        return ""
    if order.refund_state in _OPEN_REFUND:
        return "refund_open"
    return "address_changed" if order.address_changed else ""


def _needs_no_stop(order: Standing, created: str | None) -> str:
    """Say why a stop has become needless; empty when it has not."""
    if created != "done":
        return "never_left"
    return "shipped" if order.stage is Stage.SHIPPED else ""


def _works(rows: Sequence[tuple[Any, ...]]) -> list[Work]:
    found = deliveries([key[0] for key, *_ in rows], {(key[0]): key[2] for key, *_ in rows})
    works = []
    for (order_id, operation, revision), attempt, tries, asks, task in rows:
        delivery, problem = found[order_id]
        works.append(Work(order_id, operation, revision, attempt, task, tries, asks, delivery, problem))
    return works


def _told(done: Done, warehouse: str, outcome: str = "") -> Told:
    from_delivery = done.work.delivery.number if done.work.delivery else ""
    facts: Mapping[str, str] = {
        "warehouse": warehouse,
        "delivery_no": from_delivery,
        "warehouse_no": clean(done.warehouse_no),
        "push": outcome,
    }
    return Told(done.work.order_id, {k: v for k, v in facts.items() if v})


def _columns(keys: Sequence[Key]) -> list[list[Any]]:
    return [[key[0] for key in keys], [key[1] for key in keys], [key[2] for key in keys]]


def clean(text: str) -> str:
    """Text of a stranger's as PostgreSQL can keep it, not too long."""
    return text.replace("\0", "")[:500]

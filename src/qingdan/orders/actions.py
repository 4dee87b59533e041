"""Verbs on orders: each is one durable transaction."""

import datetime as dt
import time
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Final

import polars as pl
from django.db import IntegrityError, OperationalError, connection, transaction
from psycopg import errors

from qingdan.core.lifecycle import DONE, Stage, may_move
from qingdan.core.message import Message
from qingdan.orders import ledger, undo
from qingdan.orders.actors import Actor
from qingdan.orders.ledger import Decision, MovedMeanwhileError, Recorded
from qingdan.orders.messages import CANCELLED_BY_PLATFORM, CONFLICT, NO_MOVE, NOT_FOUND
from qingdan.orders.models import Merchant, Shop

_ATTEMPTS: Final = 6
_COMPACT_LOCK: Final = 0x71D1
_FOLD_REASONS: Final = """
WITH gone AS (
    DELETE FROM orders_reasoncounter RETURNING merchant_id, reason, n
), folded AS (
    INSERT INTO orders_reasoncounter (merchant_id, reason, n)
    SELECT merchant_id, reason, sum(n) FROM gone GROUP BY 1, 2 HAVING sum(n) <> 0 RETURNING 1
)
SELECT (SELECT count(*) FROM gone) - (SELECT count(*) FROM folded)
"""
_FOLD_FLOW: Final = """
WITH crowded AS (
    SELECT merchant_id, at FROM orders_flow WHERE at < now() - interval '2 minutes' GROUP BY 1, 2 HAVING count(*) > 1
), gone AS (
    DELETE FROM orders_flow AS f USING crowded AS c WHERE f.merchant_id = c.merchant_id AND f.at = c.at
    RETURNING f.merchant_id, f.at, f.came, f.went
), folded AS (
    INSERT INTO orders_flow (merchant_id, at, came, went)
    SELECT merchant_id, at, sum(came), sum(went) FROM gone GROUP BY 1, 2 RETURNING 1
)
SELECT (SELECT count(*) FROM gone) - (SELECT count(*) FROM folded)
"""
_HOLDS_AT_ONCE: Final = 1000
HOLD_CLOCK: Final = Actor("system", "hold_until", "挂起到期")


class Action(StrEnum):
    """What a person may decide about an order."""

    RELEASE = "release"
    HOLD = "hold"
    EXCEPTION = "exception"
    REVIEW = "review"


_TARGETS: Final = {
    Action.RELEASE: Stage.RELEASED,
    Action.HOLD: Stage.HELD,
    Action.EXCEPTION: Stage.EXCEPTION,
    Action.REVIEW: Stage.IN_REVIEW,
}


class DecisionError(Exception):
    """A decision that was not taken; ``message`` says why, ``current`` how the order stands now, if it exists."""

    def __init__(self, message: Message, current: Decision | None) -> None:
        super().__init__(message.text("en"))
        self.message = message
        self.current = current


class NotFoundError(DecisionError):
    """The merchant has no such order."""


class ConflictError(DecisionError):
    """Somebody changed the order after it was read: HTTP 409."""


class MoveRefusedError(DecisionError):
    """The order may not move there: HTTP 422."""


def ensure_merchant(name: str) -> Merchant:
    """Return the merchant of that name, adding it if it is new."""
    return Merchant.objects.get_or_create(name=name)[0]


def ensure_shops(merchant: int, shops: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Return the ids of the merchant's shops by (channel, name), adding those that are new."""
    wanted = sorted(set(shops))
    Shop.objects.bulk_create(
        [Shop(merchant_id=merchant, channel=channel, name=name) for channel, name in wanted], ignore_conflicts=True
    )
    stored = Shop.objects.filter(merchant_id=merchant).values_list("channel", "name", "id")
    known = {(channel, name): key for channel, name, key in stored}
    return {key: known[key] for key in wanted}


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
    holds: frozenset[str] | None = None,
    seen: pl.DataFrame | None = None,
    with_it: Callable[[Recorded], None] | None = None,
) -> Recorded:
    """Write one chunk of reviewed orders; see ``ledger.record``.

    ``with_it`` is what must commit together with the orders, or not at all. The whole is tried again when a person's
    decision or another import came in between.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with transaction.atomic(durable=True):
                recorded = ledger.record(
                    orders,
                    lines,
                    merchant=merchant,
                    shops=shops,
                    import_id=import_id,
                    policy_hash=policy_hash,
                    as_of=as_of,
                    actor=actor,
                    holds=holds,
                    seen=seen,
                )
                if with_it is not None:
                    with_it(recorded)
                return recorded
        except (MovedMeanwhileError, OperationalError, IntegrityError, errors.Error) as error:
            if attempt == _ATTEMPTS or not _came_between(error):
                raise
        time.sleep(0.05 * 2**attempt)
    raise AssertionError("the last attempt returns or raises")


def rereview(
    orders: pl.DataFrame,
    *,
    merchant: int,
    policy_hash: str,
    actor: Actor,
    holds: frozenset[str],
    reason: str,
    with_it: Callable[[pl.DataFrame], None] | None = None,
) -> int:
    """Write stored orders that were reviewed anew, all or none of them, and return how many changed.

    See ``ledger.rereview``; ``with_it`` is called with what it returns and commits together with the orders.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with transaction.atomic(durable=True):
                written = ledger.rereview(
                    orders, merchant=merchant, policy_hash=policy_hash, actor=actor, holds=holds, reason=reason
                )
                if with_it is not None:
                    with_it(written)
                return written.height
        except (MovedMeanwhileError, OperationalError, errors.Error) as error:
            if attempt == _ATTEMPTS or not _came_between(error):
                raise
        time.sleep(0.05 * 2**attempt)
    raise AssertionError("the last attempt returns or raises")


def _came_between(error: Exception) -> bool:
    """Whether another transaction is to blame, so that trying again helps."""
    # errors of a COPY come as the driver raises them
    cause = error if isinstance(error, errors.Error) else error.__cause__
    if isinstance(cause, errors.UniqueViolation):
        return cause.diag.constraint_name == "order_once"
    return isinstance(error, MovedMeanwhileError) or isinstance(
        cause, errors.LockNotAvailable | errors.DeadlockDetected
    )


def decide(
    order_id: int,
    *,
    merchant: int,
    version: int,
    action: Action,
    actor: Actor,
    reason: str = "",
    until: dt.datetime | None = None,
) -> Decision:
    """Record a person's decision about one order, as she saw it at ``version``.

    ``until`` goes with a hold. Raises ``NotFoundError``, ``ConflictError`` when the order has changed since, and
    ``MoveRefusedError`` when its stage does not allow it or the platform has cancelled the order.
    """
    target = _TARGETS[action]
    with transaction.atomic(durable=True):
        seen = ledger.lock_order(order_id, merchant=merchant)
        if seen is None:
            raise NotFoundError(NOT_FOUND.message(), None)
        if seen.version != version:
            raise ConflictError(CONFLICT.message(version=seen.version), seen)
        if action is Action.RELEASE and seen.platform_state in {"closed", "cancelled"}:
            raise MoveRefusedError(CANCELLED_BY_PLATFORM.message(), seen)
        if seen.stage in DONE or seen.stage is Stage.SENT or not may_move(seen.stage, target):
            raise MoveRefusedError(NO_MOVE.message(stage=seen.stage, target=target), seen)
        return ledger.write_decision(
            seen, target, merchant=merchant, actor=actor, reason=reason, until=until if action is Action.HOLD else None
        )


def end_holds() -> int:
    """Put held orders whose time has passed back to review, each with an event; return how many.

    An order that somebody works on just now is left for the next time.
    """
    ended = 0
    while True:
        with transaction.atomic(durable=True):
            some = ledger.end_holds(_HOLDS_AT_ONCE, HOLD_CLOCK)
        ended += some
        if some < _HOLDS_AT_ONCE:
            return ended


def compact_counters() -> int:
    """Fold the counter rows that add up to the same place; return how many rows there are fewer.

    One statement a table, so that a reader sees the rows before or after, and never between.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, 0)", [_COMPACT_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(
            """
            WITH gone AS (
                DELETE FROM orders_counter RETURNING merchant_id, shop_id, channel, province, stage, tier, n, amount
            ), folded AS (
                INSERT INTO orders_counter (merchant_id, shop_id, channel, province, stage, tier, n, amount)
                SELECT merchant_id, shop_id, channel, province, stage, tier, sum(n), sum(amount)
                  FROM gone GROUP BY 1, 2, 3, 4, 5, 6
                HAVING sum(n) <> 0 OR sum(amount) <> 0
                RETURNING 1
            )
            SELECT (SELECT count(*) FROM gone) - (SELECT count(*) FROM folded)
            """
        )
        fewer = int(cursor.fetchone()[0])
        for fold in (_FOLD_REASONS, _FOLD_FLOW):
            cursor.execute(fold)
            fewer += int(cursor.fetchone()[0])
        return fewer


def drop_images() -> int:
    """Forget what orders were before imports that can no longer be undone; return how many."""
    with transaction.atomic(durable=True):
        return undo.drop_images()

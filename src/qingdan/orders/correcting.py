"""The verb by which somebody puts an order's receiver right; one durable transaction, like those of ``actions``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl
from django.db import transaction
from psycopg import sql

from qingdan.core.columns import ORDER_SCHEMA, TIME
from qingdan.core.lifecycle import BACKLOG
from qingdan.orders import ledger, queries
from qingdan.orders.actions import ConflictError, MoveRefusedError, NotFoundError
from qingdan.orders.actors import Actor
from qingdan.orders.ledger import Decision
from qingdan.orders.messages import CONFLICT, NO_CORRECTION, NOT_FOUND

RECEIVER: Final = ("receiver_name", "receiver_phone", "province", "city", "district", "town", "address")
"""What somebody may put right."""
_ALSO: Final[dict[str, pl.DataType]] = {
    "id": pl.Int64(),
    "version": pl.Int64(),
    "shop_id": pl.Int64(),
    "reviewed_at": TIME,
    "last_import": pl.Int64(),
}
_THIS: Final = sql.SQL("o.id = %s")


@dataclass(frozen=True, slots=True)
class Judged:
    """An order (one row) with the features of its new receiver and the columns of review, and what judged it."""

    orders: pl.DataFrame
    policy_hash: str
    holds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Corrected:
    """What came of a correction: the order before and after, and the receiver that it had."""

    before: Decision
    after: Decision
    was: Mapping[str, object]


def correct_address(
    order_id: int,
    *,
    merchant: int,
    version: int,
    receiver: Mapping[str, str | None],
    judge: Callable[[pl.DataFrame], Judged],
    actor: Actor,
    reason: str = "",
    with_it: Callable[[Corrected], None] | None = None,
) -> Corrected:
    """Give an order that waits the ``receiver`` (official names, as stored) that somebody knows to be right.

    ``judge`` gets the order in the columns of ``ORDER_SCHEMA`` and returns it with its features and verdict; a stage
    that a person chose is kept. ``with_it`` is called with the outcome and commits together with it. The receiver is
    no longer masked, and a change that the platform announced counts as confirmed.

    Raises ``NotFoundError``, ``ConflictError`` when the order is no longer at ``version``, and ``MoveRefusedError``
    when it does not wait: what was released is taken back first.
    """
    with transaction.atomic(durable=True):
        seen = ledger.lock_order(order_id, merchant=merchant)
        if seen is None:
            raise NotFoundError(NOT_FOUND.message(), None)
        if seen.version != version:
            raise ConflictError(CONFLICT.message(version=seen.version), seen)
        if seen.stage not in BACKLOG:
            raise MoveRefusedError(NO_CORRECTION.message(stage=seen.stage), seen)
        stored = queries.frame(merchant, _THIS, [order_id], also=_ALSO)
        right = stored.with_columns(
            *(pl.lit(receiver[name] or None, ORDER_SCHEMA[name]).alias(name) for name in RECEIVER),
            receiver_masked=pl.lit(value=False),
            address_changed=pl.lit(value=False),
        )
        judged = judge(right.select(list(ORDER_SCHEMA)))
        ledger.rereview(
            judged.orders.hstack(right.select(list(_ALSO))),
            merchant=merchant,
            policy_hash=judged.policy_hash,
            actor=actor,
            holds=judged.holds,
            reason=reason,
            corrected=True,
        )
        after = ledger.lock_order(order_id, merchant=merchant)
        if after is None:
            raise NotFoundError(NOT_FOUND.message(), None)
        was = stored.select(*RECEIVER, "receiver_masked").row(0, named=True)
        corrected = Corrected(seen, after, was)
        if with_it is not None:
            with_it(corrected)
        return corrected

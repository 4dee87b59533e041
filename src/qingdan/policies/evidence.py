"""What people decided by hand about orders that only checks kept back, with the facts as they were judged then.

Safe is an order that a person released and nothing went wrong with afterwards; unsafe is one that she held or sent to
the exceptions, or with which something went wrong (see ``outcomes``). An order put back to review says nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl
from django.conf import settings
from django.db import connection

from qingdan.core.columns import ORDER_SCHEMA
from qingdan.core.policy import Compiled, Kind
from qingdan.core.policy.ast import expr_fields
from qingdan.core.policy.backtest import Judge, Outcomes, bits_of, texts_of
from qingdan.core.policy.mining_terms import FIELDS_READ
from qingdan.core.policy.texts import search
from qingdan.policies import history, outcomes
from qingdan.policies.history import Chunk
from qingdan.policies.replay import over

_DECIDED: Final = """
SELECT DISTINCT ON (order_id) order_id, to_stage, extract(epoch FROM at)::bigint
  FROM orders_orderevent
 WHERE merchant_id = %s AND kind = 'decided' AND actor_kind = 'user'
 ORDER BY order_id, version DESC
"""
_UNSAFE: Final = ("held", "exception", "cancelled")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Decided orders: facts, ``safe``, ``day`` (the shop's, of the order), ``decided`` (UTC seconds), failed checks.

    ``orders`` has the columns that terms and policy read, with ``id``; ``failed`` has a Boolean column a check.
    """

    orders: pl.DataFrame
    failed: pl.DataFrame

    def __len__(self) -> int:
        """Return the number of orders."""
        return self.orders.height


def gather(
    merchant: int, compiled: Compiled, since: datetime | None = None, before: datetime | None = None
) -> Evidence:
    """Return the hand decisions on orders created in the period that the policy sends to review, the oldest first."""
    judge = Judge(compiled)
    decided = _decided(merchant)
    known = outcomes.known(merchant, since, before)
    names = dict.fromkeys(
        (
            "id",
            "as_of",
            "counted",
            "created_at",
            *FIELDS_READ,
            *(f for rule in compiled.policy.rules for f in expr_fields(rule.ast)),
        )
    )
    facts = [name for name in names if name not in history.TEXTS]
    texts = [name for name in names if name in history.TEXTS]

    schema = {name: {**ORDER_SCHEMA, **history.JUDGED_SCHEMA}[name] for name in (*facts, *texts)}

    def some(batch: Sequence[Chunk]) -> pl.DataFrame:
        return pl.concat([_chunk(chunk, decided, facts, texts, schema) for chunk in batch])

    parts = over(history.chunks(merchant, since, before), some)
    orders = pl.concat([pl.DataFrame(schema=schema), *parts]).unique("id", keep="first")
    orders = orders.filter(_within(since, before)).sort("created_at", "id")
    orders = orders.join(decided, on="id", how="left", maintain_order="left")
    bad = bits_of(orders["id"].to_numpy(), known).to_numpy() != 0
    day = pl.col("created_at").dt.convert_time_zone(settings.SHOP_ZONE).dt.date().alias("day")
    orders = orders.with_columns(day, safe=(pl.col("stage") == "released") & ~pl.Series(bad))
    masks = judge.masks(orders.hstack(search(texts_of((judge,)), orders)) if orders.height else orders)
    review = judge.coded(masks)[0].to_numpy() == Outcomes.REVIEW
    true = masks["true_mask"].to_numpy()[review]
    failed = {rule.id: pl.Series((true >> bit & 1) == 0) for bit, rule in compiled.policy.of(Kind.CHECK)}
    return Evidence(orders.filter(pl.Series(review)), pl.DataFrame(failed))


def _within(since: datetime | None, before: datetime | None) -> list[pl.Expr]:
    kept = [pl.col("created_at").is_not_null()]
    if since is not None:
        kept.append(pl.col("created_at") >= since)
    if before is not None:
        kept.append(pl.col("created_at") < before)
    return kept


def _decided(merchant: int) -> pl.DataFrame:
    """Return where the last hand decision sent each order that was released or stopped by hand, and when."""
    with connection.cursor() as cursor:
        cursor.execute(_DECIDED, [merchant])
        rows = cursor.fetchall()
    found = pl.DataFrame(rows, schema={"id": pl.Int64, "stage": pl.String, "decided": pl.Int64}, orient="row")
    return found.filter(pl.col("stage").is_in(["released", *_UNSAFE])).sort("id")


def _chunk(
    chunk: Chunk, decided: pl.DataFrame, facts: list[str], texts: list[str], schema: Mapping[str, pl.DataType]
) -> pl.DataFrame:
    """Return the decided orders of a chunk; its texts are read only when it has any."""
    frame = history.read_facts(chunk.id, facts)
    wanted = frame["counted"] & frame["id"].is_in(decided["id"].implode())
    if not wanted.any():
        return pl.DataFrame(schema=dict(schema))
    said = history.read_texts(chunk.id, texts)
    return pl.concat([frame.filter(wanted), said.filter(wanted)], how="horizontal").match_to_schema(pl.Schema(schema))


def split(evidence: Evidence, share: float) -> npt.NDArray[np.bool_]:
    """Return which orders are held out: those of the last days, as near to ``share`` of all as whole days allow.

    All False when every order is of the same day.
    """
    days = evidence.orders["day"]
    counts = days.value_counts().sort("day")
    if counts.height < 2:
        return np.zeros(len(days), np.bool_)
    held = counts["count"].to_numpy()[::-1].cumsum()[::-1][1:]
    place = int(np.argmin(np.abs(held - share * len(days)))) + 1
    later: npt.NDArray[np.bool_] = (days >= counts["day"][place]).to_numpy()
    return later

"""The facts that orders were judged by, kept as they were seen.

A backtest must not look at today's facts: a refund that came later would make any rule look wise. So the transaction
that stores a chunk of judged orders also stores what was judged, as two compressed Parquet files in one row: 2-3 µs and
some 70 bytes an order. Only judgements that the ledger took are kept: an import that changes nothing adds nothing.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import polars as pl
import psycopg
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from qingdan.core.columns import ORDER_SCHEMA, TIME
from qingdan.core.fields import FIELDS
from qingdan.core.policy.snooze import SNOOZED
from qingdan.policies import audits, shadows
from qingdan.policies.models import Judged, TextBits

TEXTS: Final = tuple(name for name, dtype in ORDER_SCHEMA.items() if isinstance(dtype, pl.String))
FACTS: Final = tuple(name for name in ORDER_SCHEMA if name not in TEXTS)
JUDGED_SCHEMA: Final[dict[str, pl.DataType]] = {
    "id": pl.Int64(),
    "version": pl.Int32(),
    "as_of": TIME,
    "policy_hash": pl.String(),
    "verdict": pl.String(),
    "tier": pl.String(),
    "counted": pl.Boolean(),
    "true_mask": pl.Int64(),
    "unknown_mask": pl.Int64(),
    SNOOZED: pl.String(),
}
"""Beside the facts: the order and its version, the moment, the policy, what it said, and whether the judgement counts;
and the rules that did not count for the order just then (see ``core.policy.snooze``).

An order counts once: at the first judgement that found it waiting to ship.
"""
_KEY: Final = ("channel", "order_no")
_BITS_DAYS: Final = 30
"""Results of text conditions are found again within a second; those of policies long gone are not worth their space."""


def keep(
    reviewed: pl.DataFrame,
    written: pl.DataFrame | None,
    *,
    merchant: int,
    policy_hash: str,
    as_of: datetime,
    cause: Judged.Cause = Judged.Cause.IMPORT,
) -> None:
    """Keep what was judged; part of the transaction that stores it.

    ``reviewed`` has the facts and the verdicts, as review made them; ``written`` names those that the ledger took, by
    channel and order number, with their ``id``, ``version`` and ``from_stage`` (null: the order is new).
    """
    if written is None or written.is_empty():
        return
    first = pl.col("from_stage").is_null() | (pl.col("from_stage") == "unpaid")
    counts = first if cause is Judged.Cause.IMPORT else pl.lit(value=False)
    judged = reviewed.join(written.cast({"channel": ORDER_SCHEMA["channel"]}), on=_KEY).select(
        *ORDER_SCHEMA,
        "id",
        pl.col("version").cast(pl.Int32),
        pl.lit(as_of).cast(TIME).alias("as_of"),
        pl.lit(policy_hash).alias("policy_hash"),
        pl.col("verdict").cast(pl.String),
        pl.col("tier").cast(pl.String),
        (counts & (pl.col("verdict").cast(pl.String) != "none")).alias("counted"),
        "true_mask",
        "unknown_mask",
        _snoozed(reviewed),
    )
    store(judged, merchant=merchant, cause=cause)
    audits.draw(judged, merchant=merchant, policy_hash=policy_hash)
    if cause is Judged.Cause.IMPORT:
        shadows.watch(reviewed, written, merchant=merchant, policy_hash=policy_hash, as_of=as_of)


def _snoozed(reviewed: pl.DataFrame) -> pl.Expr:
    return pl.col(SNOOZED) if SNOOZED in reviewed.columns else pl.lit(None, pl.String).alias(SNOOZED)


def store(judged: pl.DataFrame, *, merchant: int, cause: str) -> None:
    """Write one row of judged orders (``ORDER_SCHEMA`` and ``JUDGED_SCHEMA``)."""
    created = judged["created_at"]
    with _binary() as cursor:
        cursor.execute(
            "INSERT INTO policies_judged (merchant_id, cause, orders, counted, first_created, last_created, facts, "
            "texts) VALUES (%s, %s, %s, %s, %s, %s, %b, %b)",
            [
                merchant,
                str(cause),
                judged.height,
                int(judged["counted"].sum()),
                created.min(),
                created.max(),
                _parquet(judged.select(*JUDGED_SCHEMA, *FACTS)),
                _parquet(judged.select(TEXTS)),
            ],
        )


def _binary() -> psycopg.Cursor[tuple[bytes, int]]:
    """Return a cursor that passes bytes as they are; Django's own writes them as text, twice as long."""
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)


def _parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", compression_level=1, statistics=False)
    return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class Chunk:
    """One row of judged orders, not read yet."""

    id: int
    orders: int
    counted: int


def chunks(
    merchant: int, since: datetime | None = None, before: datetime | None = None, *, every: bool = False
) -> list[Chunk]:
    """Return the chunks that may hold orders created in the period, oldest first; with ``every`` re-reviews too."""
    found = Judged.objects.filter(merchant_id=merchant)
    if not every:
        found = found.filter(counted__gt=0)
    if since is not None:
        found = found.filter(last_created__gte=since)
    if before is not None:
        found = found.filter(first_created__lt=before)
    return [Chunk(*row) for row in found.order_by("id").values_list("id", "orders", "counted")]


def read_facts(chunk: int, columns: Iterable[str]) -> pl.DataFrame:
    """Return columns of ``JUDGED_SCHEMA`` and ``FACTS`` of a chunk; a field newer than the chunk has its default."""
    return _read("facts", chunk, tuple(columns))


def read_texts(chunk: int, columns: Iterable[str]) -> pl.DataFrame:
    """Return text fields of a chunk."""
    return _read("texts", chunk, tuple(columns))


def _read(part: str, chunk: int, columns: tuple[str, ...]) -> pl.DataFrame:
    with _binary() as cursor:
        cursor.execute(f"SELECT {part}, orders FROM policies_judged WHERE id = %s", [chunk], binary=True)  # noqa: S608
        row = cursor.fetchone()
    if row is None:
        return pl.DataFrame(schema={name: {**ORDER_SCHEMA, **JUDGED_SCHEMA}[name] for name in columns})
    content = io.BytesIO(row[0])
    known = set(pl.read_parquet_schema(content))
    content.seek(0)
    frame = pl.read_parquet(content, columns=[name for name in columns if name in known], use_pyarrow=False)
    missing = [name for name in columns if name not in known]
    if not missing:
        return frame.select(columns)
    defaults = [_default(name) for name in missing]
    filled = pl.select(pl.repeat(0, row[1], dtype=pl.Int8).alias("__row")).with_columns(defaults)
    return pl.concat([frame, filled.drop("__row")], how="horizontal").select(columns)


def _default(name: str) -> pl.Expr:
    if name in JUDGED_SCHEMA:
        return pl.lit(None, dtype=JUDGED_SCHEMA[name]).alias(name)
    return pl.lit(FIELDS[name].default, dtype=ORDER_SCHEMA[name]).alias(name)


def forget() -> int:
    """Drop what was judged longer ago than the setting ``POLICY_HISTORY_DAYS`` says; return how many chunks."""
    limit = timezone.now() - timedelta(days=settings.POLICY_HISTORY_DAYS)
    with transaction.atomic(durable=True):
        TextBits.objects.filter(at__lt=timezone.now() - timedelta(days=_BITS_DAYS)).delete()
        gone = Judged.objects.filter(at__lt=limit)
        count = gone.count()
        gone.delete()
    return count

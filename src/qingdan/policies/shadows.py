"""A proposed policy judges every incoming order beside the live one; both verdicts are kept and compared."""

import io
from datetime import datetime
from typing import Any, Final

import polars as pl
import psycopg
from django.conf import settings
from django.db import connection

from qingdan.core.columns import ORDER_SCHEMA
from qingdan.core.policy import Compiled, review_columns
from qingdan.core.policy.snooze import SNOOZED
from qingdan.core.shipping import read_ship_defaults
from qingdan.data.shipping import defaults_text
from qingdan.policies import queries
from qingdan.policies.models import Rollout, Shadowed

_KEY: Final = ("channel", "order_no")
_KEPT: Final = ("stage", "tier", "reasons", "true_mask", "unknown_mask")


def watch(reviewed: pl.DataFrame, written: pl.DataFrame, *, merchant: int, policy_hash: str, as_of: datetime) -> None:
    """Judge what the ledger took by the shadow, if one runs; part of the transaction that stores it."""
    row = Rollout.objects.filter(merchant_id=merchant, state=Rollout.State.SHADOW).first()
    if row is None:
        return
    orders = reviewed.join(written.cast({"channel": ORDER_SCHEMA["channel"]}), on=_KEY)
    facts = orders.select(*ORDER_SCHEMA, *(name for name in (SNOOZED,) if name in orders.columns))
    shadow = _judged(queries.compiled(row.source), facts, as_of)
    both = orders.select("id", "version", *(_text(name, orders).alias(f"live_{name}") for name in _KEPT)).hstack(
        shadow.select(_text(name, shadow).alias(f"shadow_{name}") for name in _KEPT)
    )
    buffer = io.BytesIO()
    both.write_parquet(buffer, compression="zstd", compression_level=1, statistics=False)
    differing = both.filter(_differs()).height
    with _cursor() as cursor:
        cursor.execute(
            "INSERT INTO policies_shadowed (rollout_id, live_hash, orders, differing, verdicts) "
            "VALUES (%s, %s, %s, %s, %b)",
            [row.pk, policy_hash, both.height, differing, buffer.getvalue()],
        )


def _judged(compiled: Compiled, orders: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    shipping = read_ship_defaults(defaults_text())
    return review_columns(compiled, orders, as_of, zone=settings.SHOP_ZONE, shipping=shipping)


def _text(name: str, frame: pl.DataFrame) -> pl.Expr:
    column = pl.col(name)
    if isinstance(frame.schema[name], pl.List):
        return column.cast(pl.List(pl.String)).list.join(";")
    return column if name.endswith("mask") else column.cast(pl.String)


def _differs() -> pl.Expr:
    return pl.any_horizontal(pl.col(f"live_{n}").ne_missing(pl.col(f"shadow_{n}")) for n in ("stage", "tier"))


def _cursor() -> psycopg.Cursor[Any]:
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)


def verdicts(rollout: int) -> pl.DataFrame:
    """Return both verdicts of every order that a shadow has judged, oldest first."""
    found = Shadowed.objects.filter(rollout_id=rollout).order_by("pk").values_list("verdicts", flat=True)
    frames = [pl.read_parquet(io.BytesIO(bytes(content))) for content in found.iterator(chunk_size=20)]
    return pl.concat(frames) if frames else pl.DataFrame()


def compare(rollout: int, limit: int = 100) -> dict[str, Any]:
    """Return how often live and shadow agree, the moves between them, and the newest orders they differ on."""
    both = verdicts(rollout)
    if both.is_empty():
        return {"orders": 0, "differing": 0, "moves": [], "differences": []}
    differing = both.filter(_differs())
    moves = (
        both.group_by(old="live_stage", new="shadow_stage")
        .len("n")
        .sort("n", "old", "new", descending=[True, False, False])
    )
    newest = (
        differing.sort("id", "version", descending=True).unique("id", keep="first", maintain_order=True).head(limit)
    )
    return {
        "orders": both.height,
        "differing": differing.height,
        "moves": moves.to_dicts(),
        "differences": [
            {
                "id": r["id"],
                "live": {name: r[f"live_{name}"] for name in ("stage", "tier", "reasons")},
                "shadow": {name: r[f"shadow_{name}"] for name in ("stage", "tier", "reasons")},
            }
            for r in newest.to_dicts()
        ],
    }

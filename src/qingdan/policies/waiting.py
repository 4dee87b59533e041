"""The orders that wait, kept in memory, so that a draft can be tried on all of them at every keystroke.

Each process keeps one frame a merchant. A look compares the ids and versions in the store with it, which takes some
tens of milliseconds for 100,000 orders, and fetches only the orders that changed.
"""

import threading
import time
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import numpy as np
import polars as pl
from django.conf import settings
from django.db import connection
from psycopg import sql

from qingdan.core.columns import ORDER_SCHEMA, TIME
from qingdan.core.lifecycle import BACKLOG
from qingdan.core.policy import Compiled, review_columns
from qingdan.core.policy.texts import text_leaves
from qingdan.core.shipping import read_ship_defaults
from qingdan.core.text import norm_name, with_norm
from qingdan.data.shipping import defaults_text
from qingdan.orders import queries
from qingdan.policies.snoozed import marked

ALSO: Final[dict[str, pl.DataType]] = {
    "id": pl.Int64(),
    "version": pl.Int64(),
    "shop_id": pl.Int64(),
    "reviewed_at": TIME,
    "last_import": pl.Int64(),
    "stage": pl.String(),
    "tier": pl.String(),
    "hand_decided": pl.Boolean(),
}
SAMPLES: Final = 5
_FRESH_SECONDS: Final = 1.0
_STAGES: Final = sorted(stage.value for stage in BACKLOG)
_MARKS: Final = """
SELECT coalesce(string_agg(int8send(id) || int8send(version), ''), '')
  FROM orders_order WHERE merchant_id = %s AND stage = ANY(%s)
"""
_THESE: Final = sql.SQL("o.id = ANY(%s)")


class Waiting:
    """The waiting orders of one merchant, as this process last saw them."""

    def __init__(self, merchant: int) -> None:
        self._merchant = merchant
        self._lock = threading.Lock()
        self._frame = pl.DataFrame(schema={**ORDER_SCHEMA, **ALSO})
        self._looked = 0.0

    def orders(self, normalised: tuple[str, ...] = (), *, fresh: bool = False) -> pl.DataFrame:
        """Return the waiting orders with their ``ALSO`` columns, and ``normalised`` text fields beside the raw ones.

        What was seen within the last second is taken for true, unless ``fresh``.
        """
        with self._lock:
            if fresh or time.monotonic() - self._looked > _FRESH_SECONDS:
                self._look()
                self._looked = time.monotonic()
            missing = [name for name in normalised if norm_name(name) not in self._frame.columns]
            if missing:
                self._frame = with_norm(self._frame, missing)
            return self._frame

    def _look(self) -> None:
        marks = _marks(self._merchant)
        current = self._frame.select("id", "version")
        wanted = marks.join(current, on=["id", "version"], how="anti")["id"]
        kept = self._frame.join(marks, on=["id", "version"], how="semi", maintain_order="left")
        if not len(wanted):
            self._frame = kept
            return
        new = queries.frame(self._merchant, _THESE, [wanted.to_list()], also=ALSO)
        names = [n for n in ORDER_SCHEMA if norm_name(n) in kept.columns]
        self._frame = pl.concat([kept, with_norm(new, names).select(kept.columns)]).sort("id").rechunk()


def _marks(merchant: int) -> pl.DataFrame:
    with connection.cursor() as cursor:
        cursor.execute(_MARKS, [merchant, _STAGES])
        rows = np.frombuffer(cursor.fetchone()[0], ">i8").reshape(-1, 2).astype(np.int64)
    return pl.DataFrame(rows, schema=["id", "version"])


@lru_cache(maxsize=16)
def of(merchant: int) -> Waiting:
    """Return this process's view of a merchant's waiting orders."""
    return Waiting(merchant)


def judged(compiled: Compiled, orders: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Return what a policy makes of waiting orders at ``as_of``, row by row: the columns of review."""
    shipping = read_ship_defaults(defaults_text())
    return review_columns(compiled, orders, as_of, zone=settings.SHOP_ZONE, shipping=shipping)


def impact(merchant: int, compiled: Compiled, as_of: datetime, *, fresh: bool = False) -> dict[str, Any]:
    """Return what a policy would change for the orders that wait; hand decisions are kept, so those do not move."""
    fields = tuple(dict.fromkeys(n for text in text_leaves(compiled.policy).values() for n in text.fields))
    orders = of(merchant).orders(fields, fresh=fresh)
    new = judged(compiled, marked(merchant, orders, as_of), as_of)
    moved = orders.select("id", "stage", "tier", "hand_decided").with_columns(
        new_stage=pl.when("hand_decided").then("stage").otherwise(new["stage"].cast(pl.String)), new_tier=new["tier"]
    )
    stages = moved.group_by("stage", "new_stage").agg(n=pl.len(), ids=pl.col("id").sort().tail(SAMPLES)).sort("n")
    tiers = moved.group_by("tier", "new_tier").agg(n=pl.len(), ids=pl.col("id").sort().tail(SAMPLES)).sort("n")
    return {
        "waiting": orders.height,
        "kept_by_hand": int(orders["hand_decided"].sum()),
        "changed": int((moved["stage"] != moved["new_stage"]).sum()),
        "released": int((moved["new_stage"] == "released").sum()),
        "stages": _moves(stages.rename({"stage": "old", "new_stage": "new"})),
        "tiers": _moves(tiers.rename({"tier": "old", "new_tier": "new"})),
    }


def _moves(cells: pl.DataFrame) -> list[dict[str, Any]]:
    ordered = cells.sort("n", "old", "new", descending=[True, False, False], nulls_last=True)
    return [{"old": r["old"], "new": r["new"], "n": r["n"], "samples": r["ids"]} for r in ordered.to_dicts()]

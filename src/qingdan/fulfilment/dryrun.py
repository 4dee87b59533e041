"""Where today's waiting orders would go by a routing table that nobody has published yet. Nothing is changed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl
from django.utils import timezone
from psycopg import sql

from qingdan.fulfilment import routing
from qingdan.fulfilment.models import Destination
from qingdan.orders import queries

MOST: Final = 100_000
_SHOWN: Final = 5
_WAITING: Final = sql.SQL(
    "(o.stage IN ('in_review', 'exception', 'held') OR o.stage = 'released' AND EXISTS (SELECT FROM fulfilment_push "
    "AS p WHERE p.order_id = o.id AND p.operation = 'create' AND p.state = 'ready')) ORDER BY o.id DESC LIMIT %s"
)


@dataclass(frozen=True, slots=True)
class Share:
    """One row of the table: how many orders it would take, released ones and those still under review.

    ``row`` counts from 1; ``examples`` are (order id, order number).
    """

    row: int
    to: str
    released: int
    reviewed: int
    examples: tuple[tuple[int, str], ...]


def run(merchant: int, rows: Sequence[Mapping[str, Any]]) -> list[Share]:
    """Return what each row would take; raises ``routing.RoutingError`` with every fault of the table."""
    names = dict(Destination.objects.filter(merchant_id=merchant).values_list("name", "id"))
    kept = routing.read_rows(rows, names)
    # a row is told from another one to the same warehouse by its place
    placed = [{**row, "to": str(place)} for place, row in enumerate(kept)]
    orders = queries.frame(merchant, _WAITING, [MOST], also={"id": pl.Int64(), "stage": pl.String()})
    chosen = routing.route(json.dumps(placed, ensure_ascii=False), orders, timezone.now())
    told = orders.select("id", "order_no", "stage", place=chosen.cast(pl.Int64))
    grouped = told.group_by("place").agg(
        released=(pl.col("stage") == "released").sum(),
        reviewed=(pl.col("stage") != "released").sum(),
        ids=pl.col("id").head(_SHOWN),
        numbers=pl.col("order_no").head(_SHOWN),
    )
    by_place = {row["place"]: row for row in grouped.to_dicts()}
    return [_share(place, row["to"], by_place.get(place)) for place, row in enumerate(kept)]


def _share(place: int, to: str, found: Mapping[str, Any] | None) -> Share:
    if found is None:
        return Share(place + 1, to, 0, 0, ())
    examples = tuple(zip(found["ids"], found["numbers"], strict=True))
    return Share(place + 1, to, found["released"], found["reviewed"], examples)

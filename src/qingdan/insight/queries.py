"""Reads behind the board. Every number here is the total of the orders page under the matching filter."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from qingdan.core.lifecycle import BACKLOG, Stage

OVERDUE_ROWS: Final = 20
"""How many of the overdue orders the board lists, the longest overdue first."""

_CLEARED: Final = (Stage.RELEASED, Stage.SENT)

_BOARD: Final = """
WITH live AS (
    SELECT stage, channel, province, tier, shop_id, sum(n) AS n
      FROM orders_counter WHERE merchant_id = %(merchant)s GROUP BY 1, 2, 3, 4, 5
), soon AS (
    SELECT count(*) FILTER (WHERE due_at < %(now)s) AS overdue,
           count(*) FILTER (WHERE due_at >= %(now)s AND due_at < %(h2)s) AS h2,
           count(*) FILTER (WHERE due_at >= %(now)s AND due_at < %(h12)s) AS h12,
           count(*) FILTER (WHERE due_at >= %(now)s) AS h24
      FROM orders_order
     WHERE merchant_id = %(merchant)s AND stage IN ('exception', 'held', 'in_review') AND due_at < %(h24)s
)
SELECT 'stage', stage, sum(n) FROM live GROUP BY stage
UNION ALL
SELECT CASE WHEN grouping(channel) = 0 THEN 'channel' WHEN grouping(province) = 0 THEN 'province'
            WHEN grouping(tier) = 0 THEN 'tier' ELSE 'shop' END,
       coalesce(channel, province, tier, shop_id::text), sum(n)
  FROM live WHERE stage = ANY(%(backlog)s)
 GROUP BY GROUPING SETS ((channel), (province), (tier), (shop_id))
UNION ALL
SELECT 'late', '', count(*) FROM orders_order
 WHERE merchant_id = %(merchant)s AND stage IN ('exception', 'held', 'in_review', 'released', 'sent')
   AND ship_by_effective < %(now)s
UNION ALL
SELECT 'reason', reason, sum(n) FROM orders_reasoncounter WHERE merchant_id = %(merchant)s GROUP BY reason
UNION ALL
SELECT 'due', due.name, due.n
  FROM soon, LATERAL (VALUES ('overdue', overdue), ('h2', h2), ('h12', h12), ('h24', h24)) AS due (name, n)
"""
"""Everything in one statement, so that all numbers are of one moment of the store. The stages stand in the text as in
the partial indexes that answer: what is counted one by one is only what is late or due within the day."""


@dataclass(frozen=True, slots=True)
class Share:
    """Number of orders with one value; ``id`` is None for orders without one."""

    id: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Board:
    """Where one merchant's orders stand at ``as_of``.

    ``by_stage`` covers all orders, from stage to stage; the other shares cover the backlog, the largest first.
    ``release_rate`` is the share of cleared orders (released or sent) among those that were or are ours to clear; None
    when there are none. ``due_*`` count the backlog due within so many hours from now, each window holding the smaller
    ones. ``late`` counts paid orders, cleared ones too, that have not left by the time promised to the buyer.
    """

    as_of: datetime
    total: int
    backlog: int
    release_rate: float | None
    by_stage: list[Share]
    by_channel: list[Share]
    by_province: list[Share]
    by_tier: list[Share]
    by_shop: list[Share]
    by_reason: list[Share]
    overdue: int
    due_2h: int
    due_12h: int
    due_24h: int
    late: int


def board(merchant_id: int, now: datetime) -> Board:
    """Return the board of a merchant."""
    params: dict[str, int | list[str] | datetime] = {
        "merchant": merchant_id,
        "backlog": [str(stage) for stage in sorted(BACKLOG)],
        "now": now,
        "h2": now + timedelta(hours=2),
        "h12": now + timedelta(hours=12),
        "h24": now + timedelta(hours=24),
    }
    shares: dict[str, list[Share]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_BOARD, params)
        for kind, value, count in cursor.fetchall():
            if count:
                shares.setdefault(kind, []).append(Share(value or None, int(count)))
    due = {share.id: share.count for share in shares.get("due", ())}
    by_stage = {share.id: share.count for share in shares.get("stage", ())}
    backlog = sum(by_stage.get(stage, 0) for stage in BACKLOG)
    cleared = sum(by_stage.get(stage, 0) for stage in _CLEARED)
    return Board(
        as_of=now,
        total=sum(by_stage.values()),
        backlog=backlog,
        release_rate=cleared / (cleared + backlog) if cleared + backlog else None,
        by_stage=[Share(stage, by_stage[stage]) for stage in Stage if stage in by_stage],
        by_channel=_largest_first(shares.get("channel", ())),
        by_province=_largest_first(shares.get("province", ())),
        by_tier=_largest_first(shares.get("tier", ())),
        by_shop=_largest_first(shares.get("shop", ())),
        by_reason=_largest_first(shares.get("reason", ())),
        overdue=due.get("overdue", 0),
        due_2h=due.get("h2", 0),
        due_12h=due.get("h12", 0),
        due_24h=due.get("h24", 0),
        late=sum(share.count for share in shares.get("late", ())),
    )


_FLOW: Final = """
SELECT hour, coalesce(sum(f.came), 0), coalesce(sum(f.went), 0)
  FROM generate_series(date_trunc('hour', %(now)s::timestamptz) - interval '23 hours',
                       date_trunc('hour', %(now)s::timestamptz), interval '1 hour') AS hour
  LEFT JOIN orders_flow AS f
         ON f.merchant_id = %(merchant)s AND f.at >= hour AND f.at < hour + interval '1 hour'
 GROUP BY hour ORDER BY hour
"""


@dataclass(frozen=True, slots=True)
class Hour:
    """How many orders began to wait for us in the hour that starts at ``at``, and how many stopped waiting."""

    at: datetime
    came: int
    went: int


def flow(merchant_id: int, now: datetime) -> list[Hour]:
    """Return what came and went in each of the last 24 hours, the running one last."""
    with connection.cursor() as cursor:
        cursor.execute(_FLOW, {"merchant": merchant_id, "now": now})
        return [Hour(at, int(came), int(went)) for at, came, went in cursor.fetchall()]


def _largest_first(shares: Iterable[Share]) -> list[Share]:
    return sorted(shares, key=lambda share: (-share.count, share.id or ""))

"""The orders of a clean-up: joined by a filter, counted where they stand.

Every figure is a count over the very orders, so that a tile, the list behind it and the report can not disagree.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection

from qingdan.campaigns.kinds import KIND, KINDS, PARKED, WAITS
from qingdan.campaigns.models import Campaign
from qingdan.core.lifecycle import UNSHIPPED
from qingdan.orders import search
from qingdan.orders.schemas import FiltersIn

_JOIN: Final = f"""
INSERT INTO campaigns_item (campaign_id, order_id, kind, stage, overdue, late, joined_at)
SELECT %(campaign)s, o.id, {KIND}, o.stage, {WAITS} AND coalesce(o.due_at < %(now)s, false),
       coalesce(o.ship_by_effective < %(now)s, false), %(now)s
  FROM orders_order AS o WHERE o.id = ANY (%(orders)s) AND o.merchant_id = %(merchant)s
ON CONFLICT (campaign_id, order_id) DO NOTHING
"""  # noqa: S608 - put together from our own texts
_STANDING: Final = f"""
SELECT CASE WHEN {WAITS} THEN {KIND} ELSE i.kind END,
       count(*), count(*) FILTER (WHERE NOT {WAITS}),
       count(*) FILTER (WHERE NOT {WAITS} AND o.decided_kind IS DISTINCT FROM 'user'),
       count(*) FILTER (WHERE {PARKED}),
       count(*) FILTER (WHERE {WAITS} AND o.due_at < %(now)s),
       count(*) FILTER (WHERE o.stage IN ('in_review','exception','held','released','sent')
                          AND o.ship_by_effective < %(now)s)
  FROM campaigns_item AS i JOIN orders_order AS o ON o.id = i.order_id
 WHERE i.campaign_id = %(campaign)s GROUP BY 1
"""  # noqa: S608
_PILE: Final = f"""
WITH pile AS (
    SELECT o.channel, o.reasons, {KIND} AS kind, coalesce(o.tier, '-') AS tier,
           CASE WHEN o.paid_at > %(now)s - interval '1 day' THEN 'd1' WHEN o.paid_at > %(now)s - interval '2 days'
                THEN 'd2' WHEN o.paid_at > %(now)s - interval '3 days' THEN 'd3'
                WHEN o.paid_at > %(now)s - interval '7 days' THEN 'd7' ELSE 'older' END AS age
      FROM campaigns_item AS i JOIN orders_order AS o ON o.id = i.order_id
     WHERE i.campaign_id = %(campaign)s AND {WAITS}
)
SELECT 'channel', channel, count(*) FROM pile GROUP BY 2
UNION ALL SELECT 'age', age, count(*) FROM pile GROUP BY 2
UNION ALL SELECT 'kind', kind, count(*) FROM pile GROUP BY 2
UNION ALL SELECT 'tier', tier, count(*) FROM pile GROUP BY 2
UNION ALL SELECT 'reason', reason, count(*) FROM pile, unnest(reasons) AS reason GROUP BY 2
ORDER BY 3 DESC, 2
"""  # noqa: S608
_UNOWNED: Final = """
SELECT o.id, o.order_no, o.channel, o.reasons, c.type, u.name
  FROM campaigns_item AS i JOIN orders_order AS o ON o.id = i.order_id
  LEFT JOIN desk_assignment AS a ON a.order_id = o.id
  LEFT JOIN LATERAL (
      SELECT type, owner_id FROM cases_case WHERE order_id = o.id AND state <> 'closed'
       ORDER BY (owner_id IS NULL), id LIMIT 1
  ) AS c ON true
  LEFT JOIN people_user AS u ON u.id = coalesce(a.user_id, c.owner_id)
 WHERE i.campaign_id = %(campaign)s AND o.stage = 'exception' AND (c.type IS NULL OR u.id IS NULL)
 ORDER BY o.due_at NULLS LAST, o.id
"""
_DONE_BY: Final = f"""
SELECT CASE WHEN o.decided_kind = 'user' THEN o.decided_id END,
       CASE WHEN o.decided_kind = 'user' THEN o.decided_name END, count(*)
  FROM campaigns_item AS i JOIN orders_order AS o ON o.id = i.order_id
 WHERE i.campaign_id = %(campaign)s AND NOT {WAITS} GROUP BY 1, 2 ORDER BY 3 DESC, 2
"""  # noqa: S608
_AGES: Final = ("d1", "d2", "d3", "d7", "older")


def join(campaign: Campaign, now: datetime) -> int:
    """Take in the orders that the clean-up's filter finds and that have not shipped; return how many are new."""
    filters = FiltersIn.model_validate(campaign.filters).to_filters()
    found = search.find(campaign.merchant_id, filters, now).filter(stage__in=sorted(UNSHIPPED))
    with connection.cursor() as cursor:
        cursor.execute(
            _JOIN,
            {
                "campaign": campaign.pk,
                "merchant": campaign.merchant_id,
                "orders": list(found.values_list("id", flat=True)),
                "now": now,
            },
        )
        return int(cursor.rowcount)


def standing(campaign: Campaign, now: datetime) -> dict[str, Any]:
    """Return how far it is: ``total``, ``done`` (of which ``by_rules``), ``left``, ``parked``, ``overdue``, ``late``.

    ``left`` counts every order that still waits, ``parked`` those of them that a person put aside; ``late`` those that
    have not left by the time promised to the buyer. ``kinds`` has the same by kind of work.
    """
    names = ("total", "done", "by_rules", "parked", "overdue", "late")
    rows = {row[0]: dict(zip(names, row[1:], strict=True)) for row in _rows(_STANDING, campaign, now)}
    kinds = []
    for kind in KINDS:
        row = rows.get(kind, dict.fromkeys(names, 0))
        kinds.append({"kind": kind, **row, "left": row["total"] - row["done"]})
    return {**{name: sum(row[name] for row in kinds) for name in (*names, "left")}, "kinds": kinds}


def pile(campaign: Campaign, now: datetime) -> dict[str, list[dict[str, Any]]]:
    """Return what waits by ``channel``, ``age``, ``kind``, ``tier`` and ``reason``, the most first, ages in order."""
    grouped: dict[str, list[dict[str, Any]]] = {"channel": [], "age": [], "kind": [], "tier": [], "reason": []}
    for by, value, count in _rows(_PILE, campaign, now):
        grouped[by].append({"value": value, "count": count})
    grouped["age"].sort(key=lambda row: _AGES.index(row["value"]))
    return grouped


def unowned(campaign: Campaign, now: datetime) -> list[dict[str, Any]]:
    """Return the exceptions that have no type of problem, or nobody who answers for them."""
    names = ("id", "order_no", "channel", "reasons", "type", "owner")
    return [dict(zip(names, row, strict=True)) for row in _rows(_UNOWNED, campaign, now)]


def done_by(campaign: Campaign, now: datetime) -> list[dict[str, Any]]:
    """Return who decided the orders that are done, the most first; ``user_id`` is null for the rules."""
    return [
        {"user_id": int(key) if key else None, "name": name, "orders": count}
        for key, name, count in _rows(_DONE_BY, campaign, now)
    ]


def _rows(statement: str, campaign: Campaign, now: datetime) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"campaign": campaign.pk, "now": now})
        found: Sequence[tuple[Any, ...]] = cursor.fetchall()
        return found

"""Reads behind the incidents page, feed health for the board, and the differences."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from django.db import connection

from qingdan.core.flow import silence
from qingdan.fulfilment.adapters import LABELS
from qingdan.fulfilment.models import Destination
from qingdan.orders.models import Order, Shop
from qingdan.oversight import messages
from qingdan.oversight.models import Difference, Incident, Reconciliation

_HOUR: Final = dt.timedelta(hours=1)
_RATES: Final = """
SELECT v.kind, v.source, max(v.last_at),
       sum(v.n) FILTER (WHERE v.slot > %(now)s - interval '1 hour')::bigint,
       count(*) FILTER (WHERE v.slot > %(now)s - interval '1 hour')
  FROM oversight_voice AS v
 WHERE v.merchant_id = %(merchant)s AND v.kind IN ('shop', 'answers', 'returns', 'carrier')
   AND v.slot > %(now)s - interval '30 days' AND v.slot <= %(now)s
 GROUP BY 1, 2
"""
_USUAL: Final = """
SELECT v.kind, v.source, sum(v.n)::float8, min(w.k)
  FROM generate_series(1, %(weeks)s) AS w (k)
  JOIN oversight_voice AS v ON v.merchant_id = %(merchant)s AND v.kind IN ('shop', 'answers', 'returns', 'carrier')
   AND v.slot > %(now)s - w.k * interval '7 days' - interval '1 hour' AND v.slot <= %(now)s - w.k * interval '7 days'
 GROUP BY 1, 2
"""
_FIRST: Final = """
SELECT kind, source, min(slot) FROM oversight_voice
 WHERE merchant_id = %s AND kind IN ('shop', 'answers', 'returns', 'carrier') GROUP BY 1, 2
"""


def incidents(merchant: int, *, open_: bool | None, number: int, size: int) -> tuple[list[dict[str, Any]], int]:
    """Return one page of incidents, the open ones first, and how many there are."""
    found = Incident.objects.filter(merchant_id=merchant)
    if open_ is not None:
        found = found.filter(closed_at__isnull=open_)
    page = found.order_by("-closed_at", "-id")[(number - 1) * size : number * size]
    return [incident(one) for one in page], found.count()


def incident(one: Incident) -> dict[str, Any]:
    """Return an incident with the words for its cause."""
    cause, advice = messages.CAUSES[one.cause]
    names = ("id", "kind", "source", "name", "cause", "detail", "since", "opened_at", "owner_role", "behind", "most")
    more = ("taken_name", "taken_at", "closed_at", "end", "note")
    return {
        **{name: getattr(one, name) for name in (*names, *more)},
        "usual_seconds": None if one.usual is None else round(one.usual),
        "allowed_seconds": round(one.allowed),
        "cause_words": cause.both(),
        "advice": advice.both(),
    }


def feeds(merchant: int, now: dt.datetime) -> list[dict[str, Any]]:
    """Return how every source does: its last voice, its lag, and the last hour against the usual at this hour.

    ``last_hour`` and ``usual_hour`` count orders of a shop, answers and reports of a warehouse, parcels of a carrier.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RATES, {"merchant": merchant, "now": now})
        rates = {(row[0], row[1]): row[2:] for row in cursor.fetchall()}
        cursor.execute(_USUAL, {"merchant": merchant, "now": now, "weeks": silence.WEEKS})
        sums = {(row[0], row[1]): row[2] for row in cursor.fetchall()}
        cursor.execute(_FIRST, [merchant])
        first = {(row[0], row[1]): row[2] for row in cursor.fetchall()}
    silent = {
        (one.kind, one.source): one for one in Incident.objects.filter(merchant_id=merchant, closed_at__isnull=True)
    }
    names = _names(merchant)
    made = []
    for key, (last, hour, _) in sorted(rates.items()):
        kind, source = key
        known = names.get(key)
        if known is None:
            continue
        of = silent.get(("warehouse" if kind in {"answers", "returns"} else kind, source))
        weeks = min(silence.WEEKS, (now - first[key]) // dt.timedelta(weeks=1))
        made.append(
            {
                "kind": kind,
                "source": source,
                **known,
                "last_at": last,
                "lag_seconds": max(0, round((now - last).total_seconds())),
                "last_hour": hour or 0,
                "usual_hour": round(sums.get(key, 0.0) / weeks, 1) if weeks else None,
                "incident": of.pk if of else None,
            }
        )
    return made


def _names(merchant: int) -> Mapping[tuple[str, str], dict[str, Any]]:
    names: dict[tuple[str, str], dict[str, Any]] = {}
    for shop in Shop.objects.filter(merchant_id=merchant):
        names["shop", str(shop.pk)] = {"name": shop.name, "of": shop.channel}
    for to in Destination.objects.filter(merchant_id=merchant):
        label = LABELS.get(to.adapter)
        for kind in ("answers", "returns"):
            names[kind, str(to.pk)] = {"name": to.name, "of": label.zh if label else to.adapter}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT source FROM oversight_voice WHERE merchant_id = %s AND kind = 'carrier' GROUP BY 1", [merchant]
        )
        for (carrier,) in cursor.fetchall():
            names["carrier", carrier] = {"name": carrier, "of": ""}
    return names


def differences(
    merchant: int, *, state: str, book: str | None, number: int, size: int
) -> tuple[list[dict[str, Any]], int]:
    """Return one page of differences, the newest first: ``open``, ``settled`` or ``gone``."""
    found = Difference.objects.filter(merchant_id=merchant)
    if book is not None:
        found = found.filter(book=book)
    match state:
        case "open":
            found = found.filter(vanished_at__isnull=True, settled_at__isnull=True)
        case "settled":
            found = found.filter(settled_at__isnull=False)
        case _:
            found = found.filter(vanished_at__isnull=False, settled_at__isnull=True)
    page = list(found.order_by("-id")[(number - 1) * size : number * size])
    orders = {
        row["id"]: row
        for row in Order.objects.filter(id__in=[one.order_id for one in page]).values(
            "id", "order_no", "channel", "shop__name", "stage"
        )
    }
    return [difference(one, orders[one.order_id]) for one in page], found.count()


def difference(one: Difference, order: Mapping[str, Any]) -> dict[str, Any]:
    """Return a difference with its order and its words."""
    names = ("id", "book", "name", "order_id", "kind", "amount", "found_at", "seen_at", "vanished_at")
    return {
        **{name: getattr(one, name) for name in (*names, "settled_name", "settled_at", "reason")},
        "order_no": order["order_no"],
        "channel": order["channel"],
        "shop": order["shop__name"],
        "stage": order["stage"],
        "what": messages.KINDS[one.kind].both(),
        "ours": messages.STATES[one.ours].both(),
        "theirs": messages.STATES[one.theirs].both(),
    }


def settled(found: list[Difference]) -> list[dict[str, Any]]:
    """Return differences as they now stand."""
    rows = Order.objects.filter(id__in=[one.order_id for one in found])
    orders = {row["id"]: row for row in rows.values("id", "order_no", "channel", "shop__name", "stage")}
    return [difference(one, orders[one.order_id]) for one in found]


def reconciliations(merchant: int) -> list[Reconciliation]:
    """Return the newest thirty comparisons."""
    return list(Reconciliation.objects.filter(merchant_id=merchant).order_by("-id")[:30])

"""The daily comparison of our ledger with the warehouses' books and with the bills."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction

from qingdan.fulfilment import hearing, standing
from qingdan.fulfilment.models import Destination
from qingdan.fulfilment.standing import Standing
from qingdan.fulfilment.wms import Happened, Meaning
from qingdan.orders.models import Merchant
from qingdan.oversight.models import Reconciliation

RECENT: Final = dt.timedelta(days=3)
"""Deliveries so old are compared; older ones have been, or their orders are over."""
MOST: Final = 3000
"""Deliveries of one warehouse that are asked for a day; of more, another part each day."""
ASKING: Final = 600.0
"""Seconds that asking one warehouse may take."""

_OURS: Final = """
WITH newest AS (
    SELECT DISTINCT ON (p.order_id) p.order_id, p.revision
      FROM fulfilment_push AS p
     WHERE p.destination_id = %(destination)s AND p.operation = 'create' AND p.state = 'done'
       AND p.ended_at > %(since)s AND p.ended_at <= %(until)s AND (%(orders)s::bigint[] IS NULL
           OR p.order_id = ANY (%(orders)s::bigint[]))
     ORDER BY p.order_id, p.revision DESC
)
SELECT n.order_id, n.revision, CASE WHEN o.stage IN ('sent', 'shipped') THEN o.stage ELSE 'withdrawn' END
  FROM newest AS n JOIN orders_order AS o ON o.id = n.order_id
 WHERE o.stage IN ('sent', 'shipped') OR EXISTS (
       SELECT FROM fulfilment_push AS stop WHERE stop.order_id = n.order_id AND stop.operation = 'cancel'
          AND stop.revision = n.revision AND stop.state = 'done')
 ORDER BY md5(n.order_id::text || %(day)s) LIMIT %(most)s
"""
_BILLS: Final = """
SELECT o.id, CASE
         WHEN m.state = 'missing' THEN 'shipped_unpaid'
         WHEN m.state IN ('short', 'over', 'double') THEN 'paid_differs'
         WHEN m.state = 'refunded' AND o.stage = 'shipped' THEN 'shipped_refunded'
         ELSE 'refund_unknown' END,
       CASE WHEN m.state IN ('refunded', 'part_refunded') AND NOT (m.state = 'refunded' AND o.stage = 'shipped')
            THEN 'no_refund' ELSE o.stage END,
       m.state, m.difference
  FROM finance_payment AS m JOIN orders_order AS o ON o.id = m.order_id
 WHERE m.merchant_id = %s AND m.settled_at IS NULL AND o.stage IN ('sent', 'shipped')
   AND (m.state IN ('missing', 'short', 'over', 'double')
        OR m.state IN ('refunded', 'part_refunded')
           AND coalesce(o.refund_state, 'none') NOT IN ('requested', 'in_progress', 'success'))
"""
_COMPARED: Final = """
SELECT count(*) FROM finance_payment AS m JOIN orders_order AS o ON o.id = m.order_id
 WHERE m.merchant_id = %s AND o.stage IN ('sent', 'shipped')
"""
_WRITE: Final = """
INSERT INTO oversight_difference AS d (merchant_id, book, name, order_id, kind, ours, theirs, amount, found_at, seen_at,
                                       settled_id, settled_name, reason)
SELECT %(merchant)s, %(book)s, %(name)s, t.order_id, t.kind, t.ours, t.theirs, t.amount, %(now)s, %(now)s, '', '', ''
  FROM unnest(%(orders)s::bigint[], %(kinds)s::text[], %(ours)s::text[], %(theirs)s::text[], %(amounts)s::bigint[])
       AS t (order_id, kind, ours, theirs, amount)
ON CONFLICT (merchant_id, book, order_id, kind, ours, theirs) WHERE vanished_at IS NULL
DO UPDATE SET seen_at = excluded.seen_at, amount = excluded.amount
"""
_GONE: Final = """
UPDATE oversight_difference SET vanished_at = %(now)s
 WHERE merchant_id = %(merchant)s AND book = %(book)s AND vanished_at IS NULL AND seen_at < %(now)s
   AND (%(compared)s::bigint[] IS NULL OR order_id = ANY (%(compared)s::bigint[]))
"""


@dataclass(frozen=True, slots=True)
class Found:
    """One difference; ``amount`` is fen, of a bill."""

    order_id: int
    kind: str
    ours: str
    theirs: str
    amount: int | None = None


def reconcile(now: dt.datetime, *, merchant: int | None = None) -> list[Reconciliation]:
    """Compare every merchant's ledger (or one's) with its warehouses and its bills."""
    merchants = Merchant.objects.filter(pk=merchant) if merchant is not None else Merchant.objects.all()
    made: list[Reconciliation] = []
    for one in merchants.order_by("id"):
        for to in Destination.objects.filter(merchant_id=one.pk, active=True).order_by("id"):
            done = with_warehouse(to, now)
            made += [done] if done is not None else []
        done = with_bills(one.pk, now)
        made += [done] if done is not None else []
    return made


def with_warehouse(to: Destination, now: dt.datetime) -> Reconciliation | None:
    """Compare recent deliveries with a warehouse's own books; None when there is nothing to compare."""
    ours = _ours(to, now, None)
    if not ours:
        return None
    told = standing.ask(to, {order: revision for order, (revision, _) in ours.items()}, seconds=ASKING)
    if not told:
        return None  # it can not be asked, or does not answer: silence is noticed elsewhere
    # what has moved while the warehouse was being asked is compared tomorrow
    after = _ours(to, now, [one.order_id for one in told])
    settled = [one for one in told if ours[one.order_id] == after.get(one.order_id)]
    reads = standing.tells(to)
    missed = [one for one in settled if ours[one.order_id][1] == "sent" and _can_be_learned(one)]
    caught_up = hearing.learn(to, [one.event for one in missed if one.event is not None]) if missed else 0
    found = [
        difference
        for one in settled
        if one not in missed and (difference := differs(ours[one.order_id][1], one, reads=reads)) is not None
    ]
    return _write(
        to.merchant_id, "warehouse", to.name, found, now,
        compared=[one.order_id for one in settled], unanswered=len(ours) - len(told), caught_up=caught_up,
    )  # fmt: skip


def _can_be_learned(one: Standing) -> bool:
    """Whether a warehouse has told what left with whom; of others the relay reads the list of shipments."""
    return one.event is not None and one.event.kind is Happened.SHIPPED and bool(one.event.parcels)


def with_bills(merchant: int, now: dt.datetime) -> Reconciliation | None:
    """Compare what has left with what the bills say came in; None while no bill is there."""
    with connection.cursor() as cursor:
        cursor.execute(_COMPARED, [merchant])
        compared = int(cursor.fetchone()[0])
        if not compared:
            return None
        cursor.execute(_BILLS, [merchant])
        found = [Found(*row) for row in cursor.fetchall()]
    return _write(merchant, "bill", "", found, now, compared=None, count=compared)


def differs(ours: str, one: Standing, *, reads: bool) -> Found | None:
    """Say how our state of a delivery and the warehouse's differ; ``reads`` says that it tells how far it is."""
    theirs = _theirs(one)
    match ours, theirs:
        case (("sent" | "shipped"), "absent"):
            kind = "absent_there"
        case "sent", "cancelled":
            kind = "cancelled_there"
        case "sent", "shipped":
            kind = "shipped_there"
        case "shipped", "cancelled":
            kind = "not_shipped_there"
        case "shipped", "taken" if reads and one.event is not None:
            kind = "not_shipped_there"
        case "withdrawn", ("taken" | "shipped"):
            kind = "live_there"
        case _:
            return None
    return Found(one.order_id, kind, ours, theirs)


def _theirs(one: Standing) -> str:
    if one.said.meaning is Meaning.ABSENT:
        return "absent"
    if one.said.meaning is Meaning.REFUSED or (one.event is not None and one.event.kind is Happened.STOPPED):
        return "cancelled"
    if one.said.meaning is not Meaning.TAKEN:
        return ""
    return "shipped" if one.event is not None and one.event.kind is Happened.SHIPPED else "taken"


def _ours(to: Destination, now: dt.datetime, orders: Sequence[int] | None) -> Mapping[int, tuple[int, str]]:
    params: dict[str, Any] = {
        "destination": to.pk,
        "since": now - RECENT,
        "until": now,
        "orders": orders,
        "day": f"{now:%Y-%m-%d}",
        "most": MOST,
    }
    with connection.cursor() as cursor:
        cursor.execute(_OURS, params)
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}


def _write(
    merchant: int,
    book: str,
    name: str,
    found: Sequence[Found],
    now: dt.datetime,
    *,
    compared: Iterable[int] | None,
    count: int = 0,
    unanswered: int = 0,
    caught_up: int = 0,
) -> Reconciliation:
    """Keep what differs; what was compared and no longer differs is gone. A settled one stays settled."""
    known = None if compared is None else sorted(compared)
    params: dict[str, Any] = {
        "merchant": merchant,
        "book": book,
        "name": name,
        "now": now,
        "orders": [one.order_id for one in found],
        "kinds": [one.kind for one in found],
        "ours": [one.ours for one in found],
        "theirs": [one.theirs for one in found],
        "amounts": [one.amount for one in found],
        "compared": known,
    }
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_WRITE, params)
        cursor.execute(_GONE, params)
        return Reconciliation.objects.create(
            merchant_id=merchant,
            book=book,
            name=name,
            compared=count if known is None else len(known),
            unanswered=unanswered,
            caught_up=caught_up,
            found=len(found),
            vanished=cursor.rowcount,
            began_at=now,
        )

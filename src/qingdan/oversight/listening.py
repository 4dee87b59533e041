"""Who spoke when: folds what the other rooms stored into voices, five minutes a row. Repeats are harmless."""

import datetime as dt
from typing import Final

from django.db import connection, transaction

SLOT: Final = dt.timedelta(minutes=5)
MARGIN: Final = dt.timedelta(minutes=15)
"""Longer than a transaction takes that stores what somebody told: what commits late is found again."""
KEPT: Final = dt.timedelta(weeks=9)
"""How long voices are kept, and how far back the first look goes; habits are learned from eight weeks."""

_SLOT_OF: Final = "date_bin(interval '5 minutes', {at}, timestamptz '2000-01-01 00:00+00')"
_KEEP: Final = """
ON CONFLICT (merchant_id, kind, source, slot) DO UPDATE
   SET n = greatest(v.n, excluded.n), last_at = greatest(v.last_at, excluded.last_at)
 WHERE excluded.n > v.n OR excluded.last_at > v.last_at
"""
_ADD: Final = "INSERT INTO oversight_voice AS v (merchant_id, kind, source, slot, n, last_at) "

_ANSWERS: Final = f"""
{_ADD} SELECT d.merchant_id, 'answers', d.id::text, {_SLOT_OF.format(at="p.ended_at")}, count(*), max(p.ended_at)
  FROM fulfilment_destination AS d
  JOIN fulfilment_push AS p ON p.destination_id = d.id AND p.state = 'done'
 WHERE p.ended_at >= %(since)s AND p.ended_at <= %(now)s
 GROUP BY 1, 3, 4 {_KEEP}
"""  # noqa: S608 - put together from our own texts
_RETURNS: Final = f"""
{_ADD} SELECT merchant_id, 'returns', source, slot, count(*), max(at) FROM (
    SELECT d.merchant_id, d.id::text AS source, r.at, {_SLOT_OF.format(at="r.at")} AS slot
      FROM fulfilment_destination AS d JOIN fulfilment_receipt AS r ON r.destination_id = d.id
     WHERE r.at >= %(since)s AND r.at <= %(now)s
    UNION ALL
    SELECT d.merchant_id, d.id::text, p.told_at, {_SLOT_OF.format(at="p.told_at")}
      FROM fulfilment_destination AS d JOIN fulfilment_parcel AS p ON p.destination_id = d.id
     WHERE p.told_at >= %(since)s AND p.told_at <= %(now)s) AS told
 GROUP BY 1, 3, 4 {_KEEP}
"""  # noqa: S608 - put together from our own texts
_CARRIERS: Final = f"""
{_ADD} SELECT d.merchant_id, 'carrier', p.carrier, {_SLOT_OF.format(at="p.told_at")}, count(*), max(p.told_at)
  FROM fulfilment_destination AS d JOIN fulfilment_parcel AS p ON p.destination_id = d.id
 WHERE p.told_at >= %(since)s AND p.told_at <= %(now)s AND p.carrier <> ''
 GROUP BY 1, 3, 4 {_KEEP}
"""  # noqa: S608 - put together from our own texts
_SHOPS: Final = f"""
WITH fresh AS (
    SELECT i.id, i.merchant_id, i.finished_at, {_SLOT_OF.format(at="i.finished_at")} AS slot
      FROM intake_import AS i
     WHERE i.finished_at >= %(since)s AND i.finished_at <= %(now)s AND i.state = 'done'
       AND NOT EXISTS (SELECT FROM oversight_voice AS known
                        WHERE known.merchant_id = i.merchant_id AND known.kind = 'import' AND known.source = i.id::text)
), marked AS (
    INSERT INTO oversight_voice (merchant_id, kind, source, slot, n, last_at)
    SELECT merchant_id, 'import', id::text, slot, 1, finished_at FROM fresh ON CONFLICT DO NOTHING
)
{_ADD} SELECT f.merchant_id, 'shop', o.shop_id::text, f.slot, count(*), max(f.finished_at)
  FROM fresh AS f
  JOIN orders_orderevent AS e ON e.import_id = f.id
  JOIN orders_order AS o ON o.id = e.order_id
 GROUP BY 1, 3, 4
ON CONFLICT (merchant_id, kind, source, slot) DO UPDATE
   SET n = v.n + excluded.n, last_at = greatest(v.last_at, excluded.last_at)
"""  # noqa: S608 - put together from our own texts
_SINCE: Final = "SELECT max(slot) FROM oversight_voice WHERE kind = ANY (%s)"
_FOLDS: Final = (
    (["answers"], _ANSWERS),
    (["returns"], _RETURNS),
    (["carrier"], _CARRIERS),
    (["import"], _SHOPS),
)


def listen(now: dt.datetime) -> None:
    """Fold what was told up to ``now``; the first time, of the last weeks, so that habits are known at once."""
    for kinds, fold in _FOLDS:
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute(_SINCE, [kinds])
            last = cursor.fetchone()[0]
            since = now - KEPT if last is None else min(last, now) - MARGIN
            # whole slots only: a count of half a slot would be too low
            since -= (since - dt.datetime(2000, 1, 1, tzinfo=dt.UTC)) % SLOT
            cursor.execute(fold, {"since": since, "now": now})


def hear(merchant: int, kind: str, source: str, at: dt.datetime, n: int = 1) -> None:
    """Note that a source spoke, for rooms that know it at once; part of the caller's transaction."""
    slot = at - (at - dt.datetime(2000, 1, 1, tzinfo=dt.UTC)) % SLOT
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_ADD} VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (merchant_id, kind, source, slot) DO UPDATE "
            "SET n = v.n + excluded.n, last_at = greatest(v.last_at, excluded.last_at)",
            [merchant, kind, source, slot, n, at],
        )


def forget(now: dt.datetime) -> int:
    """Drop voices from which nothing is learned any more; return how many."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("DELETE FROM oversight_voice WHERE slot < %s", [now - KEPT])
        return int(cursor.rowcount)

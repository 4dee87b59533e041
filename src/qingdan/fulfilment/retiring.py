"""What the way out keeps, and for how long.

Messages are kept for ``RECEIPT_DAYS``: a copy of an older one is refused by its time, and a confirmation that is told
once more finds its parcels known. Pushes that ended are kept for ``PUSH_DAYS``; then the stops, the earlier revisions
and those that never left are dropped. Of an order's newest push a row stays, without the warehouse's words: it
remembers which numbers the warehouse knows, so that a second shipment never takes the number of the first.
"""

import datetime as dt
from typing import Final

from django.db import connection, transaction

RECEIPT_DAYS: Final = 90
PUSH_DAYS: Final = 180
_AT_ONCE: Final = 20_000

_RECEIPTS: Final = """
DELETE FROM fulfilment_receipt WHERE id IN (
    SELECT id FROM fulfilment_receipt WHERE at < %(before)s ORDER BY id LIMIT %(most)s)
"""
_PUSHES: Final = """
DELETE FROM fulfilment_push AS p USING (
    SELECT o.order_id, o.operation, o.revision FROM fulfilment_push AS o
     WHERE o.state IN ('done', 'failed', 'cancelled') AND o.ended_at < %(before)s
       AND (o.operation = 'cancel' OR o.attempt = 0 OR EXISTS (
            SELECT FROM fulfilment_push AS later WHERE later.order_id = o.order_id AND later.operation = 'create'
               AND later.revision > o.revision AND later.attempt > 0))
       AND NOT EXISTS (SELECT FROM fulfilment_push AS live WHERE live.order_id = o.order_id
                          AND live.state IN ('ready', 'sending', 'unknown'))
     LIMIT %(most)s) AS old
 WHERE p.order_id = old.order_id AND p.operation = old.operation AND p.revision = old.revision
"""
_WORDS: Final = """
UPDATE fulfilment_push AS p SET detail = '', said = NULL FROM (
    SELECT o.order_id, o.operation, o.revision FROM fulfilment_push AS o
     WHERE o.state IN ('done', 'failed', 'cancelled') AND o.ended_at < %(before)s
       AND (o.detail <> '' OR o.said IS NOT NULL)
     LIMIT %(most)s) AS old
 WHERE p.order_id = old.order_id AND p.operation = old.operation AND p.revision = old.revision
"""


def retire(now: dt.datetime) -> dict[str, int]:
    """Drop what is older than its time, in small transactions; return how many rows of each."""
    receipts, pushes = now - dt.timedelta(days=RECEIPT_DAYS), now - dt.timedelta(days=PUSH_DAYS)
    return {
        "receipts": _all(_RECEIPTS, receipts),
        "pushes": _all(_PUSHES, pushes),
        "words": _all(_WORDS, pushes),
    }


def _all(statement: str, before: dt.datetime) -> int:
    total = 0
    while True:
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute(statement, {"before": before, "most": _AT_ONCE})
            done = int(cursor.rowcount)
        total += done
        if done < _AT_ONCE:
            return total

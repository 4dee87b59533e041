"""How the destinations do, as the relay sees it and the push page shows it."""

import time
from collections.abc import Iterable

from django.db import connection, transaction

from qingdan.fulfilment.lane import Lane
from qingdan.fulfilment.models import Health

_PUBLISH = """
INSERT INTO fulfilment_health AS h (destination_id, breaker, failures, opened_at, retry_at, last_ok_at,
                                    last_failure_at, last_failure, answer_ms, checked_at)
SELECT t.id, t.breaker, t.failures, CASE WHEN t.breaker <> 'closed' THEN now() END,
       now() + make_interval(secs => t.retry_in), now() - make_interval(secs => t.ok_ago),
       now() - make_interval(secs => t.failed_ago), t.failure, t.answer_ms, now()
  FROM unnest(%s::bigint[], %s::text[], %s::int[], %s::float8[], %s::float8[], %s::float8[], %s::text[], %s::int[])
       AS t (id, breaker, failures, retry_in, ok_ago, failed_ago, failure, answer_ms)
ON CONFLICT (destination_id) DO UPDATE
   SET breaker = excluded.breaker, failures = excluded.failures,
       opened_at = CASE WHEN excluded.breaker <> 'closed' THEN coalesce(h.opened_at, excluded.opened_at) END,
       retry_at = excluded.retry_at, last_ok_at = greatest(h.last_ok_at, excluded.last_ok_at),
       last_failure_at = greatest(h.last_failure_at, excluded.last_failure_at),
       last_failure = coalesce(nullif(excluded.last_failure, ''), h.last_failure),
       answer_ms = coalesce(excluded.answer_ms, h.answer_ms), checked_at = now()
"""


def publish(lanes: Iterable[Lane]) -> None:
    """Write the state of every lane."""
    served = list(lanes)
    if not served:
        return
    now = time.monotonic()
    columns: list[list[object]] = [
        [lane.access.destination for lane in served],
        [_breaker(lane, now) for lane in served],
        [lane.breaker.failures for lane in served],
        [max(0.0, b - now) if (b := lane.breaker.open_until) is not None else None for lane in served],
        [now - lane.ok_at if lane.ok_at is not None else None for lane in served],
        [now - lane.failed_at if lane.failed_at is not None else None for lane in served],
        [lane.failure.replace("\0", "")[:200] for lane in served],
        [lane.answer_ms for lane in served],
    ]
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_PUBLISH, columns)


def recall(lane: Lane) -> None:
    """Take up the breaker where an earlier relay left it, so that a restart does not hammer what is down."""
    known = Health.objects.filter(pk=lane.access.destination).exclude(breaker="closed").first()
    if known is not None:
        lane.breaker.failures = known.failures
        lane.breaker.pauses = 1
        lane.breaker.open_until = time.monotonic()


def _breaker(lane: Lane, now: float) -> str:
    if lane.breaker.open_until is None:
        return "closed"
    return "half_open" if now >= lane.breaker.open_until else "open"

"""Clocks that ran out: each rings once in each life of a case, and not before its time."""

import json
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from qingdan.alerts.actions import raise_alert
from qingdan.cases.messages import LATE
from qingdan.cases.notices import ROLE_OF_OWNER

_RING: Final = """
WITH due AS (
    SELECT c.id, c.order_id, c.merchant_id, c.owner_id, c.owner_role, c.reopened, k.clock, k.late_at
      FROM cases_case AS c CROSS JOIN LATERAL (VALUES
               ('respond', CASE WHEN c.responded_at IS NULL THEN c.respond_due END),
               ('resolve', c.resolve_due),
               ('cause', CASE WHEN c.cause_at IS NULL THEN c.cause_due END)) AS k(clock, late_at)
     WHERE c.state <> 'closed' AND k.late_at < %(now)s
), rung AS (
    INSERT INTO cases_alarm (case_id, clock, round, late_at, at)
    SELECT id, clock, reopened, late_at, %(now)s FROM due
        ON CONFLICT (case_id, clock, round) DO NOTHING
    RETURNING id, case_id, clock, round
), told AS (
    INSERT INTO cases_notice (user_id, kind, order_id, case_id, text, at)
    SELECT u.id, 'late', d.order_id, d.id, d.clock, %(now)s
      FROM rung AS r JOIN due AS d ON d.id = r.case_id AND d.clock = r.clock
      JOIN people_user AS u ON u.merchant_id = d.merchant_id AND u.is_active
       AND (u.id = d.owner_id
            OR d.owner_id IS NULL
               AND u.roles @> ARRAY[coalesce(%(roles)s::jsonb ->> d.owner_role, d.owner_role)]::varchar[]
            OR u.roles @> ARRAY['supervisor']::varchar[])
)
SELECT d.merchant_id, d.owner_role, r.clock, count(*), min(r.id)
  FROM rung AS r JOIN due AS d ON d.id = r.case_id AND d.clock = r.clock
 GROUP BY d.merchant_id, d.owner_role, r.clock ORDER BY 1, 2, 3
"""


def ring(*, now: datetime | None = None) -> int:
    """Note every clock that has run out and tell who owns its case, and the supervisor; return how many rang.

    Robots and mail are told by role and clock, in one line each, and nobody is named.
    """
    params: dict[str, datetime | str] = {"now": now or timezone.now(), "roles": json.dumps(ROLE_OF_OWNER)}
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_RING, params)
        groups = cursor.fetchall()
        for merchant, role, clock, count, first in groups:
            raise_alert(
                merchant, "other", f"case_late:{first}", LATE[clock], {"count": count}, severity="warning", role=role
            )
    return sum(count for _, _, _, count, _ in groups)

"""Due moments of many cases read anew, because a team's calendar or a holiday changed: set-wise, one pass a clock."""

from datetime import datetime
from typing import Any, Final

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from qingdan.cases import timing
from qingdan.cases.models import Case
from qingdan.cases.types import case_types
from qingdan.core.clocks import NEVER, PAUSED, Clock, read_clocks
from qingdan.core.policy.model import OWNERS
from qingdan.core.worktime import OutsideCalendarError, micros, moment

_MET: Final = {Clock.RESPOND: "responded_at", Clock.RESOLVE: "closed_at", Clock.CAUSE: "cause_at"}
_WRITE: Final = """
UPDATE cases_case AS c SET {column} = t.due
  FROM unnest(%s::bigint[], %s::int[], %s::timestamptz[]) AS t (id, version, due)
 WHERE c.id = t.id AND c.version = t.version AND c.{column} IS DISTINCT FROM t.due
"""


def recount(merchant: int, *, now: datetime | None = None) -> int:
    """Write the due moments of a merchant's open cases as today's calendars give them; return how many changed.

    A case that somebody changes at this moment keeps what that change gave it.
    """
    at = now or timezone.now()
    live = Case.objects.filter(merchant_id=merchant).exclude(state="closed").order_by("id")
    rows = list(live.values("id", "version", "type", "opened_at", "phases", *sorted(set(_MET.values()))))
    if not rows:
        return 0
    line = timing.lines(merchant, min(row["opened_at"] for row in rows), at)
    timelines = [line(role) for role in OWNERS]
    changed = 0
    for clock in Clock:
        mine = [row for row in rows if row[_MET[clock]] is None and _limit(row, clock) is not None]
        if mine:
            changed += _write(clock, mine, timelines, at)
    return changed


def _write(clock: Clock, rows: list[dict[str, Any]], timelines: list[Any], at: datetime) -> int:
    flat = [(index, begins, role) for index, row in enumerate(rows) for begins, role in row["phases"]]
    try:
        read = read_clocks(
            np.array([_limit(row, clock) for row in rows], np.int64),
            clock=np.array([index for index, _, _ in flat], np.int64),
            at=np.array([begins for _, begins, _ in flat], np.int64),
            team=np.array([PAUSED if role is None else OWNERS.index(role) for _, _, role in flat], np.int64),
            now=np.full(len(rows), micros(at), np.int64),
            timelines=timelines,
        )
    except OutsideCalendarError:
        return 0  # some team does not work for months: what was told before stays
    dues = [None if due == NEVER else moment(int(due)) for due in read.due]
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        statement = _WRITE.format(column=timing.DUE_COLUMN[clock])
        cursor.execute(statement, [[row["id"] for row in rows], [row["version"] for row in rows], dues])
        return int(cursor.rowcount)


def _limit(row: dict[str, Any], clock: Clock) -> int | None:
    return timing.limit_of(case_types()[row["type"]], clock)

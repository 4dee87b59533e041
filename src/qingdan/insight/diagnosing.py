"""The diagnosis of a merchant's backlog: read the log, lay each order's hours to a cause, keep what came of it."""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import polars as pl
from django.conf import settings
from django.db import connection
from django.utils import timezone

from qingdan.core.fields import CHANNELS
from qingdan.core.flow.diagnosis import Diagnosis, Finding, Lever, compare, diagnose
from qingdan.core.flow.diagnosis_messages import CAUSE_TITLES, evidence, lever
from qingdan.core.flow.eventlog import cases
from qingdan.core.flow.signs import Cause, Tolerance
from qingdan.core.lifecycle import UNSHIPPED
from qingdan.core.message import Words
from qingdan.core.shiprules import terms
from qingdan.core.worktime import HOUR, micros
from qingdan.data.shipping import packs
from qingdan.insight import log, models
from qingdan.insight.messages import FRONT_LINE, PARTS
from qingdan.people import queries as people
from qingdan.people.rights import ROLE_LABELS
from qingdan.policies import present

LENGTHS: Final = (1, 3, 7, 14, 30)
"""Days that a diagnosis may look back."""
USUAL_DAYS: Final = 7
MOST_ORDERS: Final = 400_000
"""Of more orders than these only every second, third ... is looked at, and the page says so."""
_AT_ONCE: Final = 100_000
_AHEAD: Final = 24 * HOUR
_TOLERANCE: Final = Tolerance(handovers=4)
"""Review's owner role is the first owner in our log, so it takes one more to have changed hands three times."""
_ROLES: Final = [*(role.value for role in ROLE_LABELS), "front_line"]
_NEEDED_HANDS: Final = (
    pl.col("waits") | pl.col("touched").is_not_null() | (pl.col("ownerless") + pl.col("queue") + pl.col("unclear") > 0)
)
_LEVERS: Final = """
SELECT reason, count(*) FILTER (WHERE cardinality(reasons) = 1) AS alone, count(*)
  FROM orders_order, unnest(reasons) AS reason
 WHERE merchant_id = %s AND stage IN ('in_review', 'exception', 'held') GROUP BY 1 ORDER BY 2 DESC, 3 DESC, 1 LIMIT 12
"""


def run(merchant: int, days: int) -> None:
    """Work out a diagnosis and keep it; what was kept before stays until then."""
    began = time.perf_counter()
    models.Diagnosis.objects.filter(merchant_id=merchant, days=days).update(state="running")
    try:
        now = timezone.now()
        body = look(merchant, now - timedelta(days=days), now)
    except BaseException:
        models.Diagnosis.objects.filter(merchant_id=merchant, days=days).update(state="failed")
        raise
    millis = round((time.perf_counter() - began) * 1000)
    models.Diagnosis.objects.update_or_create(
        merchant_id=merchant, days=days, defaults={"state": "done", "made_at": now, "millis": millis, "body": body}
    )


def look(merchant: int, since: datetime, until: datetime) -> dict[str, Any]:
    """Diagnose the orders that came from ``since`` until ``until`` and compare them with those of the time before."""
    before = since - (until - since)
    now, every = _case_table(merchant, since, until)
    then, _ = _case_table(merchant, before, since)
    penalty = _penalties(log.orders(_window(merchant, since, until)), micros(until))
    found = _diagnosed(now, penalty)
    names = _Names(merchant)
    changes = compare(then, now) if then.height and now.height else ()
    return {
        "since": since.isoformat(),
        "until": until.isoformat(),
        "before": before.isoformat(),
        "orders": found.orders * every,
        "orders_before": then.height,
        "every": every,
        "trigger_hours": round(found.trigger_hours * every, 1),
        "causes": [
            {
                "cause": share.cause.value,
                "title": CAUSE_TITLES[share.cause].both(),
                "orders": share.orders * every,
                "hours": round(share.hours * every, 1),
                "fen": share.fen * every,
            }
            for share in found.causes
        ],
        "findings": [_finding(_of_all(one, every), names) for one in found.findings],
        "levers": [_lever(one, names) for one in _levers(merchant)],
        "parts": [
            {
                "part": one.part,
                "title": PARTS[one.part].both(),
                "before": round(one.before, 3),
                "after": round(one.after, 3),
                "sure": one.p < 0.05,
            }
            for one in changes
        ],
    }


def _diagnosed(table: pl.DataFrame, penalty: Mapping[str, int]) -> Diagnosis:
    """Diagnose arrival and pushes by all orders, the rest by those that needed a person.

    What review releases on arrival waits for nobody. Among such orders the only owner would look like an absent one.
    """
    whole = diagnose(table, penalty=penalty, tolerance=_TOLERANCE)
    by_hand = diagnose(table.filter(_NEEDED_HANDS), penalty=penalty, tolerance=_TOLERANCE)
    gaps = [one for one in whole.findings if one.cause is Cause.SYSTEM_GAP]
    others = [one for one in by_hand.findings if one.cause is not Cause.SYSTEM_GAP]
    causes = [share for share in whole.causes if share.cause is Cause.SYSTEM_GAP]
    causes += [share for share in by_hand.causes if share.cause is not Cause.SYSTEM_GAP]
    return replace(
        whole,
        findings=tuple(sorted([*gaps, *others], key=lambda one: -one.hours)),
        causes=tuple(sorted(causes, key=lambda share: -share.hours)),
    )


def _of_all(finding: Finding, every: int) -> Finding:
    """A finding in a sample as one in all orders."""
    return replace(finding, orders=finding.orders * every, hours=finding.hours * every, fen=finding.fen * every)


def _window(merchant: int, since: datetime, until: datetime) -> log.Window:
    of = log.window(merchant, since, until)
    return replace(of, every=max(1, -(-log.size(of) // MOST_ORDERS)))


def _case_table(merchant: int, since: datetime, until: datetime) -> tuple[pl.DataFrame, int]:
    """One row an order as known at ``until``, in the front line's working time; and every how many-th order it is."""
    of = _window(merchant, since, until)
    events = log.for_diagnosis(log.read(of))
    timeline = people.timeline_of_role(merchant, "front_line", since, until)
    table = cases(events, micros(until), timeline)
    # a role is never absent: only people are
    return table.with_columns(pl.when(~pl.col("owner").is_in(_ROLES)).then("owner").alias("owner")), of.every


def _penalties(orders: pl.DataFrame, now: int) -> Mapping[str, int]:
    """Fen that unshipped orders cost by tomorrow if nothing happens, by order."""
    fen: dict[str, int] = {}
    waiting = orders.filter(pl.col("stage").is_in([stage.value for stage in UNSHIPPED]))
    for part in waiting.iter_slices(_AT_ONCE):
        costs = terms(part, packs(), zone=settings.SHOP_ZONE).penalty_at(now + _AHEAD)
        some = np.flatnonzero(costs)
        fen.update(zip(part["order"].gather(some).to_list(), costs[some].tolist(), strict=True))
    return fen


class _Names:
    """Labels of the values that findings are about."""

    def __init__(self, merchant: int) -> None:
        policy = present.live_policy(merchant)
        self._reasons = {row["id"]: Words(row["zh"], row["en"]) for row in present.reasons(policy)}
        channels = {value.id: Words(value.zh, value.en) for value in CHANNELS}
        owners = {role.value: words for role, words in ROLE_LABELS.items()} | {"front_line": FRONT_LINE}
        self._of: dict[str, dict[str, Words]] = {"reasons": self._reasons, "channel": channels, "owner": owners}

    def reason(self, name: str) -> Words | None:
        return self._reasons.get(name)

    def label(self, dimension: str, value: str) -> Words | None:
        return self._of.get(dimension, {}).get(value)


def _finding(found: Finding, names: _Names) -> dict[str, Any]:
    said = evidence(found, names.label(found.dimension, found.value))
    return {
        "cause": found.cause.value,
        "sign": found.sign.value,
        "dimension": found.dimension,
        "value": found.value,
        "orders": found.orders,
        "hours": round(found.hours, 1),
        "fen": found.fen,
        "text": {"zh": said.text("zh"), "en": said.text("en")},
        "advice": {"zh": said.advice_text("zh"), "en": said.advice_text("en")},
    }


def _levers(merchant: int) -> list[Lever]:
    with connection.cursor() as cursor:
        cursor.execute(_LEVERS, [merchant])
        return [Lever(*row) for row in cursor.fetchall()]


def _lever(found: Lever, names: _Names) -> dict[str, Any]:
    said = lever(found, names.reason(found.reason))
    return {
        "reason": found.reason,
        "alone": found.alone,
        "orders": found.orders,
        "text": {"zh": said.text("zh"), "en": said.text("en")},
    }

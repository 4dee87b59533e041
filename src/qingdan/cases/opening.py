"""Cases open where orders have a problem and close when the orders leave: set-wise, as often as one likes.

What orders want stands in the orders themselves, in finance's differences, in what platforms said after a correction
and in tries to reach buyers. One pass compares it with the cases: it opens what is missing, opens again what came
back, and closes what is gone. Passes of one merchant follow each other; a second one finds nothing to do.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from qingdan.cases import sop, timing
from qingdan.cases.messages import ORDER_LEFT, SOP_NOTE
from qingdan.cases.models import IN_VAIN, OUT_OF_REACH, Case, Cause, MessageTemplate, ReasonType, Sop
from qingdan.cases.types import (
    ADDRESS_CHANGE,
    OTHER,
    PAYMENT,
    UNREACHABLE,
    case_types,
    sop_text,
    starting_causes,
    starting_messages,
)
from qingdan.core.clocks import Clock
from qingdan.core.worktime import micros
from qingdan.finance.models import DIFFERENCES

_LOCK: Final = 0x71D9
_WANTED: Final = """
CREATE TEMP TABLE case_wanted ON COMMIT DROP AS
WITH reason AS (
    SELECT * FROM unnest(%(reasons)s::text[], %(reason_types)s::text[], %(held)s::boolean[]) AS r(reason, type, held)
), waiting AS (
    SELECT o.id, o.stage, o.reasons FROM orders_order AS o
     WHERE o.merchant_id = %(merchant)s AND o.stage IN ('exception', 'held') {some}
)
SELECT w.id AS order_id, r.type FROM waiting AS w CROSS JOIN LATERAL unnest(w.reasons) AS u(reason)
  JOIN reason AS r ON r.reason = u.reason WHERE w.stage = 'exception' OR r.held
UNION
SELECT w.id, %(other)s FROM waiting AS w
 WHERE w.stage = 'exception' AND NOT w.reasons && %(reasons)s::text[]
   AND NOT EXISTS (SELECT FROM cases_case AS c WHERE c.order_id = w.id AND c.by_hand)
UNION
SELECT p.order_id, %(payment)s FROM finance_payment AS p JOIN orders_order AS o ON o.id = p.order_id
 WHERE p.merchant_id = %(merchant)s AND p.settled_at IS NULL AND p.state = ANY(%(differences)s)
   AND o.stage IN ('in_review', 'exception', 'held', 'released') {some}
UNION
SELECT k.order_id, %(address)s FROM cases_correction AS k JOIN orders_order AS o ON o.id = k.order_id
 WHERE k.merchant_id = %(merchant)s AND k.heard IS NOT NULL AND o.stage IN ('in_review', 'exception', 'held') {some}
UNION
SELECT t.order_id, %(unreachable)s FROM cases_contact AS t JOIN orders_order AS o ON o.id = t.order_id
 WHERE t.merchant_id = %(merchant)s AND t.at <= %(silent)s AND t.result = ANY(%(vain)s)
   AND o.stage IN ('in_review', 'exception', 'held') {some}
   AND NOT EXISTS (SELECT FROM cases_contact AS r
                    WHERE r.order_id = t.order_id AND r.at > t.at AND r.result <> ALL(%(vain)s))
UNION
SELECT c.order_id, c.type FROM cases_case AS c JOIN orders_order AS o ON o.id = c.order_id
 WHERE c.merchant_id = %(merchant)s AND c.by_hand AND o.stage IN ('in_review', 'exception', 'held') {some}
"""
_KINDS: Final = """
CREATE TEMP TABLE case_kind ON COMMIT DROP AS
SELECT * FROM unnest(%(keys)s::text[], %(owners)s::text[], %(difficulties)s::int[], %(sops)s::bigint[],
                     %(steps)s::text[], %(phases)s::jsonb[], %(responds)s::timestamptz[],
                     %(resolves)s::timestamptz[], %(causes)s::timestamptz[])
    AS k(type, owner_role, difficulty, sop_id, step, phases, respond_due, resolve_due, cause_due)
"""
_OPEN: Final = """
WITH fresh AS (
    INSERT INTO cases_case (merchant_id, order_id, type, owner_role, difficulty, sop_id, step, step_since, opened_at,
                            phases, respond_due, resolve_due, cause_due)
    SELECT %(merchant)s, w.order_id, w.type, k.owner_role, k.difficulty, k.sop_id, k.step, %(now)s, %(now)s,
           k.phases, k.respond_due, k.resolve_due, k.cause_due
      FROM case_wanted AS w JOIN case_kind AS k USING (type) ORDER BY w.order_id, w.type
        ON CONFLICT (order_id, type) DO NOTHING
    RETURNING id
)
INSERT INTO cases_caseevent (case_id, kind, at, actor_kind, actor_id, actor_name, data)
SELECT id, 'opened', %(now)s, 'system', 'cases', '', '{}' FROM fresh
"""
_REOPEN: Final = """
WITH back AS (
    UPDATE cases_case AS c
       SET state = 'open', version = c.version + 1, wanted = true, owner_role = k.owner_role, owner_id = NULL,
           sop_id = k.sop_id, step = k.step, step_since = %(now)s, opened_at = %(now)s, reopened = c.reopened + 1,
           closed_at = NULL, outcome = NULL, cause_id = NULL, cause_at = NULL, responded_at = NULL,
           phases = k.phases, respond_due = k.respond_due, resolve_due = k.resolve_due, cause_due = k.cause_due,
           changed_at = %(now)s
      FROM case_wanted AS w JOIN case_kind AS k USING (type)
     WHERE c.order_id = w.order_id AND c.type = w.type AND NOT c.wanted AND c.state = 'closed'
    RETURNING c.id
)
INSERT INTO cases_caseevent (case_id, kind, at, actor_kind, actor_id, actor_name, data)
SELECT id, 'reopened', %(now)s, 'system', 'cases', '', '{}' FROM back
"""
_NOTE_WANTED: Final = """
UPDATE cases_case AS c SET wanted = true FROM case_wanted AS w
 WHERE c.order_id = w.order_id AND c.type = w.type AND NOT c.wanted
"""
_LEAVE: Final = """
WITH gone AS (
    SELECT c.id, c.state FROM cases_case AS c
     WHERE c.merchant_id = %(merchant)s AND c.wanted {some_cases}
       AND NOT EXISTS (SELECT FROM case_wanted AS w WHERE w.order_id = c.order_id AND w.type = c.type)
     ORDER BY c.id FOR NO KEY UPDATE
), left_behind AS (
    UPDATE cases_case AS c
       SET wanted = false, by_hand = false, version = c.version + 1, changed_at = %(now)s,
           state = 'closed', wait_until = NULL,
           closed_at = coalesce(c.closed_at, %(now)s), outcome = coalesce(c.outcome, 'left')
      FROM gone WHERE c.id = gone.id RETURNING c.id
), withdrawn AS (
    UPDATE cases_approval AS a SET state = 'withdrawn', ended_at = %(now)s
      FROM gone WHERE a.case_id = gone.id AND a.state = 'asked'
)
INSERT INTO cases_caseevent (case_id, kind, at, actor_kind, actor_id, actor_name, note, data)
SELECT gone.id, 'left', %(now)s, 'system', 'cases', '', %(left)s, '{{}}' FROM gone JOIN left_behind USING (id)
 WHERE gone.state <> 'closed'
"""


@dataclass(frozen=True, slots=True)
class Passed:
    """What a pass did: cases opened, opened again, and closed because their order left."""

    opened: int = 0
    reopened: int = 0
    left: int = 0


def reconcile(merchant: int, *, orders: Sequence[int] | None = None, now: datetime | None = None) -> Passed:
    """Bring the cases of a merchant, or of some of its ``orders``, to what the orders want; one transaction."""
    moment = now or timezone.now()
    ensure_setup(merchant)
    params: dict[str, Any] = {**_kinds(merchant, moment), **_reasons(merchant), "merchant": merchant, "now": moment}
    params |= {"other": OTHER, "payment": PAYMENT, "address": ADDRESS_CHANGE, "left": ORDER_LEFT.text("zh")}
    params |= {"unreachable": UNREACHABLE, "vain": list(IN_VAIN), "silent": moment - OUT_OF_REACH}
    params |= {"differences": list(DIFFERENCES), "some": None if orders is None else list(orders)}
    some = "" if orders is None else "AND o.id = ANY(%(some)s)"
    some_cases = "" if orders is None else "AND c.order_id = ANY(%(some)s)"
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s::int)", [_LOCK, merchant])
        cursor.execute(_WANTED.format(some=some), params)
        cursor.execute(_KINDS, params)
        opened = _count(cursor, _OPEN, params)
        reopened = _count(cursor, _REOPEN, params)
        cursor.execute(_NOTE_WANTED)
        left = _count(cursor, _LEAVE.format(some_cases=some_cases), params)
        cursor.execute("DROP TABLE case_wanted, case_kind")
    return Passed(opened, reopened, left)


def ensure_setup(merchant: int) -> None:
    """Give a merchant the SOPs, causes and messages that come with the program, once."""
    known = set(Sop.objects.filter(merchant_id=merchant, live=True).values_list("type", flat=True))
    missing = [key for key in case_types() if key not in known]
    if not missing:
        return
    with transaction.atomic():
        Sop.objects.bulk_create(
            (
                Sop(
                    merchant_id=merchant,
                    type=key,
                    version=1,
                    source=sop_text(key),
                    first_step=sop.read(sop_text(key)).steps[0].id,
                    live=True,
                    note=SOP_NOTE.zh,
                )
                for key in missing
            ),
            ignore_conflicts=True,
        )
        Cause.objects.bulk_create(
            (
                Cause(merchant_id=merchant, key=one.key, zh=one.title.zh, en=one.title.en, types=list(one.types))
                for one in starting_causes()
            ),
            ignore_conflicts=True,
        )
        MessageTemplate.objects.bulk_create(
            (MessageTemplate(merchant_id=merchant, **one) for one in starting_messages()), ignore_conflicts=True
        )


def fresh_case(merchant: int, order_id: int, key: str, now: datetime) -> Case:
    """Return a case of that type as it opens, not saved."""
    ensure_setup(merchant)
    kind = case_types()[key]
    live = Sop.objects.get(merchant_id=merchant, type=key, live=True)
    case = Case(
        merchant_id=merchant,
        order_id=order_id,
        type=key,
        state="open",
        version=1,
        wanted=True,
        by_hand=False,
        touched=False,
        owner_role=kind.owner,
        difficulty=kind.difficulty,
        sop=live,
        step=live.first_step,
        step_since=now,
        opened_at=now,
        reopened=0,
    )
    timing.start(case, now)
    return case


def _count(cursor: Any, statement: str, params: dict[str, Any]) -> int:
    cursor.execute(statement, params)
    return int(cursor.rowcount)


def reasons_of(merchant: int) -> dict[str, str]:
    """Return the type of case that each review rule leads to: the merchant's own word, else the types' data."""
    known = {reason: kind.key for kind in case_types().values() for reason in kind.reasons}
    return known | dict(ReasonType.objects.filter(merchant_id=merchant).values_list("reason", "type"))


def _reasons(merchant: int) -> dict[str, list[Any]]:
    known = reasons_of(merchant)
    return {
        "reasons": list(known),
        "reason_types": list(known.values()),
        "held": [case_types()[key].held for key in known.values()],
    }


def _kinds(merchant: int, now: datetime) -> dict[str, list[Any]]:
    """Return what a case of each type that opens ``now`` begins with: of one type all begin alike."""
    kinds = list(case_types().values())
    line = timing.lines(merchant, now, now)
    live = {one.type: one for one in Sop.objects.filter(merchant_id=merchant, live=True)}
    phases = [[[micros(now), kind.owner]] for kind in kinds]
    dues = [timing.dues(kind, rows, now, line) for kind, rows in zip(kinds, phases, strict=True)]
    return {
        "keys": [kind.key for kind in kinds],
        "owners": [kind.owner for kind in kinds],
        "difficulties": [kind.difficulty for kind in kinds],
        "sops": [live[kind.key].pk for kind in kinds],
        "steps": [live[kind.key].first_step for kind in kinds],
        "phases": [json.dumps(rows) for rows in phases],
        "responds": [due[Clock.RESPOND] for due in dues],
        "resolves": [due[Clock.RESOLVE] for due in dues],
        "causes": [due[Clock.CAUSE] for due in dues],
    }

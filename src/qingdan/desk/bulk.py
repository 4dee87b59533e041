"""One verdict on many orders: tried first, then run in the background, a part at a time, stopped and resumed at will.

The orders and their versions are those of the moment it was asked for; what changed since is left alone and says so.
Whether an order is taken is decided by one SQL expression, which the dry run and the run share.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from procrastinate.contrib.django import app

from qingdan.core.lifecycle import Stage
from qingdan.core.message import Message
from qingdan.desk import leases, messages, queries, telling, verdicts
from qingdan.desk.errors import NoSuchThingError, RefusedError, StaleError
from qingdan.desk.models import Assignment, Bulk, BulkItem, Hold, Verdict, Worklog
from qingdan.desk.queries import Wanted
from qingdan.orders import deciding
from qingdan.orders.alone import alone
from qingdan.orders.deciding import Choice, Standing
from qingdan.orders.models import Order
from qingdan.people.models import User
from qingdan.policies.waking import requeue

RUN: Final = "desk.bulk"
QUEUE: Final = "desk"
MOST: Final = 50_000
CHUNK: Final = 200
_LOCK: Final = 0x71DF
_OPEN: Final = (Bulk.State.QUEUED, Bulk.State.RUNNING)
_BESIDE: Final = """
    LEFT JOIN desk_lease AS l ON l.order_id = o.id AND l.user_id <> %(user)s AND l.expires_at > now()
    LEFT JOIN desk_assignment AS a ON a.order_id = o.id
"""
_OUTCOME: Final = """
CASE WHEN o.stage IN ('sent', 'shipped', 'cancelled', 'archived') THEN 'left'
     WHEN o.stage = %(target)s AND %(target)s <> 'held' THEN 'same'
     WHEN l.order_id IS NOT NULL THEN 'leased'
     WHEN NOT %(oversees)s AND a.user_id IS DISTINCT FROM %(user)s
          AND coalesce(a.role, o.owner_role, 'supervisor') <> ALL (%(roles)s) THEN 'not_yours'
     WHEN %(target)s = 'released' AND o.platform_state IN ('closed', 'cancelled') THEN 'cancelled'
     WHEN %(target)s = 'released' AND o.refund_state IN ('requested', 'in_progress') THEN 'refund'
     WHEN %(target)s = 'released' AND o.platform_hold <> 'none' THEN 'platform_hold'
     WHEN %(target)s = 'released' AND o.stage = 'held' AND NOT o.hand_decided THEN 'held'
     WHEN %(hold)s = 'refund' AND coalesce(o.refund_state, 'none') NOT IN ('requested', 'in_progress') THEN 'no_refund'
     WHEN o.hand_decided AND o.stage IN ('held', 'exception') AND o.decided_id <> %(user)s::text THEN 'hand'
     ELSE 'ok' END
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done with every order of a selection."""

    verdict: str
    reason: str = ""
    hold: str = "time"
    until: datetime | None = None


def selected(user: User, wanted: Wanted, orders: list[int]) -> QuerySet[Order]:
    """Return the orders of a selection: all of a list, or those named among them."""
    chosen = queries.found(user, wanted, timezone.now())
    return chosen.filter(pk__in=orders) if orders else chosen


def dry_run(user: User, plan: Plan, chosen: QuerySet[Order]) -> dict[str, int]:
    """Return how many orders of the selection would come to which outcome now; ``ok`` are those that would be done."""
    _check(plan)
    keys = list(chosen.order_by().values_list("id", flat=True)[: MOST + 1])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_OUTCOME} AS outcome, count(*) FROM orders_order AS o {_BESIDE} "  # noqa: S608 - our own texts
            "WHERE o.id = ANY (%(keys)s) GROUP BY 1 ORDER BY 2 DESC, 1",
            {**_params(user, plan), "keys": keys},
        )
        return dict(cursor.fetchall())


def create(user: User, plan: Plan, chosen: QuerySet[Order], *, query: str, queue: bool = True) -> Bulk:
    """Fix the selection and queue the run. Raises ``RefusedError`` for too many orders or a plan that lacks a part."""
    _check(plan)
    inner, params = chosen.order_by().values("id", "version").query.sql_with_params()
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        made = Bulk.objects.create(
            merchant_id=user.merchant_id,
            user=user,
            verdict=plan.verdict,
            reason=plan.reason,
            until=plan.until,
            hold=plan.hold,
            query=query,
            total=0,
        )
        cursor.execute(
            "INSERT INTO desk_bulkitem (bulk_id, order_id, version) "  # noqa: S608 - Django's own text
            f"SELECT %s, q.id, q.version FROM ({inner}) AS q (id, version)",
            [made.pk, *params],
        )
        total = cursor.rowcount
        if total > MOST:
            params_of = {"most": MOST, "count": total}
            raise RefusedError(
                Message("desk.bulk_too_many", messages.BULK_TOO_MANY, messages.BULK_TOO_MANY_ADVICE, params_of)
            )
        Bulk.objects.filter(pk=made.pk).update(total=total)
        if queue:
            app.configure_task(RUN, queue=QUEUE).defer(bulk_id=made.pk)
    return get(user.merchant_id, made.pk)


def get(merchant: int, bulk_id: int) -> Bulk:
    """Return one of the merchant's runs. Raises ``NoSuchThingError``."""
    found = Bulk.objects.filter(merchant_id=merchant, pk=bulk_id).select_related("user").first()
    if found is None:
        raise NoSuchThingError(messages.NO_SUCH_BULK)
    return found


def cancel(merchant: int, bulk_id: int) -> Bulk:
    """Stop a run after the part it is at; what it has done stays."""
    get(merchant, bulk_id)
    with transaction.atomic(durable=True):
        stopped = Bulk.objects.filter(pk=bulk_id, state__in=_OPEN)
        if not stopped.update(state=Bulk.State.CANCELLED, finished_at=Now()):
            raise StaleError(messages.BULK_STATE)
    return get(merchant, bulk_id)


def resume(merchant: int, bulk_id: int, *, queue: bool = True) -> Bulk:
    """Go on with a run that was stopped."""
    get(merchant, bulk_id)
    with transaction.atomic(durable=True):
        stopped = Bulk.objects.filter(pk=bulk_id, state=Bulk.State.CANCELLED)
        if not stopped.update(state=Bulk.State.QUEUED, finished_at=None):
            raise StaleError(messages.BULK_STATE)
        if queue:
            app.configure_task(RUN, queue=QUEUE).defer(bulk_id=bulk_id)
    return get(merchant, bulk_id)


def run(bulk_id: int) -> None:
    """Do part after part, unless another worker does; a part is one transaction, so this may end at any moment."""
    with alone(_LOCK, bulk_id) as mine:
        if not mine:
            return
        Bulk.objects.filter(pk=bulk_id, state=Bulk.State.QUEUED).update(state=Bulk.State.RUNNING)
        while _part(bulk_id):
            pass


def _part(bulk_id: int) -> bool:
    """Do the next part; False when there is none or somebody stopped it."""
    with transaction.atomic(durable=True):
        row = Bulk.objects.select_for_update(of=("self",)).select_related("user").filter(pk=bulk_id).first()
        if row is None or row.state != Bulk.State.RUNNING:
            return False
        items = dict(
            BulkItem.objects.filter(bulk_id=bulk_id, outcome__isnull=True)
            .order_by("order_id")
            .values_list("order_id", "version")[:CHUNK]
        )
        if not items:
            Bulk.objects.filter(pk=bulk_id).update(state=Bulk.State.DONE, finished_at=Now())
            told = {"verdict": messages.VERDICTS[row.verdict].both(), "done": row.done, "failed": row.failed}
            telling.tell(row.merchant_id, "bulk_done", user=row.user_id, params={**told, "bulk": row.pk})
            return False
        outcomes = _do(row, items)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE desk_bulkitem AS i SET outcome = t.outcome FROM unnest(%s::bigint[], %s::text[]) "
                "AS t (order_id, outcome) WHERE i.bulk_id = %s AND i.order_id = t.order_id",
                [list(outcomes), list(outcomes.values()), bulk_id],
            )
        counted = Counter(outcome == "done" for outcome in outcomes.values())
        Bulk.objects.filter(pk=bulk_id).update(done=F("done") + counted[True], failed=F("failed") + counted[False])
        return True


def _do(row: Bulk, items: dict[int, int]) -> dict[int, str]:
    """Decide the orders of a part that can be; return what each came to."""
    user, plan = row.user, Plan(row.verdict, row.reason, row.hold or "time", row.until)
    locked = deciding.lock(items, merchant=row.merchant_id)
    outcomes = dict.fromkeys(items, "gone")
    with connection.cursor() as cursor:
        leases.keep_claims_out(cursor, list(locked))
        cursor.execute(
            f"SELECT o.id, {_OUTCOME} FROM orders_order AS o {_BESIDE} WHERE o.id = ANY (%(keys)s)",  # noqa: S608
            {**_params(user, plan), "keys": list(locked)},
        )
        outcomes |= dict(cursor.fetchall())
    moved = {key for key, order in locked.items() if order.version != items[key]}
    outcomes |= dict.fromkeys(moved, "moved")
    orders = [locked[key] for key, outcome in outcomes.items() if outcome == "ok"]
    versions = _write(row, plan, orders)
    return outcomes | dict.fromkeys(versions, "done")


def _write(row: Bulk, plan: Plan, orders: list[Standing]) -> dict[int, int]:
    user, target, keys = row.user, verdicts.TARGETS[plan.verdict], [order.id for order in orders]
    owned = Assignment.objects.in_bulk(keys)
    held = {hold.order_id: hold for hold in Hold.objects.filter(pk__in=keys, ended_at__isnull=True)}
    was = {order.id: verdicts.before(order, owned.get(order.id), held.get(order.id)) for order in orders}
    facts = {"verdict": plan.verdict, "bulk": str(row.pk)} | ({"hold": plan.hold} if target is Stage.HELD else {})
    until = plan.until if target is Stage.HELD else None
    choices = [Choice(order.id, order.version, target, plan.reason, until, facts) for order in orders]
    versions = deciding.decide(choices, actor=verdicts.actor_of(user))
    Verdict.objects.bulk_create(
        Verdict(
            order_id=key,
            version=version,
            merchant_id=row.merchant_id,
            user=user,
            verdict=plan.verdict,
            was=was[key],
            reason=plan.reason,
            bulk=row.pk,
        )
        for key, version in versions.items()
    )
    Worklog.objects.bulk_create(
        Worklog(
            merchant_id=row.merchant_id,
            order_id=order.id,
            user=user,
            kind="decided",
            code=plan.verdict,
            note=plan.reason,
            tier=order.tier or "",
        )
        for order in orders
    )
    verdicts.place_many(user, plan.verdict, keys, hold=plan.hold, until=plan.until, reason=plan.reason)
    with connection.cursor() as cursor:
        verdicts.clear(cursor, keys)
    return versions


def wake_open() -> None:
    """Queue again what a dead worker left; one that is at work is not disturbed (see ``run``)."""
    for key in Bulk.objects.filter(state__in=_OPEN).values_list("pk", flat=True):
        requeue(RUN, QUEUE, key, bulk_id=key)


def _params(user: User, plan: Plan) -> dict[str, Any]:
    target = verdicts.TARGETS[plan.verdict]
    return {
        "user": user.pk,
        "roles": leases.owner_roles(user),
        "oversees": bool(verdicts.OVERSEERS.intersection(user.roles)),
        "target": target.value if target else "",
        "hold": plan.hold if target is Stage.HELD else "",
    }


def _check(plan: Plan) -> None:
    if plan.verdict in {"refuse", "exception"} and not plan.reason.strip():
        raise RefusedError(messages.NEEDS_REASON)
    past = plan.until is not None and plan.until <= timezone.now()
    if plan.verdict == "hold" and (past or (plan.hold == "time" and plan.until is None)):
        raise RefusedError(messages.NEEDS_UNTIL)

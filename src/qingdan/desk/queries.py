"""Reads of the desk: queues and their exact counts, rows with why they are next, who has how much.

A queue is a condition on the very orders. Everything that stands beside an order is one row at most, so joining it
never counts an order twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Now

from qingdan.core.flow.messages import why as said_why
from qingdan.core.flow.priority import Why
from qingdan.core.lifecycle import BACKLOG
from qingdan.core.message import Words
from qingdan.core.worktime import micros
from qingdan.desk import leases, messages
from qingdan.desk.models import (
    Ask,
    Assignment,
    Bulk,
    BulkItem,
    DeskSettings,
    Hold,
    Lease,
    Queue,
    Rank,
    Ranking,
    Snooze,
    Verdict,
)
from qingdan.orders import rows as order_rows
from qingdan.orders import search
from qingdan.orders.models import Order
from qingdan.people.models import Team, User

_WAITS: Final = Q(stage__in=sorted(BACKLOG))
_PARKED: Final = Q(stage="held", hand_decided=True)
_ADDRESS: Final = (
    Q(reasons__overlap=["address_unclear", "address_change"])
    | Q(address_quality="incomplete")
    | Q(address_changed=True)
)
_PAYMENT: Final = Q(reasons__overlap=["payment", "payment_failed"]) | Q(
    payment_match__in=["short", "over", "double", "missing", "unexpected", "unpaid"]
)
BUILT_IN: Final[dict[str, Words]] = {
    "mine": Words("我的", "Mine"),
    "team": Words("本组待处理", "My team's"),
    "asks": Words("待确认变化", "Changed since decided"),
    "urgent": Words("紧急单", "Urgent"),
    "regular": Words("常规单", "Regular"),
    "exception": Words("异常单", "Exceptions"),
    "address": Words("地址问题", "Address"),
    "payment": Words("支付问题", "Payment"),
    "overdue": Words("已超时", "Overdue"),
    "escalated": Words("已升级", "Escalated"),
    "back": Words("挂起已回", "Back from hold"),
    "parked": Words("挂起中", "On hold"),
    "snoozed": Words("稍后处理", "Later"),
    "leased": Words("处理中", "Being worked on"),
    "unassigned": Words("无人认领", "Nobody's yet"),
    "all": Words("全部待办", "All that waits"),
}
"""Queues that every desk has, by id."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a desk list shows: a built-in queue, filters of the orders page, a person's work, a bulk run's outcome."""

    queue: str = "all"
    filters: search.Filters | None = None
    user: int | None = None
    team: int | None = None
    bulk: int | None = None
    outcome: str = ""


def _condition(queue: str, user: User, now: datetime) -> Q:
    """Return a built-in queue as a condition on orders; ``all`` is every order that waits."""
    mine = Q(assignment__user=user) | Q(lease__user=user) | Q(snooze__user=user)
    roles = leases.owner_roles(user)
    nobodys = Q(assignment__user__isnull=True, assignment__team__isnull=True)
    by_tier = Q(assignment__role__isnull=True, owner_role__in=roles)
    ours = Q(assignment__team__in=leases.teams_of(user)) | nobodys & (Q(assignment__role__in=roles) | by_tier)
    asleep = Q(snooze__until__gt=now)
    conditions = {
        "mine": _WAITS & mine,
        "team": _WAITS & ours & ~_PARKED & Q(lease__isnull=True) & ~asleep,
        "asks": Q(ask__isnull=False),
        "urgent": _WAITS & ~_PARKED & Q(tier="urgent"),
        "regular": _WAITS & ~_PARKED & Q(tier="regular"),
        "exception": _WAITS & ~_PARKED & Q(tier="exception"),
        "address": _WAITS & ~_PARKED & _ADDRESS,
        "payment": _WAITS & ~_PARKED & _PAYMENT,
        "overdue": _WAITS & Q(due_at__lt=now),
        "escalated": _WAITS & Q(assignment__level__gt=0),
        "back": _WAITS & ~_PARKED & Q(hold__ended_at__isnull=False) & ~Q(hold__ended_by="moved"),
        "parked": _PARKED,
        "snoozed": _WAITS & asleep,
        "leased": Q(lease__isnull=False),
        "unassigned": _WAITS & ~_PARKED & Q(assignment__user__isnull=True, lease__isnull=True),
        "all": _WAITS,
    }
    return conditions[queue]


def found(user: User, wanted: Wanted, now: datetime) -> QuerySet[Order]:
    """Return the orders of a list, in no order."""
    chosen = search.find(user.merchant_id, wanted.filters or search.Filters(), now)
    if wanted.bulk is None:
        chosen = chosen.filter(_condition(wanted.queue, user, now))
    else:
        items = BulkItem.objects.filter(
            order_id=OuterRef("pk"), bulk_id=wanted.bulk, bulk__merchant_id=user.merchant_id
        )
        if wanted.outcome == "failed":
            items = items.exclude(outcome="done").exclude(outcome__isnull=True)
        elif wanted.outcome:
            items = items.filter(outcome=wanted.outcome)
        chosen = chosen.filter(Exists(items))
    if wanted.user is not None:
        chosen = chosen.filter(Q(assignment__user=wanted.user) | Q(lease__user=wanted.user))
    if wanted.team is not None:
        chosen = chosen.filter(assignment__team=wanted.team)
    return chosen


def in_turn(chosen: QuerySet[Order]) -> QuerySet[Order]:
    """Sort a list by the order of work; what has no place yet comes last."""
    return chosen.order_by(F("rank__place").asc(nulls_last=True), "id")


def counts(user: User, now: datetime) -> list[dict[str, Any]]:
    """Return every built-in queue with its exact count, in one look at the orders that wait."""
    wanted = {name: Count("pk", filter=_condition(name, user, now)) for name in BUILT_IN}
    of_merchant = Order.objects.filter(merchant_id=user.merchant_id)
    near = of_merchant.filter(_WAITS | Q(ask__isnull=False) | Q(lease__isnull=False))
    counted = near.aggregate(**wanted)
    return [{"id": name, "name": text.both(), "count": counted[name]} for name, text in BUILT_IN.items()]


def facets(user: User) -> dict[str, list[dict[str, Any]]]:
    """Return how many waiting orders there are by reason, platform and tier, the most first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 'reason', reason, count(*) FROM orders_order, unnest(reasons) AS reason WHERE merchant_id = %(m)s "
            "AND stage IN ('in_review', 'exception', 'held') GROUP BY 2 "
            "UNION ALL SELECT 'channel', channel, count(*) FROM orders_order WHERE merchant_id = %(m)s "
            "AND stage IN ('in_review', 'exception', 'held') GROUP BY 2 "
            "UNION ALL SELECT 'tier', coalesce(tier, '-'), count(*) FROM orders_order WHERE merchant_id = %(m)s "
            "AND stage IN ('in_review', 'exception', 'held') GROUP BY 2 ORDER BY 3 DESC, 2",
            {"m": user.merchant_id},
        )
        grouped: dict[str, list[dict[str, Any]]] = {"reason": [], "channel": [], "tier": []}
        for kind, value, count in cursor.fetchall():
            grouped[kind].append({"value": value, "count": count})
    return grouped


def saved(user: User) -> list[Queue]:
    """Return the person's own saved queues and those that colleagues share, by name."""
    return list(
        Queue.objects.filter(Q(user=user) | Q(shared=True, merchant_id=user.merchant_id))
        .select_related("user")
        .order_by("name", "id")
    )


def page(user: User, chosen: QuerySet[Order], now: datetime, *, number: int, size: int) -> list[dict[str, Any]]:
    """Return one page of a sorted list, as rows with what the desk knows of each order."""
    return shown(user, search.page(chosen, number=number, size=size), now)


def of_ids(user: User, order_ids: Sequence[int], now: datetime) -> list[dict[str, Any]]:
    """Return orders as rows, in the order of ``order_ids``."""
    chosen = Order.objects.filter(merchant_id=user.merchant_id, id__in=order_ids)
    rows = {row["id"]: row for row in shown(user, list(chosen.values(*search.ROW_COLUMNS)), now)}
    return [rows[key] for key in order_ids if key in rows]


def shown(user: User, columns: Iterable[Mapping[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """Add to rows of orders what the desk knows of them; a query a kind, however many rows."""
    rows = [order_rows.row(row, now) for row in columns]
    keys = [row["id"] for row in rows]
    ranks = {r.order_id: r for r in Rank.objects.filter(pk__in=keys)}
    held = {r.order_id: r for r in Lease.objects.filter(pk__in=keys, expires_at__gt=Now()).select_related("user")}
    owned = {r.order_id: r for r in Assignment.objects.filter(pk__in=keys).select_related("user", "team")}
    later = {r.order_id: r for r in Snooze.objects.filter(pk__in=keys, until__gt=now)}
    holds = {r.order_id: r for r in Hold.objects.filter(pk__in=keys)}
    asks = {r.order_id: r for r in Ask.objects.filter(pk__in=keys)}
    for row in rows:
        key = row["id"]
        row["desk"] = {
            "place": ranks[key].place if key in ranks else None,
            "why": _why(ranks.get(key), owned.get(key), holds.get(key), asks.get(key)),
            "due": ranks[key].due if key in ranks else None,
            "stake": ranks[key].stake if key in ranks else 0,
            "lease": _lease(held.get(key), user),
            "owner": _owner(owned.get(key)),
            "snoozed_until": later[key].until if key in later else None,
            "hold": _hold(holds.get(key)),
            "ask": {"seen_version": asks[key].seen_version, "reopened": asks[key].reopened, "at": asks[key].at}
            if key in asks
            else None,
        }
    return rows


def _why(rank: Rank | None, owned: Assignment | None, hold: Hold | None, ask: Ask | None) -> dict[str, str]:
    if ask is not None:
        return messages.words(messages.REOPENED if ask.reopened else messages.ASKS)
    if hold is not None and hold.ended_at is not None and hold.ended_by in messages.HOLD_ENDED:
        return messages.words(messages.HOLD_ENDED[hold.ended_by])
    if owned is not None and owned.level > 0:
        return messages.words(messages.ESCALATED_ROW)
    if rank is None:
        return messages.words(messages.NOT_RANKED)
    due = micros(rank.due) if rank.due else None
    said = said_why(Why(rank.why), due=due, stake=rank.stake, zone=settings.SHOP_ZONE)
    return {"zh": said.text("zh"), "en": said.text("en")}


def _lease(lease: Lease | None, user: User) -> dict[str, Any] | None:
    if lease is None:
        return None
    mine = lease.user_id == user.pk
    return {
        "user": {"id": lease.user_id, "name": lease.user.name},
        "mine": mine,
        "token": lease.token if mine else None,
        "expires_at": lease.expires_at,
    }


def _owner(owned: Assignment | None) -> dict[str, Any] | None:
    if owned is None:
        return None
    return {
        "user": {"id": owned.user.pk, "name": owned.user.name} if owned.user else None,
        "team": {"id": owned.team.pk, "name": owned.team.name} if owned.team else None,
        "role": owned.role,
        "level": owned.level,
        "reason": owned.reason,
        "by": owned.by_name,
        "at": owned.at,
    }


def _hold(hold: Hold | None) -> dict[str, Any] | None:
    if hold is None:
        return None
    return {
        "kind": hold.kind,
        "until": hold.until,
        "note": hold.note,
        "at": hold.at,
        "ended_at": hold.ended_at,
        "ended_by": hold.ended_by,
    }


def mine(user: User) -> list[int]:
    """Return the orders that a person holds, in the order of work."""
    held = Lease.objects.filter(user=user, expires_at__gt=Now())
    return list(held.order_by("order__rank__place", "token").values_list("order_id", flat=True))


def merge_candidates(user: User, order_id: int, now: datetime) -> list[dict[str, Any]]:
    """Return other orders of the same shop and receiver that have not left, the oldest first: one parcel may do."""
    own = Order.objects.filter(pk=order_id, merchant_id=user.merchant_id).values("shop_id", "receiver_key").first()
    if own is None or own["receiver_key"] is None:
        return []
    alike = Order.objects.filter(
        merchant_id=user.merchant_id,
        shop_id=own["shop_id"],
        receiver_key=own["receiver_key"],
        platform_state="waiting",
        stage__in=[*sorted(BACKLOG), "released"],
    ).exclude(pk=order_id)
    columns = alike.order_by("created_at", "id").values(*search.ROW_COLUMNS)[:20]
    return shown(user, list(columns), now)


def people(merchant: int) -> list[dict[str, Any]]:
    """Return everybody who works at the desk with what is hers now and what she did in the last day."""
    users = User.objects.filter(merchant_id=merchant, is_active=True).order_by("name", "id")
    held = _by_user(Lease.objects.filter(merchant_id=merchant, expires_at__gt=Now()))
    owned = _by_user(
        Assignment.objects.filter(merchant_id=merchant, user__isnull=False, order__stage__in=sorted(BACKLOG))
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT user_id, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) "
            "FROM desk_worklog WHERE merchant_id = %s AND kind = 'decided' "
            "AND at > now() - interval '1 day' GROUP BY 1",
            [merchant],
        )
        done = {key: (count, median) for key, count, median in cursor.fetchall()}
    return [
        {
            "id": user.pk,
            "name": user.name,
            "roles": user.roles,
            "leases": held.get(user.pk, 0),
            "assigned": owned.get(user.pk, 0),
            "decided_1d": done.get(user.pk, (0, None))[0],
            "seconds_median": done.get(user.pk, (0, None))[1],
        }
        for user in users
    ]


def load(merchant: int) -> dict[int, int]:
    """Return how many waiting orders each person has: assigned to her or in her hands. For assigning by load."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT user_id, count(*) FROM ("
            " SELECT a.user_id, a.order_id FROM desk_assignment AS a JOIN orders_order AS o ON o.id = a.order_id"
            "  WHERE a.merchant_id = %(m)s AND a.user_id IS NOT NULL AND o.stage IN ('in_review', 'exception', 'held')"
            " UNION SELECT user_id, order_id FROM desk_lease WHERE merchant_id = %(m)s AND expires_at > now()"
            ") AS work GROUP BY 1",
            {"m": merchant},
        )
        return dict(cursor.fetchall())


def unassigned(merchant: int, *, role: str | None = None, limit: int = 1000) -> list[int]:
    """Return workable orders that nobody owns or holds, in the order of work; of one owner role, or of all."""
    free = Order.objects.filter(
        _WAITS & ~_PARKED, merchant_id=merchant, lease__isnull=True, snooze__isnull=True, assignment__user__isnull=True
    )
    if role is not None:
        free = free.annotate(whose=Coalesce("assignment__role", "owner_role")).filter(whose=role)
    return list(in_turn(free).values_list("id", flat=True)[:limit])


def _by_user(chosen: QuerySet[Any]) -> dict[int, int]:
    return dict(chosen.values_list("user_id").annotate(n=Count("pk")).values_list("user_id", "n"))


def ranking(merchant: int) -> Ranking | None:
    """Return when the order of work was last worked out."""
    return Ranking.objects.filter(pk=merchant).first()


def settings_of(merchant: int) -> DeskSettings:
    """Return how the desk works."""
    return leases.settings_of(merchant)


def pace(merchant: int, days: int) -> list[dict[str, Any]]:
    """Return how long decisions took, by day and tier, from the work log: seconds at the median and the 90th part."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (at AT TIME ZONE %s)::date, tier, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds), "
            "percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds) FROM desk_worklog "
            "WHERE merchant_id = %s AND kind = 'decided' AND seconds IS NOT NULL "
            "AND at > now() - make_interval(days => %s) "
            "GROUP BY 1, 2 ORDER BY 1, 2",
            [settings.SHOP_ZONE, merchant, days],
        )
        return [
            {"day": day, "tier": tier or None, "orders": n, "median": median, "p90": ninth}
            for day, tier, n, median, ninth in cursor.fetchall()
        ]


def bulks(merchant: int) -> list[Bulk]:
    """Return the newest twenty bulk runs."""
    return list(Bulk.objects.filter(merchant_id=merchant).select_related("user").order_by("-id")[:20])


def told_bulk(row: Bulk) -> dict[str, Any]:
    """Return a bulk run with what it came to so far, by outcome."""
    ended = BulkItem.objects.filter(bulk_id=row.pk, outcome__isnull=False)
    counted = dict(ended.order_by().values_list("outcome").annotate(n=Count("order_id")))
    return {
        "id": row.pk,
        "state": row.state,
        "verdict": row.verdict,
        "reason": row.reason,
        "query": row.query,
        "total": row.total,
        "done": row.done,
        "failed": row.failed,
        "created_at": row.created_at,
        "finished_at": row.finished_at,
        "by": row.user.name,
        "outcomes": told_outcomes(counted),
    }


def told_outcomes(counted: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return outcomes in words, the most frequent first."""
    ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return [{"outcome": key, "text": messages.OUTCOMES[key].both(), "count": n} for key, n in ordered]


def my_last(user: User, most: int = 20) -> list[dict[str, Any]]:
    """Return the person's newest verdicts that are not taken back, for the undo list."""
    made = Verdict.objects.filter(merchant_id=user.merchant_id, user=user, undone_at__isnull=True, bulk__isnull=True)
    return [
        {
            "order_id": row.order_id,
            "version": row.version,
            "verdict": row.verdict,
            "at": row.at,
            "order_no": row.order_no,
            "reason": row.reason,
        }
        for row in made.annotate(order_no=F("order__order_no")).order_by("-at")[:most]
    ]


def members(merchant: int) -> list[dict[str, Any]]:
    """Return the teams that orders can be given to."""
    return [
        {"id": team.pk, "name": team.name, "role": team.role}
        for team in Team.objects.filter(merchant_id=merchant, active=True).order_by("name")
    ]

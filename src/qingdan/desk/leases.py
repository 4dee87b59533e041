"""Who holds which order just now: claiming, renewing, giving back, skipping.

A lease is a row of which there is at most one an order, so that the database keeps two people from one order. All
times are the database's. Claims lock the rows of ``Rank`` that they walk and skip those that another claim holds:
nobody waits for anybody, however many claim at once. Each function is one durable transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.db.models.functions import Now

from qingdan.core.message import Message
from qingdan.desk import messages, refreshing
from qingdan.desk.errors import NoSuchThingError, RefusedError, TakenError
from qingdan.desk.models import SKIP_REASONS, DeskSettings, Lease
from qingdan.orders.messages import NOT_FOUND
from qingdan.people.models import User
from qingdan.people.rights import Right, Role

OWNER_OF_ROLE: Final = {
    Role.SUPERVISOR.value: "supervisor",
    Role.AGENT.value: "front_line",
    Role.RISK.value: "risk",
    Role.FINANCE.value: "finance",
    Role.WAREHOUSE.value: "warehouse",
}
"""Owner role of a policy's tier by the role of a person."""
_TRIES: Final = 4
HERS_FIRST: Final = "30 minutes"
"""How long an order that somebody snoozed is kept for her once its time has come."""
SKIPPED_FOR: Final = "4 hours"
"""How long an order is not handed again to somebody who skipped it."""

WORKABLE: Final = "o.stage IN ('in_review', 'exception', 'held') AND NOT (o.stage = 'held' AND o.hand_decided)"
"""Condition on orders ``o`` that wait for a person; what a person put on hold waits for something else."""
_OWN: Final = """
    JOIN (SELECT order_id FROM desk_assignment WHERE user_id = %(user)s
          UNION SELECT order_id FROM desk_snooze WHERE user_id = %(user)s AND until <= statement_timestamp()) AS own
      ON own.order_id = r.order_id
"""
"""What is assigned to the person, and what she wanted to see again by now."""
_PERSONAL: Final = "(a.user_id IS NULL OR a.user_id = %(user)s)"
_POOLED: Final = """
    a.user_id IS NULL AND (
        a.team_id = ANY (%(teams)s)
        OR a.team_id IS NULL AND (%(all)s OR coalesce(a.role, o.owner_role, 'supervisor') = ANY (%(roles)s)))
"""
_FREE: Final = """
    NOT EXISTS (SELECT FROM desk_lease AS l WHERE l.order_id = r.order_id)
    AND NOT EXISTS (SELECT FROM desk_snooze AS s WHERE s.order_id = r.order_id AND (s.until > statement_timestamp()
                        OR s.user_id <> %(user)s AND s.until > statement_timestamp() - %(first)s::interval))
    AND NOT EXISTS (SELECT FROM desk_worklog AS w WHERE w.order_id = r.order_id AND w.user_id = %(user)s
                       AND w.kind = 'skipped' AND w.at > statement_timestamp() - %(skipped)s::interval)
    AND (%(buffer)s = 0 OR coalesce(o.tier, '') = 'urgent' OR o.paid_at IS NULL
         OR o.paid_at <= statement_timestamp() - make_interval(mins => %(buffer)s))
"""
_TAKE: Final = """
INSERT INTO desk_lease (order_id, merchant_id, user_id, token, taken_at, expires_at)
SELECT n.order_id, %(merchant)s, %(user)s, nextval('desk_token'), clock_timestamp(),
       clock_timestamp() + make_interval(secs => %(seconds)s)
  FROM next AS n
ON CONFLICT (order_id) DO NOTHING
RETURNING order_id, merchant_id, user_id, token, expires_at
"""
_LOGGED: Final = """
, logged AS (
    INSERT INTO desk_worklog (merchant_id, order_id, user_id, kind, token, at)
    SELECT merchant_id, order_id, user_id, 'leased', token, clock_timestamp() FROM taken
), woken AS (
    DELETE FROM desk_snooze AS z USING taken AS t WHERE z.order_id = t.order_id
)
SELECT order_id, token, expires_at FROM taken
"""
_WALK: Final = """
SELECT set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
       set_config('enable_sort', 'off', true)
"""
"""Go through the places one by one until there are enough: what is next is always near the front."""


def _claiming(more: str, whose: str) -> str:
    return f"""
        WITH next AS MATERIALIZED (
            SELECT r.order_id
              FROM desk_rank AS r JOIN orders_order AS o ON o.id = r.order_id {more}
              LEFT JOIN desk_assignment AS a ON a.order_id = r.order_id
             WHERE r.merchant_id = %(merchant)s AND o.merchant_id = %(merchant)s AND {WORKABLE} AND {whose} AND {_FREE}
                   AND (%(only)s::bigint[] IS NULL OR r.order_id = ANY (%(only)s))
             ORDER BY r.place, r.order_id LIMIT %(wanted)s FOR UPDATE OF r SKIP LOCKED
        ), taken AS ({_TAKE})
        {_LOGGED}
    """  # noqa: S608 - put together from our own texts


_CLAIM_OWN: Final = _claiming(_OWN, _PERSONAL)
_CLAIM_POOL: Final = _claiming("", _POOLED)
TAKE_ONE: Final = f"""
WITH next AS (SELECT %(order)s::bigint AS order_id), taken AS ({_TAKE}) {_LOGGED}
"""
_RENEW: Final = """
UPDATE desk_lease AS l SET expires_at = clock_timestamp() + make_interval(secs => %(seconds)s)
  FROM unnest(%(orders)s::bigint[], %(tokens)s::bigint[]) AS t (order_id, token)
 WHERE l.order_id = t.order_id AND l.token = t.token AND l.user_id = %(user)s AND l.expires_at > clock_timestamp()
RETURNING l.order_id, l.token, l.expires_at
"""
_GIVE_BACK: Final = """
WITH gone AS (
    DELETE FROM desk_lease WHERE user_id = %(user)s AND (%(orders)s::bigint[] IS NULL OR order_id = ANY (%(orders)s))
    RETURNING merchant_id, order_id, user_id, token, taken_at
), logged AS (
    INSERT INTO desk_worklog (merchant_id, order_id, user_id, kind, token, seconds, code, note, at)
    SELECT merchant_id, order_id, user_id, %(kind)s, token, extract(epoch FROM clock_timestamp() - taken_at),
           %(code)s, %(note)s, clock_timestamp()
      FROM gone
)
SELECT order_id FROM gone
"""
_SWEEP: Final = """
WITH lapsed AS (
    SELECT order_id FROM desk_lease
     WHERE expires_at <= statement_timestamp() AND (%(merchant)s::bigint IS NULL OR merchant_id = %(merchant)s)
     FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM desk_lease AS l USING lapsed WHERE l.order_id = lapsed.order_id
    RETURNING l.merchant_id, l.order_id, l.user_id, l.token, l.taken_at
), logged AS (
    INSERT INTO desk_worklog (merchant_id, order_id, user_id, kind, token, seconds, at)
    SELECT merchant_id, order_id, user_id, 'expired', token, extract(epoch FROM clock_timestamp() - taken_at),
           clock_timestamp()
      FROM gone
), told AS (
    INSERT INTO desk_notice (merchant_id, role, kind, params)
    SELECT g.merchant_id, 'supervisor', 'lease_expired',
           jsonb_build_object('name', u.name, 'user', u.id, 'count', count(*),
                              'orders', (array_agg(g.order_id ORDER BY g.order_id))[1:50])
      FROM gone AS g JOIN people_user AS u ON u.id = g.user_id GROUP BY g.merchant_id, u.id, u.name
)
SELECT count(*) FROM gone
"""


@dataclass(frozen=True, slots=True)
class Held:
    """A lease: the order, the token that its holder must name, and when it ends (database clock, UTC)."""

    order_id: int
    token: int
    expires_at: datetime


def settings_of(merchant: int) -> DeskSettings:
    """Return how the merchant's desk works; the defaults as long as nobody changed them."""
    found = DeskSettings.objects.filter(pk=merchant).first()
    if found is not None:
        return found
    return DeskSettings.objects.get_or_create(merchant_id=merchant)[0]


def owner_roles(user: User) -> list[str]:
    """Return the owner roles that a person's roles answer for."""
    return sorted({OWNER_OF_ROLE[role] for role in user.roles if role in OWNER_OF_ROLE})


def claim(user: User, wanted: int, *, only: Sequence[int] | None = None) -> list[Held]:
    """Lease the next ``wanted`` orders that the person may take, her own first, then by place; fewer if none are left.

    ``only`` narrows them to given orders, as a queue does. Who manages the desk takes from every role's orders once
    her own roles' are done. When nothing is found, the places are worked out anew once: orders may have come since.
    """
    sweep(user.merchant_id)
    set_up = settings_of(user.merchant_id)
    params: dict[str, Any] = {
        "merchant": user.merchant_id,
        "user": user.pk,
        "teams": teams_of(user),
        "roles": owner_roles(user),
        "all": False,
        "skipped": SKIPPED_FOR,
        "first": HERS_FIRST,
        "buffer": set_up.merge_buffer_minutes,
        "seconds": set_up.lease_minutes * 60,
        "only": list(only) if only is not None else None,
    }
    manages = Right.DESK_MANAGE in user.rights
    found = _claim(_CLAIM_OWN, params, wanted)
    found += _claim(_CLAIM_POOL, params, wanted - len(found))
    if manages:
        found += _claim(_CLAIM_POOL, {**params, "all": True}, wanted - len(found))
    if not found and refreshing.behind(user.merchant_id) and refreshing.refresh(user.merchant_id) is not None:
        found = _claim(_CLAIM_POOL, {**params, "all": manages}, wanted)
    return found


def _claim(statement: str, params: Mapping[str, Any], wanted: int) -> list[Held]:
    found: list[Held] = []
    for _ in range(_TRIES):
        if len(found) >= wanted:
            break
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            if statement is _CLAIM_POOL:
                cursor.execute(_WALK)
            cursor.execute(statement, {**params, "wanted": wanted - len(found)})
            some = [Held(*row) for row in cursor.fetchall()]
        found += some
        # fewer can mean that another claim was quicker at some of them
        if not some:
            break
    return found


def take(user: User, order_id: int, *, override: bool = False) -> Held:
    """Lease one order that the person chose; her own lease is renewed.

    ``override`` takes it from whoever holds it. Raises ``NoSuchThingError`` and ``TakenError``.
    """
    seconds = settings_of(user.merchant_id).lease_minutes * 60
    params = {"merchant": user.merchant_id, "user": user.pk, "order": order_id, "seconds": seconds}
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM orders_order WHERE id = %(order)s AND merchant_id = %(merchant)s FOR NO KEY UPDATE", params
        )
        if cursor.fetchone() is None:
            raise NoSuchThingError(NOT_FOUND.message())
        mine = end_of_others(cursor, user, order_id, override=override)
        cursor.execute("DELETE FROM desk_snooze WHERE order_id = %s", [order_id])
        if mine is not None:
            cursor.execute(_RENEW, {"seconds": seconds, "orders": [order_id], "tokens": [mine], "user": user.pk})
            if renewed := cursor.fetchone():
                return Held(*renewed)
            end_of_others(cursor, user, order_id)  # it ran out just now
        cursor.execute(TAKE_ONE, params)
        return Held(*cursor.fetchone())


def end_of_others(cursor: Any, user: User, order_id: int, *, override: bool = False) -> int | None:
    """Within a transaction that holds the order's lock: see that nobody else has it; return one's own live token.

    A lapsed lease, or with ``override`` anybody's, ends here. Raises ``TakenError``.
    """
    keep_claims_out(cursor, [order_id])
    cursor.execute(
        "SELECT l.user_id, l.token, l.expires_at > clock_timestamp(), u.name FROM desk_lease AS l "
        "JOIN people_user AS u ON u.id = l.user_id WHERE l.order_id = %s FOR UPDATE OF l",
        [order_id],
    )
    row = cursor.fetchone()
    if row is None:
        return None
    holder, token, live, name = row
    if live and holder == user.pk:
        return int(token)
    if live and not override:
        raise TakenError(
            Message("desk.leased", messages.LEASED, messages.LEASED_ADVICE, {"name": name}), {"holder": name}
        )
    cursor.execute(
        _GIVE_BACK,
        {"user": holder, "orders": [order_id], "kind": "returned" if live else "expired", "code": "", "note": ""},
    )
    return None


def see_free(user: User, order_id: int) -> None:
    """Refuse when a colleague has the order before her; for decisions that are made outside the desk."""
    found = Lease.objects.filter(pk=order_id, merchant_id=user.merchant_id, expires_at__gt=Now()).exclude(user=user)
    if holder := found.values_list("user__name", flat=True).first():
        raise TakenError(
            Message("desk.leased", messages.LEASED, messages.LEASED_ADVICE, {"name": holder}), {"holder": holder}
        )


def settle(user: User, order_id: int) -> None:
    """End what the person had open of an order that she decided outside the desk."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, {"user": user.pk, "orders": [order_id], "kind": "decided", "code": "", "note": ""})
        for table in ("desk_snooze", "desk_ask"):
            cursor.execute(
                f"DELETE FROM {table} WHERE order_id = %s AND merchant_id = %s",  # noqa: S608 - our own names
                [order_id, user.merchant_id],
            )


def keep_claims_out(cursor: Any, order_ids: list[int]) -> None:
    """Let no claim take orders until the transaction ends; one that has just taken some is waited for."""
    cursor.execute("SELECT FROM desk_rank WHERE order_id = ANY (%s) ORDER BY order_id FOR UPDATE", [order_ids])


def renew(user: User, leases: Mapping[int, int]) -> list[Held]:
    """Give the person's leases (order → token) their full time again; those that she lost are left out."""
    params: dict[str, Any] = {
        "seconds": settings_of(user.merchant_id).lease_minutes * 60,
        "orders": list(leases),
        "tokens": list(leases.values()),
        "user": user.pk,
    }
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_RENEW, params)
        return [Held(*row) for row in cursor.fetchall()]


def give_back(user: User, orders: Iterable[int] | None = None) -> list[int]:
    """Return orders that the person holds, or all of them, to the pool; return which."""
    return _end(user, None if orders is None else list(orders), "returned", "", "")


def skip(user: User, order_id: int, *, code: str, note: str = "") -> bool:
    """Return an order that the person would not do, with the reason; it is not handed to her again for a while."""
    if code not in SKIP_REASONS or (code == "other" and not note.strip()):
        raise RefusedError(messages.NEEDS_REASON)
    return bool(_end(user, [order_id], "skipped", code, note))


def _end(user: User, orders: list[int] | None, kind: str, code: str, note: str) -> list[int]:
    params: dict[str, Any] = {"user": user.pk, "orders": orders, "kind": kind, "code": code, "note": note}
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, params)
        return [row[0] for row in cursor.fetchall()]


def sweep(merchant: int | None = None) -> int:
    """Return orders whose lease ran out to the pool, and tell the supervisors; return how many."""
    with connection.cursor() as cursor:
        # most of the time there is none, and looking is cheaper than the whole statement
        cursor.execute("SELECT EXISTS (SELECT FROM desk_lease WHERE expires_at <= statement_timestamp())")
        if not cursor.fetchone()[0]:
            return 0
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_SWEEP, {"merchant": merchant})
        return int(cursor.fetchone()[0])


def teams_of(user: User) -> list[int]:
    """Return the ids of the active teams that a person is in."""
    return list(user.memberships.filter(team__active=True).values_list("team_id", flat=True))

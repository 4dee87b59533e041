"""What a person concludes about one order, and how she takes it back.

A verdict is one durable transaction: the order's state and event (by the ledger), the outbox (by its triggers), the
end of the lease, and the work log. It names the version that the person saw. Sent twice, it is done once: the second
answer is the first one's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from qingdan.core.lifecycle import Stage
from qingdan.core.message import Message, Words
from qingdan.desk import leases, messages, telling
from qingdan.desk.errors import NoSuchThingError, NotAllowedError, RefusedError, StaleError, TakenError
from qingdan.desk.models import Ask, Assignment, DeskSettings, Hold, Snooze, Verdict
from qingdan.orders import deciding
from qingdan.orders.actors import Actor
from qingdan.orders.deciding import Choice, Standing
from qingdan.orders.messages import CANCELLED_BY_PLATFORM, CONFLICT, NO_MOVE, NOT_FOUND
from qingdan.people.models import User
from qingdan.people.rights import Role

RECALL: Final = timedelta(seconds=8)
"""How long a release by hand stays here before it may leave; the outbox' trigger waits as long."""
LONGEST_SNOOZE: Final = timedelta(days=3)
TARGETS: Final = {
    "release": Stage.RELEASED,
    "hold": Stage.HELD,
    "refuse": Stage.CANCELLED,
    "exception": Stage.EXCEPTION,
    "review": Stage.IN_REVIEW,
    "escalate": None,
}
_BOUND: Final = frozenset({"release", "refuse"})
"""Verdicts that only who answers for the order may give."""
OVERSEERS: Final = frozenset({Role.SUPERVISOR.value, Role.ADMIN.value})
_OPEN_REFUND: Final = frozenset({"requested", "in_progress"})
_ENDED: Final = frozenset({"closed", "cancelled"})
_NEXT_LEVEL: Final = {"front_line": "supervisor", "finance": "supervisor", "warehouse": "supervisor"}
_LOG: Final = """
INSERT INTO desk_worklog (merchant_id, order_id, user_id, kind, token, seconds, code, note, tier, at)
SELECT %(merchant)s, %(order)s, %(user)s, %(kind)s, %(token)s,
       -- from when the order was handed out, or the person's last act since, whichever is later
       extract(epoch FROM clock_timestamp() - greatest(%(taken)s::timestamptz, (
           SELECT max(w.at) FROM desk_worklog AS w
            WHERE w.user_id = %(user)s AND w.at > %(taken)s::timestamptz
              AND w.kind IN ('decided', 'skipped', 'snoozed', 'returned', 'undone')))),
       %(code)s, %(note)s, %(tier)s, clock_timestamp()
RETURNING seconds
"""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a person asks for. ``hold`` says what a hold waits for, ``until`` the latest moment of it.

    ``token`` is her lease's, if she works from one; ``role`` is whom she escalates to, by default the next level.
    """

    verdict: str
    version: int
    reason: str = ""
    hold: str = "time"
    until: datetime | None = None
    token: int | None = None
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Ruled:
    """What came of it: the order's new version and stage, and until when it stays here whatever was decided."""

    order_id: int
    version: int
    stage: Stage
    recall_until: datetime | None = None
    repeated: bool = False
    facts: Mapping[str, str] = field(default_factory=dict)


def actor_of(user: User) -> Actor:
    """Return the person as events name her."""
    return Actor("user", str(user.pk), user.name)


def rule(user: User, order_id: int, ruling: Ruling) -> Ruled:
    """Give a verdict. Raises the errors of ``errors``, ``StaleError`` with what changed since she looked."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        order = deciding.lock([order_id], merchant=user.merchant_id).get(order_id)
        if order is None:
            raise NoSuchThingError(NOT_FOUND.message())
        if repeated := _repeated(user, order, ruling):
            return repeated
        mine = leases.end_of_others(cursor, user, order_id)
        if order.version != ruling.version:
            raise stale(order, ruling.version)
        if ruling.token is not None and mine is not None and mine != ruling.token:
            raise TakenError(messages.LEASE_LOST)
        assignment = Assignment.objects.filter(pk=order_id).first()
        check(user, order, ruling, assignment, settings=leases.settings_of(user.merchant_id))
        was = before(order, assignment, Hold.objects.filter(pk=order_id, ended_at__isnull=True).first())
        version = _write(user, order, ruling)
        _place(user, order, ruling, assignment)
        seconds = log(cursor, user, order, "decided", code=ruling.verdict, note=ruling.reason)
        clear(cursor, [order_id])
        made = Verdict.objects.create(
            order_id=order_id,
            version=version,
            merchant_id=user.merchant_id,
            user=user,
            verdict=ruling.verdict,
            was=was,
            reason=ruling.reason,
            seconds=seconds,
        )
        made.refresh_from_db(fields=["at"])
    return _ruled(made, TARGETS[ruling.verdict] or order.stage)


def check(
    user: User, order: Standing, ruling: Ruling, assignment: Assignment | None, *, settings: DeskSettings
) -> None:
    """Refuse a verdict that makes no sense for the order now, or that the person may not give."""
    target = TARGETS[ruling.verdict]
    if ruling.verdict == "release" and order.platform_state in _ENDED:
        raise RefusedError(CANCELLED_BY_PLATFORM.message())
    if not order.may_be(target or order.stage):
        raise RefusedError(NO_MOVE.message(stage=order.stage, target=target or order.stage))
    if ruling.verdict in {"refuse", "exception", "escalate"} and not ruling.reason.strip():
        raise RefusedError(messages.NEEDS_REASON)
    if ruling.verdict == "hold":
        _check_hold(order, ruling)
    if OVERSEERS.intersection(user.roles):
        return
    if ruling.verdict in _BOUND and not _answers(user, order, assignment):
        role = (assignment.role if assignment else None) or order.owner_role or "supervisor"
        who: dict[str, Any] = {"role": messages.ROLES[role], "verdict": messages.VERDICTS[ruling.verdict]}
        raise NotAllowedError(Message("desk.not_yours", messages.NOT_YOURS, messages.NOT_YOURS_ADVICE, who))
    front = set(user.roles) <= {Role.AGENT.value, Role.WAREHOUSE.value}
    if ruling.verdict == "refuse" and front and (order.paid_amount or 0) > settings.refuse_limit:
        params = {"amount": _yuan(order.paid_amount or 0), "limit": _yuan(settings.refuse_limit)}
        raise NotAllowedError(Message("desk.too_much", messages.TOO_MUCH, messages.TOO_MUCH_ADVICE, params))


def _check_hold(order: Standing, ruling: Ruling) -> None:
    past = ruling.until is not None and ruling.until <= timezone.now()
    if past or (ruling.hold == "time" and ruling.until is None):
        raise RefusedError(messages.NEEDS_UNTIL)
    if ruling.hold == "refund" and order.refund_state not in _OPEN_REFUND:
        raise RefusedError(messages.NO_REFUND)


def _answers(user: User, order: Standing, assignment: Assignment | None) -> bool:
    """Whether the order is the person's: assigned to her or her team, or her role's by its tier or escalation."""
    if assignment is not None:
        if assignment.user_id is not None:
            return assignment.user_id == user.pk
        if assignment.team_id is not None and assignment.team_id in leases.teams_of(user):
            return True
    role = (assignment.role if assignment else None) or order.owner_role
    return role is None or role in leases.owner_roles(user)


def stale(order: Standing, seen: int) -> StaleError:
    """Say that the order changed after ``seen``, and in what."""
    return StaleError(
        CONFLICT.message(version=order.version),
        {"order_id": order.id, "version": order.version, "differences": telling.differences(order.id, seen)},
    )


def before(order: Standing, assignment: Assignment | None, hold: Hold | None) -> dict[str, Any]:
    """Return all that taking a verdict back needs."""
    return {
        "stage": order.stage.value,
        "decided_kind": order.decided_kind,
        "decided_id": order.decided_id,
        "decided_name": order.decided_name,
        "hand_decided": order.hand_decided,
        "held_until": order.held_until.isoformat() if order.held_until else None,
        "assignment": {
            "user_id": assignment.user_id,
            "team_id": assignment.team_id,
            "role": assignment.role,
            "level": assignment.level,
            "reason": assignment.reason,
            "by_name": assignment.by_name,
        }
        if assignment
        else None,
        "hold": {
            "kind": hold.kind,
            "until": hold.until.isoformat() if hold.until else None,
            "note": hold.note,
            "user_id": hold.user_id,
        }
        if hold
        else None,
    }


def _write(user: User, order: Standing, ruling: Ruling) -> int:
    facts = {"verdict": ruling.verdict}
    reason = ruling.reason
    if ruling.verdict == "hold":
        facts["hold"] = ruling.hold
    if ruling.verdict == "escalate":
        role = ruling.role or _NEXT_LEVEL.get(order.owner_role or "", "supervisor")
        facts["escalated_to"] = role
        reason = messages.ESCALATED.text("zh", {"role": messages.ROLES[role].zh, "reason": ruling.reason})
    choice = Choice(
        order.id,
        order.version,
        TARGETS[ruling.verdict],
        reason,
        ruling.until if ruling.verdict == "hold" else None,
        facts,
    )
    return deciding.decide([choice], actor=actor_of(user))[order.id]


def _place(user: User, order: Standing, ruling: Ruling, assignment: Assignment | None) -> None:
    """Say whose the order is from now on, and what a hold waits for."""
    if ruling.verdict != "escalate":
        place_many(
            user,
            ruling.verdict,
            [order.id],
            hold=ruling.hold,
            until=ruling.until,
            reason=ruling.reason,
            role=ruling.role,
        )
        return
    role = ruling.role or _NEXT_LEVEL.get(order.owner_role or "", "supervisor")
    level = (assignment.level if assignment else 0) + 1
    _give([order.id], user, role, ruling.reason, level=level)
    told = {"name": user.name, "reason": ruling.reason}
    telling.tell(user.merchant_id, "escalated", role=role, order_id=order.id, params=told)


def place_many(
    user: User,
    verdict: str,
    order_ids: list[int],
    *,
    hold: str,
    until: datetime | None,
    reason: str,
    role: str | None = None,
) -> None:
    """Say whose orders are from now on, and what their holds wait for; the transaction has them locked."""
    if verdict == "hold":
        now = timezone.now()
        Hold.objects.bulk_create(
            [
                Hold(
                    order_id=key,
                    merchant_id=user.merchant_id,
                    kind=hold,
                    until=until,
                    note=reason,
                    user=user,
                    at=now,
                    ended_at=None,
                    ended_by="",
                )
                for key in order_ids
            ],
            update_conflicts=True,
            unique_fields=["order_id"],
            update_fields=["kind", "until", "note", "user", "at", "ended_at", "ended_by"],
        )
    elif verdict == "exception":
        _give(order_ids, user, role or "risk", reason, level=0)
    elif verdict in {"release", "refuse"}:
        Assignment.objects.filter(pk__in=order_ids).delete()


def _give(order_ids: list[int], user: User, role: str, reason: str, *, level: int) -> None:
    """Give orders to a role; an escalation raises their level, anything else leaves it."""
    now = timezone.now()
    Assignment.objects.bulk_create(
        [
            Assignment(
                order_id=key,
                merchant_id=user.merchant_id,
                user=None,
                team=None,
                role=role,
                level=level,
                reason=reason,
                by_name=user.name,
                at=now,
            )
            for key in order_ids
        ],
        update_conflicts=True,
        unique_fields=["order_id"],
        update_fields=["user", "team", "role", "reason", "by_name", "at", *(["level"] if level else [])],
    )


def log(cursor: Any, user: User, order: Standing, kind: str, *, code: str = "", note: str = "") -> float | None:
    """Add to the work log how long the person had the order; return the seconds, None when it was never hers."""
    cursor.execute("SELECT token, taken_at FROM desk_lease WHERE order_id = %s AND user_id = %s", [order.id, user.pk])
    token, taken = cursor.fetchone() or (None, None)
    cursor.execute(
        _LOG,
        {
            "merchant": user.merchant_id,
            "order": order.id,
            "user": user.pk,
            "kind": kind,
            "token": token,
            "taken": taken,
            "code": code,
            "note": note,
            "tier": order.tier or "",
        },
    )
    seconds = cursor.fetchone()[0]
    return None if seconds is None else float(seconds)


def clear(cursor: Any, order_ids: list[int]) -> None:
    """End what a verdict ends: the leases, snoozes and open questions of orders that the transaction has locked."""
    for table in ("desk_lease", "desk_snooze", "desk_ask"):
        cursor.execute(f"DELETE FROM {table} WHERE order_id = ANY (%s)", [order_ids])  # noqa: S608 - our own names


def _repeated(user: User, order: Standing, ruling: Ruling) -> Ruled | None:
    """Return the answer to the same verdict given before, when nothing else has happened since."""
    made = Verdict.objects.filter(
        order_id=order.id, version=ruling.version + 1, user=user, verdict=ruling.verdict, undone_at__isnull=True
    ).first()
    if made is None or made.reason != ruling.reason:
        return None
    return _ruled(made, TARGETS[ruling.verdict] or order.stage, repeated=True)


def _ruled(made: Verdict, stage: Stage, *, repeated: bool = False) -> Ruled:
    recall = made.at + RECALL if made.verdict == "release" else None
    return Ruled(made.order_id, made.version, stage, recall, repeated)


def snooze(user: User, order_id: int, until: datetime, note: str = "") -> None:
    """See an order again later: it leaves the pool until then and comes back to the same person."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        order = deciding.lock([order_id], merchant=user.merchant_id).get(order_id)
        if order is None:
            raise NoSuchThingError(NOT_FOUND.message())
        if until <= timezone.now():
            raise RefusedError(messages.NEEDS_UNTIL)
        if until > timezone.now() + LONGEST_SNOOZE:
            raise RefusedError(messages.TOO_LONG)
        if not order.waits:
            raise RefusedError(NO_MOVE.message(stage=order.stage, target=Words("稍后处理", "done later")))
        leases.end_of_others(cursor, user, order_id)
        log(cursor, user, order, "snoozed", note=note)
        cursor.execute("DELETE FROM desk_lease WHERE order_id = %s", [order_id])
        Snooze.objects.update_or_create(
            order_id=order_id,
            defaults={
                "merchant_id": user.merchant_id,
                "user": user,
                "until": until,
                "note": note,
                "at": timezone.now(),
            },
        )


def keep(user: User, order_id: int, version: int) -> None:
    """Answer a question about a changed order: the decision stands; what was seen is ``version``."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        order = deciding.lock([order_id], merchant=user.merchant_id).get(order_id)
        if order is None:
            raise NoSuchThingError(NOT_FOUND.message())
        if order.version != version:
            raise stale(order, version)
        if not Ask.objects.filter(pk=order_id).delete()[0]:
            raise RefusedError(messages.NOTHING_ASKED)
        log(cursor, user, order, "kept")


def _yuan(fen: int) -> str:
    return f"{fen / 100:,.2f}"

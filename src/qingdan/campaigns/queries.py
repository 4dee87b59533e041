"""Reads of clean-ups: the list, and one with all that its page shows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from qingdan.campaigns import messages, scope
from qingdan.campaigns.kinds import LABELS
from qingdan.campaigns.models import Authorisation, Campaign, Checkpoint, Lane, Prevention
from qingdan.people.models import Calendar, Team, User


def campaigns(merchant: int, now: datetime) -> list[dict[str, Any]]:
    """Return the newest fifty clean-ups with how far they are."""
    rows = Campaign.objects.filter(merchant_id=merchant).order_by("-id")[:50]
    return [short(row, now) for row in rows]


def short(row: Campaign, now: datetime) -> dict[str, Any]:
    """Return a clean-up as a line of the list; a closed one keeps the figures of its end."""
    stands = row.report["after"] if row.report else scope.standing(row, now)
    return {
        "id": row.pk,
        "name": row.name,
        "state": row.state,
        "step": row.step,
        "goal_at": row.goal_at,
        "created_at": row.created_at,
        "created_by": row.created_by,
        "started_at": row.started_at,
        "closed_at": row.closed_at,
        "query": row.query,
        "grows": row.grows,
        **{key: stands[key] for key in ("total", "done", "by_rules", "left", "parked", "overdue", "late")},
        "p50": (row.forecast or {}).get("p50"),
        "p80": (row.forecast or {}).get("p80"),
        "chance": (row.forecast or {}).get("chance"),
    }


def whole(row: Campaign, now: datetime) -> dict[str, Any]:
    """Return all that the page of a clean-up shows."""
    lanes = list(row.lanes.select_related("team").order_by("letter"))
    letters = {lane.pk: lane.letter for lane in lanes}
    return {
        **short(row, now),
        "calendar_id": row.calendar_id,
        "forecast": row.forecast,
        "kinds": [{**kind, "label": LABELS[kind["kind"]].both()} for kind in scope.standing(row, now)["kinds"]],
        "pile": scope.pile(row, now),
        "unowned": len(scope.unowned(row, now)) if row.state != "closed" else 0,
        "lanes": [_lane(lane) for lane in lanes],
        "done_by": scope.done_by(row, now),
        "authorisations": [authorisation(one) for one in row.authorisations.order_by("-id")],
        "checkpoints": [checkpoint(one, letters) for one in row.checkpoints.order_by("-at")[:60]],
        "preventions": [prevention(one) for one in row.preventions.select_related("owner").order_by("due", "id")],
        "log": [
            {"at": one.at, "kind": one.kind, "by": one.by_name, "text": messages.entry(one.kind, one.params)}
            for one in row.entries.order_by("-id")[:200]
        ],
    }


def choices(merchant: int) -> dict[str, Any]:
    """Return what a plan is put together from: teams with their members, everybody, calendars, kinds of work."""
    teams = Team.objects.filter(merchant_id=merchant, active=True).order_by("id")
    return {
        "teams": [
            {"id": team.pk, "name": team.name, "role": team.role, "members": list(_users(team))} for team in teams
        ],
        "people": list(User.objects.filter(merchant_id=merchant, is_active=True).order_by("name").values("id", "name")),
        "calendars": list(Calendar.objects.filter(merchant_id=merchant).order_by("name").values("id", "name")),
        "kinds": [{"id": kind, "label": label.both()} for kind, label in LABELS.items()],
    }


def checkpoint(one: Checkpoint, letters: dict[int, str]) -> dict[str, Any]:
    """Return a checkpoint with its advice in words."""
    return {
        "id": one.pk,
        "at": one.at,
        "total": one.total,
        "done": one.done,
        "left": one.left,
        "pace": one.pace,
        "p50": one.forecast.get("p50"),
        "p80": one.forecast.get("p80"),
        "chance": one.forecast.get("chance"),
        "late": one.forecast.get("late", 0),
        "penalty": one.forecast.get("penalty", 0),
        "moves": [{**move, "text": messages.move(move, letters)} for move in one.moves],
        "accepted": one.accepted,
        "accepted_by": one.accepted_by,
        "accepted_at": one.accepted_at,
        "note": one.note,
        "note_by": one.note_by,
    }


def authorisation(one: Authorisation) -> dict[str, Any]:
    """Return an authorisation."""
    names = ("role", "kind", "limit", "ends_at", "given_by", "given_at", "ended_at", "ended_by")
    return {"id": one.pk, **{name: getattr(one, name) for name in names}}


def prevention(one: Prevention) -> dict[str, Any]:
    """Return a line of the prevention list."""
    return {
        "id": one.pk,
        "text": one.text,
        "cause": one.cause,
        "owner": {"id": one.owner_id, "name": one.owner.name},
        "due": one.due,
        "done_at": one.done_at,
    }


def _lane(lane: Lane) -> dict[str, Any]:
    people = lane.seats.select_related("user").order_by("user__name", "id")
    return {
        "id": lane.pk,
        "letter": lane.letter,
        "name": lane.name,
        "team": {"id": lane.team_id, "name": lane.team.name},
        "kinds": lane.kinds,
        "people": [{"id": seat.user_id, "name": seat.user.name} for seat in people],
    }


def _users(team: Team) -> Sequence[int]:
    return list(team.members.filter(user__is_active=True).values_list("user_id", flat=True))

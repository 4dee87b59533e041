"""Verbs on a clean-up: make it, plan it, start it, move people, authorise, write down, close. One transaction each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from qingdan.campaigns import messages, planning, reports, scope, sharing
from qingdan.campaigns.errors import CampaignMovedError, CampaignRefusedError, NoSuchCampaignError
from qingdan.campaigns.kinds import KINDS, USUAL_ROLE
from qingdan.campaigns.models import STEPS, Authorisation, Campaign, Checkpoint, Entry, Lane, Prevention, Seat
from qingdan.core.policy.model import OWNERS
from qingdan.people.models import Calendar, Team, User

_LETTERS: Final = "ABCDEFGHJK"


@dataclass(frozen=True, slots=True)
class LaneOf:
    """A group as it is saved: its name, team, kinds of work and people."""

    name: str
    team_id: int
    kinds: tuple[str, ...]
    people: tuple[int, ...]


def create(
    user: User, *, name: str, filters: Mapping[str, Any], query: str, goal_at: datetime, grows: bool, now: datetime
) -> Campaign:
    """Make a clean-up of the orders that match now, with a group a kind of work. Raises ``CampaignRefusedError``."""
    if goal_at <= now:
        raise CampaignRefusedError(messages.GOAL_PAST)
    with transaction.atomic(durable=True):
        made = Campaign.objects.create(
            merchant_id=user.merchant_id,
            name=name,
            filters=dict(filters),
            query=query,
            goal_at=goal_at,
            grows=grows,
            created_by=user.name,
        )
        joined = scope.join(made, now)
        if not joined:
            raise CampaignRefusedError(messages.NO_ORDERS)
        note(made, "created", user.name, orders=joined)
        _usual_lanes(made, now)
    foresee(made, now)
    return get(user.merchant_id, made.pk)


def get(merchant: int, campaign_id: int, *, lock: bool = False) -> Campaign:
    """Return one clean-up. Raises ``NoSuchCampaignError``."""
    found = Campaign.objects.filter(merchant_id=merchant, pk=campaign_id)
    row = (found.select_for_update() if lock else found.select_related("calendar")).first()
    if row is None:
        raise NoSuchCampaignError(messages.NOT_FOUND)
    return row


def change(
    user: User, campaign_id: int, *, name: str, goal_at: datetime, grows: bool, step: int, calendar: int | None
) -> Campaign:
    """Change what a clean-up is called, until when it is to be done, and at which step its preparation is."""
    with transaction.atomic(durable=True):
        row = _open(user, campaign_id)
        if calendar is not None and not Calendar.objects.filter(pk=calendar, merchant_id=user.merchant_id).exists():
            raise NoSuchCampaignError(messages.NOT_FOUND)
        row.name, row.goal_at, row.grows, row.step = name, goal_at, grows, min(max(step, 1), STEPS)
        row.calendar_id = calendar
        row.save(update_fields=["name", "goal_at", "grows", "step", "calendar_id"])
    return get(user.merchant_id, campaign_id)


def grow(campaign: Campaign, by: str, now: datetime) -> int:
    """Take in orders that match by now; return how many."""
    with transaction.atomic(durable=True):
        row = get(campaign.merchant_id, campaign.pk, lock=True)
        if row.state == "closed":
            raise CampaignRefusedError(messages.CLOSED)
        joined = scope.join(row, now)
        if joined:
            note(row, "grown", by, orders=joined)
    if joined:
        sharing.apply_authorisations(campaign)
    return joined


def foresee(campaign: Campaign, now: datetime) -> dict[str, Any]:
    """Simulate the clean-up as it stands and keep what came of it."""
    plan = planning.plan_of(campaign, now)
    seen = planning.told(campaign, plan, planning.look(plan))
    Campaign.objects.filter(pk=campaign.pk).update(forecast=seen)
    campaign.forecast = seen
    return seen


def save_lanes(user: User, campaign_id: int, lanes: Sequence[LaneOf], now: datetime) -> Campaign:
    """Say who works on what. Raises ``CampaignRefusedError``."""
    kinds = [kind for lane in lanes for kind in lane.kinds]
    people = [person for lane in lanes for person in lane.people]
    doubled = len(set(kinds)) < len(kinds) or len(set(people)) < len(people)
    if doubled or not set(kinds) <= set(KINDS) or not 0 < len(lanes) <= len(_LETTERS):
        raise CampaignRefusedError(messages.BAD_LANES)
    teams = {lane.team_id for lane in lanes}
    with transaction.atomic(durable=True):
        row = _open(user, campaign_id)
        known = Team.objects.filter(merchant_id=user.merchant_id, active=True, pk__in=teams).count()
        there = User.objects.filter(merchant_id=user.merchant_id, is_active=True, pk__in=people).count()
        if known != len(teams) or there != len(people):
            raise CampaignRefusedError(messages.BAD_LANES)
        Seat.objects.filter(campaign=row).delete()
        Lane.objects.filter(campaign=row).exclude(letter__in=_LETTERS[: len(lanes)]).delete()
        for letter, lane in zip(_LETTERS, lanes, strict=False):
            told = {"name": lane.name, "team_id": lane.team_id, "kinds": list(lane.kinds)}
            kept, _ = Lane.objects.update_or_create(campaign=row, letter=letter, defaults=told)
            Seat.objects.bulk_create(Seat(campaign=row, lane=kept, user_id=person) for person in lane.people)
        note(row, "planned", user.name)
    row = get(user.merchant_id, campaign_id)
    if row.state == "running":
        sharing.share(row, now)
    foresee(row, now)
    return row


def start(user: User, campaign_id: int, now: datetime) -> Campaign:
    """Begin: orders go to their groups, and what first come, first served would come to is kept for the report."""
    with transaction.atomic(durable=True):
        row = _open(user, campaign_id)
        if row.state != "planned":
            raise CampaignMovedError(messages.MOVED)
        if not row.seats.exists():
            raise CampaignRefusedError(messages.NO_PEOPLE)
        plan = planning.plan_of(row, now)
        seen = planning.told(row, plan, planning.look(plan))
        row.state, row.started_at, row.step, row.forecast = "running", now, STEPS, seen
        row.opening = {**scope.standing(row, now), "fifo": reports.first_come(row, plan), "plan": seen}
        row.save(update_fields=["state", "started_at", "step", "forecast", "opening"])
        note(row, "started", user.name, left=row.opening["left"])
    sharing.apply_authorisations(row)
    sharing.share(row, now)
    check(row, now)
    return get(user.merchant_id, campaign_id)


def check(campaign: Campaign, now: datetime) -> Checkpoint:
    """Write down how far it is, how fast, until when, and what helps most."""
    plan = planning.plan_of(campaign, now)
    seen = planning.told(campaign, plan, planning.look(plan))
    helps = planning.best_moves(plan)
    with transaction.atomic(durable=True):
        row = get(campaign.merchant_id, campaign.pk, lock=True)
        if row.state != "running":
            raise CampaignRefusedError(messages.NOT_RUNNING)
        stands = scope.standing(row, now)
        before = row.checkpoints.order_by("-at").first()
        pace = None
        if before is not None:
            hours = planning.worked_hours(row, before.at, now)
            pace = (stands["done"] - before.done) / hours if hours > 0 else None
        made, _ = Checkpoint.objects.update_or_create(
            campaign=row,
            at=now,
            defaults={
                "total": stands["total"],
                "done": stands["done"],
                "left": stands["left"],
                "pace": pace,
                "forecast": seen,
                "moves": helps,
            },
        )
        Campaign.objects.filter(pk=row.pk).update(forecast=seen)
        note(row, "checkpoint", "", done=stands["done"], left=stands["left"])
    return made


def accept(user: User, campaign_id: int, checkpoint_id: int, number: int, now: datetime) -> Campaign:
    """Take a checkpoint's advice: the people change groups, and with them their work. Only the newest one's holds."""
    with transaction.atomic(durable=True):
        row = _running(user, campaign_id)
        newest = row.checkpoints.order_by("-at").first()
        if newest is None or newest.pk != checkpoint_id or newest.accepted is not None:
            raise CampaignMovedError(messages.MOVED)
        if not 0 <= number < len(newest.moves):
            raise NoSuchCampaignError(messages.NOT_FOUND)
        move = newest.moves[number]
        people = [person["id"] for person in move["people"]]
        lanes = {lane.pk: lane for lane in row.lanes.all()}
        moved = Seat.objects.filter(campaign=row, user__in=people, lane=move["source"])
        if not {move["source"], move["target"]} <= set(lanes) or moved.update(lane=move["target"]) != len(people):
            raise CampaignMovedError(messages.MOVED)
        newest.accepted, newest.accepted_by, newest.accepted_at = number, user.name, now
        newest.save(update_fields=["accepted", "accepted_by", "accepted_at"])
        note(
            row,
            "moved",
            user.name,
            names="、".join(person["name"] for person in move["people"]),
            source=lanes[move["source"]].letter,
            target=lanes[move["target"]].letter,
            hours=move["hours"],
        )
    sharing.release(row, people)
    sharing.share(row, now)
    foresee(row, now)
    return get(user.merchant_id, campaign_id)


def hand_over(user: User, campaign_id: int, checkpoint_id: int, text: str) -> Checkpoint:
    """Write a note for the next shift at a checkpoint."""
    if not text.strip():
        raise CampaignRefusedError(messages.UNFINISHED)
    with transaction.atomic(durable=True):
        row = _open(user, campaign_id)
        found = row.checkpoints.filter(pk=checkpoint_id).first()
        if found is None:
            raise NoSuchCampaignError(messages.NOT_FOUND)
        found.note, found.note_by = text.strip(), user.name
        found.save(update_fields=["note", "note_by"])
        note(row, "note", user.name, text=found.note)
    return found


def authorise(
    user: User, campaign_id: int, *, role: str, kind: str, limit: int | None, ends_at: datetime, now: datetime
) -> Authorisation:
    """Let a role decide orders of a kind, up to an amount, until a moment."""
    if ends_at <= now:
        raise CampaignRefusedError(messages.END_PAST)
    if role not in OWNERS or kind not in KINDS or (limit is not None and limit <= 0):
        raise CampaignRefusedError(messages.BAD_LANES)
    with transaction.atomic(durable=True):
        row = _open(user, campaign_id)
        made = Authorisation.objects.create(
            campaign=row, role=role, kind=kind, limit=limit, ends_at=ends_at, given_by=user.name, given_at=now
        )
        until = f"{ends_at.astimezone(ZoneInfo(settings.SHOP_ZONE)):%m-%d %H:%M}"
        note(row, "authorised", user.name, role=role, kind=kind, limit=limit, until=until)
    sharing.apply_authorisations(row)
    return made


def end_authorisation(user: User, campaign_id: int, authorisation_id: int, now: datetime) -> None:
    """Take an authorisation back before its time."""
    row = get(user.merchant_id, campaign_id)
    found = row.authorisations.filter(pk=authorisation_id, ended_at=None).first()
    if found is None:
        raise NoSuchCampaignError(messages.NOT_FOUND)
    sharing.withdraw(found, user.name, now)


def give_owners(user: User, campaign_id: int, now: datetime) -> int:
    """Give every exception a type, and a person where it has none; return how many found one."""
    row = _plain_open(user, campaign_id)
    count = sharing.give_owners(row, now)
    if count:
        note(row, "owned", user.name, orders=count)
    return count


def prevent(user: User, campaign_id: int, *, text: str, cause: str, owner: int, due: date) -> Prevention:
    """Add to the list of what keeps the pile from coming back; a closed clean-up may still be added to."""
    row = get(user.merchant_id, campaign_id)
    if not User.objects.filter(pk=owner, merchant_id=user.merchant_id, is_active=True).exists():
        raise NoSuchCampaignError(messages.NOT_FOUND)
    return Prevention.objects.create(campaign=row, text=text, cause=cause, owner_id=owner, due=due)


def finish_prevention(user: User, campaign_id: int, prevention_id: int, now: datetime, *, done: bool) -> Prevention:
    """Tick a line of the prevention list off, or open it again."""
    found = Prevention.objects.filter(campaign=get(user.merchant_id, campaign_id), pk=prevention_id).first()
    if found is None:
        raise NoSuchCampaignError(messages.NOT_FOUND)
    found.done_at = now if done else None
    found.save(update_fields=["done_at"])
    return found


def close(user: User, campaign_id: int, now: datetime) -> Campaign:
    """End a clean-up: its report is frozen, its authorisations are over."""
    row = _plain_open(user, campaign_id)
    for authorisation in row.authorisations.filter(ended_at=None):
        sharing.withdraw(authorisation, user.name, now)
    with transaction.atomic(durable=True):
        row = _running(user, campaign_id)
        stands = scope.standing(row, now)
        note(row, "closed", user.name, done=stands["done"], left=stands["left"])
        row.state, row.closed_at = "closed", now
        row.report = reports.report(row, now)
        row.save(update_fields=["state", "closed_at", "report"])
    return get(user.merchant_id, campaign_id)


def note(campaign: Campaign, kind: str, by: str, /, **params: object) -> None:
    """Add a line to the log."""
    Entry.objects.create(campaign=campaign, kind=kind, by_name=by, params=params)


def _usual_lanes(campaign: Campaign, now: datetime) -> None:
    """Make a group of each team that does some of the kinds; its members sit in it, and are spread by the work."""
    teams = list(Team.objects.filter(merchant_id=campaign.merchant_id, active=True).order_by("id"))
    if not teams:
        return
    by_role = {team.role: team for team in reversed(teams)}
    seated: set[int] = set()
    groups = [("regular",), ("address",), ("payment",), ("exception",), ("urgent",)]
    names = ("放行与推送", "地址问题", "支付异常", "其他异常", "紧急单")
    for letter, name, kinds in zip(_LETTERS, names, groups, strict=False):
        team = by_role.get(USUAL_ROLE[kinds[0]], teams[0])
        lane = Lane.objects.create(campaign=campaign, letter=letter, name=name, team=team, kinds=list(kinds))
        members = team.members.filter(user__is_active=True).exclude(user__in=seated).values_list("user_id", flat=True)
        chosen = list(dict.fromkeys(members))
        Seat.objects.bulk_create(Seat(campaign=campaign, lane=lane, user_id=person) for person in chosen)
        seated.update(chosen)
    plan = planning.plan_of(campaign, now)
    for seat, number in zip(plan.seats, planning.split(plan), strict=True):
        Seat.objects.filter(pk=seat.pk).update(lane=plan.lanes[number])


def _open(user: User, campaign_id: int) -> Campaign:
    row = get(user.merchant_id, campaign_id, lock=True)
    if row.state == "closed":
        raise CampaignRefusedError(messages.CLOSED)
    return row


def _plain_open(user: User, campaign_id: int) -> Campaign:
    row = get(user.merchant_id, campaign_id)
    if row.state == "closed":
        raise CampaignRefusedError(messages.CLOSED)
    return row


def _running(user: User, campaign_id: int) -> Campaign:
    row = _open(user, campaign_id)
    if row.state != "running":
        raise CampaignRefusedError(messages.NOT_RUNNING)
    return row

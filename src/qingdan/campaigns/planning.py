"""What a clean-up is planned with: the orders that wait, the people of its lanes, and worlds played through.

The simulation is ``core.flow``'s; here its arrays are filled from the store: kinds of work as reasons, charges of the
platforms by the rule packs, handling times measured at the desk, shifts of the roster.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import polars as pl
from django.conf import settings
from django.db import connection
from psycopg import sql

from qingdan.campaigns.kinds import KIND, KINDS, PARKED, USUAL_MINUTES, WAITS, may_do
from qingdan.campaigns.models import Campaign, Lane, Seat
from qingdan.core.flow.handling import Measured, measure
from qingdan.core.flow.simulate import NEVER, Floor, Orders
from qingdan.core.flow.staffing import Case, Move, Outlook, by_rescue, moves, outlook
from qingdan.core.rota import Rota, Span
from qingdan.core.shiprules import Event, terms
from qingdan.core.worktime import Timeline, micros, moment
from qingdan.data.shipping import packs
from qingdan.data.workdays import china_public_days
from qingdan.desk.ranking import NEEDED
from qingdan.orders.copying import copy_out
from qingdan.people.models import Member
from qingdan.people.queries import local_day, rotas_of, work_calendar

WORLDS: Final = 60
MOVE_WORLDS: Final = 24
"""Enough for a promise in 95 % of them to mean something, few enough to look at every move within seconds."""
_AHEAD: Final = timedelta(days=21)
"""How far the roster is looked ahead; what is not done by then has no finish."""
_LEAST_SECONDS: Final = 3.0
"""Decisions quicker than this were not looked at by anybody and say nothing about handling times."""
_FROM: Final = sql.SQL(
    "FROM campaigns_item AS i JOIN orders_order AS o ON o.id = i.order_id JOIN orders_shop AS s ON s.id = o.shop_id "
    f"WHERE i.campaign_id = %s AND {WAITS} AND NOT {PARKED} ORDER BY o.received_at, o.id"
)
_MEASURED: Final = f"""
SELECT {KIND.replace("o.stage IN ('exception','held')", "w.tier = 'exception'")}, w.user_id, w.seconds / 60
  FROM desk_worklog AS w JOIN orders_order AS o ON o.id = w.order_id
 WHERE w.merchant_id = %s AND w.kind = 'decided' AND w.seconds BETWEEN %s AND 3600 AND w.at > now() - interval '30 days'
 ORDER BY w.id DESC LIMIT 20000
"""  # noqa: S608 - put together from our own texts


@dataclass(frozen=True, slots=True)
class Plan:
    """A clean-up as the simulation sees it: seats are the floor's people, lanes its teams, ``KINDS`` the reasons."""

    lanes: tuple[Lane, ...]
    seats: tuple[Seat, ...]
    case: Case
    floor: Floor
    measured: Measured
    cases: tuple[int, ...]
    """How many handling times were measured of each kind."""

    @property
    def now(self) -> int:
        """Moment it is planned from."""
        return self.case.start

    def by_rescue(self) -> "Plan":
        """The same with orders done by the rescue plan rather than first come, first served."""
        usual = np.array([times.median for times in self.measured.times])
        return replace(self, case=replace(self.case, rule=by_rescue(usual, max(len(self.seats), 1))))

    def seated(self, lane_of: Sequence[int]) -> "Plan":
        """The same with each seat in the lane of that number."""
        return replace(self, floor=replace(self.floor, team=np.array(lane_of, np.int64)))


def plan_of(campaign: Campaign, now: datetime) -> Plan:
    """Read a clean-up's orders, people and handling times as they are at ``now``."""
    lanes = tuple(campaign.lanes.select_related("team__calendar").order_by("letter"))
    seats = tuple(
        campaign.seats.select_related("user", "lane__team__calendar").order_by("lane__letter", "user__name", "id")
    )
    measured, cases = _measured(campaign.merchant_id, [seat.user_id for seat in seats])
    place = {lane.pk: number for number, lane in enumerate(lanes)}
    members = _members(campaign, seats)
    floor = Floor(
        team=np.array([place[seat.lane_id] for seat in seats], np.int64),
        serves=np.array([[kind in lane.kinds for kind in KINDS] for lane in lanes], np.bool_).reshape(-1, len(KINDS)),
        can=np.array(
            [may_do(set(members[seat.user_id].skills) if seat.user_id in members else set()) for seat in seats],
            np.bool_,
        ).reshape(-1, len(KINDS)),
        factor=measured.factor,
        shifts=_shifts(campaign, seats, members, now),
        factor_error=measured.factor_error,
    )
    case = Case(_waiting(campaign, now), measured.times, micros(now))
    return Plan(lanes, seats, case, floor, measured, cases).by_rescue()


def look(plan: Plan, *, worlds: int = WORLDS, seed: int = 0) -> Outlook:
    """Play the plan through."""
    return outlook(plan.case, plan.floor, worlds=worlds, seed=seed)


def told(campaign: Campaign, plan: Plan, seen: Outlook) -> dict[str, Any]:
    """Return what a simulation came to, as it is kept and shown; moments are ISO texts, None when not within weeks."""
    reason = plan.case.orders.reason
    kinds: list[dict[str, Any]] = [
        {
            "kind": kind,
            "left": int((reason == number).sum()),
            "minutes": round(plan.measured.times[number].median, 1),
            "measured": plan.cases[number],
            "p80": _iso(_upper(seen.reason_end[:, number], 0.8)) if (reason == number).any() else None,
        }
        for number, kind in enumerate(KINDS)
    ]
    lanes = []
    for number, lane in enumerate(plan.lanes):
        own = [kind for kind in kinds if kind["kind"] in lane.kinds]
        ends = np.max(seen.reason_end, axis=1, where=plan.floor.serves[number], initial=0)
        left = sum(kind["left"] for kind in own)
        lanes.append(
            {
                "lane": lane.pk,
                "people": int((plan.floor.team == number).sum()),
                "left": left,
                "minutes": round(sum(kind["left"] * kind["minutes"] for kind in own)),
                "p80": _iso(_upper(ends, 0.8)) if left else None,
            }
        )
    return {
        "at": moment(plan.now).isoformat(),
        "left": len(reason),
        "p50": _iso(seen.finish(0.5)),
        "p80": _iso(seen.finish(0.8)),
        "p95": _iso(seen.finish(0.95)),
        "chance": round(seen.chance(micros(campaign.goal_at)), 3),
        "late": round(float(seen.late.mean())) if len(seen.late) else 0,
        "penalty": round(float(seen.penalty.mean())) if len(seen.penalty) else 0,
        "kinds": kinds,
        "lanes": lanes,
    }


def best_moves(plan: Plan, *, most: int = 3) -> list[dict[str, Any]]:
    """Return the moves of people that are promised to shorten the finish, the best first."""
    if len(plan.seats) < 2 or not len(plan.case.orders.reason):
        return []
    found = [move for move in moves(plan.case, plan.floor, worlds=MOVE_WORLDS) if move.promised]
    return [_move(plan, move) for move in found[:most]]


def split(plan: Plan) -> list[int]:
    """Propose the number of a lane for each seat: people in proportion to the work, in their own team where possible.

    Every lane with work gets somebody as long as there are people; who can do none of a lane's kinds is not put there.
    """
    reason = plan.case.orders.reason
    medians = np.array([times.median for times in plan.measured.times])
    work = plan.floor.serves @ (np.bincount(reason, minlength=len(KINDS)) * medians)
    wanted = _shares(work, len(plan.seats))
    chosen = [-1] * len(plan.seats)
    fits = (plan.floor.can.astype(int) @ plan.floor.serves.T.astype(int)) > 0
    for own in (True, False):
        for number in np.argsort(-work).tolist():
            for person, seat in enumerate(plan.seats):
                stays = seat.lane_id == plan.lanes[number].pk
                if wanted[number] > 0 and chosen[person] < 0 and fits[person, number] and (stays or not own):
                    chosen[person] = number
                    wanted[number] -= 1
    return [number if number >= 0 else int(plan.floor.team[person]) for person, number in enumerate(chosen)]


def _shares(work: Any, people: int) -> list[int]:
    """Whole people by work, the largest remainders last, at least one for each lane with work while they suffice."""
    total = float(work.sum())
    if not total:
        return [0] * len(work)
    least = (work > 0).astype(int)
    if least.sum() > people:
        least[:] = 0
    spare = people - int(least.sum())
    exact = np.maximum(work / total * people - least, 0)
    exact = exact / max(float(exact.sum()), 1e-9) * spare
    whole = np.floor(exact).astype(int)
    for number in np.argsort(whole - exact)[: spare - int(whole.sum())].tolist():
        whole[number] += 1
    return [int(n) for n in whole + least]


def _move(plan: Plan, move: Move) -> dict[str, Any]:
    seats = [plan.seats[row] for row in move.people]
    return {
        "people": [{"id": seat.user_id, "name": seat.user.name} for seat in seats],
        "source": plan.lanes[move.source].pk,
        "target": plan.lanes[move.target].pk,
        "hours": round(move.hours, 1),
        "late": round(move.late),
        "fen": round(move.fen),
        "shortens": round(move.shortens, 3),
    }


def _waiting(campaign: Campaign, now: datetime) -> Orders:
    columns = {
        name: (sql.SQL("s.name") if name == "shop" else sql.SQL("o.{}").format(sql.Identifier(name)), dtype)
        for name, dtype in NEEDED.items()
    }
    with connection.cursor() as cursor:
        frame = copy_out(cursor, {**columns, "kind": (sql.SQL(KIND), pl.String())}, _FROM, [campaign.pk])
    at, fen = terms(frame, packs(), zone=settings.SHOP_ZONE, events=(Event.SHIP, Event.PICKUP)).release_steps()
    kinds = frame["kind"].replace_strict(list(KINDS), list(range(len(KINDS))), return_dtype=pl.Int64)
    arrive = np.minimum(frame["received_at"].cast(pl.Int64).to_numpy(), micros(now))
    return Orders(kinds.to_numpy(), arrive, at.astype(np.int64), fen.astype(np.int64))


def _measured(merchant: int, users: list[int]) -> tuple[Measured, tuple[int, ...]]:
    """Learn handling times from the desk's work log: of these people for their pace, of all for the kinds."""
    with connection.cursor() as cursor:
        cursor.execute(_MEASURED, [merchant, _LEAST_SECONDS])
        rows = cursor.fetchall()
    place = {user: number for number, user in enumerate(users)}
    kinds = np.array([KINDS.index(row[0]) for row in rows], np.int64)
    # people who are not on the floor share one place behind it
    person = np.array([place.get(row[1], len(users)) for row in rows], np.int64)
    minutes = np.array([row[2] for row in rows], float)
    found = measure(kinds, person, minutes, people=len(users) + 1, usual=[USUAL_MINUTES[kind] for kind in KINDS])
    kept = Measured(found.times, found.factor[:, : len(users)], found.factor_error[:, : len(users)])
    return kept, tuple(np.bincount(kinds, minlength=len(KINDS)).tolist())


def _members(campaign: Campaign, seats: Sequence[Seat]) -> dict[int, Member]:
    """Return the membership that says when each person works: of the lane's team, else her first."""
    teams = {seat.user_id: lane.team_id for seat in seats for lane in [seat.lane]}
    found: dict[int, Member] = {}
    rows = Member.objects.filter(user__in=list(teams), team__merchant_id=campaign.merchant_id, team__active=True)
    for member in rows.select_related("team__calendar", "user").order_by("id"):
        if member.user_id not in found or member.team_id == teams[member.user_id]:
            found[member.user_id] = member
    return found


def _shifts(
    campaign: Campaign, seats: Sequence[Seat], members: dict[int, Member], now: datetime
) -> tuple[Timeline, ...]:
    first, last = local_day(now), local_day(max(now, campaign.goal_at) + _AHEAD)
    rotas = rotas_of(list(members.values()), first, last)
    public = china_public_days()
    lines = []
    for seat in seats:
        member = members.get(seat.user_id)
        # who is in no team works as the clean-up says, else as the group that she helps
        own = campaign.calendar or seat.lane.team.calendar
        rota = rotas[member.pk] if member is not None else Rota(work_calendar(own), {})
        lines.append(line_of(rota.spans(first, last, public)))
    return tuple(lines)


def line_of(spans: Sequence[Span]) -> Timeline:
    """Return spans of work as a timeline; nobody's has none."""
    begin, finish = (spans[0][0], spans[-1][1]) if spans else (0, 0)
    return Timeline.of_spans([(start, end, 0) for start, end in spans], [begin, finish], begin, finish)


def worked_hours(campaign: Campaign, begin: datetime, end: datetime) -> float:
    """Return the people's working hours between two moments, added up."""
    seats = tuple(campaign.seats.select_related("lane__team__calendar"))
    lines = _shifts(campaign, seats, _members(campaign, seats), begin)
    start, stop = micros(begin), micros(end)
    total = 0
    for line in lines:
        total += int(np.maximum(np.minimum(line.ends, stop) - np.maximum(line.starts, start), 0).sum())
    return total / 3_600_000_000


def _upper(ends: Any, certainty: float) -> int:
    rank = min(int(np.ceil(certainty * (len(ends) + 1))) - 1, len(ends) - 1)
    return int(np.sort(ends)[rank])


def _iso(at: int) -> str | None:
    return None if at >= NEVER or at <= 0 else moment(at).isoformat()

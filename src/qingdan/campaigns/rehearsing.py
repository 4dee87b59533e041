"""A past peak played through today's rules and roster, hour by hour, before the next one comes.

The orders of those days are judged anew by the live policy, as of when each came; what it would release needs nobody.
The rest comes in at the same hours of the day of the play, ``scale`` times as much, and meets the people of today's
teams, each at the kinds of work that their team does.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from django.conf import settings
from psycopg import sql

from qingdan.campaigns import messages
from qingdan.campaigns.errors import CampaignRefusedError
from qingdan.campaigns.kinds import (
    ADDRESS_REASONS,
    KINDS,
    LABELS,
    PAYMENT_MATCHES,
    PAYMENT_REASONS,
    USUAL_MINUTES,
    USUAL_ROLE,
    may_do,
)
from qingdan.campaigns.models import Rehearsal
from qingdan.campaigns.planning import line_of
from qingdan.core.columns import TIME
from qingdan.core.flow.handling import LogNormal
from qingdan.core.flow.simulate import NEVER, Floor, Orders
from qingdan.core.flow.staffing import Case, by_rescue, outlook
from qingdan.core.message import Words
from qingdan.core.shiprules import Event, terms
from qingdan.core.worktime import HOUR, micros, moment
from qingdan.data.shipping import packs
from qingdan.data.workdays import china_public_days
from qingdan.orders import queries as orders
from qingdan.people.models import Member, Team, User
from qingdan.people.queries import rotas_of
from qingdan.policies import waiting
from qingdan.policies.queries import compiled, live_source

MOST_ORDERS: Final = 60_000
MOST_DAYS: Final = 14
_WORLDS: Final = 20
_RAN_OUT: Final = 4.0
"""A kind has broken when what waits is more hours of work than this for the people who do it."""
_BROKE: Final = Words(
    "第 {hour} 小时（{at}）起“{kind}”先撑不住：{left} 单在等，够 {people} 个人做 {work:.0f} 小时",
    "From hour {hour} ({at}) {kind} breaks first: {left} wait, {work:.0f} hours of work for {people} people",
)
_NOBODY: Final = Words("“{kind}”没有人做：{left} 单没人能处理", "Nobody does {kind}: {left} orders have no hands")


def rehearse(user: User, *, name: str, first: date, last: date, play: date, scale: float) -> Rehearsal:
    """Play the orders that came between two local days from the day ``play`` on, and keep what came of it."""
    if not 0 < scale <= 20 or not timedelta(0) <= last - first < timedelta(days=MOST_DAYS):
        raise CampaignRefusedError(messages.BAD_PEAK)
    zone = ZoneInfo(settings.SHOP_ZONE)
    begin = datetime.combine(first, datetime.min.time(), zone)
    end = datetime.combine(last + timedelta(days=1), datetime.min.time(), zone)
    where = sql.SQL(
        "coalesce(o.paid_at, o.created_at) >= %s AND coalesce(o.paid_at, o.created_at) < %s "
        f"AND o.stage <> 'unpaid' ORDER BY coalesce(o.paid_at, o.created_at), o.id LIMIT {MOST_ORDERS}"
    )
    frame = orders.frame(
        user.merchant_id,
        where,
        [begin, end],
        also={"id": pl.Int64(), "due_at": TIME, "received_at": TIME},
    )
    if frame.is_empty():
        raise CampaignRefusedError(messages.NO_PEAK)
    result = _play(
        user.merchant_id, frame, micros(begin), micros(datetime.combine(play, datetime.min.time(), zone)), scale
    )
    made = Rehearsal.objects.create(
        merchant_id=user.merchant_id,
        name=name,
        first_day=first,
        last_day=last,
        play_day=play,
        scale=scale,
        result=result,
        created_by=user.name,
    )
    made.refresh_from_db()
    return made


def rehearsals(merchant: int) -> list[Rehearsal]:
    """Return the newest twenty."""
    return list(Rehearsal.objects.filter(merchant_id=merchant).order_by("-id")[:20])


def _play(merchant: int, frame: pl.DataFrame, begin: int, play: int, scale: float) -> dict[str, Any]:
    came = pl.coalesce("paid_at", "created_at")
    judged = waiting.judged(compiled(live_source(merchant)), frame, moment(play))
    whole = frame.with_columns(
        came.cast(pl.Int64).alias("came"), judged["verdict"].cast(pl.String), judged["tier"], judged["reasons"]
    )
    released = whole["verdict"] == "release"
    rest = whole.filter(~released).with_columns(_kind().alias("kind"))
    rng = np.random.default_rng(7)
    rows = _scaled(rest.height, scale, rng)
    shift = play - begin
    arrive = rest["came"].to_numpy()[rows] + shift
    at, fen = terms(rest, packs(), zone=settings.SHOP_ZONE, events=(Event.SHIP, Event.PICKUP)).release_steps()
    at = np.where(at < NEVER, at + np.where(at < NEVER, shift, 0), NEVER)
    reason = rest["kind"].replace_strict(list(KINDS), list(range(len(KINDS))), return_dtype=pl.Int64).to_numpy()
    work = Orders(reason[rows], arrive, at[rows].astype(np.int64), fen[rows].astype(np.int64))
    days = int((whole["came"].max() - begin) // (24 * HOUR)) + 1  # type: ignore[operator]
    hours = [play + hour * HOUR for hour in range((days + 1) * 24 + 1)]
    floor, people = _floor(merchant, play, days)
    usual = np.array([USUAL_MINUTES[kind] for kind in KINDS])
    handling = tuple(LogNormal(minutes, 0.7, 0.15, 20.0) for minutes in usual)
    case = Case(work, handling, play, rule=by_rescue(usual, max(len(floor.shifts), 1)))
    seen = outlook(case, floor, worlds=_WORLDS, seed=11, at=hours)
    board = _by_kind(case, floor, hours)
    return {
        "orders": int(whole.height * scale),
        "released": int(int(released.sum()) * scale),
        "for_people": len(rows),
        "people": len(floor.shifts),
        "late": round(float(seen.late.mean())),
        "penalty": round(float(seen.penalty.mean())),
        "p50": _iso(seen.finish(0.5)),
        "p80": _iso(seen.finish(0.8)),
        "hours": [
            {
                "at": moment(at_hour).isoformat(),
                "left": int(np.median(seen.left[:, number])),
                "high": int(np.quantile(seen.left[:, number], 0.8)),
                "kinds": {kind: int(board[kind][number]) for kind in KINDS},
            }
            for number, at_hour in enumerate(hours)
        ],
        "broke": _broke(board, hours, people),
    }


def _kind() -> pl.Expr:
    """``kinds.KIND`` over review's columns."""
    reasons = pl.col("reasons").str.split(";")
    address = (
        reasons.list.eval(pl.element().is_in(list(ADDRESS_REASONS))).list.any()
        | (pl.col("address_quality").cast(pl.String) == "incomplete").fill_null(value=False)
        | pl.col("address_changed").fill_null(value=False)
    )
    payment = reasons.list.eval(pl.element().is_in(list(PAYMENT_REASONS))).list.any() | pl.col("payment_match").cast(
        pl.String
    ).is_in(list(PAYMENT_MATCHES)).fill_null(value=False)
    return (
        pl.when(address.fill_null(value=False))
        .then(pl.lit("address"))
        .when(payment.fill_null(value=False))
        .then(pl.lit("payment"))
        .when(pl.col("tier") == "urgent")
        .then(pl.lit("urgent"))
        .when(pl.col("verdict").is_in(["exception", "hold"]))
        .then(pl.lit("exception"))
        .otherwise(pl.lit("regular"))
    )


def _scaled(count: int, scale: float, rng: np.random.Generator) -> Any:
    """Rows of ``scale`` times as many orders, in their order of time."""
    whole, part = divmod(scale, 1.0)
    rows = np.concatenate([np.repeat(np.arange(count), int(whole)), np.flatnonzero(rng.random(count) < part)])
    return np.sort(rows)


def _floor(merchant: int, play: int, days: int) -> tuple[Floor, dict[str, int]]:
    """Today's people: each team serves the kinds that its role does, the front line's also what nobody's team does."""
    teams = list(Team.objects.filter(merchant_id=merchant, active=True).order_by("id"))
    roles = {team.role for team in teams}
    members: dict[int, Member] = {}
    for member in Member.objects.filter(team__in=teams, user__is_active=True).select_related("team__calendar"):
        members.setdefault(member.user_id, member)
    seated = list(members.values())
    day = moment(play).astimezone(ZoneInfo(settings.SHOP_ZONE)).date()
    last = day + timedelta(days=days + 14)
    rotas = rotas_of(seated, day, last)
    public = china_public_days()
    place = {team.pk: number for number, team in enumerate(teams)}
    serves = np.array([[_does(team.role, kind, roles) for kind in KINDS] for team in teams], np.bool_)
    floor = Floor(
        team=np.array([place[member.team_id] for member in seated], np.int64),
        serves=serves.reshape(-1, len(KINDS)),
        can=np.array([may_do(set(member.skills)) for member in seated], np.bool_).reshape(-1, len(KINDS)),
        factor=np.ones((len(KINDS), len(seated))),
        shifts=tuple(line_of(rotas[member.pk].spans(day, last, public)) for member in seated),
    )
    counts = floor.skills.sum(axis=0) if seated else np.zeros(len(KINDS), int)
    return floor, {kind: int(count) for kind, count in zip(KINDS, counts, strict=True)}


def _does(role: str, kind: str, roles: set[str]) -> bool:
    usual = USUAL_ROLE[kind]
    return role == usual or (usual not in roles and role == ("front_line" if "front_line" in roles else min(roles)))


def _by_kind(case: Case, floor: Floor, hours: Sequence[int]) -> dict[str, Any]:
    """What waits of each kind at each hour in one world."""
    run = case.play(floor, 11)
    found = {}
    for number, kind in enumerate(KINDS):
        mine = run.orders.reason == number
        come = np.searchsorted(np.sort(run.orders.arrive[mine]), hours, side="right")
        found[kind] = come - np.searchsorted(np.sort(run.finish[mine]), hours, side="right")
    return found


def _broke(board: dict[str, Any], hours: Sequence[int], people: dict[str, int]) -> dict[str, Any] | None:
    """Return which kind is the first to have more work waiting than its people can do in some hours."""
    first: tuple[int, str] | None = None
    for kind in KINDS:
        limit = _RAN_OUT * 60 / USUAL_MINUTES[kind] * people[kind]
        over = np.flatnonzero(board[kind] > limit)
        if len(over) and (first is None or over[0] < first[0]):
            first = (int(over[0]), kind)
    if first is None:
        return None
    number, kind = first
    left = int(board[kind][number])
    zone = ZoneInfo(settings.SHOP_ZONE)
    values = {
        "hour": number,
        "at": f"{moment(hours[number]).astimezone(zone):%m-%d %H:%M}",
        "kind": LABELS[kind],
        "left": f"{left:,}",
        "people": people[kind],
        "work": left * USUAL_MINUTES[kind] / 60 / max(people[kind], 1),
    }
    words = _BROKE if people[kind] else _NOBODY
    return {"kind": kind, "hour": number, "left": left, "zh": words.text("zh", values), "en": words.text("en", values)}


def _iso(at: int) -> str | None:
    return None if at >= NEVER or at <= 0 else moment(at).isoformat()

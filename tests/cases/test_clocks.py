"""The clocks of cases across night, lunch, weekend, holiday, make-up workday, pause and a change of teams."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from cast import Team as Cast
from cast import make_team
from stock import stock

from qingdan.alerts.models import Alert
from qingdan.cases import actions, alarms, opening, recounting, stepping
from qingdan.cases.models import Alarm, Case, Notice
from qingdan.people.models import Calendar, Team
from qingdan.people.rights import Role

SHANGHAI = ZoneInfo("Asia/Shanghai")
UNCLEAR: dict[str, Any] = {"address": "文三", "address_quality": "incomplete", "address_gaps": ["detail_short"]}
WEEK = [["09:00-12:00", "13:30-18:00"]] * 5 + [[], []]


def at(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


@pytest.fixture
def cast(transactional_db: None, settings: Any) -> Cast:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cast = make_team("ours")
    days = Calendar.objects.create(merchant=cast.merchant, name="白班", week=WEEK)
    late = Calendar.objects.create(merchant=cast.merchant, name="晚班", week=[["18:00-22:00"]] * 7, works_holidays=True)
    Team.objects.create(merchant=cast.merchant, name="客服", role="front_line", calendar=days)
    Team.objects.create(merchant=cast.merchant, name="风控", role="risk", calendar=late)
    return cast


# address_unclear: answered within 2 hours, done within 8, cause the same day, in 7.5 hours of work a day
TABLE = {
    "morning": ("2026-11-18 09:00", "2026-11-18 11:00", "2026-11-19 09:30", "2026-11-18 18:00"),
    "over lunch": ("2026-11-18 11:00", "2026-11-18 14:30", "2026-11-19 11:30", "2026-11-18 18:00"),
    "at night": ("2026-11-18 23:00", "2026-11-19 11:00", "2026-11-20 09:30", "2026-11-19 18:00"),
    "friday evening": ("2026-11-20 17:30", "2026-11-23 10:30", "2026-11-23 18:00", "2026-11-20 18:00"),
    "weekend": ("2026-11-21 10:00", "2026-11-23 11:00", "2026-11-24 09:30", "2026-11-23 18:00"),
    "before the national holiday": ("2026-09-30 17:00", "2026-10-08 10:00", "2026-10-08 17:30", "2026-09-30 18:00"),
    "on a make-up workday": ("2026-10-10 09:00", "2026-10-10 11:00", "2026-10-12 09:30", "2026-10-10 18:00"),
}


def test_the_table_of_deadlines(cast: Cast) -> None:
    orders = stock(cast.merchant, *([UNCLEAR] * len(TABLE)))
    for order, (name, (begins, respond, resolve, cause)) in zip(orders, TABLE.items(), strict=True):
        opening.reconcile(cast.merchant.pk, orders=[order], now=at(begins))
        case = Case.objects.get(order_id=order)
        assert (case.respond_due, case.resolve_due, case.cause_due) == (at(respond), at(resolve), at(cause)), name


def test_each_alarm_rings_once_and_none_early(cast: Cast) -> None:
    [order] = stock(cast.merchant, UNCLEAR)
    opening.reconcile(cast.merchant.pk, now=at("2026-11-18 16:00"))
    moment, rung = at("2026-11-18 16:00"), []
    while moment < at("2026-11-20 12:00"):
        rung += [moment] * alarms.ring(now=moment)
        moment += timedelta(minutes=30)
    told = dict(Alarm.objects.values_list("clock", "late_at"))
    assert told == {
        "respond": at("2026-11-18 18:00"),
        "cause": at("2026-11-18 18:00"),
        "resolve": at("2026-11-19 16:30"),
    }
    # a clock has run out once its moment is past, so it rings at the next look after it
    assert rung == [at("2026-11-18 18:30")] * 2 + [at("2026-11-19 17:00")]
    people = {cast.people[role].pk for role in (Role.AGENT, Role.SUPERVISOR)}
    assert set(Notice.objects.filter(kind="late").values_list("user_id", flat=True)) == people
    assert Notice.objects.filter(kind="late").count() == 6
    assert set(Alert.objects.values_list("role", flat=True)) == {"front_line"}
    assert Alert.objects.count() == 3
    assert stepping.procedure_of(Case.objects.select_related("sop").get(order_id=order)).type == "address_unclear"


def test_a_pause_stops_the_clocks_and_another_team_has_its_own_hours(cast: Cast) -> None:
    [order] = stock(cast.merchant, UNCLEAR)
    opening.reconcile(cast.merchant.pk, now=at("2026-11-18 09:00"))
    agent = cast.people[Role.AGENT]
    case = Case.objects.get(order_id=order)
    until = at("2026-11-18 15:00")
    case = actions.wait(agent, case.pk, version=case.version, until=until, now=at("2026-11-18 10:00"))
    assert (case.state, case.resolve_due, case.cause_due) == ("waiting", None, None)
    assert case.responded_at == at("2026-11-18 10:00")
    assert alarms.ring(now=at("2026-11-18 14:59")) == 0
    assert actions.wake_waiting(now=at("2026-11-18 14:59")) == 0
    assert actions.wake_waiting(now=until) == 1
    case.refresh_from_db()
    # seven of eight hours are left at 15:00: three that day, four the next
    assert (case.state, case.resolve_due) == ("open", at("2026-11-19 14:30"))
    case = actions.assign(agent, case.pk, version=case.version, role="risk", to=None, now=at("2026-11-18 17:00"))
    # two more passed; five are left for a team that works from 18:00 to 22:00
    assert case.resolve_due == at("2026-11-19 19:00")
    assert case.cause_due == at("2026-11-18 22:00")
    assert case.owner is None


def test_deadlines_follow_a_calendar_that_changes(cast: Cast) -> None:
    one, two = stock(cast.merchant, UNCLEAR, UNCLEAR)
    opening.reconcile(cast.merchant.pk, now=at("2026-11-18 09:00"))
    waiting = Case.objects.get(order_id=two)
    agent = cast.people[Role.AGENT]
    actions.wait(agent, waiting.pk, version=waiting.version, until=None, now=at("2026-11-18 10:00"))
    assert recounting.recount(cast.merchant.pk, now=at("2026-11-18 12:30")) == 0
    Calendar.objects.filter(name="白班").update(own_days={"2026-11-18": ["09:00-11:00"], "2026-11-19": []})
    assert recounting.recount(cast.merchant.pk, now=at("2026-11-18 12:30")) == 2
    case = Case.objects.get(order_id=one)
    assert (case.respond_due, case.resolve_due) == (at("2026-11-18 11:00"), at("2026-11-20 16:30"))
    assert case.cause_due == at("2026-11-18 11:00")
    assert Case.objects.get(order_id=two).resolve_due is None
    Calendar.objects.update(week=[[]] * 7, own_days={})
    [third] = stock(cast.merchant, {**UNCLEAR, "order_no": "N9"})
    opening.reconcile(cast.merchant.pk, now=at("2026-11-18 13:00"))
    assert Case.objects.get(order_id=third).resolve_due is None
    assert team_page(cast, third) == []


def team_page(cast: Cast, order: int) -> Any:
    key = Case.objects.get(order_id=order).pk
    return cast.browser(Role.AGENT).get(f"/api/cases/{key}").json()["clocks"]

"""Teams, rosters and leave: who is on duty, what that changes for orders, and the screens' operations."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from cast import PASSWORD, Team, make_team
from stock import stock

from qingdan.alerts.models import Alert
from qingdan.desk import assigning, leases, refreshing
from qingdan.desk.models import Assignment
from qingdan.people import actions, queries, teams
from qingdan.people.models import Leave, Member, User
from qingdan.people.models import Team as Crew
from qingdan.people.rights import Role

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEK = [["09:00-12:00", "13:00-18:00"]] * 5 + [[], []]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def crew(team: Team, *people: User, role: str = "front_line", week: Any = WEEK, **member: Any) -> Crew:
    calendar = teams.save_calendar(
        team.merchant.id,
        calendar_id=None,
        name=f"{role} 日历",
        week=week,
        works_holidays=False,
        make_up_like=0,
        own_days={date(2026, 11, 11): ["08:00-23:00"]},
    )
    return teams.save_team(
        team.merchant.id,
        team_id=None,
        name=f"{role} 组",
        role=role,
        calendar_id=calendar.pk,
        lead_id=None,
        active=True,
        members=[teams.MemberOf(user.pk, member.get("skills", ()), member.get("cap", 3)) for user in people],
    )


def colleague(team: Team, name: str) -> User:
    return actions.create_user(
        login=f"{team.merchant.name}-{name}",
        name=name,
        merchant_id=team.merchant.id,
        roles=[Role.AGENT],
        password=PASSWORD,
    )


@pytest.mark.django_db(transaction=True)
def test_who_is_on_duty_follows_shifts_lunch_holidays_make_up_days_roster_and_leave() -> None:
    team = make_team("roster")
    anna, bo = colleague(team, "安娜"), colleague(team, "小博")
    made = crew(team, anna, bo)
    first, second = Member.objects.get(team=made, user=anna), Member.objects.get(team=made, user=bo)
    night = teams.save_shift(team.merchant.id, shift_id=None, name="夜班", spans=["22:00-06:00"])
    rest = teams.save_shift(team.merchant.id, shift_id=None, name="休息", spans=[])
    teams.save_roster(
        team.merchant.id,
        made.pk,
        [
            teams.Cell(first.pk, date(2026, 11, 24), night.pk, None),
            teams.Cell(first.pk, date(2026, 11, 25), rest.pk, None),
            teams.Cell(second.pk, date(2026, 11, 28), None, ("10:00-16:00",)),
        ],
    )
    teams.add_leave(
        by=anna, user_id=bo.pk, begins_at=at("2026-11-24T14:00"), ends_at=at("2026-11-25T10:00"), kind="sick", note=""
    )
    table = {
        "2026-11-23T09:00": "both",  # a Monday
        "2026-11-23T12:30": "nobody",  # lunch
        "2026-11-23T18:00": "nobody",
        "2026-11-24T13:30": "小博",  # 安娜 has the night shift
        "2026-11-24T14:30": "nobody",  # 小博 is ill
        "2026-11-24T23:00": "安娜",
        "2026-11-25T05:59": "安娜",  # over midnight, though the 25th is her day off
        "2026-11-25T09:30": "nobody",
        "2026-11-25T10:00": "小博",
        "2026-11-28T11:00": "小博",  # a Saturday that the roster gives her
        "2026-10-01T10:00": "nobody",  # National Day
        "2026-10-10T10:00": "both",  # a Saturday worked for it
        "2026-11-11T22:30": "both",  # the firm's own day
    }
    for moment, wanted in table.items():
        found = {person.name for person in queries.on_duty(team.merchant.id, at(moment))}
        assert found == {"both": {"安娜", "小博"}, "nobody": set()}.get(wanted, {wanted}), moment
    [one] = queries.on_duty(team.merchant.id, at("2026-11-25T05:00"))
    assert (one.since, one.until) == (at("2026-11-24T22:00"), at("2026-11-25T06:00"))
    [capacity] = queries.capacity_on(team.merchant.id, at("2026-11-24T13:00"))
    # 小博 works three hours and one more until the leave, 安娜 the two hours before midnight
    assert capacity[2:] == (2, 4 * 60 + 2 * 60, 1 * 60 + 2 * 60)
    line = queries.timeline_of(made, at("2026-11-20T17:00"))
    due = line.after_one(queries.micros(at("2026-11-20T17:00")), 2 * 3_600_000_000)
    assert queries.moment(due) == at("2026-11-23T10:00")


@pytest.mark.django_db(transaction=True)
def test_waiting_orders_go_to_who_may_take_them_up_to_her_cap_and_come_back_when_she_is_away() -> None:
    team = make_team("share")
    anna, bo = colleague(team, "安娜"), colleague(team, "小博")
    always = [["00:00-24:00"]] * 7
    made = crew(team, anna, bo, week=always, cap=3)
    Member.objects.filter(user=bo).update(skills=["channel:jd"])
    crew(team, team.people[Role.SUPERVISOR], role="supervisor", week=always, cap=2)
    note = {"buyer_message": "请核对"}
    orders = stock(
        team.merchant,
        *[{"paid_amount": 61_200 + n, **note} for n in range(6)],
        *[{"paid_amount": 71_200 + n, "channel": "jd", **note} for n in range(2)],
        *[{"paid_amount": 81_200 + n, "vip": True} for n in range(3)],
    )
    refreshing.refresh(team.merchant.id)
    [held] = leases.claim(team.people[Role.AGENT], 1)

    now = datetime.now(UTC)
    assigning.assign_waiting(team.merchant.id, now)
    mine = {
        user: set(Assignment.objects.filter(user=user).values_list("order_id", flat=True))
        for user in (anna, bo, team.people[Role.SUPERVISOR])
    }
    assert [len(mine[user]) for user in (anna, team.people[Role.SUPERVISOR])] == [3, 2]
    assert mine[bo] <= set(orders[6:8])
    assert mine[team.people[Role.SUPERVISOR]] <= set(orders[8:])
    assert held.order_id not in set.union(*mine.values())
    assert assigning.assign_waiting(team.merchant.id, now) == 0

    teams.add_leave(
        by=anna,
        user_id=anna.pk,
        begins_at=now - timedelta(minutes=1),
        ends_at=now + timedelta(hours=4),
        kind="sick",
        note="",
    )
    assert assigning.return_absent(now) == 3
    assert assigning.return_absent(now) == 0
    assert not Assignment.objects.filter(user=anna).exists()
    assert Alert.objects.get(kind="work_returned").line["zh"] == "安娜请假，名下 3 单已退回待领"
    assigning.assign_waiting(team.merchant.id, now)
    assert not Assignment.objects.filter(user=anna).exists()
    assert Leave.objects.get().returned_at is not None
    assert made.active


@pytest.mark.django_db(transaction=True)
def test_the_screens_operations_keep_what_they_are_given_and_say_what_is_wrong(theirs: Team) -> None:
    ours = make_team("ours")
    admin, boss, agent = (ours.browser(role) for role in (Role.ADMIN, Role.SUPERVISOR, Role.AGENT))
    new = {"login": "Xiao.Mei", "name": "小梅", "roles": ["agent"], "password": PASSWORD}
    mei = admin.post("/api/users", new).json()
    assert (mei["login"], mei["active"], mei["teams"]) == ("xiao.mei", True, [])
    assert admin.post("/api/users", new).status_code == 409
    assert boss.get("/api/users").status_code == 403
    me = ours.people[Role.ADMIN].pk
    lock_out = {"name": "x", "roles": ["agent"], "active": True}
    refused = admin.send("put", f"/api/users/{me}", lock_out)
    assert refused.json()["error"]["code"] == "own_account"

    calendar = boss.send("put", "/api/teams/calendars", {"name": "白班", "week": WEEK}).json()
    bad = boss.send("put", "/api/teams/calendars", {"name": "错", "week": [["09:00-12:00", "11:00-13:00"]] + [[]] * 6})
    assert (bad.status_code, bad.json()["error"]["code"]) == (422, "hours_overlap")
    bad = boss.send("put", "/api/teams/calendars", {"name": "错", "week": [["9点"]] + [[]] * 6})
    assert "9点" in bad.json()["error"]["zh"]
    body = {
        "name": "一线早班",
        "role": "front_line",
        "calendar_id": calendar["id"],
        "lead_id": mei["id"],
        "members": [{"user_id": mei["id"], "skills": ["channel:jd"], "cap": 12}],
    }
    assert agent.send("put", "/api/teams", body).status_code == 403
    made = boss.send("put", "/api/teams", body).json()
    assert [(m["name"], m["cap"]) for m in made["members"]] == [("小梅", 12)]
    stranger = theirs.people[Role.AGENT].pk
    assert boss.send("put", "/api/teams", body | {"name": "别家", "lead_id": stranger}).status_code == 404

    shift = boss.send("put", "/api/teams/shifts", {"name": "晚班", "spans": ["14:00-22:00"]}).json()
    member = made["members"][0]["id"]
    roster = f"/api/teams/{made['id']}/roster"
    cells = [{"member_id": member, "day": "2026-11-24", "shift_id": shift["id"]}]
    assert boss.send("put", roster, {"cells": cells}).status_code == 204
    leave = {"user_id": mei["id"], "kind": "annual", "note": "回家"}
    leave |= {"begins_at": "2026-11-26T16:00:00Z", "ends_at": "2026-11-27T16:00:00Z"}
    away = boss.post("/api/teams/leave", leave).json()
    week = agent.get(f"{roster}?monday=2026-11-23").json()
    [row] = week["members"]
    assert [cell["minutes"] for cell in row["cells"]] == [480, 480, 480, 480, 0, 0, 0]
    assert row["cells"][1] | {"leave": []} == {
        "day": "2026-11-24",
        "from_calendar": False,
        "shift_id": shift["id"],
        "spans": ["14:00-22:00"],
        "minutes": 480,
        "leave": [],
    }
    assert row["cells"][4]["leave"] == [away["id"]]
    assert boss.delete(f"/api/teams/leave/{away['id']}").status_code == 204
    year = agent.get(f"/api/teams/calendars/{calendar['id']}/days?year=2026").json()
    assert (len(year), year[273]["name"], year[273]["minutes"]) == (365, "国庆节", 0)
    assert agent.get("/api/teams/now").json()["capacity"][0]["team_id"] == made["id"]

    admin.send("put", f"/api/users/{mei['id']}", {"name": "小梅", "roles": ["agent"], "active": False})
    assert agent.log_in("xiao.mei").status_code == 401
    assert admin.post(f"/api/users/{mei['id']}/password", {"password": "123"}).status_code == 422

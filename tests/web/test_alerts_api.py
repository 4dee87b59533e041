"""Alerts on the page and by link; deadlines each once and none early."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from cast import Team, make_team
from django.db import connection
from django.test import Client
from stock import stock

from qingdan.alerts import dispatching, links, sources
from qingdan.alerts.actions import acknowledge, raise_alert
from qingdan.alerts.models import Alert, Delivery, Level, Message, Outlet
from qingdan.core.message import Words
from qingdan.people import teams
from qingdan.people.rights import Role
from qingdan.policies.models import Act

DAY = timedelta(days=1)


def friday(hour: int, minute: int) -> datetime:
    return datetime(2026, 11, 20, hour, minute, tzinfo=ZoneInfo("Asia/Shanghai"))


def due(order: int, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orders_order SET resolve_by = %s, respond_by = NULL, due_at = %s, version = version WHERE id = %s",
            [at, at, order],
        )


def told(kind: str) -> set[int | None]:
    return set(Alert.objects.filter(kind=kind, closed_at__isnull=True).values_list("order_id", flat=True))


@pytest.mark.django_db(transaction=True)
def test_deadlines_are_told_once_each_and_none_early_by_working_time() -> None:
    team = make_team("due")
    calendar = teams.save_calendar(
        team.merchant.id,
        calendar_id=None,
        name="白班",
        week=[["09:00-12:00", "13:00-18:00"]] * 5 + [[], []],
        works_holidays=False,
        make_up_like=0,
        own_days={},
    )
    teams.save_team(
        team.merchant.id,
        team_id=None,
        name="一线",
        role="front_line",
        calendar_id=calendar.pk,
        lead_id=None,
        active=True,
        members=[],
    )
    soon, monday, later, past = stock(team.merchant, *[{"paid_amount": 61_200 + n} for n in range(4)])
    due(soon, friday(17, 30))
    due(monday, friday(8, 0) + 3 * DAY)  # nobody works before it
    due(later, friday(11, 0) + 3 * DAY)
    due(past, friday(15, 0))

    for at, wanted, over in (
        (friday(15, 29), set(), {past}),
        (friday(15, 30), {soon}, {past}),
        (friday(15, 59), {soon}, {past}),
        # two hours of work are left on Friday, and none until Monday eight o'clock
        (friday(16, 0), {soon, monday}, {past}),
        (friday(17, 29), {soon, monday}, {past}),
        (friday(17, 31), {monday}, {soon, past}),
        (friday(17, 59), {monday}, {soon, past}),
        (friday(18, 0), {monday, later}, {soon, past}),
        (friday(8, 59) + 3 * DAY, {later}, {soon, past, monday}),
    ):
        sources.sweep(at)
        sources.sweep(at)
        assert (told("due_soon"), told("overdue")) == (wanted, over), at
    assert Alert.objects.count() == 6

    due(later, friday(11, 0) + 4 * DAY)
    sources.sweep(friday(9, 30) + 3 * DAY)
    assert told("due_soon") == set()
    sources.sweep(friday(9, 30) + 4 * DAY)
    assert told("due_soon") == {later}
    with connection.cursor() as cursor:
        cursor.execute("UPDATE orders_order SET stage = 'archived' WHERE merchant_id = %s", [team.merchant.id])
    sources.sweep(friday(9, 31) + 4 * DAY)
    assert not Alert.objects.filter(closed_at__isnull=True).exists()
    line = Alert.objects.filter(kind="overdue", order_id=past).get().line["zh"]
    assert line == "订单尾号 0004：11-20 15:00 已到时限，还没处理完"


@pytest.mark.django_db(transaction=True)
def test_a_growing_backlog_and_a_paused_rule_are_told_once_and_end() -> None:
    team = make_team("grow")
    stock(team.merchant, *[{"paid_amount": 61_200 + n} for n in range(3)])
    hour = timedelta(hours=1)
    Level.objects.create(merchant=team.merchant, at=friday(9, 0), waiting=0)
    sources.sweep(friday(10, 0))
    assert not Alert.objects.filter(kind="backlog_growth").exists()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE orders_counter SET n = n * 100 WHERE merchant_id = %s", [team.merchant.id])
    Level.objects.create(merchant=team.merchant, at=friday(11, 0) - 2 * hour + timedelta(minutes=1), waiting=0)
    details = {"title": {"zh": "小额", "en": "Small"}, "looked_at": 40, "wrong": 3}
    Act.objects.create(
        merchant=team.merchant,
        kind="rule_paused",
        subject="amount",
        details=details,
        actor_kind="system",
        actor_id="audit",
        actor_name="抽检",
        at=friday(10, 0),
    )
    for minute in (0, 5, 15):
        sources.sweep(friday(10, minute))
    grown = Alert.objects.get(kind="backlog_growth")
    assert grown.line["zh"] == "待处理的单一小时内从 0 涨到 300"
    paused = Alert.objects.get(kind="rule_paused")
    assert paused.line["zh"] == "“小额”抽查 40 单，错了 3 单，已自动停用"
    assert acknowledge(team.merchant.id, ids=[paused.pk], user=team.people[Role.RISK]) == 1
    sources.sweep(friday(11, 30))
    grown.refresh_from_db()
    paused.refresh_from_db()
    assert grown.closed_at is not None
    assert paused.closed_at is not None


@pytest.mark.django_db(transaction=True)
def test_the_page_lists_acknowledges_and_sets_up(settings: Any) -> None:
    settings.ALERT_HOSTS = []
    team, other = make_team("page"), make_team("other")
    boss, agent = team.browser(Role.SUPERVISOR), team.browser(Role.AGENT)
    for number, kind in enumerate(["silence", "overdue", "overdue", "due_soon"]):
        assert raise_alert(team.merchant.id, kind, f"{kind}:{number}", Words("甲{n}", "a{n}"), {"n": number})
    assert not raise_alert(team.merchant.id, "silence", "silence:0", Words("甲", "a"))
    raise_alert(other.merchant.id, "silence", "silence:0", Words("别家", "theirs"))

    listed = agent.get("/api/alerts").json()
    assert (listed["total"], listed["open"]) == (4, {"silence": 1, "overdue": 2, "due_soon": 1})
    assert {row["kind"] for row in agent.get("/api/alerts?mine=true").json()["rows"]} == {"overdue", "due_soon"}
    assert agent.post("/api/alerts/ack", {}).json() == {"acked": 0}
    assert agent.post("/api/alerts/ack", {"kind": "overdue"}).json() == {"acked": 2}
    assert agent.get("/api/alerts?state=acked").json()["rows"][0]["acked_by"] == "page agent"
    assert agent.post("/api/alerts/ack", {"all": True}).json() == {"acked": 2}
    assert Alert.objects.filter(acked_at__isnull=True).get().merchant_id == other.merchant.id

    robot = {"name": "客服群", "kind": "dingtalk", "secret": "SEC1"}
    address = "https://oapi.dingtalk.com/robot/send?access_token=geheim"
    for wrong in ("https://evil.example/robot", "http://oapi.dingtalk.com/robot", None):
        assert boss.send("put", "/api/alerts/outlets", robot | {"url": wrong}).status_code == 422
    made = boss.send("put", "/api/alerts/outlets", robot | {"url": address}).json()
    assert made["signed"]
    kept = Outlet.objects.get()
    assert b"geheim" not in bytes(kept.url or b"")
    assert "geheim" not in boss.get("/api/alerts/settings").content.decode()
    assert agent.get("/api/alerts/settings").status_code == 403
    steps = [{"outlet": made["id"], "role": "", "after": 0}, {"outlet": None, "role": "supervisor", "after": 15}]
    routes = {"routes": [{"kinds": ["overdue"], "tiers": ["urgent"], "steps": steps}]}
    assert boss.send("put", "/api/alerts/routes", routes).json()[0]["steps"] == steps
    late = {"routes": [{"steps": [{"outlet": None, "role": "", "after": 5}]}]}
    assert boss.send("put", "/api/alerts/routes", late).json()["error"]["code"] == "alert_route_faulty"
    assert boss.get("/api/alerts/settings").json()["routes"][0]["kinds"] == ["overdue"]
    foreign = other.browser(Role.SUPERVISOR)
    assert foreign.send("put", "/api/alerts/routes", routes).status_code == 422
    assert foreign.post(f"/api/alerts/outlets/{made['id']}/test").status_code == 404
    who = {"user_id": team.people[Role.AGENT].pk, "dingtalk": "13800001234"}
    reach = boss.send("put", "/api/alerts/reach", who).json()
    assert {row["dingtalk"] for row in reach} == {"", "13800001234"}


@pytest.mark.django_db(transaction=True)
def test_a_link_acknowledges_its_message_only_by_its_button_and_can_not_be_forged(theirs: Team, settings: Any) -> None:
    settings.PUBLIC_URL = "https://qingdan.example"
    outlet = Outlet.objects.create(merchant=theirs.merchant, name="群", kind="mail")
    now = datetime.now(UTC)
    sent = [Message.objects.create(outlet=outlet, began_at=now, lease_until=now, alerts=1) for _ in range(2)]
    for number, message in enumerate(sent):
        raise_alert(theirs.merchant.id, "silence", f"s:{number}", Words(f"<b>{number}", "x"))
        dispatching.route_new(now)
        Delivery.objects.filter(alert__key=f"s:{number}").update(message=message)
    link = links.acknowledge_url(sent[0].pk).removeprefix("https://qingdan.example")
    page = Client()

    looked = page.get(link)
    assert "&lt;b&gt;0" in looked.content.decode()
    assert not Alert.objects.filter(acked_at__isnull=False).exists()
    for forged in (link[:-1] + ("A" if link[-1] != "A" else "B"), "/ack/1", link.replace("/ack/", "/ack/x")):
        assert page.get(forged).status_code == 404
        assert page.post(forged).status_code == 404
    stranger = Client(enforce_csrf_checks=True)
    assert stranger.post(link).status_code == 403
    done = page.post(link, headers={"Accept-Language": "en"})
    assert "1 alerts are being taken care of" in done.content.decode()
    assert [alert.acked_via for alert in Alert.objects.filter(acked_at__isnull=False)] == ["消息链接 · 群"]
    assert "已经有人确认过" in page.post(link).content.decode()
    settings.SECRET_KEY = "another-installation"
    assert page.get(link).status_code == 404

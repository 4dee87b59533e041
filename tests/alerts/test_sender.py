"""What is raised is told, within every vendor's limits, also by senders that die."""

import os
import random
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from alerting import counted, merchant, robot, robots, route
from django.conf import settings as django_settings
from django.core import mail
from django.db import connection

from qingdan.alerts import claims, dispatching
from qingdan.alerts.actions import acknowledge, close_alert, raise_alert
from qingdan.alerts.composing import compose
from qingdan.alerts.kinds import KINDS as KNOWN
from qingdan.alerts.models import Alert, Delivery, Message
from qingdan.alerts.outlets import send
from qingdan.alerts.robots import VENDORS, Answer
from qingdan.core.message import Words
from qingdan.fulfilment.transport import Limits, Line

START = datetime(2026, 11, 11, 2, 0, tzinfo=UTC)
KINDS = ("silence", "rule_paused", "work_returned", "other")
LIMITS = Limits()


@pytest.fixture(autouse=True)
def _robots_here(settings: Any) -> None:
    settings.ALERT_HOSTS = ["127.0.0.1"]


def ring(owner: int, number: int, kind: str = "due_soon", **said: Any) -> None:
    raise_alert(owner, kind, f"{kind}:{number}", Words("第 {n} 条", "number {n}"), {"n": number}, **said)


def alert(owner: int, number: int) -> Alert:
    kind, line = KINDS[number % 4], {"zh": f"第 {number} 条", "en": f"number {number}"}
    severity = KNOWN[kind].severity
    return Alert(merchant_id=owner, kind=kind, key=f"{number}", severity=severity, line=line, role=KNOWN[kind].role)


@pytest.mark.django_db(transaction=True)
def test_five_hundred_in_a_minute_are_all_told_and_no_limit_is_tripped_though_senders_die() -> None:
    owner, now = merchant(), START
    told: dict[int, set[int]] = {}
    died, fate = 0, random.Random(5)  # noqa: S311 - who dies when
    with robots(lambda: now.timestamp()) as (service, base):  # noqa: PLW0108 - it is asked anew each time
        outlets = [robot(owner, vendor, base) for vendor in VENDORS]
        route(owner, *[(outlet.pk, "", 0) for outlet in outlets])
        line = Line(LIMITS)
        for second in range(0, 240, 2):
            now = START + timedelta(seconds=second)
            if second < 56:
                Alert.objects.bulk_create(alert(owner, second * 9 + number) for number in range(18))
            elif not Delivery.objects.exclude(state="sent").exists():
                break
            claims.tidy(now)
            dispatching.route_new(now)
            for outlet in claims.waiting_outlets(now, []):
                # a second sender comes right after and finds the pace kept
                batch = claims.claim(outlet, now, lease=20, gather=1)
                assert claims.claim(outlet, now, lease=20, gather=1) is None
                if batch is None:
                    continue
                if fate.random() < 0.15:
                    died += 1
                    continue
                notice, _ = compose(batch)
                said, _ = send(batch.outlet, notice, (), line, now.timestamp())
                assert said is not None
                assert said.outcome == "sent"
                told.setdefault(outlet, set()).update(item.alert for item in batch.items)
                if fate.random() < 0.15:
                    died += 1
                    continue
                claims.finish(batch, said, now)
        line.close()

    everything = set(Alert.objects.values_list("id", flat=True))
    assert len(everything) == 504
    assert died > 3
    assert service.tripped == []
    assert [sorted(everything - told[outlet.pk]) for outlet in outlets] == [[], [], []]
    assert not Delivery.objects.exclude(state="sent").exists()
    for vendor, outlet in zip(VENDORS, outlets, strict=True):
        assert len(service.got[vendor]) <= Message.objects.filter(outlet=outlet).count() < 100
        assert sum(map(counted, service.got[vendor])) >= 504


@pytest.mark.django_db(transaction=True)
def test_a_sender_that_was_paused_past_its_lease_writes_nothing_of_what_another_has_taken() -> None:
    owner = merchant()
    outlet = robot(owner, "wecom", "http://127.0.0.1:1")
    route(owner, (outlet.pk, "", 0))
    ring(owner, 1)
    dispatching.route_new(START)
    slow = claims.claim(outlet.pk, START, lease=20, gather=1)
    assert slow is not None
    later = START + timedelta(seconds=30)
    claims.tidy(later)
    quick = claims.claim(outlet.pk, later, lease=20, gather=1)
    assert quick is not None
    assert quick.items[0].again

    assert claims.finish(slow, Answer("sent", "0"), later) == 0
    assert Delivery.objects.get().state == "sending"
    assert claims.finish(quick, Answer("sent", "0"), later) == 1
    assert Delivery.objects.get().state == "sent"


@pytest.mark.django_db(transaction=True)
def test_what_a_robot_refuses_waits_longer_each_time_and_the_page_says_so() -> None:
    owner, now = merchant(), START
    outlet = robot(owner, "dingtalk", "http://127.0.0.1:1")
    route(owner, (outlet.pk, "", 0), kinds=["due_soon"])
    ring(owner, 1)
    dispatching.route_new(now)
    pauses = []
    for answer in (Answer("refused", "310000", "sign not match"), None, Answer("throttled", "130101", "too fast")):
        batch = claims.claim(outlet.pk, now, lease=20, gather=1)
        assert batch is not None
        claims.finish(batch, answer, now)
        outlet.refresh_from_db()
        assert outlet.paused_until is not None
        pauses.append((outlet.paused_until - now).total_seconds())
        assert claims.claim(outlet.pk, now + timedelta(seconds=20), lease=20, gather=1) is None
        now = outlet.paused_until + timedelta(seconds=1)
    assert pauses == [30, 60, 600]
    assert outlet.trouble == "130101 too fast"
    assert [alert.role for alert in Alert.objects.filter(kind="outlet_down")] == ["supervisor"]
    assert Delivery.objects.filter(alert__kind="due_soon").get().state == "ready"


@pytest.mark.django_db(transaction=True)
def test_quiet_hours_hold_back_all_but_what_is_urgent_and_nothing_over_is_told() -> None:
    owner = merchant()
    night = datetime(2026, 11, 11, 15, 0, tzinfo=UTC)
    morning = datetime(2026, 11, 12, 0, 0, tzinfo=UTC)
    outlet = robot(owner, "feishu", "http://127.0.0.1:1", quiet="22:00-08:00")
    route(owner, (outlet.pk, "", 0))
    ring(owner, 1)
    ring(owner, 2, severity="urgent")
    ring(owner, 3)
    dispatching.route_new(night)

    first = claims.claim(outlet.pk, night, lease=20, gather=1)
    assert first is not None
    assert [item.line.en for item in first.items] == ["number 2"]
    claims.finish(first, Answer("sent", "0"), night)
    assert claims.claim(outlet.pk, morning - timedelta(seconds=1), lease=20, gather=1) is None
    assert close_alert(owner, "due_soon:3")
    claims.tidy(morning)
    then = claims.claim(outlet.pk, morning, lease=20, gather=1)
    assert then is not None
    assert [item.line.en for item in then.items] == ["number 1"]


@pytest.mark.django_db(transaction=True)
def test_what_nobody_acknowledges_goes_on_to_the_next_and_mail_calls_it_escalated() -> None:
    owner = merchant()
    outlet = robot(owner, "mail", "", url=None, secret=None, recipients=["boss@shop.example"])
    route(owner, (None, "", 0), (outlet.pk, "supervisor", 20))
    ring(owner, 1)
    ring(owner, 2)
    dispatching.route_new(START)
    assert acknowledge(owner, ids=[Alert.objects.get(key="due_soon:1").pk], user=None, via="test") == 1
    assert dispatching.escalate(START + timedelta(minutes=19)) == 0
    at = START + timedelta(minutes=20)
    assert dispatching.escalate(at) == 1
    assert dispatching.escalate(at + timedelta(days=1)) == 0

    batch = claims.claim(outlet.pk, at, lease=20, gather=1)
    assert batch is not None
    notice, addresses = compose(batch)
    answer, _ = send(batch.outlet, notice, addresses, Line(LIMITS), at.timestamp())
    assert answer == Answer("sent", "0")
    [sent] = mail.outbox
    assert sent.to == ["boss@shop.example"]
    assert "已升级〕第 2 条" in sent.body
    assert "第 1 条" not in sent.body


def _sender(database: str) -> "subprocess.Popen[bytes]":
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("QINGDAN_", "DJANGO_"))} | {
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "qingdan.web.settings",
        "QINGDAN_SECRET_KEY": str(django_settings.SECRET_KEY),
        "QINGDAN_ALERT_GATHER_MS": "300",
        "QINGDAN_ALERT_LEASE_MS": "1500",
        "QINGDAN_ALERT_ANSWER_MS": "500",
        "QINGDAN_ALERT_HOSTS": "127.0.0.1",
    }
    command = [sys.executable, "-m", "qingdan.web.child", "sender"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, env=environment)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()
    assert process.stdin is not None
    process.stdin.close()


@pytest.mark.process
@pytest.mark.django_db(transaction=True)
def test_a_killed_sender_loses_nothing() -> None:
    chosen, owner = connection.settings_dict, merchant()
    account = f"{chosen['USER']}:{quote(str(chosen['PASSWORD']), safe='')}"
    database = f"postgresql://{account}@/{chosen['NAME']}?host={quote(str(chosen['HOST']))}&port={chosen['PORT']}"
    with robots(time.time) as (service, base):
        outlet = robot(owner, "wecom", base)
        route(owner, (outlet.pk, "", 0))
        process = _sender(database)
        try:
            for number in range(60):
                ring(owner, number, KINDS[number % 4])
                if number == 30:
                    _until(lambda: len(service.got.get("wecom", ())) >= 1)
                    _kill(process)
                    process = _sender(database)
            _until(lambda: Delivery.objects.filter(state="sent").count() == 60)
        finally:
            _kill(process)
    assert service.tripped == []
    assert sum(map(counted, service.got["wecom"])) >= 60


def _until(what: Any, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)

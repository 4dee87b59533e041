"""Alerts reach each vendor's robot signed, within its limits, and none is lost."""

import re
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingdan.alerts.digest import Alert, digest
from qingdan.alerts.pace import Limit, needed, next_at
from qingdan.alerts.robots import FORMS, VENDORS, Notice, Robot, Vendor, answer, dingtalk_sign, feishu_sign, post
from qingdan.core.message import LANGUAGES, Words
from qingdan.sandbox.robots import RobotServer

START = 1_700_000_000.0
SECRET = "SECdemo"


class Clock:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


def _alert(number: int, rule: str = "due_soon", *, text: str = "订单 {n} 将在 30 分钟内到期") -> Alert:
    line = text.format(n=number)
    return Alert(number, rule, Words("即将超时", "Due soon"), Words(line, line), url="https://qingdan.example/orders")


@contextmanager
def _robots(clock: Clock) -> Iterator[tuple[RobotServer, str]]:
    robots = RobotServer(clock, SECRET)
    server = robots.serve()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield robots, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _robot(vendor: Vendor, base: str, secret: str = SECRET) -> Robot:
    return Robot(vendor, f"{base}/{vendor}?access_token=t", secret)


def _send(robot: Robot, notice: Notice, now: float) -> tuple[str, str]:
    made = post(robot, notice, now=now)
    request = urllib.request.Request(made.url, made.body, {"Content-Type": "application/json"})  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=5) as reply:  # noqa: S310 - loopback
        told = answer(robot.vendor, reply.status, reply.read())
    return told.outcome, told.code


def test_signatures_are_those_that_the_vendors_compute() -> None:
    assert dingtalk_sign("1700000000000", "SECdemo") == "lOvVf9TQCVugV68mGbSZCg0gzOl1SVjxWi1MyVZCUuA="
    assert feishu_sign("1700000000", "demo") == "8oT2n3SMKFfEnDoiwer8BUM/SjKLwe9SqoEIHlhDTKo="
    made = post(Robot("dingtalk", "https://d.example/send?access_token=t", "SECdemo"), Notice("题", ("行",)), now=START)
    assert made.url.endswith("&timestamp=1700000000000&sign=lOvVf9TQCVugV68mGbSZCg0gzOl1SVjxWi1MyVZCUuA%3D")


@pytest.mark.parametrize("vendor", VENDORS)
def test_five_hundred_alerts_in_a_minute_become_digests_and_no_limit_is_tripped(vendor: Vendor) -> None:
    clock, form = Clock(), FORMS[vendor]
    waiting: list[Alert] = []
    told: list[int] = []
    sent: list[float] = []
    with _robots(clock) as (robots, base):
        robot = _robot(vendor, base)
        for second in range(180):
            clock.now = START + second
            if second < 60:
                waiting += [_alert(second * 9 + i, f"rule{i % 4}") for i in range(9)]
            while waiting and next_at(form.limits, sent, clock.now) <= clock.now:
                outcome, _ = _send(robot, digest(waiting, size=form.size, language="zh"), clock.now)
                assert outcome == "sent"
                sent.append(clock.now)
                told += [alert.id for alert in waiting]
                waiting = []
        assert robots.tripped == []
        assert sorted(told) == list(range(540))
        counted = [int(n) for message in robots.got[vendor] for n in re.findall(r"\*\*：(\d+) 条", str(message))]
        assert sum(counted) == 540


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_robot_that_is_asked_too_often_says_so_and_the_answer_is_understood(vendor: Vendor) -> None:
    clock = Clock()
    with _robots(clock) as (robots, base):
        outcomes = [_send(_robot(vendor, base), Notice("题", (str(i),)), clock.now)[0] for i in range(22)]
        assert outcomes.count("sent") == (5 if vendor == "feishu" else 20)
        assert set(outcomes) == {"sent", "throttled"}
        assert robots.tripped


@pytest.mark.parametrize("vendor", ["dingtalk", "feishu"])
def test_a_wrong_secret_or_an_old_time_is_refused_with_the_vendor_s_code(vendor: Vendor) -> None:
    clock = Clock()
    code = {"dingtalk": "310000", "feishu": "19021"}[vendor]
    with _robots(clock) as (robots, base):
        assert _send(_robot(vendor, base, "other"), Notice("题", ("行",)), clock.now) == ("refused", code)
        assert _send(_robot(vendor, base), Notice("题", ("行",)), clock.now - 4000) == ("refused", code)
        assert robots.got == {}


def test_an_answer_that_is_no_answer_is_unclear() -> None:
    assert answer("wecom", 502, b"<html>").outcome == "unclear"
    assert answer("feishu", 200, b"[]").outcome == "unclear"


@given(
    lines=st.lists(st.text("订单改地址x", max_size=400), min_size=1, max_size=80),
    rules=st.integers(1, 9),
    size=st.sampled_from([1_500, 4_000, 18_000]),
    language=st.sampled_from(LANGUAGES),
)
def test_a_digest_is_never_too_long(lines: list[str], rules: int, size: int, language: str) -> None:
    alerts = [_alert(i, f"rule{i % rules}", text=line) for i, line in enumerate(lines)]
    notice = digest(alerts, size=size, language="zh" if language == "zh" else "en")
    text = post(Robot("wecom", "https://w.example"), notice, now=START).body
    assert len(text) <= size + 64
    if len(alerts) > 1:
        assert str(len(alerts)) in notice.title


@given(
    gaps=st.lists(st.integers(0, 20), max_size=60),
    limits=st.lists(st.builds(Limit, st.integers(1, 6), st.sampled_from([1.0, 10.0, 60.0])), min_size=1, max_size=3),
)
def test_no_window_ever_holds_more_than_its_limit(gaps: list[int], limits: list[Limit]) -> None:
    now, sent = 0.0, list[float]()
    for gap in gaps:
        now += gap
        at = next_at(limits, needed(limits, sent, now), now)
        sent.append(at)
        now = at
    for limit in limits:
        for first in range(len(sent) - limit.count):
            assert sent[first + limit.count] - sent[first] >= limit.seconds

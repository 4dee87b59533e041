"""The board's slower figures: each opens its orders; the log tells what was done; a planted cause is named."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from xml.etree import ElementTree as ET

import openpyxl
import polars as pl
import pytest
from django.db import connection
from tests.web.cast import Browser, Team
from tests.web.stock import stock

from qingdan.insight import diagnosing, forecasting, log, pulse
from qingdan.insight.models import DailyForecast
from qingdan.orders.models import Order
from qingdan.people.rights import Role

pytestmark = pytest.mark.django_db
BY_HAND = {"paid_amount": 61_200}
"""Stopped by one check."""


def total(browser: Browser, query: str) -> int:
    return int(browser.get(f"/api/orders?size=1&{query}").json()["total"])


def decide(browser: Browser, order: int, action: str, **more: Any) -> None:
    row = Order.objects.get(pk=order)
    body = {"action": action, "reason": "已核实", "version": row.version, **more}
    answer = browser.post(f"/api/orders/{order}/decide", body)
    assert answer.status_code == 200, answer.content


def test_money_steps_and_people_open_their_orders(ours: Team, theirs: Team) -> None:
    now = datetime.now(UTC)
    late = {
        "channel": "pdd",
        "shop": "拼多多店",
        "paid_at": now - timedelta(hours=60),
        "created_at": now - timedelta(hours=60),
    }
    soon = late | {"paid_at": now - timedelta(hours=30), "created_at": now - timedelta(hours=30)}
    keys = stock(
        ours.merchant,
        *(late | BY_HAND | {"order_no": f"late-{n}"} for n in range(3)),
        *(soon | {"order_no": f"soon-{n}"} for n in range(4)),
        *(BY_HAND | {"order_no": f"plain-{n}"} for n in range(5)),
        late | {"order_no": "gone", "platform_state": "shipped"},
    )
    stock(theirs.merchant, late, soon)
    boss, agent = ours.browser(Role.SUPERVISOR), ours.browser(Role.AGENT)
    assert boss.get("/api/board").json()["pulse"] is None

    claimed = agent.post("/api/desk/claim", {"n": 2}).json()["rows"]
    first = claimed[0]
    ruling = {"verdict": "release", "version": first["version"], "token": first["desk"]["lease"]["token"]}
    assert agent.post(f"/api/desk/orders/{first['id']}/verdict", ruling).status_code == 200
    parked = next(key for key in keys[:3] if key not in {row["id"] for row in claimed})
    decide(boss, parked, "hold")
    pulse.refresh(ours.merchant.id)
    board = boss.get("/api/board").json()["pulse"]

    assert board["risk"]["now_fen"] > 0
    assert board["risk"]["now_orders"] == total(boss, "risk=now") == 3
    assert board["risk"]["day_orders"] == total(boss, "risk=day") >= 4
    assert [one["channel"] for one in board["risk"]["by_channel"]] == ["pdd"]
    steps = {step["step"]: step["count"] for step in board["steps"]}
    assert steps == {name: total(boss, f"step={name}") for name in steps}
    assert (steps["in_hand"], steps["parked"], sum(steps.values())) == (1, 1, 12)
    [person] = board["people"]
    assert (person["orders"], person["back"]) == (1, 0)
    assert person["points"] > 0

    assert boss.send("put", "/api/board/ranking", {"shown": False}).json() == {"shown": False}
    assert boss.get("/api/board").json()["pulse"]["people"] == []
    book = openpyxl.load_workbook(BytesIO(b"".join(boss.get("/api/board/report.xlsx").streaming_content)))
    assert "总览" in book.sheetnames
    report = boss.get("/api/board/report").json()
    assert (report["backlog"], report["risk"]["now_orders"]) == (boss.get("/api/board").json()["backlog"], 3)
    assert boss.get("/api/board/report?day=2020-01-01").status_code == 404


def test_the_log_tells_what_was_done_and_leaves_as_csv_and_xes(ours: Team) -> None:
    one, two, three, four, _ = stock(
        ours.merchant, BY_HAND, BY_HAND, {}, {"refund_state": "requested"}, {"platform_state": "shipped"}
    )
    boss, agent = ours.browser(Role.SUPERVISOR), ours.browser(Role.AGENT)
    decide(agent, one, "release")
    decide(boss, one, "exception")
    decide(boss, two, "hold")
    decide(boss, two, "review")
    decide(boss, three, "hold")
    today = datetime.now(UTC)
    of = log.window(ours.merchant.id, today - timedelta(days=1), today + timedelta(days=1))
    events = log.read(of)
    numbers = dict(Order.objects.values_list("id", "order_no"))

    def kinds(order: int) -> list[str]:
        mine = events.filter(pl.col("order") == f"taobao-{numbers[order]}")
        return [kind for kind in mine["kind"] if kind not in {"placed", "arrived", "assigned"}]

    assert kinds(one) == ["touched", "released", "reopened"]
    assert kinds(two) == ["touched", "held", "touched", "resumed"]
    assert kinds(three)[0] == "released"
    assert kinds(four) == ["held"]
    assert events.filter(pl.col("kind") == "arrived").height == 4
    day = datetime.now(pulse.zone()).date()
    csv = b"".join(boss.get(f"/api/board/log.csv?since={day}&until={day}").streaming_content).decode()
    assert csv.count("\r\n") == events.height + 1
    xes = b"".join(boss.get(f"/api/board/log.xes?since={day}&until={day}").streaming_content)
    traces = ET.fromstring(xes).iter("{http://www.xes-standard.org/}trace")  # noqa: S314 - our own file
    assert len(list(traces)) == 5


def test_a_channel_that_comes_late_is_named_first(ours: Team) -> None:
    now = datetime.now(UTC)
    many = 240
    keys = stock(
        ours.merchant,
        *(
            {
                "order_no": f"D{n}",
                "channel": "jd" if n % 3 == 0 else "taobao",
                "shop": "京东店" if n % 3 == 0 else "旗舰店",
                **(BY_HAND if n % 2 else {}),
            }
            for n in range(many)
        ),
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE orders_orderevent DISABLE TRIGGER USER")  # history is made up, so it must yield
        cursor.execute(
            "UPDATE orders_order SET "
            "received_at = now() - interval '6 days' + substr(order_no, 2)::int * interval '30 min', "
            "paid_at = now() - interval '6 days' + substr(order_no, 2)::int * interval '30 min' "
            "- CASE WHEN channel = 'jd' THEN interval '7 hours' ELSE interval '3 minutes' END WHERE id = ANY(%s)",
            [keys],
        )
        cursor.execute(
            "UPDATE orders_orderevent AS e SET at = o.received_at FROM orders_order AS o WHERE o.id = e.order_id"
        )
        cursor.execute("ALTER TABLE orders_orderevent ENABLE TRIGGER USER")
    boss = ours.browser(Role.SUPERVISOR)
    assert boss.get("/api/board/diagnosis").json()["state"] == "never"
    assert boss.post("/api/board/diagnosis", {"days": 7}).json()["state"] == "queued"
    diagnosing.run(ours.merchant.id, 7)
    told = boss.get("/api/board/diagnosis?days=7").json()

    assert told["state"] == "done"
    late = [one for one in told["body"]["findings"] if one["sign"] == "late_arrival"]
    assert [(one["dimension"], one["value"]) for one in late] == [("channel", "jd")]
    assert "京东" in late[0]["text"]["zh"]
    assert now - timedelta(days=7, minutes=5) < datetime.fromisoformat(told["body"]["since"])
    [lever, *_] = told["body"]["levers"]
    waiting = "stage=in_review&stage=exception&stage=held"
    assert lever["alone"] == total(boss, f"{waiting}&reason={lever['reason']}&alone=1") == many // 2
    assert lever["orders"] == total(boss, f"{waiting}&reason={lever['reason']}")


def test_forecasts_are_kept_and_scored(ours: Team) -> None:
    stock(ours.merchant, *(BY_HAND for _ in range(300)))
    now = datetime.now(UTC)
    assert forecasting.keep_today(ours.merchant.id, now)
    assert not forecasting.keep_today(ours.merchant.id, now)
    told = forecasting.of(ours.merchant.id)
    assert told is not None
    assert (told["points"], told["days_known"]) == ([], 0)

    DailyForecast.objects.all().delete()
    today = datetime.now(pulse.zone()).date()
    with connection.cursor() as cursor:
        for back in range(1, 31):
            cursor.execute(
                "INSERT INTO orders_flow (merchant_id, at, came, went) VALUES (%s, %s, 100, 0), (%s, %s, 50, 190)",
                [ours.merchant.id, pulse.midnight(today - timedelta(days=back)) + timedelta(hours=10)] * 2,
            )
    for back, standing in ((2, 100), (1, 110)):
        DailyForecast.objects.create(
            merchant=ours.merchant,
            day=today - timedelta(days=back),
            made_at=now,
            backlog=standing,
            body={"points": [{"low": 105, "middle": 110, "high": 115}] * 7, "scale": [1.0] * 7},
        )
    assert forecasting.keep_today(ours.merchant.id, now)
    board = ours.browser(Role.AGENT).get("/api/board").json()["forecast"]

    assert board["backlog"] == 300
    assert len(board["points"]) == forecasting.HORIZON
    assert all(point["low"] <= point["middle"] <= point["high"] for point in board["points"])
    assert board["p50"] <= board["p80"] < (today + timedelta(days=12)).isoformat()
    assert (board["inside"], board["scored"]) == (1, 2)

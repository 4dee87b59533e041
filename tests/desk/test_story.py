"""A shift at the desk, as a person meets it over HTTP."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from tests.web.cast import Browser, Team
from tests.web.stock import stock

from qingdan.orders.models import OrderEvent
from qingdan.people.rights import Role

pytestmark = pytest.mark.django_db


def claim(browser: Browser, n: int = 10) -> list[dict[str, Any]]:
    answer = browser.post("/api/desk/claim", {"n": n})
    assert answer.status_code == 200, answer.content
    return list(answer.json()["rows"])


def rule(browser: Browser, row: dict[str, Any], verdict: str, **said: Any) -> Any:
    body = {"verdict": verdict, "version": row["version"], "token": row["desk"]["lease"]["token"], **said}
    return browser.post(f"/api/desk/orders/{row['id']}/verdict", body)


def push(order: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT state, reason, due_at - now() FROM fulfilment_push WHERE order_id = %s", [order])
        return list(cursor.fetchall())


def test_a_shift(ours: Team) -> None:
    stock(ours.merchant, *({"paid_amount": 61_200, "pay_method": "alipay"} for _ in range(12)))
    agent, other = ours.browser(Role.AGENT), ours.browser(Role.ADMIN)

    mine = claim(agent, 5)
    assert len(mine) == 5
    assert all(row["desk"]["why"]["zh"] for row in mine)
    assert not {row["id"] for row in claim(other, 50)} & {row["id"] for row in mine}

    first = mine[0]
    ruled = rule(agent, first, "release", reason="电话核实过")
    assert ruled.status_code == 200, ruled.content
    told = ruled.json()
    assert told["row"]["stage"] == "released"
    assert told["recall_until"]
    [(state, _, wait)] = push(first["id"])
    assert state == "ready"
    assert timedelta(seconds=7) < wait <= timedelta(seconds=8)

    again = rule(agent, first, "release", reason="电话核实过")
    assert again.status_code == 200
    assert again.json()["repeated"]

    back = agent.post(f"/api/desk/orders/{first['id']}/undo", {"version": told["row"]["version"]})
    assert back.status_code == 200, back.content
    row = back.json()["row"]
    assert row["stage"] == "in_review"
    assert row["desk"]["lease"]["mine"]
    assert [state for state, *_ in push(first["id"])] == ["cancelled"]
    assert list(OrderEvent.objects.filter(order_id=first["id"]).order_by("version").values_list("kind", flat=True)) == [
        "imported",
        "decided",
        "undone",
    ]

"""A shift at the desk, as people meet it over HTTP and as Qingdan follows it up."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from tests.web.cast import Browser, Team
from tests.web.stock import stock

from qingdan.desk import bulk, keeping, leases, refreshing
from qingdan.desk.models import Ask, Hold, Notice, Worklog
from qingdan.orders.models import Order, OrderEvent
from qingdan.people.rights import Role

pytestmark = pytest.mark.django_db
AGENTS = {"paid_amount": 61_200}
"""Stopped by one check: the front line's."""
SOON = datetime.now(UTC) + timedelta(hours=2)


def claim(browser: Browser, n: int = 10) -> list[dict[str, Any]]:
    answer = browser.post("/api/desk/claim", {"n": n})
    assert answer.status_code == 200, answer.content
    return list(answer.json()["rows"])


def rule(browser: Browser, row: dict[str, Any], verdict: str, *, status: int = 200, **said: Any) -> dict[str, Any]:
    lease = row["desk"]["lease"]
    body = {"verdict": verdict, "version": row["version"], "token": lease and lease["token"], **said}
    answer = browser.post(f"/api/desk/orders/{row['id']}/verdict", body)
    assert answer.status_code == status, answer.content
    return dict(answer.json())


def rows(browser: Browser, **query: Any) -> list[dict[str, Any]]:
    return list(browser.get("/api/desk/orders", data=query).json()["rows"])


def counts(browser: Browser) -> dict[str, int]:
    return {queue["id"]: queue["count"] for queue in browser.get("/api/desk/queues").json()["built_in"]}


def sql(statement: str, *params: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor.fetchall()) if cursor.description else []


def test_a_release_by_hand_waits_and_can_be_taken_back(ours: Team) -> None:
    stock(ours.merchant, *(AGENTS for _ in range(8)))
    agent, boss = ours.browser(Role.AGENT), ours.browser(Role.SUPERVISOR)

    mine = claim(agent, 5)
    assert len(mine) == 5
    assert all(row["desk"]["why"]["zh"] and row["desk"]["why"]["en"] for row in mine)
    assert len({row["id"] for row in claim(boss, 50)} - {row["id"] for row in mine}) == 3
    assert (counts(agent)["mine"], counts(agent)["leased"], counts(agent)["all"]) == (5, 8, 8)

    first = mine[0]
    told = rule(agent, first, "release", reason="电话核实过")
    assert (told["row"]["stage"], told["row"]["desk"]["lease"]) == ("released", None)
    [(state, wait)] = sql("SELECT state, due_at - now() FROM fulfilment_push WHERE order_id = %s", first["id"])
    assert state == "ready"
    assert timedelta(seconds=7) < wait <= timedelta(seconds=8)
    assert rule(agent, first, "release", reason="电话核实过")["repeated"]

    undo = f"/api/desk/orders/{first['id']}/undo"
    back = agent.post(undo, {"version": told["row"]["version"]}).json()["row"]
    assert (back["stage"], back["desk"]["lease"]["mine"]) == ("in_review", True)
    assert sql("SELECT state FROM fulfilment_push WHERE order_id = %s", first["id"]) == [("cancelled",)]
    kinds = OrderEvent.objects.filter(order_id=first["id"]).order_by("version").values_list("kind", flat=True)
    assert list(kinds) == ["imported", "decided", "undone"]

    rule(boss, {**back, "desk": {"lease": None}}, "release", status=409)
    details = rule(agent, first, "release", status=409)["error"]["details"]
    assert (details["order"]["id"], details["order"]["version"]) == (first["id"], back["version"])
    stale = details["differences"]
    assert [line["zh"].split("：")[0] for line in stale] == ["ours agent", "ours agent"]
    assert "待审核" in stale[0]["zh"]


def test_who_may_decide_what(ours: Team) -> None:
    urgent, plain = stock(ours.merchant, {"vip": True, "paid_amount": 61_200}, {"paid_amount": 61_200})
    agent, boss = ours.browser(Role.AGENT), ours.browser(Role.SUPERVISOR)
    [theirs, own] = (next(row for row in rows(agent) if row["id"] == key) for key in (urgent, plain))

    assert rule(agent, theirs, "release", status=403)["error"]["code"] == "desk.not_yours"
    assert rule(agent, own, "refuse", reason="恶意下单", status=403)["error"]["code"] == "desk.too_much"
    assert rule(agent, own, "exception", status=422)["error"]["code"] == "desk.needs_reason"

    up = rule(agent, own, "escalate", reason="金额高，请主管定")["row"]
    assert (up["stage"], up["desk"]["owner"]["role"], up["desk"]["owner"]["level"]) == ("in_review", "supervisor", 1)
    assert [row["id"] for row in claim(agent)] == []
    assert "ours agent 升级了一单" in boss.get("/api/desk/notices").json()["rows"][0]["text"]["zh"]
    assert {row["id"] for row in claim(boss)} == {urgent, plain}
    assert rule(boss, up, "refuse", reason="恶意下单")["row"]["stage"] == "cancelled"


def test_a_hold_ends_when_what_it_waits_for_comes_true(ours: Team) -> None:
    facts = {**AGENTS, "refund_state": "requested"}
    refund, stockless = stock(ours.merchant, facts, AGENTS)
    boss = ours.browser(Role.SUPERVISOR)
    by_id = {row["id"]: row for row in rows(boss)}

    assert rule(boss, by_id[stockless], "hold", hold="refund", status=422)["error"]["code"] == "desk.no_refund"
    rule(boss, by_id[stockless], "hold", hold="stock", reason="缺货", until=SOON.isoformat())
    rule(boss, by_id[refund], "hold", hold="refund")
    assert counts(boss)["parked"] == 2
    assert claim(boss) == []

    assert boss.post("/api/desk/holds/met", {"orders": [refund, stockless], "kind": "stock"}).json() == {
        "orders": [stockless]
    }
    stock(ours.merchant, {**facts, "refund_state": "closed"}, as_of=datetime.now(UTC))
    keeping.keep_time()

    assert [row["desk"]["why"]["zh"] for row in rows(boss, queue="back")] == [
        "退款已了结，回到待审",
        "已到货，回到待审",
    ]
    assert {row["id"] for row in claim(boss)} == {refund, stockless}
    assert Notice.objects.filter(kind="hold_ended", user=ours.people[Role.SUPERVISOR]).count() == 2


def test_a_change_after_a_decision_is_asked_and_not_decided(ours: Team) -> None:
    [order] = stock(ours.merchant, AGENTS)
    agent = ours.browser(Role.AGENT)
    [row] = claim(agent)
    rule(agent, row, "exception", reason="地址可疑")

    stock(ours.merchant, {**AGENTS, "paid_amount": 9_900}, as_of=datetime.now(UTC))

    changed = Order.objects.get(pk=order)
    assert (changed.stage, changed.verdict, changed.hand_decided) == ("exception", "release", True)
    [asked] = rows(agent, queue="asks")
    assert "有变化" in asked["desk"]["why"]["zh"]
    assert Notice.objects.filter(kind="asks", user=ours.people[Role.AGENT], order_id=order).count() == 1
    keep = f"/api/desk/orders/{order}/keep"
    assert agent.post(keep, {"version": asked["version"] - 1}).status_code == 409
    assert agent.post(keep, {"version": asked["version"]}).json()["desk"]["ask"] is None
    assert not Ask.objects.exists()


def test_a_lease_that_runs_out_goes_back_and_the_supervisor_hears_of_it(ours: Team) -> None:
    stock(ours.merchant, AGENTS, AGENTS, AGENTS)
    agent, boss = ours.browser(Role.AGENT), ours.browser(Role.SUPERVISOR)
    first, second, third = claim(agent, 3)
    agent.post(f"/api/desk/orders/{third['id']}/skip", {"code": "unsure"})
    assert len(claim(agent)) == 2
    held = [{"order_id": row["id"], "token": row["desk"]["lease"]["token"]} for row in (first, second)]
    sql("UPDATE desk_lease SET expires_at = now() - interval '1 second' WHERE order_id = %s", second["id"])

    renewed = agent.post("/api/desk/leases/renew", {"leases": held}).json()
    assert ([lease["order_id"] for lease in renewed["held"]], renewed["lost"]) == ([first["id"]], [second["id"]])

    leases.sweep()
    [notice] = boss.get("/api/desk/notices").json()["rows"]
    assert (notice["text"]["zh"], notice["orders"]) == ("ours agent 有 1 单超时没有处理，已退回队列", [second["id"]])
    assert boss.post("/api/desk/notices/read", {"ids": [notice["id"]]}).json()["total"] == 0
    kinds = Worklog.objects.order_by("id").values_list("kind", flat=True)
    assert sorted(kinds) == ["expired", "leased", "leased", "leased", "skipped"]

    giver, taker = ours.people[Role.AGENT].pk, ours.people[Role.RISK].pk
    moved = boss.post("/api/desk/hand-over", {"giver": giver, "taker": taker}).json()["orders"]
    assert moved == [first["id"]]
    assert rule(agent, first, "release", status=409)["error"]["code"] == "desk.leased"


def test_many_at_once(ours: Team) -> None:
    keys = stock(ours.merchant, *(AGENTS for _ in range(5)), {**AGENTS, "refund_state": "requested"})
    boss, agent = ours.browser(Role.SUPERVISOR), ours.browser(Role.AGENT)
    [busy] = claim(agent, 1)
    body = {"verdict": "release", "reason": "活动单统一放行", "select": {"queue": "all", "channel": ["taobao"]}}
    assert agent.post("/api/desk/bulk", body).status_code == 403

    tried = boss.post("/api/desk/bulk/dry-run", body).json()
    assert (tried["total"], tried["would"]) == (6, 4)
    assert {row["outcome"]: row["count"] for row in tried["outcomes"]} == {"ok": 4, "leased": 1, "refund": 1}

    started = boss.post("/api/desk/bulk", body).json()
    path = f"/api/desk/bulk/{started['id']}"
    assert boss.post(f"{path}/cancel").json()["state"] == "cancelled"
    bulk.run(started["id"])
    assert Order.objects.filter(stage="released").count() == 0
    assert boss.post(f"{path}/resume").json()["state"] == "queued"
    rest = next(row for row in rows(boss) if row["id"] not in {busy["id"], keys[-1]})
    rule(boss, rest, "escalate", reason="看一眼")
    bulk.run(started["id"])

    ended = boss.get(path).json()
    assert (ended["state"], ended["done"], ended["failed"]) == ("done", 3, 3)
    left = rows(boss, bulk=started["id"], outcome="failed")
    assert {row["id"] for row in left} == {busy["id"], keys[-1], rest["id"]}
    done = Order.objects.filter(stage="released").first()
    assert done is not None
    undone = boss.post(f"/api/desk/orders/{done.pk}/undo", {}).json()
    assert undone["row"]["stage"] == "in_review"


def test_what_is_due_soon_and_nobodys_goes_upwards(ours: Team) -> None:
    near, far = stock(ours.merchant, AGENTS, AGENTS)
    sql(
        "UPDATE orders_order SET resolve_by = now() + interval '20 minutes', due_at = now() + interval '20 minutes' "
        "WHERE id = %s",
        near,
    )

    keeping.keep_time()
    keeping.keep_time()

    boss = ours.browser(Role.SUPERVISOR)
    assert [row["id"] for row in rows(boss, queue="escalated")] == [near]
    assert [n["text"]["zh"] for n in boss.get("/api/desk/notices").json()["rows"]] == ["1 单快到期无人处理，已升级给您"]
    assert refreshing.refresh(ours.merchant.pk) == 2
    assert {row["id"] for row in claim(ours.browser(Role.AGENT))} == {far}


def test_what_was_put_off_comes_back_to_the_same_person(ours: Team) -> None:
    [order] = stock(ours.merchant, AGENTS)
    agent, boss = ours.browser(Role.AGENT), ours.browser(Role.SUPERVISOR)
    [row] = claim(agent)

    put_off = agent.post(f"/api/desk/orders/{row['id']}/snooze", {"until": SOON.isoformat(), "note": "等回电"}).json()
    assert put_off["desk"]["snoozed_until"]
    assert claim(agent) == claim(boss) == []
    assert counts(agent)["snoozed"] == 1

    sql("UPDATE desk_snooze SET until = now() - interval '1 minute'")
    assert claim(boss) == []
    assert [row["id"] for row in claim(agent)] == [order]
    assert agent.post(f"/api/desk/orders/{order}/undo", {}).status_code == 422


def test_orders_that_could_share_a_parcel_are_shown(ours: Team) -> None:
    one, two, _ = stock(
        ours.merchant, {**AGENTS, "receiver_key": "k"}, {**AGENTS, "receiver_key": "k"}, {**AGENTS, "receiver_key": "x"}
    )
    agent = ours.browser(Role.AGENT)
    boss = ours.browser(Role.SUPERVISOR)

    alike = agent.get(f"/api/desk/orders/{one}/merge").json()
    assert ([row["id"] for row in alike["rows"]], alike["buffer_minutes"]) == ([two], 0)

    assert boss.send("put", "/api/desk/settings", {"merge_buffer_minutes": 30}).json()["merge_buffer_minutes"] == 30
    sql("UPDATE orders_order SET paid_at = now() - interval '10 minutes' WHERE id <> %s", one)
    assert [row["id"] for row in claim(agent)] == [one]
    assert not Hold.objects.exists()

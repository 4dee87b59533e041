"""Live impact, applying, shadow runs and publishing."""

import datetime as dt
import random
from typing import Any

import pytest
from cast import Browser, Team, make_team
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from stocked import AS_OF, PERSON, order, some, stock

from qingdan.orders import actions as orders
from qingdan.orders.models import Order, OrderEvent
from qingdan.people.rights import Role
from qingdan.policies import actions, applying, audits, backtests, queries, rollouts, waiting
from qingdan.policies.drafts import ready
from qingdan.policies.models import Act, Judged

pytestmark = pytest.mark.django_db

LOOSE = queries.starter_text().replace("500元", "1000元").replace("近30天退货 = 0", "近30天退货 <= 1")
STRICT = queries.starter_text().replace("500元", "60元")


@pytest.fixture
def team(db: None) -> Team:
    made = make_team("ours")
    stock(made.merchant.id, some(600))
    return made


def stages(merchant: int) -> dict[int, str]:
    return dict(Order.objects.filter(merchant_id=merchant).values_list("id", "stage"))


def hold_by_hand(merchant: int, count: int) -> list[int]:
    held = list(Order.objects.filter(merchant_id=merchant, stage="in_review").order_by("id")[:count])
    for row in held:
        orders.decide(
            row.pk, merchant=merchant, version=row.version, action=orders.Action.HOLD, actor=PERSON, reason="等买家"
        )
    return [row.pk for row in held]


@pytest.mark.parametrize("source", [LOOSE, STRICT, LOOSE.replace("VIP客户 = 是", "平台 = 京东")])
def test_live_impact_is_what_publishing_and_applying_then_does(team: Team, source: str) -> None:
    merchant = team.merchant.id
    by_hand = hold_by_hand(merchant, 5)
    told = waiting.impact(merchant, ready(source), AS_OF, fresh=True)
    before = stages(merchant)
    actions.publish(merchant, source, PERSON)
    made = applying.create(merchant, PERSON, queue=False)
    applying.run(made.pk)

    after = stages(merchant)
    moved: dict[tuple[str, str], int] = {}
    for key, was in before.items():
        if was in {"in_review", "exception", "held"}:
            moved[was, after[key]] = moved.get((was, after[key]), 0) + 1
    assert {(m["old"], m["new"]): m["n"] for m in told["stages"]} == moved
    assert told["changed"] == sum(n for (was, now), n in moved.items() if was != now)
    assert told["waiting"] == sum(moved.values())
    assert (told["kept_by_hand"], {after[key] for key in by_hand}) == (5, {"held"})
    row = applying.get(merchant, made.pk)
    assert (row.state, row.done + len(by_hand)) == ("done", told["waiting"])
    reviewed = OrderEvent.objects.filter(merchant_id=merchant, kind="reviewed")
    assert reviewed.count() == row.changed
    assert sum(Judged.objects.filter(cause="review").values_list("orders", flat=True)) == row.changed


def test_the_waiting_frame_follows_every_change(team: Team) -> None:
    merchant = team.merchant.id
    seen = waiting.of(merchant).orders(fresh=True)
    hold_by_hand(merchant, 3)
    stock(merchant, [{**order(random.Random(9), 9_000), "paid_amount": 99_900, "platform_state": "waiting"}])  # noqa: S311
    now = waiting.of(merchant).orders(("buyer_message",), fresh=True)
    assert now.height == seen.height + 1
    assert int(now["hand_decided"].sum()) == 3
    fresh = waiting.Waiting(merchant).orders(("buyer_message",))
    assert now.select(sorted(now.columns)).equals(fresh.sort("id").select(sorted(now.columns)))


def test_an_application_stops_and_goes_on(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    merchant = team.merchant.id
    monkeypatch.setattr(applying, "CHUNK", 40)
    browser = team.browser(Role.SUPERVISOR)
    actions.publish(merchant, LOOSE, PERSON)
    made = browser.post("/api/policies/applications").json()
    assert browser.post("/api/policies/applications").status_code == 409
    applying.Application.objects.filter(pk=made["id"]).update(state="running")
    rows = applying.Application.objects.filter(pk=made["id"])
    assert applying._part(rows)
    stopped = browser.post(f"/api/policies/applications/{made['id']}/cancel").json()
    assert (stopped["state"], stopped["done"]) == ("cancelled", 40)
    applying.run(made["id"])
    assert browser.get("/api/policies/applications").json()[0]["done"] == 40
    assert browser.post(f"/api/policies/applications/{made['id']}/resume").json()["state"] == "queued"
    applying.run(made["id"])
    done = browser.get("/api/policies/applications").json()[0]
    assert (done["state"], done["done"]) == ("done", stopped["waiting"])


def proposed(browser: Browser, source: str) -> Any:
    test = browser.post("/api/policies/backtests", {"source": source}).json()
    early = browser.post("/api/policies/rollouts", {"name": "双11", "source": source, "backtest": test["id"]})
    assert early.status_code == 409
    backtests.run(test["id"])
    return browser.post("/api/policies/rollouts", {"name": "双11", "source": source, "backtest": test["id"]}).json()


def test_a_policy_that_releases_more_needs_a_second_person(team: Team) -> None:
    author, other = team.browser(Role.SUPERVISOR), team.browser(Role.RISK)
    row = proposed(author, LOOSE)
    path = f"/api/policies/rollouts/{row['id']}"
    assert row["needs_approval"] is True
    why = {"skip_shadow": "昨天已经试跑过同样的规则"}
    assert author.post(f"{path}/publish", why).status_code == 403
    assert author.post(f"{path}/approve").status_code == 403
    assert team.browser(Role.AGENT).post(f"{path}/approve").status_code == 403
    assert other.post(f"{path}/approve").json()["approved_by"] == team.people[Role.RISK].name
    assert author.post(f"{path}/publish", {"skip_shadow": " "}).status_code == 409
    done = author.post(f"{path}/publish", why).json()
    assert (done["state"], done["shadow_skipped"]) == ("live", why["skip_shadow"])
    assert Act.objects.get(kind="scheduled").details["shadow_skipped"] == why["skip_shadow"]
    assert author.get("/api/policies/live").json()["hash"] == row["hash"]
    back = author.post("/api/policies/rollback").json()
    assert [p["live"] for p in back] == [True, False, False]
    assert back[0]["hash"] == back[2]["hash"] != row["hash"]
    kinds = [a.kind for a in Act.objects.order_by("id")]
    assert kinds == ["backtest", "proposed", "approved", "scheduled", "published", "rolled_back"]


def test_a_promotion_policy_begins_and_ends_by_itself(team: Team) -> None:
    merchant, browser = team.merchant.id, team.browser(Role.SUPERVISOR)
    usual = actions.ensure_live(merchant).hash
    row = proposed(browser, STRICT)
    assert row["needs_approval"] is False
    start = timezone.now() + dt.timedelta(hours=1)
    why = {"skip_shadow": "只收紧"}
    body = {**why, "at": start.isoformat(), "until": (start + dt.timedelta(days=1)).isoformat()}
    early = {**why, "at": start.isoformat(), "until": timezone.now().isoformat()}
    assert browser.post(f"/api/policies/rollouts/{row['id']}/publish", early).status_code == 409
    assert browser.post(f"/api/policies/rollouts/{row['id']}/publish", body).json()["state"] == "scheduled"
    seen = []
    for moment in (start - dt.timedelta(seconds=1), start, start + dt.timedelta(hours=3), start + dt.timedelta(days=1)):
        rollouts.keep_time(moment)
        rollouts.keep_time(moment)
        live = queries.live(merchant)
        seen.append((live.hash if live else "", rollouts.get(merchant, row["id"]).state))
    assert seen == [(usual, "scheduled"), (row["hash"], "live"), (row["hash"], "live"), (usual, "ended")]


def test_a_shadow_judges_what_comes_in_and_changes_nothing(team: Team) -> None:
    merchant, browser = team.merchant.id, team.browser(Role.SUPERVISOR)
    row = proposed(browser, LOOSE)
    path = f"/api/policies/rollouts/{row['id']}"
    assert browser.post(f"{path}/shadow").json()["state"] == "shadow"
    rows = some(200, seed=8, start=5_000)
    stock(merchant, rows, AS_OF + dt.timedelta(hours=1))
    told = browser.get(f"{path}/shadow").json()
    assert told["orders"] == 200
    assert told["differing"] == sum(m["n"] for m in told["moves"] if m["old"] != m["new"]) > 0
    for difference in told["differences"]:
        assert difference["order"]["stage"] == difference["live"]["stage"]
        assert difference["shadow"]["stage"] == "released"
    second = proposed(browser, STRICT)
    assert browser.post(f"/api/policies/rollouts/{second['id']}/shadow").status_code == 409
    assert browser.post(f"{path}/withdraw").json()["state"] == "withdrawn"
    assert browser.post(f"/api/policies/rollouts/{second['id']}/shadow").status_code == 200


def test_impact_answers_with_samples(team: Team) -> None:
    browser = team.browser(Role.AGENT)
    told = browser.post("/api/policies/impact", {"source": LOOSE, "samples": True}).json()
    assert told["released"] == sum(m["n"] for m in told["stages"] if m["new"] == "released") > 0
    assert {row["id"] for row in told["orders"]} >= {
        i for m in told["stages"] if m["new"] == "released" for i in m["samples"]
    }
    assert browser.post("/api/policies/impact", {"source": "policy: x"}).status_code == 422


def test_a_planted_bad_rule_is_caught_by_the_backtest_by_the_shadow_and_by_the_audit(team: Team) -> None:
    """The rule lets go what the live one stops for its amount: there are the orders that end in complaints."""
    merchant, browser = team.merchant.id, team.browser(Role.SUPERVISOR)
    for row in Order.objects.filter(merchant_id=merchant, paid_amount=120_000, stage="in_review"):
        orders.decide(
            row.pk, merchant=merchant, version=row.version, action=orders.Action.EXCEPTION, actor=PERSON, reason="盗刷"
        )
    planted = queries.starter_text().replace("500元", "2000元")
    row = proposed(browser, planted)
    result = browser.get(f"/api/policies/backtests/{row['backtest_id']}").json()["result"]
    freed = next(c for c in result["transitions"] if (c["old"], c["new"]) == ("review", "release"))
    assert freed["problems"] / freed["n"] > 0.2
    assert result["new"]["problem_bound"] > 0.05 > result["old"]["problem_bound"]
    assert row["needs_approval"] is True

    browser.post(f"/api/policies/rollouts/{row['id']}/shadow")
    stock(merchant, some(200, seed=8, start=5_000), AS_OF + dt.timedelta(hours=1))
    told = browser.get(f"/api/policies/rollouts/{row['id']}/shadow").json()
    risky = [d for d in told["differences"] if d["order"]["paid_amount"] == 120_000]
    assert risky
    assert {(d["live"]["stage"], d["shadow"]["stage"]) for d in risky} == {("in_review", "released")}

    # it goes live for all that: the shadow has run, and a second person has agreed
    other = team.browser(Role.RISK)
    other.post(f"/api/policies/rollouts/{row['id']}/approve")
    assert browser.post(f"/api/policies/rollouts/{row['id']}/publish", {}).json()["state"] == "live"
    audits.change(merchant, PERSON, share=0.5, limit=0.02, controls=True)
    stock(merchant, some(200, seed=9, start=8_000), AS_OF + dt.timedelta(hours=2))
    looked = 0
    while queries.live_source(merchant) == planted:
        audit = other.get("/api/policies/audits/next").json()["audit"]
        fraud = audit["order"]["paid_amount"] == 120_000
        said = {"release": not fraud, "reason": "盗刷" if fraud else "", "rule": "amount_region" if fraud else ""}
        other.post(f"/api/policies/audits/{audit['id']}/answer", said)
        looked += 1
    assert looked < 80
    stock(merchant, some(60, seed=10, start=9_000), AS_OF + dt.timedelta(hours=3))
    late = Order.objects.filter(
        merchant_id=merchant, order_no__gte="N00009000", stage="released", decided_kind="policy"
    )
    assert not late.exists()
    assert browser.get("/api/policies/notices").json()[0]["details"]["rule"] == "amount_region"


def test_work_that_a_dead_worker_left_is_taken_up_once(team: Team) -> None:
    merchant = team.merchant.id
    made = applying.create(merchant, PERSON, queue=False)
    applying.Application.objects.filter(pk=made.pk).update(state="running")
    test = backtests.create(merchant, LOOSE, PERSON, queue=False)
    backtests.Backtest.objects.filter(pk=test.pk).update(state="running", created_at=timezone.now() - dt.timedelta(1))
    for _ in range(2):
        applying.wake_open()
        backtests.wake_open()
    jobs = ProcrastinateJob.objects.filter(status="todo").values_list("task_name", "args")
    assert sorted(jobs, key=str) == [
        (applying.RUN, {"application_id": made.pk}),
        (backtests.RUN, {"backtest_id": test.pk}),
    ]
    for task, arguments in jobs:
        run = applying.run if task == applying.RUN else backtests.run
        run(*arguments.values())
    assert applying.get(merchant, made.pk).state == "done"
    assert backtests.get(merchant, test.pk).state == "done"


def test_a_backtest_that_breaks_says_so(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    made = backtests.create(team.merchant.id, LOOSE, PERSON, queue=False)

    def broken(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(backtests, "compare", broken)
    with pytest.raises(MemoryError):
        backtests.run(made.pk)
    assert backtests.get(team.merchant.id, made.pk).state == "failed"

"""Backtests over stored history: a policy against itself, against another, and what stands behind a cell."""

import datetime as dt
from typing import Any

import polars as pl
import pytest
from cast import Team, make_team
from stocked import PERSON, some, stock
from test_history import judged

from qingdan.core.policy import review_columns
from qingdan.orders import actions as orders
from qingdan.orders.models import Order
from qingdan.people.rights import Role
from qingdan.policies import backtests, history, queries
from qingdan.policies.drafts import ready
from qingdan.policies.models import TextBits

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(db: None) -> Team:
    made = make_team("ours")
    stock(made.merchant.id, some(800))
    return made


def count(result: dict[str, Any], old: str, new: str) -> int:
    return sum(cell["n"] for cell in result["transitions"] if (cell["old"], cell["new"]) == (old, new))


def test_a_backtest_of_the_same_policy_gives_what_was_given(team: Team) -> None:
    merchant = team.merchant.id
    kept = judged(merchant).filter("counted")
    result = backtests.compare(merchant, queries.live_source(merchant), queries.live_source(merchant))
    assert result["orders"] == kept.height > 400
    assert all(cell["old"] == cell["new"] for cell in result["transitions"])
    assert result["new"]["released"] == kept.filter(pl.col("verdict") == "release").height
    assert count(result, "review", "review") == kept.filter(pl.col("verdict") == "review").height


def test_a_backtest_agrees_with_review_at_the_moment_and_opens_its_cells(team: Team) -> None:
    merchant = team.merchant.id
    source = queries.starter_text().replace("500元", "60元").replace("近30天退货 = 0", "下单时间 > 当前时间 - 40小时")
    browser = team.browser(Role.SUPERVISOR)
    made = browser.post("/api/policies/backtests", {"source": source}).json()
    assert made["state"] == "queued"
    backtests.run(made["id"])
    first = TextBits.objects.count()
    told = browser.get(f"/api/policies/backtests/{made['id']}").json()
    result = told["result"]
    assert (told["state"], told["done_chunks"]) == ("done", told["chunks"])

    expected = 0
    for chunk in history.chunks(merchant):
        facts = pl.concat(
            [
                history.read_facts(chunk.id, ("as_of", "verdict", "counted", *history.FACTS)),
                history.read_texts(chunk.id, history.TEXTS),
            ],
            how="horizontal",
        ).filter("counted")
        new = review_columns(ready(source), facts.drop("verdict"), facts["as_of"][0])
        expected += ((facts["verdict"] == "release") & (new["verdict"].cast(pl.String) == "review")).sum()
    assert count(result, "release", "review") == expected > 0
    assert sum(g["n"] for g in result["by"]["channel"]) == sum(g["n"] for g in result["by"]["shop"]) == result["orders"]

    opened = browser.get(f"/api/policies/backtests/{made['id']}/orders?old=release&new=review&limit=200").json()
    assert len(opened) == min(expected, 200)
    rule = max(result["rules"], key=lambda r: r["alone"])
    alone = browser.get(f"/api/policies/backtests/{made['id']}/orders?rule={rule['id']}&limit=200").json()
    assert len(alone) == min(rule["alone"], 200)
    assert backtests.compare(merchant, queries.live_source(merchant), source) == result
    assert TextBits.objects.count() == first > 0


def test_what_went_wrong_later_is_counted_by_the_facts_seen_before(team: Team) -> None:
    merchant = team.merchant.id
    live = queries.live_source(merchant)
    before = backtests.compare(merchant, live, live)
    order = Order.objects.filter(merchant_id=merchant, stage="released").order_by("id")[0]
    orders.decide(
        order.pk, merchant=merchant, version=order.version, action=orders.Action.HOLD, actor=PERSON, reason="客户来电"
    )
    after = backtests.compare(merchant, live, live)
    assert after["new"]["released"] == before["new"]["released"]
    assert after["new"]["problems"] == before["new"]["problems"] + 1
    assert after["new"]["problem_bound"] > before["new"]["problem_bound"]
    assert {p["id"]: p["new"] for p in after["problems"]}["manual_hold"] == 1
    period = backtests.compare(merchant, live, live, before=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    assert period["orders"] == 0


def test_a_policy_with_errors_and_a_backtest_of_others_are_refused(team: Team) -> None:
    browser = team.browser(Role.SUPERVISOR)
    assert browser.post("/api/policies/backtests", {"source": "policy: x"}).status_code == 422
    made = backtests.create(team.merchant.id, queries.starter_text(), PERSON, queue=False)
    assert make_team("theirs").browser(Role.ADMIN).get(f"/api/policies/backtests/{made.pk}").status_code == 404

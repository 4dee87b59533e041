"""The frontier of a threshold and the levers: what a plain replacement of the number, or of the rule, gives."""

import pytest
from cast import Team, make_team
from stocked import AS_OF, PERSON, some, stock

from qingdan.orders import actions as orders
from qingdan.orders.models import Order
from qingdan.people.rights import Role
from qingdan.policies import backtests, frontiers, levers, queries, waiting
from qingdan.policies.drafts import ready

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(db: None) -> Team:
    made = make_team("ours")
    stock(made.merchant.id, some(600))
    return made


def test_each_point_is_what_a_backtest_of_that_number_gives(team: Team) -> None:
    merchant, live = team.merchant.id, queries.starter_text()
    hand = Order.objects.filter(merchant_id=merchant, stage="released").order_by("id")[0]
    orders.decide(hand.pk, merchant=merchant, version=hand.version, action=orders.Action.HOLD, actor=PERSON, reason="x")
    browser = team.browser(Role.SUPERVISOR)
    numbers = browser.post("/api/policies/thresholds", {"source": live}).json()
    amount = next(n for n in numbers if (n["rule"], n["field"]) == ("amount_region", "paid_amount"))
    assert (amount["leaf"], amount["value"]) == (1, 50_000)
    values = [10_000, 30_000, 100_000, 200_000]
    body = {"source": live, "rule": "amount_region", "leaf": 1, "values": values, "target": 0.6}
    told = browser.post("/api/policies/frontier", body).json()
    assert [p["value"] for p in told["points"]] == [10_000, 30_000, 50_000, 100_000, 200_000]
    for point in told["points"]:
        tested = backtests.compare(merchant, live, live.replace("500元", f"{point['value'] // 100}元"))["new"]
        assert (point["released"], point["problems"]) == (tested["released"], tested["problems"])
        assert point["problem_high"] == tested["problem_bound"]
    assert told["points"][2]["hours_saved"] == 0
    assert told["points"][4]["hours_saved"] > told["points"][3]["hours_saved"] > 0
    assert told["points"][told["chosen"]]["rate"] >= 0.6
    assert browser.post("/api/policies/frontier", {**body, "leaf": 9}).status_code == 404


@pytest.mark.parametrize(
    ("rule", "was", "now"),
    [
        ("trust", "近30天退货 = 0", "近30天退货 = 3"),
        ("address_change", "平台改址未确认 = 是", "平台改址未确认 = 是 或 实付金额 > 当量"),
        ("amount_abnormal", "实付金额 > 5000元", "实付金额 > 100元"),
    ],
)
def test_a_slid_rule_of_any_kind_agrees_with_its_backtest(team: Team, rule: str, was: str, now: str) -> None:
    merchant = team.merchant.id
    source = queries.starter_text().replace(was, now.replace("当量", "800元"))
    found = [t for t in frontiers.listed(source) if t.rule == rule]
    for threshold in found[:1]:
        values = [0, threshold.value + 1]
        told = frontiers.compute(merchant, source, rule, threshold.leaf, values)
        tested = backtests.compare(merchant, source, source)["new"]["released"]
        assert {p["value"]: p["released"] for p in told["points"]}[threshold.value] == tested
    assert found


def test_the_lever_is_what_dropping_the_rule_frees(team: Team) -> None:
    merchant = team.merchant.id
    told = {row["id"]: row for row in levers.find(merchant, ready(queries.starter_text()), AS_OF)}
    freed = queries.starter_text().replace("实付金额 <= 500元 且 大陆地区 = 是", "是")
    base = waiting.impact(merchant, ready(queries.starter_text()), AS_OF)["released"]
    assert told["amount_region"]["frees"] == waiting.impact(merchant, ready(freed), AS_OF)["released"] - base > 0
    assert told["amount_region"]["misses"][0]["text"]["zh"] == "实付金额 ≤ 500元"
    assert next(iter(told)) == max(told, key=lambda key: told[key]["frees"])
    rows = team.browser(Role.AGENT).post("/api/policies/levers", {"source": queries.starter_text()}).json()
    assert rows[0]["frees"] == next(iter(told.values()))["frees"]

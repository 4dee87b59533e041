"""Rule suggestions from decision to draft: over the API, as a team would meet them."""

import datetime as dt
import json
import random
from typing import Any

import polars as pl
import pytest
from cast import Team, make_team
from click.testing import CliRunner
from django.db import connection
from stocked import AS_OF, order, stock

from qingdan.cli import policy_store
from qingdan.cli.policy import policy as command
from qingdan.core.policy.backtest import Judge, Outcomes, texts_of
from qingdan.core.policy.texts import search
from qingdan.orders.models import Order
from qingdan.people.rights import Role
from qingdan.policies import actions as policies
from qingdan.policies import evidence, jobs, queries, suggesting
from qingdan.policies.drafts import ready
from qingdan.policies.models import Suggestion

pytestmark = pytest.mark.django_db
COUNT = 1_500


def rows(count: int, days: int) -> list[dict[str, Any]]:
    """Plain orders that only their amount keeps back, one in five with two returns, over some days."""
    rng = random.Random(3)  # noqa: S311 - test data
    made = []
    for number in range(count):
        row = order(rng, number) | {"platform_state": "waiting", "platform_hold": "none", "buyer_message": ""}
        row |= {"paid_amount": rng.randrange(510, 3_000) * 100, "returns_30d": 2 if rng.random() < 0.2 else 0}
        row |= {"pay_method": "alipay", "channel": "taobao", "created_at": AS_OF - dt.timedelta(days=number % days)}
        made.append(row)
    return made


def decide(merchant: int, *, refunds: bool = True) -> None:
    """Release by hand what has no returns, stop the rest; one release is regretted later."""
    by_hand = (
        "WITH done AS (UPDATE orders_order SET stage = CASE WHEN returns_30d = 0 THEN 'released' ELSE 'held' END, "
        "version = version + 1, hand_decided = true, decided_kind = 'user', decided_id = '1', decided_name = 'x', "
        "changed_at = now() WHERE merchant_id = %s AND stage = 'in_review' RETURNING *) "
        "INSERT INTO orders_orderevent (order_id, version, merchant_id, kind, actor_kind, actor_id, actor_name, "
        "from_stage, to_stage, verdict, policy_hash, reason) SELECT id, version, merchant_id, 'decided', 'user', '1', "
        "'x', 'in_review', stage, verdict, policy_hash, '' FROM done"
    )
    with connection.cursor() as cursor:
        cursor.execute(by_hand, [merchant])
        if refunds:
            cursor.execute(
                "UPDATE orders_order SET refund_state = 'requested' WHERE id = (SELECT min(id) FROM orders_order "
                "WHERE merchant_id = %s AND stage = 'released' AND hand_decided)",
                [merchant],
            )


@pytest.fixture
def team(db: None) -> Team:
    made = make_team("ours")
    stock(made.merchant.id, rows(COUNT, 10))
    decide(made.merchant.id)
    stock(made.merchant.id, [r | {"order_no": f"W{i}"} for i, r in enumerate(rows(40, 1))])
    return made


def found(team: Team, **asked: Any) -> dict[str, Any]:
    browser = team.browser(Role.SUPERVISOR)
    made = browser.post("/api/policies/suggestions", asked).json()
    assert made["state"] == "queued"
    jobs.run_suggestion(made["id"])
    told: dict[str, Any] = browser.get(f"/api/policies/suggestions/{made['id']}").json()
    assert told["state"] == "done"
    return told


def test_decisions_become_a_proven_rule_with_its_orders_and_a_draft(team: Team) -> None:
    merchant, browser = team.merchant.id, team.browser(Role.SUPERVISOR)
    told = found(team)
    result = told["result"]
    assert (result["outcome"], result["look"], result["confidence"]) == ("proven", 1, 0.95)
    assert result["decisions"] == result["earlier"]["n"] + result["later"]["n"] <= COUNT
    assert result["earlier"]["last"] < result["later"]["first"]
    assert result["set"]["bound"] >= 0.99
    assert result["set"]["waiting"] > 0
    [rule] = result["rules"]
    assert rule["text"]["zh"].startswith("近30天退货")
    assert rule["checks"] == ["amount_region"]

    # what speaks for it, and the release that somebody regretted
    at = f"/api/policies/suggestions/{told['id']}"
    kept = browser.get(f"{at}/orders?rule=s1").json()
    assert [row["id"] for row in kept] == rule["examples"]
    assert {row["stage"] for row in kept} == {"released"}
    against = browser.get(f"{at}/orders?rule=s1&safe=false").json()
    assert [row["id"] for row in against] == rule["counters"] != []
    assert browser.get(f"{at}/orders?rule=s9").status_code == 404

    # the draft releases of the decided orders exactly what the proof counted
    draft = browser.post(f"{at}/draft", {"name": "建议", "rules": ["s1"]}).json()
    compared = browser.get(f"/api/policies/drafts/{draft['id']}/compare").json()
    assert [(d["id"], d["change"]) for d in compared["differences"]] == [("amount_region", "changed")]
    judge = Judge(ready(draft["source"]))
    known = evidence.gather(merchant, ready(queries.live_source(merchant)))
    frame = known.orders.hstack(search(texts_of((judge,)), known.orders))
    released = pl.Series(judge.coded(judge.masks(frame))[0]) == int(Outcomes.RELEASE)
    later = pl.Series(evidence.split(known, suggesting.PROOF))
    assert int((released & later).sum()) == result["set"]["n"]
    assert int((released & later & ~known.orders["safe"]).sum()) == result["set"]["bad"]

    # looking again at the same is the same look; another target on the same days is a second one, and stricter
    assert found(team)["result"]["look"] == 1
    assert found(team, target=0.98)["result"]["confidence"] == pytest.approx(1 - 0.05 / 4)
    assert len(browser.get("/api/policies/suggestions").json()) == 3

    policies.publish(merchant, queries.starter_text().replace("500元", "400元"), suggesting_actor())
    late = browser.post(f"{at}/draft", {"name": "建议", "rules": ["s1"]})
    assert (late.status_code, late.json()["error"]["code"]) == (409, "policy_not_now")
    assert "重新" in json.dumps(late.json(), ensure_ascii=False)


def suggesting_actor() -> Any:
    return policies.SYSTEM


def test_too_little_says_how_many_more_and_others_see_nothing(theirs: Team) -> None:
    told = found(theirs)["result"]
    assert (told["outcome"], told["decisions"], told["lacking"]) == ("too_few", 0, 748)
    stock(theirs.merchant.id, rows(100, 1))
    decide(theirs.merchant.id, refunds=False)
    assert found(theirs)["result"]["outcome"] == "one_day"
    stock(theirs.merchant.id, [r | {"order_no": f"X{i}"} for i, r in enumerate(rows(400, 8))])
    decide(theirs.merchant.id, refunds=False)
    told = found(theirs)["result"]
    assert told["outcome"] == "not_proven"
    assert told["set"]["bad"] == 0
    assert told["lacking"] == 299 - told["set"]["n"] > 0
    row = Suggestion.objects.filter(merchant_id=theirs.merchant.id).latest("id")
    stranger = make_team("strangers").browser(Role.ADMIN)
    assert stranger.get(f"/api/policies/suggestions/{row.pk}").status_code == 404
    assert stranger.post(f"/api/policies/suggestions/{row.pk}/draft", {"name": "x", "rules": ["s1"]}).status_code == 404
    agent = theirs.browser(Role.AGENT)
    assert agent.post("/api/policies/suggestions", {}).status_code == 403
    assert agent.get("/api/policies/suggestions").status_code == 200


def test_the_facts_are_those_of_the_judgement_and_the_command_line_tells_the_same(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    merchant = team.merchant.id
    before = found(team)["result"]["rules"]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE orders_order SET returns_30d = 9, paid_amount = 1 WHERE merchant_id = %s", [merchant])
    assert Order.objects.filter(merchant_id=merchant, returns_30d=9).exists()
    assert found(team)["result"]["rules"] == before

    class Tasks:
        def migrate(self) -> None:
            """The test's database is there already."""

    monkeypatch.setattr(policy_store, "tasks", Tasks)
    run = CliRunner().invoke(command, ["suggest", "--merchant", team.merchant.name])
    assert run.exit_code == 0, run.output
    assert "近30天退货" in run.output
    told = json.loads(CliRunner().invoke(command, ["suggest", "--merchant", team.merchant.name, "--json"]).output)
    assert told["outcome"] == "proven"

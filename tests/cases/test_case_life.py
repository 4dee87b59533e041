"""A case from its opening to its end: steps, approvals, clocks, and the order beside it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cast import Browser, Team, make_team
from django.db import connection
from stock import stock

from qingdan.cases import actions, address, handing, opening
from qingdan.cases.models import Case
from qingdan.orders.actors import Actor
from qingdan.orders.models import Order
from qingdan.people.rights import Role

UNCLEAR: dict[str, Any] = {"address": "文三", "address_quality": "incomplete", "address_gaps": ["detail_short"]}


@pytest.fixture
def team(transactional_db: None, settings: Any) -> Team:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return make_team("ours")


def test_cases_are_walked_approved_and_left(team: Team) -> None:
    costly, unclear, plain = stock(
        team.merchant,
        {"paid_amount": 612_000},
        {"address": "文三", "district": None, "address_quality": "incomplete"},
        {},
    )
    assert opening.reconcile(team.merchant.pk) == opening.Passed(2, 0, 0)
    assert opening.reconcile(team.merchant.pk) == opening.Passed(0, 0, 0)
    agent, risk, lead = (team.browser(role) for role in (Role.AGENT, Role.RISK, Role.SUPERVISOR))
    page = agent.get("/api/cases").json()
    assert {row["type"] for row in page["rows"]} == {"amount_abnormal", "address_unclear"}
    case = next(row for row in page["rows"] if row["type"] == "amount_abnormal")

    def go(browser: Browser, what: str, **body: Any) -> Any:
        now = agent.get(f"/api/cases/{case['id']}").json()
        told = {"version": now["version"], "order_version": now["order_version"], **body}
        answer = browser.post(f"/api/cases/{case['id']}/{what}", told)
        return answer.status_code, answer.json()

    assert go(risk, "step", step="check_price", choice="plain")[0] == 200
    assert go(risk, "step", step="cause")[0] == 422
    assert go(risk, "step", step="cause", cause="bulk_purchase")[0] == 200
    assert go(agent, "step", step="decide", choice="release")[0] == 403
    status, told = go(risk, "step", step="decide", choice="release")
    assert (status, told["state"]) == (200, "approval")
    assert go(risk, "approve")[0] == 403
    assert go(agent, "approve")[0] == 403
    status, told = go(lead, "approve", note="可以")
    assert (status, told["state"], told["outcome"]) == (200, "closed", "solved")
    order = Order.objects.get(pk=costly)
    assert (order.stage, order.decided_name) == ("released", team.people[Role.SUPERVISOR].name)
    assert [(s["id"], s["state"]) for s in told["steps"]] == [
        ("check_price", "done"),
        ("contact", "ahead"),
        ("cause", "done"),
        ("decide", "done"),
    ]
    assert opening.reconcile(team.merchant.pk) == opening.Passed(0, 0, 0)
    assert not Case.objects.get(pk=case["id"]).wanted

    seen = agent.post(f"/api/cases/orders/{unclear}/address/show", {"reason": "补地址"}).json()
    assert [one["key"] for one in seen["missing"]] == ["district", "detail_short", "house_number"], seen
    pasted = agent.post(
        "/api/cases/address/parse", {"text": "王小明 13800001234\n浙江省杭州市西湖区文三路100号3栋201室"}
    ).json()
    assert pasted["missing"] == []
    assert pasted["receiver"]["district"] == "西湖区"
    receiver = {k: v or "" for k, v in pasted["receiver"].items()}
    saved = agent.post(f"/api/cases/orders/{unclear}/address", {"version": seen["version"], "receiver": receiver})
    assert saved.status_code == 200, saved.json()
    assert (saved.json()["stage_before"], saved.json()["stage"]) == ("exception", "released")
    assert opening.reconcile(team.merchant.pk) == opening.Passed(0, 0, 1)
    again = agent.get(f"/api/cases/orders/{unclear}").json()
    assert [row["outcome"] for row in again["cases"]] == ["left"]
    said = agent.post(
        f"/api/cases/orders/{plain}/comments", {"text": "看一下", "mentions": [team.people[Role.RISK].pk]}
    )
    assert said.status_code == 200
    assert [n["kind"] for n in risk.get("/api/cases/notices").json()["rows"]] == ["mention", "approved"]
    tried = agent.post(f"/api/cases/orders/{plain}/contacts", {"channel": "call", "result": "no_answer"})
    assert tried.status_code == 200


def test_a_person_puts_an_order_to_exception_with_its_case(team: Team) -> None:
    [order] = stock(team.merchant, {"pay_method": "card"})
    agent = team.browser(Role.AGENT)
    version = Order.objects.get(pk=order).version
    told = {"order_id": order, "type": "invoice", "note": "抬头不对"}
    assert agent.post("/api/cases", {**told, "order_version": version + 1}).status_code == 409
    assert not Case.objects.exists()
    assert team.browser(Role.WAREHOUSE).post("/api/cases", {**told, "order_version": version}).status_code == 403
    made = agent.post("/api/cases", {**told, "order_version": version}).json()
    assert (made["type"], made["stage"], made["state"]) == ("invoice", "exception", "open")
    assert opening.reconcile(team.merchant.pk) == opening.Passed(0, 0, 0)
    agent.post(
        f"/api/orders/{order}/decide",
        {"action": "release", "reason": "开好了", "version": Order.objects.get(pk=order).version},
    )
    assert opening.reconcile(team.merchant.pk) == opening.Passed(0, 0, 1)
    again = agent.post("/api/cases", told).json()
    assert (again["id"], again["reopened"], again["state"]) == (made["id"], 1, "open")
    assert opening.reconcile(team.merchant.pk) == opening.Passed(0, 0, 0)


def test_a_persons_cases_go_to_a_colleague_or_back(team: Team) -> None:
    stock(team.merchant, {"paid_amount": 612_000}, {"paid_amount": 700_000})
    opening.reconcile(team.merchant.pk)
    risk, agent, lead = (team.people[role] for role in (Role.RISK, Role.AGENT, Role.SUPERVISOR))
    keys = sorted(Case.objects.values_list("pk", flat=True))
    for key in keys:
        actions.take(risk, key, version=1)
    told = {"of": risk.pk, "to": agent.pk, "note": "请假"}
    assert team.browser(Role.AGENT).post("/api/cases/hand-over", told).status_code == 403
    assert team.browser(Role.SUPERVISOR).post("/api/cases/hand-over", told).json() == {"cases": keys}
    assert set(Case.objects.values_list("owner_id", "version")) == {(agent.pk, 3)}
    assert team.browser(Role.AGENT).get("/api/cases/notices").json()["total"] == 2
    assert handing.hand_over(lead, giver=agent.pk, taker=None) == keys
    assert set(Case.objects.values_list("owner_id", "owner_role")) == {(None, "risk")}


def test_what_happens_at_once_neither_waits_for_ever_nor_doubles(team: Team) -> None:
    """Passes beside each other, and a step beside a correction of the address."""
    [order, *_] = stock(team.merchant, *([UNCLEAR] * 40))
    agent = team.people[Role.AGENT]

    def alone(work: Any) -> Any:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        passes = pool.map(alone, [lambda: opening.reconcile(team.merchant.pk).opened] * 4)
        assert sum(passes) == 40
        case = Case.objects.get(order_id=order)

        def work() -> int:
            for _ in range(6):
                version = Case.objects.values_list("version", flat=True).get(pk=case.pk)
                actions.wait(agent, case.pk, version=version, until=None)
                actions.resume(agent, case.pk, version=version + 1)
            return 1

        def correct() -> int:
            for number in range(6):
                version = Order.objects.values_list("version", flat=True).get(pk=order)
                receiver = address.Receiver(
                    "王小明", "13800001234", "浙江", "杭州市", "西湖区", None, f"文三路{number}号西门外"
                )
                who = Actor("user", str(agent.pk), agent.name)
                address.save(team.merchant.pk, order, version=version, receiver=receiver, actor=who, reason="改")
                Order.objects.filter(pk=order).update(stage="exception")
            return 1

        assert sum(pool.map(alone, [work, correct])) == 2
    assert Case.objects.get(pk=case.pk).events.filter(kind="corrected").count() == 6

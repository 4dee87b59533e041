"""Cases against a small model: whatever people do and orders become, in any order, a case stays true to itself."""

import random
from typing import Any

import pytest
from cast import make_team
from stock import stock

from qingdan.cases import actions, opening, stepping
from qingdan.cases.errors import CaseMovedError, CasesError
from qingdan.cases.models import Approval, Case, CaseEvent
from qingdan.orders import actions as orders
from qingdan.orders.actors import Actor
from qingdan.orders.models import Order
from qingdan.people.rights import Role

MOVES = {
    "open": {"open", "waiting", "approval", "closed"},
    "waiting": {"open", "waiting", "closed", "approval"},
    "approval": {"open", "approval", "closed"},
    "closed": {"closed", "open"},
}


def test_a_case_only_moves_as_it_may(transactional_db: None, settings: Any) -> None:  # noqa: C901 - a walk
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    team = make_team("ours")
    [order] = stock(team.merchant, {"paid_amount": 2_500_000})
    opening.reconcile(team.merchant.pk)
    chance = random.Random(20)  # noqa: S311 - a walk that is the same every time
    risk, lead, finance = (team.people[role] for role in (Role.RISK, Role.SUPERVISOR, Role.FINANCE))
    key = Case.objects.get(order_id=order).pk
    boss = Actor("user", str(lead.pk), lead.name)

    def moved(action: orders.Action) -> None:
        now = Order.objects.get(pk=order)
        orders.decide(order, merchant=team.merchant.pk, version=now.version, action=action, actor=boss, reason="试")

    def act(case: Case) -> None:
        told = {"version": case.version}
        seen = Order.objects.values_list("version", flat=True).get(pk=order)
        who = chance.choice([risk, lead, finance])
        match chance.randrange(11):
            case 0:
                actions.take(who, key, **told)
            case 1:
                actions.wait(who, key, until=None, **told)
            case 2:
                actions.resume(who, key, **told)
            case 3:
                actions.pin_cause(who, key, cause="bulk_purchase", **told)
            case 4 | 5 | 6:
                step = stepping.procedure_of(case).step(case.step)
                choice = chance.choice(step.choices).id if step and step.choices else None
                said = stepping.Told(case.step or "look", choice, "看过", "bulk_purchase", order_version=seen)
                stepping.do_step(who, key, told=said, **told)
            case 7:
                stepping.approve(who, key, order_version=seen, **told)
            case 8:
                stepping.refuse(who, key, note="不行", **told)
            case 9:
                actions.close(who, key, outcome=chance.choice(["solved", "unfounded"]), note="看过", **told)
            case _:
                actions.reopen(who, key, **told)

    for _ in range(60):
        before = Case.objects.select_related("sop").get(pk=key)
        try:
            if chance.random() < 0.15:
                moved(chance.choice([orders.Action.RELEASE, orders.Action.EXCEPTION]))
                opening.reconcile(team.merchant.pk)
            else:
                act(before)
        except (CasesError, orders.DecisionError):
            after = Case.objects.get(pk=key)
            assert after.version == before.version
            continue
        after = Case.objects.get(pk=key)
        assert after.state in MOVES[before.state]
        assert after.version >= before.version
        asked = Approval.objects.filter(case=key, state="asked").count()
        assert asked == (after.state == "approval")
        assert (after.closed_at is None) == (after.state != "closed")
        assert after.reopened >= before.reopened
        if after.state == "waiting":
            assert after.resolve_due is None or after.resolve_due <= after.changed_at
        if after.state == "closed" and after.outcome == "solved":
            assert after.cause_id is not None
        with pytest.raises(CaseMovedError):
            actions.take(risk, key, version=after.version + 1)
    for given in Approval.objects.filter(case=key, state="given"):
        people = [given.asked_by_id, *(one["id"] for one in given.given)]
        assert len(set(people)) == len(people) == 1 + len(given.path)
    reopenings = CaseEvent.objects.filter(case=key, kind="reopened").count()
    assert Case.objects.get(pk=key).reopened == reopenings

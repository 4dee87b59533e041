"""What matters is told to the order's owner, and never overrules what a person decided."""

import datetime as dt
from typing import Any

import order_frames as frames
import pytest
from django.db import connection
from order_store import Store

from qingdan.orders.actions import Action, decide
from qingdan.orders.actors import Actor
from qingdan.people import notices
from qingdan.people.models import User
from qingdan.people.rights import Role

HOUR = dt.timedelta(hours=1)
WAITING = {"platform_state": "waiting", "platform_hold": "none", "refund_state": "none", "vip": False}
NEWS = {
    "refund_opened": {"refund_state": "requested"},
    "address_changed": {"address": "学院路2号", "address_changed": True},
    "cancelled": {"platform_state": "closed"},
}
# where the order stood, by whose decision → where each piece of news leaves it
TABLE = {
    "in review": ("held", "held", "cancelled"),
    "released": ("held", "held", "cancelled"),
    "released by hand": ("held", "held", "cancelled"),
    "held by hand": ("held", "held", "cancelled"),
    "refused by hand": ("exception", "exception", "cancelled"),
    "sent": ("sent", "sent", "cancelled"),
    "sent by hand": ("sent", "sent", "cancelled"),
    "shipped": ("shipped", "shipped", "cancelled"),
    "shipped by hand": ("shipped", "shipped", "cancelled"),
}
ACTIONS = {"released": Action.RELEASE, "held": Action.HOLD, "refused": Action.EXCEPTION}


def one(**changes: object) -> dict[str, object]:
    return frames.facts(1)[0] | WAITING | changes


def person(store: Store, *roles: Role) -> User:
    names = "-".join(roles)
    return User.objects.create(login=f"p{store.merchant}{names}", name="王芳", merchant_id=store.merchant, roles=roles)


def bring(store: Store, begin: str, user: User) -> dict[str, object]:
    """One order that stands where ``begin`` says; returns its facts."""
    stage, by_hand = begin.split(maxsplit=1)[0], begin.endswith("by hand")
    facts = one(paid_amount=100 if stage != "in" and not by_hand else 90_000)
    store.record([facts])
    order = store.order(facts["order_no"])
    if by_hand:
        actor = Actor("user", str(user.pk), user.name)
        action = ACTIONS.get(stage, Action.RELEASE)
        decide(int(str(order["id"])), merchant=store.merchant, version=1, action=action, actor=actor)
    if stage in {"sent", "shipped"}:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE orders_order SET stage = %s WHERE id = %s", [stage, order["id"]])
    return facts


@pytest.mark.django_db
@pytest.mark.parametrize("begin", TABLE)
@pytest.mark.parametrize("news", NEWS)
def test_news_leaves_the_order_and_tells_its_owner(store: Store, begin: str, news: str) -> None:
    agent, risk = person(store, Role.AGENT), person(store, Role.RISK)
    facts = bring(store, begin, risk)
    store.record([facts | NEWS[news]], as_of=frames.AS_OF + HOUR, import_id=2)
    order = store.order(facts["order_no"])
    by_hand = begin.endswith("by hand")
    assert order["stage"] == TABLE[begin][list(NEWS).index(news)]
    kept = by_hand and order["stage"] != "cancelled" and begin != "released by hand"
    assert order["hand_decided"] is kept
    told, other = (risk, agent) if by_hand else (agent, risk)
    [row] = notices.unread(told)["rows"]
    assert (row["alerts"], row["order_no"]) == ([news], facts["order_no"])
    assert notices.unread(other) == {"rows": [], "total": 0}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("was", "now"),
    [
        ({}, {"seller_memo": "备注"}),
        ({"refund_state": "requested"}, {"refund_state": "in_progress"}),
        ({"receiver_masked": True, "address": "文三路***"}, {"receiver_masked": False, "address": "文三路1号"}),
        ({"platform_state": "unpaid"}, {"platform_state": "closed"}),
        ({"platform_state": "closed"}, {"platform_state": "cancelled"}),
    ],
)
def test_other_changes_tell_nobody(store: Store, was: dict[str, object], now: dict[str, object]) -> None:
    store.record([one(**was)])
    store.record([one(**was) | now], as_of=frames.AS_OF + HOUR)
    assert store.rows("SELECT version FROM orders_orderevent WHERE merchant_id = %s AND alerts IS NOT NULL") == []


@pytest.mark.django_db
def test_what_was_read_is_not_told_again_and_what_comes_later_is(store: Store) -> None:
    agent = person(store, Role.AGENT)
    facts: list[dict[str, Any]] = [fact | WAITING for fact in frames.facts(3)]
    store.record(facts)
    store.record([fact | NEWS["refund_opened"] for fact in facts], as_of=frames.AS_OF + HOUR)
    rows = notices.unread(agent)["rows"]
    assert len(rows) == 3
    notices.read(agent, [rows[0]["id"]], every=False)
    assert [row["id"] for row in notices.unread(agent)["rows"]] == [row["id"] for row in rows[1:]]
    notices.read(agent, [], every=True)
    assert notices.unread(agent)["total"] == 0
    store.record([facts[0] | NEWS["cancelled"]], as_of=frames.AS_OF + 2 * HOUR)
    assert [row["alerts"] for row in notices.unread(agent)["rows"]] == [["cancelled"]]

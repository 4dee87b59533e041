"""What must leave is written, and withdrawn, in the transaction that moves the order."""

import pytest
from django.db import IntegrityError, connection
from outgoing import Store

from qingdan.core.lifecycle import Stage
from qingdan.orders.actors import Actor
from qingdan.orders.shipping import Told, move

READY = ("create", 1, "ready", "")


def test_a_release_by_policy_leaves_one_row_and_other_verdicts_none(store: Store) -> None:
    yes, no, held = store.record(
        {"order_no": "1", "tier": "urgent"},
        {"order_no": "2", "verdict": "review"},
        {"order_no": "3", "verdict": "exception"},
    )

    assert store.pushes(yes) == [READY]
    assert store.rows("SELECT urgent FROM fulfilment_push WHERE merchant_id = %s") == [(True,)]
    assert store.pushes(no) == store.pushes(held) == []


def test_a_release_by_a_person_and_by_a_later_import_leave_one_too(store: Store) -> None:
    hand, later = store.record({"order_no": "1", "verdict": "review"}, {"order_no": "2", "verdict": "review"})

    store.decide(hand, "release")
    store.record({"order_no": "2", "verdict": "release"})

    assert store.pushes(hand) == store.pushes(later) == [READY]


def test_nothing_is_left_of_a_transaction_that_failed(store: Store) -> None:
    def fail(_: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.record({"order_no": "1"}, with_it=fail)

    assert store.rows("SELECT * FROM fulfilment_push WHERE merchant_id = %s") == []


@pytest.mark.parametrize("action", ["hold", "exception", "review"])
def test_what_is_withdrawn_before_the_push_stays_here(store: Store, action: str) -> None:
    [order] = store.record({"order_no": "1"})

    store.decide(order, action)

    assert store.pushes(order) == [("create", 1, "cancelled", "withdrawn")]
    store.decide(order, "release")
    assert store.pushes(order)[1:] == [("create", 2, "ready", "")]


def test_a_cancel_by_the_platform_withdraws_in_the_same_transaction(store: Store) -> None:
    [order] = store.record({"order_no": "1"})

    store.record({"order_no": "1", "verdict": "none", "stage": "cancelled", "platform_state": "cancelled"})

    assert store.stage(order) == "cancelled"
    assert store.pushes(order) == [("create", 1, "cancelled", "withdrawn")]


@pytest.mark.parametrize("state", ["sending", "unknown", "done"])
def test_what_may_be_at_the_warehouse_is_to_be_stopped_there(store: Store, state: str) -> None:
    [order] = store.record({"order_no": "1"})
    store.set_push(order, state)

    store.decide(order, "hold")

    assert store.pushes(order) == [("create", 1, state, ""), ("cancel", 1, "ready", "")]


def test_a_refund_on_a_sent_order_is_to_be_stopped_too(store: Store) -> None:
    [order] = store.record({"order_no": "1"})
    store.set_push(order, "done")
    move([Told(order)], sources=[Stage.RELEASED], target=Stage.SENT, actor=Actor("system", "relay", "relay"))

    store.record({"order_no": "1", "refund_state": "requested", "verdict": "exception"})

    assert store.stage(order) == "sent"
    assert store.pushes(order)[1:] == [("cancel", 1, "ready", "")]


def test_moving_on_to_sent_and_shipped_withdraws_nothing(store: Store) -> None:
    [order] = store.record({"order_no": "1"})
    store.set_push(order, "done")
    relay = Actor("system", "relay", "relay")

    assert move([Told(order, {"warehouse": "一号仓"})], sources=[Stage.RELEASED], target=Stage.SENT, actor=relay)
    assert move([Told(order)], sources=[Stage.SENT], target=Stage.SHIPPED, actor=relay) == {order}

    assert store.pushes(order) == [("create", 1, "done", "")]
    events = store.rows(
        "SELECT version, from_stage, to_stage FROM orders_orderevent WHERE merchant_id = %s ORDER BY version"
    )
    assert events == [(1, None, "released"), (2, "released", "sent"), (3, "sent", "shipped")]
    assert move([Told(order)], sources=[Stage.SENT], target=Stage.SHIPPED, actor=relay) == set()


def test_released_again_after_it_was_sent_asks_and_after_it_was_stopped_sends_anew(store: Store) -> None:
    there, stopped = store.record({"order_no": "1"}, {"order_no": "2"})
    for order in (there, stopped):
        store.set_push(order, "done")
        store.decide(order, "hold")
    store.set_push(stopped, "done", operation="cancel")

    for order in (there, stopped):
        store.decide(order, "release")

    assert ("create", 1, "unknown", "released_again") in store.pushes(there)
    assert ("create", 2, "ready", "") in store.pushes(stopped)


def test_a_change_of_facts_routes_and_weighs_anew(store: Store) -> None:
    [order] = store.record({"order_no": "1"})
    store.set_push(order, "ready")

    store.record({"order_no": "1", "tier": "urgent", "province": "广东"})

    assert store.rows("SELECT destination_id, urgent FROM fulfilment_push WHERE merchant_id = %s") == [(None, True)]


def test_an_order_has_one_live_push(store: Store) -> None:
    [order] = store.record({"order_no": "1"})

    with pytest.raises(IntegrityError, match="push_one_live_an_order"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO fulfilment_push (order_id, merchant_id, operation, revision) VALUES (%s, %s, 'create', 2)",
            [order, store.merchant],
        )

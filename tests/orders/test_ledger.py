import datetime as dt
import json

import order_frames as frames
import pytest
from django.db import IntegrityError, connection, transaction
from order_store import Store

from qingdan.core.columns import ORDER_SCHEMA
from qingdan.orders import actions, queries
from qingdan.orders.actions import Action, ConflictError, MoveRefusedError, NotFoundError, decide
from qingdan.orders.actors import Actor
from qingdan.orders.ledger import Recorded

WANG = Actor("user", "7", "王芳")
HOUR = dt.timedelta(hours=1)
WAITING = {
    "platform_state": "waiting",
    "platform_hold": "none",
    "refund_state": "none",
    "paid_amount": 90_000,
    "vip": False,
}


def one(**changes: object) -> dict[str, object]:
    """One order that waits for review, with ``changes``."""
    return frames.facts(1)[0] | WAITING | changes


def everything(store: Store) -> list[list[tuple[object, ...]]]:
    return [
        store.rows(f"SELECT * FROM {table} WHERE merchant_id = %s ORDER BY 1, 2, 3")  # noqa: S608
        for table in ("orders_order", "orders_orderline", "orders_orderevent", "orders_counter")
    ]


def judge_as(store: Store, action: Action, *, until: dt.datetime | None = None) -> None:
    order = store.order(one()["order_no"])
    decide(
        order["id"],
        merchant=store.merchant,
        version=order["version"],
        action=action,
        actor=WANG,
        reason="核实过",
        until=until,
    )


def test_what_is_recorded_is_read_back_just_so(store: Store) -> None:
    orders = frames.frame(frames.facts(60))
    store.record(frames.facts(60))
    expected = orders.select(list(ORDER_SCHEMA)).sort("order_no")
    assert queries.frame(store.merchant).sort("order_no").equals(expected)


def test_the_same_file_again_changes_nothing(store: Store) -> None:
    assert store.record(frames.facts(300)) == Recorded(new=300)
    before = everything(store)
    assert store.record(frames.facts(300), as_of=frames.AS_OF + HOUR, import_id=2) == Recorded(unchanged=300)
    assert everything(store) == before


def test_a_feature_that_moves_with_the_import_is_no_change(store: Store) -> None:
    store.record([one()])
    again = [one(returns_30d=3, same_receiver_count=9, amount_vs_usual=70)]
    assert store.record(again, as_of=frames.AS_OF + HOUR) == Recorded(unchanged=1)


def test_a_change_is_one_event_that_says_what_changed_but_no_personal_data(store: Store) -> None:
    store.record([one()])
    changed = one(paid_amount=80_000, receiver_name="王*", city="丽水市")
    assert store.record([changed], as_of=frames.AS_OF + HOUR, import_id=2) == Recorded(changed=1)
    [(version, changes, actor)] = store.rows(
        "SELECT version, changes, actor_id FROM orders_orderevent WHERE merchant_id = %s AND kind = 'updated'"
    )
    said = json.loads(str(changes)) if isinstance(changes, str) else changes
    assert (version, actor) == (2, "2")
    assert said["paid_amount"] == {"before": 90_000, "after": 80_000}
    assert said["city"]["after"] == "丽水市"
    assert said["receiver_name"] is None
    assert set(said) == {"paid_amount", "city", "receiver_name", "lines"}


def test_an_earlier_export_does_not_turn_the_order_back(store: Store) -> None:
    store.record([one(platform_state="shipped")])
    assert store.record([one()], as_of=frames.AS_OF - HOUR) == Recorded(unchanged=1, outdated=1)
    assert store.order(one()["order_no"])["stage"] == "shipped"


def test_deadlines_run_from_the_first_time_in_the_tier(store: Store) -> None:
    store.record([one()])
    first = store.order(one()["order_no"])["resolve_by"]
    store.record([one(seller_memo="改")], as_of=frames.AS_OF + HOUR)
    assert store.order(one()["order_no"])["resolve_by"] == first
    store.record([one(seller_memo="改", vip=True)], as_of=frames.AS_OF + 2 * HOUR)
    assert store.order(one()["order_no"])["respond_by"] == frames.AS_OF + 4 * HOUR


@pytest.mark.parametrize(
    ("action", "stage"),
    [
        (Action.RELEASE, "released"),
        (Action.HOLD, "held"),
        (Action.EXCEPTION, "exception"),
    ],
)
def test_an_import_does_not_overrule_a_person(store: Store, action: Action, stage: str) -> None:
    store.record([one()])
    judge_as(store, action)
    store.record([one(seller_memo="又改", paid_amount=100)], as_of=frames.AS_OF + HOUR)
    order = store.order(one()["order_no"])
    assert (order["stage"], order["decided_name"], order["hand_decided"]) == (stage, "王芳", True)
    store.check()


@pytest.mark.parametrize(("state", "stage"), [("closed", "cancelled"), ("shipped", "shipped")])
def test_the_platform_overrules_a_person(store: Store, state: str, stage: str) -> None:
    store.record([one()])
    judge_as(store, Action.RELEASE)
    store.record([one(platform_state=state)], as_of=frames.AS_OF + HOUR)
    assert store.order(one()["order_no"])["stage"] == stage
    store.check()


@pytest.mark.parametrize("news", [{"refund_state": "requested"}, {"platform_hold": "locked"}])
def test_a_hold_that_opens_after_a_release_takes_the_order_back(store: Store, news: dict[str, object]) -> None:
    store.record([one()])
    judge_as(store, Action.RELEASE)
    store.record([one(**news)], as_of=frames.AS_OF + HOUR)
    order = store.order(one()["order_no"])
    assert (order["stage"], order["hand_decided"]) == ("held", False)
    store.check()


def test_a_hold_that_the_person_saw_does_not_take_the_order_back(store: Store) -> None:
    store.record([one(platform_hold="locked")])
    judge_as(store, Action.RELEASE)
    store.record([one(platform_hold="locked", seller_memo="x")], as_of=frames.AS_OF + HOUR)
    assert store.order(one()["order_no"])["stage"] == "released"


def test_a_release_by_the_policy_goes_back_when_its_facts_raise_a_hold(store: Store) -> None:
    store.record([one(paid_amount=100)])
    assert store.order(one()["order_no"])["decided_id"] == frames.POLICY
    store.record([one(paid_amount=100, refund_state="requested")], as_of=frames.AS_OF + HOUR)
    assert store.order(one()["order_no"])["stage"] == "held"


def test_a_decision_names_the_version_that_it_saw(store: Store) -> None:
    store.record([one()])
    order = store.order(one()["order_no"])
    judge_as(store, Action.HOLD, until=frames.AS_OF + HOUR)
    with pytest.raises(ConflictError) as refused:
        decide(order["id"], merchant=store.merchant, version=1, action=Action.RELEASE, actor=WANG)
    assert refused.value.current is not None
    assert refused.value.current.version == 2
    assert store.order(one()["order_no"])["held_until"] == frames.AS_OF + HOUR


def test_a_cancelled_order_is_never_released(store: Store) -> None:
    store.record([one(platform_state="closed")])
    with pytest.raises(MoveRefusedError):
        judge_as(store, Action.RELEASE)
    with pytest.raises(IntegrityError, match="order_release"), transaction.atomic():
        store.rows("UPDATE orders_order SET stage = 'released' WHERE merchant_id = %s RETURNING 1")


def test_another_merchants_order_does_not_exist(store: Store) -> None:
    store.record([one()])
    stranger = actions.ensure_merchant("别家").pk
    with pytest.raises(NotFoundError):
        decide(store.order(one()["order_no"])["id"], merchant=stranger, version=1, action=Action.HOLD, actor=WANG)


@pytest.mark.parametrize("statement", ["UPDATE orders_orderevent SET reason = 'x'", "DELETE FROM orders_orderevent"])
def test_events_can_not_be_edited(store: Store, statement: str) -> None:
    store.record([one()])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL qingdan.erase = 'off'")
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            cursor.execute(statement)
        cursor.execute("SET LOCAL qingdan.erase = 'on'")


def test_counters_stay_exact_when_folded_and_when_orders_go(store: Store) -> None:
    store.record(frames.facts(100))
    store.record(frames.facts(100, seed=2), as_of=frames.AS_OF + HOUR)
    store.check()
    assert actions.compact_counters() > 0
    store.check()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM orders_orderevent")
        cursor.execute("DELETE FROM orders_orderline")
        cursor.execute("DELETE FROM orders_order WHERE merchant_id = %s AND stage = 'released'", [store.merchant])
    assert queries.counters(store.merchant).filter(stage="released").is_empty()
    assert queries.counters(store.merchant)["n"].sum() == len(queries.frame(store.merchant))


def test_a_line_that_an_import_does_not_name_stays(store: Store) -> None:
    facts = frames.facts(1)
    store.record(facts)
    orders = frames.frame(facts, frames.AS_OF + HOUR)
    lines = frames.lines(orders).filter(line_no="1").with_columns(title=frames.pl.lit("新标题"))
    actions.record(
        orders,
        lines,
        merchant=store.merchant,
        shops=store.shops,
        import_id=2,
        policy_hash=frames.POLICY,
        as_of=frames.AS_OF + HOUR,
        actor=WANG,
    )
    titles = store.rows("SELECT title FROM orders_orderline WHERE merchant_id = %s ORDER BY line_no")
    assert titles == [("新标题",), ("赠品",)]


def test_what_the_features_ask_of_the_store(store: Store) -> None:
    store.record([one(refund_state="success", buyer_token="b1", receiver_key="r1")])
    known = queries.known_facts(store.merchant, frames.AS_OF)
    assert known.returns["buyer_token"].to_list() == ["b1"]
    assert known.receivers["receiver_key"].to_list() == ["r1"]
    assert known.usual.rows() == [("taobao", "旗舰店", 90_000)]


def test_a_hold_ends_when_its_time_has_passed(store: Store) -> None:
    store.record([one()])
    judge_as(store, Action.HOLD, until=frames.AS_OF)
    key = one()["order_no"]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE orders_order SET held_until = now() + interval '1 hour'")
        assert actions.end_holds() == 0
        cursor.execute("UPDATE orders_order SET held_until = now()")
    assert actions.end_holds() == 1
    assert actions.end_holds() == 0
    order = store.order(key)
    assert (order["stage"], order["version"], order["hand_decided"], order["held_until"]) == (
        "in_review",
        3,
        False,
        None,
    )
    store.check()

"""Claiming and finishing: turn, fence, the second look under the lock, and the race against a cancel."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from outgoing import Store

from qingdan.fulfilment import claims, router
from qingdan.fulfilment.actions import publish_routing
from qingdan.fulfilment.models import Destination
from qingdan.fulfilment.work import Done, Task
from qingdan.orders import actions
from qingdan.orders.actors import Actor

PERSON = Actor("user", "7", "小李")


def routed(store: Store, *orders: dict[str, object]) -> tuple[int, list[int]]:
    ids = store.record(*orders)
    destination = store.destination(concurrency=4)
    assert router.route_new() >= 0
    return destination, ids


def test_urgent_ones_go_first_then_the_oldest(store: Store) -> None:
    destination, ids = routed(
        store, *({"order_no": str(n), "tier": "urgent" if n == 3 else "regular"} for n in range(5))
    )

    first = claims.claim(destination, 3, 60)

    assert [work.order_id for work in first] == [ids[3], ids[0], ids[1]]
    assert [work.order_id for work in claims.claim(destination, 9, 60)] == [ids[2], ids[4]]


def test_only_the_newest_claim_may_write(store: Store) -> None:
    destination, [order] = routed(store, {"order_no": "1"})
    [old] = claims.claim(destination, 1, 0)
    [new] = claims.claim_doubts(destination, 1, 60)

    assert new.task is Task.ASK
    assert claims.finish([Done(old, "done")], "仓") == set()
    assert store.stage(order) == "released"
    assert claims.finish([Done(new, "done", warehouse_no="W1")], "仓") == {(order, "create", 1)}
    assert store.stage(order) == "sent"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"refund_state": "requested"}, "refund_open"),
        ({"address_changed": True}, "address_changed"),
        ({"platform_state": "shipped"}, "platform_shipped"),
    ],
)
def test_an_order_that_changed_since_its_release_goes_back_to_a_person(
    store: Store, change: dict[str, object], reason: str
) -> None:
    destination, [order] = routed(store, {"order_no": "1"})
    store.record({"order_no": "1", **change})
    router.route_new()

    assert claims.claim(destination, 1, 60) == []

    assert store.pushes(order) == [("create", 1, "cancelled", reason)]
    assert store.stage(order) == "exception"


def test_a_person_who_released_it_all_the_same_is_followed(store: Store) -> None:
    destination, [order] = routed(store, {"order_no": "1", "refund_state": "requested", "verdict": "review"})
    store.decide(order, "release")
    router.route_new()

    assert [work.order_id for work in claims.claim(destination, 1, 60)] == [order]


def test_a_stop_waits_for_its_push_and_a_new_push_for_the_stop(store: Store) -> None:
    destination, [order] = routed(store, {"order_no": "1"})
    [push] = claims.claim(destination, 1, 60)
    store.decide(order, "hold")
    assert claims.claim(destination, 9, 60) == []

    claims.finish([Done(push, "done")], "仓")
    assert store.stage(order) == "held"
    [stop] = claims.claim(destination, 9, 60)
    assert stop.task is Task.CANCEL

    store.decide(order, "release")
    router.route_new()
    assert claims.claim(destination, 9, 60) == []

    claims.finish([Done(stop, "done")], "仓")
    [again] = claims.claim(destination, 9, 60)
    assert (again.task, again.revision) == (Task.CREATE, 2)


def test_what_can_not_be_stopped_any_more_stands_although_it_was_released_again(store: Store) -> None:
    destination, [order] = routed(store, {"order_no": "1"})
    [push] = claims.claim(destination, 1, 60)
    claims.finish([Done(push, "done")], "仓")
    store.record({"order_no": "1", "refund_state": "requested"})
    [stop] = claims.claim(destination, 1, 60)

    claims.finish([Done(stop, "failed", reason="too_late")], "仓")

    assert store.stage(order) == "sent"
    assert [state for _, _, state, _ in store.pushes(order)] == ["done", "failed"]


def test_a_cancel_committed_before_the_claim_is_never_pushed(shared: Store) -> None:
    """Claim and cancel at the same moment, many times: either nothing was sent, or a stop is queued behind it."""
    store = shared
    destination, ids = routed(store, *({"order_no": str(n)} for n in range(24)))
    claimed: list[int] = []
    start = threading.Barrier(2)

    def claim() -> None:
        with closing():
            start.wait()
            while works := claims.claim(destination, 2, 60):
                claimed.extend(work.order_id for work in works)

    def cancel() -> None:
        with closing():
            start.wait()
            for order in reversed(ids):
                actions.decide(order, merchant=store.merchant, version=1, action=actions.Action.HOLD, actor=PERSON)

    threads = [threading.Thread(target=claim), threading.Thread(target=cancel)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for order in ids:
        pushes = {operation: (state, reason) for operation, _, state, reason in store.pushes(order)}
        if order in claimed:
            assert pushes == {"create": ("sending", ""), "cancel": ("ready", "")}
        else:
            assert pushes == {"create": ("cancelled", "withdrawn")}


@contextmanager
def closing() -> Iterator[None]:
    try:
        yield
    finally:
        connection.close()


def test_orders_go_where_the_table_says_and_masked_ones_never_by_guess(store: Store) -> None:
    south = store.destination("华南仓")
    main = store.destination("一号仓")
    publish_routing(
        store.merchant, [{"when": "省份 属于 {广东, 广西}", "to": "华南仓"}, {"when": "", "to": "一号仓"}], PERSON
    )
    near, far = store.record({"order_no": "1", "province": "广东"}, {"order_no": "2"})

    assert router.route_new() == 2

    sent = dict(store.rows("SELECT order_id, destination_id FROM fulfilment_push WHERE merchant_id = %s"))
    assert sent == {near: south, far: main}


def test_masked_receivers_go_to_the_release_list_unless_the_warehouse_can_use_their_token(store: Store) -> None:
    listed = store.destination("平台发货", adapter="release_list")
    masked = {"receiver_masked": True, "receiver_name": "测**"}
    names = {"qimen": "奇门仓", "wangdian": "旗舰仓", "wangdian_enterprise": "企业仓", "jushuitan": "聚水潭仓"}
    ids = {adapter: store.destination(name, adapter=adapter) for adapter, name in names.items()}
    provinces = dict(zip(names, ("广东", "江苏", "浙江", "福建"), strict=True))
    rows = [{"when": f"省份 属于 {{{provinces[a]}}}", "to": name} for a, name in names.items()]
    publish_routing(store.merchant, [*rows, {"when": "", "to": "奇门仓"}], PERSON)

    wanted = {}
    for n, (adapter, province) in enumerate(provinces.items()):
        clear, bare, taobao, pdd = store.record(
            {"order_no": f"{n}1", "province": province},
            {"order_no": f"{n}2", "province": province, **masked},
            {"order_no": f"{n}3", "province": province, **masked, "receiver_token": "T"},
            {"order_no": f"{n}4", "province": province, **masked, "receiver_token": "T", "channel": "pdd"},
        )
        mine, takes = ids[adapter], {"qimen": (True, True), "jushuitan": (True, False)}.get(adapter, (False, False))
        wanted |= {clear: mine, bare: listed}
        wanted |= {order: mine if can else listed for order, can in zip((taobao, pdd), takes, strict=True)}
    router.route_new()

    sent = store.rows("SELECT order_id, destination_id FROM fulfilment_push WHERE merchant_id = %s")
    assert dict(sent) == wanted


def test_without_a_table_one_warehouse_takes_all_and_two_take_none(store: Store) -> None:
    store.destination("甲")
    store.record({"order_no": "1"})
    assert router.route_new() == 1
    store.destination("乙")
    store.record({"order_no": "2"})
    assert router.route_new() == 0


def test_a_destination_that_is_switched_off_gets_nothing(store: Store) -> None:
    key = store.destination()
    Destination.objects.filter(pk=key).update(active=False)
    store.record({"order_no": "1"})
    assert router.route_new() == 0

"""What people do about pushes through the API, routing run dry, the daily comparison, and what is dropped in time."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from outgoing import PERSON, Store

from qingdan.fulfilment import retiring
from qingdan.fulfilment.models import Destination, Push, Receipt
from qingdan.fulfilment.standing import Standing
from qingdan.fulfilment.wms import Event, Happened, Meaning, Said
from qingdan.orders.models import Order
from qingdan.oversight import actions, reconciling
from qingdan.oversight.models import Difference
from qingdan.people.models import User
from qingdan.people.rights import Role


@pytest.fixture
def client(store: Store) -> Client:
    made = Client()
    user = User.objects.create(
        login=f"ck-{store.merchant}", name="仓管", merchant_id=store.merchant, roles=[Role.ADMIN]
    )
    made.force_login(user)
    return made


def settle(client: Client, order: int, action: str, **more: Any) -> int:
    body = {"operation": "create", "revision": 1, "action": action, **more}
    return int(client.post(f"/api/pushes/{order}/settle", body, content_type="application/json").status_code)


def test_a_failed_push_is_tried_again_and_a_doubt_is_asked_for(client: Client, store: Store) -> None:
    failed, doubt = store.record({"order_no": "1"}, {"order_no": "2"})
    store.set_push(failed, "failed")
    store.set_push(doubt, "unknown")

    assert [settle(client, order, "retry") for order in (failed, doubt)] == [204, 204]
    assert store.pushes(failed) == [("create", 1, "ready", "")]
    assert store.pushes(doubt) == [("create", 1, "unknown", "")]
    assert settle(client, failed, "arrived") == 409
    assert settle(client, doubt, "arrived") == 204
    assert (store.pushes(doubt), store.stage(doubt)) == ([("create", 1, "done", "by_person")], "sent")


def test_a_push_is_withdrawn_before_it_leaves_and_stopped_after(client: Client, store: Store) -> None:
    waits, arrived = store.record({"order_no": "1"}, {"order_no": "2"})
    store.set_push(arrived, "done")
    Order.objects.filter(pk=arrived).update(stage="sent")

    assert [settle(client, order, "cancel") for order in (waits, arrived)] == [204, 204]
    assert store.pushes(waits) == [("create", 1, "cancelled", "by_person")]
    assert store.stage(waits) == "exception"
    assert [push[:3] for push in store.pushes(arrived)] == [("create", 1, "done"), ("cancel", 1, "ready")]
    assert store.stage(arrived) == "sent"


def test_resending_takes_a_new_number_and_goes_where_it_is_told(client: Client, store: Store) -> None:
    [order] = store.record({"order_no": "1"})
    store.set_push(order, "failed")
    other = store.destination("二号仓")

    assert settle(client, order, "resend", destination=other) == 204
    assert [push[:3] for push in store.pushes(order)] == [("create", 1, "failed"), ("create", 2, "ready")]
    assert Push.objects.get(order_id=order, revision=2).destination_id == other
    assert settle(client, order, "retry") == 409  # of the newest revision only
    [stranger] = Store().record({"order_no": "1"})
    assert settle(client, stranger, "retry") == 404


def test_a_routing_table_is_tried_on_todays_orders_and_changes_nothing(client: Client, store: Store) -> None:
    store.destination("甲仓")
    store.destination("乙仓")
    store.record(
        {"order_no": "1", "province": "广东"}, {"order_no": "2"}, {"order_no": "3", "verdict": "review"},
        {"order_no": "4", "verdict": "none", "stage": "shipped", "platform_state": "shipped"},
    )  # fmt: skip

    def run(*rows: dict[str, str]) -> Any:
        return client.post("/api/pushes/routing/dry-run", {"rows": rows}, content_type="application/json").json()

    told = run({"when": "province = 广东", "to": "甲仓"}, {"when": "", "to": "乙仓"})
    shares = [(share["to"], share["released"], share["reviewed"]) for share in told["shares"]]
    assert shares == [("甲仓", 1, 0), ("乙仓", 1, 1)]
    assert told["shares"][0]["examples"][0]["order_no"] == "1"
    assert not Push.objects.exclude(destination=None).exists()
    faulty = run({"when": "province = 火星", "to": "甲仓"}, {"when": "", "to": "没有的仓"})
    assert (faulty["shares"], {fault["row"] for fault in faulty["faults"]}) == ([], {1, 2})


@pytest.mark.parametrize(
    ("ours", "meaning", "happened", "kind"),
    [
        ("sent", Meaning.ABSENT, None, "absent_there"),
        ("sent", Meaning.REFUSED, None, "cancelled_there"),
        ("shipped", Meaning.TAKEN, Happened.MOVED, "not_shipped_there"),
        ("withdrawn", Meaning.TAKEN, Happened.MOVED, "live_there"),
        ("shipped", Meaning.TAKEN, Happened.SHIPPED, None),
        ("sent", Meaning.TAKEN, Happened.MOVED, None),
        ("sent", Meaning.UNCLEAR, None, None),
        ("shipped", Meaning.TAKEN, None, None),
    ],
)
def test_what_the_books_say_differently(ours: str, meaning: Meaning, happened: Happened | None, kind: str) -> None:
    event = Event(happened, "QD1") if happened else None
    found = reconciling.differs(ours, Standing(1, Said(meaning), event), reads=True)
    assert (found.kind if found else None) == kind


def test_differences_are_found_once_settled_with_a_reason_and_go_by_themselves(
    client: Client, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost, kept = store.record({"order_no": "1"}, {"order_no": "2"})
    for order in (lost, kept):
        store.set_push(order, "done")
    Order.objects.filter(pk__in=[lost, kept]).update(stage="sent")
    to = Destination.objects.get(merchant_id=store.merchant)
    absent = {lost, kept}
    monkeypatch.setattr(
        reconciling.standing, "ask",
        lambda _to, wanted, **_: [Standing(o, Said(Meaning.ABSENT if o in absent else Meaning.TAKEN)) for o in wanted],
    )  # fmt: skip

    now = timezone.now()
    for later in (0, 1):
        run = reconciling.with_warehouse(to, now + dt.timedelta(seconds=later))
        assert run is not None
        assert (run.compared, run.found) == (2, 2)
    rows = client.get("/api/differences").json()["rows"]
    assert {(row["order_id"], row["kind"]) for row in rows} == {(lost, "absent_there"), (kept, "absent_there")}
    mine = [row["id"] for row in rows if row["order_id"] == lost]

    def say(reason: str) -> int:
        body = {"ids": mine, "reason": reason}
        return int(client.post("/api/differences/settle", body, content_type="application/json").status_code)

    assert [say(" "), say("仓库已补录"), say("再来一次")] == [422, 200, 409]
    absent.discard(kept)
    run = reconciling.with_warehouse(to, now + dt.timedelta(seconds=2))
    assert run is not None
    assert (run.found, run.vanished) == (1, 1)  # what was settled stays settled while it is so
    assert client.get("/api/differences").json()["total"] == 0
    with pytest.raises(actions.NotThereError):
        actions.settle_differences(Store().merchant, mine, "别家", PERSON)
    assert Difference.objects.count() == 2


def test_what_has_left_is_compared_with_what_came_in(store: Store) -> None:
    orders = store.record(*({"order_no": str(n)} for n in range(4)))
    Order.objects.filter(pk__in=orders).update(stage="shipped")
    with connection.cursor() as cursor:
        for order, state in zip(orders, ("full", "missing", "refunded", "short"), strict=True):
            cursor.execute(
                "INSERT INTO finance_payment (order_id, merchant_id, state, due, paid, refunded, fee, difference, "
                "payments, note) VALUES (%s, %s, %s, 3980, 0, 0, 0, -3980, 1, '')",
                [order, store.merchant, state],
            )
    run = reconciling.with_bills(store.merchant, timezone.now())
    assert run is not None
    assert (run.compared, run.found) == (4, 3)
    kinds = dict(Difference.objects.values_list("order_id", "kind"))
    assert kinds == {orders[1]: "shipped_unpaid", orders[2]: "shipped_refunded", orders[3]: "paid_differs"}


def test_old_messages_and_pushes_go_and_the_number_is_remembered(store: Store) -> None:
    again, live = store.record({"order_no": "1"}, {"order_no": "2"})
    key = store.destination()
    for order in (again, live):
        store.set_push(order, "done")
    Order.objects.filter(pk=again).update(stage="sent")
    long_ago = timezone.now() - dt.timedelta(days=400)
    Push.objects.filter(order_id=again).update(ended_at=long_ago, detail="ok")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO fulfilment_push (order_id, merchant_id, operation, revision, state, attempt, ended_at) "
            "VALUES (%s, %s, 'cancel', 1, 'failed', 1, %s)",
            [again, store.merchant, long_ago],
        )
        for n, at in (("a", long_ago), ("b", timezone.now())):
            cursor.execute(
                "INSERT INTO fulfilment_receipt (destination_id, method, event_id, signature, body_sha256, at) "
                "VALUES (%s, 'm', %s, %s, '', %s)",
                [key, n, n, at],
            )

    assert retiring.retire(timezone.now()) == {"receipts": 1, "pushes": 1, "words": 1}
    assert store.pushes(again) == [("create", 1, "done", "")]
    assert Receipt.objects.count() == 1
    assert retiring.retire(timezone.now()) == {"receipts": 0, "pushes": 0, "words": 0}

"""S3: an interface dies for two days. It is noticed in minutes, named and told; when it returns nothing is lost."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from outgoing import PERSON, Store
from processes import connect, relays, states, wait_for, warehouse

from qingdan.alerts.models import Alert
from qingdan.fulfilment.models import Destination, Parcel
from qingdan.intake.models import Import
from qingdan.orders import search
from qingdan.orders.models import Order
from qingdan.oversight import actions, listening, queries, watching
from qingdan.oversight.models import Incident, Voice

MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
_TIMES = {
    "fulfilment_push": ("created_at", "sent_at", "ended_at", "due_at"),
    "fulfilment_receipt": ("at",),
    "fulfilment_parcel": ("told_at",),
    "fulfilment_health": ("last_ok_at", "last_failure_at", "heard_at", "refused_at"),
    "oversight_voice": ("slot", "last_at"),
    "oversight_incident": ("since", "opened_at", "closed_at"),
}


def passes(time: dt.timedelta) -> None:
    """Let time pass for everything that is stored: the past moves back."""
    with connection.cursor() as cursor:
        for table, columns in _TIMES.items():
            # a voice's time is its key: by a detour no row ever stands where another one still is
            steps = (time + 1000 * DAY, -1000 * DAY) if table == "oversight_voice" else (time,)
            for step in steps:
                told = ", ".join(f"{name} = {name} - %s" for name in columns)
                cursor.execute(f"UPDATE {table} SET {told}", [step] * len(columns))  # noqa: S608


def habit(store: Store, kind: str, source: str, every: dt.timedelta, *, weeks: int = 5) -> None:
    """Have a source spoken in past weeks, always after ``every``."""
    now = timezone.now()
    at = now - weeks * 7 * DAY
    voices = []
    while at < now - 20 * MINUTE:
        slot = at - (at - dt.datetime(2000, 1, 1, tzinfo=dt.UTC)) % dt.timedelta(minutes=5)
        voices.append(Voice(merchant_id=store.merchant, kind=kind, source=source, slot=slot, n=3, last_at=at + MINUTE))
        at += every
    Voice.objects.bulk_create(voices)


def filtered(store: Store, incident: Incident) -> int:
    return search.count(store.merchant, search.Filters(incident=incident.pk), timezone.now())


def stage_counts(store: Store) -> dict[str, int]:
    return dict(store.rows("SELECT stage, count(*) FROM orders_order WHERE merchant_id = %s GROUP BY 1"))


@pytest.mark.process
def test_the_dead_interface_is_noticed_in_minutes_and_nothing_is_lost(
    shared: Store, live_server: Any, tmp_path: Path
) -> None:
    store = shared
    owner = f"{live_server.url}/wms/inbound-token"
    with warehouse(tmp_path, "--owner", owner, ship_after=0.1) as wms, relays() as run:
        key = connect(store, wms)
        Destination.objects.filter(pk=key).update(token="inbound-token")
        for kind in ("answers", "returns"):
            habit(store, kind, str(key), 10 * MINUTE)
        relay = run.start()

        # a working day: orders leave and come back as shipped
        store.record(*({"order_no": f"{10**8 + i}"} for i in range(20)))
        wait_for(lambda: stage_counts(store) == {"shipped": 20})
        assert watching.look(timezone.now()) == []

        # the interface dies: it ships what it has and tells nobody, then it takes nothing more
        wms.post("faults", silent=True)
        store.record(*({"order_no": f"{2 * 10**8 + i}"} for i in range(15)))
        wait_for(lambda: states(store).get("done") == 35)
        wms.post("faults", outage=True)
        store.record(*({"order_no": f"{3 * 10**8 + i}"} for i in range(10)))
        wait_for(lambda: breaker(store) != "closed")
        assert watching.look(timezone.now()) == []  # a moment is no silence

        passes(21 * MINUTE)
        [incident] = watching.look(timezone.now())
        assert (incident.kind, incident.cause, incident.behind) == ("warehouse", "unreachable", 25)
        assert incident.allowed <= 20 * 60
        assert filtered(store, incident) == 25
        told = Alert.objects.get(merchant_id=store.merchant, kind="silence")
        assert (told.role, told.closed_at) == ("warehouse", None)
        assert "25 单在等" in told.line["zh"]
        assert "沙箱仓" in told.line["zh"]

        passes(2 * DAY)
        assert [one.pk for one in watching.look(timezone.now())] == [incident.pk]
        assert Incident.objects.count() == 1

        # it returns, and forgets to report half of what it shipped: we ask
        wms.post("faults", outage=False)
        wait_for(lambda: states(store).get("done") == 45)
        actions.catch_up_all(timezone.now())
        wms.post("faults", silent=False)
        wait_for(lambda: stage_counts(store) == {"shipped": 45})
        assert watching.look(timezone.now()) == []
        run.stop(relay)
        ledger = wms.get("ledger")

    incident.refresh_from_db()
    assert (incident.end, incident.behind, incident.most) == ("returned", 0, 25)
    told.refresh_from_db()
    assert told.closed_at is not None
    assert (ledger["double_effects"], ledger["numbers"]) == (0, 45)


def breaker(store: Store) -> str:
    [(found,)] = store.rows(
        "SELECT coalesce(max(breaker), 'closed') FROM fulfilment_health h JOIN fulfilment_destination d "
        "ON d.id = h.destination_id WHERE d.merchant_id = %s"
    )
    return str(found)


@pytest.fixture
def sent(store: Store) -> tuple[Store, int]:
    """Three orders at a warehouse that usually reports every ten minutes."""
    key = store.destination()
    for order in store.record(*({"order_no": str(n)} for n in range(3))):
        store.set_push(order, "done")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE orders_order SET stage = 'sent' WHERE merchant_id = %s", [store.merchant])
    habit(store, "returns", str(key), 10 * MINUTE)
    return store, key


def test_a_person_takes_it_moves_orders_and_closes_it_with_a_reason(sent: tuple[Store, int]) -> None:
    store, key = sent
    other = store.destination("二号仓")
    [waits] = store.record({"order_no": "waits"})
    with connection.cursor() as cursor:
        cursor.execute("UPDATE fulfilment_push SET destination_id = %s WHERE order_id = %s", [key, waits])
        cursor.execute("INSERT INTO fulfilment_health (destination_id, checked_at) VALUES (%s, now())", [key])
    passes(30 * MINUTE)
    [incident] = watching.look(timezone.now())
    assert incident.cause == "no_answers"

    assert actions.take(store.merchant, incident.pk, PERSON).taken_name == "小李"
    assert actions.move_elsewhere(store.merchant, incident.pk, other) == 1
    assert store.rows("SELECT destination_id FROM fulfilment_push WHERE merchant_id = %s AND order_id = %s", waits) == [
        (other,)
    ]
    with pytest.raises(actions.BadReasonError):
        actions.close(store.merchant, incident.pk, " ", PERSON)
    with pytest.raises(actions.NotThereError):
        actions.take(Store().merchant, incident.pk, PERSON)
    actions.close(store.merchant, incident.pk, "仓库盘点", PERSON)
    with pytest.raises(actions.OverError):
        actions.take(store.merchant, incident.pk, PERSON)


def test_a_changed_secret_is_named_and_what_is_usual_is_no_incident(sent: tuple[Store, int]) -> None:
    store, key = sent
    passes(19 * MINUTE)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO fulfilment_health (destination_id, refused_at) VALUES (%s, now())", [key])
    [incident] = watching.look(timezone.now())
    assert (incident.cause, incident.behind) == ("refused", 3)
    [feed] = [f for f in queries.feeds(store.merchant, timezone.now()) if f["kind"] == "returns"]
    assert (feed["incident"], feed["last_hour"] > 0, 15 <= feed["usual_hour"] <= 18) == (incident.pk, True, True)


def test_who_never_speaks_at_this_hour_is_not_silent(store: Store) -> None:
    key = store.destination()
    [order] = store.record({"order_no": "1"})
    store.set_push(order, "done")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE orders_order SET stage = 'sent' WHERE merchant_id = %s", [store.merchant])
    habit(store, "returns", str(key), dt.timedelta(hours=30))
    passes(20 * dt.timedelta(hours=1))
    assert watching.look(timezone.now()) == []


def test_a_carrier_alone_and_a_shop_without_files_are_noticed_named_and_return(store: Store) -> None:
    """圆通 is not collected from while 顺丰 is; nobody brings the shop's file, and then an import of it fails."""
    key = store.destination()
    ids = store.record(*({"order_no": str(n)} for n in range(5)))
    for order in ids:
        store.set_push(order, "done")
    Order.objects.filter(pk__in=ids).update(stage="sent")
    [(shop,)] = store.rows("SELECT id FROM orders_shop WHERE merchant_id = %s")
    for kind, source in (("returns", str(key)), ("carrier", "YTO"), ("carrier", "SF"), ("shop", str(shop))):
        habit(store, kind, source, 10 * MINUTE)
    parcel(store, key, ids[0], "YTO", "圆通速递")
    parcel(store, key, ids[1], "SF", "顺丰速运")
    Order.objects.filter(pk__in=ids[:2]).update(stage="shipped")
    hear(store, "shop", shop)
    assert watching.look(timezone.now()) == []

    passes(40 * MINUTE)
    parcel(store, key, ids[2], "SF", "顺丰速运")
    Order.objects.filter(pk=ids[2]).update(stage="shipped")
    found = {one.kind: one for one in watching.look(timezone.now())}
    assert {kind: (one.source, one.name, one.cause, one.behind) for kind, one in found.items()} == {
        "carrier": ("YTO", "圆通速递", "carrier", 2),
        "shop": (str(shop), "旗舰店", "no_file", 2),
    }
    assert {kind: one.owner_role for kind, one in found.items()} == {"carrier": "warehouse", "shop": "supervisor"}
    assert [filtered(store, one) for one in found.values()] == [2, 2]
    assert Alert.objects.filter(merchant_id=store.merchant, kind="silence", closed_at=None).count() == 2

    Import.objects.create(
        merchant_id=store.merchant, state="failed", as_of=timezone.now(), actor_kind="user", actor_id="1",
        actor_name="小李", finished_at=timezone.now(),
    )  # fmt: skip
    assert {one.cause for one in watching.look(timezone.now()) if one.kind == "shop"} == {"import_failed"}

    parcel(store, key, ids[3], "YTO", "圆通速递")
    Order.objects.filter(pk=ids[3]).update(stage="shipped")
    hear(store, "shop", shop)
    assert watching.look(timezone.now()) == []
    assert set(Incident.objects.values_list("kind", "end")) == {("carrier", "returned"), ("shop", "returned")}
    assert not Alert.objects.filter(merchant_id=store.merchant, kind="silence", closed_at=None).exists()


def parcel(store: Store, destination: int, order: int, carrier: str, name: str) -> None:
    """Have the warehouse report a parcel now."""
    Parcel.objects.create(
        order_id=order, merchant_id=store.merchant, destination_id=destination, revision=1,
        carrier=carrier, carrier_name=name, tracking_no=f"{carrier}{order}",
    )  # fmt: skip


def hear(store: Store, kind: str, source: int) -> None:
    listening.hear(store.merchant, kind, str(source), timezone.now())

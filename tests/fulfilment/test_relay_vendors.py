"""The relay with the warehouses that are polled, and with a database that goes away."""

import time
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from outgoing import PERSON, Store
from processes import VENDORS, connect, connect_vendor, database_url, relays, states, wait_for, warehouse
from psycopg import sql

from qingdan.fulfilment.actions import publish_routing

pytestmark = [pytest.mark.process, pytest.mark.timeout(120)]

PROVINCES = dict(zip(VENDORS, ("广东", "江苏", "浙江"), strict=True))


def finished(store: Store) -> bool:
    return not {"ready", "sending", "unknown"} & set(states(store))


def stages(store: Store) -> set[str]:
    return {row[0] for row in store.rows("SELECT DISTINCT stage FROM orders_order WHERE merchant_id = %s")}


def test_orders_reach_every_vendor_once_are_stopped_there_and_come_back_as_shipped(
    shared: Store, tmp_path: Path
) -> None:
    store = shared
    made = [
        {"order_no": f"{10**8 + place * 10 + n}", "province": province}
        for place, province in enumerate(PROVINCES.values())
        for n in range(4)
    ]
    ids = store.record(*made)
    called_back = {ids[0], ids[4], ids[8]}
    with warehouse(tmp_path, "--fault", "duplicate=0.3") as wms, relays() as run:
        for vendor in VENDORS:
            connect_vendor(store, wms, vendor, poll_seconds=0.2, batch_size=3)
        rows = [{"when": f"省份 属于 {{{province}}}", "to": vendor} for vendor, province in PROVINCES.items()]
        publish_routing(store.merchant, [*rows, {"when": "", "to": "wangdian"}], PERSON)
        relay = run.start()
        wait_for(lambda: finished(store))
        assert stages(store) == {"sent"}
        store.record(
            *(
                {
                    "order_no": f"{10**8 + place * 10}",
                    "verdict": "none",
                    "stage": "cancelled",
                    "platform_state": "cancelled",
                }
                for place in range(3)
            )
        )
        wait_for(lambda: finished(store))
        wms.post("ship")
        wait_for(lambda: stages(store) == {"shipped", "cancelled"})
        run.stop(relay)
        ledger = wms.get("ledger")

    assert {order for order in ids if store.stage(order) == "cancelled"} == called_back
    assert ledger["states"] == {"shipped": 9, "stopped": 3}
    assert (ledger["double_effects"], ledger["confirmed"], ledger["numbers"]) == (0, 9, 12)
    stops = store.rows("SELECT state, reason FROM fulfilment_push WHERE merchant_id = %s AND operation = 'cancel'")
    assert stops == [("done", "")] * 3
    told = store.rows("SELECT order_id, count(*) FROM fulfilment_parcel WHERE merchant_id = %s GROUP BY 1")
    assert dict(told) == dict.fromkeys(set(ids) - called_back, 2)


def test_a_database_that_goes_away_hard_loses_nothing_and_doubles_nothing(shared: Store, tmp_path: Path) -> None:
    store, count = shared, 70
    store.record(*({"order_no": f"{10**8 + n}"} for n in range(count)))
    faults = ["--fault", "late=0.15", "--fault", "late_by=0.5", "--fault", "slow_by=0.03", "--fault", "forgetful=1"]
    with warehouse(tmp_path, *faults) as wms, relays(answer_ms=300, lease_ms=900) as run:
        connect(store, wms, concurrency=4)
        relay = run.start()
        for wanted in (10, 35):
            wait_for(lambda wanted=wanted: claimed(store) >= wanted or finished(store))
            away(0.4)
        wait_for(lambda: finished(store), 60)
        assert relay.poll() is None, "the relay went on by itself"
        run.stop(relay)
        ledger = wms.get("ledger")

    assert states(store) == {"done": count}
    assert ledger["double_effects"] == 0
    assert ledger["numbers"] == ledger["sources"] == count


def claimed(store: Store) -> int:
    return int(store.rows("SELECT sum(attempt) FROM fulfilment_push WHERE merchant_id = %s")[0][0])


def away(seconds: float) -> None:
    """Cut every relay off in the middle of whatever it does, and let nobody in for a while."""
    ours, name = connection.connection.info.backend_pid, str(connection.settings_dict["NAME"])
    beside = database_url().replace(f"/{name}", "/postgres", 1)
    switch = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    with psycopg.connect(beside, autocommit=True) as other:
        other.execute(switch.format(sql.Identifier(name), sql.Literal(False)))  # noqa: FBT003 - SQL's own word
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> %s", [name, ours]
        )
        time.sleep(seconds)
        other.execute(switch.format(sql.Identifier(name), sql.Literal(True)))  # noqa: FBT003

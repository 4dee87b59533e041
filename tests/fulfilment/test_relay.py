"""The relay as it runs: real processes against a warehouse that misbehaves, killed and paused."""

import os
import random
import signal
import time
from pathlib import Path

import pytest
from outgoing import Store
from processes import connect, relays, states, wait_for, warehouse

pytestmark = [pytest.mark.process, pytest.mark.timeout(120)]


def orders(store: Store, count: int, **more: object) -> list[int]:
    return store.record(*({"order_no": f"{10**8 + i}", **more} for i in range(count)))


def finished(store: Store) -> bool:
    return not {"ready", "sending", "unknown"} & set(states(store))


def test_orders_reach_the_warehouse_once_and_are_stopped_there_which_says_whether_it_managed(
    shared: Store, tmp_path: Path
) -> None:
    store = shared
    ids = orders(store, 40)
    with warehouse(tmp_path) as wms, relays() as run:
        connect(store, wms)
        relay = run.start()
        wait_for(lambda: finished(store))
        assert states(store) == {"done": 40}
        assert {store.stage(order) for order in ids} == {"sent"}
        cancelled = {"verdict": "none", "stage": "cancelled", "platform_state": "cancelled"}
        store.record({"order_no": "100000000", **cancelled})
        wait_for(lambda: finished(store))
        wms.post("faults", no_intercept=True)
        store.record({"order_no": "100000001", **cancelled})
        wait_for(lambda: finished(store))
        run.stop(relay)
        ledger = wms.get("ledger")

    stopped, late = ids[:2]
    assert ledger["states"] == {"taken": 39, "stopped": 1}
    assert ledger["double_effects"] == 0
    assert (store.pushes(stopped)[1][2:], store.stage(stopped)) == (("done", ""), "cancelled")
    assert (store.pushes(late)[1][2:], store.stage(late)) == (("failed", "too_late"), "exception")
    numbers = store.rows(
        "SELECT DISTINCT warehouse_no <> '' FROM fulfilment_push WHERE merchant_id = %s AND operation = 'create'"
    )
    assert numbers == [(True,)]


def test_killed_at_random_nothing_is_lost_and_nothing_doubled_even_where_keys_are_forgotten(
    shared: Store, tmp_path: Path
) -> None:
    store = shared
    chance = random.Random(1)  # noqa: S311
    count = 120
    orders(store, count)
    faults = ["--fault", "late=0.15", "--fault", "late_by=0.6", "--fault", "slow_by=0.02", "--fault", "forgetful=1"]
    with warehouse(tmp_path, *faults) as wms, relays(answer_ms=300, lease_ms=700) as run:
        connect(store, wms)
        kills = 0
        while kills < 3:
            before = claimed(store)
            relay = run.start()
            wait_for(lambda before=before: claimed(store) > before or finished(store))
            time.sleep(chance.uniform(0.0, 0.3))
            run.kill(relay)
            kills += 1
        relay = run.start()
        wait_for(lambda: finished(store), 60)
        run.stop(relay)
        ledger = wms.get("ledger")

    assert states(store) == {"done": count}
    assert ledger["double_effects"] == 0
    assert ledger["numbers"] == ledger["sources"] == count


def claimed(store: Store) -> int:
    return int(store.rows("SELECT sum(attempt) FROM fulfilment_push WHERE merchant_id = %s")[0][0])


def test_a_relay_paused_past_its_lease_changes_nothing_when_it_wakes(shared: Store, tmp_path: Path) -> None:
    store = shared
    ids = orders(store, 30)
    with warehouse(tmp_path, "--fault", "slow_by=0.15") as wms, relays(answer_ms=400, lease_ms=1000) as run:
        connect(store, wms, concurrency=4)
        paused = run.start()
        wait_for(lambda: "sending" in states(store))
        os.kill(paused.pid, signal.SIGSTOP)
        other = run.start()
        wait_for(lambda: finished(store))
        before = dump(store)
        os.kill(paused.pid, signal.SIGCONT)
        time.sleep(1.0)
        run.stop(paused)
        run.stop(other)
        ledger = wms.get("ledger")

    assert dump(store) == before
    assert {store.stage(order) for order in ids} == {"sent"}
    assert ledger["double_effects"] == 0
    assert states(store) == {"done": 30}


def dump(store: Store) -> list[tuple[object, ...]]:
    return store.rows(
        "SELECT p.order_id, p.state, p.attempt, p.ended_at, p.tries, o.version, o.stage FROM fulfilment_push p "
        "JOIN orders_order o ON o.id = p.order_id WHERE p.merchant_id = %s ORDER BY 1"
    )


def test_an_outage_opens_the_breaker_and_costs_no_order_its_budget(shared: Store, tmp_path: Path) -> None:
    store = shared
    orders(store, 60)
    with warehouse(tmp_path, "--fault", "outage=1") as wms, relays() as run:
        connect(store, wms, concurrency=2)
        relay = run.start()
        wait_for(lambda: breaker(store) in {"open", "half_open"})
        wms.post("faults", outage=False)
        wait_for(lambda: finished(store))
        wait_for(lambda: breaker(store) == "closed")
        run.stop(relay)
        ledger = wms.get("ledger")

    assert states(store) == {"done": 60}
    assert ledger["calls_while_down"] <= 10  # five failures, what was under way then, and who tried since
    assert store.rows("SELECT max(tries) FROM fulfilment_push WHERE merchant_id = %s")[0][0] <= 1
    assert ledger["double_effects"] == 0


def breaker(store: Store) -> str:
    found = store.rows(
        "SELECT breaker FROM fulfilment_health h JOIN fulfilment_destination d ON d.id = h.destination_id "
        "WHERE d.merchant_id = %s"
    )
    return str(found[0][0]) if found else ""

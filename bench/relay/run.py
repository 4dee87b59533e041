"""The relay against the simulated warehouse: throughput beside the warehouse's own ceiling, 200 kills, an outage.

``python -m bench.relay.run kill`` runs the 200 kills over 2,000 orders alone; ``outage`` the outage; without a word
the throughput, which is what ``python -m bench relay`` measures.
"""

import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

ORDERS = 3_000
KILLS = 200
KILL_ORDERS = 2_000
AT_ONCE = 8


@contextmanager
def place() -> Iterator[Path]:
    """A folder with an embedded server of its own, durable settings, and the tests' helpers at hand."""
    sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "fulfilment"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["QINGDAN_HOME"] = name
        os.environ.pop("DATABASE_URL", None)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingdan.web.settings")
        server = import_module("qingdan.web.database").Server(folder / "postgres")
        os.environ["DATABASE_URL"] = server.start()
        try:
            import_module("django").setup()
            import_module("django.core.management").call_command("migrate", verbosity=0)
            yield folder
        finally:
            import_module("django.db").connections.close_all()
            server.release()
            while server.layout.postmaster() is not None:
                time.sleep(0.05)


def filled(count: int) -> Any:
    """A merchant's store with that many released orders."""
    store = import_module("outgoing").Store()
    for start in range(0, count, 1000):
        store.record(*({"order_no": f"{10**8 + n}"} for n in range(start, min(start + 1000, count))))
    return store


def measure() -> list[dict[str, Any]]:
    """Orders a second from the outbox to the warehouse's ledger and back into ours."""
    with place() as folder:
        processes = import_module("processes")
        store = filled(ORDERS)
        with processes.warehouse(folder) as wms, processes.relays(answer_ms=5000, lease_ms=30_000) as run:
            ceiling = load(wms, store)
            processes.connect(store, wms, concurrency=AT_ONCE)
            relay = run.start()
            processes.wait_for(lambda: processes.states(store).get("done", 0) >= ORDERS // 10, 120)
            began, first = time.perf_counter(), processes.states(store)["done"]
            processes.wait_for(lambda: processes.states(store) == {"done": ORDERS}, 300)
            rate = (ORDERS - first) / (time.perf_counter() - began)
            run.stop(relay)
    return [
        {
            "name": "relay: outbox to the warehouse and back, orders",
            "value": round(rate),
            "unit": "orders/s",
            "target": None,
            "peer": f"plain load tool on the same warehouse {ceiling:,.0f}",
            "ratio": round(rate / ceiling, 3),
        }
    ]


def load(wms: Any, store: Any) -> float:
    """Calls a second that the warehouse answers to a tool that only sends: the same calls, made beforehand."""
    facts = import_module("qingdan.fulfilment.facts")
    wmses = import_module("qingdan.fulfilment.wms")
    qimen = import_module("qingdan.fulfilment.wms.qimen").QimenAdapter()
    transport = import_module("qingdan.fulfilment.transport")
    settings = {
        "url": wms.url,
        "app_key": "sandbox",
        "customer_id": "sandbox",
        "warehouse_code": "W",
        "owner_code": "O",
    }
    to = wmses.Access(0, "load", settings, "sandbox-secret")
    ids = [row[0] for row in store.rows("SELECT id FROM orders_order WHERE merchant_id = %s LIMIT 1500")]
    found = facts.deliveries(ids, dict.fromkeys(ids, 9))  # a revision that the relay does not use
    calls = [qimen.create([delivery], to, datetime.now(UTC)) for delivery, _ in found.values()]
    line = transport.Line()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        began = time.perf_counter()
        replies = list(pool.map(line.send, calls))
        seconds = time.perf_counter() - began
    assert all(b"success" in reply.body for reply in replies)
    return len(replies) / seconds


def kill() -> None:
    """200 random kills over 2,000 orders with 15 % late answers, the pace of orders spread over the kills."""
    seed = int(os.environ.get("SEED", time.time_ns() % 10**6))
    chance = random.Random(seed)  # noqa: S311
    with place() as folder:
        processes = import_module("processes")
        store = filled(KILL_ORDERS)
        faults = ["--fault", "late=0.15", "--fault", "late_by=1.5", "--fault", "slow_by=0.05", "--seed", str(seed)]
        with processes.warehouse(folder, *faults) as wms, processes.relays(answer_ms=1000, lease_ms=2500) as run:
            processes.connect(store, wms, concurrency=AT_ONCE)
            began = time.perf_counter()
            # four relays at a time, so that there is always one to take over from the one that is killed
            for _ in range(4):
                run.start()
            kills = 0
            while kills < KILLS:
                time.sleep(chance.uniform(0.0, 0.3))
                run.kill(chance.choice(run.running))
                run.start()
                kills += 1
            processes.wait_for(lambda: set(processes.states(store)) == {"done"}, 600)
            took = time.perf_counter() - began
            ledger = wms.get("ledger")
            more = store.rows("SELECT sum(attempt), max(attempt) FROM fulfilment_push WHERE merchant_id = %s")[0]
    print(f"seed {seed}: {kills} kills, {processes_states(ledger)} in {took:.0f} s, claims {more[0]} (most {more[1]})")
    assert ledger["double_effects"] == 0
    assert ledger["numbers"] == ledger["sources"] == KILL_ORDERS


def processes_states(ledger: dict[str, Any]) -> str:
    """What the warehouse's own ledger says, in short."""
    return f"effects {ledger['states']}, double effects {ledger['double_effects']}, calls {ledger['calls']}"


def outage() -> None:
    """An outage in the middle: how soon the breaker opens, and how fast the rest drains afterwards."""
    with place() as folder:
        processes = import_module("processes")
        store = filled(ORDERS)
        with processes.warehouse(folder) as wms, processes.relays(answer_ms=2000, lease_ms=6000) as run:
            processes.connect(store, wms, concurrency=AT_ONCE)

            def done() -> int:
                return int(processes.states(store).get("done", 0))

            relay = run.start()
            processes.wait_for(lambda: done() >= ORDERS // 10, 120)
            began, first = time.perf_counter(), done()
            processes.wait_for(lambda: done() >= ORDERS // 2, 120)
            normal = (done() - first) / (time.perf_counter() - began)
            wms.post("faults", outage=True)
            time.sleep(20)
            failures, breaker = store.rows(
                "SELECT failures, breaker FROM fulfilment_health h JOIN fulfilment_destination d "
                "ON d.id = h.destination_id WHERE d.merchant_id = %s"
            )[0]
            wms.post("faults", outage=False)
            stood = done()
            processes.wait_for(lambda: done() > stood, 120)
            began, first = time.perf_counter(), done()
            processes.wait_for(lambda: done() == ORDERS, 120)
            after = (ORDERS - first) / (time.perf_counter() - began)
            tries = store.rows("SELECT max(tries) FROM fulfilment_push WHERE merchant_id = %s")[0][0]
            run.stop(relay)
            ledger = wms.get("ledger")
    print(
        f"normal {normal:.0f}/s, breaker {breaker} after {failures} failures, after the outage {after:.0f}/s "
        f"({after / normal:.0%}), most tries of an order {tries}, {processes_states(ledger)}"
    )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["kill"]:
            kill()
        case ["outage"]:
            outage()
        case _:
            print(measure())

"""Orders a second from the outbox to the warehouse's ledger and back into ours, beside the warehouse's own ceiling."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from bench.relay.world import AT_ONCE, World, row


def measure(world: World, orders: int) -> list[dict[str, Any]]:
    """Measure both in one run: first the plain load tool, then the relay."""
    store, processes = world.filled(orders), world.processes
    with (
        processes.warehouse(world.part("throughput")) as wms,
        processes.relays(answer_ms=5000, lease_ms=30_000) as run,
    ):
        ceiling = load(wms, store, orders // 2)
        processes.connect(store, wms, concurrency=AT_ONCE)
        relay = run.start()
        world.wait(lambda: world.done(store) >= orders // 10, 120)
        began, first = time.perf_counter(), world.done(store)
        world.wait(lambda: world.states(store) == {"done": orders}, 300)
        rate = (orders - first) / (time.perf_counter() - began)
        run.stop(relay)
    world.retire(store)
    peer = f"plain load tool on the same warehouse {ceiling:,.0f}"
    return [
        row(
            "relay: outbox to the warehouse and back, orders",
            round(rate),
            "orders/s",
            None,
            peer,
            ratio=round(rate / ceiling, 3),
        )
    ]


def load(wms: Any, store: Any, most: int) -> float:
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
    ids = [one[0] for one in store.rows(f"SELECT id FROM orders_order WHERE merchant_id = %s LIMIT {most}")]  # noqa: S608
    found = facts.deliveries(ids, dict.fromkeys(ids, 9))  # a revision that the relay does not use
    calls = [qimen.create([delivery], to, datetime.now(UTC)) for delivery, _ in found.values()]
    line = transport.Line()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        began = time.perf_counter()
        replies = list(pool.map(line.send, calls))
        seconds = time.perf_counter() - began
    line.close()
    assert all(b"success" in reply.body for reply in replies)
    return len(replies) / seconds

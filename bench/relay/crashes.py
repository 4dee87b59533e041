"""The relay killed, the database stopped hard, a relay paused past its lease: nothing lost, nothing doubled."""

import os
import random
import signal
import time
from typing import Any

from bench.relay.world import AT_ONCE, World, in_short, row

_LATE = ["--fault", "late=0.15", "--fault", "late_by=1.5"]


def kill(world: World, orders: int, kills: int, seed: int) -> list[dict[str, Any]]:
    """Kill relays at random moments; four run at a time, so that there is always one to take over."""
    chance = random.Random(seed)  # noqa: S311
    store, processes = world.filled(orders), world.processes
    faults = [*_LATE, "--fault", "slow_by=0.05", "--seed", str(seed)]
    with (
        processes.warehouse(world.part("kill"), *faults) as wms,
        processes.relays(answer_ms=1000, lease_ms=2500) as run,
    ):
        processes.connect(store, wms, concurrency=AT_ONCE)
        began = time.perf_counter()
        for _ in range(4):
            run.start()
        for _ in range(kills):
            time.sleep(chance.uniform(0.0, 0.3))
            run.kill(chance.choice(run.running))
            run.start()
        world.wait(lambda: set(world.states(store)) == {"done"}, 600)
        took = time.perf_counter() - began
        ledger = wms.get("ledger")
        claims = world.rows(store, "SELECT sum(attempt) FROM fulfilment_push WHERE merchant_id = %s")[0][0]
    world.retire(store)
    print(f"seed {seed}: {kills} kills in {took:.0f} s, {claims} claims, {in_short(ledger)}")
    return _final(f"relay: killed {kills} times, orders final once", world.done(store), orders, ledger)


def database(world: World, orders: int, stops: int) -> list[dict[str, Any]]:
    """Stop the server at once, as a crash would, ``stops`` times while the relay works."""
    store, processes = world.filled(orders), world.processes
    with (
        processes.warehouse(world.part("database"), *_LATE, "--seed", "7") as wms,
        processes.relays(answer_ms=1000, lease_ms=2500) as run,
    ):
        processes.connect(store, wms, concurrency=AT_ONCE)
        relay = run.start()
        began = time.perf_counter()
        for nth in range(1, stops + 1):
            world.wait(lambda nth=nth: world.done(store) >= nth * orders // (stops + 2), 120)
            stopped, _, _ = world.server.layout.postmaster()
            os.kill(stopped, signal.SIGQUIT)  # an immediate stop: the keeper starts it again, it recovers
            world.wait(lambda was=stopped: _lives(world, was), 60)
        world.wait(lambda: world.states(store) == {"done": orders}, 240)
        took = time.perf_counter() - began
        assert relay.poll() is None, "the relay went on by itself"
        run.stop(relay)
        ledger = wms.get("ledger")
    world.retire(store)
    print(f"database stopped hard {stops} times in {took:.0f} s: {in_short(ledger)}")
    return _final(f"relay: database stopped hard {stops} times, orders final once", world.done(store), orders, ledger)


def _lives(world: World, was: int) -> bool:
    found = world.server.layout.postmaster()
    return found is not None and found[0] != was


def paused(world: World, orders: int) -> list[dict[str, Any]]:
    """Pause a relay in the middle of its work, let another finish, and wake it."""
    store, processes = world.filled(orders), world.processes
    with (
        processes.warehouse(world.part("paused"), "--fault", "slow_by=0.1") as wms,
        processes.relays(answer_ms=1000, lease_ms=2500) as run,
    ):
        processes.connect(store, wms, concurrency=AT_ONCE)
        sleeper = run.start()
        world.wait(lambda: "sending" in world.states(store), 60)
        os.kill(sleeper.pid, signal.SIGSTOP)
        other = run.start()
        world.wait(lambda: world.states(store) == {"done": orders}, 120)
        before = _dump(world, store)
        os.kill(sleeper.pid, signal.SIGCONT)
        time.sleep(3.0)
        changed = sum(one != two for one, two in zip(before, _dump(world, store), strict=True))
        run.stop(sleeper)
        run.stop(other)
        ledger = wms.get("ledger")
    world.retire(store)
    assert ledger["double_effects"] == 0
    peer = f"{orders} orders, {in_short(ledger)}"
    return [row("relay: rows that a relay paused past its lease changed", changed, "rows", 0, peer)]


def _dump(world: World, store: Any) -> list[tuple[Any, ...]]:
    return world.rows(
        store,
        "SELECT p.order_id, p.state, p.attempt, p.ended_at, p.tries, o.version, o.stage FROM fulfilment_push p "
        "JOIN orders_order o ON o.id = p.order_id WHERE p.merchant_id = %s ORDER BY 1",
    )


def _final(name: str, done: int, orders: int, ledger: dict[str, Any]) -> list[dict[str, Any]]:
    assert ledger["double_effects"] == 0
    assert ledger["numbers"] == ledger["sources"] == orders
    return [row(name, done, "orders", orders, f"double effects in the warehouse's ledger {ledger['double_effects']}")]

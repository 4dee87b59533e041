"""The warehouse is away while orders go on being released: what that costs, and how the rest drains afterwards."""

import sqlite3
import time
from pathlib import Path
from typing import Any

from bench.relay.world import AT_ONCE, World, row

_AHEAD = 4 * AT_ONCE
"""Orders that the relay holds at a time; within these the order among them is left to chance."""


def measure(world: World, orders: int, seconds: float, *, urgent: int = 100) -> list[dict[str, Any]]:
    """Let ``orders`` drain, take the warehouse away after two fifths for ``seconds``, release more meanwhile.

    A real outage of ten minutes is scaled down; the breaker's pauses are not, so recovery looks slower than it would.
    """
    store, processes, folder = world.filled(orders), world.processes, world.part("outage")
    with processes.warehouse(folder) as wms, processes.relays(answer_ms=2000, lease_ms=6000) as run:
        processes.connect(store, wms, concurrency=AT_ONCE)
        relay = run.start()
        world.wait(lambda: world.done(store) >= 2 * orders // 5, 120)
        wms.post("faults", outage=True)
        away = time.monotonic()
        normal = _rate(folder, orders // 10)
        world.wait(lambda: _breaker(world, store) != "closed", 30)
        opened_after = time.monotonic() - away
        cost_of_opening = wms.get("ledger")["calls_while_down"]
        world.more(store, orders, urgent, tier="urgent")
        time.sleep(max(0.0, seconds - (time.monotonic() - away)))
        cost = wms.get("ledger")["calls_while_down"]
        arrived = _arrived(folder)
        wms.post("faults", outage=False)
        back = time.time()
        world.wait(lambda: world.done(store) == orders + urgent, 330)
        after, waited = _rate(folder, arrived), _first(folder, arrived) - back
        tries = world.rows(store, "SELECT max(tries) FROM fulfilment_push WHERE merchant_id = %s")[0][0]
        run.stop(relay)
        ledger = wms.get("ledger")
    turn = _out_of_turn(world, store, folder, arrived)
    world.retire(store)
    print(
        f"outage of {seconds:.0f} s: breaker open after {opened_after:.1f} s and {cost_of_opening} calls, {cost} in "
        f"all; first order {waited:.1f} s after the return; {turn} orders out of turn; double effects "
        f"{ledger['double_effects']}"
    )
    assert ledger["double_effects"] == 0
    peer = f"normal {normal:,.0f} orders/s, after {after:,.0f}; {cost} calls failed in all"
    return [
        row("relay: drain after an outage, share of the normal rate", round(100 * after / normal), "%", 80, peer),
        row("relay: tries that an outage cost an order at most", tries, "of 8", 1, "one: the call it interrupted"),
        row("relay: orders that came out of turn after an outage", turn, "orders", 0, "urgent first, then the oldest"),
    ]


def _breaker(world: World, store: Any) -> str:
    found = world.rows(
        store,
        "SELECT breaker FROM fulfilment_health h JOIN fulfilment_destination d ON d.id = h.destination_id "
        "WHERE d.merchant_id = %s",
    )
    return str(found[0][0]) if found else "closed"


def _arrived(folder: Path) -> int:
    """Number of the last delivery that the warehouse took in."""
    with sqlite3.connect(folder / "wms.sqlite") as ledger:
        return int(ledger.execute("SELECT coalesce(max(id), 0) FROM effect").fetchone()[0])


def _rate(folder: Path, since: int) -> float:
    """Deliveries a second that the warehouse took in after the first ``since`` of them, by its own clock."""
    with sqlite3.connect(folder / "wms.sqlite") as ledger:
        count, first, last = ledger.execute(
            "SELECT count(*), min(at), max(at) FROM effect WHERE id > ?", [since]
        ).fetchone()
    return float((count - 1) / (last - first))


def _first(folder: Path, since: int) -> float:
    """When the warehouse took in the next delivery after the first ``since``."""
    with sqlite3.connect(folder / "wms.sqlite") as ledger:
        return float(ledger.execute("SELECT min(at) FROM effect WHERE id > ?", [since]).fetchone()[0])


def _out_of_turn(world: World, store: Any, folder: Path, since: int) -> int:
    """Count deliveries that stood further from their turn than the relay holds at a time.

    What was in the air when the warehouse went away is asked for first and has no turn.
    """
    with sqlite3.connect(folder / "wms.sqlite") as ledger:
        numbers = [one[0] for one in ledger.execute("SELECT number FROM effect WHERE id > ? ORDER BY id", [since])]
    urgent = dict(world.rows(store, "SELECT order_id, urgent FROM fulfilment_push WHERE merchant_id = %s"))
    came = [int(number.removeprefix("QD")) for number in numbers]
    turns = {order: place for place, order in enumerate(sorted(came, key=lambda order: (not urgent[order], order)))}
    return sum(abs(turns[order] - place) > 2 * _AHEAD for place, order in enumerate(came))

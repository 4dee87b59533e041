"""The relay against the simulated warehouse, with real processes and a server of its own.

``python -m bench relay`` measures throughput beside the warehouse's own ceiling, an outage, a database that is stopped
hard, and a relay that is paused: some five minutes. ``python -m bench.relay.run PART …`` measures single parts; of
these ``kill``, 200 kills over 2,000 orders, is not among those above. ``SCALE=0.1`` takes a tenth of everything.
"""

import os
import sys
import time
from collections.abc import Callable
from typing import Any

from bench.relay import crashes, outage, throughput
from bench.relay.world import World, place

_SCALE = float(os.environ.get("SCALE", "1"))
_OUTAGE_SECONDS = 60.0
"""An outage of ten minutes, a tenth of it."""


def _of(count: int) -> int:
    return max(60, round(count * _SCALE))


PARTS: dict[str, Callable[[World], list[dict[str, Any]]]] = {
    "throughput": lambda world: throughput.measure(world, _of(3000)),
    "outage": lambda world: outage.measure(world, _of(3000), max(8.0, _OUTAGE_SECONDS * _SCALE), urgent=_of(100)),
    "database": lambda world: crashes.database(world, _of(2000), 5),
    "paused": lambda world: crashes.paused(world, _of(300)),
    "kill": lambda world: crashes.kill(world, _of(2000), max(5, round(200 * _SCALE)), _seed()),
}
USUAL = ("throughput", "outage", "database", "paused")


def measure(parts: tuple[str, ...] = USUAL) -> list[dict[str, Any]]:
    """Measure the parts one after the other on one server."""
    results = []
    with place() as world:
        for part in parts:
            began = time.perf_counter()
            results += PARTS[part](world)
            print(f"{part}: {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    return results


def _seed() -> int:
    return int(os.environ.get("SEED", time.time_ns() % 10**6))


if __name__ == "__main__":
    for one in measure(tuple(sys.argv[1:]) or USUAL):
        print(one)

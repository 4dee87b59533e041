"""The board over many stored orders while others arrive, beside plain GROUP BY over the same table in the same run.

``QINGDAN_BENCH_ORDERS`` says how many orders are stored (ten million by default). Most have left; a backlog of
``WAITING`` waits, as after a promotion.
"""

import asyncio
import os
import statistics
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg

STORED = int(os.environ.get("QINGDAN_BENCH_ORDERS", "10000000"))
SEED_ORDERS = 20_000
WAITING = 40_000
LOOKS = 60
ARRIVALS = 500
"""Orders a second that arrive meanwhile."""
_AS_OF = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
_COPY = """
INSERT INTO orders_order ({columns})
SELECT {values} FROM orders_order AS o, generate_series(%(from)s::int, %(to)s::int) AS k
 WHERE o.merchant_id = %(merchant)s AND o.id BETWEEN %(first)s AND %(last)s
"""
_GROUP_BY = """
SELECT stage, channel, province, tier, count(*), sum(paid_amount) FROM orders_order
 WHERE merchant_id = %s GROUP BY 1, 2, 3, 4
"""


def measure() -> list[dict[str, Any]]:
    """Rows of name, value, unit, target, peer and ratio; durable settings, an embedded server of its own."""
    with tempfile.TemporaryDirectory() as name, _server(Path(name)):
        world = _World(Path(name))
        with world.arriving():
            board = _times(world.look)
            overdue = _times(world.overdue)
            filtered = _times(world.filtered)
            lags = asyncio.run(world.lags())
            plain = _times(world.group_by, looks=5)
        told = f"{STORED:,} orders"
        peer = ("GROUP BY over the orders", _p95(plain))
        return [
            _row(f"board over {told}, p95", _p95(board), 300, peer),
            _row(f"overdue list over {told}, p95", _p95(overdue), 200, peer),
            _row(f"count of a filter over {told}, p95", _p95(filtered), 200, peer),
            _row("from commit to the stream, p99", sorted(lags)[int(len(lags) * 0.99)], 1_000, None),
            _row(f"GROUP BY over {told}, p95", _p95(plain), None, None),
        ]


class _World:
    """One merchant's store of the size that is asked for."""

    def __init__(self, folder: Path) -> None:
        samples = import_module("qingdan.sandbox.samples")
        samples.write_sample("s2", folder / "sample", seed=3, count=SEED_ORDERS)
        store = import_module("bench.store.run")
        self.merchant = store._store(sorted((folder / "sample").glob("*.csv")))[0]  # noqa: SLF001 - one import, two benches
        self.url = os.environ["DATABASE_URL"]
        self.arrived: deque[tuple[float, float]] = deque()
        """When each batch that arrived was sent and was committed."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            first, last, count = connection.execute(
                "SELECT min(id), max(id), count(*) FROM orders_order WHERE merchant_id = %s", [self.merchant]
            ).fetchone()
            self.span = {"merchant": self.merchant, "first": first, "last": last}
            self.names = [
                row[0]
                for row in connection.execute(
                    "SELECT column_name FROM information_schema.columns WHERE table_name = 'orders_order' "
                    "AND is_generated = 'NEVER' AND column_name NOT IN ('id', 'digest')"
                )
            ]
            shipped = {"stage": "'shipped'", "verdict": "'none'", "tier": "NULL", "reasons": "'{}'"}
            cleared = dict.fromkeys(("owner_role", "respond_by", "resolve_by", "due_at", "held_until"), "NULL")
            steps = (STORED - WAITING) // count
            for start in range(1, steps + 1, 10):
                self._copy(connection, start, min(start + 9, steps), shipped | cleared)
            self._copy(connection, steps + 1, steps + WAITING // count, {})
            connection.execute("VACUUM ANALYZE orders_order")

    def _copy(self, connection: Any, start: int, end: int, changed: dict[str, str], limit: str = "") -> None:
        values = {name: f"o.{name}" for name in self.names} | {"order_no": "o.order_no || '-' || k"} | changed
        text = _COPY.format(columns=", ".join(values), values=", ".join(values.values())) + limit
        connection.execute(text, {**self.span, "from": start, "to": end})

    @contextmanager
    def arriving(self) -> Iterator[None]:
        """Let orders arrive until the block ends."""
        over = threading.Event()

        def arrive() -> None:
            with psycopg.connect(self.url, autocommit=True) as connection:
                for number in range(10**7, 10**9):
                    if over.wait(0.1):
                        return
                    began = time.perf_counter()
                    self._copy(connection, number, number, {}, f" LIMIT {ARRIVALS // 10}")
                    self.arrived.append((began, time.perf_counter()))

        thread = threading.Thread(target=arrive, daemon=True)
        thread.start()
        yield
        over.set()
        thread.join(30)

    def look(self) -> None:
        import_module("qingdan.insight.snapshot").board(self.merchant, datetime.now(UTC))

    def overdue(self) -> None:
        search = import_module("qingdan.orders.search")
        found = search.find(self.merchant, search.Filters(overdue=True), datetime.now(UTC))
        search.page(search.ordered(found, "due_at"), number=1, size=50)

    def filtered(self) -> None:
        search = import_module("qingdan.orders.search")
        search.count(self.merchant, search.Filters(stage=("in_review",), channel=("douyin",)), datetime.now(UTC))

    def group_by(self) -> None:
        with psycopg.connect(self.url) as connection:
            connection.execute(_GROUP_BY, [self.merchant]).fetchall()

    async def lags(self) -> list[float]:
        """Milliseconds from a commit until a stream has the figures that hold it."""
        hub, found = import_module("qingdan.insight.live").HUB, []
        with hub.stream(self.merchant) as stream:
            await stream.topics(5)
            self.arrived.clear()
            while len(found) < LOOKS:
                await stream.topics(5)
                told = time.perf_counter()
                await hub.figures(self.merchant)
                seen = time.perf_counter()
                while self.arrived and self.arrived[0][1] < told:
                    found.append((seen - self.arrived.popleft()[1]) * 1e3)
        return found


@contextmanager
def _server(folder: Path) -> Iterator[None]:
    os.environ["QINGDAN_HOME"] = str(folder)
    os.environ.pop("DATABASE_URL", None)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingdan.web.settings")
    server = import_module("qingdan.web.database").Server(folder / "postgres")
    os.environ["DATABASE_URL"] = server.start()
    try:
        import_module("django").setup()
        import_module("django.core.management").call_command("migrate", verbosity=0)
        yield
    finally:
        import_module("django.db").connections.close_all()
        server.release()
        while server.layout.postmaster() is not None:  # the files go with the folder, so wait for the server
            time.sleep(0.05)


def _times(work: Callable[[], None], looks: int = LOOKS) -> list[float]:
    """Milliseconds of each of many runs."""
    work()
    found = []
    for _ in range(looks):
        began = time.perf_counter()
        work()
        found.append((time.perf_counter() - began) * 1e3)
    return found


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]


def _row(name: str, value: float, target: float | None, peer: tuple[str, float] | None) -> dict[str, Any]:
    return {
        "name": name,
        "value": round(value, 1),
        "unit": "ms",
        "target": target,
        "peer": peer and peer[0],
        "ratio": round(value / peer[1], 4) if peer else None,
    }

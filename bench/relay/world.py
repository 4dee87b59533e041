"""What the measurements share: a server of their own, released orders, questions that survive a crash of the server."""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

AT_ONCE = 8


@dataclass(frozen=True)
class World:
    """The embedded server and the tests' helpers; ``folder`` is for the warehouses' ledgers."""

    folder: Path
    server: Any

    @property
    def processes(self) -> Any:
        """Helpers that start warehouses and relays."""
        return import_module("processes")

    def filled(self, count: int, **more: object) -> Any:
        """A merchant's store with that many released orders."""
        store = import_module("outgoing").Store()
        self.more(store, 0, count, **more)
        return store

    def more(self, store: Any, begin: int, count: int, **said: object) -> None:
        """Release more orders, numbered from ``begin``."""
        for start in range(begin, begin + count, 1000):
            end = min(start + 1000, begin + count)
            store.record(*({"order_no": f"{10**8 + n}", **said} for n in range(start, end)))

    def part(self, name: str) -> Path:
        """A folder for one measurement."""
        made = self.folder / name
        made.mkdir()
        return made

    def rows(self, store: Any, statement: str) -> list[tuple[Any, ...]]:
        """Ask the database about the store's merchant, again and again while the server is away."""
        database = import_module("django.db")
        until = time.monotonic() + 60
        while True:
            try:
                return list(store.rows(statement))
            except (database.OperationalError, database.InterfaceError):
                if time.monotonic() > until:
                    raise
                database.connection.close()
                time.sleep(0.1)

    def states(self, store: Any) -> dict[str, int]:
        """Count the store's pushes by state."""
        return dict(self.rows(store, "SELECT state, count(*) FROM fulfilment_push WHERE merchant_id = %s GROUP BY 1"))

    def done(self, store: Any) -> int:
        """Count the store's pushes that arrived."""
        return int(self.states(store).get("done", 0))

    def wait(self, what: Callable[[], bool], seconds: float) -> None:
        """Wait until it is true, looking twice a second so that looking costs the relay little."""
        until = time.monotonic() + seconds
        while not what():
            if time.monotonic() > until:
                raise TimeoutError(f"it did not come true within {seconds:.0f} s")
            time.sleep(0.5)

    def retire(self, store: Any) -> None:
        """Let no later relay serve the store's warehouse."""
        destinations = import_module("qingdan.fulfilment.models").Destination
        destinations.objects.filter(merchant_id=store.merchant).update(active=False)


@contextmanager
def place() -> Iterator[World]:
    """A folder with an embedded server of its own, with durable settings."""
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
            yield World(folder, server)
        finally:
            import_module("django.db").connections.close_all()
            server.release()
            while server.layout.postmaster() is not None:
                time.sleep(0.05)


def in_short(ledger: dict[str, Any]) -> str:
    """What the warehouse's own ledger says."""
    return f"effects {ledger['states']}, double effects {ledger['double_effects']}, calls {ledger['calls']}"


def row(
    name: str, value: float, unit: str, target: float | None, peer: str, *, ratio: float | None = None
) -> dict[str, Any]:
    """One line of the table of results."""
    return {"name": name, "value": value, "unit": unit, "target": target, "peer": peer, "ratio": ratio}

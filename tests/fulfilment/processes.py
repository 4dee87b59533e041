"""Real processes around a test's store: the simulated warehouse and relays, killed at will."""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from outgoing import Store

from qingdan.fulfilment.adapters import seal_row
from qingdan.fulfilment.models import Destination
from qingdan.fulfilment.relay import Relay
from qingdan.fulfilment.transport import Limits
from qingdan.web.sealing import seal


def wait_for(what: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def database_url() -> str:
    """Address of the test's own database."""
    chosen = connection.settings_dict
    host, port = str(chosen["HOST"]), str(chosen["PORT"])
    account = f"{chosen['USER']}:{quote(str(chosen['PASSWORD']), safe='')}"
    if host.startswith("/"):
        return f"postgresql://{account}@/{chosen['NAME']}?host={quote(host)}&port={port}"
    return f"postgresql://{account}@{host}:{port}/{chosen['NAME']}"


@dataclass
class Warehouse:
    """The simulated warehouse's address."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/qimen"

    def get(self, what: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_sandbox/{what}", timeout=10) as answer:
            return dict(json.load(answer))

    def post(self, what: str, **said: object) -> None:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/_sandbox/{what}", json.dumps(said).encode(), method="POST"
        )
        urllib.request.urlopen(request, timeout=10).close()  # noqa: S310

    def up(self) -> bool:
        try:
            self.get("faults")
        except OSError:
            return False
        return True


@dataclass
class Born:
    """A process that the nursery started; it ends when its standard input is closed."""

    pid: int
    input: int
    nursery: "Nursery"
    code: int | None = None

    def poll(self) -> int | None:
        """Return how it ended, or None while it runs."""
        return self._wait(patient=False)

    def wait(self) -> int | None:
        """Wait until it has ended."""
        return self._wait(patient=True)

    def kill(self) -> None:
        """Kill it as the system would."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)
            self.wait()
        self.let_go()

    def let_go(self) -> None:
        """Close its standard input."""
        if self.input >= 0:
            os.close(self.input)
            self.input = -1

    def _wait(self, *, patient: bool) -> int | None:
        if self.code is None:
            self.code = self.nursery.ask({"wait": self.pid, "patient": patient})
        return self.code


@dataclass(frozen=True)
class Nursery:
    """The process that starts relays and warehouses; see ``nursery``."""

    line: socket.socket

    def ask(self, asked: dict[str, Any], *inputs: int) -> Any:
        socket.send_fds(self.line, [json.dumps(asked).encode()], inputs)
        return json.loads(self.line.recv(1 << 12))

    def start(self, *run: str, **settings: int) -> Born:
        given, kept = os.pipe()
        pid = self.ask({"run": run, "settings": settings}, given)
        os.close(given)
        return Born(pid, kept, self)


@cache
def nursery(url: str, key: str) -> Nursery:
    """Start the nursery of a database once; it ends with the tests."""
    ours, theirs = socket.socketpair()
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("QINGDAN_", "DJANGO_"))} | {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "qingdan.web.settings",
        "QINGDAN_SECRET_KEY": key,
        "QINGDAN_LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, str(Path(__file__).with_name("nursery.py")), str(theirs.fileno())]
    running = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment, pass_fds=[theirs.fileno()]
    )
    theirs.close()

    def end() -> None:
        ours.close()
        running.wait()

    atexit.register(end)
    return Nursery(ours)


def ours() -> Nursery:
    """Return the nursery of the test's database."""
    return nursery(database_url(), str(settings.SECRET_KEY))


@contextmanager
def warehouse(folder: Path, *options: str, ship_after: float = 1e6) -> Iterator[Warehouse]:
    port = free_port()
    command = ["sandbox", "wms", "--port", str(port), "--ledger", str(folder / "wms.sqlite")]
    process = ours().start(*command, "--ship-after", str(ship_after), "--seed", "7", *options)
    try:
        made = Warehouse(port)
        wait_for(made.up)
        yield made
    finally:
        process.kill()


def pump(until: Callable[[], bool], *, answer_ms: int = 2000) -> None:
    """Let a relay within this process work until something is so; its calls are real, and it starts at once."""
    limits = Limits(connect=1.0, read=answer_ms / 1000, total=answer_ms / 1000)
    deadline = time.monotonic() + 60
    Relay(lambda: until() or time.monotonic() > deadline, lease=3 * limits.total, limits=limits).run()
    assert until(), "it did not come true in time"


@dataclass
class Relays:
    """Starts relays on the test's database."""

    running: list[Born]
    answer_ms: int = 400
    lease_ms: int = 1500

    def start(self) -> Born:
        process = ours().start("relay", RELAY_ANSWER_MS=self.answer_ms, RELAY_LEASE_MS=self.lease_ms)
        self.running.append(process)
        return process

    def kill(self, process: Born) -> None:
        """Kill a relay as the system would."""
        process.kill()
        self.running.remove(process)

    def stop(self, process: Born) -> None:
        """Ask a relay to end, and wait."""
        process.let_go()
        assert process.wait() == 0
        self.running.remove(process)


@contextmanager
def relays(**options: int) -> Iterator[Relays]:
    made = Relays([], **options)
    try:
        yield made
    finally:
        for process in list(made.running):
            made.kill(process)


def connect(store: Store, at: Warehouse, *, concurrency: int = 8, **settings: object) -> int:
    """Make the warehouse a destination of the store's merchant."""
    made = Destination.objects.create(
        merchant_id=store.merchant,
        name="沙箱仓",
        adapter="qimen",
        concurrency=concurrency,
        settings={
            "url": at.url,
            "app_key": "sandbox",
            "customer_id": "sandbox",
            "warehouse_code": "SANDBOX",
            "owner_code": "OWN1",
            **settings,
        },
    )
    made.secret = seal("sandbox-secret", seal_row(made.pk))
    made.save(update_fields=["secret"])
    return int(made.pk)


VENDORS: dict[str, tuple[dict[str, object], str]] = {
    "wangdian": ({"url": "/wangdian/openapi", "sid": "sandbox", "key": "sandbox", "shop_no": "sandbox"}, ":salt"),
    "wangdian_enterprise": (
        {"url": "/wangdian_enterprise/openapi2", "sid": "sandbox", "appkey": "sandbox", "shop_no": "sandbox"},
        "",
    ),
    "jushuitan": ({"url": "/jushuitan", "app_key": "sandbox", "shop_id": 1}, ":sandbox-token"),
}
"""Settings of each vendor's side of the simulated warehouse, and what follows its secret."""


def connect_vendor(store: Store, at: Warehouse, vendor: str, **settings: object) -> int:
    """Make one vendor's side of the warehouse a destination of the store's merchant, named as the vendor."""
    known, rest = VENDORS[vendor]
    address = f"http://127.0.0.1:{at.port}{known['url']}"
    made = Destination.objects.create(
        merchant_id=store.merchant, name=vendor, adapter=vendor, settings={**known, "url": address, **settings}
    )
    made.secret = seal(f"sandbox-secret{rest}", seal_row(made.pk))
    made.save(update_fields=["secret"])
    return int(made.pk)


def states(store: Store) -> dict[str, int]:
    return dict(store.rows("SELECT state, count(*) FROM fulfilment_push WHERE merchant_id = %s GROUP BY 1"))

"""Real processes around a test's store: the simulated warehouse and relays, killed at will."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

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


@contextmanager
def warehouse(folder: Path, *options: str, ship_after: float = 1e6) -> Iterator[Warehouse]:
    port = free_port()
    command = [sys.executable, "-m", "qingdan", "sandbox", "wms", "--port", str(port)]
    command += ["--ledger", str(folder / "wms.sqlite"), "--ship-after", str(ship_after), "--seed", "7", *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
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

    running: list[subprocess.Popen[bytes]]
    answer_ms: int = 400
    lease_ms: int = 1500

    def start(self) -> subprocess.Popen[bytes]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("QINGDAN_", "DJANGO_"))} | {
            "DATABASE_URL": database_url(),
            "DJANGO_SETTINGS_MODULE": "qingdan.web.settings",
            "QINGDAN_SECRET_KEY": secret_key(),
            "QINGDAN_RELAY_ANSWER_MS": str(self.answer_ms),
            "QINGDAN_RELAY_LEASE_MS": str(self.lease_ms),
            "QINGDAN_LOG_LEVEL": "ERROR",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "qingdan.web.child", "relay"], stdin=subprocess.PIPE, env=environment
        )
        self.running.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill a relay as the system would."""
        process.kill()
        process.wait()
        assert process.stdin is not None
        process.stdin.close()
        self.running.remove(process)

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """Ask a relay to end, and wait."""
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(20) == 0
        self.running.remove(process)


def secret_key() -> str:
    from django.conf import settings  # noqa: PLC0415

    return str(settings.SECRET_KEY)


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

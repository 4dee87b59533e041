"""One child of ``qingdan serve``: ``python -m qingdan.web.child web HOST PORT WORKERS``, ``... worker``, ``relay``, ...

A child ends when its standard input is closed. That happens when its parent asks it to stop and also when the
parent is killed, on every system, so no orphan keeps a port or runs jobs.
"""

import asyncio
import importlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import django
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server
from procrastinate.contrib.django import app

from qingdan.sandbox.wms.faults import Faults
from qingdan.sandbox.wms.ledger import Ledger
from qingdan.sandbox.wms.qimen import Keys, Qimen
from qingdan.sandbox.wms.server import Warehouse, serve

GRACE_SECONDS: Final = 6
"""How long jobs under way may take to finish once the child is asked to stop."""
JOBS_AT_ONCE: Final = 3
"""A long import must not keep holds from ending and queues from being put in order."""
WEB_GRACE_SECONDS: Final = 3
"""How long requests may; it is short because the streams of open pages never finish (they come back by themselves)."""


def _when_parent_lets_go(stop: Callable[[], None]) -> None:
    def wait() -> None:
        while os.read(0, 1024):
            pass
        stop()

    threading.Thread(target=wait, name="parent-watch", daemon=True).start()


def run_web(host: str, port: int, workers: int) -> None:
    """Serve HTTP until the parent lets go."""
    multiprocessing.set_start_method("spawn")  # a fork would copy the locks that other threads hold
    server = Server(
        "qingdan.web.asgi:application",
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        workers=workers,
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=WEB_GRACE_SECONDS,
    )
    _when_parent_lets_go(server.signal_handler_interrupt)
    server.serve()


def run_worker() -> None:
    """Run background jobs until the parent lets go."""
    _when_parent_lets_go(_interrupt)
    django.setup()
    if sys.platform == "win32":
        asyncio.set_event_loop_policy(asyncio.WindowsSelectorEventLoopPolicy())
    with app.replace_connector(app.connector.get_worker_connector()) as worker:  # type: ignore[attr-defined]
        worker.run_worker(concurrency=JOBS_AT_ONCE, shutdown_graceful_timeout=GRACE_SECONDS)


def run_relay() -> None:
    """Send what must leave for the warehouses until the parent lets go."""
    django.setup()
    stop = threading.Event()
    _when_parent_lets_go(stop.set)
    # models can be imported only now that Django is set up
    importlib.import_module("qingdan.fulfilment.relay").from_settings(stop.is_set).run()


def run_sender() -> None:
    """Send alerts to robots and mail until the parent lets go."""
    django.setup()
    stop = threading.Event()
    _when_parent_lets_go(stop.set)
    importlib.import_module("qingdan.alerts.sender").from_settings(stop.is_set).run()


def run_sandbox(port: int, ledger: str, owner: str, ship_after: float) -> None:
    """Simulate the demo's warehouse until the parent lets go."""
    _when_parent_lets_go(_interrupt)
    faults, kept = Faults(), Ledger(Path(ledger))
    warehouse = Warehouse(Qimen(kept, faults, Keys(), ship_after), kept, faults, owner, None)
    asyncio.run(serve(warehouse, "127.0.0.1", port, lambda: None))
    kept.close()


def _interrupt() -> None:
    if sys.platform == "win32":
        signal.raise_signal(signal.SIGINT)
    else:
        os.kill(os.getpid(), signal.SIGTERM)


def main(arguments: list[str]) -> None:
    """Run the child that ``arguments`` name."""
    match arguments:
        case ["web", host, port, workers]:
            run_web(host, int(port), int(workers))
        case ["worker"]:
            run_worker()
        case ["relay"]:
            run_relay()
        case ["sender"]:
            run_sender()
        case ["sandbox", port, ledger, owner, ship_after]:
            run_sandbox(int(port), ledger, owner, float(ship_after))
        case _:
            raise SystemExit("usage: python -m qingdan.web.child web HOST PORT WORKERS | worker | relay | sender")


if __name__ == "__main__":
    main(sys.argv[1:])

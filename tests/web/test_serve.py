"""The server as a user starts it: real processes, stopped and killed."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil
import pytest

import databases

pytestmark = [pytest.mark.process, pytest.mark.timeout(180)]

ADDRESS = re.compile(r"Qingdan is at (http://\S+)")


@dataclass
class Running:
    process: subprocess.Popen[str]
    address: str
    said: str

    def children(self) -> list[psutil.Process]:
        return [child for child in psutil.Process(self.process.pid).children(recursive=True) if alive(child)]

    def get(self, path: str) -> int:
        with urllib.request.urlopen(self.address + path, timeout=10) as answer:  # noqa: S310
            return int(answer.status)


def alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


@contextmanager
def serving(database: str, *arguments: str) -> Iterator[Running]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("QINGDAN_", "DJANGO_"))}
    environment |= {"DATABASE_URL": database, "QINGDAN_SECRET_KEY": "for-tests-only", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "qingdan", "serve", "--workers", "1", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    ) as process:
        said = ""
        try:
            assert process.stdout is not None
            for line in process.stdout:
                said += line
                if found := ADDRESS.search(line):
                    yield Running(process, found[1], said)
                    break
            else:
                pytest.fail(f"The server did not start:\n{said}")
        finally:
            process.kill()


def wait_for(what: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture(scope="module")
def database(database_server: str) -> str:
    """A database of its own beside the tests' ones, since the server's processes commit."""
    return databases.copy(database_server, f"serve{os.getpid()}", "site")


def test_it_serves_says_where_and_stops_in_time_leaving_nobody_behind(database: str) -> None:
    with serving(database, "--port", "0") as server:
        assert server.get("/healthz") == 200
        assert server.get("/api/session") == 200
        children = server.children()
        assert len(children) >= 2

        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(10) == 0

        assert time.monotonic() - began < 10
        assert not [child for child in children if alive(child)]


def test_a_busy_port_gives_way_and_a_host_that_others_reach_is_warned_about(database: str) -> None:
    with socket.create_server(("0.0.0.0", 0)) as taken:  # noqa: S104
        port = taken.getsockname()[1]
        with serving(database, "--port", str(port), "--host", "0.0.0.0") as server:  # noqa: S104
            assert f"Port {port} is in use" in server.said
            assert "WARNING: 0.0.0.0 lets other computers reach this server" in server.said
            assert server.get("/healthz") == 200
            assert not server.address.endswith(f":{port}")


def test_a_killed_server_takes_its_children_along_and_a_killed_child_comes_back(database: str) -> None:
    with serving(database, "--port", "0") as server:
        web = next(
            child for child in server.children() if "qingdan.web.child" in child.cmdline() and "web" in child.cmdline()
        )
        workers = web.children()
        web.kill()
        wait_for(lambda: not [worker for worker in workers if alive(worker)])
        wait_for(lambda: answers(server))

        children = server.children()
        server.process.kill()
        wait_for(lambda: not [child for child in children if alive(child)])


def answers(server: Running) -> bool:
    try:
        return server.get("/healthz") == 200
    except OSError:
        return False

"""The embedded PostgreSQL: shared, private, and back after any kill."""

import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from qingdan.web import database
from qingdan.web.database import Layout, Server

pytestmark = pytest.mark.process

_USER = """
import sys, time
from pathlib import Path
from qingdan.web.database import Server
server = Server(Path(sys.argv[1]))
print(server.start(), flush=True)
sys.stdin.read()
server.release()
"""


def until(true: Callable[[], bool], *, seconds: float = 30) -> None:
    """Wait for what must come to be; how long it takes is not the point."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.02)


def process(layout: Layout) -> psutil.Process:
    found = layout.postmaster()
    assert found is not None
    return psutil.Process(found[0])


def answers(url: str) -> bool:
    try:
        with psycopg.connect(url) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


@pytest.fixture(scope="module")
def root() -> Iterator[Path]:
    """One cluster for all these tests: making one takes longer than starting it."""
    with tempfile.TemporaryDirectory(prefix="qingdan-test-") as folder:
        yield Path(folder) / "postgres"


@pytest.fixture
def server(root: Path) -> Iterator[Server]:
    server = Server(root)
    yield server
    server.release()
    until(lambda: server.layout.postmaster() is None)


def another_user(root: Path) -> subprocess.Popen[str]:
    user = subprocess.Popen(
        [sys.executable, "-c", _USER, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert user.stdout is not None
    assert user.stdout.readline().startswith("postgresql://")
    return user


def close(user: subprocess.Popen[str]) -> None:
    user.communicate("")


def test_it_serves_several_processes_and_stops_with_the_last(server: Server, root: Path) -> None:
    url = server.start()
    first = process(server.layout)
    user = another_user(root)
    server.release()
    assert answers(url)
    assert process(server.layout).pid == first.pid
    close(user)
    until(lambda: not first.is_running())
    assert not answers(url)


def test_it_stops_when_its_last_user_is_killed(server: Server, root: Path) -> None:
    user = another_user(root)
    running = process(server.layout)
    user.kill()
    close(user)
    until(lambda: not running.is_running())


def test_committed_rows_survive_a_kill_of_the_server(server: Server) -> None:
    url = server.start()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
    killed = process(server.layout)
    killed.kill()
    until(lambda: (found := server.layout.postmaster()) is not None and found[0] != killed.pid and answers(url))
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (1,)


def test_a_killed_keeper_is_replaced_and_the_server_stays(server: Server, root: Path) -> None:
    server.start()
    running = process(server.layout)
    keeper = running.parent()
    assert keeper is not None
    keeper.kill()
    user = another_user(root)
    assert process(server.layout).pid == running.pid
    close(user)
    server.release()
    until(lambda: not running.is_running())


def test_a_stale_pid_file_is_no_obstacle(server: Server, root: Path) -> None:
    user = another_user(root)
    running, keeper = process(server.layout), process(server.layout).parent()
    assert keeper is not None
    for victim in (user, keeper, running):
        victim.send_signal(signal.SIGKILL)
    close(user)
    running.wait()
    keeper.wait()
    pid_file = server.layout.data / "postmaster.pid"
    # the number is that of another process now
    pid_file.write_text(pid_file.read_text().replace(str(running.pid), str(os.getpid()), 1))
    assert answers(server.start())


def test_it_is_not_on_the_network_and_asks_for_the_password(server: Server) -> None:
    url = server.start()
    running = process(server.layout)
    assert not [c for c in running.net_connections() if c.family in {socket.AF_INET, socket.AF_INET6}]
    secret = (server.root / "qingdan.password").read_text()
    for name in ("qingdan", "postgres"):
        assert stat.S_IMODE((server.root / f"{name}.password").stat().st_mode) == 0o600
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(url.replace(secret, "wrong").replace("//qingdan:", f"//{name}:"), passfile=os.devnull)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (False,)
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)
        assert connection.execute("SHOW fsync").fetchone() == ("on",)


def test_an_address_of_ones_own_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QINGDAN_HOME", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "postgresql://me@db.example/orders")
    assert database.ensure() == "postgresql://me@db.example/orders"
    assert not list(tmp_path.iterdir())

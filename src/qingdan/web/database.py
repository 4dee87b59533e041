"""The embedded PostgreSQL: started by the first process that needs it, stopped when the last one ends.

Every process that uses the server holds a shared lock on ``users.lock``. The server's parent is a *keeper*, a small
process of ours that restarts it after a crash and waits for an exclusive lock on the same file: it gets that lock
when the last user is gone, even by ``kill -9``, and then stops the server. A keeper that is itself killed leaves the
server running; the next user starts a new keeper, which adopts it.

The server listens on a Unix socket in a private directory (on Windows: on loopback) and asks for a password in any
case. ``DATABASE_URL`` switches all of this off.
"""

import atexit
import json
import os
import secrets
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote

import psycopg

from qingdan.core.message import Message, Words
from qingdan.web import env
from qingdan.web.filelock import FileLock

ROLE: Final = "qingdan"
_POLL_SECONDS: Final = 0.05

_FAILED: Final = Words(
    zh="内置数据库没有启动成功，日志在 {log}，最后几行是：\n{tail}",
    en="The embedded database did not start. Its log is {log}; the last lines are:\n{tail}",
)
_FAILED_ADVICE: Final = Words(
    zh="按日志处理后重试；也可以用 DATABASE_URL 指定一个已有的 PostgreSQL（15 及以上）。",
    en="Fix what the log says and try again, or set DATABASE_URL to a PostgreSQL server (15 or later) of your own.",
)


class ServerError(Exception):
    """The embedded server could not be started."""

    def __init__(self, log: Path) -> None:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
        self.message = Message(
            "database.not_started", _FAILED, _FAILED_ADVICE, {"log": log, "tail": "\n".join(lines[-8:])}
        )
        super().__init__(f"{self.message.text('en')}\n{self.message.advice_text('en')}")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the files of one embedded server lie; ``root`` is ``HOME/postgres``."""

    root: Path

    @property
    def data(self) -> Path:
        """The cluster itself."""
        return self.root / "data"

    @property
    def log(self) -> Path:
        """What the server and its keeper say."""
        return self.root / "server.log"

    @property
    def users_lock(self) -> Path:
        """Held shared by every process that uses the server."""
        return self.root / "users.lock"

    @property
    def keeper_lock(self) -> Path:
        """Held by the one keeper."""
        return self.root / "keeper.lock"

    def password(self, role: str) -> str:
        """Password of a database role, made at random the first time it is asked for; the file is 0600."""
        path = self.root / f"{role}.password"
        try:
            return path.read_text(encoding="ascii")
        except FileNotFoundError:
            fresh = self.root / f"{role}.password.{os.getpid()}"
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(32))
            fresh.replace(path)
            return path.read_text(encoding="ascii")

    def postmaster(self) -> tuple[int, int, str] | None:
        """Process id, port and socket directory (or address) that a running server wrote down, if any did."""
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            return int(lines[0]), int(lines[3]), lines[4] or lines[5]
        except (OSError, ValueError, IndexError):
            return None

    def url(self, role: str = ROLE, database: str = ROLE) -> str | None:
        """Address of the running server, password included; None before it has written down where it listens."""
        if (found := self.postmaster()) is None:
            return None
        _, port, host = found
        account = f"{role}:{quote(self.password(role), safe='')}"
        if host.startswith("/"):
            return f"postgresql://{account}@/{database}?host={quote(host)}&port={port}"
        return f"postgresql://{account}@{host}:{port}/{database}"


@dataclass(slots=True)
class Server:
    """One process's hold on an embedded server under ``root``.

    For tests and benchmarks: without ``durable`` nothing is flushed to the disk, and the keeper of a ``throwaway``
    server, which is never durable, deletes ``root`` after the last user.
    """

    root: Path
    throwaway: bool = False
    durable: bool = True
    _hold: FileLock = field(init=False)
    _keeper: subprocess.Popen[bytes] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._hold = FileLock(self.layout.users_lock)

    @property
    def layout(self) -> Layout:
        """Where the files lie."""
        return Layout(self.root)

    def start(self) -> str:
        """Join the users of the server, starting it if need be, and return its address.

        Waits as long as the server is recovering from a crash, however long that takes. Raises ``ServerError`` when
        it can not be started.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        while not self._hold.held and not self._hold.try_acquire(shared=True):
            time.sleep(_POLL_SECONDS)  # the keeper is stopping the server after its last user
        while True:
            if self._keeper_gone():
                self._spawn_keeper()
            url = self.layout.url()
            if url is not None and _answers(url):
                return url
            time.sleep(_POLL_SECONDS)

    def release(self) -> None:
        """Leave; the server stops if this was its last user."""
        if self._hold.held and self._keeper is not None and self._keeper.poll() is not None:
            self._spawn_keeper()  # our keeper is gone, killed most likely: another tidies up after us
        self._hold.release()
        if self._keeper is not None and self._keeper.poll() is None:
            self._keeper.returncode = 0  # it outlives us on purpose; Popen would warn of a forgotten child

    def _keeper_gone(self) -> bool:
        if self._keeper is not None:
            if (code := self._keeper.poll()) is None:
                return False
            self._keeper = None
            if code > 0:  # it gave up; one that was killed is replaced
                raise ServerError(self.layout.log)
        lock = FileLock(self.layout.keeper_lock)
        free = lock.try_acquire(shared=False)
        lock.release()
        return free

    def _spawn_keeper(self) -> None:
        options = {"throwaway": self.throwaway, "durable": self.durable and not self.throwaway}
        with self.layout.log.open("ab") as log:
            self._keeper = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", "qingdan.web.keeper", str(self.root), json.dumps(options)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a Ctrl-C in the terminal is for us, not for the server
            )


def ensure() -> str:
    """Return the database's address and set ``DATABASE_URL`` to it; call this before Django is set up.

    An address that the environment gives wins. Otherwise the embedded server under ``HOME/postgres`` is joined until
    this process ends. Raises ``ServerError``.
    """
    if url := os.environ.get("DATABASE_URL"):
        return url
    server = Server(env.home() / "postgres")
    url = server.start()
    atexit.register(server.release)
    os.environ["DATABASE_URL"] = url
    return url


def _answers(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=5):
            return True
    except psycopg.OperationalError:
        return False

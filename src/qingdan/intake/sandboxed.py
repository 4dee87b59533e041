"""Reading in a child process: started with a work order, watched, and stopped when it takes too much or for too long.

Knows no Django, so that the parent may be any process.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import psutil  # type: ignore[import-untyped]

_KEPT: Final = ("PATH", "PYTHONPATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG", "LC_ALL", "LD_LIBRARY_PATH")
"""All of our environment that the child gets: no database, no key."""
_LOOK_SECONDS: Final = 0.05
_TICK_SECONDS: Final = 0.25

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may take: resident memory and address space in bytes, and time.

    ``seconds`` is for the first byte to the last order, ``seconds_a_mb`` is added for every MiB of the files.
    """

    memory: int = 2 << 30
    address_space: int = 8 << 30
    seconds: float = 300.0
    seconds_a_mb: float = 3.0


DEFAULT: Final = Limits()


@dataclass(frozen=True, slots=True)
class Order:
    """A work order: what to do, and everything that it needs, as JSON."""

    task: str
    folder: Path
    parts: Mapping[str, Any] = field(default_factory=dict)

    def line(self, limits: Limits) -> bytes:
        """One line of JSON for the child's stdin."""
        own = {"task": self.task, "folder": str(self.folder), "parent": os.getpid()}
        return json.dumps({**self.parts, **own, "address_space": limits.address_space}).encode() + b"\n"


class StoppedError(Exception):
    """The child ended before its work did: ``why`` is ``memory``, ``time`` or ``crash``; ``file`` is what it read."""

    def __init__(self, why: str, file: str) -> None:
        super().__init__(why)
        self.why = why
        self.file = file


class BrokenError(Exception):
    """The child met a mistake of ours; the text tells where, and nothing of what the file held."""


class Child:
    """A running child. As a context it is killed at the end, whatever it does."""

    def __init__(self, order: Order, *, size: int, limits: Limits = DEFAULT) -> None:
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        self._limits = limits
        self._until = time.monotonic() + limits.seconds + limits.seconds_a_mb * (size >> 20)
        self._file = ""
        self._why: str | None = None
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "qingdan.intake.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=order.folder,
            env={**environment, "PYTHONUTF8": "1"},
        )
        self.peak = 0
        """Most resident memory that was seen, in bytes."""
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._listen, self._watch)]
        with suppress(BrokenPipeError):
            self._input.write(order.line(limits))
            self._input.flush()
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        """Process id of the child."""
        return self._process.pid

    @property
    def _input(self) -> Any:
        return self._process.stdin

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """End the child at once."""
        self._ended.set()
        self._process.kill()
        self._process.wait()
        for thread in self._threads:
            thread.join()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()

    def events(self, tick: Callable[[], None]) -> Iterator[Event]:
        """What the child tells, until it is done; ``tick`` is called several times a second, and may raise.

        Raises ``StoppedError`` when it ended otherwise, ``BrokenError`` for a mistake of ours.
        """
        while True:
            try:
                event = self._events.get(timeout=_TICK_SECONDS)
            except queue.Empty:
                tick()
                continue
            if event is None or event["event"] == "memory":
                raise StoppedError("memory" if event else self._why_ended(), self._file)
            if event["event"] == "done":
                return
            if event["event"] == "broken":
                raise BrokenError(f"{event['kind']} at {' < '.join(reversed(event['where']))}")
            if event["event"] == "progress":
                self._file = event["file"]
            yield event
            tick()

    def _why_ended(self) -> str:
        """Why it ended before its work did; an allocator that is refused memory aborts the process."""
        code = self._process.wait()
        return self._why or ("memory" if code == -signal.SIGABRT else "crash")

    def _listen(self) -> None:
        stream = self._process.stdout
        if stream is not None:
            for line in stream:
                with suppress(json.JSONDecodeError):
                    self._events.put(json.loads(line))
        self._ended.set()
        self._events.put(None)

    def _watch(self) -> None:
        try:
            seen = psutil.Process(self._process.pid)
            while not self._ended.wait(_LOOK_SECONDS):
                used = seen.memory_info().rss
                self.peak = max(self.peak, used)
                if used > self._limits.memory:
                    self._stop("memory")
                elif time.monotonic() > self._until:
                    self._stop("time")
        except psutil.NoSuchProcess:
            pass

    def _stop(self, why: str) -> None:
        self._why = why
        self._process.kill()
        self._ended.set()


def files_of(paths: Sequence[tuple[Path, str]]) -> list[dict[str, str]]:
    """Files of a work order, from their paths and digests."""
    return [{"path": str(path), "sha256": digest} for path, digest in paths]

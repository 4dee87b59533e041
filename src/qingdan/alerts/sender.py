"""The sender: routes alerts, escalates them, and sends what is due as digests. Any number of senders may run.

One thread talks to the database; calls run on threads of their own, one at a time for each outlet. What is due soon
or overdue is looked for now and then by one sender of all (``sources``).
"""

import logging
import queue
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection

from qingdan.alerts import claims, dispatching, sources
from qingdan.alerts.claims import Batch
from qingdan.alerts.composing import compose
from qingdan.alerts.outlets import limits, send
from qingdan.alerts.robots import Answer, Notice
from qingdan.fulfilment.transport import Limits, Line

_log: Final = logging.getLogger(__name__)

_IDLE_SECONDS: Final = 0.5
_AWAY_SECONDS: Final = 1.0
_SWEEP_SECONDS: Final = 15.0
_THREADS: Final = 4

Result = tuple[Batch, Answer | None, str]


@dataclass(slots=True)
class Sender:
    """Sends until ``stopping`` says so. ``lease`` and ``gather`` in seconds, see ``claims.claim``."""

    stopping: Callable[[], bool]
    lease: float = 30.0
    gather: float = 15.0
    limits: Limits = field(default_factory=Limits)
    clock: Callable[[], datetime] = claims.database_now
    under_way: dict[int, Batch] = field(default_factory=dict)
    _results: "queue.SimpleQueue[Result]" = field(default_factory=queue.SimpleQueue)
    _unwritten: list[Result] = field(default_factory=list)
    _swept: float | None = None
    _line: Line = field(init=False)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(_THREADS, "alerts"))

    def __post_init__(self) -> None:
        self._line = Line(self.limits)

    def run(self) -> None:
        """Work until asked to stop, then let the calls under way end and write what they brought."""
        while not self.stopping():
            try:
                if not self.turn():
                    self._wait(_IDLE_SECONDS)
            except (OperationalError, InterfaceError) as error:
                _log.warning("The database can not be reached: %s", error)
                connection.close()
                time.sleep(_AWAY_SECONDS)
        self._pool.shutdown(wait=True)
        self._collect()
        self._write()
        self._line.close()

    def turn(self) -> bool:
        """Write results, route and escalate, claim what may leave; returns whether anything was done."""
        self._collect()
        busy = bool(self._unwritten)
        self._write()
        if self._swept is None or time.monotonic() - self._swept >= _SWEEP_SECONDS:
            self._swept = time.monotonic()
            self._sweep()
        now = self.clock()
        claims.tidy(now)
        busy |= dispatching.route_new(now) > 0
        busy |= dispatching.escalate(now) > 0
        for outlet in claims.waiting_outlets(now, list(self.under_way)):
            batch = claims.claim(outlet, now, lease=self.lease, gather=self.gather)
            if batch is not None:
                self._begin(batch, now)
                busy = True
        return busy

    def _sweep(self) -> None:
        """Look for what must be told; a source that fails does not keep the sender from telling what is known."""
        try:
            sources.sweep(self.clock())
        except (OperationalError, InterfaceError):
            raise
        except DatabaseError:
            _log.exception("Looking for what must be told failed.")

    def _begin(self, batch: Batch, now: datetime) -> None:
        notice, addresses = compose(batch)
        self.under_way[batch.outlet.pk] = batch
        until = time.monotonic() + self.lease - self.limits.total
        future = self._pool.submit(self._call, batch, notice, addresses, now.timestamp(), until)
        future.add_done_callback(lambda done: self._landed(batch, done))

    def _call(
        self, batch: Batch, notice: Notice, addresses: tuple[str, ...], now: float, until: float
    ) -> tuple[Answer | None, str]:
        if time.monotonic() > until:
            return None, "the sender was held up"
        return send(batch.outlet, notice, addresses, self._line, now)

    def _landed(self, batch: Batch, future: "Future[tuple[Answer | None, str]]") -> None:
        if (error := future.exception()) is not None:
            _log.error("A message to outlet %s failed in our own code.", batch.outlet.pk, exc_info=error)
            self._results.put((batch, Answer("unclear", "internal"), type(error).__name__))
        else:
            self._results.put((batch, *future.result()))

    def _wait(self, seconds: float) -> None:
        try:
            self._unwritten.append(self._results.get(timeout=seconds))
        except queue.Empty:
            return

    def _collect(self) -> None:
        while True:
            try:
                self._unwritten.append(self._results.get_nowait())
            except queue.Empty:
                return

    def _write(self) -> None:
        while self._unwritten:
            batch, answer, trouble = self._unwritten[0]
            claims.finish(batch, answer, self.clock(), trouble=trouble)
            self.under_way.pop(batch.outlet.pk, None)
            self._unwritten.pop(0)


def from_settings(stopping: Callable[[], bool]) -> Sender:
    """Make a sender with the times of the settings."""
    answer = limits()
    lease = min(max(settings.ALERT_LEASE_MS / 1000, answer.total * 2), claims.LONGEST_LEASE)
    return Sender(stopping, lease=lease, gather=settings.ALERT_GATHER_MS / 1000, limits=answer)

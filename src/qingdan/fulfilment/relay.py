"""The relay: takes what is due from the outbox, sends it, and writes what became of it.

One thread talks to the database, in sets; each destination has its own threads that only call. Any number of relays
may run: they share the work by leases that the database's clock measures, and a relay that was paused past its
lease finds the fence moved on. Nothing is ever sent inside a transaction.
"""

import logging
import queue
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from qingdan.fulfilment import claims, health, router
from qingdan.fulfilment.adapters import ADAPTERS, access
from qingdan.fulfilment.lane import Lane, Result
from qingdan.fulfilment.models import Destination
from qingdan.fulfilment.polling import Polling
from qingdan.fulfilment.transport import Limits
from qingdan.fulfilment.work import Done
from qingdan.web.sealing import SealBrokenError

_log: Final = logging.getLogger(__name__)

_IDLE_SECONDS: Final = 0.2
_LOOK_AFTER_SECONDS: Final = 1.0
_AWAY_SECONDS: Final = 1.0
_RESULTS_AT_ONCE: Final = 200
_MOST_PATIENCE: Final = 10.0
"""Seconds, at most, that a transaction of a relay's may lie idle before the server gives its locks to others."""


@dataclass(slots=True)
class Relay:
    """Serves every active destination, or those of ``only``, until ``stopping`` says so."""

    stopping: Callable[[], bool]
    lease: float = 60.0
    limits: Limits = field(default_factory=Limits)
    lanes: dict[int, Lane] = field(default_factory=dict)
    results: "queue.SimpleQueue[Result]" = field(default_factory=queue.SimpleQueue)
    polling: Polling = field(default_factory=Polling)
    _unwritten: list[Result] = field(default_factory=list)
    _looked_after: float = 0.0
    _spread: random.Random = field(default_factory=random.Random)

    def run(self) -> None:
        """Work until asked to stop, then let the calls under way end and write what they brought."""
        connection_created.connect(self._connected, weak=False)
        try:
            self._work()
        finally:
            connection_created.disconnect(self._connected)

    def _connected(self, connection: BaseDatabaseWrapper, **_: object) -> None:
        """Let the server take a new connection's locks away from a relay that is paused within a transaction."""
        with connection.cursor() as cursor:
            patience = f"{int(1000 * min(self.lease, _MOST_PATIENCE))}ms"
            cursor.execute("SELECT set_config('idle_in_transaction_session_timeout', %s, false)", [patience])

    def _work(self) -> None:
        while not self.stopping():
            try:
                if not self.turn():
                    self._wait(_IDLE_SECONDS)
            except (OperationalError, InterfaceError) as error:
                _log.warning("The database can not be reached: %s", error)
                connection.close()
                time.sleep(_AWAY_SECONDS)
        for lane in self.lanes.values():
            lane.close()
        self._collect()
        self._write()

    def turn(self) -> bool:
        """Write results, look after the destinations now and then, claim what there is room for.

        Returns whether anything was done; what could not be written is kept and written in the next turn.
        """
        busy = self._collect()
        self._write()
        now = time.monotonic()
        if now - self._looked_after >= _LOOK_AFTER_SECONDS:
            self._looked_after = now
            self._load()
            health.publish(self.lanes.values())
            router.route_new()
        for lane in self.lanes.values():
            busy |= self._claim(lane)
        return self.polling.turn(self.lanes) or busy

    def _claim(self, lane: Lane) -> bool:
        room = lane.room()
        if not room:
            return False
        doubts = claims.claim_doubts(lane.access.destination, max(1, room // 2), self.lease)
        works = doubts
        if room > len(doubts):
            works = [*doubts, *claims.claim(lane.access.destination, room - len(doubts), self.lease)]
        if works:
            lane.begin(works)
        return bool(works)

    def _wait(self, seconds: float) -> None:
        """Wait for a result, at most ``seconds``."""
        try:
            self._unwritten.append(self.results.get(timeout=seconds))
        except queue.Empty:
            return
        lane = self._unwritten[-1].lane
        lane.note(self._unwritten[-1], self._spread)

    def _collect(self) -> bool:
        before = len(self._unwritten)
        while len(self._unwritten) < _RESULTS_AT_ONCE:
            try:
                result = self.results.get_nowait()
            except queue.Empty:
                break
            result.lane.note(result, self._spread)
            self._unwritten.append(result)
        return len(self._unwritten) > before

    def _write(self) -> None:
        by_lane: dict[int, tuple[str, list[Done]]] = {}
        for result in self._unwritten:
            name = result.lane.access.name
            by_lane.setdefault(result.lane.access.destination, (name, []))[1].extend(result.done)
        for name, done in by_lane.values():
            try:
                claims.finish(done, name)
            except (OperationalError, InterfaceError):
                raise
            except DatabaseError:
                # one order that can not be written must not keep the others: each for itself, its lease tells on it
                _log.exception("Results could not be written together; writing them one by one.")
                self._write_each(done, name)
        self._unwritten.clear()

    def _write_each(self, done: list[Done], name: str) -> None:
        for one in done:
            try:
                claims.finish([one], name)
            except (OperationalError, InterfaceError):
                raise
            except DatabaseError:
                _log.exception("The result for order %s could not be written.", one.work.order_id)

    def _load(self) -> None:
        """Follow the destinations: new ones, changed ones, those switched off."""
        found = {d.pk: d for d in Destination.objects.filter(active=True) if d.adapter in ADAPTERS}
        for key, lane in self.lanes.items():
            lane.retiring = lane.retiring or key not in found
        for key, destination in found.items():
            try:
                reach = access(destination)
            except SealBrokenError:
                _log.exception("The secret of destination %s can not be opened with this installation's key.", key)
                continue
            known = self.lanes.get(key)
            if known is None:
                adapter, size = ADAPTERS[destination.adapter], destination.concurrency
                self.lanes[key] = Lane(reach, adapter, size, self.lease, self.results, self.limits)
                health.recall(self.lanes[key])
            elif (known.access, known.concurrency) != (reach, destination.concurrency):
                known.retiring = True  # it is made anew once its calls under way have ended
        for key in [key for key, lane in self.lanes.items() if lane.retiring and not lane.in_flight]:
            self.lanes.pop(key).close()


def from_settings(stopping: Callable[[], bool]) -> Relay:
    """Make a relay with the time limits of the settings."""
    read = settings.RELAY_ANSWER_MS / 1000
    limits = Limits(connect=min(3.0, read), read=read, total=read * 1.5)
    return Relay(stopping, lease=max(settings.RELAY_LEASE_MS / 1000, limits.total * 2), limits=limits)

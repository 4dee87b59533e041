"""Asking warehouses that tell nothing by themselves what they have shipped.

Each such destination is asked every ``poll_seconds`` by one relay at a time. A page is fetched by one of the lane's
workers, taken in by the relay's own thread, and only then acknowledged, together with the fetch of the next page. Who
is killed in between is told the same again, and what was taken in before changes nothing.
"""

import logging
import time
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from queue import Empty, SimpleQueue
from typing import Final

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from qingdan.fulfilment import hearing
from qingdan.fulfilment.lane import Lane
from qingdan.fulfilment.models import Destination
from qingdan.fulfilment.transport import NoAnswerError, NotSentError
from qingdan.fulfilment.wms import Call, Polled, Poller, Said, Window

_log: Final = logging.getLogger(__name__)

POLL_SECONDS: Final = 60.0
_SHORTEST: Final = 0.2
_OVERLAP: Final = timedelta(minutes=5)
"""Each window begins before the last one's end: a warehouse's clock, and rows that it wrote late."""
_LONGEST_WINDOW: Final = timedelta(days=6)
_FURTHEST_BACK: Final = timedelta(days=30)
_MOST_PAGES: Final = 200
"""Pages of one poll; a warehouse that never ends is asked again in the next."""

_TURN: Final = """
INSERT INTO fulfilment_health AS h (destination_id, polled_at) VALUES (%s, statement_timestamp())
ON CONFLICT (destination_id) DO UPDATE SET polled_at = excluded.polled_at
 WHERE h.polled_at IS NULL OR h.polled_at <= statement_timestamp() - make_interval(secs => %s)
RETURNING statement_timestamp()
"""
_OLDEST: Final = """
SELECT min(p.ended_at) FROM fulfilment_push AS p JOIN orders_order AS o ON o.id = p.order_id
 WHERE p.destination_id = %s AND p.state = 'done' AND p.operation = 'create' AND p.ended_at > %s
   AND o.stage NOT IN ('shipped', 'archived')
"""


@dataclass(frozen=True, slots=True)
class Page:
    """What came of one fetch; ``trouble`` says why nothing did."""

    watch: "Watch"
    window: Window
    answer: Polled
    trouble: str = ""


@dataclass(slots=True)
class Watch:
    """One polled destination; workers write to ``pages``, everything else belongs to the relay's own thread."""

    lane: Lane
    poller: Poller
    pages: SimpleQueue[Page]
    every: float
    due_at: float = 0.0
    busy: bool = False
    reached: datetime | None = None
    _read: int = 0
    _last: frozenset[str] = frozenset()

    def begin(self, now: datetime) -> None:
        """Ask for the first page."""
        if self.reached is None:
            self.reached = _begin(self.lane.access.destination, now)
        since = self.reached - _OVERLAP
        self.busy, self._read, self._last = True, 0, frozenset()
        self._submit(Window(since, min(since + _LONGEST_WINDOW, now)), None, more=True)

    def _submit(self, window: Window, acknowledgement: Call | None, *, more: bool) -> None:
        work = self.lane.pool.submit(self._fetch, window, acknowledgement, more=more)
        work.add_done_callback(partial(self._landed, window))

    def _landed(self, window: Window, future: Future[Page]) -> None:
        """Hand the page over; a fault of our own in reading an answer does not silence the destination for good."""
        if future.cancelled():
            return
        if (error := future.exception()) is None:
            self.pages.put(future.result())
            return
        _log.error("A poll of destination %s failed.", self.lane.access.destination, exc_info=error)
        self.pages.put(Page(self, window, Polled(), f"internal: {type(error).__name__}"))

    def _fetch(self, window: Window, acknowledgement: Call | None, *, more: bool) -> Page:
        """Acknowledge what was taken in, and fetch the next page if there is one; a worker's work."""
        access, line, poller = self.lane.access, self.lane.line, self.poller
        answer = Polled()
        try:
            if acknowledgement is not None:
                answer = Polled(problem=poller.polled(line.send(acknowledgement), access).problem)
            if more and answer.problem is None:
                reply = line.send(poller.poll(access, window, datetime.now(UTC)))
                answer = poller.polled(reply, access)
        except (NotSentError, NoAnswerError) as error:
            return Page(self, window, Polled(), f"no answer: {error}")
        return Page(self, window, answer, _trouble(answer.problem))

    def take(self, page: Page, destination: Destination) -> None:
        """Take a page in, then acknowledge it and go on, or be done until the next turn."""
        ours = hearing.take_polled(destination, page.answer.told)
        self._read += 1
        lane, now = self.lane, datetime.now(UTC)
        acknowledgement = self.poller.acknowledge(ours, lane.access, now) if ours else None
        # a list that stays the same although it was acknowledged is looked at again in the next turn, not at once
        seen, self._last = self._last, frozenset(ours)
        more = page.answer.more and self._read < _MOST_PAGES and self._last != seen
        if page.trouble or lane.retiring or not (more or acknowledgement):
            self.rest(page)
            return
        following = page.window.page + 1 if self.poller.paged else 0
        window = Window(page.window.since, page.window.until, following)
        self._submit(window, acknowledgement, more=more)

    def rest(self, page: Page, trouble: str = "") -> None:
        """Be done until the next turn; after trouble the same time is asked for again."""
        now = time.monotonic()
        self.busy, self.due_at = False, now + self.every
        if trouble := trouble or page.trouble:
            self.lane.failed_at, self.lane.failure = now, trouble
            return
        self.lane.ok_at = now
        self.reached = page.window.until


@dataclass(slots=True)
class Polling:
    """All polled destinations of one relay."""

    watches: dict[int, Watch] = field(default_factory=dict)
    _pages: SimpleQueue[Page] = field(default_factory=SimpleQueue)
    _open: deque[Page] = field(default_factory=deque)

    def turn(self, lanes: dict[int, Lane]) -> bool:
        """Take in what came, and ask those whose turn it is; return whether anything was done.

        A page that the database refuses to take because it is away stays, and is taken in by a later turn.
        """
        busy = self._take()
        for key, lane in lanes.items():
            watch = self.watches.get(key)
            if watch is None or watch.lane is not lane:
                if (watch := self._watch(lane)) is None:
                    continue
                self.watches[key] = watch
            if not watch.busy and not lane.retiring and time.monotonic() >= watch.due_at:
                busy |= self._ask(watch)
        for key in [key for key, watch in self.watches.items() if watch.lane.retiring and not watch.busy]:
            del self.watches[key]
        return busy

    def _watch(self, lane: Lane) -> Watch | None:
        if not isinstance(lane.adapter, Poller) or lane.retiring:
            return None
        return Watch(lane, lane.adapter, self._pages, _every(lane))

    def _ask(self, watch: Watch) -> bool:
        lane, now = watch.lane, time.monotonic()
        if lane.breaker.open_until is not None and now < lane.breaker.open_until:
            return False
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute(_TURN, [lane.access.destination, watch.every * 0.9])
            mine = cursor.fetchone()
        watch.due_at = now + watch.every
        if mine is not None:
            watch.begin(mine[0].astimezone(UTC))
        return mine is not None

    def _take(self) -> bool:
        while True:
            try:
                self._open.append(self._pages.get_nowait())
            except Empty:
                break
        before = len(self._open)
        while self._open:
            page = self._open[0]
            found = Destination.objects.filter(pk=page.watch.lane.access.destination).first()
            try:
                if found is not None:
                    page.watch.take(page, found)
            except (OperationalError, InterfaceError):
                raise
            except DatabaseError:
                _log.exception("What destination %s told could not be written.", page.watch.lane.access.destination)
                page.watch.rest(page, "internal: not written")
            self._open.popleft()
        return before > 0


def _every(lane: Lane) -> float:
    try:
        return max(_SHORTEST, float(lane.access.settings.get("poll_seconds") or POLL_SECONDS))
    except (TypeError, ValueError):
        return POLL_SECONDS


def _begin(destination: int, now: datetime) -> datetime:
    """Return since when this destination may hold shipments that we do not know: the oldest push not shipped yet."""
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST, [destination, now - _FURTHEST_BACK])
        [(oldest,)] = cursor.fetchall()
    return oldest.astimezone(UTC) if oldest else now


def _trouble(problem: Said | None) -> str:
    return f"{problem.code} {problem.words}".strip() if problem else ""

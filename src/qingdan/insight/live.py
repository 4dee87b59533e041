"""What open pages are told: that something of their merchant's changed, and the board's figures as they are now.

The database tells (``qingdan_tell``, a trigger's function) in the transaction that changes something; one thread of
each web process listens. A stream carries states, not messages: whoever comes back after a gap gets the state of now,
so nothing can be missed.
"""

import asyncio
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg
from django.db import connection
from django.utils import timezone

from qingdan.insight import snapshot

CHANNEL: Final = "qingdan"
ALL: Final = "*"
"""Stands for every topic: the listener was away and does not know what it missed."""
_GAP_SECONDS: Final = 0.4
"""At least so long between two looks at one merchant's figures, however much changes."""
_AWAY_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class State:
    """The board as JSON; ``id`` tells states apart and does not depend on the moment of asking."""

    id: str
    text: str


class Stream:
    """One open stream: collects topics until it is asked for them."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._topics: set[str] = set()
        self._told = asyncio.Event()

    def tell(self, topic: str) -> None:
        """Note a topic; may be called from any thread."""
        self._loop.call_soon_threadsafe(self._note, topic)

    def _note(self, topic: str) -> None:
        self._topics.add(topic)
        self._told.set()

    async def topics(self, seconds: float) -> frozenset[str]:
        """Wait for topics; return none when so many seconds passed without any."""
        try:
            await asyncio.wait_for(self._told.wait(), seconds)
        except TimeoutError:
            return frozenset()
        found = frozenset(self._topics)
        self._topics.clear()
        self._told.clear()
        return found


@dataclass(slots=True)
class _Figures:
    """The last look at a merchant's figures, shared by the merchant's streams."""

    state: State | None = None
    looked: float = 0.0
    looking: asyncio.Lock = field(default_factory=asyncio.Lock)


class Hub:
    """The streams of this process and the thread that listens for them; it listens while there are any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._streams: dict[int, set[Stream]] = {}
        self._figures: dict[int, _Figures] = {}
        self._listening = False

    @contextmanager
    def stream(self, merchant: int) -> Iterator[Stream]:
        """Open a stream of a merchant."""
        opened = Stream(asyncio.get_running_loop())
        with self._lock:
            self._streams.setdefault(merchant, set()).add(opened)
            if not self._listening:
                self._listening = True
                threading.Thread(target=self._listen, name="live-listener", daemon=True).start()
        try:
            yield opened
        finally:
            with self._lock:
                rest = self._streams[merchant]
                rest.discard(opened)
                if not rest:
                    del self._streams[merchant]
                    self._figures.pop(merchant, None)

    async def figures(self, merchant: int) -> State:
        """Return the board of now: looked at after this call began, or at most a moment before it."""
        figures = self._figures.setdefault(merchant, _Figures())
        loop = asyncio.get_running_loop()
        asked = loop.time()
        async with figures.looking:
            if figures.state is not None and figures.looked >= asked:
                return figures.state  # another stream looked while this one waited
            await asyncio.sleep(max(0.0, figures.looked + _GAP_SECONDS - loop.time()))
            figures.looked = loop.time()
            figures.state = await asyncio.to_thread(_look, merchant)
            return figures.state

    def _listen(self) -> None:
        while self._wanted():
            try:
                with psycopg.connect(**_address(), autocommit=True) as listening:
                    listening.execute(f"LISTEN {CHANNEL}")
                    self._tell_all()
                    while self._wanted():
                        for notice in listening.notifies(timeout=_AWAY_SECONDS):
                            self._tell(notice.payload)
                        listening.execute("SELECT 1")  # a server that is gone is noticed
            except psycopg.OperationalError:
                threading.Event().wait(_AWAY_SECONDS)

    def _wanted(self) -> bool:
        with self._lock:
            self._listening = bool(self._streams)
            return self._listening

    def _tell(self, payload: str) -> None:
        merchant, _, topic = payload.partition(":")
        with self._lock:
            streams = list(self._streams.get(int(merchant), ()))
        for stream in streams:
            stream.tell(topic)

    def _tell_all(self) -> None:
        with self._lock:
            streams = [stream for group in self._streams.values() for stream in group]
        for stream in streams:
            stream.tell(ALL)


HUB: Final = Hub()


def _look(merchant: int) -> State:
    """Look at a merchant's board, in a thread whose database connection goes back afterwards."""
    try:
        board = snapshot.board(merchant, timezone.now())
    finally:
        connection.close()
    timeless = board.model_dump_json(exclude={"as_of"})
    return State(hashlib.sha256(timeless.encode()).hexdigest()[:16], board.model_dump_json())


def _address() -> dict[str, Any]:
    settings = connection.settings_dict
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    options = {name: value for name, value in settings["OPTIONS"].items() if name != "pool"}
    return options | {target: settings[name] for name, target in names.items() if settings.get(name)}

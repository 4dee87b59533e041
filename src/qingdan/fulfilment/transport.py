"""One HTTP request with limits on everything: time to connect, to answer, in all, and size. No redirects.

What matters to the caller is whether a request that failed can have arrived: ``NotSentError`` says that it can not.
"""

import http.client
import select
import ssl
import threading
import time
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from qingdan.fulfilment.wms import Call, Reply

_IDLE_SECONDS: Final = 4.0
_MOST_BYTES: Final = 4 << 20
_PIECE: Final = 1 << 16


class NotSentError(Exception):
    """The request never reached the destination."""


class NoAnswerError(Exception):
    """The request may have arrived; no whole answer came back."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds that a request may take."""

    connect: float = 3.0
    read: float = 10.0
    total: float = 15.0


@dataclass(slots=True)
class Line:
    """Connections to one destination, kept open between requests and used by any number of threads."""

    limits: Limits = field(default_factory=Limits)
    _idle: list[tuple[float, tuple[str, str, int], http.client.HTTPConnection]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, call: Call) -> Reply:
        """Send one request; raises ``NotSentError`` or ``NoAnswerError``."""
        parts = urlsplit(call.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise NotSentError(f"the address is not http or https: {parts.scheme}")
        where = (parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80))
        deadline = time.monotonic() + self.limits.total
        connection = self._take(where) or self._connect(where)
        target = parts.path or "/"
        if parts.query:
            target += f"?{parts.query}"
        try:
            reply = self._exchange(connection, call, target, deadline)
        except (OSError, http.client.HTTPException, ValueError) as error:
            connection.close()
            raise NoAnswerError(type(error).__name__) from error
        self._give_back(where, connection)
        return reply

    def close(self) -> None:
        """Close what is idle."""
        with self._lock:
            for _, _, connection in self._idle:
                connection.close()
            self._idle.clear()

    def _exchange(self, connection: http.client.HTTPConnection, call: Call, target: str, deadline: float) -> Reply:
        connection.request(call.method, target, body=call.body or None, headers=dict(call.headers))
        response = connection.getresponse()
        parts, size = [], 0
        while piece := response.read1(_PIECE):
            parts.append(piece)
            size += len(piece)
            if size > _MOST_BYTES:
                raise ValueError("the answer is too large")
            if time.monotonic() > deadline:
                raise TimeoutError("the answer takes too long")
        if response.length:
            raise http.client.IncompleteRead(b"", response.length)
        response.close()  # reading in pieces does not; the connection is free for the next request only then
        return Reply(response.status, b"".join(parts), {k.lower(): v for k, v in response.getheaders()})

    def _connect(self, where: tuple[str, str, int]) -> http.client.HTTPConnection:
        scheme, host, port = where
        if scheme == "https":
            made: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, port, timeout=self.limits.connect, context=ssl.create_default_context()
            )
        else:
            made = http.client.HTTPConnection(host, port, timeout=self.limits.connect)
        try:
            made.connect()
        except (OSError, UnicodeError) as error:
            made.close()
            raise NotSentError(type(error).__name__) from error
        made.sock.settimeout(self.limits.read)
        return made

    def _take(self, where: tuple[str, str, int]) -> http.client.HTTPConnection | None:
        """Return an idle connection that the other side has not closed: a request on a dead one is a doubt."""
        now = time.monotonic()
        with self._lock:
            while self._idle:
                since, to, connection = self._idle.pop()
                alive = connection.sock is not None and not select.select([connection.sock], [], [], 0)[0]
                if to == where and alive and now - since < _IDLE_SECONDS:
                    return connection
                connection.close()
        return None

    def _give_back(self, where: tuple[str, str, int], connection: http.client.HTTPConnection) -> None:
        if connection.sock is None:  # the other side wishes to close
            return
        with self._lock:
            self._idle.append((time.monotonic(), where, connection))

"""Logs as JSON, one line each, with the request and the order that a line is about.

The ids travel in context variables, so that a line written deep in a room carries them without anybody passing them.
"""

import json
import logging
import re
import secrets
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponseBase

HEADER: Final = "X-Request-ID"
_GIVEN: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
_about: ContextVar[dict[str, Any] | None] = ContextVar("about", default=None)


@contextmanager
def about(**ids: object) -> Iterator[None]:
    """Let every line that is logged inside carry ``ids``, such as ``order_id=7``."""
    token = _about.set({**(_about.get() or {}), **ids})
    try:
        yield
    finally:
        _about.reset(token)


def note(**ids: object) -> None:
    """Add ids to what the lines of this request carry from now on."""
    if (known := _about.get()) is not None:
        known.update(ids)


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON; a traceback is in ``error``."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_ids(record),
        }
        if record.exc_info:
            line["error"] = "".join(traceback.format_exception(*record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


class PlainLines(logging.Formatter):
    """Writes a record for people, the ids at its end."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the text."""
        text = super().format(record)
        ids = _ids(record)
        return f"{text} [{' '.join(f'{name}={value}' for name, value in ids.items())}]" if ids else text


def _ids(record: logging.LogRecord) -> dict[str, Any]:
    given = {name: getattr(record, name) for name in ("request_id", "order_id", "import_id") if hasattr(record, name)}
    return {**(_about.get() or {}), **given}


class RequestIds:
    """Gives every request an id, the caller's own if it looks like one, and says it in the answer."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        """Answer the request with its id noted."""
        given = request.headers.get(HEADER, "")
        chosen = given if _GIVEN.fullmatch(given) else secrets.token_hex(8)
        if iscoroutinefunction(self.get_response):
            return self._answer_async(request, chosen)
        with about(request_id=chosen):
            return self._named(self.get_response(request), chosen)

    def process_view(self, _request: HttpRequest, _view: object, _args: object, kwargs: dict[str, Any]) -> None:
        """Note the order or import that the address names."""
        note(**{name: kwargs[name] for name in ("order_id", "import_id") if name in kwargs})

    async def _answer_async(self, request: HttpRequest, chosen: str) -> HttpResponseBase:
        with about(request_id=chosen):
            return self._named(await self.get_response(request), chosen)

    @staticmethod
    def _named(response: HttpResponseBase, chosen: str) -> HttpResponseBase:
        response.headers[HEADER] = chosen
        return response

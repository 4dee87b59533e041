"""Files that the server hands out."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import IO, Final
from urllib.parse import quote

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

_BLOCK: Final = 1 << 16


def download(request: HttpRequest, file: IO[bytes], name: str, content_type: str) -> StreamingHttpResponse:
    """Stream ``file`` to be kept under ``name``, and close it at the end."""
    # Django reads a synchronous body into memory under ASGI, and an asynchronous one under WSGI
    body = _asynchronous(file) if isinstance(request, ASGIRequest) else _synchronous(file)
    response = StreamingHttpResponse(body, content_type=content_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


def _synchronous(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while block := file.read(_BLOCK):
            yield block


async def _asynchronous(file: IO[bytes]) -> AsyncIterator[bytes]:
    try:
        while block := await asyncio.to_thread(file.read, _BLOCK):
            yield block
    finally:
        file.close()

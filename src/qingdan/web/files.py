"""Files that the server hands out."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import IO, Final
from urllib.parse import quote

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

CONTENT_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
_BLOCK: Final = 1 << 16


def download(request: HttpRequest, file: IO[bytes], name: str, content_type: str) -> StreamingHttpResponse:
    """Stream ``file`` to be kept under ``name``, and close it at the end."""
    # Django reads a synchronous body into memory under ASGI, and an asynchronous one under WSGI
    body = _AsyncBlocks(file) if isinstance(request, ASGIRequest) else _Blocks(file)
    response = StreamingHttpResponse(body, content_type=content_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


class _Blocks:
    """A file block by block; the response closes it, read or not."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.close = file.close

    def __iter__(self) -> Iterator[bytes]:
        while block := self._file.read(_BLOCK):
            yield block


class _AsyncBlocks:
    """The same for an asynchronous server; reading does not hold up its other requests."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.close = file.close

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while block := await asyncio.to_thread(self._file.read, _BLOCK):
            yield block

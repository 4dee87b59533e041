"""What every response carries, and how a file leaves."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Final, cast

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.deprecation import MiddlewareMixin

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; "
    "script-src 'self'; "
    "worker-src 'self'; "
    "style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; "
    "font-src 'self' data:; "
    "connect-src 'self'; "
    "manifest-src 'self'; "
    "object-src 'none'; "
    "base-uri 'none'; "
    "form-action 'self'; "
    "frame-ancestors 'none'"
)
"""Inline styles are allowed because the widget library writes its theme into style elements."""


class SecurityHeaders(MiddlewareMixin):
    """Adds the content security policy, keeps API answers out of every cache, and hands files to an async server."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Set the headers."""
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        if request.path.startswith("/api/"):
            response.headers["Cache-Control"] = "no-store"
        if isinstance(request, ASGIRequest) and isinstance(response, StreamingHttpResponse) and not response.is_async:
            body = cast("Iterator[bytes]", response.streaming_content)
            # the static files' blocks are synchronous; Django would warn and read each file whole into memory
            response.streaming_content = _blocks(iter(body))
        return response


async def _blocks(blocks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Yield a synchronous body without holding up the server's other requests."""
    while (block := await asyncio.to_thread(next, blocks, None)) is not None:
        yield block

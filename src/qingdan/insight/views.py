"""The stream that keeps open pages up to date: server-sent events, one stream a browser."""

import json
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Final

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET

from qingdan.insight.live import ALL, HUB
from qingdan.people.models import User
from qingdan.people.rights import Right

_BEAT_SECONDS: Final = 15.0
"""Between signs of life: a browser that hears none for longer takes the stream for dead and opens another."""
_RETRY_MS: Final = 1_000
_BOARD_TOPIC: Final = "orders"


@require_GET
async def stream(request: HttpRequest) -> HttpResponseBase:
    """Stream what changes for the person: ``board`` with the figures, ``changed`` with topics, ``beat``.

    The id of a ``board`` event stands for the figures themselves. A browser that names the last one it saw is sent
    the board only if it differs, and is told to look at everything else again.
    """
    user = await request.auser()
    if not isinstance(user, User) or not user.is_active:
        return JsonResponse({"code": "login"}, status=HTTPStatus.UNAUTHORIZED)
    if Right.BOARD_VIEW not in user.rights:
        return HttpResponse(status=HTTPStatus.FORBIDDEN)
    last = request.headers.get("Last-Event-ID", "")
    return StreamingHttpResponse(
        _events(request, user, last), content_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )


async def _events(request: HttpRequest, user: User, last: str) -> AsyncIterator[bytes]:
    yield f"retry: {_RETRY_MS}\n\n".encode()
    with HUB.stream(user.merchant_id) as opened:
        topics = frozenset({ALL})
        while True:
            if not topics or topics & {ALL, _BOARD_TOPIC}:  # figures change with time, too
                state = await HUB.figures(user.merchant_id)
                if state.id != last:
                    last = state.id
                    yield _event("board", state.text, last)
            if topics:
                yield _event("changed", json.dumps({"topics": sorted(topics)}))
            else:
                if not await _still_welcome(request, user):
                    return
                yield _event("beat", "{}")
            topics = await opened.topics(_BEAT_SECONDS)


async def _still_welcome(request: HttpRequest, user: User) -> bool:
    """Whether the person has not logged out or been locked out since."""
    key = request.session.session_key
    if key is None or not await request.session.aexists(key):
        return False
    return await sync_to_async(User.objects.filter(pk=user.pk, is_active=True).exists)()


def _event(kind: str, data: str, key: str = "") -> bytes:
    head = f"id: {key}\n" if key else ""
    return f"{head}event: {kind}\ndata: {data}\n\n".encode()

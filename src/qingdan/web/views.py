"""The pages that are not the API: the user interface's shell and the health check."""

import functools
from pathlib import Path
from typing import Final

from django.apps import apps
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from qingdan.web import messages
from qingdan.web.errors import present

INDEX: Final = Path(__file__).parent / "static" / "ui" / "index.html"

_NOT_BUILT: Final = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>清单 Qingdan</title></head>
<body style="font-family: sans-serif; max-width: 40em; margin: 4em auto; line-height: 1.7">
<h1>清单 Qingdan</h1>
<p>服务已经启动，但网页界面还没有构建。
请在源码目录运行 <code>make ui</code>，然后刷新本页。</p>
<p lang="en">The server is up, but the user interface has not been built.
Run <code>make ui</code> in the source directory and reload this page.</p>
</body></html>
"""


@require_safe
@never_cache
@ensure_csrf_cookie
def shell(_: HttpRequest, **_path: str) -> HttpResponse:
    """Serve the user interface for every address that is a page of it."""
    try:
        return HttpResponse(INDEX.read_bytes(), content_type="text/html; charset=utf-8")
    except FileNotFoundError:
        return HttpResponse(_NOT_BUILT, status=503)


@require_safe
@never_cache
def healthz(_: HttpRequest) -> HttpResponse:
    """Say whether the server and its database answer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"database": "away"}, status=503)
    return JsonResponse({"database": "ok"})


@require_safe
@never_cache
def readyz(_: HttpRequest) -> HttpResponse:
    """Say whether this server may be given requests: its database answers and has the tables that the program needs."""
    try:
        if not _migrated():
            return JsonResponse({"database": "ok", "migrations": "pending"}, status=503)
    except DatabaseError:
        return JsonResponse({"database": "away"}, status=503)
    return JsonResponse({"database": "ok", "migrations": "applied"})


def _migrated() -> bool:
    """Whether every migration of this program is applied; names alone, as building their graph takes seconds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        applied = set(cursor.fetchall())
    return _wanted() <= applied


@functools.cache
def _wanted() -> frozenset[tuple[str, str]]:
    found = set()
    for app in apps.get_app_configs():
        folder = Path(app.path) / "migrations"
        found |= {(app.label, path.stem) for path in folder.glob("[0-9]*.py")}
    return frozenset(found)


def no_such_operation(_: HttpRequest, **_path: str) -> HttpResponse:
    """Answer an API address that does not exist as the API would."""
    return present(404, messages.NOT_FOUND)

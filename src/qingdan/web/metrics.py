"""Figures for Prometheus: what waits, what is stuck and whether the parts run, counted by the database when asked.

Every web process answers the same, whichever is asked, as nothing is kept in one. Figures of one look are kept a few
seconds, so that several collectors cost no more than one.
"""

import hmac
import ipaddress
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

import qingdan

_KEPT_SECONDS: Final = 5.0
_AT_MOST_MS: Final = 3_000
TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Figure:
    """One family of figures: its rows are labels in order, and last the number."""

    name: str
    help: str
    labels: tuple[str, ...]
    query: str


FIGURES: Final = (
    Figure(
        "qingdan_orders",
        "Orders by stage and tier.",
        ("merchant", "stage", "tier"),
        "SELECT merchant_id, stage, tier, sum(n) FROM orders_counter GROUP BY 1, 2, 3 HAVING sum(n) <> 0",
    ),
    Figure(
        "qingdan_orders_overdue",
        "Orders past their deadline that wait, by tier.",
        ("merchant", "tier"),
        "SELECT merchant_id, coalesce(tier, ''), count(*) FROM orders_order "
        "WHERE stage IN ('in_review', 'exception', 'held') AND due_at < now() GROUP BY 1, 2",
    ),
    Figure(
        "qingdan_pushes",
        "Pushes to warehouses that are not over, by state.",
        ("merchant", "state"),
        "SELECT merchant_id, state, count(*) FROM fulfilment_push "
        "WHERE state IN ('ready', 'sending', 'unknown') GROUP BY 1, 2",
    ),
    Figure(
        "qingdan_push_oldest_seconds",
        "Age of the oldest push that waits.",
        ("merchant",),
        "SELECT merchant_id, extract(epoch FROM now() - min(created_at)) FROM fulfilment_push "
        "WHERE state IN ('ready', 'sending', 'unknown') GROUP BY 1",
    ),
    Figure(
        "qingdan_destination_up",
        "1 while a warehouse interface answers, 0 while its breaker is open.",
        ("merchant", "destination"),
        "SELECT d.merchant_id, d.name, CASE h.breaker WHEN 'closed' THEN 1 ELSE 0 END FROM fulfilment_destination d "
        "JOIN fulfilment_health h ON h.destination_id = d.id WHERE d.active",
    ),
    Figure(
        "qingdan_relay_seen_seconds",
        "Seconds since a relay last looked after any warehouse.",
        (),
        "SELECT extract(epoch FROM now() - max(checked_at)) FROM fulfilment_health HAVING max(checked_at) IS NOT NULL",
    ),
    Figure(
        "qingdan_alerts_open",
        "Alerts that are open, by kind and whether somebody took note.",
        ("merchant", "kind", "acknowledged"),
        "SELECT merchant_id, kind, acked_at IS NOT NULL, count(*) FROM alerts_alert "
        "WHERE closed_at IS NULL GROUP BY 1, 2, 3",
    ),
    Figure(
        "qingdan_alert_messages_waiting",
        "Alerts that wait to leave, by outlet.",
        ("merchant", "outlet"),
        "SELECT o.merchant_id, o.name, count(d.id) FROM alerts_outlet o "
        "LEFT JOIN alerts_delivery d ON d.outlet_id = o.id AND d.state IN ('ready', 'sending') "
        "WHERE o.active GROUP BY 1, 2",
    ),
    Figure(
        "qingdan_outlet_failures",
        "Failures in a row of an outlet of alerts.",
        ("merchant", "outlet"),
        "SELECT merchant_id, name, failures FROM alerts_outlet WHERE active",
    ),
    Figure(
        "qingdan_jobs",
        "Background jobs that are not over, by queue and state.",
        ("queue", "state"),
        "SELECT queue_name, status, count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') GROUP BY 1, 2",
    ),
    Figure(
        "qingdan_jobs_failed",
        "Background jobs that failed and are kept.",
        ("queue",),
        "SELECT queue_name, count(*) FROM procrastinate_jobs WHERE status = 'failed' GROUP BY 1",
    ),
    Figure(
        "qingdan_job_oldest_seconds",
        "How long the oldest job that is due has waited.",
        (),
        "SELECT coalesce(extract(epoch FROM now() - min(greatest(scheduled_at, at))), 0) FROM procrastinate_jobs j "
        "LEFT JOIN LATERAL (SELECT min(at) AS at FROM procrastinate_events e WHERE e.job_id = j.id) e ON true "
        "WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())",
    ),
    Figure(
        "qingdan_imports_running",
        "Imports that are under way.",
        ("state",),
        "SELECT state, count(*) FROM intake_import WHERE state IN ('queued', 'running') GROUP BY 1",
    ),
    Figure(
        "qingdan_database_bytes",
        "Size of the database.",
        (),
        "SELECT pg_database_size(current_database())",
    ),
    Figure(
        "qingdan_database_connections",
        "Connections to the database, by state.",
        ("state",),
        "SELECT coalesce(state, 'other'), count(*) FROM pg_stat_activity WHERE datname = current_database() GROUP BY 1",
    ),
)

_lock = threading.Lock()
_last: list[tuple[float, str]] = []


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer a collector: one that knows the token of the settings, or, without one, one on this computer."""
    if not _may_look(request):
        return HttpResponse("Not for you: set QINGDAN_METRICS_TOKEN and send it as a bearer token.\n", status=403)
    with _lock:
        now = time.monotonic()
        if not _last or now - _last[0][0] > _KEPT_SECONDS:
            _last[:] = [(now, collect())]
        text = _last[0][1]
    return HttpResponse(text, content_type=TYPE)


def collect() -> str:
    """Ask the database for every figure; one that can not be had is left out and counted."""
    parts: list[str] = []
    missed = 0
    for figure in FIGURES:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {_AT_MOST_MS}")
                cursor.execute(figure.query)
                rows = cursor.fetchall()
        except DatabaseError:
            missed += 1
            continue
        parts.append(family(figure.name, figure.help, figure.labels, rows))
    info = family("qingdan_info", "The version that runs.", ("version",), [(qingdan.__version__, 1)])
    lost = family("qingdan_figures_missed", "Figures that the database did not give in time.", (), [(missed,)])
    return "".join([info, lost, *parts])


def family(name: str, text: str, labels: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write one family in Prometheus's text form."""
    lines = [f"# HELP {name} {text}\n# TYPE {name} gauge\n"]
    for row in rows:
        pairs = ",".join(f'{label}="{_escaped(value)}"' for label, value in zip(labels, row, strict=False))
        lines.append(f"{name}{{{pairs}}} {float(str(row[-1])):g}\n" if pairs else f"{name} {float(str(row[-1])):g}\n")
    return "".join(lines)


def _escaped(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _may_look(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode())
    # a proxy on this computer speaks for others: then only the token will do
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR") or "").is_loopback
    except ValueError:
        return False

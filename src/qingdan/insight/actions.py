"""Verbs of the board's room."""

import contextlib
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from qingdan.core.message import Message
from qingdan.insight import log, messages
from qingdan.insight.models import Diagnosis

QUEUE: Final = "insight"
DIAGNOSE: Final = "insight.diagnose"
MOST_EXPORTED: Final = 200_000
_GIVEN_UP: Final = timedelta(minutes=30)


class BoardError(Exception):
    """A refusal that a person can read."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.text("en"))
        self.message = message


class TooManyError(BoardError):
    """A period has more orders than one file may hold."""


class NoReportError(BoardError):
    """Nothing is kept of that day."""

    def __init__(self, day: date) -> None:
        super().__init__(messages.no_report(day.isoformat()))


def ask_diagnosis(merchant: int, days: int) -> Diagnosis:
    """Ask for a diagnosis; one that is under way stands for this one, unless its worker must have died."""
    with transaction.atomic():
        row, _ = Diagnosis.objects.select_for_update().get_or_create(merchant_id=merchant, days=days)
        waiting = row.state in {"queued", "running"} and row.asked_at > timezone.now() - _GIVEN_UP
        if not waiting or row.body is None:
            row.state, row.asked_at = "queued", timezone.now()
            row.save(update_fields=["state", "asked_at"])
    with contextlib.suppress(AlreadyEnqueued):
        app.configure_task(
            DIAGNOSE, queue=QUEUE, lock=f"diagnose:{merchant}", queueing_lock=f"diagnose:{merchant}:{days}"
        ).defer(merchant_id=merchant, days=days)
    return row


def open_log(merchant: int, since: datetime, until: datetime) -> log.Window:
    """Return the window of an export; raise ``TooManyError`` when it holds more than a file may."""
    of = log.window(merchant, since, until)
    count = log.size(of)
    if count > MOST_EXPORTED:
        raise TooManyError(messages.too_many(count, MOST_EXPORTED))
    return of

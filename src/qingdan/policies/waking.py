"""Work whose worker died or whose wake-up was lost is queued again."""

from contextlib import suppress

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued


def requeue(task: str, queue: str, key: int, **arguments: int) -> None:
    """Queue a task for the row ``key``, unless a wake-up for it waits already."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        app.configure_task(task, queue=queue, queueing_lock=f"{task}.{key}").defer(**arguments)

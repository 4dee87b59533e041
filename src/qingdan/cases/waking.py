"""Wake-ups: what other rooms call when orders changed. They only hasten what the sweep does every minute."""

from contextlib import suppress
from typing import Final

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

RECONCILE: Final = "cases.reconcile"
QUEUE: Final = "cases"


def wake(merchant: int) -> None:
    """Have the cases of a merchant brought to what its orders want, unless that is queued already."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        task = app.configure_task(RECONCILE, queue=QUEUE, queueing_lock=f"{RECONCILE}.{merchant}")
        task.defer(merchant_id=merchant)

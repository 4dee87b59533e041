"""Background jobs of the way out; the relay itself is a process of its own."""

from django.utils import timezone
from procrastinate.contrib.django import app

from qingdan.fulfilment import retiring


@app.periodic(cron="53 3 * * *")
@app.task(name="fulfilment.retire", queue="orders", queueing_lock="fulfilment.retire", pass_context=False)
def retire(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
    """Drop messages and ended pushes that are older than their time."""
    retiring.retire(timezone.now())

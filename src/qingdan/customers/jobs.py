"""Background jobs of the room: wake-ups only, the change's row says what there is to do."""

from django.utils import timezone
from procrastinate.contrib.django import app

from qingdan.customers import actions, reviewing


@app.task(name=actions.REVIEW, queue=actions.QUEUE)
def review(change_id: int) -> None:
    """Review the orders that a change of a list concerns."""
    reviewing.run(change_id)


@app.periodic(cron="*/2 * * * *")
@app.task(name="customers.sweep", queue=actions.QUEUE, queueing_lock="customers.sweep", pass_context=False)
def sweep(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
    """Go on with what a dead worker left."""
    actions.wake_open()


@app.periodic(cron="5 0 * * *")
@app.task(name="customers.expire", queue=actions.QUEUE, queueing_lock="customers.expire", pass_context=False)
def expire(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
    """Take off the lists what has expired."""
    actions.expire(timezone.now())

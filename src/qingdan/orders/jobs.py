"""Background jobs of the order store; each may run at any time, any number of times."""

from procrastinate.contrib.django import app

from qingdan.orders import actions

_QUEUE = "orders"


@app.periodic(cron="*/5 * * * *")
@app.task(name="orders.compact_counters", queue=_QUEUE, queueing_lock="orders.compact_counters", pass_context=False)
def compact_counters(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
    """Keep the counters few enough to be summed at every look."""
    actions.compact_counters()


@app.periodic(cron="* * * * *")
@app.task(name="orders.end_holds", queue=_QUEUE, queueing_lock="orders.end_holds", pass_context=False)
def end_holds(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
    """Put orders whose hold has ended back to review."""
    actions.end_holds()

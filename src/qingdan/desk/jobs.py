"""Background jobs of the desk; each may run at any time, any number of times."""

from procrastinate.contrib.django import app

from qingdan.desk import assigning, bulk, keeping

_QUEUE = bulk.QUEUE


@app.periodic(cron="* * * * * */10")
@app.task(name="desk.keep_order", queue=_QUEUE, queueing_lock="desk.keep_order", pass_context=False)
def keep_order(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
    """Keep the order of work fresh, and return what lapsed leases held."""
    keeping.keep_order()


@app.periodic(cron="* * * * *")
@app.task(name="desk.keep_time", queue=_QUEUE, queueing_lock="desk.keep_time", pass_context=False)
def keep_time(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
    """End holds whose condition came true, escalate what is due soon, take up bulk runs that a dead worker left."""
    keeping.keep_time()
    bulk.wake_open()


@app.task(name=bulk.RUN, queue=_QUEUE)
def run_bulk(bulk_id: int) -> None:
    """Run a bulk verdict."""
    bulk.run(bulk_id)


@app.periodic(cron="* * * * * */20")
@app.task(name="desk.share", queue=_QUEUE, queueing_lock="desk.share", pass_context=False)
def share(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
    """Give waiting orders to who is on duty, and take back what absent people have."""
    assigning.keep_assigned()

"""Background jobs of the room; each may run at any time, any number of times."""

from procrastinate.contrib.django import app

from qingdan.cases import actions, alarms, opening, recounting, tidying, waking
from qingdan.orders.models import Merchant


@app.task(name=waking.RECONCILE, queue=waking.QUEUE)
def reconcile(merchant_id: int) -> None:
    """Open and close the cases of a merchant."""
    opening.reconcile(merchant_id)


@app.periodic(cron="* * * * *")
@app.task(name="cases.sweep", queue=waking.QUEUE, queueing_lock="cases.sweep", pass_context=False)
def sweep(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
    """Open and close cases, go on with those whose wait has ended, and ring the clocks that ran out."""
    for merchant in Merchant.objects.order_by("id").values_list("id", flat=True):
        opening.reconcile(merchant)
    actions.wake_waiting()
    alarms.ring()


@app.periodic(cron="*/5 * * * *")
@app.task(name="cases.recount", queue=waking.QUEUE, queueing_lock="cases.recount", pass_context=False)
def recount(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
    """Read the clocks anew, as teams change their working time."""
    for merchant in Merchant.objects.order_by("id").values_list("id", flat=True):
        recounting.recount(merchant)


@app.periodic(cron="41 3 * * *")
@app.task(name="cases.tidy", queue=waking.QUEUE, queueing_lock="cases.tidy", pass_context=False)
def tidy(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
    """Forget what is no longer needed."""
    tidying.tidy()

"""Background jobs of the room; each may run at any time, any number of times."""

from django.utils import timezone
from procrastinate.contrib.django import app

from qingdan.orders.alone import alone
from qingdan.oversight import actions, listening, reconciling, watching

_QUEUE = "oversight"
_LOCK = 0x51E7


@app.periodic(cron="* * * * *")
@app.task(name="oversight.look", queue=_QUEUE, queueing_lock="oversight.look", pass_context=False)
def look(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
    """Notice who has fallen silent and who has returned, and catch up with what was missed."""
    with alone(_LOCK, 0) as mine:
        if mine:
            now = timezone.now()
            watching.look(now)
            actions.catch_up_all(now)


@app.periodic(cron="37 4 * * *")
@app.task(name="oversight.reconcile", queue=_QUEUE, queueing_lock="oversight.reconcile", pass_context=False)
def reconcile(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
    """Compare our ledger with the warehouses' and the bills, and drop voices nothing is learned from any more."""
    now = timezone.now()
    with alone(_LOCK, 1) as mine:
        if mine:
            reconciling.reconcile(now)
    listening.forget(now)


@app.task(name=actions.RECONCILE, queue=_QUEUE)
def reconcile_one(merchant_id: int) -> None:
    """Compare one merchant's books now, because a person asked."""
    with alone(_LOCK, merchant_id + 1) as mine:
        if mine:
            reconciling.reconcile(timezone.now(), merchant=merchant_id)

"""Background jobs of the room: wake-ups only, the rows of bills and runs say what there is to do."""

from procrastinate.contrib.django import app

from qingdan.cases import waking as cases
from qingdan.finance import actions, rematching, running, unlocking


@app.task(name=actions.READ, queue=actions.QUEUE)
def read_bill(bill_id: int) -> None:
    """Read an uploaded bill."""
    running.run(bill_id)


@app.task(name=actions.MATCH, queue=actions.QUEUE)
def match(merchant_id: int) -> None:
    """Match the orders of a merchant that wait for it."""
    rematching.run(merchant_id)
    cases.wake(merchant_id)


@app.periodic(cron="* * * * *")
@app.task(name="finance.sweep", queue=actions.QUEUE, queueing_lock="finance.sweep", pass_context=False)
def sweep(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
    """Go on with what a dead worker left; drop protected bills that nobody came back to."""
    actions.wake_open()
    unlocking.forget_old()


@app.periodic(cron="23 3 * * *")
@app.task(name="finance.agree", queue=actions.QUEUE, queueing_lock="finance.agree", pass_context=False)
def agree(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
    """Review the waiting orders that do not say what their payment was found to be, as after an import was undone."""
    rematching.agree()

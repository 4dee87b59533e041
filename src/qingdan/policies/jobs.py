"""Background jobs of the room; each may run at any time, any number of times."""

from procrastinate.contrib.django import app

from qingdan.policies import backtests, history

_QUEUE = backtests.QUEUE


@app.task(name=backtests.RUN, queue=_QUEUE)
def run_backtest(backtest_id: int) -> None:
    """Run a backtest."""
    backtests.run(backtest_id)


@app.periodic(cron="47 3 * * *")
@app.task(name="policies.forget", queue=_QUEUE, queueing_lock="policies.forget", pass_context=False)
def forget(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
    """Drop the oldest judged facts; they hold personal data."""
    history.forget()

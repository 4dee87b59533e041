"""Background jobs of the room; each may run at any time, any number of times."""

from procrastinate.contrib.django import app

from qingdan.policies import applying, audits, backtests, history, rollouts, snoozes, suggesting

_QUEUE = backtests.QUEUE


@app.task(name=backtests.RUN, queue=_QUEUE)
def run_backtest(backtest_id: int) -> None:
    """Run a backtest."""
    backtests.run(backtest_id)


@app.task(name=suggesting.RUN, queue=_QUEUE)
def run_suggestion(suggestion_id: int) -> None:
    """Search hand decisions for rules."""
    suggesting.run(suggestion_id)


@app.periodic(cron="47 3 * * *")
@app.task(name="policies.forget", queue=_QUEUE, queueing_lock="policies.forget", pass_context=False)
def forget(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
    """Drop the oldest judged facts; they hold personal data."""
    history.forget()
    audits.forget()


@app.task(name=applying.RUN, queue=_QUEUE)
def apply(application_id: int) -> None:
    """Apply the live policy to the orders that wait."""
    applying.run(application_id)


@app.task(name=snoozes.RUN, queue=_QUEUE)
def review_snoozed(snooze_id: int) -> None:
    """Judge anew what waits and is concerned by a snooze that began or ended."""
    snoozes.run(snooze_id)


@app.periodic(cron="* * * * *")
@app.task(name="policies.keep_time", queue=_QUEUE, queueing_lock="policies.keep_time", pass_context=False)
def keep_time(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
    """Begin and end policies and snoozes at their moments, and take up what a dead worker left."""
    rollouts.keep_time()
    snoozes.expire()
    applying.wake_open()
    backtests.wake_open()
    suggesting.wake_open()

"""Background jobs of the board; each may run at any time, any number of times."""

from django.utils import timezone
from procrastinate.contrib.django import app

from qingdan.insight import actions, diagnosing, forecasting, pulse, reporting
from qingdan.orders.alone import alone

_QUEUE = actions.QUEUE
_LOCK = 0xD1A6


@app.periodic(cron="* * * * *")
@app.task(name="insight.feel_pulse", queue=_QUEUE, queueing_lock="insight.feel_pulse", pass_context=False)
def feel_pulse(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
    """Keep money at risk, steps and people's progress fresh."""
    for merchant in pulse.busy():
        pulse.refresh(merchant)


@app.periodic(cron="3 * * * *")
@app.task(name="insight.keep_hour", queue=_QUEUE, queueing_lock="insight.keep_hour", pass_context=False)
def keep_hour(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
    """Make the day's forecast once the day has begun, and the usual diagnosis anew."""
    now = timezone.now()
    for merchant in pulse.busy():
        forecasting.keep_today(merchant, now)
        actions.ask_diagnosis(merchant, diagnosing.USUAL_DAYS)


@app.periodic(cron="*/10 * * * *")
@app.task(name="insight.keep_report", queue=_QUEUE, queueing_lock="insight.keep_report", pass_context=False)
def keep_report(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
    """Keep the day's report as it stands, so that the last one of the day remains."""
    now = timezone.now()
    for merchant in pulse.busy():
        reporting.keep(merchant, now)


@app.task(name=actions.DIAGNOSE, queue=_QUEUE)
def diagnose(merchant_id: int, days: int) -> None:
    """Work out one diagnosis."""
    with alone(_LOCK, merchant_id) as mine:
        if mine:
            diagnosing.run(merchant_id, days)

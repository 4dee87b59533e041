"""Background jobs of clean-ups; each may run at any time, any number of times."""

from procrastinate.contrib.django import app

from qingdan.campaigns import keeping

_QUEUE = "campaigns"


@app.periodic(cron="*/5 * * * *")
@app.task(name="campaigns.keep", queue=_QUEUE, queueing_lock="campaigns.keep", pass_context=False)
def keep(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
    """Let clean-ups grow, keep their people supplied, end authorisations, and check every two working hours."""
    keeping.keep()

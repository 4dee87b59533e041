"""Background jobs of the room; each may run at any time, any number of times."""

from datetime import timedelta
from typing import Final

from django.utils import timezone
from procrastinate.contrib.django import app

from qingdan.alerts.models import Alert, Level, Message

KEPT: Final = timedelta(days=90)
"""How long an alert that is over is kept."""
MESSAGES_KEPT: Final = timedelta(days=30)


@app.periodic(cron="23 4 * * *")
@app.task(name="alerts.forget", queue="orders", queueing_lock="alerts.forget", pass_context=False)
def forget(timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
    """Drop alerts, messages and levels that are long over."""
    now = timezone.now()
    Alert.objects.filter(closed_at__lt=now - KEPT).delete()
    Message.objects.filter(began_at__lt=now - MESSAGES_KEPT).delete()
    Level.objects.filter(at__lt=now - MESSAGES_KEPT).delete()

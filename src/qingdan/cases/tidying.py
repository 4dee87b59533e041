"""What the room forgets: counts of requests, addresses that nobody accepted, notices that were read long ago."""

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from qingdan.cases.models import Knock, Link, Notice

GIVEN_DAYS: Final = 30
"""So long an address that a buyer gave waits for a person; it is personal data."""
NOTICE_DAYS: Final = 90


def tidy() -> None:
    """Forget it, in one durable transaction."""
    now = timezone.now()
    with transaction.atomic(durable=True):
        Knock.objects.filter(since__lt=now - timedelta(days=1)).delete()
        Link.objects.filter(given__isnull=False, made_at__lt=now - timedelta(days=GIVEN_DAYS)).update(given=None)
        Notice.objects.filter(read_at__lt=now - timedelta(days=NOTICE_DAYS)).delete()

"""What goes on by itself while a clean-up runs: orders join, people are supplied, checkpoints are made."""

from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from qingdan.campaigns import actions, planning, sharing
from qingdan.campaigns.models import Campaign, Checkpoint
from qingdan.orders.alone import alone

EVERY: Final = timedelta(hours=2)
_LOCK: Final = 0x51C4


def keep(now: datetime | None = None) -> None:
    """Look after every running clean-up; a second process that comes along meanwhile does nothing."""
    moment = now or timezone.now()
    with alone(_LOCK, 0) as mine:
        if not mine:
            return
        sharing.end_due(moment)
        for campaign in Campaign.objects.exclude(state="closed").select_related("calendar").order_by("id"):
            if campaign.grows:
                actions.grow(campaign, "", moment)
            if campaign.state == "running":
                sharing.apply_authorisations(campaign)
                sharing.share(campaign, moment)
                look_if_due(campaign, moment)


def look_if_due(campaign: Campaign, now: datetime) -> Checkpoint | None:
    """Make a checkpoint when the last one is two hours old and somebody has worked since."""
    last = campaign.checkpoints.order_by("-at").first()
    if last is not None and (now - last.at < EVERY or planning.worked_hours(campaign, last.at, now) <= 0):
        return None
    return actions.check(campaign, now)

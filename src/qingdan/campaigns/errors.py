"""What the verbs of clean-ups refuse; ``web.errors`` presents them."""

from qingdan.core.message import Message


class CampaignError(Exception):
    """A refusal that a person can read."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.text("en"))
        self.message = message


class NoSuchCampaignError(CampaignError):
    """There is no such clean-up, checkpoint or the like: HTTP 404."""


class CampaignMovedError(CampaignError):
    """It has gone on since it was looked at: HTTP 409."""


class CampaignRefusedError(CampaignError):
    """What was asked makes no sense now: HTTP 422."""

"""What the desk's verbs refuse, and why; ``web.errors`` presents them."""

from collections.abc import Mapping
from typing import Any

from qingdan.core.message import Message


class DeskError(Exception):
    """A refusal that a person can read; ``details`` go with it."""

    def __init__(self, message: Message, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message.text("en"))
        self.message = message
        self.details = dict(details or {})


class NoSuchThingError(DeskError):
    """There is no such queue, bulk run or person: HTTP 404."""


class TakenError(DeskError):
    """Somebody else holds the order, or the lease is no longer one's own: HTTP 409."""


class NotAllowedError(DeskError):
    """The person's role may not do that with this order: HTTP 403."""


class RefusedError(DeskError):
    """What was asked makes no sense for this order now: HTTP 422."""


class StaleError(DeskError):
    """The order or the run changed since it was read; ``details`` say how: HTTP 409."""

"""Signed links in messages: acknowledge what the message told of, without logging in."""

from typing import Final

from django.conf import settings
from django.core import signing

_SALT: Final = "qingdan.alerts.acknowledge"
LIVES_FOR: Final = 7 * 24 * 3600
"""Seconds; after a week whoever finds an old message can do nothing with it."""


def acknowledge_url(message_id: int) -> str:
    """Return the link of a message, or an empty text while nobody said where Qingdan is reached from outside."""
    if not settings.PUBLIC_URL:
        return ""
    return f"{settings.PUBLIC_URL}/ack/{signing.dumps(message_id, salt=_SALT)}"


def message_of(token: str) -> int | None:
    """Return the message that a link is for, or None where it is forged, damaged or too old."""
    try:
        found = signing.loads(token, salt=_SALT, max_age=LIVES_FOR)
    except signing.BadSignature:
        return None
    return found if isinstance(found, int) else None

"""Language of a request."""

from django.utils.translation import get_language

from qingdan.core.message import Language


def language() -> Language:
    """Return the language that the request's ``Accept-Language`` prefers; Chinese when it says nothing we speak."""
    return "en" if (get_language() or "").startswith("en") else "zh"

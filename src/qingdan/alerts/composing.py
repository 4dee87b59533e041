"""From a claimed batch to the message that leaves: the digest, who is called by name, the links."""

from collections.abc import Sequence
from typing import Final, cast

from django.conf import settings

from qingdan.alerts import digest, messages
from qingdan.alerts.claims import Batch, Item
from qingdan.alerts.kinds import KINDS
from qingdan.alerts.links import acknowledge_url
from qingdan.alerts.models import Reach
from qingdan.alerts.outlets import size_of
from qingdan.alerts.robots import Notice
from qingdan.core.message import Language, Words

_ROOM: Final = 500
"""Bytes kept for the lines below the digest."""
_MOST_NAMES: Final = 10


def compose(batch: Batch) -> tuple[Notice, tuple[str, ...]]:
    """Return the message of a batch and the mail addresses of those it calls by name."""
    language = cast("Language", batch.outlet.language)
    called = _called(batch)
    mentions = () if batch.outlet.kind == "mail" else called
    made = digest.digest(
        [_alert(item) for item in batch.items], size=size_of(batch.outlet) - _ROOM - _bytes(mentions), language=language
    )
    more = []
    if again := sum(item.again for item in batch.items):
        more.append(messages.AGAIN.text(language, {"n": again}))
    if url := acknowledge_url(batch.message):
        more.append(messages.ACK.text(language, {"url": url}))
    return Notice(made.title, (*made.lines, *more), made.urgent, mentions), () if mentions else called


def _alert(item: Item) -> digest.Alert:
    line = item.line
    if item.step:
        line = Words(messages.ESCALATED.zh + line.zh, messages.ESCALATED.en + line.en)
    url = f"{settings.PUBLIC_URL}{item.path}" if settings.PUBLIC_URL and item.path else ""
    # a kind that a newer version raised must not stop an older sender
    title = KINDS.get(item.kind, KINDS["other"]).title
    return digest.Alert(item.alert, item.kind, title, line, url, item.urgent)


def _called(batch: Batch) -> tuple[str, ...]:
    """Return how those whom the batch is for are called there; urgent alerts' people first."""
    ordered = sorted(batch.items, key=lambda item: not item.urgent)
    people = list(dict.fromkeys(person for item in ordered for person in item.people))
    known = dict(Reach.objects.filter(user__in=people, kind=batch.outlet.kind).values_list("user_id", "value"))
    return tuple(known[person] for person in people if person in known)[:_MOST_NAMES]


def _bytes(mentions: Sequence[str]) -> int:
    return sum(len(name.encode()) + 20 for name in mentions)

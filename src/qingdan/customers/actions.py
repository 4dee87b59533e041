"""Verbs on customer lists: each is one durable transaction. The orders that wait are reviewed anew in ``reviewing``."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now
from procrastinate.contrib.django import app

from qingdan.core.fields import Pii
from qingdan.core.masking import mask
from qingdan.core.message import Message
from qingdan.customers import messages, queries
from qingdan.customers.models import Change, Entry, Kind, Mode
from qingdan.customers.reading import Line, ListRead, Refusal
from qingdan.orders.actors import Actor

REVIEW: Final = "customers.review"
QUEUE: Final = "imports"
REFUSALS_KEPT: Final = 5_000
_LOCK: Final = 0x71DB
_BATCH: Final = 2_000
CLOCK: Final = Actor("system", "expiry", "名单到期")

_Identity = tuple[str, str, str, str, dt.date | None]


class CustomersError(Exception):
    """Something asked of a list was not done; ``message`` says why."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.text("en"))
        self.message = message


class NoSuchEntryError(CustomersError):
    """The merchant has no such line on its lists."""


class KnownEntryError(CustomersError):
    """The line stands on the list already."""


class BadEntryError(CustomersError):
    """The line names nobody, or names them wrongly."""


def take_in(merchant: int, kind: Kind, mode: Mode, read: ListRead, *, file: str, actor: Actor) -> Change:
    """Add the lines of a file to a list, or replace the list by them; queue the review of the orders concerned."""
    rows = len(read.lines) + len(read.refusals)
    with transaction.atomic(durable=True):
        _lock(merchant)
        change = _change(merchant, kind, mode, actor, file=file, rows=rows)
        standing = {_identity_of(entry): entry for entry in _standing(merchant, kind)}
        wanted = {_identity(line): line for line in read.lines}
        again = [standing[key] for key in wanted if key in standing]
        # a line that says something else now stands anew, so that its history is kept
        stale = [entry for entry in again if _told(entry) != _told_by(wanted[_identity_of(entry)])]
        gone = [entry for key, entry in standing.items() if key not in wanted] if mode == Mode.REPLACE else []
        _remove([*gone, *stale], change)
        moved = {_identity_of(entry) for entry in stale}
        fresh = [line for key, line in wanted.items() if key not in standing or key in moved]
        _add(fresh, change)
        change.added, change.kept, change.removed = len(fresh), len(again) - len(stale), len(gone)
        change.titles = list(read.titles)
        change.refusals = [_refusal(one) for one in read.refusals[:REFUSALS_KEPT]]
        change.save(update_fields=["added", "kept", "removed", "titles", "refusals"])
        _wake(change)
    return change


def add_one(merchant: int, kind: Kind, line: Line, *, actor: Actor) -> Change:
    """Put one line on a list; raises ``KnownEntryError`` when it stands there."""
    with transaction.atomic(durable=True):
        _lock(merchant)
        if any(_identity_of(entry) == _identity(line) for entry in _standing(merchant, kind)):
            raise KnownEntryError(messages.message("customers.known"))
        change = _change(merchant, kind, Mode.ONE, actor, rows=1, added=1)
        _add([line], change)
        _wake(change)
    return change


def remove_one(merchant: int, entry_id: int, *, actor: Actor) -> Change:
    """Take one line off its list; raises ``NoSuchEntryError``."""
    with transaction.atomic(durable=True):
        _lock(merchant)
        entry = Entry.objects.filter(merchant_id=merchant, pk=entry_id, removed_by=None).first()
        if entry is None:
            raise NoSuchEntryError(messages.message("customers.not_found"))
        change = _change(merchant, Kind(entry.kind), Mode.REMOVE, actor, rows=1, removed=1)
        _remove([entry], change)
        _wake(change)
    return change


def expire(now: dt.datetime) -> int:
    """Take off the lists what was valid until yesterday; return how many lines."""
    today = now.astimezone(ZoneInfo(settings.SHOP_ZONE)).date()
    due = Entry.objects.filter(removed_by=None, expires_on__lt=today)
    ended = 0
    for merchant, kind in due.order_by().values_list("merchant_id", "kind").distinct():
        with transaction.atomic(durable=True):
            _lock(merchant)
            some = list(due.filter(merchant_id=merchant, kind=kind))
            change = _change(merchant, Kind(kind), Mode.EXPIRE, CLOCK, rows=len(some), removed=len(some))
            _remove(some, change)
            _wake(change)
            ended += len(some)
    return ended


def cancel(merchant: int, change_id: int) -> Change:
    """Stop the review of a change after the part it is at; what was reviewed stays, and so does the list.

    Raises ``NoSuchEntryError``; one that has ended stays as it is.
    """
    with transaction.atomic(durable=True):
        open_ones = Change.objects.filter(merchant_id=merchant, pk=change_id, finished_at=None)
        open_ones.update(cancelled=True, finished_at=Now())
    return _get(merchant, change_id)


def resume(merchant: int, change_id: int) -> Change:
    """Go on with a review that was cancelled. Raises ``NoSuchEntryError``."""
    with transaction.atomic(durable=True):
        if Change.objects.filter(merchant_id=merchant, pk=change_id, cancelled=True).update(
            cancelled=False, finished_at=None
        ):
            _wake(_get(merchant, change_id))
    return _get(merchant, change_id)


def _get(merchant: int, change_id: int) -> Change:
    found = Change.objects.filter(merchant_id=merchant, pk=change_id).first()
    if found is None:
        raise NoSuchEntryError(messages.message("customers.not_found"))
    return found


def wake_open() -> list[int]:
    """Wake the workers for changes whose orders are not all reviewed yet; who works on one holds its lock."""
    with transaction.atomic(durable=True):
        waiting = list(Change.objects.filter(finished_at=None).order_by("id"))
        for change in waiting:
            _wake(change)
    return [change.pk for change in waiting]


def _wake(change: Change) -> None:
    app.configure_task(REVIEW, queue=QUEUE).defer(change_id=change.pk)


def _lock(merchant: int) -> None:
    """One change of a merchant's lists at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, merchant % (1 << 31)])


def _change(merchant: int, kind: Kind, mode: Mode, actor: Actor, **counts: object) -> Change:
    return Change.objects.create(
        merchant_id=merchant,
        kind=kind,
        mode=mode,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        **counts,
    )


def _standing(merchant: int, kind: Kind) -> Iterable[Entry]:
    return Entry.objects.filter(merchant_id=merchant, kind=kind, removed_by=None)


def _identity(line: Line) -> _Identity:
    key = queries.phone_key(line.phone) if line.phone else ""
    return (line.channel, line.buyer, key, line.order_no, line.happened_on)


def _identity_of(entry: Entry) -> _Identity:
    return (entry.channel, entry.buyer, entry.phone_key, entry.order_no, entry.happened_on)


def _told(entry: Entry) -> tuple[dt.date | None, str]:
    return (entry.expires_on, entry.note)


def _told_by(line: Line) -> tuple[dt.date | None, str]:
    return (line.expires_on, line.note)


def _add(lines: Sequence[Line], change: Change) -> None:
    made = [
        Entry(
            merchant_id=change.merchant_id,
            kind=change.kind,
            channel=line.channel,
            buyer=line.buyer,
            phone_key=queries.phone_key(line.phone) if line.phone else "",
            phone_shown=mask(line.phone, Pii.PHONE),
            order_no=line.order_no,
            happened_on=line.happened_on,
            expires_on=line.expires_on,
            note=line.note,
            added_by=change,
        )
        for line in lines
    ]
    Entry.objects.bulk_create(made, batch_size=_BATCH)


def _remove(entries: Sequence[Entry], change: Change) -> None:
    Entry.objects.filter(pk__in=[entry.pk for entry in entries]).update(removed_by=change)


def _refusal(one: Refusal) -> dict[str, object]:
    return {"row": one.row, "cells": list(one.cells), "reason": one.reason}

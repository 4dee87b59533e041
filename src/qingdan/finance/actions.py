"""Verbs on bills and payments: each is one durable transaction.

Bills are read in ``running``, matched in ``rematching``.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from procrastinate.contrib.django import app

from qingdan.core.message import Message
from qingdan.finance.messages import message
from qingdan.finance.models import DIFFERENCES, BillFile, MatchRun, Payment, PaymentEvent
from qingdan.orders.actors import Actor

READ: Final = "finance.read_bill"
MATCH: Final = "finance.match"
QUEUE: Final = "imports"
_CHUNK: Final = 1 << 20
_NAME_LENGTH: Final = 120


class FinanceError(Exception):
    """Something asked of bills or payments was not done; ``message`` says why."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.text("en"))
        self.message = message


class NoSuchPaymentError(FinanceError):
    """The merchant has no such payment or bill."""


class PaymentMovedError(FinanceError):
    """A difference is no longer what the person saw."""


class BadNoteError(FinanceError):
    """A difference can not be settled without saying how."""


class Readable(Protocol):
    """A file that is open for reading."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, none at the end."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A bill as it comes in: the name its owner gave it, and its bytes."""

    name: str
    stream: Readable


@dataclass(frozen=True, slots=True)
class Seen:
    """A difference as a person saw it."""

    order_id: int
    state: str
    difference: int


def create_bills(merchant: int, uploads: Iterable[Upload], *, actor: Actor) -> list[BillFile]:
    """Keep uploaded bills and queue their reading."""
    kept = [_keep(upload) for upload in uploads]
    with transaction.atomic(durable=True):
        bills = [
            BillFile.objects.create(
                merchant_id=merchant,
                name=name,
                sha256=digest,
                size=size,
                actor_kind=actor.kind,
                actor_id=actor.id,
                actor_name=actor.name,
            )
            for name, digest, size in kept
        ]
        for bill in bills:
            wake_bill(bill.pk)
    for bill in bills:
        bill.refresh_from_db()
    return bills


def bill_path(digest: str) -> Path:
    """Return where the bytes of a bill lie until it is read."""
    return Path(settings.UPLOADS).with_name("bills") / digest


def drop_bytes(bill: BillFile) -> None:
    """Delete the bytes of a bill that was read, unless the same bytes wait once more, or for a password."""
    waiting = BillFile.objects.filter(sha256=bill.sha256).filter(Q(finished_at=None) | Q(locked=True))
    if not waiting.exists():
        bill_path(bill.sha256).unlink(missing_ok=True)


def _keep(upload: Upload) -> tuple[str, str, int]:
    root = bill_path("-").parent
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    descriptor, temporary = tempfile.mkstemp(dir=root, prefix=".upload-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            while part := upload.stream.read(_CHUNK):
                digest.update(part)
                size += len(part)
                file.write(part)
        Path(temporary).replace(bill_path(digest.hexdigest()))
    finally:
        Path(temporary).unlink(missing_ok=True)
    name = Path(upload.name.replace("\\", "/")).name.replace("\0", "")[-_NAME_LENGTH:] or "bill"
    return name, digest.hexdigest(), size


def wake_bill(bill_id: int) -> None:
    """Tell the workers that a bill waits to be read; part of the caller's transaction."""
    app.configure_task(READ, queue=QUEUE).defer(bill_id=bill_id)


def wake_matching(merchant: int) -> None:
    """Tell the workers that orders of a merchant wait to be matched; part of the caller's transaction."""
    app.configure_task(MATCH, queue=QUEUE).defer(merchant_id=merchant)


def match_bill(bill: BillFile) -> None:
    """Queue the matching of the orders that a bill's new entries concern; part of the caller's transaction."""
    MatchRun.objects.create(merchant_id=bill.merchant_id, bill=bill)
    wake_matching(bill.merchant_id)


def match_import(merchant: int, import_id: int) -> None:
    """Queue the matching of the orders that an import wrote.

    A merchant without a bill has nothing to be matched with.
    """
    with transaction.atomic(durable=True):
        if BillFile.objects.filter(merchant_id=merchant).exists():
            MatchRun.objects.create(merchant_id=merchant, import_id=import_id)
            wake_matching(merchant)


def wake_open() -> None:
    """Wake the workers for whatever is not finished; who works on it holds its lock."""
    with transaction.atomic(durable=True):
        for bill in BillFile.objects.filter(finished_at=None).order_by("id").values_list("id", flat=True):
            wake_bill(bill)
        waiting = MatchRun.objects.filter(finished_at=None).order_by()
        for merchant in waiting.values_list("merchant_id", flat=True).distinct():
            wake_matching(merchant)


def settle(merchant: int, seen: Sequence[Seen], *, note: str, actor: Actor) -> list[int]:
    """Settle differences as a person saw them, all or none; return the orders.

    Raises ``BadNoteError``, ``NoSuchPaymentError``, and ``PaymentMovedError`` when one is not what it was.
    """
    told = note.strip()
    if not told:
        raise BadNoteError(message("note_missing"))
    wanted = {one.order_id: one for one in seen}
    with transaction.atomic(durable=True):
        found = list(
            Payment.objects.select_for_update().filter(merchant_id=merchant, order_id__in=wanted).order_by("order_id")
        )
        if len(found) != len(wanted):
            raise NoSuchPaymentError(message("not_found"))
        for payment in found:
            was = wanted[payment.order_id]
            same = (payment.state, payment.difference) == (was.state, was.difference)
            if not same or payment.settled_at is not None or payment.state not in DIFFERENCES:
                raise PaymentMovedError(message("moved"))
        ids = [payment.order_id for payment in found]
        Payment.objects.filter(order_id__in=ids).update(
            settled_by=actor.id, settled_name=actor.name, settled_at=Now(), note=told
        )
        PaymentEvent.objects.bulk_create(
            PaymentEvent(
                order_id=payment.order_id,
                merchant_id=merchant,
                kind="settled",
                state=payment.state,
                difference=payment.difference,
                actor_name=actor.name,
                note=told,
            )
            for payment in found
        )
    return ids

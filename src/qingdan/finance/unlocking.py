"""Passwords of protected bills: given on the page, sealed until the reading has used them, then wiped."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models.functions import Now

from qingdan.finance import actions
from qingdan.finance.models import BillFile, BillState
from qingdan.web.sealing import SealBrokenError, seal, unseal

KEPT: Final = timedelta(days=1)
"""How long the bytes of a protected bill wait for its password."""


def unlock(bill_id: int, *, merchant: int, passwords: Sequence[str]) -> BillFile | None:
    """Queue a bill once more with passwords; nothing when it waits for none."""
    with transaction.atomic(durable=True):
        bill = BillFile.objects.select_for_update().filter(merchant_id=merchant, pk=bill_id, locked=True).first()
        if bill is None:
            return None
        bill.sealed = seal(json.dumps(list(passwords)), _row(bill_id))
        bill.locked, bill.state, bill.attempts = False, BillState.QUEUED, 0
        bill.problem = bill.finished_at = None
        bill.save(update_fields=["sealed", "locked", "state", "attempts", "problem", "finished_at"])
        actions.wake_bill(bill_id)
    return bill


def passwords_for(bill: BillFile) -> list[str]:
    """Return the passwords to read a bill with."""
    if bill.sealed is None:
        return []
    try:
        kept: list[str] = json.loads(unseal(bytes(bill.sealed), _row(bill.pk)))
    except SealBrokenError:
        return []  # sealed under another key: the person is asked once more
    return kept


def forget_old() -> None:
    """Drop the bytes of bills that nobody gave the password of."""
    for bill in BillFile.objects.filter(locked=True, finished_at__lt=Now() - KEPT):
        if BillFile.objects.filter(pk=bill.pk, locked=True).update(locked=False):
            actions.drop_bytes(bill)


def _row(bill_id: int) -> str:
    return f"bill passwords {bill_id}"

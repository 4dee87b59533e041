"""Passwords of protected uploads: given on the page, sealed until the import has used them, then wiped."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models.functions import Now

from qingdan.intake.actions import wake
from qingdan.intake.models import ENDED, Import, ImportFile, ImportPasswords, State
from qingdan.web.sealing import SealBrokenError, seal, unseal

KEPT: Final = timedelta(hours=1)
"""How long passwords are kept while other files of the drop are still locked: each run opens all of them anew."""
_MOST: Final = 50


def locked(file: ImportFile) -> bool:
    """Whether the file, or something in it, could not be opened for want of a password."""
    return any(report.get("protected") for report in file.reports)


def unmapped(file: ImportFile) -> bool:
    """Whether the file, or something in it, has a header that nobody knows, so that the mapping wizard can help."""
    problems = (report.get("problem") or {} for report in file.reports)
    return any(problem.get("id") == "unknown_layout" for problem in problems)


def unlock(import_id: int, *, merchant: int, passwords: Sequence[str]) -> bool:
    """Queue an ended import once more with passwords; False when it runs, was undone, or has nothing locked.

    What was counted as new and changed stays counted: the orders of the other files are found unchanged.
    """
    with transaction.atomic(durable=True):
        drop = Import.objects.select_for_update().filter(merchant_id=merchant, pk=import_id).first()
        if drop is None or drop.state not in ENDED or drop.state == State.UNDONE:
            return False
        if not any(locked(file) for file in drop.files.all()):
            return False
        _keep(import_id, passwords)
        Import.objects.filter(pk=import_id).update(
            state=State.QUEUED,
            cancel_asked=False,
            lease_until=None,
            started_at=None,
            finished_at=None,
            error=None,
            notices=[],
            progress={},
        )
        wake(import_id)
    return True


def keep(import_id: int, passwords: Sequence[str]) -> None:
    """Keep passwords that the mapping wizard was given for an import, beside those that it has."""
    with transaction.atomic():
        if passwords and Import.objects.select_for_update().filter(pk=import_id).exists():
            _keep(import_id, passwords)


def _keep(import_id: int, passwords: Sequence[str]) -> None:
    known = dict.fromkeys([*passwords, *_kept(import_id)])
    ImportPasswords.objects.update_or_create(
        drop_id=import_id,
        defaults={"sealed": seal(json.dumps(list(known)[:_MOST]), _row(import_id)), "given_at": Now()},
    )


def passwords_for(import_id: int) -> tuple[str, ...]:
    """Return the passwords to run an import with."""
    return tuple(_kept(import_id))


def forget(import_id: int) -> None:
    """Wipe the passwords of an import that has ended, unless a file waits for its own or for the mapping wizard.

    The next run opens all files anew, so they are wiped together.
    """
    if not any(locked(file) or unmapped(file) for file in ImportFile.objects.filter(drop_id=import_id)):
        ImportPasswords.objects.filter(drop_id=import_id, drop__state__in=ENDED).delete()


def forget_old() -> int:
    """Wipe the passwords that nobody came back to; return of how many imports."""
    return ImportPasswords.objects.filter(given_at__lt=Now() - KEPT, drop__state__in=ENDED).delete()[0]


def _kept(import_id: int) -> list[str]:
    row = ImportPasswords.objects.filter(drop_id=import_id).first()
    if row is None:
        return []
    try:
        kept: list[str] = json.loads(unseal(bytes(row.sealed), _row(import_id)))
    except SealBrokenError:
        return []  # sealed under another key: the person is asked once more
    return kept


def _row(import_id: int) -> str:
    return f"import passwords {import_id}"

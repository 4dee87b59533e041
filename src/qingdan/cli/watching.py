"""The steps of ``qingdan watch`` that need Django; imported once it is loaded.

What has been imported is told by the imports themselves, by the hash of the file, under a lock of the database: so a
process killed at any moment, or two that watch one folder, import a file once. A mark in the folder tells a file that
is being imported from one that was imported before.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from django.db import InterfaceError, OperationalError, connection

from qingdan.cli import watch_messages as says
from qingdan.cli.importing import COMMAND_LINE
from qingdan.core.message import Language
from qingdan.intake import actions, dropfolder, present, runner
from qingdan.intake.models import ENDED, Import, ImportFile, State

AWAY: Final = (OperationalError, InterfaceError, OSError)
"""Errors that pass by themselves: the database or the network share is away for a moment."""
_MARKS: Final = ".qingdan"
_FAILED: Final = (State.FAILED, State.CANCELLED)
_LOOK_SECONDS: Final = 0.5


def disconnect() -> None:
    """Give up a database connection that may be broken."""
    connection.close()


@dataclass(slots=True)
class Desk:
    """Takes the files of one folder in, one import each, and puts them away with a report."""

    folder: Path
    merchant: int
    shop: str | None
    passwords: tuple[str, ...]
    language: Language
    zone: ZoneInfo
    _digests: dict[tuple[Path, dropfolder.Signature], str] = field(default_factory=dict)

    def take(self, path: Path) -> str | None:
        """Import a finished file and put it away; None when it changed meanwhile or another process has it."""
        before = dropfolder.signature_of(path)
        if before is None:
            return None
        try:
            digest = self._digest(path, before)
            with _alone(self.merchant, digest):
                if dropfolder.signature_of(path) != before:
                    return None
                drop, again = self._import(path, digest)
                if drop.state not in ENDED:
                    drop = _ended(drop, self.passwords)
                if dropfolder.signature_of(path) != before:
                    return None  # it was not finished after all: what it has become is looked at anew
                return self._put_away(path, digest, drop, again=again)
        except (PermissionError, FileNotFoundError):
            return None  # somebody has it open, or has taken it away

    def _digest(self, path: Path, signature: dropfolder.Signature) -> str:
        known = self._digests.get((path, signature))
        if known is None:
            known = dropfolder.digest_of(path)
            self._digests = {(path, signature): known}
        return known

    def _import(self, path: Path, digest: str) -> tuple[Import, bool]:
        """Return the file's import, made now or before; and whether it had been imported before it was put here."""
        mark = self.folder / _MARKS / digest
        found = Import.objects.filter(merchant_id=self.merchant, files__sha256=digest).order_by("-id")
        if mark.exists():
            if ours := found.filter(id__gt=json.loads(mark.read_text())["after"]).first():
                return ours, False
        elif earlier := found.exclude(state__in=_FAILED).first():
            return earlier, True
        else:
            newest = found.first()
            mark.parent.mkdir(exist_ok=True)
            dropfolder.write_whole(mark, json.dumps({"after": newest.pk if newest else 0}).encode())
        with path.open("rb") as stream:
            made = actions.create_import(
                self.merchant,
                [actions.Upload(path.name, stream)],
                actor=COMMAND_LINE,
                as_of=datetime.now(UTC),
                shop=self.shop,
                queue=False,
            )
        return made, False

    def _put_away(self, path: Path, digest: str, drop: Import, *, again: bool) -> str:
        """Write the report, move the file beside it, and forget the mark; in this order nothing is ever lost."""
        good = drop.state == State.DONE
        folder = self.folder / (dropfolder.DONE if good else dropfolder.REFUSED)
        folder.mkdir(exist_ok=True)
        place = dropfolder.place_for(path, folder)
        sheet = place.with_name(f"{place.name}{says.SHEET.text(self.language)}")
        if drop.refused and not again:
            with present.correctable(drop, "xlsx", self.language) as rows:
                dropfolder.write_whole(sheet, rows.read())
        file = ImportFile.objects.filter(drop=drop, sha256=digest).order_by("position").first()
        report = says.report(path.name, drop, file, sheet.name, again=again, language=self.language, zone=self.zone)
        dropfolder.write_whole(place.with_name(f"{place.name}{says.REPORT.text(self.language)}"), report)
        path.rename(place)
        (self.folder / _MARKS / digest).unlink(missing_ok=True)
        return says.line(path.name, drop, again=again, language=self.language)


def _ended(drop: Import, passwords: tuple[str, ...]) -> Import:
    """Run an import, or wait for the process that does, or for the lease of one that died."""
    while drop.state not in ENDED:
        runner.run(drop.pk, passwords=passwords)
        drop.refresh_from_db()
        if drop.state not in ENDED:
            time.sleep(_LOOK_SECONDS)
    return drop


@contextmanager
def _alone(merchant: int, digest: str) -> Iterator[None]:
    """Hold the merchant's file of that hash; the database gives it back when the process dies."""
    key = int.from_bytes(bytes.fromhex(digest)[:8], signed=True) ^ merchant
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [key])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])

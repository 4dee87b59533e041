"""What an upload really holds: archives taken apart, password-protected files opened, everything else as it is.

No Django: it runs where files are read. Nothing here keeps or logs a password.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import msoffcrypto
from msoffcrypto import exceptions as office

from qingdan.core.message import Message
from qingdan.intake import zips
from qingdan.intake.messages import UnreadableFile, message
from qingdan.intake.sniff import OLE
from qingdan.intake.zips import Budget, Member, ZipLimits

DEPTH: Final = 2
"""Archives in one another: an archive of archives is read, a third level is not."""
ARROW: Final = " › "
"""Stands between an archive and its member wherever a file is named: ``导出.zip › 订单.csv``."""
_PROTECTED_LIMIT: Final = 256 << 20
_SPINS: Final = 1_000_000
"""Rounds of hashing that a workbook may ask for; spreadsheet programs write 100,000."""
_SPREADSHEETS_OWN: Final = "VelvetSweatshop"
"""Password that spreadsheet programs use themselves where a workbook is protected but opens without one."""
_OTHER_ARCHIVES: Final = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")
_OFFICE_ERRORS: Final = (
    office.FileFormatError,
    office.DecryptionError,
    OSError,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
)


@dataclass(frozen=True, slots=True)
class Inner:
    """A file to read: where its bytes lie, and what it is called (``导出.zip › 订单.csv``)."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that can not be read. ``protected``: a password would open it; none that was given did."""

    name: str
    message: Message
    protected: bool = False


def expand(
    path: Path,
    passwords: Sequence[str],
    folder: Path,
    *,
    name: str = "",
    asked: bool | None = None,
    limits: ZipLimits = zips.DEFAULT,
) -> list[Inner | Problem]:
    """Return the files that the upload at ``path`` holds, each readable or with what is wrong with it.

    A plain file comes back as it is. Members of archives and opened files are written into ``folder`` (an empty one,
    the caller's to delete). ``name`` is what the upload is called, its own file name by default. Every password is
    tried on everything that is protected; where none fits, ``asked`` tells whether a wrong one was given for this
    upload (by default: whether there are any).
    """
    shown = name or path.name
    wrong = bool(passwords) if asked is None else asked
    work = _Work(tuple(passwords), folder, wrong, limits, Budget.of(limits))
    return list(_expand(path, shown, work, depth=0))


@dataclass(slots=True)
class _Work:
    """What all levels of one upload share."""

    passwords: Sequence[str]
    folder: Path
    wrong: bool
    limits: ZipLimits
    budget: Budget
    made: int = 0

    def place(self) -> Path:
        """Return a new place in the folder."""
        self.made += 1
        return self.folder / f"{self.made}"

    def locked(self, name: str) -> Problem:
        """Say that a file needs a password."""
        return Problem(name, message("password_wrong" if self.wrong else "file_encrypted", file=name), protected=True)


def _expand(path: Path, name: str, work: _Work, *, depth: int) -> Iterator[Inner | Problem]:
    try:
        with path.open("rb") as stream:
            start = stream.read(8)
        if start.startswith(_OTHER_ARCHIVES):
            yield Problem(name, message("archive_kind", file=name))
        elif zips.is_zip(start) and not zips.holds_workbook(path):
            if depth < DEPTH:
                yield from _members(path, name, work, depth=depth)
            else:
                yield Problem(name, message("archive_deep", file=name))
        elif start.startswith(OLE):
            yield _opened(path, name, work)
        else:
            yield Inner(path, name)
    except UnreadableFile as error:
        yield Problem(name, error.message)
    except FileNotFoundError:
        yield Problem(name, message("file_missing", file=name))


def _members(path: Path, name: str, work: _Work, *, depth: int) -> Iterator[Inner | Problem]:
    place = work.place()
    place.mkdir()
    found = False
    unpacked = zips.unpack(path, place, work.passwords, file=name, limits=work.limits, budget=work.budget)
    for member in unpacked:
        found = True
        yield from _member(member, f"{name}{ARROW}{member.name}", work, depth=depth)
    if not found:
        yield Problem(name, message("archive_empty", file=name))


def _member(member: Member, name: str, work: _Work, *, depth: int) -> Iterator[Inner | Problem]:
    if member.protected:
        yield work.locked(name)
    elif member.problem is not None:
        # the person knows the archive, not what is in it
        yield Problem(name, replace(member.problem, params={**member.problem.params, "file": name}))
    elif member.path is not None:
        yield from _expand(member.path, name, work, depth=depth + 1)


def _opened(path: Path, name: str, work: _Work) -> Inner | Problem:
    """Open an OLE file if it is protected; what is no workbook is left to the reader to refuse."""
    with path.open("rb") as stream:
        try:
            book: Any = msoffcrypto.OfficeFile(stream)
            protected = book.is_encrypted()
        except _OFFICE_ERRORS:
            protected = False
        if not protected:
            return Inner(path, name)
        size = path.stat().st_size
        if size > _PROTECTED_LIMIT:
            sizes = {"size": size >> 20, "limit": _PROTECTED_LIMIT >> 20}
            return Problem(name, message("file_too_large", file=name, **sizes))
        return _decrypted(book, name, work)


def _decrypted(book: Any, name: str, work: _Work) -> Inner | Problem:
    strange = Problem(name, message("archive_method", file=name))
    if getattr(book, "type", "") == "agile" and book.info["spinValue"] > _SPINS:
        return strange
    for password in (_SPREADSHEETS_OWN, *work.passwords):
        target = work.place()
        try:
            with target.open("wb") as out:
                book.load_key(password=password, verify_password=True)
                book.decrypt(out)
        except office.InvalidKeyError:
            target.unlink()
            continue
        except _OFFICE_ERRORS:
            target.unlink()
            return strange
        return Inner(target, name)
    return work.locked(name)

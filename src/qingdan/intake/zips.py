"""Zip archives as the files in them: nothing of an archive is believed, and nothing of it chooses where it is written.

Sizes are counted while unpacking and bounded before; names are only shown. Members are written under names of ours.
"""

import re
import stat
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final

import pyzipper

from qingdan.core.message import Message
from qingdan.intake.messages import UnreadableFile, message

ZIP: Final = b"PK\x03\x04"
EMPTY_ZIP: Final = b"PK\x05\x06"


@dataclass(frozen=True, slots=True)
class ZipLimits:
    """Bounds of an honest archive of exports; sizes in bytes, ``unpacked`` for everything in one upload."""

    unpacked: int = 4 << 30
    ratio: int = 200
    ratio_from: int = 32 << 20
    entries: int = 1_000


DEFAULT: Final = ZipLimits()
_TABLES: Final = frozenset({".csv", ".tsv", ".txt", ".xls", ".xlsx", ".xlsm", ".xlsb", ".html", ".htm", ".zip", ""})
_LITTER: Final = re.compile(r"(?:^|/)(?:__MACOSX/|\.|~\$|thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_OUTSIDE: Final = re.compile(r"^(?:/|\\|[A-Za-z]:)|(?:^|[/\\])\.\.(?:[/\\]|$)")
_READ: Final = (pyzipper.ZIP_STORED, pyzipper.ZIP_DEFLATED)
_UNICODE_PATH: Final = 0x7075
_UTF8_NAME: Final = 1 << 11
_ENCRYPTED: Final = 1
_STRONG: Final = 1 << 6
_CHUNK: Final = 1 << 18
_BROKEN: Final = (pyzipper.BadZipFile, zlib.error, EOFError, OSError, struct.error, ValueError)


@dataclass(frozen=True, slots=True)
class Member:
    """A file that came out of an archive: its name there (folders included), where it lies now, or what is wrong."""

    name: str
    path: Path | None = None
    problem: Message | None = None
    protected: bool = False


@dataclass(slots=True)
class Budget:
    """Bytes and entries that one upload may still unpack to."""

    unpacked: int
    entries: int

    @classmethod
    def of(cls, limits: ZipLimits) -> "Budget":
        """All that ``limits`` allow."""
        return cls(limits.unpacked, limits.entries)


def is_zip(start: bytes) -> bool:
    """Whether a file that begins so is a zip archive or a workbook, which is one."""
    return start.startswith((ZIP, EMPTY_ZIP))


def holds_workbook(path: Path) -> bool:
    """Whether a zip is a workbook, or too broken to tell: the reader of workbooks then says what is wrong."""
    try:
        with pyzipper.AESZipFile(path) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except _BROKEN:
        return True


def unpack(
    path: Path, folder: Path, passwords: Sequence[str], *, file: str, limits: ZipLimits, budget: Budget
) -> Iterator[Member]:
    """Unpack the tables and archives in the zip at ``path`` into ``folder``, one at a time.

    What is no table and what systems leave behind is left out. Raises ``UnreadableFile`` when the archive as a whole
    is damaged or dangerous; ``file`` is what it is called then.
    """
    try:
        with pyzipper.AESZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check(archive, entries, path.stat().st_size, file=file, limits=limits, budget=budget)
            keys = _keys(passwords)
            for number, entry in enumerate(entries):
                name = _name(entry)
                if problem := _refusal(entry, name):
                    yield Member(name, problem=problem)
                    continue
                if _LITTER.search(name) or PurePosixPath(name).suffix.lower() not in _TABLES:
                    continue
                place = folder / f"{number}"
                fitted = _take(archive, entry, place, keys, file=file, limits=limits, budget=budget)
                yield Member(name, place) if fitted else Member(name, protected=True)
    except _BROKEN as error:
        raise UnreadableFile(message("file_damaged", file=file)) from error


def _check(
    archive: pyzipper.AESZipFile,
    entries: list[pyzipper.ZipInfo],
    size: int,
    *,
    file: str,
    limits: ZipLimits,
    budget: Budget,
) -> None:
    """Refuse an archive by its directory, before anything is unpacked."""
    budget.entries -= len(archive.infolist())
    if budget.entries < 0:
        raise _unsafe(file, f"里面的文件超过 {limits.entries} 个", f"it holds more than {limits.entries} files")
    if sum(entry.file_size for entry in entries) > budget.unpacked:
        raise _unsafe(file, "解压后大得不正常", "it unpacks to an abnormal size")
    if sum(entry.compress_size for entry in entries) > size or len({e.header_offset for e in entries}) < len(entries):
        raise _unsafe(file, "里面的文件互相重叠（疑似压缩炸弹）", "its members overlap like those of a zip bomb")
    if any(e.file_size > limits.ratio_from and e.file_size > limits.ratio * max(e.compress_size, 1) for e in entries):
        raise _unsafe(file, "压缩比例不正常（疑似压缩炸弹）", "its compression ratio is that of a zip bomb")


def _refusal(entry: pyzipper.ZipInfo, name: str) -> Message | None:
    mode = entry.external_attr >> 16
    if stat.S_ISLNK(mode) or (stat.S_IFMT(mode) and not stat.S_ISREG(mode)):
        return message("file_unsafe", file=name, detail="它是指向别处的链接", detail_en="it is a link to another place")
    if _OUTSIDE.search(name):
        return message("file_unsafe", file=name, detail="文件名指向别的文件夹", detail_en="its name leads elsewhere")
    if entry.flag_bits & _STRONG or entry.compress_type not in _READ:
        return message("archive_method", file=name)
    return None


def _take(
    archive: pyzipper.AESZipFile,
    entry: pyzipper.ZipInfo,
    place: Path,
    keys: list[bytes],
    *,
    file: str,
    limits: ZipLimits,
    budget: Budget,
) -> bool:
    """Write a member to ``place``; False when it is protected and no key fits."""
    for key in keys if entry.flag_bits & _ENCRYPTED else [None]:
        try:
            with archive.open(entry, pwd=key) as source, place.open("wb") as target:
                budget.unpacked -= _copy(source, target, entry, file=file, limits=limits, left=budget.unpacked)
        except RuntimeError:
            continue  # the password is not this one
        except _BROKEN as error:
            # the old cipher lets one wrong password in 256 through, and what comes out is then broken
            if key is None:
                raise UnreadableFile(message("file_damaged", file=file)) from error
            continue
        # the one that fitted is tried first with the next member
        if key is not None:
            keys.remove(key)
            keys.insert(0, key)
        return True
    place.unlink(missing_ok=True)
    return False


def _copy(
    source: IO[bytes], target: IO[bytes], entry: pyzipper.ZipInfo, *, file: str, limits: ZipLimits, left: int
) -> int:
    """Write out a member; what it says of its size is not believed."""
    written = 0
    while part := source.read(_CHUNK):
        written += len(part)
        if written > left or (written > limits.ratio_from and written > limits.ratio * max(entry.compress_size, 1)):
            raise _unsafe(file, "解压后大得不正常", "it unpacks to an abnormal size")
        target.write(part)
    if written != entry.file_size:
        raise pyzipper.BadZipFile("not the size that the directory names")
    return written


def _keys(passwords: Sequence[str]) -> list[bytes]:
    """Passwords as bytes: programs on Chinese systems wrote them in either encoding."""
    found = dict.fromkeys(
        text.encode(encoding, errors="ignore") for text in passwords for encoding in ("utf-8", "gb18030")
    )
    return [key for key in found if key]


def _name(entry: pyzipper.ZipInfo) -> str:
    """Name of a member: as its Unicode field or flag says, else UTF-8 if it is that, else GB18030."""
    if told := _unicode_path(entry.extra):
        return told.replace("\\", "/")
    if entry.flag_bits & _UTF8_NAME:
        return str(entry.filename).replace("\\", "/")
    raw: bytes = entry.orig_filename.encode("cp437", errors="replace").split(b"\0")[0]
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding).replace("\\", "/")
        except UnicodeDecodeError:
            continue
    return str(entry.filename).replace("\\", "/")


def _unicode_path(extra: bytes) -> str | None:
    """Name in the Unicode path field of Info-ZIP, if there is one."""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        if kind == _UNICODE_PATH and length > 5:
            return extra[9 : 4 + length].decode("utf-8", errors="replace")
        extra = extra[4 + length :]
    return None


def _unsafe(file: str, zh: str, en: str) -> UnreadableFile:
    return UnreadableFile(message("file_unsafe", file=file, detail=zh, detail_en=en))

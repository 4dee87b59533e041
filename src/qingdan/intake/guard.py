"""Looks at a workbook before it is opened: a spreadsheet library believes what the file says of itself.

Two cells at the far corners make the reader ask for hundreds of gigabytes and abort the process, so sizes and cell
references are bounded here first, by streaming through the archive without building anything.

Looking at every reference takes a third of the time of reading the sheet. Where the process is bounded itself, as the
reading child is, only the ends of a sheet are looked at: what hides between them meets that bound.
"""

import re
import sys
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from qingdan.intake.messages import UnreadableFile, message


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of an honest workbook; sizes in bytes, ``area`` in cells (rows used × columns used)."""

    unpacked: int = 4 << 30
    ratio: int = 200
    ratio_from: int = 32 << 20
    entries: int = 5_000
    columns: int = 702
    area: int = 100_000_000


DEFAULT: Final = Limits()
_SHEET: Final = re.compile(r"^xl/worksheets/[^/]+\.xml$")
_ODD_SPELLINGS: Final = (b" r ", b"\tr", b"\nr", b"\rr", b" r\t", b" r\n", b" r\r")
_ANY_REFERENCE: Final = re.compile(rb"\sr\s*=\s*[\"']\s*([A-Za-z]{0,9})(\d{1,12})")
_CHUNK: Final = 1 << 20
_OVERLAP: Final = 256
_LAST_ROW: Final = 1 << 20
_TWO_LETTERS: Final = 702


def check_workbook(path: Path, limits: Limits = DEFAULT, *, name: str = "") -> None:
    """Raise ``UnreadableFile`` unless the xlsx file at ``path`` is safe to open."""
    name = name or path.name
    ends_only = _bounded()
    try:
        with zipfile.ZipFile(path) as archive:
            _check_directory(archive, limits, file=name)
            for info in archive.infolist():
                if info.filename.startswith("xl/") and info.filename.endswith(".xml"):
                    reach = [9, 26]
                    is_sheet = _SHEET.match(info.filename) is not None
                    with archive.open(info) as stream:
                        for text in _pieces(stream, ends_only=ends_only and is_sheet, file=name):
                            if is_sheet:
                                _check_piece(text, limits, reach, file=name)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise UnreadableFile(message("file_damaged", file=name)) from error


def _check_directory(archive: zipfile.ZipFile, limits: Limits, *, file: str) -> None:
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnreadableFile(message("file_encrypted", file=file))
    if "[Content_Types].xml" not in names or not any(n.startswith("xl/") for n in names):
        raise UnreadableFile(message("file_archive", file=file))
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.unpacked or len(entries) > limits.entries or len(names) != len(entries):
        raise _unsafe(file, "解压后大得不正常", "it unpacks to an abnormal size")
    for entry in entries:
        if entry.file_size > limits.ratio_from and entry.file_size > limits.ratio * max(entry.compress_size, 1):
            raise _unsafe(file, "压缩比例不正常（疑似压缩炸弹）", "its compression ratio is that of a zip bomb")


def _bounded() -> bool:
    """Tell whether this process may take only so much memory."""
    if sys.platform == "win32":
        return False
    import resource  # noqa: PLC0415 - there is none on Windows

    return resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY


def _pieces(stream: IO[bytes], *, ends_only: bool, file: str) -> Iterator[bytes]:
    """Unpack one part and give it piece by piece, each with the end of the one before.

    The archive module stops at the declared size and checks the sum, so everything is unpacked even where only the
    first and the last piece are given.
    """
    tail = last = b""
    first = True
    while chunk := stream.read(_CHUNK):
        text = tail + chunk
        if first:
            _check_prolog(text, file=file)
        if first or not ends_only:
            yield text
        else:
            last = text
        first = False
        tail = text[-_OVERLAP:]
    if last:
        yield last


def _check_piece(text: bytes, limits: Limits, reach: list[int], *, file: str) -> None:
    """Bound the references of a piece; ``reach`` (rows, columns) is what the pieces before reach."""
    reach[:] = _reach(text, *reach)
    rows, columns = reach
    if columns > limits.columns or rows > _LAST_ROW or rows * columns > limits.area:
        raise _unsafe(file, "表格的行列范围大得不正常", "its sheet claims an abnormal range of cells")


def _check_prolog(text: bytes, *, file: str) -> None:
    head = text[:4096]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in head:
        raise _unsafe(file, "内部编码不正常", "its parts have an abnormal encoding")
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise _unsafe(file, "含有外部实体声明", "it declares XML entities")


def _reach(text: bytes, rows: int, columns: int) -> tuple[int, int]:
    """Upper bounds of row and column after a chunk: exact for odd spellings, else by length and first letter.

    Matching every reference would cost more than reading the sheet. So it is only asked whether some reference goes
    beyond the bound so far: more digits in its row, or a later first letter in a two-letter column.
    """
    if text.count(b" r=") != text.count(b' r="') or any(odd in text for odd in _ODD_SPELLINGS):
        for letters, digits in _ANY_REFERENCE.findall(text):
            rows, columns = max(rows, int(digits)), max(columns, _column_number(letters))
        return rows, columns
    while rows <= _LAST_ROW and (beyond := re.search(rb' r="[A-Za-z]*(\d{%d,12})' % (len(str(rows)) + 1), text)):
        digits = len(beyond.group(1))
        rows = _LAST_ROW if digits == len(str(_LAST_ROW)) else 10**digits - 1
    while columns <= _TWO_LETTERS and (wider := _wider(text, columns)):
        columns = _column_number(wider if len(wider) > 2 else wider[:1] + b"Z")
    return rows, columns


def _wider(text: bytes, columns: int) -> bytes:
    """Letters of some reference beyond ``columns``, which is 26, 52 … 702; empty when there is none."""
    first = columns // 26 - 1
    beyond = rb"[A-Za-z]{3,9}"
    if first < 26:
        beyond += rb"|[%c-Z%c-z][A-Za-z]" % (65 + first, 97 + first)
    found = re.search(rb' r="(%s)\d' % beyond, text)
    return found.group(1).upper() if found else b""


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _unsafe(file: str, zh: str, en: str) -> UnreadableFile:
    return UnreadableFile(message("file_unsafe", file=file, detail=zh, detail_en=en))

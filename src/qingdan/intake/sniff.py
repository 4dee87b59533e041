"""What a file is, by its first bytes; its extension is never believed."""

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import polars as pl

from qingdan.intake.messages import UnreadableFile, message

ZIP: Final = b"PK\x03\x04"
_PIECE: Final = 1 << 18
_PIECE_CHECKED: Final = 1 << 18
OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOREIGN: Final = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x7fELF",
    b"MZ\x90",
    b"\x1f\x8b",
    b"7z\xbc\xaf",
    b"Rar!",
    b"SQLite",
)
_UTF16: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class Container(StrEnum):
    """How the table is packed."""

    XLSX = "xlsx"
    XLS = "xls"
    HTML = "html"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Text:
    """A text file as UTF-8 bytes without a byte order mark, and the encoding that it had."""

    content: bytes
    encoding: str


def container_of(start: bytes, *, file: str) -> Container:
    """Container of a file by its first bytes (64 are enough but for HTML, which may begin with white space).

    Raises ``UnreadableFile`` for an empty file and for what is certainly no table.
    """
    if not start.strip():
        raise UnreadableFile(message("file_empty", file=file))
    if start.startswith(ZIP):
        return Container.XLSX
    if start.startswith(OLE):
        return Container.XLS
    if start.startswith(_FOREIGN):
        raise UnreadableFile(message("file_unknown_kind", file=file))
    head = start.removeprefix(codecs.BOM_UTF8).lstrip()[:512].lower()
    if head.startswith((b"<html", b"<table", b"<!doctype html", b"<meta", b"<?xml", b"<head", b"<style")):
        return Container.HTML
    return Container.CSV


def decode(content: bytes, *, file: str) -> Text:
    """Text of a CSV, TSV or HTML file: UTF-16 by its mark, else strict UTF-8, else strict GB18030.

    Raises ``UnreadableFile`` when none fits or when the text holds NUL characters.
    """
    for mark, encoding in _UTF16.items():
        if content.startswith(mark):
            try:
                text = Text(content[2:].decode(encoding).encode(), encoding)
            except UnicodeDecodeError as error:
                raise UnreadableFile(message("file_encoding", file=file)) from error
            return _without_nul(text, file=file)
    _without_nul(Text(content, ""), file=file)
    marked = content.startswith(codecs.BOM_UTF8)
    if not _is_utf8(content):
        try:
            return Text(b"".join(text.encode() for text in _decoded(content, "gb18030")), "gb18030")
        except UnicodeDecodeError as error:
            raise UnreadableFile(message("file_encoding", file=file)) from error
    return Text(content[3:], "utf-8-sig") if marked else Text(content, "utf-8")


def _is_utf8(content: bytes) -> bool:
    """Whether the text is strict UTF-8, checked by Polars' validator: it is many times as fast as decoding."""
    start = 0
    while start < len(content):
        stop = min(start + _PIECE_CHECKED, len(content))
        if stop < len(content):
            # Cut where a character begins; in UTF-8 that is within the last four bytes.
            cut = next((at for at in range(stop, stop - 4, -1) if content[at] & 0xC0 != 0x80), None)
            if cut is None:
                return False
            stop = cut
        try:
            pl.Series([content[start:stop]], dtype=pl.Binary).cast(pl.String)
        except pl.exceptions.ComputeError:
            return False
        start = stop
    return True


def _decoded(content: bytes, encoding: str) -> Iterator[str]:
    """Text in pieces that stay in the processor's cache; strict."""
    decoder = codecs.getincrementaldecoder(encoding)()
    view = memoryview(content)
    for start in range(0, len(view), _PIECE):
        yield decoder.decode(view[start : start + _PIECE])
    yield decoder.decode(b"", final=True)


def _without_nul(text: Text, *, file: str) -> Text:
    if b"\0" in text.content:
        raise UnreadableFile(message("file_has_nul", file=file))
    return text


def delimiter_of(lines: list[str]) -> str:
    """Delimiter of a text table by its first lines: the one that cuts some line into most cells.

    Tabs that pad a cell (before or after a comma, a quote or the line's end) are no delimiters, unless nothing else is.
    """
    cells = {d: max((_cells(line, d) for line in lines), default=0) for d in _DELIMITERS}
    if max(cells.values()) <= 1:
        cells["\t"] = max((line.count("\t") for line in lines), default=0)
    return max(_DELIMITERS, key=lambda d: cells[d])


_DELIMITERS: Final = (",", "\t", ";", "|")
_PADDING: Final = re.compile(r"\t+(?=[,\"\r]|$)|(?<=[,\"])\t+")


def _cells(line: str, delimiter: str) -> int:
    text = _PADDING.sub("", line) if delimiter == "\t" else line
    try:
        return len(next(csv.reader([text], delimiter=delimiter), []))
    except csv.Error:
        return 0

"""What a file is, by its first bytes; its extension is never believed."""

import codecs
import csv
import re
from enum import StrEnum
from typing import Final

from qingdan.intake.messages import UnreadableFile, message

ZIP: Final = b"PK\x03\x04"
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


class Container(StrEnum):
    """How the table is packed."""

    XLSX = "xlsx"
    XLS = "xls"
    HTML = "html"
    CSV = "csv"


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

"""Workbooks and HTML tables as rows of cells, and typed cells as the text that a CSV would hold."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Final, Protocol

import polars as pl
import python_calamine as calamine

from qingdan.intake import guard
from qingdan.intake.messages import UnreadableFile, message
from qingdan.intake.sniff import Container

Cell = str | int | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta
XLS_LIMIT: Final = 128 << 20
_EXACT: Final = 10**15
"""Spreadsheets keep 15 digits of a number; an identifier with more has lost the rest."""


class Rows(Protocol):
    """Rows that can be walked more than once."""

    def iterate(self) -> Iterator[Sequence[Cell]]:
        """Rows from the first of the sheet, empty ones included."""
        ...


@dataclass(frozen=True, slots=True)
class SheetRows:
    """Rows of a workbook sheet."""

    sheet: calamine.CalamineSheet

    def iterate(self) -> Iterator[Sequence[Cell]]:
        """See ``Rows.iterate``."""
        return iter(self.sheet.iter_rows())


@dataclass(frozen=True, slots=True)
class FixedRows:
    """Rows already in memory."""

    rows: Sequence[Sequence[Cell]]

    def iterate(self) -> Iterator[Sequence[Cell]]:
        """See ``Rows.iterate``."""
        return iter(self.rows)


def open_workbook(path: Path, container: Container, name: str) -> list[tuple[str, Rows]]:
    """Worksheets of an xlsx or xls file that hold anything, by title; messages call it ``name``.

    The reader allocates what the file claims; ``guard`` bounds that first. Raises ``UnreadableFile``.
    """
    if container is Container.XLSX:
        guard.check_workbook(path, name=name)
    elif path.stat().st_size > XLS_LIMIT:
        raise UnreadableFile(
            message("file_too_large", file=name, size=path.stat().st_size >> 20, limit=XLS_LIMIT >> 20)
        )
    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        sheets = [
            (meta.name, book.get_sheet_by_name(meta.name))
            for meta in book.sheets_metadata
            if meta.typ == calamine.SheetTypeEnum.WorkSheet
        ]
    except calamine.PasswordError as error:
        raise UnreadableFile(message("file_encrypted", file=name)) from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise UnreadableFile(message("file_damaged", file=name)) from error
    found: list[tuple[str, Rows]] = [(title, SheetRows(sheet)) for title, sheet in sheets if sheet.height]
    if not found:
        raise UnreadableFile(message("file_empty", file=name))
    return found


def cell_text(value: Cell) -> str:
    """Text of a typed cell; a number too long for a spreadsheet to keep comes out in scientific notation."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        if abs(value) >= _EXACT:
            return f"{value:.14E}"
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, dt.datetime):
        return f"{value + dt.timedelta(microseconds=500_000):%Y-%m-%d %H:%M:%S}"
    return str(value)


def text_series(name: str, values: list[Cell]) -> pl.Series:
    """Column of text, empty cells null; converts one by one only where a cell is not text already."""
    try:
        series = pl.Series(name, values, dtype=pl.String, strict=True)
    except TypeError:
        series = pl.Series(name, [cell_text(value) for value in values], dtype=pl.String)
    return series.set(series == "", None)


class _Tables(HTMLParser):
    """Cells of every ``tr``/``td`` of an HTML page and of every ``Row``/``Cell`` of an XML spreadsheet."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag in {"tr", "row"}:
            self.rows.append([])
            self._open = False
        elif tag in {"td", "th", "cell"}:
            if not self.rows:
                self.rows.append([])
            self.rows[-1].append("")
            self._open = True
        elif tag == "br" and self._open:
            self.rows[-1][-1] += "\n"

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th", "cell", "tr", "row"}:
            self._open = False

    def handle_data(self, data: str) -> None:
        if self._open:
            self.rows[-1][-1] += data


def html_rows(text: str) -> list[list[str]]:
    """Rows of the tables in an HTML page (ERPs name such files .xls)."""
    parser = _Tables()
    parser.feed(text)
    parser.close()
    return parser.rows

"""Frames as files for spreadsheets: no cell is taken for a formula, and importing restores every text."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final

import polars as pl
import xlsxwriter

from qingdan.core.sheetform import inert, restored

__all__ = ["BOM", "inert", "restored", "workbook", "write_csv", "write_sheet", "write_xlsx"]

BOM: Final = b"\xef\xbb\xbf"
"""Tells spreadsheets that the text is UTF-8."""
_WORKBOOK: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def write_csv(frame: pl.DataFrame, stream: IO[bytes]) -> None:
    """Write ``frame`` as UTF-8 CSV that spreadsheets open rightly."""
    stream.write(BOM)
    inert(frame).write_csv(stream)


def workbook(target: Path | IO[bytes]) -> Any:
    """Return a workbook to be written to ``target`` sheet by sheet, as a context manager."""
    return xlsxwriter.Workbook(target if not isinstance(target, Path) else str(target), _WORKBOOK)


def write_xlsx(frame: pl.DataFrame, target: Path | IO[bytes], *, widths: Mapping[str, int] | None = None) -> None:
    """Write ``frame`` as one sheet; texts stay texts (order numbers keep all digits), numbers are numbers."""
    with workbook(target) as book:
        write_sheet(book, frame, widths=widths)


def write_sheet(
    book: Any,
    frame: pl.DataFrame,
    *,
    name: str = "",
    widths: Mapping[str, int] | None = None,
    titles: Sequence[str] | None = None,
    as_text: bool = False,
) -> None:
    """Add ``frame`` as a sheet to a ``workbook``; ``name`` is cut and cleaned to what a sheet may be called.

    ``titles`` stand for the column names, which can not be the same twice. ``as_text`` makes cells of text columns
    keep what people type into them: all digits of an order number.
    """
    sheet = book.add_worksheet(_sheet_name(book, name))
    sheet.freeze_panes(1, 0)
    form = book.add_format({"num_format": "@"}) if as_text else None
    for place, title in enumerate(titles or frame.columns):
        sheet.set_column(place, place, (widths or {}).get(title, 18), form)
        sheet.write_string(0, place, title)
    for line, cells in enumerate(frame.iter_rows(), start=1):
        for place, cell in enumerate(cells):
            if isinstance(cell, str):
                sheet.write_string(line, place, cell, form)
            elif cell is not None:
                sheet.write_number(line, place, cell)


def _sheet_name(book: Any, name: str) -> str | None:
    """Name that spreadsheet programs accept, and that no other sheet of the book has; None for an unnamed sheet."""
    if not name:
        return None
    plain = "".join("_" if char in "[]:*?/\\" or ord(char) < 32 else char for char in name).strip("'")[:28] or "_"
    taken = {sheet.get_name().lower() for sheet in book.worksheets()}
    unique, number = plain, 1
    while unique.lower() in taken:
        number += 1
        unique = f"{plain[:25]}~{number}"
    return unique

"""Frames as files for spreadsheets: no cell is taken for a formula, and importing restores every text."""

from collections.abc import Mapping
from pathlib import Path
from typing import IO, Final

import polars as pl
import xlsxwriter

BOM: Final = b"\xef\xbb\xbf"
"""Tells spreadsheets that the text is UTF-8."""
_FORMULA: Final = r"^(\s*[=+\-@＝＋－＠\t\r'])"
"""Beginnings that a spreadsheet takes for a formula, and the apostrophe that keeps it from doing so."""
_WORKBOOK: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def inert(frame: pl.DataFrame) -> pl.DataFrame:
    """Put an apostrophe before texts that would be calculated; ``restored`` takes it away again."""
    return frame.with_columns(pl.col(pl.String).str.replace(_FORMULA, "'${1}"))


def restored(frame: pl.DataFrame) -> pl.DataFrame:
    """Undo ``inert``."""
    return frame.with_columns(pl.col(pl.String).str.strip_prefix("'"))


def write_csv(frame: pl.DataFrame, stream: IO[bytes]) -> None:
    """Write ``frame`` as UTF-8 CSV that spreadsheets open rightly."""
    stream.write(BOM)
    inert(frame).write_csv(stream)


def write_xlsx(frame: pl.DataFrame, target: Path | IO[bytes], *, widths: Mapping[str, int] | None = None) -> None:
    """Write ``frame`` as one sheet; texts stay texts (order numbers keep all digits), numbers are numbers."""
    with xlsxwriter.Workbook(target if not isinstance(target, Path) else str(target), _WORKBOOK) as book:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        for place, name in enumerate(frame.columns):
            sheet.set_column(place, place, (widths or {}).get(name, 18))
        sheet.write_row(0, 0, frame.columns)
        for line, cells in enumerate(frame.iter_rows(), start=1):
            for place, cell in enumerate(cells):
                if isinstance(cell, str):
                    sheet.write_string(line, place, cell)
                elif cell is not None:
                    sheet.write_number(line, place, cell)

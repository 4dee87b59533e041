"""An uploaded file → the tables in it as the text that a CSV would hold: workbooks by the sheet, text as it is."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from qingdan.intake.archives import ARROW
from qingdan.intake.sniff import Container, container_of
from qingdan.intake.workbook import Cell, cell_text, html_rows, open_workbook

_HEAD: Final = 1 << 12
_BREAKS: Final = str.maketrans("\r\n", "  ")


def tables(path: Path, *, name: str) -> list[tuple[str, bytes]]:
    """Return the tables of a file with what they are called. Raises ``UnreadableFile`` for what is certainly none.

    A row stands on the line of its number, so that what is said of a line holds for the sheet.
    """
    data = path.read_bytes()
    if not data.strip():
        return [(name, data)]
    container = container_of(data[:_HEAD], file=name)
    if container is Container.CSV:
        return [(name, data)]
    if container is Container.HTML:
        return [(name, _as_csv(html_rows(_text(data))))]
    sheets = open_workbook(path, container, name)
    return [(f"{name}{ARROW}{title}" if len(sheets) > 1 else name, _as_csv(rows.iterate())) for title, rows in sheets]


def _as_csv(rows: Iterable[Sequence[Cell]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(
        [cell_text(cell).translate(_BREAKS) for cell in row] for row in rows
    )
    return text.getvalue().encode()


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", errors="replace")

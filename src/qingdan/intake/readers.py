"""Files as tables of text: the first rows to find the header in, then the wanted columns with their row numbers."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import polars as pl

from qingdan.intake import records, sniff, workbook
from qingdan.intake.messages import UnreadableFile, message
from qingdan.intake.sniff import Container

HEAD_ROWS: Final = 20
ROW: Final = "row"
FILE_LIMIT: Final = 4 << 30
_CHUNK: Final = 20_000
_SAMPLE: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Ragged:
    """A row whose number of cells is not the header's: its number, its cells, and how many there should be."""

    row: int
    cells: tuple[str, ...]
    expected: int


@dataclass(frozen=True, slots=True)
class Body:
    """Rows under a header: text columns named by position (``"0"``, ``"7"``) and ``row``, as a spreadsheet counts."""

    frame: pl.DataFrame
    ragged: tuple[Ragged, ...] = ()


class Sheet(Protocol):
    """One table of a file."""

    name: str
    head: Sequence[Sequence[str]]

    def load(self, header: int, wanted: Sequence[int]) -> Body:
        """Rows below the header at index ``header`` of ``head``, only the columns at the ``wanted`` positions."""
        ...


@dataclass(frozen=True, slots=True)
class Opened:
    """A file and its sheets."""

    container: Container
    encoding: str
    sheets: tuple[Sheet, ...]


def open_file(path: Path) -> Opened:
    """Open an export by its content.

    Raises ``UnreadableFile`` with what to do when the file can not be read as tables.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            start = stream.read(4096)
    except OSError as error:
        raise UnreadableFile(message("file_missing", file=path.name)) from error
    if size > FILE_LIMIT:
        raise UnreadableFile(message("file_too_large", file=path.name, size=size >> 20, limit=FILE_LIMIT >> 20))
    container = sniff.container_of(start, file=path.name)
    if container in {Container.XLSX, Container.XLS}:
        book = workbook.open_workbook(path, container)
        return Opened(container, "", tuple(RowsSheet(name, rows) for name, rows in book))
    text = sniff.decode(path.read_bytes(), file=path.name)
    if container is Container.HTML:
        rows = workbook.html_rows(text.content.decode("utf-8"))
        return Opened(container, text.encoding, (RowsSheet("", workbook.FixedRows(rows)),))
    return Opened(container, text.encoding, (CsvSheet.of(text.content),))


@dataclass(frozen=True, slots=True)
class _Want:
    """What to read of a text: column positions, cells of a row, and the number of its first row."""

    columns: tuple[int, ...]
    width: int
    first: int


@dataclass(slots=True)
class RowsSheet:
    """A sheet of a workbook; cells arrive typed and leave as text."""

    name: str
    rows: workbook.Rows
    head: Sequence[Sequence[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.head = [[workbook.cell_text(value) for value in row] for row in islice(self.rows.iterate(), HEAD_ROWS)]

    def load(self, header: int, wanted: Sequence[int]) -> Body:
        """See ``Sheet.load``."""
        names = [str(i) for i in wanted]
        rows = islice(self.rows.iterate(), header + 1, None)
        frames = []
        number = header + 2
        while chunk := list(islice(rows, _CHUNK)):
            columns = {
                name: workbook.text_series(name, [row[i] if i < len(row) else "" for row in chunk])
                for name, i in zip(names, wanted, strict=True)
            }
            frames.append(
                pl.DataFrame(columns).with_columns(
                    pl.int_range(number, number + len(chunk), dtype=pl.UInt32, eager=True).alias(ROW)
                )
            )
            number += len(chunk)
        schema = {**dict.fromkeys(names, pl.String()), ROW: pl.UInt32()}
        return Body(pl.concat(frames) if frames else pl.DataFrame(schema=schema))


@dataclass(slots=True)
class CsvSheet:
    """A delimited text file."""

    content: bytes
    delimiter: str
    head: Sequence[Sequence[str]]
    ends: Sequence[int]
    name: str = ""

    @classmethod
    def of(cls, content: bytes) -> "CsvSheet":
        """Sheet of UTF-8 text; the delimiter is told by the first 20 lines."""
        if b"\r" in content[:65536] and b"\n" not in content[:65536]:
            content = content.replace(b"\r", b"\n")
        start = content[: 1 << 16].decode("utf-8", errors="ignore").split("\n")[:HEAD_ROWS]
        delimiter = sniff.delimiter_of(start)
        found = list(records.first_records(content, delimiter, HEAD_ROWS))
        return cls(content, delimiter, [cells for cells, _ in found], [end for _, end in found])

    def load(self, header: int, wanted: Sequence[int]) -> Body:
        """See ``Sheet.load``."""
        body = self.content[self.ends[header] :] if self.ends[header] else self.content
        want = _Want(tuple(wanted), self._width(self.head[header], body), header + 2)
        # Counting cells and parsing them are both deaf to Python's lock, so they run side by side.
        with ThreadPoolExecutor(max_workers=1) as pool:
            counting = pool.submit(records.scan, body, self.delimiter)
            frame = self._parse(body, want)
            scanned = counting.result()
        wrong = np.flatnonzero(scanned.cells != want.width)
        # A blank line is one empty cell; it stays and is dropped with other empty rows.
        wrong = wrong[(scanned.cells[wrong] > 1) | (scanned.ends[wrong] - scanned.starts[wrong] > 2)]
        if len(wrong):
            return self._load_around(body, scanned, wrong, want)
        if frame is None or frame.height != len(scanned):
            return self._mend(body, want)
        rows = pl.int_range(want.first, want.first + frame.height, dtype=pl.UInt32, eager=True)
        return Body(frame.with_columns(rows.alias(ROW)))

    def _width(self, header: Sequence[str], body: bytes) -> int:
        """Cells of a row: the header's, or one more or less where only one of them ends with a delimiter."""
        named = max((i + 1 for i, name in enumerate(header) if name.strip()), default=len(header))
        cells = records.scan(body[:_SAMPLE], self.delimiter).cells
        usual = int(np.bincount(cells).argmax()) if len(cells) else len(header)
        return usual if named <= usual <= len(header) + 1 else len(header)

    def _parse(self, body: bytes, want: _Want) -> pl.DataFrame | None:
        """Wanted columns of clean text; None when the parser and we disagree on its quotes."""
        try:
            return pl.read_csv(
                body,
                has_header=False,
                schema={str(i): pl.String() for i in range(want.width)},
                columns=list(want.columns),
                separator=self.delimiter,
                infer_schema=False,
            )
        except (pl.exceptions.ComputeError, pl.exceptions.SchemaError):
            return None

    def _load_around(self, body: bytes, scanned: records.Records, wrong: records.Ints, want: _Want) -> Body:
        """Clean records in bulk, runs of wrong ones one by one; row numbers count both."""
        runs = np.split(wrong, np.flatnonzero(np.diff(wrong) != 1) + 1)
        spans = [(int(scanned.starts[run[0]]), int(scanned.ends[run[-1]])) for run in runs]
        clean = np.ones(len(scanned), dtype=bool)
        clean[wrong] = False
        edges = [0, *(edge for span in spans for edge in span), len(body)]
        kept = b"".join(body[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True))
        frame = self._parse(kept, want)
        if frame is None or frame.height != int(clean.sum()):
            return self._mend(body, want)
        # A wrong record may turn out to be several rows, which moves the rows below it down.
        mended = [list(records.mend(body[a:b], self.delimiter, want.width)) for a, b in spans]
        sizes = clean.astype(np.int64)
        for run, rows in zip(runs, mended, strict=True):
            sizes[run[0]] = len(rows)
        numbers = np.cumsum(sizes) - sizes + want.first
        ragged: list[Ragged] = []
        parts = [frame.with_columns(pl.Series(ROW, numbers[clean], dtype=pl.UInt32))]
        parts += [_gather(rows, int(numbers[run[0]]), want, ragged) for run, rows in zip(runs, mended, strict=True)]
        return Body(pl.concat(parts).sort(ROW), tuple(ragged))

    def _mend(self, body: bytes, want: _Want) -> Body:
        """Read everything record by record: for files whose quotes are beyond the bulk parser."""
        ragged: list[Ragged] = []
        rows = list(records.mend(body, self.delimiter, want.width))
        return Body(_gather(rows, want.first, want, ragged), tuple(ragged))


def _gather(rows: list[list[str]], first: int, want: _Want, ragged: list[Ragged]) -> pl.DataFrame:
    """Frame of the rows that fit, numbered from ``first``; the others join ``ragged``, comments go."""
    good: list[tuple[int, list[str]]] = []
    for number, cells in enumerate(rows, start=first):
        fitted = _fit(cells, want.width)
        if fitted is not None:
            good.append((number, fitted))
        elif not _is_comment(cells):
            ragged.append(Ragged(number, tuple(cells), want.width))
    return pl.DataFrame(
        {str(i): [cells[i] or None for _, cells in good] for i in want.columns} | {ROW: [n for n, _ in good]},
        schema={**{str(i): pl.String() for i in want.columns}, ROW: pl.UInt32()},
    )


def _fit(cells: list[str], width: int) -> list[str] | None:
    """Cells at the right width when only empty cells at the end are missing or too many; None otherwise."""
    if not any(cell.strip() for cell in cells):
        return [""] * width
    if len(cells) == width:
        return cells
    if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
        return cells[:width]
    if len(cells) == width - 1:
        return [*cells, ""]
    return None


_COMMENTS: Final = ("#", "--", "==", "——", "合计", "总计", "共计", "小计", "汇总")


def _is_comment(cells: Sequence[str]) -> bool:
    text = next((cell.strip() for cell in cells if cell.strip()), "")
    return text.startswith(_COMMENTS)

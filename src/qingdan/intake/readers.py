"""Files as tables of text: the first rows to find the header in, then the wanted columns with their row numbers."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import polars as pl

from qingdan.intake import records, sniff, texts, workbook
from qingdan.intake.messages import UnreadableFile, message
from qingdan.intake.sniff import Container

HEAD_ROWS: Final = 20
ROW: Final = "row"
FILE_LIMIT: Final = 4 << 30
WIDEST: Final = 50_000
"""Columns that a text table may have; a spreadsheet has 16,384 at most."""
_START: Final = 1 << 20
_SAMPLE: Final = 1 << 16
_BYTES_A_ROW: Final = 800


@dataclass(frozen=True, slots=True)
class Ragged:
    """A row whose number of cells is not the header's: its number, its cells, and how many there should be."""

    row: int
    cells: tuple[str, ...]
    expected: int


Raw = Callable[[Collection[int]], Iterator[tuple[int, Sequence[str]]]]
"""Gives rows of a block by their numbers, ascending, with all their cells as they stand in the file."""


def _no_rows(_: Collection[int]) -> Iterator[tuple[int, Sequence[str]]]:
    return iter(())


@dataclass(frozen=True, slots=True)
class Body:
    """Rows under a header: text columns named by position (``"0"``, ``"7"``) and ``row``, as a spreadsheet counts.

    ``raw`` looks rows up again that can be no orders; blocks are asked in their order, by one thread.
    """

    frame: pl.DataFrame
    ragged: tuple[Ragged, ...] = ()
    raw: Raw = _no_rows


Pending = Callable[[], Body]
"""A block that is cut and not yet parsed; calling it may be done on another thread."""


class Sheet(Protocol):
    """One table of a file."""

    @property
    def name(self) -> str:
        """Title of the sheet; empty where there is none."""

    @property
    def head(self) -> Sequence[Sequence[str]]:
        """First rows, in which the header is looked for."""

    def bodies(self, header: int, wanted: Sequence[int], *, size: int) -> Iterator[Pending]:
        """Rows below the header at index ``header`` of ``head``, only the columns at the ``wanted`` positions.

        They come in blocks of about ``size`` bytes, at least one, each of which is parsed when it is called.
        """
        ...


@dataclass(frozen=True, slots=True)
class Opened:
    """A file and its sheets."""

    container: Container
    encoding: str
    sheets: tuple[Sheet, ...]


def open_file(path: Path, name: str = "") -> Opened:
    """Open an export by its content; ``name`` is what it is called in messages, its file name by default.

    Raises ``UnreadableFile`` with what to do when the file can not be read as tables.
    """
    name = name or path.name
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            start = stream.read(4096)
    except OSError as error:
        raise UnreadableFile(message("file_missing", file=name)) from error
    if size > FILE_LIMIT:
        raise _too_large(name, size, FILE_LIMIT)
    container = sniff.container_of(start, file=name)
    if container in {Container.XLSX, Container.XLS}:
        book = workbook.open_workbook(path, container, name)
        return Opened(container, "", tuple(RowsSheet(title, rows) for title, rows in book))
    encoding = texts.encoding_of(path)
    if container is Container.HTML:
        if size > workbook.XLS_LIMIT:
            raise _too_large(name, size, workbook.XLS_LIMIT)
        rows = workbook.html_rows(b"".join(texts.read_blocks(path, encoding, name)).decode("utf-8"))
        return Opened(container, encoding, (RowsSheet("", workbook.FixedRows(rows)),))
    return Opened(container, encoding, (CsvSheet.of(path, encoding, name),))


def _too_large(name: str, size: int, limit: int) -> UnreadableFile:
    return UnreadableFile(message("file_too_large", file=name, size=size >> 20, limit=limit >> 20))


@dataclass(slots=True)
class RowsSheet:
    """A sheet of a workbook; cells arrive typed and leave as text."""

    name: str
    rows: workbook.Rows
    head: Sequence[Sequence[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.head = [[workbook.cell_text(value) for value in row] for row in islice(self.rows.iterate(), HEAD_ROWS)]

    def bodies(self, header: int, wanted: Sequence[int], *, size: int) -> Iterator[Pending]:
        """See ``Sheet.bodies``; ``size`` counts a cell as a few bytes."""
        names = [str(i) for i in wanted]
        rows = islice(self.rows.iterate(), header + 1, None)
        number = header + 2
        raw = _Walk(self.rows).take
        height = max(1, size // _BYTES_A_ROW)
        while chunk := list(islice(rows, height)):
            columns = {
                name: workbook.text_series(name, [row[i] if i < len(row) else "" for row in chunk])
                for name, i in zip(names, wanted, strict=True)
            }
            numbers = pl.int_range(number, number + len(chunk), dtype=pl.UInt32, eager=True).alias(ROW)
            yield partial(Body, pl.DataFrame(columns).with_columns(numbers), raw=raw)
            number += len(chunk)
        if number == header + 2:
            yield partial(Body, pl.DataFrame(schema={**dict.fromkeys(names, pl.String()), ROW: pl.UInt32()}))


class _Walk:
    """Looks rows of a sheet up; they are asked for in their order, so that one more walk is enough for all."""

    def __init__(self, rows: workbook.Rows) -> None:
        self._rows = rows
        self._walk: Iterator[Sequence[workbook.Cell]] = iter(())
        self._next = 0

    def take(self, numbers: Collection[int]) -> Iterator[tuple[int, Sequence[str]]]:
        """See ``Raw``."""
        for number in sorted(numbers):
            if not 0 < self._next <= number:
                self._walk, self._next = self._rows.iterate(), 1
            row = next(islice(self._walk, number - self._next, None), ())
            self._next = number + 1
            yield number, [workbook.cell_text(value) for value in row]


@dataclass(frozen=True, slots=True)
class CsvSheet:
    """A delimited text file."""

    path: Path
    encoding: str
    delimiter: str
    head: Sequence[Sequence[str]]
    ends: Sequence[int]
    start: bytes
    file: str
    name: str = ""

    @classmethod
    def of(cls, path: Path, encoding: str, file: str) -> "CsvSheet":
        """Sheet of a text file; the delimiter is told by the first 20 lines."""
        start = _with_newlines(next(texts.read_blocks(path, encoding, file, size=_START), b""))
        delimiter = sniff.delimiter_of(start[: 1 << 16].decode("utf-8", errors="ignore").split("\n")[:HEAD_ROWS])
        found = list(records.first_records(start, delimiter, HEAD_ROWS))
        if not found and len(start) >= _START:
            raise UnreadableFile(message("line_too_long", file=file))
        return cls(path, encoding, delimiter, [cells for cells, _ in found], [end for _, end in found], start, file)

    def bodies(self, header: int, wanted: Sequence[int], *, size: int) -> Iterator[Pending]:
        """See ``Sheet.bodies``."""
        width = self._width(header)
        if width > WIDEST:
            raise UnreadableFile(message("too_many_columns", file=self.file, columns=width, limit=WIDEST))
        cutter = records.Cutter(self.delimiter, width, header + 2)
        try:
            for cut in cutter.cut(self._below(header, size)):
                yield partial(_parse_cut, cut, self.delimiter, tuple(wanted), width)
        except records.LongLineError as error:
            raise UnreadableFile(message("line_too_long", file=self.file)) from error

    def _below(self, header: int, size: int) -> Iterator[bytes]:
        """Text below the header, block by block."""
        left = self.ends[header]
        bare = _is_bare(self.start)
        for block in texts.read_blocks(self.path, self.encoding, self.file, size=size):
            if left >= len(block):
                left -= len(block)
                continue
            body, left = block[left:] if left else block, 0
            yield body.replace(b"\r", b"\n") if bare else body

    def _width(self, header: int) -> int:
        """Cells of a row: the header's, or one more or less where only one of them ends with a delimiter."""
        titles = self.head[header]
        named = max((i + 1 for i, name in enumerate(titles) if name.strip()), default=len(titles))
        sample = self.start[self.ends[header] :][:_SAMPLE]
        cells = records.scan(sample if sample.endswith(b"\n") else sample + b"\n", self.delimiter).cells
        usual = int(np.bincount(cells).argmax()) if len(cells) and sample else len(titles)
        return usual if named <= usual <= len(titles) + 1 else len(titles)


def _is_bare(start: bytes) -> bool:
    """Whether lines end with a carriage return alone."""
    return b"\r" in start[:65536] and b"\n" not in start[:65536]


def _with_newlines(start: bytes) -> bytes:
    return start.replace(b"\r", b"\n") if _is_bare(start) else start


def _parse_cut(cut: records.Cut, delimiter: str, columns: tuple[int, ...], width: int) -> Body:
    """Wanted columns of one block: clean records in bulk, mended ones beside them, in the order of their rows."""
    raw = partial(_raw, cut, delimiter, width)
    ragged: list[Ragged] = []
    mended = _gather(cut.mended, columns, width, ragged)
    frame = _parse(cut.clean, delimiter, columns, width)
    if frame is None or frame.height != len(cut.numbers):
        # The bulk parser and we disagree on quotes: record by record then.
        rows = _by_record(cut, delimiter, width)
        return Body(pl.concat([_gather(rows, columns, width, ragged), mended]).sort(ROW), tuple(ragged), raw)
    frame = frame.with_columns(pl.Series(ROW, cut.numbers, dtype=pl.UInt32))
    return Body(pl.concat([frame, mended]).sort(ROW) if mended.height else frame, tuple(ragged), raw)


def _by_record(cut: records.Cut, delimiter: str, width: int) -> list[tuple[int, list[str]]]:
    """Clean records of a block one by one, where the bulk parser sees other quotes."""
    first = int(cut.numbers[0]) if len(cut.numbers) else 0
    return list(enumerate(records.mend(cut.clean, delimiter, width), start=first))


def _raw(cut: records.Cut, delimiter: str, width: int, numbers: Collection[int]) -> Iterator[tuple[int, Sequence[str]]]:
    """See ``Raw``."""
    wanted = set(numbers)
    found: list[tuple[int, Sequence[str]]] = [one for one in cut.mended if one[0] in wanted]
    if wanted - {number for number, _ in found}:
        frame = _parse(cut.clean, delimiter, tuple(range(width)), width)
        if frame is None or frame.height != len(cut.numbers):
            found += [one for one in _by_record(cut, delimiter, width) if one[0] in wanted]
        else:
            chosen = np.flatnonzero(np.isin(cut.numbers, list(wanted)))
            some = frame[chosen].fill_null("")
            found += zip(cut.numbers[chosen].tolist(), some.iter_rows(), strict=True)
    yield from sorted(found, key=lambda one: one[0])


def _parse(clean: bytes, delimiter: str, columns: tuple[int, ...], width: int) -> pl.DataFrame | None:
    """Wanted columns of clean text; None when the parser and we disagree on its quotes."""
    if not clean:
        return pl.DataFrame(schema={str(i): pl.String() for i in columns})
    try:
        return pl.read_csv(
            clean,
            has_header=False,
            schema={str(i): pl.String() for i in range(width)},
            columns=list(columns),
            separator=delimiter,
            infer_schema=False,
        )
    except (pl.exceptions.ComputeError, pl.exceptions.SchemaError):
        return None


def _gather(
    rows: Sequence[tuple[int, list[str]]], columns: tuple[int, ...], width: int, ragged: list[Ragged]
) -> pl.DataFrame:
    """Frame of the rows that fit; the others join ``ragged``, comments go."""
    good: list[tuple[int, list[str]]] = []
    for number, cells in rows:
        fitted = _fit(cells, width)
        if fitted is not None:
            good.append((number, fitted))
        elif not _is_comment(cells):
            ragged.append(Ragged(number, tuple(cells), width))
    return pl.DataFrame(
        {str(i): [cells[i] or None for _, cells in good] for i in columns} | {ROW: [n for n, _ in good]},
        schema={**{str(i): pl.String() for i in columns}, ROW: pl.UInt32()},
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

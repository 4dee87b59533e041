"""Where the records of a CSV text begin and how many cells each has, counted over bytes in numpy.

Polars fills short rows silently and may stop at long ones, so rows with a wrong number of cells must be known before.
The count costs about a microsecond a row; only records that are wrong are then looked at one by one. The text comes in
blocks, and what becomes of a record does not depend on where they end.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

_WINDOW: Final = 1 << 18
_WARY_WINDOW: Final = 1 << 14
"""What is looked at first after a record went wrong: quotes may go wrong again soon."""
_LONGEST: Final = 32 << 20
"""Bytes that a record may take before it is given up."""
_MOST_LINES: Final = 1000
"""Physical lines after which an open quote is taken for a stray one."""
_QUOTE: Final = ord('"')
_NEWLINE: Final = ord("\n")
_REACH: Final = 20
"""Physical lines that one record with open quotes may take when a file is mended."""

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]

_BITS: Final = np.unpackbits(np.arange(256, dtype=np.uint8)).reshape(256, 8)
_PREFIX: Final = np.packbits(np.bitwise_xor.accumulate(_BITS, axis=1), axis=1).ravel()


@dataclass(frozen=True, slots=True)
class Records:
    """Record boundaries: record ``i`` is ``content[starts[i]:ends[i]]`` (line end included) with ``cells[i]`` cells."""

    starts: Ints
    ends: Ints
    cells: Ints

    def __len__(self) -> int:
        return len(self.starts)


def scan(content: bytes | memoryview, delimiter: str) -> Records:
    """Complete records of ``content`` (UTF-8, delimiter one ASCII byte), which begins where a record begins.

    A newline inside quotes belongs to its record. What stands after the last newline is no record yet.
    """
    data = np.frombuffer(content, dtype=np.uint8)
    separators, newlines = _marks(data, ord(delimiter))
    stops = np.flatnonzero(newlines) + 1
    if not len(stops):
        none = np.empty(0, np.int64)
        return Records(none, none, none)
    begins = np.concatenate([[0], stops[:-1]])
    found = np.searchsorted(np.flatnonzero(separators[: stops[-1]]), stops)
    return Records(begins, stops, np.diff(found, prepend=0) + 1)


@dataclass(frozen=True, slots=True)
class Cut:
    """What became of one block.

    ``clean`` are whole records with the right number of cells (or blank ones), ``numbers`` their rows. ``mended`` are
    the rows and cells of records that had another number of cells or whose quotes went wrong.
    """

    clean: bytes
    numbers: Ints
    mended: Sequence[tuple[int, list[str]]]


class LongLineError(Exception):
    """A line that has no end within what a record may take."""


class Cutter:
    """Cuts a text that comes in blocks into records of ``width`` cells; rows are counted from ``first``."""

    def __init__(self, delimiter: str, width: int, first: int) -> None:
        self._delimiter = delimiter
        self._width = width
        self._row = first
        self._text = b""
        self._at = 0
        self._final = False
        self._window = _WINDOW
        self._clean: list[memoryview] = []
        self._numbers: list[Ints] = []
        self._mended: list[tuple[int, list[str]]] = []

    def cut(self, blocks: Iterable[bytes]) -> Iterator[Cut]:
        """Cut every block; raises ``LongLineError`` for a line that is longer than any record may be."""
        for block in blocks:
            yield self._next(block, final=False)
        yield self._next(b"", final=True)

    def _next(self, block: bytes, *, final: bool) -> Cut:
        text = self._text[self._at :] + block
        if final and text and not text.endswith(b"\n"):
            text += b"\n"
        self._text, self._at, self._final = text, 0, final
        self._clean, self._numbers, self._mended = [], [], []
        while self._at < len(text) and self._look():
            pass
        if len(text) - self._at > _LONGEST and text.find(b"\n", self._at) < 0:
            raise LongLineError
        numbers = np.concatenate(self._numbers) if self._numbers else np.empty(0, np.int64)
        return Cut(b"".join(self._clean), numbers, self._mended)

    def _look(self) -> bool:
        """Take what one window shows; False when the text must go on before more can be told."""
        window = memoryview(self._text)[self._at : self._at + self._window]
        records = scan(window, self._delimiter)
        if len(records):
            return self._take_records(window, records)
        whole = self._at + len(window) == len(self._text)
        if whole and not self._final:
            return False
        lines = bytes(window).count(b"\n")
        if whole or lines > _MOST_LINES or len(window) >= _LONGEST:
            return self._mend()
        self._window *= 2
        return True

    def _take_records(self, window: memoryview, records: Records) -> bool:
        # A blank line is one empty cell; it stays and is dropped with other empty rows.
        blank = (records.cells == 1) & (records.ends - records.starts <= 2)
        wrong = np.flatnonzero((records.cells != self._width) & ~blank)
        start, after = self._at, 0
        for index in (*wrong.tolist(), len(records)):
            if index > after:
                begin, end = int(records.starts[after]), int(records.ends[index - 1])
                self._clean.append(window[begin:end])
                self._numbers.append(np.arange(self._row, self._row + index - after))
                self._row += index - after
                self._at = start + end
            if index == len(records):
                break
            if not self._mend():
                return False
            if self._at != start + int(records.ends[index]):
                self._window = _WARY_WINDOW
                return True
            after = index + 1
        self._window = _WINDOW
        return True

    def _mend(self) -> bool:
        """Take one record by its physical lines; False when lines are missing that may belong to it."""
        lines: list[str] = []
        sizes: list[int] = []
        limit, at = self._at + _LONGEST, self._at
        while len(lines) < _REACH and (end := self._text.find(b"\n", at, limit)) >= 0:
            lines.append(self._text[at : end + 1].decode())
            sizes.append(end + 1 - at)
            at = end + 1
            if len(lines) == 1 and lines[0].count('"') % 2 == 0:
                break
        else:
            if len(lines) < _REACH and not self._final and len(self._text) < limit:
                return False
        if not lines:
            raise LongLineError
        cells, taken = _take(lines, 0, self._delimiter, self._width)
        self._mended.append((self._row, cells))
        self._row += 1
        self._at += sum(sizes[:taken])
        return True


def _marks(chunk: Bytes, separator: int) -> tuple[Flags, Flags]:
    """True where a separator and where a newline stands, both outside quotes.

    Quote parity runs over packed bits, eight bytes of text at a time: ``_PREFIX`` has the parity after each bit of a
    byte, and only the parities of whole bytes are accumulated.
    """
    is_separator, is_newline = chunk == separator, chunk == _NEWLINE
    is_quote = chunk == _QUOTE
    if not is_quote.any():
        return is_separator, is_newline
    quotes = np.packbits(is_quote)
    carried = np.bitwise_xor.accumulate(_PREFIX[quotes] & 1)
    carried[1:] = carried[:-1]
    carried[:1] = 0
    outside = np.unpackbits(~(_PREFIX[quotes] ^ (carried * np.uint8(255))), count=len(chunk)).view(np.bool_)
    return is_separator & outside, is_newline & outside


def first_records(content: bytes, delimiter: str, limit: int) -> Iterator[tuple[list[str], int]]:
    """First ``limit`` records as cells with the byte offset just after each, however they are quoted."""
    used = 0
    text = content[: 1 << 22].decode("utf-8", errors="ignore")

    def lines() -> Iterator[str]:
        nonlocal used
        for line in io.StringIO(text, newline="\n"):
            used += len(line.encode())
            yield line

    reader = csv.reader(lines(), delimiter=delimiter)
    try:
        for _ in range(limit):
            cells = next(reader, None)
            if cells is None:
                return
            yield cells, used
    except csv.Error:
        return


def mend(block: bytes, delimiter: str, width: int) -> Iterator[list[str]]:
    """Cells of each record in a block whose quotes went wrong, physical line by line.

    A line with the right number of cells is one record. Else following lines are joined to it while its quotes are
    open; if that does not give the right number either, the line stands alone with the cells it has.
    """
    # str.splitlines would also break at U+2028 and the like, which are text here.
    lines = list(io.StringIO(block.decode("utf-8"), newline="\n"))
    index = 0
    while index < len(lines):
        cells, taken = _take(lines, index, delimiter, width)
        yield cells
        index += taken


def _take(lines: list[str], index: int, delimiter: str, width: int) -> tuple[list[str], int]:
    alone = lines[index]
    if alone.count('"') % 2 == 0 or len(_cells(alone, delimiter, strict=True)) == width:
        return _cells(alone, delimiter), 1
    for taken in range(2, min(_REACH, len(lines) - index) + 1):
        text = "".join(lines[index : index + taken])
        cells = _cells(text, delimiter)
        if len(cells) == width and text.count('"') % 2 == 0:
            return cells, taken
    return _cells(alone, delimiter), 1


def _cells(text: str, delimiter: str, *, strict: bool = False) -> list[str]:
    """Cells of one record; the text as one cell when it is not one record."""
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict))
    except csv.Error:
        return [text]
    if len(rows) == 1:
        return rows[0]
    return [text] if rows else []

"""Where the records of a CSV text begin and how many cells each has, counted over bytes in numpy.

Polars fills short rows silently and may stop at long ones, so rows with a wrong number of cells must be known before.
The count costs about a microsecond a row; only records that are wrong are then looked at one by one.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

_CHUNK: Final = 1 << 18
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


def scan(content: bytes, delimiter: str) -> Records:
    """Records of ``content`` (UTF-8, delimiter one ASCII byte); a newline inside quotes belongs to its record."""
    data = np.frombuffer(content, dtype=np.uint8)
    quoted = b'"' in content
    ends: list[Ints] = [np.zeros(1, np.int64)]
    cells: list[Ints] = []
    start, window = 0, _CHUNK
    while start < len(data):
        # A window begins where a record begins, so outside quotes.
        chunk = data[start : start + window]
        separators, newlines = _marks(chunk, ord(delimiter), quoted=quoted)
        stops = np.flatnonzero(newlines) + 1
        if start + len(chunk) == len(data) and (not len(stops) or stops[-1] != len(chunk)):
            stops = np.append(stops, len(chunk))
        if not len(stops):
            window *= 2
            continue
        begins = np.concatenate([[0], stops[:-1]])
        cells.append(np.add.reduceat(separators[: stops[-1]], begins, dtype=np.int64) + 1)
        ends.append(stops + start)
        start, window = start + int(stops[-1]), _CHUNK
    edges = np.concatenate(ends)
    return Records(edges[:-1], edges[1:], np.concatenate([*cells, np.empty(0, np.int64)]))


def _marks(chunk: Bytes, separator: int, *, quoted: bool) -> tuple[Bytes, Flags]:
    """1 where a separator stands, True where a newline stands, both outside quotes.

    Quote parity runs over packed bits, eight bytes of text at a time: ``_PREFIX`` has the parity after each bit of a
    byte, and only the parities of whole bytes are accumulated.
    """
    is_separator, is_newline = chunk == separator, chunk == _NEWLINE
    if not quoted:
        return is_separator.view(np.uint8), is_newline
    quotes = np.packbits(chunk == _QUOTE)
    carried = np.bitwise_xor.accumulate(_PREFIX[quotes] & 1)
    carried[1:] = carried[:-1]
    carried[:1] = 0
    outside = ~(_PREFIX[quotes] ^ (carried * np.uint8(255)))
    return (
        np.unpackbits(np.packbits(is_separator) & outside, count=len(chunk)),
        np.unpackbits(np.packbits(is_newline) & outside, count=len(chunk)).view(np.bool_),
    )


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

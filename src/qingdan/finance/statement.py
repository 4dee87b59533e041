"""Bytes of a bill → its header, its rows as text, and the lines below them.

Bills come as GBK or UTF-8, with comment lines above and below the table, values that begin with a back-tick or end
with a tab, and goods names whose commas nobody quoted.
"""

import csv
import io
from dataclasses import dataclass
from typing import Final

import polars as pl

from qingdan.finance.formats import Format, all_formats, normal_name
from qingdan.finance.messages import UnreadableBill, message

ROW: Final = "row"
_EDGE: Final = 1 << 16
"""Bytes at either end in which the header and the footers are looked for."""
_SPARE: Final = 12
"""Cells beyond the header that a row may have because of commas in its goods name."""
_END: Final = "\x1e"
_BLANK: Final = " \t\r\n\u00a0\u3000\ufeff\u200b`'\""


@dataclass(frozen=True, slots=True)
class Statement:
    """A bill as text.

    ``rows`` has ``row`` (line in the file, counting from 1) and ``c0``, ``c1``, … for the cells of the header, blank
    ones null; ``broken`` the numbers of lines whose cells do not fit; ``below`` the lines after the rows.
    """

    format: Format
    header: list[str]
    rows: pl.DataFrame
    broken: list[int]
    below: list[str]


def read(data: bytes, *, file: str) -> Statement:
    """Recognise a bill and take it apart. Raises ``UnreadableBill``."""
    if not data.strip():
        raise UnreadableBill(message("bill_empty", file=file))
    text = _utf8(data, file)
    offset, line, header, form = _header(text, file)
    end, below = _below(text, offset, form, header)
    rows, broken = _rows(text[offset:end], form, header, first=line + 1)
    return Statement(form, header, rows, broken, below)


def _utf8(data: bytes, file: str) -> bytes:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding).encode()
        except UnicodeDecodeError:
            continue
    raise UnreadableBill(message("bill_encoding", file=file))


def _lines(text: bytes) -> list[bytes]:
    return text.splitlines(keepends=True)


def _cells(line: str) -> list[str]:
    return [cell.strip(_BLANK) for cell in next(csv.reader([line]), [])]


def _header(text: bytes, file: str) -> tuple[int, int, list[str], Format]:
    """Return where the rows begin, the header's line number, its cells, and the format."""
    start, offset = text[:_EDGE], 0
    marks = start.decode(errors="ignore")
    for number, line in enumerate(_lines(start), start=1):
        offset += len(line)
        cells = _cells(line.decode(errors="ignore"))
        for form in all_formats():
            if form.fits(cells):
                return offset, number, cells, form
    summary = "汇总" in marks.split("\n", 1)[0]
    raise UnreadableBill(message("bill_summary" if summary else "bill_unknown", file=file))


def _below(text: bytes, offset: int, form: Format, header: list[str]) -> tuple[int, list[str]]:
    """Return where the rows end, and the lines after them."""
    begin = max(offset, len(text) - _EDGE)
    if begin > offset:
        begin = text.index(b"\n", begin) + 1
    totals = {normal_name(name) for names in form.totals.values() for name in names}
    at = begin
    for line in _lines(text[begin:]):
        cells = _cells(line.decode())
        first = next((cell for cell in cells if cell), "")
        if first.startswith("#") or (totals and normal_name(first) in totals and cells != header):
            return at, text[at:].decode().splitlines()
        at += len(line)
    return len(text), []


def _rows(body: bytes, form: Format, header: list[str], *, first: int) -> tuple[pl.DataFrame, list[int]]:
    ticked = form.ticks and body.lstrip()[:1] == b"`"
    separator = "`" if ticked else ","
    width = len(header) + (2 if ticked else _SPARE)
    names = [f"c{i}" for i in range(width)]
    # A cell of its own ends each line, so that blank cells at the end can be told from missing ones. A value with a
    # line break would be cut, and no payment platform writes one.
    ended = body.replace(b"\r\n", b"\n").rstrip(b"\n").replace(b"\n", f"{separator}{_END}\n".encode())
    if not ended:
        return pl.DataFrame(schema={ROW: pl.Int64, **dict.fromkeys(names[: len(header)], pl.String())}), []
    table = pl.read_csv(
        # the first line tells the reader how many cells there are
        io.BytesIO(separator.encode() * (width - 1) + b"\n" + ended + f"{separator}{_END}\n".encode()),
        separator=separator,
        quote_char=None if ticked else '"',
        has_header=False,
        schema=dict.fromkeys(names, pl.String()),
        truncate_ragged_lines=True,
    )[1:].with_row_index(ROW, offset=first)
    if ticked:
        # `a,`b,`c: nothing stands before the first back-tick, and each value but the last ends with its comma
        names = names[:-1]
        table = table.select(ROW, *(pl.col(f"c{i + 1}").str.strip_suffix(",").alias(f"c{i}") for i in range(width - 1)))
    return _fitted(table.with_columns(pl.col(ROW).cast(pl.Int64)), form, header, names)


def _fitted(table: pl.DataFrame, form: Format, header: list[str], names: list[str]) -> tuple[pl.DataFrame, list[int]]:
    """Strip the cells; of a row with more of them than the header has, the spare ones are parts of the goods name."""
    count, kept = len(header), names[: len(header)]
    stripped = pl.col(kept).str.strip_chars(_BLANK).replace("", None)
    fits = (pl.col(f"c{count}") == _END).fill_null(value=False)
    whole = table.filter(fits).select(ROW, stripped)
    broken: list[int] = []
    odd = table.filter(~fits & ~pl.all_horizontal(pl.col(names[1:]).is_null() | (pl.col(names[1:]) == _END)))
    if not odd.is_empty():
        wide = [i for i, name in enumerate(header) if form.wide and normal_name(name) == normal_name(form.wide)]
        joined = {row[0]: _joined(list(row[1:]), wide, count) for row in odd.iter_rows()}
        broken = [number for number, cells in joined.items() if cells is None]
        good = [(number, *cells) for number, cells in joined.items() if cells is not None]
        mended = pl.DataFrame(good, schema=whole.schema, orient="row").select(ROW, stripped)
        whole = pl.concat([whole, mended]).sort(ROW)
    return whole.filter(pl.any_horizontal(pl.col(kept).is_not_null())), broken


def _joined(cells: list[str | None], wide: list[int], count: int) -> list[str | None] | None:
    """Put the parts of a goods name together; None when the row does not fit even so."""
    extra = cells.index(_END) - count if _END in cells else -1
    if extra < 1 or not wide:
        return None
    first = wide[0]
    name = ",".join(cell or "" for cell in cells[first : first + extra + 1])
    return [*cells[:first], name, *cells[first + extra + 1 : count + extra]]

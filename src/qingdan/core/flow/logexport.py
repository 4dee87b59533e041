"""The event log as files that process-mining tools open: CSV and XES (IEEE 1849), piece by piece."""

import csv
import io
from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import quoteattr

import polars as pl

from qingdan.core.flow.eventlog import LOG_SCHEMA

_CHUNK: Final = 20_000
_STAMP: Final = "%Y-%m-%dT%H:%M:%S%.6f+00:00"
_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r")
_XES: Final = {
    "kind": "concept:name",
    "actor": "org:resource",
    "stage_from": "qingdan:stage_from",
    "stage_to": "qingdan:stage_to",
    "reasons": "qingdan:reasons",
}
_HEAD: Final = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849.2016" xes.features="" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
<classifier name="Event" keys="concept:name"/>
"""


def csv_chunks(log: pl.DataFrame) -> Iterator[bytes]:
    """UTF-8 CSV with a byte order mark, so that spreadsheets read Chinese; one row an event, reasons joined by ``;``.

    A text that a spreadsheet would take for a formula gets a leading apostrophe.
    """
    rows = _flat(log).with_columns(
        pl.when(pl.col(pl.String).str.slice(0, 1).is_in(_DANGEROUS))
        .then("'" + pl.col(pl.String))
        .otherwise(pl.col(pl.String))
        .name.keep()
    )
    head = io.StringIO()
    csv.writer(head, lineterminator="\r\n").writerow(rows.columns)
    yield b"\xef\xbb\xbf" + head.getvalue().encode()
    for part in rows.iter_slices(_CHUNK):
        yield part.write_csv(include_header=False, line_terminator="\r\n").encode()


def xes_chunks(log: pl.DataFrame) -> Iterator[bytes]:
    """XES: a trace an order, its events in time order, channel and shop as the trace's attributes."""
    yield _HEAD.encode()
    rows = _flat(log.sort("order", "at", maintain_order=True))
    trace: str | None = None
    for part in rows.iter_slices(_CHUNK):
        out: list[str] = []
        for row in part.iter_rows(named=True):
            if row["order"] != trace:
                out.append("" if trace is None else "</trace>\n")
                trace = row["order"]
                out.append("<trace>\n" + _string("concept:name", trace))
                out += [_string(f"qingdan:{key}", row[key]) for key in ("channel", "shop") if row[key]]
            out.append("<event>" + "".join(_string(key, row[name]) for name, key in _XES.items() if row[name]))
            out.append(f'<date key="time:timestamp" value={quoteattr(row["at"])}/></event>\n')
        yield "".join(out).encode()
    yield b"</log>\n" if trace is None else b"</trace>\n</log>\n"


def _flat(log: pl.DataFrame) -> pl.DataFrame:
    return log.select(
        pl.col("at").dt.strftime(_STAMP)
        if name == "at"
        else pl.col(name).list.join(";")
        if name == "reasons"
        else pl.col(name).cast(pl.String)
        for name in LOG_SCHEMA
    )


def _string(key: str, value: object) -> str:
    text = "".join(char for char in str(value) if char >= " " or char in "\t\n\r")
    return f"<string key={quoteattr(key)} value={quoteattr(text)}/>"

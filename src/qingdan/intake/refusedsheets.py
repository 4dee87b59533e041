"""Refused rows as sheets that are corrected and imported again: each row as its file had it, with what is wrong.

There is a table for every header that rows stood under, so that each is read as the file was. What we say stands
before the row under titles that no platform has, and reading ignores it.
"""

import json
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import IO, Any, Final, Literal

import polars as pl

from qingdan.core.message import Language, Words
from qingdan.orders import sheets

Format = Literal["xlsx", "zip"]

_TOLD: Final = {
    "reason": Words("【原因】", "[Reason]"),
    "advice": Words("【怎么办】", "[What to do]"),
    "column": Words("【问题列】", "[Column]"),
    "row": Words("【原行号】", "[Row]"),
    "file": Words("【原文件】", "[File]"),
}
_WIDTHS: Final = {"reason": 36, "advice": 36, "column": 16, "row": 9, "file": 24}
_MORE: Final = Words("【多出的格 {number}】", "[Extra cell {number}]")
_REST: Final = Words("不在此更正", "Not kept")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one header: what the sheet is called, its titles, and the cells under them, all text."""

    name: str
    titles: tuple[str, ...]
    frame: pl.DataFrame


def tables(refused: Sequence[Mapping[str, Any]], language: Language) -> list[Table]:
    """Return refused rows (by the names of ``refusals.SCHEMA``; ``raw`` as JSON text or parsed) as tables.

    Rows that were not kept whole come last, without their cells. There is always a table, if an empty one.
    """
    groups: dict[tuple[str, str, tuple[str, ...]], list[tuple[list[str], list[str]]]] = {}
    rest: list[tuple[list[str], list[str]]] = []
    for one in refused:
        raw = json.loads(one["raw"]) if isinstance(one["raw"], str) else one["raw"]
        told = _told(one, language)
        if raw is None:
            rest.append((told, []))
        else:
            key = (one["file"], one["sheet"] or "", tuple(raw["titles"]))
            groups.setdefault(key, []).append((told, raw["cells"]))
    made = [_table(_name(file, sheet), titles, rows, language) for (file, sheet, titles), rows in groups.items()]
    return [*made, *([_table(_REST.text(language), (), rest, language)] if rest or not made else [])]


def write(refused: Sequence[Mapping[str, Any]], form: Format, language: Language) -> IO[bytes]:
    """Write refused rows to a temporary file and return it, at its beginning: a sheet or a CSV file a table."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - who asked closes it
    found = tables(refused, language)
    if form == "xlsx":
        write_workbook(found, file, language)
    else:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for number, table in enumerate(found, start=1):
                name = "_".join(table.name.split("/"))
                with archive.open(f"{number} {name}.csv", "w") as member:
                    write_csv(table, member)
    file.seek(0)
    return file


def write_workbook(found: Sequence[Table], target: Path | IO[bytes], language: Language) -> None:
    """Write a sheet a table."""
    widths = {words.text(language): _WIDTHS[name] for name, words in _TOLD.items()}
    with sheets.workbook(target) as book:
        for table in found:
            sheets.write_sheet(book, table.frame, name=table.name, titles=table.titles, widths=widths, as_text=True)


def write_csv(table: Table, stream: IO[bytes]) -> None:
    """Write one table as CSV."""
    head = pl.DataFrame([table.titles], schema=table.frame.schema, orient="row")
    stream.write(sheets.BOM)
    sheets.inert(pl.concat([head, table.frame])).write_csv(stream, include_header=False)


def _told(one: Mapping[str, Any], language: Language) -> list[str]:
    where = f"{one['file']} / {one['sheet']}" if one["sheet"] else str(one["file"])
    return [one[language], one[f"advice_{language}"], one["column"] or "", str(one["row"] or ""), where]


def _name(file: str, sheet: str) -> str:
    stem = PurePath(file).stem
    return f"{stem[:18]} {sheet}" if sheet else stem


def _table(
    name: str, titles: tuple[str, ...], rows: Sequence[tuple[list[str], list[str]]], language: Language
) -> Table:
    width = max([len(titles), *(len(cells) for _, cells in rows)])
    more = (_MORE.text(language, {"number": number}) for number in range(1, width - len(titles) + 1))
    heads = (*(words.text(language) for words in _TOLD.values()), *titles, *more)
    filled = [[*told, *cells, *[""] * (width - len(cells))] for told, cells in rows]
    schema = {str(place): pl.String() for place in range(len(heads))}
    return Table(name, heads, pl.DataFrame(filled, schema=schema, orient="row"))

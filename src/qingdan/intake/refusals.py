"""Rows that can not become orders, as a table that a clerk can work down."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from qingdan.channels.mapping import normal_name
from qingdan.core.fields import FIELDS, Pii
from qingdan.core.sheetform import CELL_LIMIT
from qingdan.intake.cells import DAMAGED, SPACES
from qingdan.intake.headers import Match
from qingdan.intake.messages import message
from qingdan.intake.readers import ROW, Ragged, Raw

SCHEMA: Final[dict[str, pl.DataType]] = {
    "file": pl.String(),
    "sheet": pl.String(),
    "row": pl.UInt32(),
    "column": pl.String(),
    "value": pl.String(),
    "reason": pl.String(),
    "zh": pl.String(),
    "en": pl.String(),
    "advice_zh": pl.String(),
    "advice_en": pl.String(),
    "raw": pl.String(),
}
"""Columns of a refused frame; ``row`` counts from 1 as a spreadsheet shows it, ``reason`` is a message id.

``raw`` is the row as it stood in the file, to be corrected and imported again: JSON of ``titles`` and ``cells``. It is
personal data, and null where it was too much to be kept (see ``Keeping``).
"""

_VALID: Final = r"^[0-9A-Za-z][0-9A-Za-z_\-]{3,63}$"
_COMMENT: Final = r"^(?:[#＃]|[-=—_*]{3,}|合计|总计|共计|小计|汇总)"
_SHOWN: Final = 80
_KEPT_DIGITS: Final = 15
_WIDEST_KEPT: Final = 1_000


def empty() -> pl.DataFrame:
    """A refused frame without rows."""
    return pl.DataFrame(schema=SCHEMA)


def refuse(rows: pl.DataFrame, reason: str, *, file: str, sheet: str, column: str, **params: object) -> pl.DataFrame:
    """Refused rows from a frame of ``row`` and ``value``, all for one reason."""
    told = message(reason, **params)
    value = pl.col("value").str.slice(0, _SHOWN)
    return rows.select(
        file=pl.lit(file),
        sheet=pl.lit(sheet),
        row=pl.col(ROW).cast(pl.UInt32),
        column=pl.lit(column),
        value=value,
        reason=pl.lit(reason),
        zh=pl.lit(told.text("zh")),
        en=pl.lit(told.text("en")),
        advice_zh=pl.lit(told.advice_text("zh")),
        advice_en=pl.lit(told.advice_text("en")),
        raw=pl.lit(None, pl.String),
    )


@dataclass(slots=True)
class Keeping:
    """Keeps refused rows as they stood in the files of a drop, as many as somebody may correct by hand.

    Whoever has more of them corrects what made the file; the list of what is wrong is whole in any case.
    """

    rows: int = 20_000
    size: int = 64 << 20
    """Characters of text that are left."""

    def kept(self, refused: pl.DataFrame, titles: Sequence[str], raw: Raw) -> pl.DataFrame:
        """Return ``refused`` rows with ``raw``, for as many as may be kept."""
        wanted = refused["row"].unique().sort().head(self.rows).to_list()
        if not wanted or self.size <= 0 or len(titles) > _WIDEST_KEPT:
            return refused
        found = {number: _as_json(titles, cells) for number, cells in raw(wanted)}
        self.rows -= len(found)
        self.size -= sum(len(text) for text in found.values() if text)
        told = pl.DataFrame(
            {"row": list(found), "raw": list(found.values())}, schema={"row": SCHEMA["row"], "raw": SCHEMA["raw"]}
        )
        return refused.drop("raw").join(told, on="row", how="left", maintain_order="left").select(list(SCHEMA))


def _as_json(titles: Sequence[str], cells: Sequence[str]) -> str | None:
    """Row as JSON; None when a spreadsheet could not show one of its cells whole. PostgreSQL stores no NUL."""
    if max(map(len, cells), default=0) > CELL_LIMIT or len(cells) > _WIDEST_KEPT:
        return None
    row = {
        "titles": [title.strip(SPACES).replace("\0", "") for title in titles],
        "cells": [cell.replace("\0", "") for cell in cells],
    }
    return json.dumps(row, ensure_ascii=False)


def ragged_rows(ragged: Sequence[Ragged], match: Match, *, file: str, sheet: str) -> pl.DataFrame:
    """Refused rows for records with a wrong number of cells; only the order number is shown of them."""
    header = match.table.columns["order_no"].alternatives[0][0]
    position = match.headers.get(header, 0)
    by_cells: dict[tuple[int, int], list[Ragged]] = {}
    for one in ragged:
        by_cells.setdefault((len(one.cells), one.expected), []).append(one)
    frames = [
        refuse(
            pl.DataFrame(
                {
                    ROW: [one.row for one in ones],
                    "value": [_order_no(one, position) for one in ones],
                },
                schema={ROW: pl.UInt32, "value": pl.String},
            ),
            "ragged_row",
            file=file,
            sheet=sheet,
            column=match.title(header),
            cells=cells,
            expected=expected,
        )
        for (cells, expected), ones in by_cells.items()
    ]
    return pl.concat(frames) if frames else empty()


def _order_no(ragged: Ragged, position: int) -> str:
    """Order number of a ragged row if what stands in its place looks like one: the rest may be personal data."""
    value = ragged.cells[position].strip(SPACES) if position < len(ragged.cells) else ""
    return value if value.replace("-", "").isalnum() and value.isascii() else ""


def split_orders(
    frame: pl.DataFrame, match: Match, *, cut: bool, file: str, sheet: str
) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    """Rows with a sound order number, the refused others, and how many comment rows were dropped.

    ``cut`` says that a saved spreadsheet spoiled the long numbers, so that none of them is sound.
    """
    raw = pl.col("order_no")
    sound = raw.str.contains(_VALID).fill_null(value=False)
    whole = bool(frame.select(sound.all()).item())
    good = frame if whole else frame.filter(sound)
    title = match.title(match.table.columns["order_no"].alternatives[0][0])
    where = {"file": file, "sheet": sheet, "column": title}
    if cut:
        long = pl.col("order_no").str.len_bytes() > _KEPT_DIGITS
        spoiled = good.filter(long).select(ROW, value="order_no")
        return good.filter(~long), refuse(spoiled, "damaged_id", **where), 0
    if whole:
        return good, empty(), 0
    bad = frame.filter(~sound)
    texts = [name for name, kind in bad.schema.items() if kind == pl.String]
    comment = pl.any_horizontal(pl.col(name).str.contains(_COMMENT) for name in texts).fill_null(value=False)
    headers = raw.is_in([title, *(t for t in match.titles if normal_name(t) in match.headers)])
    skipped = (raw.is_null() & comment) | raw.str.contains(_COMMENT) | headers
    left = bad.filter(~skipped.fill_null(value=False))
    missing = left.filter(raw.is_null()).select(ROW, value=pl.lit(""))
    damaged = left.filter(raw.str.contains(DAMAGED)).select(ROW, value=raw)
    other = left.filter(raw.is_not_null() & ~raw.str.contains(DAMAGED)).select(ROW, value=raw)
    refused = pl.concat(
        [
            refuse(missing, "missing_order_no", **where),
            refuse(damaged, "damaged_id", **where),
            refuse(other.with_columns(value=masked(pl.col("value"), Pii.ACCOUNT)), "bad_order_no", **where),
        ]
    )
    return good, refused, bad.height - left.height


class Spoiled:
    """Whether every long order number of a sheet ends in zeros from its 16th digit on, as a spreadsheet saves it.

    The sheet comes in blocks; the first three numbers must look so, and two must differ.
    """

    def __init__(self) -> None:
        self.likely = True
        self._firsts = 0
        self._kinds: set[str] = set()

    def see(self, numbers: pl.Series) -> None:
        """Look at the order numbers of the next block; unsound ones do not count."""
        sound = numbers.filter(numbers.str.contains(_VALID).fill_null(value=False))
        firsts = sound.head(max(0, 3 - self._firsts))
        self._firsts += len(firsts)
        long = sound.filter(sound.str.contains(r"^\d{16,}$"))
        zeros = (long.str.slice(_KEPT_DIGITS).str.strip_chars("0") == "").all()
        self.likely = self.likely and bool(firsts.str.contains(r"^\d{15}0+$").all()) and bool(zeros)
        if len(self._kinds) < 2:
            self._kinds.update(long.unique().head(2).to_list())

    @property
    def certain(self) -> bool:
        """Whether all that was seen bears it out."""
        return self.likely and len(self._kinds) >= 2


def masked(text: pl.Expr, pii: Pii) -> pl.Expr:
    """Value as a list of refused rows may show it: personal data keeps its first and last character only."""
    if pii is Pii.NONE:
        return text
    return text.str.replace(r"(?s)^(.).*(.)$", "${1}***${2}")


def pii_of(target: str) -> Pii:
    """Class of personal data of a mapped column; ``region_text`` and what is not in the catalogue count as address."""
    return FIELDS[target].pii if target in FIELDS else Pii.ADDRESS

"""Our own exports, read back exactly: no words to interpret, no address to take apart, only labels to look up."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from qingdan.core import sheetform
from qingdan.core.columns import LINE_SCHEMA
from qingdan.intake.readers import ROW, Ragged
from qingdan.intake.refusals import SCHEMA, refuse
from qingdan.intake.sniff import Container

NAME: Final = "qingdan"
"""Stands where a report names the platform of a file."""
_ORDER_NO: Final = r"^[^\s+][^\s+]{0,63}$"
_DAMAGED: Final = r"^[+-]?\d(?:\.\d+)?[Ee]\+?\d{2}$"


@dataclass(frozen=True, slots=True)
class Own:
    """A sheet of ours: its header's place, the position of each field, and what a row is (``order`` or ``item``)."""

    row: int
    positions: dict[str, int]
    titles: Sequence[str]
    kind: str

    @property
    def wanted(self) -> list[int]:
        """Positions of the columns to load."""
        return sorted(set(self.positions.values()))


@dataclass(frozen=True, slots=True)
class Rows:
    """``rows`` with the columns of ``sheetform.READ`` (or of a line), ``row`` and ``masked``; and the refused ones."""

    rows: pl.DataFrame
    refused: pl.DataFrame


def find(head: Sequence[Sequence[str]]) -> Own | None:
    """Return where a sheet of ours has its header; None when it is no such sheet."""
    for row, titles in enumerate(head):
        lines = sheetform.columns_of(titles, sheetform.LINE_SHEET)
        if lines is not None and "line_no" in lines:
            return Own(row, lines, titles, "item")
        orders = sheetform.columns_of(titles, sheetform.READ)
        if orders is not None:
            return Own(row, orders, titles, "order")
    return None


def read(texts: pl.DataFrame, own: Own, container: Container, *, file: str, sheet: str) -> Rows:
    """Read loaded cells (columns named by position, and ``row``)."""
    named = texts.select(ROW, *(pl.col(str(place)).alias(name) for name, place in own.positions.items()))
    named = named.filter(~pl.all_horizontal(pl.col(name).is_null() for name in own.positions))
    if container is Container.CSV:
        named = sheetform.restored(named)
    fields = sheetform.READ if own.kind == "order" else sheetform.LINE_SHEET
    masked = sheetform.is_masked(named)
    read_ = sheetform.read(named, fields).with_columns(masked=masked)
    number = pl.col("order_no")
    sound = number.str.contains(_ORDER_NO) & ~number.str.contains(_DAMAGED) & pl.col("channel").is_not_null()
    if own.kind == "item":
        sound &= pl.col("line_no").is_not_null()
    good = read_.filter(sound.fill_null(value=False))
    return Rows(good, _refused(named, read_, sound, own, file=file, sheet=sheet))


def _refused(
    named: pl.DataFrame, typed: pl.DataFrame, sound: pl.Expr, own: Own, *, file: str, sheet: str
) -> pl.DataFrame:
    number = pl.col("order_no")
    bad = named.with_columns(typed_channel=typed["channel"].cast(pl.String)).filter(
        ~typed.select(sound.fill_null(value=False)).to_series()
    )
    missing = number.is_null()
    damaged = number.str.contains(_DAMAGED)
    foreign = pl.col("typed_channel").is_null()
    cases = [
        (missing, "missing_order_no", "order_no", pl.lit("")),
        (~missing & damaged, "damaged_id", "order_no", number),
        (~missing & ~damaged & foreign, "unknown_platform", "channel", pl.col("channel").fill_null("")),
        (~missing & ~damaged & ~foreign, "bad_order_no", "order_no", number),
    ]
    made = [
        refuse(
            bad.filter(case).select(ROW, value=value),
            reason,
            file=file,
            sheet=sheet,
            column=own.titles[own.positions[at]],
        )
        for case, reason, at, value in cases
    ]
    return pl.concat(made) if made else pl.DataFrame(schema=SCHEMA)


def ragged(rows: pl.DataFrame, own: Own, wrong: Sequence[Ragged], *, file: str, sheet: str) -> pl.DataFrame:
    """Refuse records with a wrong number of cells; nothing of them is shown, it may be personal data."""
    by_cells: dict[tuple[int, int], list[int]] = {}
    for place, one in enumerate(wrong):
        by_cells.setdefault((len(one.cells), one.expected), []).append(place)
    title = own.titles[own.positions["order_no"]]
    made = [
        refuse(rows[places], "ragged_row", file=file, sheet=sheet, column=title, cells=cells, expected=expected)
        for (cells, expected), places in by_cells.items()
    ]
    return pl.concat(made) if made else pl.DataFrame(schema=SCHEMA)


def lines_of(rows: pl.DataFrame) -> pl.DataFrame:
    """Lines in the columns of ``LINE_SCHEMA``; of a line that came twice the last counts."""
    return rows.unique(["channel", "order_no", "line_no"], keep="last", maintain_order=True).select(list(LINE_SCHEMA))

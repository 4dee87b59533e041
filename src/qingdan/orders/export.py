"""Orders and their lines as spreadsheets: every field of the catalogue, and no cell that a spreadsheet would calculate.

Importing such a file restores the orders; personal data only from an unmasked one (see ``core.sheetform``).
"""

import tempfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import IO, Final, Literal
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from psycopg import sql

from qingdan.core import sheetform
from qingdan.core.columns import TIME, dtype
from qingdan.core.fields import ORDER_FIELDS, Pii
from qingdan.core.masking import mask
from qingdan.core.message import Language, Words
from qingdan.orders import sheets
from qingdan.orders.copying import copy_out
from qingdan.orders.models import Order
from qingdan.orders.queries import lines

Format = Literal["csv", "xlsx", "zip"]
"""``csv`` has the orders alone; ``xlsx`` has a second sheet with their lines, ``zip`` two CSV files."""

_CHUNK: Final = 20_000

_DECISION: Final[dict[str, tuple[str, pl.DataType, Words]]] = {
    "verdict": ("verdict", pl.String(), Words("结论", "Verdict")),
    "tier": ("tier", pl.String(), Words("分级", "Tier")),
    "reasons": ("reasons", pl.List(pl.String()), Words("原因", "Reasons")),
    "owner_role": ("owner_role", pl.String(), Words("负责人", "Owner")),
    "respond_by": ("respond_by", TIME, Words("响应时限", "Respond by")),
    "resolve_by": ("resolve_by", TIME, Words("处理时限", "Resolve by")),
}
_Sheets = tuple[pl.DataFrame, pl.DataFrame]


def file_name(now: datetime, form: Format) -> str:
    """Return the name under which the browser keeps the file."""
    return f"orders-{now.astimezone(ZoneInfo(settings.SHOP_ZONE)):%Y%m%d-%H%M%S}.{form}"


def write(found: QuerySet[Order], form: Format, language: Language, *, masked: bool = True) -> IO[bytes]:
    """Write the orders to a temporary file and return it, at its beginning.

    Money is yuan, times are the shop's, enum values and headings are labels in ``language``.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    chunks = _chunks(found, language, masked=masked, with_lines=form != "csv")
    if form == "csv":
        _write_csv(file, (orders for orders, _ in chunks))
    elif form == "zip":
        _write_zip(file, list(chunks), language)
    else:
        _write_xlsx(file, list(chunks), language)
    file.seek(0)
    return file


def _write_csv(file: IO[bytes], frames: Iterator[pl.DataFrame]) -> None:
    file.write(sheets.BOM)
    for number, frame in enumerate(frames):
        sheets.inert(frame).write_csv(file, include_header=number == 0)


def _write_zip(file: IO[bytes], chunks: list[_Sheets], language: Language) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, words in enumerate(sheetform.SHEETS):
            with archive.open(f"{words.text(language)}.csv", "w", force_zip64=True) as member:
                _write_csv(member, (chunk[place] for chunk in chunks))


def _write_xlsx(file: IO[bytes], chunks: list[_Sheets], language: Language) -> None:
    with sheets.workbook(file) as book:
        for place, words in enumerate(sheetform.SHEETS):
            frame = pl.concat([chunk[place] for chunk in chunks])
            sheets.write_sheet(book, sheetform.cut(frame), name=words.text(language))


def _chunks(found: QuerySet[Order], language: Language, *, masked: bool, with_lines: bool) -> Iterator[_Sheets]:
    """Yield the orders and their lines as frames of what the sheets show; one empty pair when there are none."""
    ids = list(found.values_list("id", flat=True))
    for start in range(0, max(len(ids), 1), _CHUNK):
        some = ids[start : start + _CHUNK]
        orders = _shown(_fetch(some), language, masked=masked)
        goods = lines(pl.Series(some if with_lines else [], dtype=pl.Int64))
        yield orders, _shown_lines(goods, language, masked=masked)


def _fetch(ids: list[int]) -> pl.DataFrame:
    columns = {
        "id": (sql.SQL("o.id"), pl.Int64()),
        **{f.id: (sql.Identifier("o", f.id), dtype(f)) for f in ORDER_FIELDS if f.id != "shop"},
        "shop": (sql.SQL("s.name"), pl.String()),
        **{name: (sql.Identifier("o", column), kind) for name, (column, kind, _) in _DECISION.items()},
    }
    rest = sql.SQL(
        "FROM orders_order o JOIN orders_shop s ON s.id = o.shop_id "
        "JOIN unnest(%s::bigint[]) WITH ORDINALITY AS wanted (id, place) ON wanted.id = o.id ORDER BY place"
    )
    with connection.cursor() as cursor:
        return copy_out(cursor, columns, rest, [ids])


def _shown(orders: pl.DataFrame, language: Language, *, masked: bool) -> pl.DataFrame:
    cells = orders.select(
        *(sheetform.cell(f, language, settings.SHOP_ZONE).alias(sheetform.label(f, language)) for f in ORDER_FIELDS),
        *(_plain(name, kind).alias(words.text(language)) for name, (_, kind, words) in _DECISION.items()),
        _mark(language, masked=masked),
    )
    if not masked:
        return cells
    personal = {sheetform.label(f, language): f.pii for f in ORDER_FIELDS if f.pii is not Pii.NONE}
    return cells.with_columns(
        pl.col(name).map_batches(_masker(pii), return_dtype=pl.String) for name, pii in personal.items()
    )


def _shown_lines(goods: pl.DataFrame, language: Language, *, masked: bool) -> pl.DataFrame:
    return goods.sort("channel", "order_no", maintain_order=True).select(
        *(
            sheetform.cell(f, language, settings.SHOP_ZONE).alias(sheetform.label(f, language))
            for f in sheetform.LINE_SHEET
        ),
        _mark(language, masked=masked),
    )


def _mark(language: Language, *, masked: bool) -> pl.Expr:
    yes, no = sheetform.YES_NO[language]
    return pl.lit(yes if masked else no).alias(sheetform.MASKED_LABEL.text(language))


def _masker(pii: Pii) -> Callable[[pl.Series], pl.Series]:
    return lambda texts: _masked(texts, pii)


def _masked(texts: pl.Series, pii: Pii) -> pl.Series:
    """Mask each text, once for all the orders that have it."""
    distinct = texts.drop_nulls().unique()
    hidden = pl.Series([mask(text, pii) for text in distinct], dtype=pl.String)
    return texts.replace_strict(distinct, hidden, default=None, return_dtype=pl.String)


def _plain(name: str, kind: pl.DataType) -> pl.Expr:
    if isinstance(kind, pl.Datetime):
        return sheetform.time_cell(name, settings.SHOP_ZONE)
    return pl.col(name).list.join(";") if isinstance(kind, pl.List) else pl.col(name)

"""Orders as a spreadsheet: every field of the catalogue, masked, and no cell that a spreadsheet would calculate."""

import tempfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Final, Literal
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from psycopg import sql

from qingdan.core.columns import TIME, dtype
from qingdan.core.fields import ORDER_FIELDS, Field, Pii, Type
from qingdan.core.masking import mask
from qingdan.core.message import Language, Words
from qingdan.orders import sheets
from qingdan.orders.copying import copy_out
from qingdan.orders.models import Order

Format = Literal["csv", "xlsx"]

_CHUNK: Final = 20_000
_YUAN: Final = pl.Decimal(20, 2)
_YES_NO: Final = {"zh": ("是", "否"), "en": ("yes", "no")}

_DECISION: Final[dict[str, tuple[str, pl.DataType, Words]]] = {
    "verdict": ("verdict", pl.String(), Words("结论", "Verdict")),
    "tier": ("tier", pl.String(), Words("分级", "Tier")),
    "reasons": ("reasons", pl.List(pl.String()), Words("原因", "Reasons")),
    "owner_role": ("owner_role", pl.String(), Words("负责人", "Owner")),
    "respond_by": ("respond_by", TIME, Words("响应时限", "Respond by")),
    "resolve_by": ("resolve_by", TIME, Words("处理时限", "Resolve by")),
}


def file_name(now: datetime, form: Format) -> str:
    """Return the name under which the browser keeps the file."""
    return f"orders-{now.astimezone(ZoneInfo(settings.SHOP_ZONE)):%Y%m%d-%H%M%S}.{form}"


def write(found: QuerySet[Order], form: Format, language: Language) -> IO[bytes]:
    """Write the orders to a temporary file and return it, at its beginning.

    Money is yuan, times are the shop's, enum values and headings are labels in ``language``.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    chunks = _chunks(found, language)
    if form == "csv":
        file.write(sheets.BOM)
        for number, chunk in enumerate(chunks):
            sheets.inert(chunk).write_csv(file, include_header=number == 0)
    else:
        sheets.write_xlsx(pl.concat(chunks), file)
    file.seek(0)
    return file


def _chunks(found: QuerySet[Order], language: Language) -> Iterator[pl.DataFrame]:
    """Yield the orders as frames of what the sheet shows; one empty frame when there are none."""
    ids = list(found.values_list("id", flat=True))
    for start in range(0, max(len(ids), 1), _CHUNK):
        yield _shown(_fetch(ids[start : start + _CHUNK]), language)


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


def _shown(orders: pl.DataFrame, language: Language) -> pl.DataFrame:
    fields = [_cell(f, language).alias(_label(f.zh, f.en, language)) for f in ORDER_FIELDS]
    decision = [
        _plain(name, kind, language).alias(words.text(language)) for name, (_, kind, words) in _DECISION.items()
    ]
    return orders.select(*fields, *decision)


def _cell(field: Field, language: Language) -> pl.Expr:
    column = pl.col(field.id)
    labels = {v.id: _label(v.zh, v.en, language) for v in field.values}
    match field.type:
        case Type.ENUM:
            return column.cast(pl.String).replace_strict(labels, default=None, return_dtype=pl.String)
        case Type.ENUM_LIST:
            each = pl.element().cast(pl.String).replace_strict(labels, default=None, return_dtype=pl.String)
            return column.list.eval(each).list.join("、" if language == "zh" else ", ")
        case Type.MONEY:
            # a decimal: what a binary fraction can not hold exactly would be shown so
            return (column.cast(_YUAN) * pl.lit("0.01").cast(_YUAN)).cast(_YUAN)
        case Type.TEXT if field.pii is not Pii.NONE:
            return column.map_batches(lambda texts: _masked(texts, field.pii), return_dtype=pl.String)
    return _plain(field.id, dtype(field), language)


def _masked(texts: pl.Series, pii: Pii) -> pl.Series:
    """Mask each text, once for all the orders that have it."""
    distinct = texts.drop_nulls().unique()
    hidden = pl.Series([mask(text, pii) for text in distinct], dtype=pl.String)
    return texts.replace_strict(distinct, hidden, default=None, return_dtype=pl.String)


def _plain(name: str, kind: pl.DataType, language: Language) -> pl.Expr:
    column = pl.col(name)
    if isinstance(kind, pl.Datetime):
        return column.dt.convert_time_zone(settings.SHOP_ZONE).dt.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(kind, pl.Boolean):
        yes, no = _YES_NO[language]
        return pl.when(column).then(pl.lit(yes)).when(~column).then(pl.lit(no)).otherwise(None)
    if isinstance(kind, pl.List):
        return column.list.join(";")
    return column


def _label(zh: str, en: str, language: Language) -> str:
    return zh if language == "zh" else en

"""Orders and lines as the cells of our own spreadsheets, and back: what one side writes, the other reads exactly.

Money is yuan, times are the shop's, enum values and headings are labels in the reader's language. A sheet tells of
each row whether personal data was masked when it was written, so that a masked text never passes for a real one.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

from qingdan.core.columns import dtype
from qingdan.core.fields import FIELDS, LINE_FIELDS, ORDER_FIELDS, Field, Pii, Source, Type
from qingdan.core.message import LANGUAGES, Language, Words

MASKED: Final = "masked"
MASKED_LABEL: Final = Words("导出时已脱敏", "Masked in export")
YES_NO: Final = {"zh": ("是", "否"), "en": ("yes", "no")}
SHEETS: Final = (Words("订单", "Orders"), Words("商品明细", "Lines"))
HOME_ZONE: Final = "Asia/Shanghai"
"""Zone of times that name no offset; a shop elsewhere has the offset written out."""
CELL_LIMIT: Final = 32_767
"""Characters that a cell of a workbook holds."""
CUT: Final = "……（过长，没有导出完整 cut short）"

PERSONAL: Final = tuple(f.id for f in ORDER_FIELDS if f.pii is not Pii.NONE)
"""Fields that a masked row does not tell."""
LINE_SHEET: Final = (*(FIELDS[name] for name in ("channel", "order_no")), *LINE_FIELDS)
_TOLD_FEATURES: Final = frozenset({"item_count", "kind_count"})
READ: Final = tuple(
    f
    for f in ORDER_FIELDS
    if f.source in {Source.PLATFORM, Source.FACT} or f.id in _TOLD_FEATURES
)  # fmt: skip
"""Order fields that are read back; features are computed anew, the stage is the ledger's."""
_FORMULA: Final = r"^(\s*[=+\-@＝＋－＠\t\r'])"
"""Beginnings that a spreadsheet takes for a formula, and the apostrophe that keeps it from doing so."""
_YUAN: Final = pl.Decimal(20, 2)
_FULL: Final = "%Y-%m-%d %H:%M:%S"
_TIMES: Final = ("%Y-%m-%d %H:%M:%S%.f", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M")
_SECOND: Final = 1_000_000


def label(field: Field, language: Language) -> str:
    """Heading of a field."""
    return field.zh if language == "zh" else field.en


def inert(frame: pl.DataFrame) -> pl.DataFrame:
    """Put an apostrophe before texts that would be calculated; ``restored`` takes it away again."""
    return frame.with_columns(pl.col(pl.String).str.replace(_FORMULA, "'${1}"))


def restored(frame: pl.DataFrame) -> pl.DataFrame:
    """Undo ``inert``."""
    return frame.with_columns(pl.col(pl.String).str.strip_prefix("'"))


def cell(field: Field, language: Language, zone: str) -> pl.Expr:
    """Column of a field as a sheet shows it, under the field's id."""
    column = pl.col(field.id)
    match field.type:
        case Type.ENUM:
            return column.cast(pl.String).replace_strict(_labels(field, language), default=None, return_dtype=pl.String)
        case Type.ENUM_LIST:
            each = pl.element().cast(pl.String)
            each = each.replace_strict(_labels(field, language), default=None, return_dtype=pl.String)
            return column.list.eval(each).list.join("、" if language == "zh" else ", ")
        case Type.MONEY:
            # a decimal: what a binary fraction can not hold exactly would be shown so
            return (column.cast(_YUAN) * pl.lit("0.01").cast(_YUAN)).cast(_YUAN)
        case Type.TIME:
            return time_cell(field.id, zone)
        case Type.BOOL:
            return bool_cell(field.id, language)
    return column


def time_cell(name: str, zone: str) -> pl.Expr:
    """Time in the shop's zone; fractions of a second only where there are any."""
    local = pl.col(name).dt.convert_time_zone(zone)
    whole = pl.col(name).dt.timestamp("us") % _SECOND == 0
    shown = pl.when(whole).then(local.dt.strftime(_FULL)).otherwise(local.dt.strftime(f"{_FULL}%.6f"))
    return shown.alias(name) if zone == HOME_ZONE else (shown + local.dt.strftime("%:z")).alias(name)


def bool_cell(name: str, language: Language) -> pl.Expr:
    """Yes, no, or nothing."""
    yes, no = YES_NO[language]
    column = pl.col(name)
    return pl.when(column).then(pl.lit(yes)).when(~column).then(pl.lit(no)).otherwise(None).alias(name)


def cut(frame: pl.DataFrame) -> pl.DataFrame:
    """Shorten texts that a cell can not hold, so that it shows; ``told`` knows them again."""
    long = pl.col(pl.String).str.len_chars() > CELL_LIMIT
    short = pl.col(pl.String).str.slice(0, CELL_LIMIT - len(CUT)) + CUT
    return frame.with_columns(pl.when(long).then(short).otherwise(pl.col(pl.String)).name.keep())


def _labels(field: Field, language: Language) -> dict[str, str]:
    return {v.id: v.zh if language == "zh" else v.en for v in field.values}


def columns_of(titles: Sequence[str], fields: Sequence[Field]) -> dict[str, int] | None:
    """Position of each field, and of the mark of masking, in a header of ours in either language; None if it is none.

    A sheet of ours is told by its identity and two columns that nobody else has; others may have been deleted.
    """
    for language in LANGUAGES:
        known = {label(field, language): field.id for field in fields}
        known[MASKED_LABEL.text(language)] = MASKED
        found: dict[str, int] = {}
        for position, title in enumerate(titles):
            name = known.get(title.strip("\ufeff \t\r\n"))
            if name is not None:
                found.setdefault(name, position)
        if {"channel", "order_no", MASKED} <= found.keys():
            return found
    return None


def read(texts: pl.DataFrame, fields: Sequence[Field]) -> pl.DataFrame:
    """Cells of our own sheets (columns named by field, blank null, formula guards taken away) as typed columns.

    A column that is not there is null, or its field's default. What can not be read is null.
    """
    return texts.with_columns(
        (_value(field) if field.id in texts.columns else pl.lit(None, dtype(field))).alias(field.id) for field in fields
    ).with_columns(pl.col(f.id).fill_null(pl.lit(f.default, dtype(f))) for f in fields if _has_default(f))


def _has_default(field: Field) -> bool:
    return field.default is not None and field.type is not Type.ENUM_LIST


def _value(field: Field) -> pl.Expr:
    text = pl.col(field.id)
    match field.type:
        case Type.ENUM:
            ids = {name: v.id for v in field.values for name in (v.id, v.zh, v.en)}
            return text.replace_strict(ids, default=None, return_dtype=dtype(field))
        case Type.MONEY:
            return text.cast(_YUAN, strict=False).to_physical().cast(pl.Int64)
        case Type.TIME:
            exact = text.str.to_datetime(f"{_FULL}%.f%:z", time_unit="us", time_zone="UTC", strict=False)
            plain = pl.coalesce(text.str.to_datetime(form, time_unit="us", strict=False) for form in _TIMES)
            home = plain.dt.replace_time_zone(HOME_ZONE, ambiguous="earliest", non_existent="null")
            return pl.coalesce(exact, home.dt.convert_time_zone("UTC"))
        case Type.BOOL:
            yes, no = ([words[place] for words in YES_NO.values()] for place in (0, 1))
            return pl.when(text.is_in(yes)).then(statement=True).when(text.is_in(no)).then(statement=False)
        case Type.INT:
            return text.cast(pl.Int64, strict=False)
    return text


def is_masked(texts: pl.DataFrame) -> pl.Expr:
    """Whether personal data of a row was masked when the sheet was written."""
    yes = [words[0] for words in YES_NO.values()]
    return pl.col(MASKED).is_in(yes).fill_null(value=False) if MASKED in texts.columns else pl.lit(value=False)

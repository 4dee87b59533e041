"""import(export(orders)) = orders: what our own sheets show is read back exactly, formula-looking text included."""

import datetime as dt
import io
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qingdan.core import sheetform
from qingdan.core.columns import dtype
from qingdan.core.fields import FIELDS, Field, Type
from qingdan.core.message import Language
from qingdan.intake import ownsheet, readers
from qingdan.orders import sheets

ZONE = "Asia/Shanghai"
_FORMULAS = (
    "=1+1", "+1", "-1", "@A1", "'=1", "''", "-", "无", "null", "\t=1", " =1", "＝1", "=HYPERLINK()", '="12"', "\r=1",
    "\n=1", "_x000D_", "NULL", "1E+18", "001", " 前后空格 ", "a\r\nb", 'say "x", y', "#", "合计",
)  # fmt: skip
_TEXT = st.sampled_from(_FORMULAS) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff\ufffe\uffff"), min_size=1, max_size=12
)
_FIRST = dt.datetime(1992, 1, 1, tzinfo=dt.UTC)
_MOMENT = st.timedeltas(dt.timedelta(0), dt.timedelta(days=36_000)).map(lambda since: _FIRST + since)


def values(field: Field) -> st.SearchStrategy[Any]:
    made: dict[Type, st.SearchStrategy[Any]] = {
        Type.TEXT: _TEXT,
        Type.INT: st.integers(-(10**9), 10**9),
        Type.MONEY: st.integers(-(10**12), 10**12),
        Type.TIME: _MOMENT,
        Type.BOOL: st.booleans(),
    }
    chosen = st.sampled_from(field.value_ids) if field.type is Type.ENUM else made[field.type]
    if field.id in {"order_no", "line_no"}:
        return st.from_regex(r"\A[0-9A-Z][0-9A-Z_\-]{3,20}\Z").filter(lambda text: "E" not in text)
    if field.nullable:
        return st.none() | chosen
    return st.just("") | chosen if field.type is Type.TEXT and field.default == "" else chosen


def frames(fields: tuple[Field, ...]) -> st.SearchStrategy[pl.DataFrame]:
    row = st.fixed_dictionaries({f.id: values(f) for f in fields})
    schema = {f.id: dtype(f) for f in fields}
    return st.lists(row, min_size=1, max_size=4).map(lambda rows: pl.DataFrame(rows, schema=schema))


def shown(frame: pl.DataFrame, fields: tuple[Field, ...], language: Language) -> pl.DataFrame:
    cells = (sheetform.cell(f, language, ZONE).alias(sheetform.label(f, language)) for f in fields)
    no = sheetform.YES_NO[language][1]
    return frame.select(*cells, pl.lit(no).alias(sheetform.MASKED_LABEL.text(language)))


def came_back(path: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    opened = readers.open_file(path)
    [sheet] = opened.sheets
    own = ownsheet.find(sheet.head)
    assert own is not None
    bodies = [body() for body in sheet.bodies(own.row, own.wanted, size=1 << 20)]
    assert not [ragged for body in bodies for ragged in body.ragged]
    rows = ownsheet.read(pl.concat([b.frame for b in bodies]), own, opened.container, file=path.name, sheet="")
    return rows.rows, rows.refused


SLOW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@SLOW
@given(data=st.data())
def test_a_sheet_of_ours_is_read_back_exactly(tmp_path: Path, data: st.DataObject) -> None:
    fields = data.draw(st.sampled_from([sheetform.READ, sheetform.LINE_SHEET]))
    language: Language = data.draw(st.sampled_from(["zh", "en"]))
    frame = data.draw(frames(fields))
    for form in ("csv", "xlsx"):
        path, buffer = tmp_path / f"orders.{form}", io.BytesIO()
        cells = shown(frame, fields, language)
        (sheets.write_csv if form == "csv" else sheets.write_xlsx)(cells, buffer)
        path.write_bytes(buffer.getvalue())
        rows, refused = came_back(path)
        assert refused.is_empty()
        assert rows.select(frame.columns).to_dicts() == frame.to_dicts(), form


def test_times_of_a_shop_elsewhere_keep_their_offset() -> None:
    moment = dt.datetime(2026, 11, 1, 5, 30, 0, 250_000, tzinfo=dt.UTC)
    field = FIELDS["paid_at"]
    frame = pl.DataFrame({"paid_at": [moment, None]}, schema={"paid_at": dtype(field)})
    cells = frame.select(sheetform.cell(field, "zh", "America/New_York"))
    assert cells["paid_at"][0] == "2026-11-01 01:30:00.250000-04:00"
    assert sheetform.read(cells, [field]).equals(frame)

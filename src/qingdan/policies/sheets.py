"""A decision table as an Excel sheet, out and in."""

import io
import re
from collections.abc import Mapping
from typing import Any, Final

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook

from qingdan.core.fields import FIELDS
from qingdan.core.message import Language
from qingdan.core.policy import limits
from qingdan.core.policy.grid import TIERS
from qingdan.core.policy.vocabulary import WRITTEN
from qingdan.policies.errors import UnreadableSheetError

_HEADS: Final[dict[str, tuple[str, str]]] = {
    "id": ("编号", "Id"),
    "title": ("名称", "Title"),
    "title_en": ("英文名称", "English title"),
    "rest": ("其他条件", "Other conditions"),
    "output": ("结果", "Output"),
    "owner": ("负责人", "Owner"),
    "respond": ("响应时限", "Respond within"),
    "resolve": ("办结时限", "Resolve within"),
}
_OTHERWISE: Final = {"zh": "其余订单", "en": "Every other order"}
_NUMBER: Final = re.compile(r"(.*?)\s*\(\d+\)\Z")


def write(grid: Mapping[str, Any], language: Language) -> bytes:
    """Return an xlsx of a grid; cells are text, so that nothing is turned into a number or a date."""
    place = 0 if language == "zh" else 1
    tail = _tail(grid["table"])
    titles = [column["title"][language] for column in grid["columns"]]
    numbered = [f"{t} ({titles[:i].count(t) + 1})" if t in titles[:i] else t for i, t in enumerate(titles)]
    heads = [_HEADS[name][place] for name in ("id", "title", "title_en")]
    heads += [*numbered, _HEADS["rest"][place], *(_HEADS[name][place] for name in tail)]
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False})
    sheet, text = book.add_worksheet("table"), book.add_format({"num_format": "@", "text_wrap": True})
    bold = book.add_format({"bold": True, "num_format": "@", "bg_color": "#F0F0F0"})
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head, bold)
    for number, row in enumerate(grid["rows"], start=1):
        title = row["title"] or {"zh": "", "en": ""}
        rest = _OTHERWISE[language] if row["otherwise"] else row["rest"]
        values = [row["id"], title["zh"], title["en"], *row["cells"], rest, *(row.get(name) or "" for name in tail)]
        for column, value in enumerate(values):
            sheet.write_string(number, column, str(value), text)
    sheet.set_column(0, len(heads), 18)
    sheet.freeze_panes(1, 2)
    book.close()
    return buffer.getvalue()


def read(content: bytes, table: str) -> dict[str, Any]:
    """Return the grid of an xlsx; columns are found by their heads in either language, in any order.

    Raises ``UnreadableSheetError`` for a file that is no sheet, or a head that names nothing.
    """
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows = [[_shown(cell) for cell in row] for row in book.get_sheet_by_index(0).to_python()]
    except (CalamineError, IndexError, ValueError) as error:
        raise UnreadableSheetError("") from error
    if not rows or len(rows) - 1 > limits.TABLE_ROWS:
        raise UnreadableSheetError("")
    known = {spelling.lower(): name for name, pair in _HEADS.items() for spelling in (*pair, name)}
    own: dict[str, int] = {}
    fields: list[tuple[str, int]] = []
    for column, head in enumerate(rows[0]):
        if (name := known.get(head.lower())) is not None:
            own[name] = column
        elif head:
            fields.append((_field(head), column))
    if "id" not in own:
        raise UnreadableSheetError(_HEADS["id"][0])
    return {
        "table": table,
        "hit": "first",
        "columns": [{"field": field, "title": {"zh": "", "en": ""}, "key": field} for field, _ in fields],
        "rows": [_row(row, own, fields, table) for row in rows[1:] if any(row)],
    }


def _row(row: list[str], own: Mapping[str, int], fields: list[tuple[str, int]], table: str) -> dict[str, Any]:
    def at(name: str) -> str:
        return row[own[name]] if name in own else ""

    rest = at("rest")
    otherwise = rest in _OTHERWISE.values()
    title = {"zh": at("title"), "en": at("title_en") or at("title")} if at("title") else None
    return {
        "id": at("id"),
        "title": title,
        "cells": [row[column] for _, column in fields],
        "rest": "" if otherwise else rest,
        "otherwise": otherwise,
        **{name: at(name) or None for name in _tail(table)},
    }


def _tail(table: str) -> tuple[str, ...]:
    return ("owner", "respond", "resolve") if table == TIERS else ("output",)


def _field(head: str) -> str:
    name = match.group(1) if (match := _NUMBER.match(head)) else head
    for field in FIELDS.values():
        if name.lower() in {field.id, field.zh.lower(), field.en.lower()}:
            return field.id
    for builtin in ("any_exception", "any_hold", "all_checks_passed"):
        if name in {builtin, *WRITTEN[builtin]}:
            return builtin
    raise UnreadableSheetError(head)


def _shown(cell: object) -> str:
    """Return a cell's text; whole numbers that Excel kept as floats lose their ``.0``."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()

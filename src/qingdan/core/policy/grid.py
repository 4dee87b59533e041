"""A decision table (or the tier table) as a grid of cells that a person edits like a spreadsheet.

Each column is one field or built-in; a cell holds the rest of a comparison, as ``<= 500元`` or ``含 @加急词``, and an
empty cell asks nothing. What does not fit a column stands in the row's ``rest``. Works on forms (see ``form``).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from qingdan.core.fields import FIELDS
from qingdan.core.message import Language
from qingdan.core.policy.check import read_expression
from qingdan.core.policy.visual import as_group, group, text_node, to_node, to_text
from qingdan.core.policy.vocabulary import WRITTEN, Vocabulary

Grid: TypeAlias = dict[str, Any]
Form: TypeAlias = Mapping[str, Any]

TIERS: Final = "tiers"
"""Name of the tier table among the grids."""
_BUILTIN_NAMES: Final = ("always", "never", "any_exception", "any_hold", "all_checks_passed")
_YES: Final = {"zh": "是", "en": "yes"}


def to_grid(form: Form, table: str, language: Language = "zh") -> Grid:
    """Grid of one table of a policy's form. Raises KeyError when there is no such table."""
    found = _table(form, table)
    columns: list[tuple[str, int]] = []
    rows = []
    for row in found["rows"]:
        cells, rest = _cells(row["condition"], language)
        columns += [key for key in cells if key not in columns]
        rows.append((row, cells, rest))
    return {
        "table": table,
        "hit": found["hit"],
        "columns": [
            {"field": field, "title": _titles(field), "key": f"{field}#{number}" if number else field}
            for field, number in columns
        ],
        "rows": [
            {
                "id": row["id"],
                "title": row["title"],
                "cells": [cells.get(key, "") for key in columns],
                "rest": rest,
                "otherwise": row["condition"] is None,
                **{name: row.get(name) for name in ("output", "owner", "respond", "resolve")},
            }
            for row, cells, rest in rows
        ],
    }


def from_grid(form: Form, grid: Grid, language: Language = "zh") -> Form:
    """Form with the rows of one table replaced by the grid's. A row whose cells are as they were keeps its condition.

    Raises KeyError when there is no such table.
    """
    found = _table(form, grid["table"])
    before = {row["id"]: row for row in found["rows"]}
    shown = {row["id"]: row for row in to_grid(form, grid["table"], language)["rows"]}
    columns = to_grid(form, grid["table"], language)["columns"]
    fields = [column["field"] for column in grid["columns"]]
    same = fields == [column["field"] for column in columns]
    vocabulary = Vocabulary([listed["name"] for listed in form["words"]])
    rows = []
    for row in grid["rows"]:
        was = shown.get(row["id"])
        unchanged = same and was is not None and all(was[k] == row[k] for k in ("cells", "rest", "otherwise"))
        condition = before[row["id"]]["condition"] if unchanged else _condition(row, fields, language, vocabulary)
        kept = before.get(row["id"], {"note": ""})
        more = ("owner", "respond", "resolve") if grid["table"] == TIERS else ("output",)
        rows.append(
            {
                **kept,
                "id": row["id"],
                "title": row["title"],
                "condition": condition,
                **{name: row.get(name) or None for name in more},
            }
        )
    if grid["table"] == TIERS:
        return {**form, "tiers": rows}
    tables = [{**t, "rows": rows} if t["id"] == grid["table"] else t for t in form["tables"]]
    return {**form, "tables": tables}


def _table(form: Form, table: str) -> Mapping[str, Any]:
    if table == TIERS:
        return {"hit": "first", "rows": form["tiers"]}
    for found in form["tables"]:
        if found["id"] == table:
            return dict(found)
    raise KeyError(table)


def _titles(field: str) -> dict[str, str]:
    if field in FIELDS:
        return {"zh": FIELDS[field].zh, "en": FIELDS[field].en}
    return {"zh": WRITTEN[field][0], "en": WRITTEN[field][1]} if field in WRITTEN else {"zh": field, "en": field}


def _cells(condition: Mapping[str, Any] | None, language: Language) -> tuple[dict[tuple[str, int], str], str]:
    """Cells by (field, how often it came before) and the text of what fits none."""
    cells: dict[tuple[str, int], str] = {}
    if condition is None:
        return cells, ""
    parts: Sequence[Mapping[str, Any]] = [condition]
    if condition["kind"] == "group" and condition["combinator"] == "and" and not condition["not"]:
        parts = condition["rules"]
    rest: list[dict[str, Any]] = []
    for part in parts:
        field = part.get("field", "")
        text = to_text(part, language)
        if field in _BUILTIN_NAMES[2:]:
            cells[_free(cells, field)] = _YES[language]
        elif field in FIELDS and text.startswith(name := _name(field, language)):
            cells[_free(cells, field)] = text.removeprefix(name).strip()
        else:
            rest.append(dict(part))
    return cells, to_text(group("and", rest), language)


def _free(cells: Mapping[tuple[str, int], str], field: str) -> tuple[str, int]:
    number = 0
    while (field, number) in cells:
        number += 1
    return field, number


def _name(field: str, language: Language) -> str:
    return FIELDS[field].zh if language == "zh" else field


def _condition(
    row: Mapping[str, Any], fields: Sequence[str], language: Language, vocabulary: Vocabulary
) -> Mapping[str, Any] | None:
    if row["otherwise"]:
        return None
    texts = []
    for field, cell in zip(fields, row["cells"], strict=True):
        text = str(cell or "").strip()
        if not text:
            continue
        texts.append(WRITTEN[field][0] if field in _BUILTIN_NAMES else f"[{_name(field, language)}] {text}")
    if row["rest"].strip():
        texts.append(row["rest"].strip())
    nodes = []
    for text in texts:
        expr = read_expression(text, vocabulary, builtins=True).expr
        nodes.append(text_node(text) if expr is None else to_node(expr, language))
    flat = [n for node in nodes for n in (node["rules"] if _is_plain_and(node) else [node])]
    return as_group(group("and", flat))


def _is_plain_and(node: Mapping[str, Any]) -> bool:
    return bool(node["kind"] == "group" and node["combinator"] == "and" and not node["not"])

"""HTTP of decision tables: as a grid, and as an Excel sheet."""

import io
from typing import Any, Literal

from django.http.response import HttpResponseBase
from ninja import Field, File, Form, Schema
from ninja.files import UploadedFile

from qingdan.core.policy import PolicyError, limits
from qingdan.core.policy.form import read_form, write_form
from qingdan.core.policy.grid import from_grid, to_grid
from qingdan.people.access import Needs, Request
from qingdan.people.rights import Right
from qingdan.policies import sheets
from qingdan.policies.api.editor import SourceOut
from qingdan.policies.api.routing import router
from qingdan.policies.api.shapes import Said, Source
from qingdan.policies.drafts import ready
from qingdan.policies.errors import NotThereError
from qingdan.web.files import CONTENT_TYPES, download


class ColumnIO(Schema):
    """A column: the field it asks about; the same field may stand in several."""

    field: str = Field(max_length=64)
    key: str = Field(default="", max_length=80)
    title: Said = Said(zh="", en="")


class GridRowIO(Schema):
    """A row; a cell is the rest of a comparison, as ``<= 500元``, and asks nothing when empty."""

    id: str = Field(max_length=64)
    title: Said | None = None
    cells: list[str] = Field(max_length=60)
    rest: str = Field(default="", max_length=limits.EXPRESSION_CHARS, description="What fits no column")
    otherwise: bool = False
    output: str | None = None
    owner: str | None = None
    respond: str | None = None
    resolve: str | None = None


class GridIO(Schema):
    """A table as a grid."""

    table: str = Field(max_length=64, description="Id of a table, or tiers")
    hit: str = "first"
    columns: list[ColumnIO] = Field(max_length=60)
    rows: list[GridRowIO] = Field(max_length=limits.TABLE_ROWS)


class TableIn(Schema):
    """A policy and one of its tables."""

    source: Source
    table: str = Field(max_length=64)
    language: Literal["zh", "en"] = "zh"


class GridIn(Schema):
    """A policy and the new content of one of its tables."""

    source: Source
    grid: GridIO
    language: Literal["zh", "en"] = "zh"


def _form(source: str) -> dict[str, Any]:
    try:
        return read_form(source)
    except PolicyError:
        ready(source)  # says what is wrong with the text
        raise


@router.post("/tables/grid", auth=Needs(Right.POLICIES_VIEW), response=GridIO)
def read_grid(request: Request, body: TableIn) -> dict[str, Any]:  # noqa: ARG001 - ninja calls it so
    """Return a table of a policy's text as a grid; faulty rows too."""
    try:
        return to_grid(_form(body.source), body.table, body.language)
    except KeyError as error:
        raise NotThereError from error


@router.post("/tables/apply", auth=Needs(Right.POLICIES_VIEW), response=SourceOut)
def apply_grid(request: Request, body: GridIn) -> dict[str, Any]:  # noqa: ARG001 - ninja calls it so
    """Return the policy's text with a table as the grid says; rows left alone keep their conditions as they were."""
    grid = body.grid.model_dump(mode="json")
    for row in grid["rows"]:
        row["cells"] = (row["cells"] + [""] * len(grid["columns"]))[: len(grid["columns"])]
    try:
        return {"source": write_form(from_grid(_form(body.source), grid, body.language), body.language)}
    except KeyError as error:
        raise NotThereError from error


@router.post("/tables/export", auth=Needs(Right.POLICIES_VIEW))
def export_table(request: Request, body: TableIn) -> HttpResponseBase:
    """Return a table as an Excel sheet."""
    content = sheets.write(read_grid(request, body), body.language)
    return download(request, io.BytesIO(content), f"{body.table}.xlsx", CONTENT_TYPES["xlsx"])


@router.post("/tables/import", auth=Needs(Right.POLICIES_VIEW), response=SourceOut)
def import_table(
    request: Request,  # noqa: ARG001 - ninja calls it so
    source: Form[str],
    table: Form[str],
    file: File[UploadedFile],
    language: Form[Literal["zh", "en"]] = "zh",
) -> dict[str, Any]:
    """Return the policy's text with a table as an Excel sheet says."""
    if len(source) > limits.SOURCE_CHARS:
        ready(source)
    grid = sheets.read(file.read(), table)
    try:
        return {"source": write_form(from_grid(_form(source), grid, language), language)}
    except KeyError as error:
        raise NotThereError from error

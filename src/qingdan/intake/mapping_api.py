"""HTTP of the mapping wizard: look at a file, check a draft, keep mappings, say what words mean."""

import io
from datetime import datetime
from typing import Any

from django.http.response import HttpResponseBase
from ninja import Query, Router, Schema, Status
from pydantic import Field, SecretStr

from qingdan.channels.mapping import Channel, dump_mapping
from qingdan.core.fields import FIELDS, GROUP_LABELS, Group
from qingdan.intake import mappings
from qingdan.intake.draft import VALUES, Draft
from qingdan.intake.lexicon import FIELDS_OFFERED
from qingdan.intake.mapping_messages import OFFERED_LABELS
from qingdan.intake.models import SavedMapping
from qingdan.orders.actors import Actor
from qingdan.people.access import Needs, Request
from qingdan.people.rights import Right
from qingdan.web.files import download

router = Router(tags=["mappings"])


class MappingFileIn(Schema):
    """A file of an import, by its place in it; ``inner`` names a table within an archive."""

    import_id: int
    file: int = Field(ge=0, le=10_000)
    inner: str = Field("", max_length=1000)


class MappingLookIn(MappingFileIn):
    """What to look at: the sheet and the header's row that a person chose, else the likeliest.

    ``password`` opens a protected file; it is kept sealed until the import has used it.
    """

    sheet: str = Field("", max_length=200)
    header: int | None = Field(None, ge=0, le=100)
    password: SecretStr | None = Field(None, max_length=255)


class MappingCheckIn(MappingFileIn):
    """A draft to be checked on the whole file."""

    draft: Draft


class MappingGuessOut(Schema):
    """A field that a column may hold; ``why`` has name, cells and past."""

    field: str
    confidence: float
    why: list[str]


class MappingColumnOut(Schema):
    """One column, the field proposed for it, and other choices; ``filled`` is the share of cells that are not blank."""

    position: int
    title: str
    guess: MappingGuessOut | None
    others: list[MappingGuessOut]
    filled: float


class MappingRowOut(Schema):
    """One row of the preview as a spreadsheet counts it; cells by position, personal data masked."""

    row: int
    cells: dict[str, str]


class MappingLookOut(Schema):
    """A table that nobody described, and a proposal; ``quick`` says that checks answer at once.

    Of an archive, ``tables`` names all that it holds, and ``inner`` the one that is shown.
    """

    file: str
    tables: list[str]
    inner: str
    size: int
    quick: bool
    sheets: list[str]
    sheet: str
    header: int
    above: list[str]
    columns: list[MappingColumnOut]
    preview: list[MappingRowOut]
    draft: Draft


class MappingSaidOut(Schema):
    """Something said about the file, in both languages."""

    id: str
    zh: str
    en: str
    advice_zh: str
    advice_en: str


class MappingRefusalOut(MappingSaidOut):
    """Rows refused for one reason, and the numbers of the first few."""

    count: int
    rows: list[int]


class MappingFindingOut(Schema):
    """Something to look at before saving; ``orders`` are a few that show it."""

    id: str
    level: str
    count: int = 0
    of: int = 0
    orders: list[str] = Field(default_factory=list)


class MappingWordOut(Schema):
    """A word of the file, in how many rows it stands, and its value in the catalogue, empty when not known."""

    word: str
    count: int
    value: str


class MappingWordsOut(Schema):
    """The words of one column; ``value_field`` is the field whose values they may mean."""

    field: str
    title: str
    value_field: str
    different: int
    words: list[MappingWordOut]


class MappingResultOut(Schema):
    """What a draft makes of the whole file; ``body`` is the mapping itself."""

    body: dict[str, Any]
    rows: int
    orders: int
    lines: int
    refused: int
    refusals: list[MappingRefusalOut]
    notices: list[MappingSaidOut]
    findings: list[MappingFindingOut]
    words: list[MappingWordsOut]
    preview: list[dict[str, Any]]
    columns: list[str]


class MappingProblemOut(Schema):
    """What went wrong and what to do."""

    code: str
    zh: str
    en: str
    advice_zh: str
    advice_en: str


class MappingCheckOut(Schema):
    """A check and how far it is; ``id`` is null when it was done at once."""

    id: int | None
    state: str
    progress: float
    result: MappingResultOut | None
    error: MappingProblemOut | None


class MappingFieldOut(Schema):
    """A field that a column may be given."""

    id: str
    zh: str
    en: str
    group: str
    value_field: str | None


class MappingGroupOut(Schema):
    """A section of the fields."""

    id: str
    zh: str
    en: str


class MappingFieldsOut(Schema):
    """What a column may hold, in sections."""

    groups: list[MappingGroupOut]
    fields: list[MappingFieldOut]


class MappingSaveIn(Schema):
    """A mapping to keep; with ``import_id`` and ``file`` the file that waited is imported at once."""

    name: str = Field(min_length=1, max_length=80)
    body: dict[str, Any]
    import_id: int | None = None
    file: int = Field(0, ge=0, le=10_000)


class MappingEditIn(Schema):
    """A mapping's new name, or new body."""

    name: str = Field(min_length=1, max_length=80)
    body: dict[str, Any] | None = None


class MappingPersonOut(Schema):
    """Who saved it."""

    name: str


class MappingOut(Schema):
    """A saved mapping; ``columns`` are its headers by field."""

    id: int
    name: str
    channel: str
    shop: str
    rows: str
    columns: dict[str, list[str]]
    body: dict[str, Any]
    by: MappingPersonOut
    changed_at: datetime


class MappingSavedOut(Schema):
    """The mapping that was saved, and the import that reads the file that waited for it."""

    mapping: MappingOut
    import_id: int | None


class MappingUnknownIn(Schema):
    """Which import's words."""

    import_id: int


class MappingUnknownOut(Schema):
    """A status word that nobody knows: how many orders wait for it, and what the team has said of it since."""

    channel: str
    word: str
    count: int
    value: str


class MappingTeachIn(Schema):
    """What a word of a platform means; an empty ``value`` takes it back."""

    channel: str = Field(max_length=40)
    column: str = Field("status", max_length=40)
    word: str = Field(min_length=1, max_length=80)
    value: str = Field("", max_length=40)


def _actor(request: Request) -> Actor:
    return Actor("user", str(request.auth.id), request.auth.name)


@router.get("/fields", auth=Needs(Right.IMPORTS_VIEW), response=MappingFieldsOut)
def get_fields(request: Request) -> dict[str, Any]:  # noqa: ARG001 - the same for everybody
    """Return what a column may hold."""
    fields = []
    for name in FIELDS_OFFERED:
        known = FIELDS.get(name)
        label = OFFERED_LABELS.get(name)
        zh, en = (label.zh, label.en) if label else (known.zh, known.en) if known else (name, name)
        group = known.group if known else _GROUP_OF.get(name, Group.IDENTITY)
        fields.append({"id": name, "zh": zh, "en": en, "group": group.value, "value_field": VALUES.get(name)})
    used = {field["group"] for field in fields}
    groups = [
        {"id": group.value, "zh": zh, "en": en} for group, (zh, en) in GROUP_LABELS.items() if group.value in used
    ]
    return {"groups": groups, "fields": fields}


_GROUP_OF = {"receiver_text": Group.RECEIVER, "invoice_title": Group.NOTES}


@router.post("/look", auth=Needs(Right.MAPPINGS_EDIT), response=MappingLookOut)
def look(request: Request, body: MappingLookIn) -> dict[str, Any]:
    """Look at a file of an import and propose what its columns hold."""
    return mappings.look(
        request.auth.merchant_id,
        body.import_id,
        body.file,
        sheet=body.sheet,
        header=body.header,
        inner=body.inner,
        password=body.password.get_secret_value() if body.password else None,
    )


@router.post("/check", auth=Needs(Right.MAPPINGS_EDIT), response=MappingCheckOut)
def check(request: Request, body: MappingCheckIn) -> dict[str, Any]:
    """Check a draft on the whole file; a large one is checked in the background."""
    return mappings.check(request.auth.merchant_id, body.import_id, body.file, body.draft, inner=body.inner)


@router.get("/checks/{int:check_id}", auth=Needs(Right.MAPPINGS_EDIT), response=MappingCheckOut)
def get_check(request: Request, check_id: int) -> dict[str, Any]:
    """Return a background check and how far it is."""
    return mappings.checked(mappings.access_check(request.auth.merchant_id, check_id))


@router.get("/unknown-words", auth=Needs(Right.IMPORTS_VIEW), response=list[MappingUnknownOut])
def unknown_words(request: Request, query: Query[MappingUnknownIn]) -> list[dict[str, Any]]:
    """List the status words of an import that nobody knows."""
    return mappings.unknown_words(request.auth.merchant_id, query.import_id)


@router.post("/words", auth=Needs(Right.MAPPINGS_EDIT), response={204: None})
def teach(request: Request, body: MappingTeachIn) -> Status[None]:
    """Say what a word of a platform means from the next import on."""
    mappings.teach(request.auth.merchant_id, actor=_actor(request), **body.dict())
    return Status(204, None)


@router.get("", auth=Needs(Right.IMPORTS_VIEW), response=list[MappingOut])
def list_mappings(request: Request) -> list[dict[str, Any]]:
    """List the saved mappings, the last changed first."""
    rows = SavedMapping.objects.filter(merchant_id=request.auth.merchant_id).order_by("-changed_at", "-id")
    return [_shown(row) for row in rows]


@router.post("", auth=Needs(Right.MAPPINGS_EDIT), response=MappingSavedOut)
def save(request: Request, body: MappingSaveIn) -> dict[str, Any]:
    """Keep a mapping and import the file that waited for it."""
    merchant, actor = request.auth.merchant_id, _actor(request)
    if body.import_id is not None:
        mappings.file_of(merchant, body.import_id, body.file)
    saved = mappings.save(merchant, name=body.name.strip() or body.name, body=body.body, actor=actor)
    again = None
    if body.import_id is not None:
        again = mappings.import_again(merchant, body.import_id, body.file, actor=actor)
    return {"mapping": _shown(mappings.access_mapping(merchant, saved)), "import_id": again}


@router.post("/{int:mapping_id}", auth=Needs(Right.MAPPINGS_EDIT), response=MappingOut)
def edit(request: Request, mapping_id: int, body: MappingEditIn) -> dict[str, Any]:
    """Rename a mapping, or change it."""
    merchant = request.auth.merchant_id
    row = mappings.access_mapping(merchant, mapping_id)
    new = row.body if body.body is None else body.body
    mappings.save(merchant, name=body.name, body=new, actor=_actor(request), mapping_id=mapping_id)
    return _shown(mappings.access_mapping(merchant, mapping_id))


@router.delete("/{int:mapping_id}", auth=Needs(Right.MAPPINGS_EDIT), response={204: None})
def delete(request: Request, mapping_id: int) -> Status[None]:
    """Forget a mapping."""
    mappings.delete(request.auth.merchant_id, mapping_id)
    return Status(204, None)


@router.get("/{int:mapping_id}/mapping.yaml", auth=Needs(Right.IMPORTS_VIEW))
def export(request: Request, mapping_id: int) -> HttpResponseBase:
    """Return a mapping as the file that a platform's folder would hold."""
    row = mappings.access_mapping(request.auth.merchant_id, mapping_id)
    text = dump_mapping(Channel.model_validate(row.body))
    return download(request, io.BytesIO(text.encode()), f"{row.name}.mapping.yaml", "application/yaml")


def _shown(row: SavedMapping) -> dict[str, Any]:
    channel = Channel.model_validate(row.body)
    table = channel.tables[0]
    # The database does not keep the order of the columns; the signature has it.
    place = {name: number for number, name in enumerate(table.signature[0])}
    columns = sorted(table.columns.items(), key=lambda item: place.get((item[1].any or item[1].first)[0], len(place)))
    return {
        "id": row.pk,
        "name": row.name,
        "channel": "several" if channel.words.platforms else channel.channel,
        "shop": channel.label,
        "rows": table.rows,
        "columns": {field: list(origin.any or origin.first) for field, origin in columns},
        "body": row.body,
        "by": {"name": row.actor_name},
        "changed_at": row.changed_at,
    }

"""HTTP of imports: drop files, watch them, take the refused rows away."""

from datetime import datetime
from typing import Annotated, Any, Literal, cast

from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import File, Form, Query, Router, Schema, UploadedFile
from pydantic import Field, SecretStr

from qingdan.intake import actions, present, undoing, unlocking
from qingdan.intake.models import Import
from qingdan.orders.actors import Actor
from qingdan.people import actions as people
from qingdan.people.access import Needs, Request, address_of
from qingdan.people.models import Access
from qingdan.people.rights import Right
from qingdan.web.files import CONTENT_TYPES, download
from qingdan.web.language import language

router = Router(tags=["imports"])


class ImportProblemOut(Schema):
    """What went wrong and what to do, in both languages."""

    code: str
    zh: str
    en: str
    advice_zh: str
    advice_en: str


class ImportPersonOut(Schema):
    """Who dropped the files."""

    name: str


class FileOut(Schema):
    """One file and what became of it; ``channel`` and ``kind`` are null while or when it is not recognised.

    ``mappable`` says that it holds a table with a header nobody knows, which the mapping wizard can read.
    """

    name: str
    size: int
    sha256: str
    channel: str | None
    kind: str | None
    rows: int
    orders: int
    refused: int
    state: str
    mappable: bool
    error: ImportProblemOut | None


class ImportNoticeOut(Schema):
    """Something worth knowing that did not stop the import."""

    zh: str
    en: str
    file: str | None


class TotalsOut(Schema):
    """Number of the import's orders by id."""

    verdict: dict[str, int]
    tier: dict[str, int]
    reason: dict[str, int]
    channel: dict[str, int]


class UndoneOut(Schema):
    """Who undid an import and when, and how many of its orders went and became again what they were."""

    by: str
    at: datetime
    removed: int
    restored: int


class UndoOut(Schema):
    """What undoing an import would do; ``problem`` says why it can not be done."""

    removed: int
    restored: int
    problem: ImportProblemOut | None


class UndoingOut(Schema):
    """Who asked for an import to be undone, and how far that is, 0 to 1; ``problem`` says why it was refused."""

    by: str
    progress: float
    problem: ImportProblemOut | None


class ImportOut(Schema):
    """One drop of files; ``progress`` runs from 0 to 1."""

    id: int
    created_at: datetime
    by: ImportPersonOut
    shop: str | None
    state: str
    progress: float
    files: list[FileOut]
    rows: int
    orders: int
    new: int
    changed: int
    unchanged: int
    refused: int
    seconds: float | None
    undone: UndoneOut | None
    undoing: UndoingOut | None
    error: ImportProblemOut | None
    notices: list[ImportNoticeOut]
    totals: TotalsOut


class ImportsOut(Schema):
    """One page of imports, the newest first."""

    rows: list[ImportOut]
    total: int


class ImportPageIn(Schema):
    """Which page, from 1."""

    page: int = Field(1, ge=1, le=1_000_000)


class DropIn(Schema):
    """The shop that the files belong to; without it the files' own shop column counts."""

    shop: str | None = Field(None, max_length=100)


class PasswordsIn(Schema):
    """Passwords of protected files; each is tried on every file."""

    passwords: list[Annotated[SecretStr, Field(min_length=1, max_length=255)]] = Field(min_length=1, max_length=20)


class RefusedIn(Schema):
    """In which form the refused rows are wanted, and why they are looked at in clear."""

    format: Literal["xlsx", "zip"]
    reason: str = Field(min_length=2, max_length=500)


@router.post("", auth=Needs(Right.IMPORTS_CREATE), response=ImportOut)
def create_import(request: Request, files: File[list[UploadedFile]], form: Form[DropIn]) -> dict[str, Any]:
    """Take exports in; a worker reads, reviews and stores them."""
    made = actions.create_import(
        request.auth.merchant_id,
        [actions.Upload(file.name or "", cast("Any", file)) for file in files],
        actor=Actor("user", str(request.auth.id), request.auth.name),
        as_of=timezone.now(),
        shop=(form.shop or "").strip() or None,
    )
    return _shown(request, made.pk)


@router.get("", auth=Needs(Right.IMPORTS_VIEW), response=ImportsOut)
def list_imports(request: Request, query: Query[ImportPageIn]) -> dict[str, Any]:
    """List one page of imports."""
    found, total = present.page(request.auth.merchant_id, query.page)
    return {"rows": [_out(drop) for drop in found], "total": total}


@router.get("/{int:import_id}", auth=Needs(Right.IMPORTS_VIEW), response=ImportOut)
def get_import(request: Request, import_id: int) -> dict[str, Any]:
    """Return one import and how far it is."""
    return _shown(request, import_id)


@router.post("/{int:import_id}/cancel", auth=Needs(Right.IMPORTS_CREATE), response=ImportOut)
def cancel_import(request: Request, import_id: int) -> dict[str, Any]:
    """Ask an import to stop; the orders that it has stored stay."""
    present.access_import(request.auth.merchant_id, import_id)
    if not actions.cancel(import_id, merchant=request.auth.merchant_id):
        raise present.NotNowError
    return _shown(request, import_id)


@router.post("/{int:import_id}/retry", auth=Needs(Right.IMPORTS_CREATE), response=ImportOut)
def retry_import(request: Request, import_id: int) -> dict[str, Any]:
    """Queue a failed or cancelled import once more."""
    present.access_import(request.auth.merchant_id, import_id)
    present.retry(request.auth.merchant_id, import_id)
    return _shown(request, import_id)


@router.post("/{int:import_id}/passwords", auth=Needs(Right.IMPORTS_CREATE), response=ImportOut)
def unlock_import(request: Request, import_id: int, body: PasswordsIn) -> dict[str, Any]:
    """Open protected files with their passwords: the import runs once more and finds the other files unchanged."""
    present.access_import(request.auth.merchant_id, import_id)
    given = [password.get_secret_value() for password in body.passwords]
    if not unlocking.unlock(import_id, merchant=request.auth.merchant_id, passwords=given):
        raise present.NotNowError
    return _shown(request, import_id)


@router.get("/{int:import_id}/undo", auth=Needs(Right.IMPORTS_UNDO), response=UndoOut)
def preview_undo(request: Request, import_id: int) -> dict[str, Any]:
    """Say what undoing an import would do, or why it can not be done."""
    return undoing.preview(import_id, merchant=request.auth.merchant_id)


@router.post("/{int:import_id}/undo", auth=Needs(Right.IMPORTS_UNDO), response=ImportOut)
def undo_import(request: Request, import_id: int) -> dict[str, Any]:
    """Undo an import in the background: its new orders go, its changed ones become again what they were."""
    actor = Actor("user", str(request.auth.id), request.auth.name)
    undoing.ask(import_id, merchant=request.auth.merchant_id, actor=actor)
    return _shown(request, import_id)


@router.get("/{int:import_id}/refused.csv", auth=Needs(Right.IMPORTS_VIEW))
def refused_csv(request: Request, import_id: int) -> HttpResponseBase:
    """Return the list of rows that became no order, masked, with reasons and what to do."""
    return _refused(request, import_id, "csv")


@router.get("/{int:import_id}/refused.xlsx", auth=Needs(Right.IMPORTS_VIEW))
def refused_xlsx(request: Request, import_id: int) -> HttpResponseBase:
    """Return the same as a workbook."""
    return _refused(request, import_id, "xlsx")


@router.post("/{int:import_id}/refused", auth=Needs(Right.ORDERS_UNMASK))
def take_refused(request: Request, import_id: int, body: RefusedIn) -> HttpResponseBase:
    """Return the refused rows whole and in clear, to be corrected and imported again; who took them is recorded."""
    drop = present.access_import(request.auth.merchant_id, import_id)
    people.record_access(
        user=request.auth,
        operation=Access.Operation.EXPORT,
        address=address_of(request),
        reason=body.reason,
        details={"import": drop.pk, "refused": drop.refused, "format": body.format, "masked": False},
    )
    file = present.correctable(drop, body.format, language())
    return download(request, file, f"refused-{import_id}.{body.format}", CONTENT_TYPES[body.format])


def _shown(request: Request, import_id: int) -> dict[str, Any]:
    return _out(present.access_import(request.auth.merchant_id, import_id))


def _out(drop: Import) -> dict[str, Any]:
    return {**present.shown(drop), "undoing": undoing.shown(drop)}


def _refused(request: Request, import_id: int, form: Literal["csv", "xlsx"]) -> HttpResponseBase:
    drop = present.access_import(request.auth.merchant_id, import_id)
    file = present.refused_rows(drop, form, language())
    return download(request, file, f"refused-{import_id}.{form}", CONTENT_TYPES[form])

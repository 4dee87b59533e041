"""HTTP of customer lists: who stands on them, files in, what became of them."""

import tempfile
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from django.db.models import Count, Q
from django.http.response import HttpResponseBase
from ninja import File, Form, Query, Router, Schema, UploadedFile
from pydantic import Field

from qingdan.core.fields import Pii
from qingdan.core.masking import mask
from qingdan.customers import actions, messages, queries, reading, running, sheets
from qingdan.customers.models import Change, Entry, Kind, Mode
from qingdan.intake.messages import UnreadableFile
from qingdan.orders.actors import Actor
from qingdan.people.access import Needs, Request
from qingdan.people.rights import Right
from qingdan.web.files import CONTENT_TYPES, download
from qingdan.web.language import language

router = Router(tags=["customers"])
KindId = Literal["vip", "key_account", "blacklist", "returns"]


class CustomerChangeOut(Schema):
    """One change of a list; ``orders`` are those that wait and are concerned, ``progress`` runs from 0 to 1.

    A review that was ``cancelled`` may go on.
    """

    id: int
    kind: str
    mode: str
    file: str
    by: str
    created_at: datetime
    rows: int
    added: int
    kept: int
    removed: int
    refused: int
    orders: int
    orders_changed: int
    waiting: int
    seen: int
    progress: float
    cancelled: bool
    done: bool


class CustomerListOut(Schema):
    """One list and how many lines stand on it."""

    id: str
    zh: str
    en: str
    entries: int
    changed_at: datetime | None


class CustomerEntryOut(Schema):
    """One line of a list, masked."""

    id: int
    channel: str
    buyer: str
    phone: str
    order_no: str
    happened_on: date | None
    expires_on: date | None
    note: str
    by: str
    added_at: datetime


class CustomerEntriesOut(Schema):
    """One page of a list."""

    rows: list[CustomerEntryOut]
    total: int


class CustomerChangesOut(Schema):
    """One page of the history."""

    rows: list[CustomerChangeOut]
    total: int


class CustomerQueryIn(Schema):
    """Which list, what to look for, which page from 1."""

    kind: KindId
    q: str = Field("", max_length=100)
    page: int = Field(1, ge=1, le=100_000)


class CustomerHistoryIn(Schema):
    """Which page of the history, from 1."""

    page: int = Field(1, ge=1, le=100_000)


class CustomerEntryIn(Schema):
    """One line to be added; at least one of buyer, phone and order number."""

    kind: KindId
    channel: str = Field("", max_length=50)
    buyer: str = Field("", max_length=200)
    phone: str = Field("", max_length=50)
    order_no: str = Field("", max_length=64)
    happened_on: date | None = None
    expires_on: date | None = None
    note: str = Field("", max_length=200)


class CustomerUploadIn(Schema):
    """Which list a file is for, and whether it is added or replaces the list."""

    kind: KindId
    mode: Literal["add", "replace"]


@router.get("", auth=Needs(Right.CUSTOMERS_VIEW), response=list[CustomerListOut])
def lists(request: Request) -> list[dict[str, Any]]:
    """Return the lists with how many lines stand on each."""
    merchant = request.auth.merchant_id
    standing = Entry.objects.filter(merchant_id=merchant, removed_by=None).order_by()
    counts = dict(standing.values_list("kind").annotate(n=Count("id")))
    last = {change.kind: change.created_at for change in queries.changes(merchant).order_by("id")}
    return [
        {"id": kind.value, "zh": words.zh, "en": words.en, "entries": counts.get(kind, 0), "changed_at": last.get(kind)}
        for kind, words in ((Kind(k), w) for k, w in messages.LISTS.items())
    ]


@router.get("/entries", auth=Needs(Right.CUSTOMERS_VIEW), response=CustomerEntriesOut)
def list_entries(request: Request, query: Query[CustomerQueryIn]) -> dict[str, Any]:
    """Return one page of a list; a full phone number finds its line."""
    found = queries.entries(request.auth.merchant_id, Kind(query.kind), query.q)
    start = (query.page - 1) * queries.PAGE_SIZE
    return {"rows": [_entry(one) for one in found[start : start + queries.PAGE_SIZE]], "total": found.count()}


@router.post("/entries", auth=Needs(Right.CUSTOMERS_EDIT), response=CustomerChangeOut)
def add_entry(request: Request, body: CustomerEntryIn) -> dict[str, Any]:
    """Put one line on a list."""
    given = {name: str(value or "") for name, value in body.model_dump(exclude={"kind"}).items()}
    line = reading.line(given, Kind(body.kind))
    if not isinstance(line, reading.Line):
        raise actions.BadEntryError(messages.row_message(line))
    return _change(actions.add_one(request.auth.merchant_id, Kind(body.kind), line, actor=_actor(request)))


@router.delete("/entries/{int:entry_id}", auth=Needs(Right.CUSTOMERS_EDIT), response=CustomerChangeOut)
def remove_entry(request: Request, entry_id: int) -> dict[str, Any]:
    """Take one line off its list."""
    return _change(actions.remove_one(request.auth.merchant_id, entry_id, actor=_actor(request)))


@router.post("/uploads", auth=Needs(Right.CUSTOMERS_EDIT), response=CustomerChangeOut)
def upload(request: Request, file: File[UploadedFile], form: Form[CustomerUploadIn]) -> dict[str, Any]:
    """Take a list in from a file; orders that wait are reviewed anew in the background."""
    kind, name = Kind(form.kind), Path(file.name or "file").name[:100]
    if (file.size or 0) > reading.LIMIT:
        raise actions.BadEntryError(messages.message("customers.too_large", file=name, limit=reading.LIMIT >> 20))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list"
        with path.open("wb") as target:
            for part in file.chunks():
                target.write(part)
        try:
            read = running.read(path, kind, name=name)
        except UnreadableFile as error:
            raise actions.BadEntryError(error.message) from error
    if not read.lines and not read.refusals:
        raise actions.BadEntryError(messages.message("customers.nothing", file=name))
    mode = Mode(form.mode)
    if not read.lines:
        mode = Mode.ADD  # a file of which nothing can be used empties no list
    return _change(actions.take_in(request.auth.merchant_id, kind, mode, read, file=name, actor=_actor(request)))


@router.get("/changes", auth=Needs(Right.CUSTOMERS_VIEW), response=CustomerChangesOut)
def list_changes(request: Request, query: Query[CustomerHistoryIn]) -> dict[str, Any]:
    """Return one page of the history, the newest first."""
    found = queries.changes(request.auth.merchant_id)
    start = (query.page - 1) * queries.PAGE_SIZE
    return {"rows": [_change(one) for one in found[start : start + queries.PAGE_SIZE]], "total": found.count()}


@router.post("/changes/{int:change_id}/cancel", auth=Needs(Right.CUSTOMERS_EDIT), response=CustomerChangeOut)
def cancel(request: Request, change_id: int) -> dict[str, Any]:
    """Stop reviewing the orders that a change concerns; what was reviewed stays."""
    return _change(actions.cancel(request.auth.merchant_id, change_id))


@router.post("/changes/{int:change_id}/resume", auth=Needs(Right.CUSTOMERS_EDIT), response=CustomerChangeOut)
def resume(request: Request, change_id: int) -> dict[str, Any]:
    """Go on with a review that was cancelled."""
    return _change(actions.resume(request.auth.merchant_id, change_id))


@router.get("/changes/{int:change_id}/refused.xlsx", auth=Needs(Right.CUSTOMERS_EDIT))
def refused(request: Request, change_id: int) -> HttpResponseBase:
    """Return the refused rows as a sheet to be corrected and uploaded again."""
    change = queries.changes(request.auth.merchant_id).filter(Q(pk=change_id)).first()
    if change is None:
        raise actions.NoSuchEntryError(messages.message("customers.not_found"))
    sheet = sheets.refused_sheet(change.titles, change.refusals, language())
    return download(request, sheet, f"list-refused-{change_id}.xlsx", CONTENT_TYPES["xlsx"])


@router.get("/template.xlsx", auth=Needs(Right.CUSTOMERS_VIEW))
def template(request: Request, kind: KindId) -> HttpResponseBase:
    """Return a workbook to be filled in."""
    name = messages.LISTS[Kind(kind)].text(language())
    return download(request, sheets.template(Kind(kind), language()), f"{name}.xlsx", CONTENT_TYPES["xlsx"])


def _actor(request: Request) -> Actor:
    return Actor("user", str(request.auth.id), request.auth.name)


def _change(change: Change) -> dict[str, Any]:
    return {
        **{name: getattr(change, name) for name in ("id", "kind", "mode", "file", "created_at", "rows", "added")},
        **{name: getattr(change, name) for name in ("kept", "removed", "orders", "orders_changed")},
        "by": change.actor_name,
        "refused": len(change.refusals),
        "waiting": change.waiting,
        "seen": change.seen,
        "progress": 1.0 if change.finished_at else min(change.seen / change.waiting, 1.0) if change.waiting else 0.0,
        "cancelled": change.cancelled,
        "done": change.finished_at is not None,
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.pk,
        "channel": entry.channel,
        "buyer": mask(entry.buyer, Pii.ACCOUNT),
        "phone": entry.phone_shown,
        "order_no": entry.order_no,
        "happened_on": entry.happened_on,
        "expires_on": entry.expires_on,
        "note": mask(entry.note, Pii.NOTE),
        "by": entry.added_by.actor_name,
        "added_at": entry.added_by.created_at,
    }

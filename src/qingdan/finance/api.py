"""HTTP of payments: bills in, what they say of orders, differences settled."""

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import polars as pl
from django.http.response import HttpResponseBase
from ninja import File, Query, Router, Schema, UploadedFile
from pydantic import Field, SecretStr

from qingdan.core.message import Words
from qingdan.finance import actions, queries, rematching, unlocking
from qingdan.finance.formats import all_formats
from qingdan.finance.messages import message
from qingdan.finance.models import DIFFERENCES, BillEntry, BillFile, Payment
from qingdan.orders import sheets
from qingdan.orders.actors import Actor
from qingdan.people.access import Needs, Request
from qingdan.people.rights import Right
from qingdan.web.files import CONTENT_TYPES, download
from qingdan.web.language import language

router = Router(tags=["payments"])
StateId = Literal["full", "short", "over", "double", "refunded", "part_refunded", "missing", "unexpected", "unpaid"]


class PaymentTotalOut(Schema):
    """How many orders are in a state, ``settled`` of them by finance; amounts in fen, the difference of open ones."""

    state: str
    orders: int
    settled: int
    paid: int
    refunded: int
    difference: int


class BillUntilOut(Schema):
    """Until when bills of a family are there."""

    family: str
    until: datetime


class PaymentSummaryOut(Schema):
    """The whole of it: states, money that is nobody's, and how far the bills reach."""

    states: list[PaymentTotalOut]
    differences: int
    not_ours: int
    not_ours_amount: int
    bills: list[BillUntilOut]


class BillEntryOut(Schema):
    """One row of a bill; amounts in fen, what went out negative. ``file`` and ``row`` say where it stands."""

    id: int
    format_zh: str
    format_en: str
    entry_no: str
    trade_no: str | None
    merchant_order_no: str | None
    order_no: str | None
    kind: str
    at: datetime
    amount: int
    fee: int
    goods: str | None
    file: str
    row: int


class PaymentEventOut(Schema):
    """Somebody settled a difference, or new facts opened it again."""

    kind: str
    at: datetime
    state: str
    difference: int
    by: str
    note: str


class PaymentOut(Schema):
    """What bills say of one order, beside what the platform says; amounts in fen."""

    order_id: int
    order_no: str
    channel: str
    shop: str
    stage: str
    pay_status: str | None
    pay_method: str | None
    payment_no: str | None
    paid_at: datetime | None
    state: str
    due: int
    paid: int
    refunded: int
    fee: int
    difference: int
    payments: int
    matched_at: datetime
    settled_at: datetime | None
    settled_by: str | None
    note: str
    entries: list[BillEntryOut]
    events: list[PaymentEventOut]


class PaymentsOut(Schema):
    """One page of payments."""

    rows: list[PaymentOut]
    total: int


class StrayEntriesOut(Schema):
    """One page of entries that are nobody's."""

    rows: list[BillEntryOut]
    total: int


class BillProblemOut(Schema):
    """Why something could not be read, and what to do."""

    id: str
    zh: str
    en: str
    advice_zh: str
    advice_en: str


class BillPartOut(Schema):
    """One file of an upload."""

    file: str
    format_zh: str
    format_en: str
    rows: int
    new: int
    refused: int
    problem: BillProblemOut | None


class BillOut(Schema):
    """One upload; ``new`` counts entries that no bill told before, ``matching``: its orders are being matched.

    ``locked``: something in it wants a password.
    """

    id: int
    name: str
    sha256: str
    size: int
    state: str
    rows: int
    new: int
    refused: int
    parts: list[BillPartOut]
    problem: BillProblemOut | None
    locked: bool
    by: str
    created_at: datetime
    finished_at: datetime | None
    matching: bool
    orders: int
    orders_changed: int


class BillsOut(Schema):
    """One page of uploads."""

    rows: list[BillOut]
    total: int


class BillPasswordsIn(Schema):
    """Passwords to open a bill with; each is tried on whatever is protected."""

    passwords: list[Annotated[SecretStr, Field(min_length=1, max_length=255)]] = Field(min_length=1, max_length=20)


class PaymentQueryIn(Schema):
    """Which payments: states (by default the differences), settled or not, a number, which page from 1."""

    state: list[StateId] = Field(default_factory=list)
    settled: bool | None = None
    q: str = Field("", max_length=100)
    page: int = Field(1, ge=1, le=100_000)


class PaymentPageIn(Schema):
    """Which page, from 1."""

    page: int = Field(1, ge=1, le=100_000)


class SeenPaymentIn(Schema):
    """A difference as the person sees it."""

    order_id: int
    state: StateId
    difference: int


class SettlePaymentsIn(Schema):
    """Which differences are settled, and how."""

    payments: list[SeenPaymentIn] = Field(min_length=1, max_length=200)
    note: str = Field(max_length=500)


@router.get("/summary", auth=Needs(Right.PAYMENTS_VIEW), response=PaymentSummaryOut)
def summary(request: Request) -> dict[str, Any]:
    """Return the payments by state, and how far the bills reach."""
    merchant = request.auth.merchant_id
    stray = queries.not_ours_totals(merchant)
    return {
        "states": queries.totals(merchant),
        "differences": queries.open_differences(merchant),
        "not_ours": stray["entries"],
        "not_ours_amount": stray["amount"],
        "bills": queries.families(merchant),
    }


@router.get("", auth=Needs(Right.PAYMENTS_VIEW), response=PaymentsOut)
def list_payments(request: Request, query: Query[PaymentQueryIn]) -> dict[str, Any]:
    """Return one page of payments with their bill rows."""
    found = queries.payments(request.auth.merchant_id, query.state or DIFFERENCES, query.q, settled=query.settled)
    start = (query.page - 1) * queries.PAGE_SIZE
    return {"rows": _payments(list(found[start : start + queries.PAGE_SIZE])), "total": found.count()}


@router.post("/settle", auth=Needs(Right.PAYMENTS_SETTLE), response=list[PaymentOut])
def settle(request: Request, body: SettlePaymentsIn) -> list[dict[str, Any]]:
    """Settle differences with a note; their orders are reviewed anew."""
    merchant, user = request.auth.merchant_id, request.auth
    seen = [actions.Seen(one.order_id, one.state, one.difference) for one in body.payments]
    ids = actions.settle(merchant, seen, note=body.note, actor=Actor("user", str(user.pk), user.name))
    rematching.tell(merchant, ids)
    return _payments(list(Payment.objects.filter(merchant_id=merchant, order_id__in=ids).select_related("order__shop")))


@router.get("/not-ours", auth=Needs(Right.PAYMENTS_VIEW), response=StrayEntriesOut)
def not_ours(request: Request, query: Query[PaymentPageIn]) -> dict[str, Any]:
    """Return one page of the money that belongs to no order."""
    found = queries.not_ours(request.auth.merchant_id)
    start = (query.page - 1) * queries.PAGE_SIZE
    return {"rows": [_entry(one) for one in found[start : start + queries.PAGE_SIZE]], "total": found.count()}


@router.get("/bills", auth=Needs(Right.PAYMENTS_VIEW), response=BillsOut)
def list_bills(request: Request, query: Query[PaymentPageIn]) -> dict[str, Any]:
    """Return one page of the uploads, the newest first."""
    found = queries.bills(request.auth.merchant_id)
    start = (query.page - 1) * queries.PAGE_SIZE
    rows = found.prefetch_related("runs")[start : start + queries.PAGE_SIZE]
    return {"rows": [_bill(one) for one in rows], "total": found.count()}


@router.post("/bills", auth=Needs(Right.PAYMENTS_IMPORT), response=list[BillOut])
def upload(request: Request, files: File[list[UploadedFile]]) -> list[dict[str, Any]]:
    """Take bills in: as they were downloaded, archives too; they are read in the background."""
    user = request.auth
    uploads = [actions.Upload(file.name or "bill", file) for file in files]
    made = actions.create_bills(user.merchant_id, uploads, actor=Actor("user", str(user.pk), user.name))
    return [_bill(one) for one in made]


@router.post("/bills/{int:bill_id}/passwords", auth=Needs(Right.PAYMENTS_IMPORT), response=BillOut)
def unlock_bill(request: Request, bill_id: int, body: BillPasswordsIn) -> dict[str, Any]:
    """Open a protected bill with its password: it is read once more, and what it told already is known."""
    given = [password.get_secret_value() for password in body.passwords]
    bill = unlocking.unlock(bill_id, merchant=request.auth.merchant_id, passwords=given)
    if bill is None:
        raise actions.NoSuchPaymentError(message("not_locked"))
    return _bill(bill)


@router.get("/bills/{int:bill_id}/refused.xlsx", auth=Needs(Right.PAYMENTS_VIEW))
def refused(request: Request, bill_id: int) -> HttpResponseBase:
    """Return the rows that could not be read: where they stand, why, and what to do."""
    bill = queries.bills(request.auth.merchant_id).filter(pk=bill_id).first()
    if bill is None:
        raise actions.NoSuchPaymentError(message("not_found"))
    spoken = language()
    heads = (
        ("文件", "File"),
        ("行号", "Row"),
        ("列", "Column"),
        ("内容", "Value"),
        ("原因", "Reason"),
        ("怎么办", "Advice"),
    )
    titles = [Words(*head).text(spoken) for head in heads]
    rows = bill.refusals.order_by("id").values_list("file", "row", "column", "value", spoken, f"advice_{spoken}")
    kinds = (pl.String, pl.Int64, pl.String, pl.String, pl.String, pl.String)
    frame = pl.DataFrame(list(rows), schema=dict(zip(titles, kinds, strict=True)), orient="row")
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    sheets.write_xlsx(frame, file, widths={titles[0]: 40, titles[4]: 40, titles[5]: 40})
    file.seek(0)
    return download(request, file, f"bill-refused-{bill_id}.xlsx", CONTENT_TYPES["xlsx"])


def _payments(found: list[Payment]) -> list[dict[str, Any]]:
    ids = [payment.order_id for payment in found]
    entries, events = queries.entries_of(ids), queries.events_of(ids)
    return [
        {
            "order_id": one.order_id,
            **{
                name: getattr(one.order, name)
                for name in ("order_no", "channel", "stage", "pay_status", "pay_method", "payment_no", "paid_at")
            },
            "shop": one.order.shop.name,
            **{
                name: getattr(one, name)
                for name in ("state", "due", "paid", "refunded", "fee", "difference", "payments", "matched_at", "note")
            },
            "settled_at": one.settled_at,
            "settled_by": one.settled_name,
            "entries": [_entry(entry) for entry in entries[one.order_id]],
            "events": [
                {
                    "kind": event.kind,
                    "at": event.at,
                    "state": event.state,
                    "difference": event.difference,
                    "by": event.actor_name,
                    "note": event.note,
                }
                for event in events[one.order_id]
            ],
        }
        for one in found
    ]


_TITLES = {form.id: form.title for form in all_formats()}


def _entry(entry: BillEntry) -> dict[str, Any]:
    title = _TITLES[entry.format]
    names = (
        "id",
        "entry_no",
        "trade_no",
        "merchant_order_no",
        "order_no",
        "kind",
        "at",
        "amount",
        "fee",
        "goods",
        "row",
    )
    return {
        **{name: getattr(entry, name) for name in names},
        "format_zh": title.zh,
        "format_en": title.en,
        "file": entry.bill.name,
    }


def _bill(bill: BillFile) -> dict[str, Any]:
    runs = list(bill.runs.all())
    names = (
        "id",
        "name",
        "sha256",
        "size",
        "state",
        "rows",
        "new",
        "refused",
        "problem",
        "locked",
        "created_at",
        "finished_at",
    )
    parts = [
        {
            "file": Path(part["file"]).name,
            "format_zh": _TITLES[part["format"]].zh if "format" in part else "",
            "format_en": _TITLES[part["format"]].en if "format" in part else "",
            "rows": part.get("rows", 0),
            "new": part.get("new", 0),
            "refused": part.get("refused", 0),
            "problem": part["problem"],
        }
        for part in bill.parts
    ]
    return {
        **{name: getattr(bill, name) for name in names},
        "created_at": bill.created_at,
        "finished_at": bill.finished_at,
        "parts": parts,
        "by": bill.actor_name,
        "matching": any(run.finished_at is None for run in runs),
        "orders": sum(run.orders for run in runs),
        "orders_changed": sum(run.reviewed for run in runs),
    }

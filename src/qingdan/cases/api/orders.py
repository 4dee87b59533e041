"""HTTP of what belongs to an order: its cases, contacts, comments and the repair of its address."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.utils import timezone
from ninja import Schema

from qingdan.cases import address, links, queries, talking
from qingdan.cases.address import MISSING, Looked, Receiver
from qingdan.cases.api import present
from qingdan.cases.api.routing import router
from qingdan.cases.api.shapes import (
    AddressIn,
    AddressOut,
    AddressSavedOut,
    AttachmentOut,
    CasePersonOut,
    CaseRowOut,
    CommentIn,
    CommentOut,
    ContactIn,
    ContactOut,
    LookedOut,
    PastedIn,
    ReceiverIn,
)
from qingdan.cases.messages import CORRECTED
from qingdan.cases.models import Attachment, Comment, Correction, Link
from qingdan.finance import queries as finance
from qingdan.finance.models import Payment
from qingdan.orders.actors import Actor
from qingdan.people import actions as people
from qingdan.people.access import Needs, Request, address_of
from qingdan.people.models import Access, User
from qingdan.people.rights import Right


class LinkOut(Schema):
    """A link for the buyer: ``good``, ``used``, ``expired`` or ``closed``; ``given``: an address waits for a look."""

    id: int
    standing: str
    made_by: CasePersonOut
    made_at: datetime
    expires_at: datetime
    opened: int
    used_at: datetime | None
    given: bool


class BillRowOut(Schema):
    """One row of a bill that belongs to the order, in fen."""

    bill: str
    row: int
    kind: str
    at: datetime
    amount: int
    fee: int
    entry_no: str


class CasePaymentOut(Schema):
    """What the bills say of the order's payment, in fen, with their rows."""

    state: str
    due: int
    paid: int
    refunded: int
    difference: int
    settled_at: datetime | None
    settled_name: str | None
    note: str
    entries: list[BillRowOut]


class OrderTalkOut(Schema):
    """What is said about an order and tried with its buyer; ``archive`` when it may be given up."""

    cases: list[CaseRowOut]
    contacts: list[ContactOut]
    comments: list[CommentOut]
    links: list[LinkOut]
    attachments: list[AttachmentOut]
    payment: CasePaymentOut | None
    archive: dict[str, Any] | None
    people: list[CasePersonOut]


class LookIn(Schema):
    """Why the editor shows an address in full."""

    reason: str = ""


@router.get("/orders/{int:order_id}", auth=Needs(Right.CASES_VIEW), response=OrderTalkOut)
def get_order_cases(request: Request, order_id: int) -> dict[str, Any]:
    """Return an order's cases, contacts and comments, and the colleagues that can be mentioned."""
    now = timezone.now()
    order = talking.order_of(request.auth, order_id)
    contacts = talking.contacts_of(order.pk)
    names = _names(request.auth.merchant_id)
    return {
        "cases": [present.row(case, now) for case in queries.of_order(order.merchant_id, order.pk)],
        "contacts": [present.contact(one) for one in contacts],
        "comments": [_comment(one, names) for one in talking.comments_of(order.pk)],
        "links": [link(one) for one in links.of_order(order.pk)],
        "attachments": [attachment(one) for one in talking.attachments_of(order.pk)],
        "payment": _payment(order.pk) if Right.PAYMENTS_VIEW in request.auth.rights else None,
        "archive": talking.out_of_reach(contacts, now),
        "people": [{"id": key, "name": name} for key, name in names.items()],
    }


@router.post("/orders/{int:order_id}/contacts", auth=Needs(Right.CASES_WORK), response=ContactOut)
def add_contact(request: Request, order_id: int, body: ContactIn) -> dict[str, Any]:
    """Note a try to reach the buyer."""
    return present.contact(talking.contact(request.auth, order_id, **body.model_dump()))


@router.post("/orders/{int:order_id}/comments", auth=Needs(Right.CASES_VIEW), response=CommentOut)
def add_comment(request: Request, order_id: int, body: CommentIn) -> dict[str, Any]:
    """Say something about an order to colleagues; those who are mentioned are told."""
    made = talking.comment(request.auth, order_id, **body.model_dump())
    return _comment(made, _names(request.auth.merchant_id))


@router.post("/orders/{int:order_id}/address/show", auth=Needs(Right.ORDERS_UNMASK), response=AddressOut)
def show_address(request: Request, order_id: int, body: LookIn) -> dict[str, Any]:
    """Return an order's receiver in full for the editor, and what it lacks; who looked is recorded first."""
    order = talking.order_of(request.auth, order_id)
    people.record_access(
        user=request.auth,
        operation=Access.Operation.UNMASK,
        address=address_of(request),
        order_id=order.pk,
        reason=body.reason[:500] or CORRECTED.zh,
    )
    return _address(order)


@router.post("/orders/{int:order_id}/address", auth=Needs(Right.ADDRESSES_EDIT), response=AddressSavedOut)
def save_address(request: Request, order_id: int, body: AddressIn) -> dict[str, Any]:
    """Put an order's receiver right; the order is reviewed anew. Later imports do not undo it."""
    user = request.auth
    order = talking.order_of(user, order_id)
    done = address.save(
        user.merchant_id,
        order.pk,
        version=body.version,
        receiver=_receiver(body.receiver),
        actor=Actor("user", str(user.pk), user.name),
        reason=body.reason or CORRECTED.zh,
    )
    return {
        "order_id": order.pk,
        "version": done.after.version,
        "stage": done.after.stage.value,
        "stage_before": done.before.stage.value,
    }


@router.post("/address/parse", auth=Needs(Right.ADDRESSES_EDIT), response=LookedOut)
def parse_address(request: Request, body: PastedIn) -> dict[str, Any]:  # noqa: ARG001 - every operation gets it
    """Take a pasted text apart, and say what is missing in plain words."""
    return _looked(address.parse(body.text))


@router.post("/address/check", auth=Needs(Right.ADDRESSES_EDIT), response=LookedOut)
def check_address(request: Request, body: ReceiverIn) -> dict[str, Any]:  # noqa: ARG001 - every operation gets it
    """Give a receiver in official names, and say what is missing in plain words."""
    return _looked(address.look(_receiver(body)))


def _receiver(body: ReceiverIn) -> Receiver:
    return Receiver(**body.model_dump())


def _looked(looked: Looked) -> dict[str, Any]:
    return {"receiver": asdict(looked.receiver), "missing": _missing(looked.missing)}


def _missing(keys: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"key": key, **MISSING[key].both()} for key in keys]


def _address(order: Any) -> dict[str, Any]:
    stored = {name: getattr(order, name) for name in address.COLUMNS}
    looked = address.look(address.receiver_of(stored))
    known = Correction.objects.filter(order=order).first()
    given = Link.objects.filter(order=order, given__isnull=False).order_by("-pk").first()
    heard = asdict(address.receiver_of(known.heard)) if known and known.heard else None
    return {
        "order_id": order.pk,
        "version": order.version,
        "stage": order.stage,
        "receiver": asdict(address.receiver_of(stored)),
        "masked": bool(order.receiver_masked),
        "missing": _missing(looked.missing),
        "corrected_by": known.by if known else None,
        "corrected_at": known.at if known else None,
        "heard": heard,
        "heard_at": known.heard_at if known else None,
        "given": given.given if given else None,
        "given_link": given.pk if given else None,
    }


def _comment(one: Comment, names: dict[int, str]) -> dict[str, Any]:
    return {
        "id": one.pk,
        "case_id": one.case_id,
        "text": one.text,
        "mentions": [{"id": key, "name": names.get(key, "")} for key in one.mentions],
        "attachments": [attachment(file) for file in one.attachments.all()],
        "by": present.person(one.by),
        "at": one.at,
    }


def link(one: Link) -> dict[str, Any]:
    """Return a link without its token, which nobody can read again."""
    return {
        "id": one.pk,
        "standing": links.standing(one).value,
        "made_by": present.person(one.made_by),
        "made_at": one.made_at,
        "expires_at": one.expires_at,
        "opened": one.opened,
        "used_at": one.used_at,
        "given": one.given is not None,
    }


def attachment(one: Attachment) -> dict[str, Any]:
    """Return a file kept with an order."""
    return {
        "id": one.pk,
        "name": one.name,
        "kind": one.kind,
        "size": one.size,
        "by": present.person(one.by),
        "at": one.at,
    }


def _payment(order_id: int) -> dict[str, Any] | None:
    payment = Payment.objects.filter(order_id=order_id).first()
    if payment is None:
        return None
    names = ("state", "due", "paid", "refunded", "difference", "settled_at", "settled_name", "note")
    return {
        **{name: getattr(payment, name) for name in names},
        "entries": [
            {
                "bill": one.bill.name,
                "row": one.row,
                "kind": one.kind,
                "at": one.at,
                "amount": one.amount,
                "fee": one.fee,
                "entry_no": one.entry_no,
            }
            for one in finance.entries_of([order_id])[order_id]
        ],
    }


def _names(merchant: int) -> dict[int, str]:
    found = User.objects.filter(merchant_id=merchant, is_active=True).order_by("name")
    return dict(found.values_list("id", "name"))

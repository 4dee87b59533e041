"""HTTP of what belongs to an order: its cases, contacts, comments and the repair of its address."""

from dataclasses import asdict
from typing import Any

from django.utils import timezone
from ninja import Schema

from qingdan.cases import address, queries, talking
from qingdan.cases.address import MISSING, Looked, Receiver
from qingdan.cases.api import present
from qingdan.cases.api.routing import router
from qingdan.cases.api.shapes import (
    AddressIn,
    AddressOut,
    AddressSavedOut,
    CaseRowOut,
    CommentIn,
    CommentOut,
    ContactIn,
    ContactOut,
    LookedOut,
    PastedIn,
    PersonOut,
    ReceiverIn,
)
from qingdan.cases.messages import CORRECTED
from qingdan.cases.models import Comment, Correction
from qingdan.orders.actors import Actor
from qingdan.orders.models import Order
from qingdan.people import actions as people
from qingdan.people.access import Needs, Request, address_of
from qingdan.people.models import Access, User
from qingdan.people.rights import Right


class OrderTalkOut(Schema):
    """What is said about an order and tried with its buyer; ``archive`` when it may be given up."""

    cases: list[CaseRowOut]
    contacts: list[ContactOut]
    comments: list[CommentOut]
    archive: dict[str, Any] | None
    people: list[PersonOut]


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


def _address(order: Order) -> dict[str, Any]:
    stored = {name: getattr(order, name) for name in address.COLUMNS}
    looked = address.look(address.receiver_of(stored))
    known = Correction.objects.filter(order=order).first()
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
    }


def _comment(one: Comment, names: dict[int, str]) -> dict[str, Any]:
    return {
        "id": one.pk,
        "case_id": one.case_id,
        "text": one.text,
        "mentions": [{"id": key, "name": names.get(key, "")} for key in one.mentions],
        "attachments": [
            {
                "id": file.pk,
                "name": file.name,
                "kind": file.kind,
                "size": file.size,
                "by": present.person(one.by),
                "at": file.at,
            }
            for file in one.attachments.all()
        ],
        "by": present.person(one.by),
        "at": one.at,
    }


def _names(merchant: int) -> dict[int, str]:
    found = User.objects.filter(merchant_id=merchant, is_active=True).order_by("name")
    return dict(found.values_list("id", "name"))

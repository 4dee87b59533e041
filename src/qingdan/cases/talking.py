"""Contacts with buyers, and what colleagues tell each other about an order: one durable transaction each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from qingdan.cases.errors import CaseRefusedError, NoSuchCaseError
from qingdan.cases.messages import message
from qingdan.cases.models import IN_VAIN, OUT_OF_REACH, Attachment, Case, Comment, Contact, Notice
from qingdan.orders.models import Order
from qingdan.people.models import User


def order_of(user: User, order_id: int) -> Order:
    """Return one of the merchant's orders. Raises ``NoSuchCaseError``."""
    found = Order.objects.select_related("shop").filter(merchant_id=user.merchant_id, pk=order_id).first()
    if found is None:
        raise NoSuchCaseError
    return found


def contact(
    user: User,
    order_id: int,
    *,
    channel: str,
    result: str,
    note: str = "",
    case_id: int | None = None,
    next_try_at: datetime | None = None,
    now: datetime | None = None,
) -> Contact:
    """Note a try to reach the buyer; the order's open cases that nobody has answered are answered by it."""
    moment = now or timezone.now()
    order = order_of(user, order_id)
    with transaction.atomic(durable=True):
        made = Contact.objects.create(
            merchant_id=user.merchant_id,
            order=order,
            case=_case(order, case_id),
            channel=channel,
            result=result,
            note=note.strip(),
            next_try_at=next_try_at,
            by=user,
            at=moment,
        )
        unanswered = Case.objects.filter(order=order, responded_at=None).exclude(state="closed")
        unanswered.update(responded_at=moment, touched=True)
    return made


def comment(
    user: User,
    order_id: int,
    *,
    text: str,
    mentions: Sequence[int] = (),
    attachments: Sequence[int] = (),
    case_id: int | None = None,
) -> Comment:
    """Say something about an order to colleagues; those who are mentioned are told."""
    order = order_of(user, order_id)
    if not text.strip() and not attachments:
        raise CaseRefusedError(message("case.empty"))
    known = User.objects.filter(pk__in=list(mentions), merchant_id=user.merchant_id, is_active=True)
    told = sorted(known.values_list("pk", flat=True))
    with transaction.atomic(durable=True):
        made = Comment.objects.create(
            merchant_id=user.merchant_id,
            order=order,
            case=_case(order, case_id),
            text=text.strip(),
            mentions=told,
            by=user,
        )
        Attachment.objects.filter(pk__in=list(attachments), order=order, by=user, comment=None).update(comment=made)
        Notice.objects.bulk_create(
            Notice(user_id=key, kind="mention", order=order, case=made.case, by=user.name, text=made.text[:200])
            for key in told
            if key != user.pk
        )
    made.refresh_from_db()
    return made


def contacts_of(order_id: int) -> list[Contact]:
    """Return every try to reach the buyer of an order, the newest first."""
    return list(Contact.objects.filter(order_id=order_id).select_related("by").order_by("-at", "-id"))


def comments_of(order_id: int) -> list[Comment]:
    """Return what was said about an order, in order of time."""
    found = Comment.objects.filter(order_id=order_id).select_related("by").prefetch_related("attachments__by")
    return list(found.order_by("at", "id"))


def attachments_of(order_id: int) -> list[Attachment]:
    """Return the files kept with an order, in order of time."""
    return list(Attachment.objects.filter(order_id=order_id).select_related("by").order_by("pk"))


def out_of_reach(tries: Sequence[Contact], now: datetime) -> dict[str, Any] | None:
    """Say since when and how often a buyer was tried in vain, when that is long enough to archive the order.

    ``tries`` as ``contacts_of`` gives them. A try that reached the buyer begins the count anew.
    """
    vain: list[Contact] = []
    for one in tries:
        if one.result not in IN_VAIN:
            break
        vain.append(one)
    if not vain or now - vain[-1].at < OUT_OF_REACH:
        return None
    return {"since": vain[-1].at, "tries": len(vain)}


def due_tries(merchant: int, now: datetime) -> list[Contact]:
    """Return the tries that are due again and were not made since, the longest due first."""
    due = Contact.objects.filter(merchant_id=merchant, next_try_at__lte=now).select_related("order", "by", "case")
    later = Contact.objects.filter(merchant_id=merchant)
    latest = {row["order_id"]: row["at"] for row in later.order_by("order_id", "at").values("order_id", "at")}
    return [one for one in due.order_by("next_try_at") if latest[one.order_id] == one.at]


def _case(order: Order, case_id: int | None) -> Case | None:
    if case_id is None:
        return None
    found = Case.objects.filter(Q(order=order), pk=case_id).first()
    if found is None:
        raise NoSuchCaseError
    return found

"""Giving up an order whose buyer could not be reached for days: the record says when and how it was tried."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from qingdan.cases import talking
from qingdan.cases.actions import finish, note_event, save
from qingdan.cases.errors import CaseRefusedError
from qingdan.cases.messages import ARCHIVED, message
from qingdan.cases.models import OUT_OF_REACH, Case, Cause
from qingdan.core.lifecycle import Stage
from qingdan.orders import deciding
from qingdan.orders.actions import ConflictError, MoveRefusedError, NotFoundError
from qingdan.orders.actors import Actor
from qingdan.orders.messages import CONFLICT, NO_MOVE, NOT_FOUND
from qingdan.people.models import User


def archive(user: User, order_id: int, *, version: int, note: str = "", now: datetime | None = None) -> int:
    """Archive an order that is out of reach, and close its cases; return the order's new version.

    Raises ``CaseRefusedError`` while the buyer has not been tried in vain for long enough, ``ConflictError`` when the
    order has changed since the person saw it.
    """
    moment = now or timezone.now()
    tried = talking.out_of_reach(talking.contacts_of(talking.order_of(user, order_id).pk), moment)
    if tried is None:
        raise CaseRefusedError(message("case.reachable", days=OUT_OF_REACH.days))
    record = ARCHIVED.text("zh", {"since": f"{tried['since']:%Y-%m-%d}", "tries": tried["tries"]})
    with transaction.atomic(durable=True):
        held = Case.objects.select_for_update(no_key=True).filter(order_id=order_id)
        cases = list(held.exclude(state="closed").order_by("pk"))
        order = deciding.lock([order_id], merchant=user.merchant_id).get(order_id)
        if order is None:
            raise NotFoundError(NOT_FOUND.message(), None)
        if order.version != version:
            raise ConflictError(CONFLICT.message(version=order.version), None)
        if not order.may_be(Stage.ARCHIVED):
            raise MoveRefusedError(NO_MOVE.message(stage=order.stage, target=Stage.ARCHIVED), None)
        silent = Cause.objects.filter(merchant_id=user.merchant_id, key="no_answer").first()
        for case in cases:
            if case.cause_id is None:
                case.cause, case.cause_at = silent, moment if silent else None
            finish(case, user, "unreachable" if case.cause_id else "unfounded", moment, record)
            note_event(case, "left", user, record)
            case.wanted, case.by_hand, case.touched = False, False, True
            save(case, moment)
        reason = f"{record}。{note.strip()}" if note.strip() else record
        choice = deciding.Choice(order.id, order.version, Stage.ARCHIVED, reason)
        return deciding.decide([choice], actor=Actor("user", str(user.pk), user.name))[order.id]

"""The open cases of a person given to another, or back to their roles: she is ill, on leave, or left."""

from django.db import transaction
from django.utils import timezone

from qingdan.cases.errors import CaseRefusedError
from qingdan.cases.messages import message
from qingdan.cases.models import Case, CaseEvent, Notice
from qingdan.people.models import User
from qingdan.people.rights import Right


def hand_over(user: User, *, giver: int, taker: int | None, note: str = "") -> list[int]:
    """Give every open case of ``giver`` to ``taker``, or to nobody; return the cases. Their clocks run on.

    Raises ``CaseRefusedError`` when the taker is no colleague who may work on cases.
    """
    person = None
    if taker is not None:
        person = User.objects.filter(pk=taker, merchant_id=user.merchant_id, is_active=True).first()
        if person is None or Right.CASES_WORK not in person.rights:
            raise CaseRefusedError(message("case.no_person"))
    with transaction.atomic(durable=True):
        held = Case.objects.select_for_update(no_key=True).filter(merchant_id=user.merchant_id, owner_id=giver)
        cases = list(held.exclude(state="closed").order_by("pk"))
        for case in cases:
            case.owner, case.touched, case.changed_at = person, True, timezone.now()
            case.version += 1
        Case.objects.bulk_update(cases, ["owner", "touched", "changed_at", "version"])
        CaseEvent.objects.bulk_create(
            CaseEvent(
                case=case,
                kind="assigned",
                actor_kind="user",
                actor_id=str(user.pk),
                actor_name=user.name,
                note=note.strip(),
                data={"role": case.owner_role, "to": person.name if person else None},
            )
            for case in cases
        )
        if person is not None and person.pk != user.pk:
            Notice.objects.bulk_create(
                Notice(user=person, kind="assigned", order_id=case.order_id, case=case, by=user.name, text=note)
                for case in cases
            )
    return [case.pk for case in cases]

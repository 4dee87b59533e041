"""Verbs on how cases are worked: SOPs published as new versions, root causes kept by the team."""

import hashlib
from collections.abc import Sequence

from django.db import IntegrityError, transaction

from qingdan.cases import opening, sop
from qingdan.cases.errors import CaseMovedError, CaseNameTakenError, CaseRefusedError, NoSuchCaseError
from qingdan.cases.messages import fault, message
from qingdan.cases.models import Cause, ReasonType, Sop
from qingdan.cases.sop import BadSopError, Procedure
from qingdan.cases.types import case_types
from qingdan.core.message import Message
from qingdan.people.models import User


def check(source: str) -> tuple[list[Message], Procedure | None]:
    """Say what is wrong with an SOP, and return its steps when nothing is."""
    try:
        read = sop.read(source)
    except BadSopError as bad:
        return bad.faults, None
    if read.type not in case_types():
        return [fault("type", key=read.type)], None
    return [], read


def publish(user: User, source: str, *, base: int, note: str = "") -> Sop:
    """Make ``source`` the live SOP of its type; ``base`` is the version that it was made from.

    Raises ``CaseRefusedError`` for one with faults, ``CaseMovedError`` when another version went live meanwhile.
    """
    faults, read = check(source)
    if read is None:
        first = faults[0].text("zh")
        details = {"faults": [{"code": one.id, **one.both()} for one in faults]}
        raise CaseRefusedError(message("case.bad_sop", count=len(faults), first=first), details)
    opening.ensure_setup(user.merchant_id)
    with transaction.atomic(durable=True):
        live = Sop.objects.select_for_update().get(merchant_id=user.merchant_id, type=read.type, live=True)
        if live.version != base:
            raise CaseMovedError(message("case.moved", by=live.created_by or "系统"), {"version": live.version})
        if live.source == source:
            return live
        Sop.objects.filter(pk=live.pk).update(live=False)
        newest = Sop.objects.filter(merchant_id=user.merchant_id, type=read.type).order_by("-version").first()
        made = Sop.objects.create(
            merchant_id=user.merchant_id,
            type=read.type,
            version=(newest.version if newest else 0) + 1,
            source=source,
            first_step=read.steps[0].id,
            live=True,
            note=note.strip(),
            created_by=user.name,
        )
    made.refresh_from_db()
    return made


def add_cause(merchant: int, *, zh: str, en: str, types: Sequence[str]) -> Cause:
    """Add a root cause; its key follows from its Chinese name. Raises ``CaseNameTakenError``."""
    opening.ensure_setup(merchant)
    name = zh.strip()
    if not name:
        raise CaseRefusedError(message("case.empty"))
    key = f"own_{hashlib.sha256(name.encode()).hexdigest()[:10]}"
    if Cause.objects.filter(merchant_id=merchant, zh=name, active=True).exists():
        raise CaseNameTakenError(name)
    try:
        with transaction.atomic(durable=True):
            return Cause.objects.create(
                merchant_id=merchant, key=key, zh=name, en=en.strip() or name, types=_known(types), active=True
            )
    except IntegrityError as error:
        raise CaseNameTakenError(name) from error


def change_cause(merchant: int, cause_id: int, *, zh: str, en: str, types: Sequence[str], active: bool) -> Cause:
    """Change a root cause. Raises ``NoSuchCaseError``."""
    with transaction.atomic(durable=True):
        cause = Cause.objects.select_for_update().filter(merchant_id=merchant, pk=cause_id).first()
        if cause is None:
            raise NoSuchCaseError
        cause.zh, cause.en, cause.types, cause.active = zh.strip(), en.strip() or zh.strip(), _known(types), active
        cause.save()
    return cause


def set_reason(merchant: int, reason: str, key: str | None) -> None:
    """Say which type of case a review rule leads to; None leaves it to the types' data. Raises ``NoSuchCaseError``."""
    if key is not None and key not in case_types():
        raise NoSuchCaseError
    with transaction.atomic(durable=True):
        if key is None:
            ReasonType.objects.filter(merchant_id=merchant, reason=reason).delete()
        else:
            ReasonType.objects.update_or_create(merchant_id=merchant, reason=reason, defaults={"type": key})


def _known(types: Sequence[str]) -> list[str]:
    return [key for key in case_types() if key in set(types)]

"""Messages to buyers from templates; what is personal in them is masked, as they leave through people's hands."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction

from qingdan.cases import address
from qingdan.cases.errors import CaseNameTakenError, CaseRefusedError, NoSuchCaseError
from qingdan.cases.messages import message
from qingdan.cases.models import MessageTemplate
from qingdan.cases.types import case_types
from qingdan.core.fields import Pii
from qingdan.core.masking import mask
from qingdan.orders.models import Order

PLACES: Final = (
    "店铺", "订单号", "订单尾号", "商品", "收货人", "电话", "收货地区", "地址缺项", "补址链接", "链接时限",
)  # fmt: skip
LINK: Final = "{补址链接}"
MOST_CHARS: Final = 500
_PLACE: Final = re.compile(r"\{([^{}]*)\}")


def checked(text: str) -> str:
    """Return the text of a template. Raises ``CaseRefusedError`` for a place that it can not have."""
    for place in _PLACE.findall(text):
        if place not in PLACES:
            raise CaseRefusedError(message("case.template_place", place=place, options="、".join(PLACES)))
    if not text.strip():
        raise CaseRefusedError(message("case.empty"))
    return text.strip()


def filled(text: str, order: Order, *, link: str = "", lives_for: timedelta | None = None) -> str:
    """Fill a template for an order (with its shop); the address and numbers of people are masked."""
    values = _values(order)
    if link:
        hours = int((lives_for or timedelta()).total_seconds() // 3600)
        values |= {"补址链接": link, "链接时限": f"{hours} 小时"}
    return _PLACE.sub(lambda found: values.get(found[1], found[0]), text)


def save(
    merchant: int, template_id: int | None, *, name: str, channel: str, types: Sequence[str], text: str, active: bool
) -> MessageTemplate:
    """Add or change a template. Raises ``CaseNameTakenError``, ``NoSuchCaseError``."""
    values = {
        "name": name.strip(),
        "channel": channel,
        "types": [key for key in case_types() if key in set(types)],
        "text": checked(text),
        "active": active,
    }
    try:
        with transaction.atomic(durable=True):
            if template_id is None:
                return MessageTemplate.objects.create(merchant_id=merchant, **values)
            if not MessageTemplate.objects.filter(merchant_id=merchant, pk=template_id).update(**values):
                raise NoSuchCaseError
    except IntegrityError as error:
        raise CaseNameTakenError(name) from error
    return MessageTemplate.objects.get(pk=template_id)


def get(merchant: int, template_id: int) -> MessageTemplate:
    """Return one of the merchant's templates. Raises ``NoSuchCaseError``."""
    found = MessageTemplate.objects.filter(merchant_id=merchant, pk=template_id).first()
    if found is None:
        raise NoSuchCaseError
    return found


def _values(order: Any) -> dict[str, str]:
    receiver = address.receiver_of({name: getattr(order, name) for name in address.COLUMNS})
    lacks = address.said(address.look(receiver).missing).zh
    values: Mapping[str, str | None] = {
        "店铺": order.shop.name,
        "订单号": order.order_no,
        "订单尾号": order.order_no[-4:],
        "商品": order.goods_title[:40],
        "收货人": mask(receiver.name or "", Pii.NAME),
        "电话": mask(receiver.phone or "", Pii.PHONE),
        "收货地区": "".join(part for part in (receiver.province, receiver.city, receiver.district) if part),
        "地址缺项": lacks or "详细信息",
    }
    return {place: value or "" for place, value in values.items()}

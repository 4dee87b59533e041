"""HTTP of the catalogue: every id that the API speaks of, with its labels."""

from typing import Any, Final

from ninja import Router, Schema

from qingdan.core.fields import CATALOGUE, GROUP_LABELS, Value
from qingdan.core.lifecycle import Verdict
from qingdan.core.message import Words
from qingdan.orders.models import Shop
from qingdan.people.access import Needs, Request
from qingdan.people.rights import ROLE_LABELS, Right
from qingdan.policies import present

router = Router(tags=["catalogue"])

_VERDICTS: Final[dict[Verdict, Words]] = {
    Verdict.NONE: Words("无需审核", "Nothing to review"),
    Verdict.RELEASE: Words("放行", "Release"),
    Verdict.REVIEW: Words("待审核", "Review"),
    Verdict.EXCEPTION: Words("异常", "Exception"),
}
_FRONT_LINE: Final = Words("一线轮值", "Front line")
"""The owner of regular orders: whoever of the agents is on duty."""


class LabelOut(Schema):
    """An id and its labels."""

    id: str
    zh: str
    en: str


class FieldOut(LabelOut):
    """One field of the catalogue."""

    type: str
    group: str
    nullable: bool
    values: list[LabelOut]
    pii: str
    scope: str
    source: str


class ReasonOut(LabelOut):
    """What may stand among an order's reasons; ``kind`` is check, exception or hold."""

    kind: str


class ShopOut(Schema):
    """A seller account on one channel; the orders page filters by its id."""

    id: int
    name: str
    channel: str


class CatalogueOut(Schema):
    """Ids and labels."""

    groups: list[LabelOut]
    fields: list[FieldOut]
    verdicts: list[LabelOut]
    tiers: list[LabelOut]
    roles: list[LabelOut]
    reasons: list[ReasonOut]
    shops: list[ShopOut]


def _value(value: Value) -> dict[str, str]:
    return {"id": value.id, "zh": value.zh, "en": value.en}


@router.get("", auth=Needs(Right.ORDERS_VIEW), response=CatalogueOut)
def get_catalogue(request: Request) -> dict[str, Any]:
    """Return the field catalogue and the ids of verdicts, tiers, roles, reasons and shops."""
    merchant = request.auth.merchant_id
    policy = present.live_policy(merchant)
    return {
        "groups": [{"id": group.value, "zh": zh, "en": en} for group, (zh, en) in GROUP_LABELS.items()],
        "fields": [
            {
                "id": field.id,
                "zh": field.zh,
                "en": field.en,
                "type": field.type.value,
                "group": field.group.value,
                "nullable": field.nullable,
                "values": [_value(value) for value in field.values],
                "pii": field.pii.value,
                "scope": field.scope.value,
                "source": field.source.value,
            }
            for field in CATALOGUE
        ],
        "verdicts": [{"id": verdict.value, **said.both()} for verdict, said in _VERDICTS.items()],
        "tiers": [{"id": tier.id, **tier.title.both()} for tier in policy.tiers],
        "roles": [
            *({"id": role.value, **said.both()} for role, said in ROLE_LABELS.items()),
            {"id": "front_line", **_FRONT_LINE.both()},
        ],
        "reasons": present.reasons(policy),
        "shops": list(
            Shop.objects.filter(merchant_id=merchant).order_by("channel", "name").values("id", "name", "channel")
        ),
    }

"""What the desk tells people: what changed in an order since they looked, and notices."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from qingdan.core.fields import FIELDS, Pii
from qingdan.core.message import Words
from qingdan.desk import messages
from qingdan.desk.models import Notice, NoticeRead
from qingdan.orders.models import OrderEvent
from qingdan.people.models import User
from qingdan.people.rights import Role

MOST: Final = 50
_MOST_CHANGES: Final = 4
_DAYS: Final = timedelta(days=30)
_OWNER: Final = {Role.AGENT.value: "front_line"}
_BY: Final = Words("{name}：{what}", "{name}: {what}")
_FROM_TO: Final = Words("{field} 由“{before}”变为“{after}”", "{field} from “{before}” to “{after}”")
_CHANGED: Final = Words("{field}有变化", "{field} changed")
_LINES: Final = Words("商品明细", "Lines")
_NOTHING: Final = Words("有新的处理记录", "something was done")
_EMPTY: Final = Words("空", "none")
_IMPORT: Final = Words("导入更新", "Import")
_POLICY: Final = Words("策略重审", "Policy review")
_SYSTEM: Final = Words("系统", "Qingdan")
_OF_ACTOR: Final = {"import": _IMPORT, "policy": _POLICY, "system": _SYSTEM}
_UNTIL: Final = Words("挂起至", "Held until")
_UNTOLD: Final = frozenset({"verdict", "hold", "escalated_to", "push"})
"""Facts of events that are told by the event itself."""


def differences(order_id: int, seen: int) -> list[dict[str, Any]]:
    """Say in words what happened to an order after its version ``seen``: when, who, what, the oldest first."""
    return [
        {"at": event.at.isoformat(), **messages.words(_BY, {"name": _name(event), "what": _what(event)})}
        for event in OrderEvent.objects.filter(order_id=order_id, version__gt=seen).order_by("version")
    ]


def _name(event: OrderEvent) -> Words:
    if event.actor_kind == "user":
        return Words(event.actor_name, event.actor_name)
    return _OF_ACTOR.get(event.actor_kind, _SYSTEM)


def _what(event: OrderEvent) -> Words:
    changes = event.changes or {}
    parts = [_change(name, change or {}) for name, change in changes.items() if name not in _UNTOLD]
    if "stage" not in changes and event.from_stage not in {None, event.to_stage}:
        parts.insert(0, _change("stage", {"before": event.from_stage, "after": event.to_stage}))
    if event.reason:
        parts.append(Words(event.reason, event.reason))
    shown = parts[:_MOST_CHANGES] or [_NOTHING]
    return Words("，".join(p.zh for p in shown), "; ".join(p.en for p in shown))


def _change(name: str, change: Mapping[str, Any]) -> Words:
    field = FIELDS.get(name)
    label = Words(field.zh, field.en) if field else _LINES if name == "lines" else Words(name, name)
    if name == "held_until":
        label = _UNTIL
    if (field is not None and field.pii is not Pii.NONE) or not change:
        return _filled(_CHANGED, {"field": label})
    labels = {v.id: Words(v.zh, v.en) for v in field.values} if field and field.values else {}
    before, after = (_value(change.get(side), labels) for side in ("before", "after"))
    return _filled(_FROM_TO, {"field": label, "before": before, "after": after})


def _value(value: Any, labels: Mapping[str, Words]) -> Words:
    if value is None or value in ("", []):
        return _EMPTY
    if isinstance(value, list):
        parts = [labels.get(str(v), Words(str(v), str(v))) for v in value]
        return Words("、".join(p.zh for p in parts), ", ".join(p.en for p in parts))
    return labels.get(str(value), Words(str(value), str(value)))


def _filled(text: Words, params: Mapping[str, object]) -> Words:
    return Words(text.text("zh", params), text.text("en", params))


def tell(
    merchant: int,
    kind: str,
    *,
    user: int | None = None,
    role: str | None = None,
    order_id: int | None = None,
    params: Mapping[str, Any] | None = None,
) -> None:
    """Leave a notice for a person or for everybody of a role, within the caller's transaction."""
    Notice.objects.create(
        merchant_id=merchant, user_id=user, role=role, kind=kind, order_id=order_id, params=dict(params or {})
    )


def unread(user: User) -> dict[str, Any]:
    """Return a person's newest unread notices, and how many there are in all."""
    found = _of(user)
    rows = [
        {
            "id": row.pk,
            "kind": row.kind,
            "at": row.at,
            "order_id": row.order_id,
            "text": messages.notice(row.kind, row.params),
            "orders": row.params.get("orders", []),
        }
        for row in found[:MOST]
    ]
    return {"rows": rows, "total": found.count() if len(rows) == MOST else len(rows)}


def _of(user: User) -> QuerySet[Notice]:
    roles = [_OWNER.get(role, role) for role in user.roles]
    found = Notice.objects.filter(Q(user=user) | Q(role__in=roles), merchant_id=user.merchant_id)
    found = found.filter(at__gt=timezone.now() - _DAYS)
    return found.exclude(Exists(NoticeRead.objects.filter(user=user, notice=OuterRef("pk")))).order_by("-id")


@transaction.atomic
def read(user: User, ids: Iterable[int], *, every: bool = False) -> None:
    """Mark notices of a person's as read: those of ``ids``, or every one that there is now."""
    mine = _of(user) if every else _of(user).filter(pk__in=list(ids))
    NoticeRead.objects.bulk_create(
        [NoticeRead(user=user, notice_id=key) for key in mine.values_list("pk", flat=True)], ignore_conflicts=True
    )

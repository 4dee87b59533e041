"""Repairing the receiver of an order: what is missing in plain words, saving it, and what imports say afterwards."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import polars as pl
from django.conf import settings
from django.utils import timezone

from qingdan.cases.errors import CaseRefusedError
from qingdan.cases.messages import message
from qingdan.cases.models import Case, CaseEvent, Correction
from qingdan.cases.pasted import Pasted, take_apart
from qingdan.core import address, region
from qingdan.core.columns import ORDER_SCHEMA
from qingdan.core.features import with_own_features
from qingdan.core.fields import ADDRESS_GAPS, PROVINCES
from qingdan.core.message import Words
from qingdan.data import load_divisions, remote_regions
from qingdan.intake.decide import holds_of, review
from qingdan.orders.actors import Actor
from qingdan.orders.correcting import RECEIVER, Corrected, Judged, correct_address
from qingdan.policies.actions import ensure_live
from qingdan.policies.queries import compiled

_COLUMN: Final = dict(zip(("name", "phone", "province", "city", "district", "town", "address"), RECEIVER, strict=True))
COLUMNS: Final = RECEIVER
"""Columns of an order that a receiver is made of."""
_PROVINCE_IDS: Final = frozenset(value.id for value in PROVINCES)
MISSING: Final[dict[str, Words]] = {
    "name": Words("收货人姓名", "the receiver's name"),
    "phone": Words("电话", "a phone number"),
    "phone_odd": Words("能打通的电话（现在的号码位数不对）", "a phone number of the right length"),
    "province": Words("省份", "the province"),
    "city": Words("城市", "the city"),
    "district": Words("区县", "the district"),
    "detail": Words("街道和门牌", "street and number"),
    "detail_short": Words("更详细的地址（现在太短）", "more detail; it is too short"),
    "house_number": Words("门牌号、楼栋或村组", "a house number, building or village group"),
}
"""What an address can lack, as a clerk would say it."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who receives and where, as text; empty counts as missing."""

    name: str | None = None
    phone: str | None = None
    province: str | None = None
    city: str | None = None
    district: str | None = None
    town: str | None = None
    address: str | None = None

    def columns(self) -> dict[str, str | None]:
        """Return it by the columns of the order."""
        return {_COLUMN[name]: value for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Looked:
    """A receiver in official names, and what it lacks (keys of ``MISSING``); nothing when it is complete."""

    receiver: Receiver
    missing: tuple[str, ...]


def parse(text: str) -> Looked:
    """Take a pasted text apart and say what it lacks."""
    pasted: Pasted = take_apart(text, load_divisions())
    return look(Receiver(**{name: getattr(pasted, name) for name in _COLUMN}))


def look(receiver: Receiver) -> Looked:
    """Give a receiver in official names and say what it lacks."""
    given = {name: (value or "").strip() or None for name, value in asdict(receiver).items()}
    frame = pl.DataFrame([given], schema=dict.fromkeys(given, pl.String()))
    named = region.resolve(frame, load_divisions()).with_columns(masked=pl.lit(value=False))
    judged = named.with_columns(
        *address.quality_columns(masked="masked"), plausible=address.phone_plausible(pl.col("phone"))
    ).row(0, named=True)
    tidy = Receiver(**{name: judged[name] for name in _COLUMN})
    missing = [] if tidy.name else ["name"]
    if not tidy.phone:
        missing.append("phone")
    elif not judged["plausible"]:
        missing.append("phone_odd")
    gaps = list(judged["address_gaps"])
    if tidy.province not in _PROVINCE_IDS and "province" not in gaps:
        gaps.insert(0, "province")
    order = [value.id for value in ADDRESS_GAPS]
    return Looked(tidy, (*missing, *sorted(gaps, key=order.index)))


def said(missing: tuple[str, ...]) -> Words:
    """Say what is missing as one phrase."""
    parts = [MISSING[key] for key in missing]
    return Words("、".join(one.zh for one in parts), ", ".join(one.en for one in parts))


def save(
    merchant: int,
    order_id: int,
    *,
    version: int,
    receiver: Receiver,
    actor: Actor,
    reason: str,
    now: datetime | None = None,
    with_it: Callable[[Corrected], None] | None = None,
) -> Corrected:
    """Give an order its right receiver and review it anew. Raises ``CaseRefusedError`` for one that is incomplete.

    ``with_it`` is called with the outcome and commits together with it. Also raises what
    ``orders.correcting.correct_address`` does.
    """
    looked = look(receiver)
    if looked.missing:
        what = said(looked.missing)
        raise CaseRefusedError(message("address.problem", what=what), {"missing": list(looked.missing)})
    moment = now or timezone.now()
    live = ensure_live(merchant)
    policy = compiled(live.source)

    def judge(order: pl.DataFrame) -> Judged:
        facts = with_own_features(_named(order), remote=remote_regions()).select(
            pl.col(name).cast(dtype) for name, dtype in ORDER_SCHEMA.items()
        )
        return Judged(review(facts, policy, as_of=moment, zone=settings.SHOP_ZONE), live.hash, holds_of(policy))

    def remember(corrected: Corrected) -> None:
        known = Correction.objects.filter(order_id=order_id).first()
        told = (known.heard or known.told) if known else dict(corrected.was)
        kept = {"merchant_id": merchant, "told": told, "at": moment, "by": actor.name}
        kept |= {"heard": None, "heard_at": None}
        Correction.objects.update_or_create(order_id=order_id, defaults=kept)
        CaseEvent.objects.bulk_create(
            CaseEvent(case_id=key, kind="corrected", actor_kind=actor.kind, actor_id=actor.id, actor_name=actor.name)
            for key in Case.objects.filter(order_id=order_id).exclude(state="closed").values_list("pk", flat=True)
        )
        if with_it is not None:
            with_it(corrected)

    return correct_address(
        order_id,
        merchant=merchant,
        version=version,
        receiver=looked.receiver.columns(),
        judge=judge,
        actor=actor,
        reason=reason,
        with_it=remember,
    )


def _named(order: pl.DataFrame) -> pl.DataFrame:
    """Add the country that follows from the province."""
    province = pl.col("province").cast(pl.String)
    known = province.is_in(list(_PROVINCE_IDS))
    return order.with_columns(country=region.country_of(province, known=known))


def receiver_of(told: Mapping[str, Any]) -> Receiver:
    """Return the receiver that columns of an order hold."""
    return Receiver(**{name: told.get(column) for name, column in _COLUMN.items()})

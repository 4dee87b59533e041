"""Links with which a buyer completes the address of one order, without logging in.

A link carries a random secret under the installation's signature; the database keeps its hash only, so a copy of the
database opens nothing. It works until it is used, taken back, or its time is over. A link that is asked for too often
rests for a minute, and one that is tried too often is dead; so does a network address that guesses.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple

from django.core import signing
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from qingdan.cases import address, talking
from qingdan.cases.actions import end_waiting, note_event, save
from qingdan.cases.address import Receiver
from qingdan.cases.errors import CaseRefusedError, NoSuchCaseError
from qingdan.cases.messages import BY_BUYER, CORRECTED_BY_LINK, message
from qingdan.cases.models import Case, Contact, Link, Notice
from qingdan.core.lifecycle import BACKLOG
from qingdan.orders.actions import ConflictError
from qingdan.orders.actors import Actor
from qingdan.orders.correcting import Corrected
from qingdan.orders.models import Order
from qingdan.people.models import User

LIVES_FOR: Final = timedelta(hours=48)
LONGEST: Final = timedelta(days=7)
TRIES: Final = 10
"""How often a form may be sent before its link is dead."""
KNOCKS: Final = 30
"""How often a link may be asked for in a minute, or links that do not exist from one network address."""
FORM_LIVES: Final = 2 * 3600
_SALT: Final = "qingdan.cases.link"
_FORM_SALT: Final = "qingdan.cases.link.form"
_SAVES: Final = 3
_KNOCK: Final = """
INSERT INTO cases_knock AS k (address, since, count) VALUES (%s, now(), 1)
ON CONFLICT (address) DO UPDATE
   SET count = CASE WHEN k.since < now() - interval '1 minute' THEN 1 ELSE k.count + 1 END,
       since = CASE WHEN k.since < now() - interval '1 minute' THEN now() ELSE k.since END
RETURNING count
"""


class Standing(StrEnum):
    """What a token opens."""

    GOOD = "good"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    USED = "used"
    CLOSED = "closed"


class Opened(NamedTuple):
    """A link as its token opens it; None for the link where it opens nothing."""

    standing: Standing
    link: Link | None


class Sent(NamedTuple):
    """What came of a form: missing parts (then nothing is saved), or whether a person looks at it first."""

    missing: tuple[str, ...]
    looked_at: bool


class LinkGoneError(Exception):
    """The link was used or taken back a moment ago."""


def make(user: User, order_id: int, *, hours: int = 48, case_id: int | None = None) -> tuple[Link, str]:
    """Make a link for an order that waits; links made before end. Returns it and its token, which is told once."""
    order = talking.order_of(user, order_id)
    if order.stage not in BACKLOG:
        raise CaseRefusedError(message("case.link_not_now"))
    case = Case.objects.filter(pk=case_id, order=order).first() if case_id else None
    if case_id and case is None:
        raise NoSuchCaseError
    secret = secrets.token_urlsafe(16)
    now = timezone.now()
    with transaction.atomic(durable=True):
        Link.objects.filter(order=order, used_at=None, revoked_at=None).update(revoked_at=now)
        link = Link.objects.create(
            merchant_id=user.merchant_id,
            order=order,
            case=case,
            digest=_digest(secret),
            made_by=user,
            made_at=now,
            expires_at=now + min(timedelta(hours=hours), LONGEST),
        )
        if case is not None:
            note_event(case, "link", user, data={"until": link.expires_at.isoformat()})
    return link, signing.Signer(salt=_SALT, sep=".").sign(f"{link.pk}-{secret}")


def revoke(user: User, link_id: int) -> Link:
    """Take a link back."""
    link = Link.objects.filter(merchant_id=user.merchant_id, pk=link_id).first()
    if link is None:
        raise NoSuchCaseError
    Link.objects.filter(pk=link.pk, used_at=None, revoked_at=None).update(revoked_at=timezone.now())
    link.refresh_from_db()
    return link


def too_often(link: Link | None, network_address: str) -> bool:
    """Count a request; whether it is one too many.

    Behind a proxy all buyers may come from one address, so only what opens no link is counted by it.
    """
    key = f"link {link.pk}" if link else network_address
    with connection.cursor() as cursor:
        cursor.execute(_KNOCK, [key[:45]])
        return int(cursor.fetchone()[0]) > KNOCKS


def open_link(token: str) -> Opened:
    """Say what a token opens. A forged one costs no look into the database."""
    try:
        key, _, secret = signing.Signer(salt=_SALT, sep=".").unsign(token).partition("-")
    except signing.BadSignature:
        return Opened(Standing.UNKNOWN, None)
    link = Link.objects.select_related("order__shop", "made_by").filter(pk=int(key)).first()
    if link is None or not hmac.compare_digest(bytes(link.digest), _digest(secret)):
        return Opened(Standing.UNKNOWN, None)
    return Opened(standing(link), link)


def form_stamp(link: Link) -> str:
    """Return what a form of this link carries, so that only a page of ours can have sent it."""
    return signing.TimestampSigner(salt=_FORM_SALT).sign(str(link.pk))


def is_ours(link: Link, stamp: str) -> bool:
    """Whether a form was given out for this link, and not too long ago."""
    try:
        return signing.TimestampSigner(salt=_FORM_SALT).unsign(stamp, max_age=FORM_LIVES) == str(link.pk)
    except signing.BadSignature:
        return False


def submit(link: Link, given: Mapping[str, str], *, now: datetime | None = None) -> Sent:
    """Take what a buyer filled in; name and phone that were left empty stay as they are.

    A new province, which may change the freight and is what a thief would want, is looked at by a person first.
    Raises ``LinkGoneError``.
    """
    moment = now or timezone.now()
    counted = Link.objects.filter(pk=link.pk, used_at=None, revoked_at=None, expires_at__gt=moment, tries__lt=TRIES)
    if not counted.update(tries=F("tries") + 1):
        raise LinkGoneError
    receiver = _receiver(link.order, given)
    looked = address.look(receiver)
    if looked.missing:
        return Sent(looked.missing, looked_at=False)
    order: Any = link.order
    was = order.province
    if was is not None and looked.receiver.province != was:
        with transaction.atomic(durable=True):
            _use(link, moment, given=asdict(looked.receiver))
            _tell(link, looked_at=True)
        return Sent((), looked_at=True)
    actor = Actor("system", f"link:{link.pk}", BY_BUYER.zh)

    def with_it(_: Corrected) -> None:
        _use(link, moment)
        _tell(link, looked_at=False)

    for attempt in range(1, _SAVES + 1):
        version = Order.objects.values_list("version", flat=True).get(pk=link.order_id)
        try:
            address.save(
                link.merchant_id,
                link.order_id,
                version=version,
                receiver=looked.receiver,
                actor=actor,
                reason=CORRECTED_BY_LINK.zh,
                with_it=with_it,
            )
            break
        except ConflictError:
            if attempt == _SAVES:
                raise
    _go_on(link)
    return Sent((), looked_at=False)


def accept(user: User, link_id: int, *, version: int) -> Corrected:
    """Use the address that a buyer gave and that a person has looked at."""
    link = Link.objects.filter(merchant_id=user.merchant_id, pk=link_id).first()
    if link is None:
        raise NoSuchCaseError
    if link.given is None:
        raise CaseRefusedError(message("case.nothing_given"))

    def with_it(_: Corrected) -> None:
        Link.objects.filter(pk=link.pk).update(given=None)

    done = address.save(
        user.merchant_id,
        link.order_id,
        version=version,
        receiver=Receiver(**link.given),
        actor=Actor("user", str(user.pk), user.name),
        reason=CORRECTED_BY_LINK.zh,
        with_it=with_it,
    )
    _go_on(link)
    return done


def standing(link: Link) -> Standing:
    """Say what a link opens now."""
    if link.used_at is not None:
        return Standing.USED
    if link.revoked_at is not None or link.expires_at <= timezone.now() or link.tries >= TRIES:
        return Standing.EXPIRED
    return Standing.GOOD if link.order.stage in BACKLOG else Standing.CLOSED


def of_order(order_id: int) -> list[Link]:
    """Return the links of an order, the newest first."""
    return list(Link.objects.filter(order_id=order_id).select_related("made_by", "order").order_by("-pk"))


def _receiver(order: Any, given: Mapping[str, str]) -> Receiver:
    text = f"{given.get('region', '').strip()} {given.get('address', '').strip()}".strip()
    told = address.parse(text).receiver
    hidden = bool(order.receiver_masked)
    name = given.get("name", "").strip() or ("" if hidden else order.receiver_name)
    phone = given.get("phone", "").strip() or ("" if hidden else order.receiver_phone)
    return replace(told, name=name, phone=phone)


def _use(link: Link, moment: datetime, given: Mapping[str, str | None] | None = None) -> None:
    """Use a link up; who comes second is told that it is gone."""
    fresh = Link.objects.filter(pk=link.pk, used_at=None, revoked_at=None, expires_at__gt=moment)
    if not fresh.update(used_at=moment, given=dict(given) if given else None):
        raise LinkGoneError


def _tell(link: Link, *, looked_at: bool) -> None:
    """Note that the buyer answered, and tell whoever sent the link."""
    Contact.objects.create(
        merchant_id=link.merchant_id,
        order_id=link.order_id,
        case_id=link.case_id,
        channel="link",
        result="reached",
        by=link.made_by,
        at=timezone.now(),
    )
    text = "province" if looked_at else ""
    Notice.objects.create(
        user=link.made_by, kind="address", order_id=link.order_id, case_id=link.case_id, text=text, by=BY_BUYER.zh
    )


def _go_on(link: Link) -> None:
    """Let the cases of the order that waited for this go on."""
    now = timezone.now()
    for key in Case.objects.filter(order_id=link.order_id, state="waiting").values_list("pk", flat=True):
        with transaction.atomic(durable=True):
            case = Case.objects.select_for_update(no_key=True).filter(pk=key, state="waiting").first()
            if case is not None:
                end_waiting(case, now)
                save(case, now)
                note_event(case, "resumed", None, CORRECTED_BY_LINK.zh)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()

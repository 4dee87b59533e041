"""Outlets with their secrets: saving, opening, and sending one message through one."""

import smtplib
import ssl
from collections.abc import Mapping, Sequence
from email.utils import parseaddr
from typing import Final, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from qingdan.alerts import claims, messages
from qingdan.alerts.models import OUTLET_KINDS, Outlet
from qingdan.alerts.robots import FORMS, Answer, Notice, Robot, Vendor, answer, post
from qingdan.core.message import Language, Message, Words
from qingdan.core.worktime import Shift
from qingdan.fulfilment.transport import Limits, Line, NoAnswerError, NotSentError
from qingdan.fulfilment.wms import Call
from qingdan.web.sealing import SealBrokenError, seal, unseal

HOSTS: Final[Mapping[str, tuple[str, ...]]] = {
    "dingtalk": ("oapi.dingtalk.com",),
    "feishu": ("open.feishu.cn", "open.larksuite.com"),
    "wecom": ("qyapi.weixin.qq.com",),
}
"""Where the vendors' robots live; a webhook elsewhere is refused unless ``QINGDAN_ALERT_HOSTS`` names its host."""
MAIL_SIZE: Final = 60_000
TEST_LEASE: Final = 30.0
_HEADERS: Final = {"Content-Type": "application/json; charset=utf-8"}
_MOST_RECIPIENTS: Final = 20


class AlertsError(Exception):
    """A refusal that a person can read."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.text("en"))
        self.message = message


class NoSuchAlertError(AlertsError):
    """No such alert, outlet or route of this merchant."""

    def __init__(self) -> None:
        super().__init__(messages.NOT_THERE)


class BadOutletError(AlertsError):
    """An outlet's settings can not work."""


class TooSoonError(AlertsError):
    """The outlet's limits allow no message right now."""


def save_outlet(
    merchant_id: int,
    *,
    outlet_id: int | None,
    name: str,
    kind: str,
    url: str | None,
    secret: str | None,
    recipients: Sequence[str],
    language: Language,
    quiet: str,
    quiet_urgent: bool,
    active: bool,
) -> Outlet:
    """Add an outlet or change one; ``url`` and ``secret`` None keep what is stored. Raises ``BadOutletError``."""
    _check(kind, url, recipients, quiet, new=outlet_id is None)
    with transaction.atomic(durable=True):
        if outlet_id is None:
            outlet = Outlet(merchant_id=merchant_id, kind=kind)
        else:
            found = Outlet.objects.select_for_update().filter(merchant_id=merchant_id, pk=outlet_id).first()
            if found is None:
                raise NoSuchAlertError
            if found.kind != kind:
                raise BadOutletError(messages.KIND_STAYS)
            outlet = found
        if Outlet.objects.filter(merchant_id=merchant_id, name=name).exclude(pk=outlet.pk).exists():
            raise BadOutletError(messages.name_taken(name))
        outlet.name, outlet.language, outlet.recipients = name, language, list(recipients)
        outlet.quiet, outlet.quiet_urgent, outlet.active = quiet, quiet_urgent, active
        # a changed robot gets a new chance at once
        outlet.paused_until, outlet.failures, outlet.trouble = None, 0, ""
        outlet.save()
        if url is not None:
            outlet.url = seal(url, f"alerts.outlet.url:{outlet.pk}")
        if secret is not None:
            outlet.secret = seal(secret, f"alerts.outlet.secret:{outlet.pk}") if secret else None
        outlet.save(update_fields=["url", "secret"])
    return outlet


def robot_of(outlet: Outlet) -> Robot:
    """Open a robot's address and key; raises ``SealBrokenError``."""
    url = unseal(bytes(outlet.url or b""), f"alerts.outlet.url:{outlet.pk}")
    secret = unseal(bytes(outlet.secret), f"alerts.outlet.secret:{outlet.pk}") if outlet.secret else ""
    return Robot(cast("Vendor", outlet.kind), url, secret)


def limits() -> Limits:
    """Return how long an outlet may take to answer, by the settings."""
    read = settings.ALERT_ANSWER_MS / 1000
    return Limits(connect=min(3.0, read), read=read, total=read * 1.25)


def linked() -> bool:
    """Whether messages carry links, which asks for an address of ours that people reach from outside."""
    return bool(settings.PUBLIC_URL)


def size_of(outlet: Outlet) -> int:
    """Bytes that a message to an outlet may take."""
    return next((form.size for vendor, form in FORMS.items() if vendor == outlet.kind), MAIL_SIZE)


def send(outlet: Outlet, notice: Notice, addresses: Sequence[str], line: Line, now: float) -> tuple[Answer | None, str]:
    """Send one message; return the answer, None where nothing was reached, and what went wrong in a few words.

    ``addresses`` are mail addresses of the people called by name, ``now`` is the time in seconds for signatures.
    """
    if outlet.kind == "mail":
        return _mail([*outlet.recipients, *addresses], notice)
    try:
        made = post(robot_of(outlet), notice, now=now)
        reply = line.send(Call(made.url, made.body, _HEADERS))
    except SealBrokenError:
        return Answer("refused", "sealed"), "the stored address can not be opened with this installation's key"
    except NotSentError as error:
        return None, str(error)
    except NoAnswerError as error:
        return Answer("unclear", "no answer"), str(error)
    return answer(cast("Vendor", outlet.kind), reply.status, reply.body), ""


def test_outlet(merchant_id: int, outlet_id: int) -> Answer:
    """Send a test message, within the outlet's pace; return what it said.

    Raises ``NoSuchAlertError`` or ``TooSoonError``.
    """
    outlet = Outlet.objects.filter(merchant_id=merchant_id, pk=outlet_id).first()
    if outlet is None:
        raise NoSuchAlertError
    now = claims.database_now()
    place, wait = claims.reserve(outlet.pk, now, lease=TEST_LEASE)
    if not place:
        raise TooSoonError(messages.too_soon(int(wait) + 1))
    language = cast("Language", outlet.language)
    notice = Notice(
        messages.TEST_TITLE.chosen(language), (messages.TEST_LINE.text(language, {"name": outlet.name}),), urgent=False
    )
    line = Line(limits())
    try:
        said, trouble = send(outlet, notice, (), line, now.timestamp())
    finally:
        line.close()
    claims.finish(claims.Batch(outlet, place, ()), said, claims.database_now(), trouble=trouble)
    return said or Answer("unclear", "unreachable", trouble)


def _mail(recipients: Sequence[str], notice: Notice) -> tuple[Answer | None, str]:
    chosen = list(dict.fromkeys(recipients))
    if not chosen:
        return Answer("refused", "no recipient"), "nobody to write to"
    mail = EmailMessage(notice.title, plain(notice), settings.DEFAULT_FROM_EMAIL, chosen)
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        return Answer("refused", "recipients"), str(list(error.recipients))[:150]
    except smtplib.SMTPResponseException as error:
        return Answer("refused", str(error.smtp_code)), type(error).__name__
    except smtplib.SMTPException as error:
        return Answer("unclear", type(error).__name__), ""
    except (ConnectionError, TimeoutError, ssl.SSLError, OSError) as error:
        return None, type(error).__name__
    return Answer("sent", "0"), ""


def plain(notice: Notice) -> str:
    """Write a message as plain text: without the signs of markdown, links in full."""
    lines = []
    for line in notice.lines:
        text = line.replace("**", "").removeprefix("> ")
        if text.startswith("[") and text.endswith(")") and "](" in text:
            label, _, address = text[1:-1].partition("](")
            text = f"{label}: {address}"
        lines.append(f"  {text}" if line.startswith("> ") else text)
    return "\n".join([notice.title, "", *lines, ""])


def _check(kind: str, url: str | None, recipients: Sequence[str], quiet: str, *, new: bool) -> None:
    if kind not in OUTLET_KINDS:
        raise BadOutletError(messages.UNKNOWN_KIND)
    if quiet:
        try:
            Shift.of(quiet)
        except ValueError as error:
            raise BadOutletError(messages.bad_hours(quiet)) from error
    if kind == "mail":
        bad = next((address for address in recipients if "@" not in parseaddr(address)[1]), None)
        if bad is not None or len(recipients) > _MOST_RECIPIENTS:
            raise BadOutletError(messages.bad_address(bad or ""))
        return
    if url is None and not new:
        return
    parts = urlsplit(url or "")
    known = (*HOSTS[kind], *settings.ALERT_HOSTS)
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in settings.ALERT_HOSTS)
    if not secure or parts.hostname not in known:
        raise BadOutletError(messages.bad_webhook(Words("、".join(HOSTS[kind]), ", ".join(HOSTS[kind]))))

"""The page behind the link in a message: one button, no login.

Looking changes nothing, since chat programs and mail scanners open links by themselves; the button does.
"""

from html import escape
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from qingdan.alerts import actions, messages
from qingdan.alerts.links import message_of
from qingdan.alerts.models import Alert, Message
from qingdan.core.message import Language, Words

_SHOWN: Final = 20
_PAGE: Final = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif;
       max-width: 36rem; margin: 8vh auto; padding: 0 1.25rem; }}
h1 {{ font-size: 1.35rem; }} ul {{ padding-left: 1.2rem; opacity: .85; }}
button {{ font: inherit; font-weight: 600; color: #fff; background: #b3402c; border: 0; border-radius: .5rem;
         padding: .7rem 1.4rem; cursor: pointer; }} button:focus-visible {{ outline: 3px solid; outline-offset: 2px; }}
</style></head><body><h1>{title}</h1>{body}</body></html>
"""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def acknowledge(request: HttpRequest, token: str) -> HttpResponse:
    """Show what a message told of, and take note of it when the button is pressed."""
    language: Language = "en" if (get_language() or "").startswith("en") else "zh"
    number = message_of(token)
    message = Message.objects.select_related("outlet").filter(pk=number).first() if number is not None else None
    if message is None:
        gone = messages.LINK_GONE
        return _page(language, gone.words, _p(gone.text(language)) + _p(gone.advice_text(language)), 404)
    alerts = Alert.objects.filter(deliveries__message=message)
    if request.method == "POST":
        via = messages.BY_LINK.text("zh", {"name": message.outlet.name})
        ids = list(alerts.values_list("id", flat=True))
        count = actions.acknowledge(message.outlet.merchant_id, ids=ids, user=None, via=via)
        said = messages.ACK_DONE.text(language, {"n": count}) if count else messages.ACK_NONE.chosen(language)
        return _page(language, messages.ACK_TITLE, _p(said))
    left = alerts.filter(acked_at__isnull=True)
    total = left.count()
    if not total:
        return _page(language, messages.ACK_TITLE, _p(messages.ACK_NONE.chosen(language)))
    lines = [alert.line[language] for alert in left.order_by("id")[:_SHOWN]]
    if total > _SHOWN:
        lines.append(messages.ACK_MORE.text(language, {"n": total - _SHOWN}))
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    form = (
        f'<form method="post"><input type="hidden" name="csrfmiddlewaretoken" value="{get_token(request)}">'
        f"<button>{escape(messages.ACK_BUTTON.chosen(language))}</button></form>"
    )
    body = _p(messages.ACK_ASK.text(language, {"n": total})) + f"<ul>{items}</ul>{form}"
    return _page(language, messages.ACK_TITLE, body)


def _p(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _page(language: Language, title: Words, body: str, status: int = 200) -> HttpResponse:
    lang = "zh-CN" if language == "zh" else "en"
    text = _PAGE.format(lang=lang, title=escape(title.chosen(language)), body=body)
    return HttpResponse(text, status=status)

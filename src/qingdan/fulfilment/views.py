"""The door for warehouses: ``/wms/<token>``. No session: who calls is known by the signature over the raw bytes."""

import logging
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from qingdan.fulfilment import hearing
from qingdan.fulfilment.adapters import LISTENERS, access
from qingdan.fulfilment.models import Destination
from qingdan.fulfilment.wms import BadMessageError, Incoming, UnauthenticError
from qingdan.web.sealing import SealBrokenError

_log: Final = logging.getLogger(__name__)


@csrf_exempt
@never_cache
@require_POST
def hear(request: HttpRequest, token: str) -> HttpResponse:
    """Take one message in: 401 for a signature that is wrong, stale or replayed, and nothing is changed then."""
    destination = Destination.objects.filter(token=token, active=True).first()
    listener = LISTENERS.get(destination.adapter) if destination else None
    if destination is None or listener is None:
        return HttpResponse(status=404)
    message = Incoming(
        {name: str(value) for name, value in request.GET.items()},
        {name.lower(): value for name, value in request.headers.items()},
        request.body,
    )
    try:
        heard = listener.hear(message, access(destination), timezone.now())
        hearing.take_in(destination, heard, message.body)
    except (UnauthenticError, SealBrokenError) as refused:
        _log.warning("Destination %s: a message was not authentic (%s).", destination.pk, refused)
        hearing.note_refused(destination)
        return _answer(listener.reply("invalid signature"), 401)
    except BadMessageError as bad:
        return _answer(listener.reply(str(bad)), 200)
    except hearing.UnknownDeliveryError:
        return _answer(listener.reply("unknown deliveryOrderCode"), 200)
    return _answer(listener.reply(), 200)


def _answer(content: tuple[str, bytes], status: int) -> HttpResponse:
    kind, body = content
    return HttpResponse(body, content_type=kind, status=status)

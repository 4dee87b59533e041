"""The page on which a buyer completes an address: no login, no script, one form.

No cookie is used, so no other site can make a browser act here; what a form is sent with is the link's own secret in
the address, and a stamp that only our page gives out.
"""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from qingdan.cases import address, links
from qingdan.cases.links import LinkGoneError, Standing
from qingdan.cases.models import Link
from qingdan.orders.actions import DecisionError
from qingdan.people.access import address_of

_STATUS: Final = {Standing.UNKNOWN: 404, Standing.EXPIRED: 410, Standing.USED: 410, Standing.CLOSED: 409}
_MOST: Final = {"name": 50, "phone": 40, "region": 120, "address": 300}


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def complete_address(request: HttpRequest, token: str) -> HttpResponse:
    """Show the form of a link, or take it in."""
    standing, link = links.open_link(token)
    if links.too_often(link, address_of(request)):
        answer = _page(request, "often", 429)
        answer["Retry-After"] = "60"
        return answer
    if link is None or standing is not Standing.GOOD:
        return _page(request, standing.value, _STATUS[standing])
    if request.method != "POST":
        Link.objects.filter(pk=link.pk).update(opened=link.opened + 1)
        return _form(request, link, {})
    return _taken(request, link)


def _taken(request: HttpRequest, link: Link) -> HttpResponse:
    """Take a form in."""
    if not links.is_ours(link, str(request.POST.get("stamp", ""))):
        return _form(request, link, {}, status=403, stale=True)
    given = {name: str(request.POST.get(name, ""))[:most].replace("\0", "") for name, most in _MOST.items()}
    try:
        sent = links.submit(link, given)
    except LinkGoneError:
        return _page(request, Standing.EXPIRED.value, 410)
    except DecisionError:
        return _page(request, Standing.CLOSED.value, 409)
    if sent.missing:
        return _form(request, link, given, missing=sent.missing, status=422)
    return _page(request, "looked_at" if sent.looked_at else "thanks", 200)


def _form(
    request: HttpRequest,
    link: Link,
    given: dict[str, str],
    *,
    missing: tuple[str, ...] = (),
    status: int = 200,
    stale: bool = False,
) -> HttpResponse:
    order: Any = link.order
    region = " ".join(part for part in (order.province, order.city, order.district, order.town) if part)
    stored = address.look(address.receiver_of({name: getattr(order, name) for name in address.COLUMNS}))
    return _page(
        request,
        "form",
        status,
        shop=order.shop.name,
        tail=order.order_no[-4:],
        lacks=address.said(stored.missing).zh,
        missing=address.said(missing).zh,
        stale=stale,
        stamp=links.form_stamp(link),
        ask_name=bool(order.receiver_masked) or not order.receiver_name,
        ask_phone=bool(order.receiver_masked) or not order.receiver_phone or "phone_odd" in stored.missing,
        given={"region": region, **given},
    )


def _page(request: HttpRequest, what: str, status: int, **values: Any) -> HttpResponse:
    answer = render(request, "cases/address.html", {"what": what, **values}, status=status)
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer

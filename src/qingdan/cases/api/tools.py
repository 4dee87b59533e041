"""HTTP of the tools beside a case: links for buyers, messages, files, macros, archiving."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpResponse
from ninja import Field, File, Form, Schema, Status, UploadedFile

from qingdan.cases import archiving, attachments, links, macros, opening, talking, texts
from qingdan.cases.api.orders import LinkOut, attachment, link
from qingdan.cases.api.routing import router
from qingdan.cases.api.shapes import AddressSavedOut, AttachmentOut, Key, Text
from qingdan.cases.models import Macro, MessageTemplate
from qingdan.people.access import Needs, Request
from qingdan.people.errors import RightMissingError
from qingdan.people.rights import Right


class LinkIn(Schema):
    """How long a link works, and for which case it is made."""

    hours: int = Field(48, ge=1, le=168)
    case_id: int | None = None


class LinkMadeOut(LinkOut):
    """A link as it was made: ``url`` is told this once."""

    url: str


class AcceptIn(Schema):
    """The version of the order that the person saw."""

    version: int


class MessageTemplateIn(Schema):
    """A message with ``{places}``."""

    name: str = Field(min_length=1, max_length=40)
    channel: str = Field(pattern="^(call|sms|chat|link)$")
    types: list[Key] = Field(default_factory=list, max_length=12)
    text: str = Field(max_length=texts.MOST_CHARS)
    active: bool = True


class MessageTemplateOut(Schema):
    """A message with ``{places}``."""

    id: int
    name: str
    channel: str
    types: list[str]
    text: str
    active: bool


class MessageTemplatesOut(Schema):
    """The messages, and the places that one can have."""

    rows: list[MessageTemplateOut]
    places: list[str]


class ComposeIn(Schema):
    """A message to be filled for an order; one with a link makes it."""

    template_id: int
    case_id: int | None = None
    hours: int = Field(48, ge=1, le=168)


class ComposedOut(Schema):
    """A message to be sent to the buyer."""

    text: str
    channel: str
    link: LinkOut | None


class MacroIn(Schema):
    """A macro under a name; see docs/cases.md for its body."""

    name: str = Field(min_length=1, max_length=40)
    body: dict[str, Any]


class MacroOut(Schema):
    """A macro."""

    id: int
    name: str
    body: dict[str, Any]
    created_by: str
    changed_at: datetime


class MacroOrderIn(Schema):
    """An order as the person saw it."""

    id: int
    version: int


class MacroApplyIn(Schema):
    """Orders to apply a macro to."""

    orders: list[MacroOrderIn] = Field(min_length=1, max_length=macros.MOST_ORDERS)


class MacroResultsOut(Schema):
    """What came of each order."""

    done: int
    refused: int
    results: list[macros.Result]


class ArchiveIn(Schema):
    """The version of the order that the person saw."""

    version: int
    note: Text = ""


class ArchivedOut(Schema):
    """The order's version after it was archived."""

    order_id: int
    version: int


@router.post("/orders/{int:order_id}/links", auth=Needs(Right.ADDRESSES_EDIT), response=LinkMadeOut)
def make_link(request: Request, order_id: int, body: LinkIn) -> dict[str, Any]:
    """Make a link with which the buyer completes the address; links made before end."""
    made, token = links.make(request.auth, order_id, hours=body.hours, case_id=body.case_id)
    return {**link(made), "url": _url(request, token)}


@router.post("/links/{int:link_id}/revoke", auth=Needs(Right.ADDRESSES_EDIT), response=LinkOut)
def revoke_link(request: Request, link_id: int) -> dict[str, Any]:
    """Take a link back."""
    return link(links.revoke(request.auth, link_id))


@router.post("/links/{int:link_id}/accept", auth=Needs(Right.ADDRESSES_EDIT), response=AddressSavedOut)
def accept_given(request: Request, link_id: int, body: AcceptIn) -> dict[str, Any]:
    """Use the address that the buyer gave, after a person has looked at it."""
    done = links.accept(request.auth, link_id, version=body.version)
    return {
        "order_id": done.after.id,
        "version": done.after.version,
        "stage": done.after.stage.value,
        "stage_before": done.before.stage.value,
    }


@router.get("/messages", auth=Needs(Right.CASES_VIEW), response=MessageTemplatesOut)
def list_messages(request: Request) -> dict[str, Any]:
    """List the message templates."""
    opening.ensure_setup(request.auth.merchant_id)
    rows = MessageTemplate.objects.filter(merchant_id=request.auth.merchant_id).order_by("-active", "id")
    return {"rows": list(rows), "places": list(texts.PLACES)}


@router.post("/messages", auth=Needs(Right.SOPS_EDIT), response=MessageTemplateOut)
def add_message(request: Request, body: MessageTemplateIn) -> MessageTemplate:
    """Add a message template."""
    return texts.save(request.auth.merchant_id, None, **body.model_dump())


@router.put("/messages/{int:template_id}", auth=Needs(Right.SOPS_EDIT), response=MessageTemplateOut)
def change_message(request: Request, template_id: int, body: MessageTemplateIn) -> MessageTemplate:
    """Change a message template."""
    return texts.save(request.auth.merchant_id, template_id, **body.model_dump())


@router.post("/orders/{int:order_id}/compose", auth=Needs(Right.ADDRESSES_EDIT), response=ComposedOut)
def compose(request: Request, order_id: int, body: ComposeIn) -> dict[str, Any]:
    """Fill a message for an order, masked; a place for a link makes one."""
    order = talking.order_of(request.auth, order_id)
    template = texts.get(request.auth.merchant_id, body.template_id)
    if texts.LINK not in template.text:
        return {"text": texts.filled(template.text, order), "channel": template.channel, "link": None}
    made, token = links.make(request.auth, order_id, hours=body.hours, case_id=body.case_id)
    text = texts.filled(template.text, order, link=_url(request, token), lives_for=timedelta(hours=body.hours))
    return {"text": text, "channel": template.channel, "link": link(made)}


@router.post("/attachments", auth=Needs(Right.CASES_VIEW), response=AttachmentOut)
def add_attachment(request: Request, order_id: Form[int], file: File[UploadedFile]) -> dict[str, Any]:
    """Keep a file with an order: an image, PDF, office file or plain text of at most 10 MB."""
    return attachment(attachments.keep(request.auth, order_id, file))


@router.get("/attachments/{int:attachment_id}", auth=Needs(Right.CASES_VIEW))
def get_attachment(request: Request, attachment_id: int) -> HttpResponse:
    """Return a file; images may be shown in a page, everything else is saved."""
    found, content = attachments.content(request.auth, attachment_id)
    kind = attachments.KINDS[found.kind]
    answer = HttpResponse(content, content_type=kind.content_type)
    answer["Content-Disposition"] = f"{'inline' if kind.shown else 'attachment'}; filename*=UTF-8''{quote(found.name)}"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@router.get("/macros", auth=Needs(Right.CASES_VIEW), response=list[MacroOut])
def list_macros(request: Request) -> list[Macro]:
    """List the macros."""
    return list(Macro.objects.filter(merchant_id=request.auth.merchant_id).order_by("name"))


@router.post("/macros", auth=Needs(Right.SOPS_EDIT), response=MacroOut)
def add_macro(request: Request, body: MacroIn) -> Macro:
    """Add a macro."""
    return macros.save(request.auth, None, name=body.name, body=body.body)


@router.put("/macros/{int:macro_id}", auth=Needs(Right.SOPS_EDIT), response=MacroOut)
def change_macro(request: Request, macro_id: int, body: MacroIn) -> Macro:
    """Change a macro."""
    return macros.save(request.auth, macro_id, name=body.name, body=body.body)


@router.delete("/macros/{int:macro_id}", auth=Needs(Right.SOPS_EDIT), response={204: None})
def delete_macro(request: Request, macro_id: int) -> Status[None]:
    """Delete a macro."""
    macros.delete(request.auth.merchant_id, macro_id)
    return Status(204, None)


@router.post("/macros/{int:macro_id}/apply", auth=Needs(Right.CASES_WORK), response=MacroResultsOut)
def apply_macro(request: Request, macro_id: int, body: MacroApplyIn) -> dict[str, Any]:
    """Apply a macro to orders; those that can not be changed are told one by one."""
    told = macros.read(macros.get(request.auth.merchant_id, macro_id).body)
    if told.verdict is not None and Right.ORDERS_DECIDE not in request.auth.rights:
        raise RightMissingError(Right.ORDERS_DECIDE.value)
    results = macros.apply(request.auth, told, [(one.id, one.version) for one in body.orders])
    done = sum(one.done for one in results)
    return {"done": done, "refused": len(results) - done, "results": results}


@router.post("/orders/{int:order_id}/archive", auth=Needs(Right.ORDERS_DECIDE), response=ArchivedOut)
def archive_order(request: Request, order_id: int, body: ArchiveIn) -> dict[str, Any]:
    """Archive an order whose buyer was out of reach for seven days, with the record, and close its cases."""
    version = archiving.archive(request.auth, order_id, version=body.version, note=body.note)
    return {"order_id": order_id, "version": version}


def _url(request: Request, token: str) -> str:
    base: str = settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")
    return f"{base}/a/{token}"

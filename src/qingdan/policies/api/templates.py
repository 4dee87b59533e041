"""HTTP of templates."""

import io
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from ninja import Field, File, Form, Schema
from ninja.files import UploadedFile

from qingdan.core.policy import limits
from qingdan.people.access import Needs, Request
from qingdan.people.rights import Right
from qingdan.policies import templates
from qingdan.policies.api.actor import actor_of
from qingdan.policies.api.routing import router
from qingdan.policies.api.shapes import Said, Source
from qingdan.policies.drafts import ready
from qingdan.policies.models import Template
from qingdan.web.files import download


class BuiltinOut(Schema):
    """A template that comes with the program."""

    id: str
    title: Said
    about: Said
    source: str


class ResultsOut(Schema):
    """What a backtest of the template showed."""

    orders: int
    released: int
    rate: float | None
    problems: int
    problem_rate: float | None
    problem_bound: float | None


class TemplateOut(Schema):
    """A template that the team saved."""

    id: int
    name: str
    note: str
    hash: str
    source: str
    results: ResultsOut | None
    created_at: datetime
    created_by: str


class TemplatesOut(Schema):
    """All templates."""

    builtin: list[BuiltinOut]
    own: list[TemplateOut]


class SaveLiveIn(Schema):
    """What to call the live policy as a template."""

    name: str = Field(min_length=1, max_length=80)
    note: str = Field("", max_length=2000)


class SaveIn(SaveLiveIn):
    """A policy to keep; the backtest must be of it."""

    source: Source
    backtest: int | None = None


@router.get("/templates", auth=Needs(Right.POLICIES_VIEW), response=TemplatesOut)
def list_templates(request: Request) -> dict[str, Any]:
    """List the program's templates and the team's."""
    builtin = []
    for one in templates.BUILTINS:
        source = templates.builtin_source(one.id)
        title = ready(source).policy.title
        builtin.append(
            {
                "id": one.id,
                "title": title.both(),
                "about": one.about.both(),
                "source": source,
            }
        )
    own = Template.objects.filter(merchant_id=request.auth.merchant_id).order_by("-id")
    return {"builtin": builtin, "own": list(own)}


@router.post("/templates", auth=Needs(Right.POLICIES_EDIT), response=TemplateOut)
def save_template(request: Request, body: SaveIn) -> Template:
    """Keep a policy as a template, with what its backtest showed."""
    merchant = request.auth.merchant_id
    return templates.save(merchant, body.name, body.source, actor_of(request), about=body.note, backtest=body.backtest)


@router.post("/templates/live", auth=Needs(Right.POLICIES_EDIT), response=TemplateOut)
def save_live(request: Request, body: SaveLiveIn) -> Template:
    """Keep the live policy as a template, with what its newest backtest showed, if there is one."""
    return templates.save_live(request.auth.merchant_id, body.name, actor_of(request), about=body.note)


@router.post("/templates/import", auth=Needs(Right.POLICIES_EDIT), response=TemplateOut)
def import_template(request: Request, name: Form[str], file: File[UploadedFile]) -> Template:
    """Keep a policy file that somebody exported."""
    text = file.read(4 * limits.SOURCE_CHARS + 1).decode("utf-8-sig", errors="replace")
    return templates.save(request.auth.merchant_id, name[:80], text, actor_of(request))


@router.get("/templates/{int:template_id}/file", auth=Needs(Right.POLICIES_VIEW))
def export_template(request: Request, template_id: int) -> HttpResponseBase:
    """Return a template as one file."""
    found = templates.get(request.auth.merchant_id, template_id)
    content = io.BytesIO(templates.exported(found).encode())
    return download(request, content, f"{found.name}.yaml", "application/yaml; charset=utf-8")


@router.delete("/templates/{int:template_id}", auth=Needs(Right.POLICIES_EDIT), response={204: None})
def delete_template(request: Request, template_id: int) -> HttpResponse:
    """Delete a template."""
    templates.delete(request.auth.merchant_id, template_id, actor_of(request))
    return HttpResponse(status=204)

"""HTTP of the editor: what rules can say, checking a text, and text from a form."""

from typing import Any, Literal

from ninja import Schema

from qingdan.core.policy.form import write_form
from qingdan.core.policy.model import OWNERS, Hit
from qingdan.core.policy.visual import OPERATORS, ValueType
from qingdan.core.policy.vocabulary import RULE_FIELDS
from qingdan.people.access import Needs, Request
from qingdan.people.rights import Right
from qingdan.policies import checking, present
from qingdan.policies.api.routing import router
from qingdan.policies.api.shapes import CheckedOut, PolicyForm, Said, Source


class SourceIn(Schema):
    """A policy's text; ``language`` is that of the conditions a form keeps as text."""

    source: Source
    language: Literal["zh", "en"] = "zh"


class FormIn(Schema):
    """A policy's form."""

    form: PolicyForm
    language: Literal["zh", "en"] = "zh"


class SourceOut(Schema):
    """A policy's text."""

    source: str


class RenderedOut(SourceOut):
    """A form's text, checked; problems are placed in that text."""

    checked: CheckedOut


class OperatorOut(Schema):
    """An operator and the kinds of value that it takes."""

    id: str
    title: Said
    values: list[ValueType]


class OperandOut(Schema):
    """A field that rules read, or a built-in condition of tier rows (of type ``builtin``)."""

    id: str
    title: Said
    type: str
    nullable: bool
    values: list[dict[str, str]]


class LanguageOut(Schema):
    """What rules can say."""

    fields: list[OperandOut]
    builtins: list[OperandOut]
    operators: dict[str, list[OperatorOut]]
    owners: list[dict[str, str]]
    hits: list[str]


@router.get("/language", auth=Needs(Right.POLICIES_VIEW), response=LanguageOut)
def get_language(request: Request) -> dict[str, Any]:  # noqa: ARG001 - ninja calls it so
    """Return the fields, the operators of each type, and the owners that a policy may name."""
    return {
        "fields": [
            {
                "id": field.id,
                "title": {"zh": field.zh, "en": field.en},
                "type": field.type.value,
                "nullable": field.nullable,
                "values": [{"id": v.id, "zh": v.zh, "en": v.en} for v in field.values],
            }
            for field in RULE_FIELDS
        ],
        "builtins": [
            {"id": name, "title": title.both(), "type": "builtin", "nullable": False, "values": []}
            for name, title in present.BUILTINS.items()
        ],
        "operators": {
            kind.value: [
                {"id": op, "title": present.operator(op).both(), "values": list(values)} for op, values in rows
            ]
            for kind, rows in OPERATORS.items()
        },
        "owners": [{"id": owner, **present.OWNER_TITLES[owner].both()} for owner in OWNERS],
        "hits": [hit.value for hit in Hit],
    }


@router.post("/check", auth=Needs(Right.POLICIES_VIEW), response=CheckedOut, by_alias=True)
def check(request: Request, body: SourceIn) -> dict[str, Any]:  # noqa: ARG001 - ninja calls it so
    """Check a text: its form, every problem with its place, each rule in plain words. Nothing is stored."""
    return checking.check(body.source, body.language)


@router.post("/render", auth=Needs(Right.POLICIES_VIEW), response=RenderedOut, by_alias=True)
def render(request: Request, body: FormIn) -> dict[str, Any]:  # noqa: ARG001 - ninja calls it so
    """Return the text of a form, and what checking that text says."""
    source = write_form(body.form.model_dump(mode="json", by_alias=True), body.language)
    return {"source": source, "checked": checking.check(source, body.language)}

"""Shapes that several operations on policies share."""

from typing import Annotated, Any, Literal

from ninja import Field, Schema

from qingdan.core.policy import limits
from qingdan.core.policy.visual import ValueType

Source = Annotated[str, Field(max_length=limits.SOURCE_CHARS, description="A policy as YAML text")]


class Said(Schema):
    """A text in both languages."""

    zh: str
    en: str


class ValueNode(Schema):
    """Value of a leaf: money in fen, durations (also before_now, after_now) in seconds, enums and fields by id."""

    type: ValueType
    value: bool | int | str | list[int] | list[str] | None = None


class LeafNode(Schema):
    """One comparison that a builder shows as a row."""

    kind: Literal["leaf"]
    field: str = Field(max_length=64, description="Field id; always, never or a built-in of tier rows")
    operator: str = Field(max_length=32)
    value: ValueNode


class TextNode(Schema):
    """A condition that only the rule language can say."""

    kind: Literal["text"]
    source: str = Field(max_length=limits.EXPRESSION_CHARS)


class GroupNode(Schema):
    """Nodes joined by and/or; with ``not`` the whole is negated."""

    kind: Literal["group"]
    combinator: Literal["and", "or"]
    not_: bool = Field(default=False, alias="not")
    rules: list["Node"] = Field(max_length=limits.EXPRESSION_TOKENS)


Node = Annotated[GroupNode | LeafNode | TextNode, Field(discriminator="kind")]
GroupNode.model_rebuild()


class RuleForm(Schema):
    """A check, exception, hold or tag; ``until`` is a hold's."""

    id: str = Field(max_length=64)
    title: Said
    condition: GroupNode
    until: str | None = Field(default=None, max_length=500)
    note: str = Field(default="", max_length=4000, description="Comment above it in the text")


class TierForm(Schema):
    """A row of the tier table; without a condition it is the row for every other order."""

    id: str = Field(max_length=64)
    title: Said | None
    condition: GroupNode | None
    owner: str | None = Field(default=None, max_length=64)
    respond: str | None = Field(default=None, max_length=64)
    resolve: str | None = Field(default=None, max_length=64)
    note: str = Field(default="", max_length=4000)


class RowForm(Schema):
    """A row of a decision table; without a condition it is the row for every other order."""

    id: str = Field(max_length=64)
    title: Said | None = None
    condition: GroupNode | None
    output: str | None = Field(default=None, max_length=500)
    note: str = Field(default="", max_length=4000)


class TableForm(Schema):
    """A decision table beside the tiers."""

    id: str = Field(max_length=64)
    title: Said
    hit: str = Field(max_length=16)
    rows: list[RowForm] = Field(max_length=limits.TABLE_ROWS)
    note: str = Field(default="", max_length=4000)


class WordsForm(Schema):
    """A named list of words."""

    name: str = Field(max_length=64)
    items: list[str] = Field(max_length=limits.WORDS_PER_LIST)


class PolicyForm(Schema):
    """A whole policy as the visual editor works on it; the same policy as its text."""

    policy: str = Field(max_length=64)
    title: Said
    scope: GroupNode | None
    words: list[WordsForm] = Field(max_length=limits.WORD_LISTS)
    checks: list[RuleForm] = Field(max_length=limits.RULES)
    exceptions: list[RuleForm] = Field(max_length=limits.RULES)
    holds: list[RuleForm] = Field(max_length=limits.RULES)
    tags: list[RuleForm] = Field(max_length=limits.RULES)
    tiers: list[TierForm] = Field(max_length=limits.RULES)
    tables: list[TableForm] = Field(max_length=limits.TABLES)
    notes: dict[str, str] = Field(default_factory=dict, description="Comments above the sections, by section")


class ProblemOut(Schema):
    """Something wrong in a policy: where in the text, where in the form, and what to do."""

    code: str
    severity: Literal["error", "warning"]
    line: int
    column: int
    path: list[str | int] = Field(description="Way to it in the form, as in checks, 0, condition")
    rule: str | None = Field(description="Id of the rule, tier or row")
    message: Said
    advice: Said
    example: dict[str, Any] | None = Field(description="An order that shows it, by field id (tables only)")
    example_text: Said | None


class SentenceOut(Schema):
    """One rule in plain words."""

    id: str
    kind: str
    text: Said


class CheckedOut(Schema):
    """What checking a text gave; ``form`` is null only when the text is no YAML mapping."""

    ok: bool
    hash: str | None
    form: PolicyForm | None
    problems: list[ProblemOut]
    sentences: list[SentenceOut]

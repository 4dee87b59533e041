"""Shapes of the API of cases: what is asked and what is answered."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema

from qingdan.cases.sop import Procedure, Step

Text = Annotated[str, Field(max_length=2000)]
Short = Annotated[str, Field(max_length=200)]
Key = Annotated[str, Field(max_length=64)]
Channel = Literal["call", "sms", "chat", "link"]
Result = Literal["reached", "no_answer", "refused", "wrong_number", "sent", "callback"]


class CaseWordsOut(Schema):
    """A text in both languages."""

    zh: str
    en: str


class CasePersonOut(Schema):
    """A colleague."""

    id: int
    name: str


class CauseOut(Schema):
    """A root cause; ``types`` are the case types that it is offered for, none for all."""

    id: int
    key: str
    zh: str
    en: str
    types: list[str]
    active: bool


class CaseRowOut(Schema):
    """One case as a row; due moments are null while their clock stands still or was met."""

    id: int
    version: int
    type: str
    state: str
    order_id: int
    order_no: str
    channel: str
    shop: str
    stage: str
    paid_amount: int | None
    owner_role: str
    owner: CasePersonOut | None
    difficulty: int
    step: str | None
    step_title: CaseWordsOut | None
    opened_at: datetime
    reopened: int
    closed_at: datetime | None
    outcome: str | None
    cause: str | None
    wait_until: datetime | None
    respond_due: datetime | None
    resolve_due: datetime | None
    cause_due: datetime | None
    next_due: datetime | None
    late: bool


class CaseCountsOut(Schema):
    """How many cases are not closed."""

    total: int
    late: int
    nobody: int
    mine: int
    approvals: int
    by_type: dict[str, int]
    by_role: dict[str, int]
    by_state: dict[str, int]


class CasePageOut(Schema):
    """One page of cases; ``total`` is exact. ``counts`` are of all that are not closed, whatever the filters."""

    rows: list[CaseRowOut]
    total: int
    page: int
    size: int
    counts: CaseCountsOut


class CaseClockOut(Schema):
    """One clock: ``respond``, ``resolve`` or ``cause``; ``left_seconds`` of working time, negative once late."""

    clock: str
    due: datetime | None
    left_seconds: int
    paused: bool
    late: bool
    met_at: datetime | None


class ChoiceOut(Schema):
    """One way to go on from a step; ``approval`` are the roles that have to agree for this order."""

    id: str
    title: CaseWordsOut
    decide: str | None
    outcome: str | None
    approval: list[str]


class CaseStepOut(Schema):
    """One step of a case: ``done``, ``skipped``, ``now`` or ``ahead``; a done one says who, when and how long."""

    id: str
    do: str
    title: CaseWordsOut
    help: CaseWordsOut | None
    who: list[str]
    mine: bool
    optional: bool
    wait_hours: int | None
    minutes: int | None
    choices: list[ChoiceOut]
    state: str
    choice: str | None
    by: str | None
    at: datetime | None
    seconds: int | None
    worked_seconds: int | None
    note: str | None


class ApprovalOut(Schema):
    """What waits for approval: ``path`` are the roles in order, ``given`` who agreed; ``mine``: it is one's turn."""

    step: str
    choice: str
    path: list[str]
    given: list[dict[str, Any]]
    asked_by: CasePersonOut
    asked_at: datetime
    note: str
    mine: bool


class CaseEventOut(Schema):
    """One thing that happened to a case."""

    id: int
    at: datetime
    kind: str
    by: str
    note: str
    data: dict[str, Any]


class CaseOut(CaseRowOut):
    """One case with its clocks, steps and history; ``order_version`` is what a step that decides has to name."""

    order_version: int
    sop_id: int
    sop_version: int
    sop_title: CaseWordsOut
    clocks: list[CaseClockOut]
    steps: list[CaseStepOut]
    approval: ApprovalOut | None
    events: list[CaseEventOut]
    causes: list[CauseOut]
    archive: dict[str, Any] | None


class CasesIn(Schema):
    """Filters, sort and page of the list of cases."""

    state: list[Key] = Field(default_factory=list, max_length=10)
    type: list[Key] = Field(default_factory=list, max_length=20)
    role: list[Key] = Field(default_factory=list, max_length=10)
    owner: Literal["me", "nobody", "my_roles", "my_approval", ""] = ""
    late: bool = False
    q: str = Field("", max_length=64)
    sort: str = Field("due", pattern=r"^-?(due|opened|closed|difficulty)$")
    page: int = Field(1, ge=1, le=100_000)
    size: int = Field(50, ge=1, le=200)


class OpenIn(Schema):
    """A case to open on an order by hand; with ``order_version`` the order goes to exception with it."""

    order_id: int
    type: Key
    note: Text = ""
    order_version: int | None = None


class SeenIn(Schema):
    """The version of the case that the person saw."""

    version: int
    note: Text = ""


class CaseAssignIn(SeenIn):
    """Whom a case goes to: an owner role, a person, or both; neither gives it back to its role."""

    role: Literal["supervisor", "front_line", "risk", "finance", "warehouse"] | None = None
    to: int | None = None


class CasesHandIn(Schema):
    """Whose open cases go to whom; without ``to`` back to their roles."""

    of: int
    to: int | None = None
    note: Text = ""


class CasesHandedOut(Schema):
    """The cases that went."""

    cases: list[int]


class WaitIn(SeenIn):
    """Until when the customer is waited for; without it until somebody goes on."""

    until: datetime | None = None


class CauseIn(SeenIn):
    """The root cause."""

    cause: Key


class CloseIn(SeenIn):
    """How the case ended."""

    outcome: Literal["solved", "unfounded", "unreachable"] = "solved"


class StepIn(SeenIn):
    """A step that was done; what it needs depends on its ``do``."""

    step: Key
    choice: Key | None = None
    cause: Key | None = None
    skip: bool = False
    order_version: int | None = None


class ApproveIn(SeenIn):
    """A yes, for the order as the person saw it."""

    order_version: int | None = None


class ContactIn(Schema):
    """A try to reach the buyer."""

    channel: Channel
    result: Result
    note: Text = ""
    case_id: int | None = None
    next_try_at: datetime | None = None


class ContactOut(Schema):
    """A try to reach the buyer."""

    id: int
    order_id: int
    case_id: int | None
    channel: str
    result: str
    note: str
    next_try_at: datetime | None
    by: CasePersonOut
    at: datetime


class AttachmentOut(Schema):
    """A file kept with an order."""

    id: int
    name: str
    kind: str
    size: int
    by: CasePersonOut
    at: datetime


class CommentIn(Schema):
    """Something said to colleagues; ``mentions`` are ids of those to be told."""

    text: Text = ""
    mentions: list[int] = Field(default_factory=list, max_length=20)
    attachments: list[int] = Field(default_factory=list, max_length=20)
    case_id: int | None = None


class CommentOut(Schema):
    """Something said to colleagues."""

    id: int
    case_id: int | None
    text: str
    mentions: list[CasePersonOut]
    attachments: list[AttachmentOut]
    by: CasePersonOut
    at: datetime


class ReceiverIn(Schema):
    """A receiver in its parts."""

    name: str = Field("", max_length=50)
    phone: str = Field("", max_length=40)
    province: str = Field("", max_length=20)
    city: str = Field("", max_length=40)
    district: str = Field("", max_length=40)
    town: str = Field("", max_length=60)
    address: str = Field("", max_length=300)


class MissingOut(Schema):
    """Something that an address lacks, in plain words."""

    key: str
    zh: str
    en: str


class LookedOut(Schema):
    """A receiver in official names and what it lacks."""

    receiver: dict[str, str | None]
    missing: list[MissingOut]


class PastedIn(Schema):
    """A text in which somebody wrote an address."""

    text: str = Field(max_length=1000)


class AddressIn(Schema):
    """The receiver that an order is to have, seen at ``version``."""

    version: int
    receiver: ReceiverIn
    reason: Short = ""


class AddressSavedOut(Schema):
    """The order after its receiver was put right."""

    order_id: int
    version: int
    stage: str
    stage_before: str


class AddressOut(Schema):
    """An order's receiver in full, for the editor.

    ``heard`` is what the platform said since a correction; ``given`` what the buyer wrote through the link
    ``given_link`` and a person has to look at.
    """

    order_id: int
    version: int
    stage: str
    receiver: dict[str, str | None]
    masked: bool
    missing: list[MissingOut]
    corrected_by: str | None
    corrected_at: datetime | None
    heard: dict[str, str | None] | None
    heard_at: datetime | None
    given: dict[str, str | None] | None
    given_link: int | None


class CaseNoticeOut(Schema):
    """Something a person is told about a case."""

    id: int
    kind: str
    at: datetime
    by: str
    text: str
    order_id: int
    order_no: str
    channel: str
    case_id: int | None
    case_type: str | None


class NoticePageOut(Schema):
    """The newest unread notices, and how many there are in all."""

    rows: list[CaseNoticeOut]
    total: int


class CaseNoticesReadIn(Schema):
    """Which notices were read, or all."""

    ids: list[int] = Field(default_factory=list, max_length=50)
    all: bool = False


def words(said: Any) -> dict[str, str]:
    """Return words as the API gives them."""
    both: dict[str, str] = said.both()
    return both


def choices_of(step: Step, amount: int | None) -> list[dict[str, Any]]:
    """Return the choices of a step for an order of that amount."""
    return [
        {
            "id": one.id,
            "title": one.title.both(),
            "decide": one.decide,
            "outcome": one.outcome,
            "approval": list(one.path(amount)),
        }
        for one in step.choices
    ]


def title_of(procedure: Procedure, key: str | None) -> dict[str, str] | None:
    """Return the title of a step."""
    step = procedure.step(key)
    return step.title.both() if step else None

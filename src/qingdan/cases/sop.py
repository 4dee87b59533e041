"""SOPs as data: the steps of a case, read from YAML and checked. Pure.

A step says what is done (``do``), by which roles (``who``), and what each choice leads to. A choice may move the
order (``decide``), name the step that follows (``go``; ``end`` finishes the case) and ask for the approval of others
above an amount. Whoever approves is somebody else than whoever asked, and each approval is another person's.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import yaml

from qingdan.cases.messages import fault
from qingdan.core.message import Message, Words
from qingdan.people.rights import Role

END: Final = "end"
MOST_STEPS: Final = 30
MOST_CHARS: Final = 40_000
DECISIONS: Final = ("release", "hold", "exception", "review")
"""What a choice may decide about the order; a hold without an end is lifted by hand."""
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_AMOUNT: Final = re.compile(r"(\d{1,9})元")
_STEP_KEYS: Final = frozenset({"id", "do", "title", "help", "who", "choices", "optional", "wait_hours", "minutes"})
_CHOICE_KEYS: Final = frozenset({"id", "title", "go", "decide", "outcome", "approval"})
OUTCOMES: Final = ("solved", "unfounded", "unreachable")


class Do(StrEnum):
    """What is done in a step."""

    CONFIRM = "confirm"
    NOTE = "note"
    CHOOSE = "choose"
    CONTACT = "contact"
    ADDRESS = "address"
    CAUSE = "cause"
    WAIT = "wait"
    SETTLE = "settle"


class BadSopError(Exception):
    """An SOP that can not be used; ``faults`` say why, in order of the text."""

    def __init__(self, faults: list[Message]) -> None:
        super().__init__("; ".join(one.text("en") for one in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Approval:
    """Above an amount paid, in fen, these roles have to agree, one after the other."""

    above: int
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to go on from a step; ``go`` is None for the next step in order."""

    id: str
    title: Words
    go: str | None = None
    decide: str | None = None
    outcome: str | None = None
    approval: tuple[Approval, ...] = ()

    def path(self, amount: int | None) -> tuple[str, ...]:
        """Roles that have to agree for an order of this amount in fen; an unknown amount takes the longest path."""
        if amount is None:
            return max((one.by for one in self.approval), key=len, default=())
        hit = [one for one in self.approval if amount > one.above]
        return max(hit, key=lambda one: one.above).by if hit else ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step; ``who`` are the roles that may do it, everybody's if empty. A confirm has no choices or some."""

    id: str
    do: Do
    title: Words
    help: Words | None = None
    who: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    optional: bool = False
    wait_hours: int | None = None
    minutes: int | None = None

    def choice(self, key: str | None) -> Choice | None:
        """Return the choice of that id."""
        return next((one for one in self.choices if one.id == key), None)


@dataclass(frozen=True, slots=True)
class Procedure:
    """The steps of one case type, in order."""

    type: str
    title: Words
    steps: tuple[Step, ...]

    def step(self, key: str | None) -> Step | None:
        """Return the step of that id."""
        return next((one for one in self.steps if one.id == key), None)

    def after(self, step: Step, choice: Choice | None) -> str | None:
        """Return the step that follows, None when the case is finished."""
        if choice is not None and choice.go is not None:
            return None if choice.go == END else choice.go
        index = self.steps.index(step) + 1
        return self.steps[index].id if index < len(self.steps) else None


def read(text: str) -> Procedure:
    """Read an SOP. Raises ``BadSopError`` with everything that is wrong with it."""
    if len(text) > MOST_CHARS:
        raise BadSopError([fault("too_long", limit=MOST_CHARS)])
    try:
        # aliases could make a small text a huge one
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
            raise BadSopError([fault("alias")])
        told = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise BadSopError([fault("yaml", line=mark.line + 1 if mark else 1)]) from error
    reader = _Reader()
    procedure = reader.procedure(told)
    if reader.faults:
        raise BadSopError(reader.faults)
    return procedure


class _Reader:
    """Reads one SOP and gathers what is wrong with it."""

    def __init__(self) -> None:
        self.faults: list[Message] = []

    def procedure(self, told: Any) -> Procedure:
        whole = self._mapping(told, frozenset({"sop", "title", "steps"}), "sop")
        steps = whole.get("steps")
        if not isinstance(steps, list) or not 0 < len(steps) <= MOST_STEPS:
            self.faults.append(fault("steps", limit=MOST_STEPS))
            steps = []
        read_steps = tuple(self._step(one, number) for number, one in enumerate(steps, start=1))
        ids = [step.id for step in read_steps]
        for twice in {one for one in ids if ids.count(one) > 1}:
            self.faults.append(fault("step_twice", step=twice))
        for step in read_steps:
            for choice in step.choices:
                if choice.go is not None and choice.go != END and choice.go not in ids:
                    self.faults.append(fault("no_step", step=step.id, go=choice.go))
        return Procedure(str(whole.get("sop") or ""), self._words(whole.get("title"), "sop"), read_steps)

    def _step(self, told: Any, number: int) -> Step:
        where = str(told.get("id") or number) if isinstance(told, Mapping) else str(number)
        said = self._mapping(told, _STEP_KEYS, where)
        do = said.get("do")
        if do not in set(Do):
            self.faults.append(fault("do", step=where, options="、".join(Do)))
            do = Do.CONFIRM
        choices = tuple(self._choice(one, where) for one in self._list(said.get("choices"), where, "choices"))
        if do == Do.CHOOSE and len(choices) < 2:
            self.faults.append(fault("choices", step=where))
        if len({one.id for one in choices}) < len(choices):
            self.faults.append(fault("choice_twice", step=where))
        return Step(
            id=self._name(said.get("id"), where),
            do=Do(do),
            title=self._words(said.get("title"), where),
            help=self._words(said["help"], where) if said.get("help") else None,
            who=self._roles(said.get("who"), where),
            choices=choices,
            optional=said.get("optional") is True,
            wait_hours=self._count(said.get("wait_hours"), where, "wait_hours"),
            minutes=self._count(said.get("minutes"), where, "minutes"),
        )

    def _choice(self, told: Any, where: str) -> Choice:
        said = self._mapping(told, _CHOICE_KEYS, where)
        decide, outcome = said.get("decide"), said.get("outcome")
        if decide is not None and decide not in DECISIONS:
            self.faults.append(fault("decide", step=where, options="、".join(DECISIONS)))
        if outcome is not None and outcome not in OUTCOMES:
            self.faults.append(fault("outcome", step=where, options="、".join(OUTCOMES)))
        rows = [self._approval(one, where) for one in self._list(said.get("approval"), where, "approval")]
        return Choice(
            id=self._name(said.get("id"), where),
            title=self._words(said.get("title"), where),
            go=str(said["go"]) if said.get("go") else None,
            decide=decide,
            outcome=outcome,
            approval=tuple(sorted(rows, key=lambda row: row.above)),
        )

    def _approval(self, told: Any, where: str) -> Approval:
        said = self._mapping(told, frozenset({"above", "by"}), where)
        found = _AMOUNT.fullmatch(str(said.get("above", "")))
        if found is None:
            self.faults.append(fault("amount", step=where, value=str(said.get("above", ""))))
        by = self._roles(said.get("by"), where)
        if not by:
            self.faults.append(fault("approvers", step=where))
        return Approval(int(found[1]) * 100 if found else 0, by)

    def _mapping(self, told: Any, keys: frozenset[str], where: str) -> Mapping[str, Any]:
        if not isinstance(told, Mapping):
            self.faults.append(fault("shape", step=where))
            return {}
        for strange in sorted(str(key) for key in told if key not in keys):
            self.faults.append(fault("strange", step=where, key=strange))
        return told

    def _list(self, told: Any, where: str, key: str) -> list[Any]:
        if told is None:
            return []
        if not isinstance(told, list) or len(told) > MOST_STEPS:
            self.faults.append(fault("list", step=where, key=key))
            return []
        return told

    def _name(self, told: Any, where: str) -> str:
        if not isinstance(told, str) or not _NAME.fullmatch(told) or told == END:
            self.faults.append(fault("name", step=where))
        return str(told)

    def _words(self, told: Any, where: str) -> Words:
        if not isinstance(told, Mapping) or not told.get("zh"):
            self.faults.append(fault("title", step=where))
            return Words("", "")
        return Words(str(told["zh"]), str(told.get("en") or told["zh"]))

    def _roles(self, told: Any, where: str) -> tuple[str, ...]:
        roles = self._list(told, where, "who")
        for strange in [role for role in roles if role not in set(Role)]:
            self.faults.append(fault("role", step=where, value=str(strange), options="、".join(Role)))
        return tuple(str(role) for role in roles)

    def _count(self, told: Any, where: str, key: str) -> int | None:
        if told is None:
            return None
        if not isinstance(told, int) or isinstance(told, bool) or not 0 < told <= 1000:
            self.faults.append(fault("count", step=where, key=key))
            return None
        return told

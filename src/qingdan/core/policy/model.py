"""What a loaded policy is, and what is wrong with one that can not be loaded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final, Literal, TypeAlias

from qingdan.core.message import Language, Message, Words
from qingdan.core.policy.ast import Expr

FIELD_MISSING: Final = "field_missing"
"""Reason of a hold that can not be decided; reserved."""
FIELD_MISSING_TITLE: Final = Words("字段缺失", "Field missing")

SAME_DAY: Final = "same_day"
OWNERS: Final = ("supervisor", "front_line", "risk", "finance", "warehouse")

Deadline: TypeAlias = timedelta | Literal["same_day"] | None


class Kind(StrEnum):
    """What a rule is for."""

    SCOPE = "scope"
    CHECK = "check"
    EXCEPTION = "exception"
    HOLD = "hold"
    TAG = "tag"
    TIER = "tier"


class Hit(StrEnum):
    """Hit policy of a table."""

    FIRST = "first"
    UNIQUE = "unique"
    COLLECT = "collect"


class Severity(StrEnum):
    """Whether a problem stops the policy from being saved."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a policy file; ``line`` and ``column`` count from 1 in the file.

    ``example`` is the order (field id → value) that shows what is wrong with a row of a table.
    """

    source: str
    line: int
    column: int
    severity: Severity
    message: Message
    example: Mapping[str, object] | None = field(default=None, compare=False)

    def text(self, language: Language = "zh") -> str:
        """``file:line:column`` with what is wrong and what to do."""
        advice = self.message.advice_text(language)
        said = self.message.text(language) + (("。" if language == "zh" else ". ") + advice if advice else "")
        return f"{self.source}:{self.line}:{self.column}: {said}"


class PolicyError(ValueError):
    """A policy that can not be loaded; ``problems`` holds every problem found, errors and warnings, by place."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(problem.text("zh") for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Rule:
    """One condition of a policy; its place in ``Policy.rules`` is its bit in the masks."""

    id: str
    kind: Kind
    title: Words
    ast: Expr
    until: Expr | str | None = None


@dataclass(frozen=True, slots=True)
class Tier:
    """What a row of the tier table sets; its condition is the rule of kind tier with the same id."""

    id: str
    title: Words
    owner: str
    respond: Deadline = None
    resolve: Deadline = None


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a decision table: when ``ast`` is true, ``output``."""

    id: str
    title: Words
    ast: Expr
    output: str


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table beside the tiers."""

    id: str
    title: Words
    hit: Hit
    rows: tuple[TableRow, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A checked policy. ``hash`` depends on what it decides, not on how it is written."""

    id: str
    title: Words
    hash: str
    rules: tuple[Rule, ...]
    words: Mapping[str, tuple[str, ...]]
    tiers: tuple[Tier, ...]
    tables: tuple[Table, ...] = ()
    warnings: tuple[Problem, ...] = field(default=(), compare=False)

    def of(self, kind: Kind) -> tuple[tuple[int, Rule], ...]:
        """Rules of one kind with their bits."""
        return tuple((bit, rule) for bit, rule in enumerate(self.rules) if rule.kind is kind)

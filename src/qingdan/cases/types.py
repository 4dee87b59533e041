"""The types of cases and the causes they start with, from ``data/cases``."""

import functools
import re
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

import yaml

from qingdan.core.clocks import SAME_DAY
from qingdan.core.message import Words
from qingdan.core.worktime import HOUR, MINUTE

OTHER: Final = "other"
PAYMENT: Final = "payment_failed"
ADDRESS_CHANGE: Final = "address_change"
UNREACHABLE: Final = "unreachable"
_LIMIT: Final = re.compile(r"(\d{1,4})(分钟|小时)")


@dataclass(frozen=True, slots=True)
class CaseType:
    """One type: who owns its cases, how hard they are (1 to 5), its limits and the review rules that lead to it.

    A limit is working time in µs or ``SAME_DAY``, None where there is none. ``held`` says that held orders get a case
    too, not only exceptions.
    """

    key: str
    title: Words
    owner: str
    difficulty: int
    respond: int | None
    resolve: int | None
    cause: int | None
    reasons: tuple[str, ...]
    held: bool


@dataclass(frozen=True, slots=True)
class StartingCause:
    """A root cause that every team starts with."""

    key: str
    title: Words
    types: tuple[str, ...]


@functools.cache
def case_types() -> dict[str, CaseType]:
    """Return every type by its key, in the order of the data."""
    read = _data("cases/types.yaml")
    return {row["key"]: _type(row) for row in read["types"]}


@functools.cache
def starting_causes() -> tuple[StartingCause, ...]:
    """Return the causes that a merchant starts with."""
    read = _data("cases/causes.yaml")
    return tuple(StartingCause(c["key"], Words(c["zh"], c["en"]), tuple(c["types"])) for c in read["causes"])


@functools.cache
def starting_messages() -> tuple[dict[str, Any], ...]:
    """Return the message templates that a merchant starts with: ``name``, ``channel``, ``types``, ``text``."""
    return tuple(_data("cases/messages.yaml")["messages"])


def sop_text(key: str) -> str:
    """Return the SOP that comes with a type, as YAML."""
    return (resources.files("qingdan.data") / "sops" / f"{key}.yaml").read_text(encoding="utf-8")


def _data(name: str) -> Any:
    return yaml.safe_load((resources.files("qingdan.data") / name).read_text(encoding="utf-8"))


def _type(row: Any) -> CaseType:
    due = row["due"]
    return CaseType(
        key=row["key"],
        title=Words(row["title"]["zh"], row["title"]["en"]),
        owner=row["owner"],
        difficulty=row["difficulty"],
        respond=limit(due.get("respond")),
        resolve=limit(due.get("done")),
        cause=limit(due.get("cause")),
        reasons=tuple(row["reasons"]),
        held=row.get("held", False),
    )


def limit(text: str | None) -> int | None:
    """Read ``30分钟``, ``8小时`` or ``当日`` as a limit of working time. Raises ValueError."""
    if text is None:
        return None
    if text == "当日":
        return SAME_DAY
    found = _LIMIT.fullmatch(text)
    if found is None:
        raise ValueError(f"not a time limit: {text!r}")
    return int(found[1]) * (MINUTE if found[2] == "分钟" else HOUR)

"""What is told about a drop of files while it is read and afterwards."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from qingdan.core.message import Message, Words
from qingdan.intake.messages import message


@dataclass(frozen=True, slots=True)
class Notice:
    """Something worth knowing about a file that did not stop it; ``file`` is empty when it is about the whole drop."""

    file: str
    message: Message


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one sheet of one file.

    ``kind`` is ``order`` or ``item``, and ``unread`` for a file that could not be read (``problem`` says why,
    ``protected`` that a password would help). ``generation`` is the header generation as the mapping names it;
    ``ignored`` are the headers that nothing reads. ``inner`` names a file within the archive at ``path``.
    """

    path: Path
    channel: str = ""
    kind: str = "unread"
    sheet: str = ""
    generation: str = ""
    ignored: tuple[str, ...] = ()
    rows: int = 0
    orders: int = 0
    refused: int = 0
    sha256: str = ""
    container: str = ""
    encoding: str = ""
    problem: Message | None = None
    protected: bool = False
    inner: str = ""

    @property
    def name(self) -> str:
        """File name without its folders; within an archive also the archive's."""
        return self.inner or self.path.name


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch has come; ``share`` runs from 0 to 1 within the phase.

    ``phase`` is ``reading`` (a file), ``deciding`` (all of them) or ``done``.
    """

    phase: str
    file: str
    files_done: int
    files: int
    rows: int
    share: float = field(default=0.0)


def as_plain(told: Message) -> dict[str, Any]:
    """Message as JSON, to be told in another process."""
    return {"id": told.id, "params": {name: _plain(value) for name, value in told.params.items()}}


def of_plain(told: Mapping[str, Any]) -> Message:
    """Message that ``as_plain`` made."""
    params = {name: Words(**value) if isinstance(value, dict) else value for name, value in told["params"].items()}
    return message(told["id"], **params)


def report_as_plain(report: FileReport) -> dict[str, Any]:
    """Report as JSON."""
    plain = {**asdict(report), "path": str(report.path), "ignored": list(report.ignored)}
    return {**plain, "problem": as_plain(report.problem) if report.problem else None}


def report_of_plain(plain: Mapping[str, Any]) -> FileReport:
    """Report that ``report_as_plain`` made."""
    problem = of_plain(plain["problem"]) if plain["problem"] else None
    return FileReport(**{**plain, "path": Path(plain["path"]), "ignored": tuple(plain["ignored"]), "problem": problem})


def _plain(value: object) -> object:
    if isinstance(value, Words):
        return {"zh": value.zh, "en": value.en}
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)

"""Asking the mapping wizard about an upload: the reading child looks, limited like every reading, and answers."""

import logging
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from qingdan.core.message import Message
from qingdan.intake import consulting
from qingdan.intake.draft import Draft
from qingdan.intake.mapping_messages import refused, said
from qingdan.intake.messages import UnreadableFile, message
from qingdan.intake.reports import of_plain
from qingdan.intake.sandboxed import BrokenError, Child, Limits, Order, StoppedError

QUICK_SECONDS: Final = 20.0
"""How long a person who waits may have to."""
WHOLE_SECONDS: Final = 600.0
_MEMORY: Final = 2 << 30
_log: Final = logging.getLogger(__name__)

Told = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """The table that is meant: the upload's path, within an archive the table's name, and passwords to open it.

    ``given`` says that the person has just given one, so that one which does not fit is called wrong.
    """

    path: Path
    inner: str = ""
    passwords: Sequence[str] = ()
    given: bool = False

    def plain(self) -> dict[str, Any]:
        """Parts of a work order."""
        return {
            "path": str(self.path),
            "inner": self.inner,
            "passwords": list(self.passwords),
            "given": self.given,
        }


def ask_look(asked: Asked, *, sheet: str, header: int | None, past: Mapping[str, str]) -> dict[str, Any]:
    """Answer of ``wizard.look``, with ``tables`` (names in an archive), ``inner`` (the one seen) and ``size``.

    Raises ``UnreadableFile``.
    """
    question = {"sheet": sheet, "header": header, "past": dict(past)}
    return _ask(consulting.LOOK, asked, question, seconds=QUICK_SECONDS)


def ask_check(
    asked: Asked, draft: Draft, *, name: str, seconds: float = QUICK_SECONDS, told: Told | None = None
) -> dict[str, Any]:
    """Answer of ``wizard.check``; raises ``UnreadableFile``."""
    question = {"draft": draft.model_dump(mode="json"), "name": name}
    return _ask(consulting.CHECK, asked, question, seconds=seconds, told=told)


def _ask(
    task: str, asked: Asked, question: Mapping[str, Any], *, seconds: float, told: Told | None = None
) -> dict[str, Any]:
    name = asked.inner or asked.path.name
    limits = Limits(memory=_MEMORY, seconds=seconds, seconds_a_mb=0.0)
    answer: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="asked-") as folder:
        order = Order(task, Path(folder), {**asked.plain(), **question})
        try:
            with Child(order, size=0, limits=limits) as child:
                for event in child.events(lambda: None):
                    if event["event"] == "unreadable":
                        raise UnreadableFile(_said(event))
                    if event["event"] == "answer":
                        answer = event["answer"]
                    elif told and event["event"] == "progress":
                        told(float(event["share"]))
        except StoppedError as stopped:
            _log.warning("The mapping wizard's child was stopped: %s", stopped.why)
            if stopped.why == "memory":
                raise UnreadableFile(message("file_too_heavy", file=name)) from stopped
            raise refused("mapping.too_slow" if stopped.why == "time" else "mapping.broken", file=name) from stopped
        except BrokenError as broken:
            _log.exception("The mapping wizard failed over a file")
            raise refused("mapping.broken", file=name) from broken
    return answer


def _said(told: Mapping[str, Any]) -> Message:
    """Message of the wizard or of intake, as the child told it."""
    return said(told["id"], **told["params"]) if told["id"].startswith("mapping.") else of_plain(told)

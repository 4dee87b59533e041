"""Reading an uploaded list in the limited child process."""

import logging
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from qingdan.core.message import Message
from qingdan.customers import reading
from qingdan.customers.messages import message
from qingdan.customers.reading import ListRead
from qingdan.intake.messages import UnreadableFile
from qingdan.intake.reports import of_plain
from qingdan.intake.sandboxed import BrokenError, Child, Limits, Order, StoppedError

LIMITS: Final = Limits(memory=1 << 30, address_space=4 << 30, seconds=20.0, seconds_a_mb=1.0)
"""A person waits for the answer, and a list has at most ``reading.LIMIT`` bytes."""
_log: Final = logging.getLogger(__name__)


def read(path: Path, kind: str, *, name: str) -> ListRead:
    """Read the list at ``path``; raises ``UnreadableFile`` with what to do."""
    with tempfile.TemporaryDirectory(prefix="list-") as place:
        folder = Path(place)
        order = Order(reading.TASK, folder, {"path": str(path), "name": name, "kind": str(kind)})
        try:
            with Child(order, size=path.stat().st_size, limits=LIMITS) as child:
                for event in child.events(lambda: None):
                    if event["event"] == "unreadable":
                        raise UnreadableFile(_said(event))
        except StoppedError as stopped:
            _log.warning("A customer list stopped the reading child: %s", stopped.why)
            raise UnreadableFile(message("customers.stopped", file=name)) from stopped
        except BrokenError as broken:
            _log.exception("A customer list could not be read")
            raise UnreadableFile(message("customers.broken", file=name)) from broken
        return reading.answered(folder)


def _said(told: Mapping[str, Any]) -> Message:
    """Message of this room or of intake, as the child told it."""
    return message(told["id"], **told["params"]) if told["id"].startswith("customers.") else of_plain(told)

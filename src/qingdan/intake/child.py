"""The process that reads uploaded bytes: ``python -m qingdan.intake.child``, started by ``sandboxed``.

It knows no Django, no database and no secret. Its work order comes as one JSON line on stdin, what it did goes as JSON
lines to stdout, and frames lie as Arrow files in a folder of its own. It ends when stdin does, so it never outlives
the process that started it.
"""

import ctypes
import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, TextIO

import polars as pl

from qingdan.channels.mapping import Channel
from qingdan.core.features import Known
from qingdan.core.policy import compile_policy, load_policy
from qingdan.customers import reading as lists
from qingdan.finance import reading as bills
from qingdan.intake import consulting
from qingdan.intake.assembling import NothingReadError, Tuning, open_drop
from qingdan.intake.decide import review
from qingdan.intake.messages import UnreadableFile
from qingdan.intake.reports import Progress, as_plain, of_plain, report_as_plain
from qingdan.intake.spool import as_arrow, of_arrow

_FRAMES_SHOWN: Final = 12
_SET_DEATH_SIGNAL: Final = 1
Tell = Callable[[Mapping[str, Any]], None]


class RefusedFiles:
    """Refused rows as Arrow files in a folder, one a block."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: dict[int, list[Path]] = {}
        self.rows = 0

    def put(self, file: int, rows: pl.DataFrame) -> None:
        """See ``reading.Refused.put``."""
        kept = self._kept.setdefault(file, [])
        path = self._folder / f"refused-{file}-{len(kept)}.arrow"
        path.write_bytes(as_arrow(rows))
        kept.append(path)

    def discard(self, file: int) -> None:
        """See ``reading.Refused.discard``."""
        for path in self._kept.pop(file, []):
            path.unlink()

    def names(self) -> list[str]:
        """Names of the files that are left, in the order of what they hold."""
        return [path.name for _, paths in sorted(self._kept.items()) for path in paths]


def decide(order: Mapping[str, Any], tell: Tell) -> None:
    """Read, assemble and review the files of a work order; see ``sandboxed.Order`` for its parts."""
    folder = Path(order["folder"])
    as_of = datetime.fromisoformat(order["as_of"])
    compiled = compile_policy(load_policy(order["policy"], source="policy"))
    refused = RefusedFiles(folder)
    with open_drop(
        [Path(file["path"]) for file in order["files"]],
        shop=order["shop"],
        as_of=as_of,
        known=_known(folder),
        mappings=tuple(map(Channel.model_validate, order["mappings"])),
        passwords=order["passwords"],
        digests={Path(file["path"]): file["sha256"] for file in order["files"]},
        given_up={name: of_plain(told) for name, told in order["given_up"].items()},
        refused=refused,
        progress=partial(_progress, tell),
        tuning=Tuning(folder=folder, **order["tuning"]),
    ) as drop:
        tell(
            {
                "event": "assembled",
                "orders": drop.orders,
                "files": [report_as_plain(report) for report in drop.files],
                "notices": [{"file": one.file, **as_plain(one.message)} for one in drop.notices],
                "refunds_told": sorted(drop.refunds_told),
                "sums": drop.sums,
                "refused": refused.names(),
            }
        )
        finish = partial(review, compiled=compiled, as_of=as_of, zone=order["zone"])
        for number, part in enumerate(drop.parts(finish)):
            for kind, frame in (("orders", part.orders), ("lines", part.lines)):
                target = folder / f"{kind}-{number}.arrow"
                target.with_suffix(".new").write_bytes(as_arrow(frame))
                target.with_suffix(".new").replace(target)
            tell({"event": "part", "number": number, "orders": part.orders.height})


def _progress(tell: Tell, at: Progress) -> None:
    tell(
        {
            "event": "progress",
            "phase": at.phase,
            "file": at.file,
            "files_done": at.files_done,
            "files": at.files,
            "rows": at.rows,
            "share": round(at.share, 4),
        }
    )


def _known(folder: Path) -> Known:
    frames = {name: folder / f"known-{name}.arrow" for name in ("returns", "receivers", "usual")}
    return Known(**{name: of_arrow(path.read_bytes()) for name, path in frames.items()})


TASKS: Final[dict[str, Callable[[Mapping[str, Any], Tell], None]]] = {
    "decide": decide,
    bills.TASK: bills.read,
    lists.TASK: lists.work,
    consulting.LOOK: consulting.answer_look,
    consulting.CHECK: consulting.answer_check,
}


def limit(order: Mapping[str, Any]) -> None:
    """Bound what this process may take, where the system can: address space, core dumps, a parent that dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != order["parent"]:
            os._exit(0)
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - there is none on Windows

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if sys.platform == "linux":
            space = order["address_space"]
            resource.setrlimit(resource.RLIMIT_AS, (space, space))


def _end_with_parent(stream: TextIO) -> None:
    """Wait for the end of stdin, which is the end of the parent or its wish."""
    for _ in stream:
        pass
    os._exit(0)


def main() -> int:
    """Do one work order; anything that is no fault of a file is told as ``broken``, without what the file held."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)  # whatever else is printed is no message

    def tell(event: Mapping[str, Any]) -> None:
        out.write(json.dumps(event, ensure_ascii=False) + "\n")

    order = json.loads(sys.stdin.readline())
    limit(order)
    threading.Thread(target=_end_with_parent, args=[sys.stdin], daemon=True).start()
    try:
        TASKS[order["task"]](order, tell)
    except NothingReadError as error:
        files = [report_as_plain(report) for report in error.files]
        tell({"event": "unreadable", **as_plain(error.message), "files": files})
    except UnreadableFile as error:
        tell({"event": "unreadable", **as_plain(error.message)})
    except MemoryError:
        tell({"event": "memory"})
    except Exception as error:  # noqa: BLE001 - told to the parent, which decides
        frames = traceback.extract_tb(error.__traceback__)[-_FRAMES_SHOWN:]
        where = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
        tell({"event": "broken", "kind": type(error).__name__, "where": where})
    else:
        tell({"event": "done"})
    out.flush()
    os._exit(0)  # what was read is given back at once, without tidying a large heap


if __name__ == "__main__":
    main()

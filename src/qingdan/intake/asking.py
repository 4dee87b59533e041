"""Asking the mapping wizard about uploaded bytes in a process of its own, with limits of memory and time.

``python -m qingdan.intake.asking`` reads one question as JSON on its standard input and answers in JSON lines on its
standard output: ``{"progress": 0.4}`` while it works, then ``{"answer": …}`` or ``{"refused": …}``.
"""

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from qingdan.core.message import Message, Words
from qingdan.intake.draft import Draft
from qingdan.intake.mapping_messages import refused
from qingdan.intake.messages import UnreadableFile
from qingdan.intake.wizard import check, look

QUICK_SECONDS: Final = 20
"""How long a person who waits may have to."""
WHOLE_SECONDS: Final = 600
_MEMORY: Final = 3 << 30

Told = Callable[[float], None]


def ask_look(path: Path, *, sheet: str, header: int | None, past: Mapping[str, str]) -> dict[str, Any]:
    """``wizard.look`` in a process of its own; raises ``UnreadableFile``."""
    question = {"look": {"path": str(path), "sheet": sheet, "header": header, "past": dict(past)}}
    return _ask(question, path, seconds=QUICK_SECONDS)


def ask_check(
    path: Path, draft: Draft, *, name: str, seconds: float = QUICK_SECONDS, told: Told | None = None
) -> dict[str, Any]:
    """``wizard.check`` in a process of its own; raises ``UnreadableFile``."""
    question = {"check": {"path": str(path), "draft": draft.model_dump(mode="json"), "name": name}}
    return _ask(question, path, seconds=seconds, told=told)


def _ask(question: dict[str, Any], path: Path, *, seconds: float, told: Told | None = None) -> dict[str, Any]:
    command = [sys.executable, "-m", __name__]
    with subprocess.Popen(  # noqa: S603 - our own module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8"
    ) as child:
        late = threading.Event()

        def stop() -> None:
            late.set()
            child.kill()

        alarm = threading.Timer(seconds, stop)
        alarm.start()
        try:
            last = _converse(child, question, told)
        finally:
            alarm.cancel()
            child.kill()
    if "answer" in last:
        return dict(last["answer"])
    if "refused" in last:
        raise UnreadableFile(_message(last["refused"]))
    raise refused("mapping.too_slow" if late.is_set() else "mapping.broken", file=path.name)


def _converse(child: subprocess.Popen[str], question: dict[str, Any], told: Told | None) -> dict[str, Any]:
    if child.stdin is None or child.stdout is None:
        raise RuntimeError("the child was started without pipes")
    last: dict[str, Any] = {}
    with contextlib.suppress(BrokenPipeError):
        json.dump(question, child.stdin)
        child.stdin.close()
    for line in child.stdout:
        with contextlib.suppress(json.JSONDecodeError):
            last = json.loads(line)
            if told and "progress" in last:
                told(float(last["progress"]))
    return last


def _message(kept: Mapping[str, str]) -> Message:
    """Message as the child said it; its places are filled already."""

    def plain(text: str) -> str:
        return text.replace("{", "{{").replace("}", "}}")

    return Message(
        kept["id"],
        Words(plain(kept["zh"]), plain(kept["en"])),
        Words(plain(kept["advice_zh"]), plain(kept["advice_en"])),
    )


def _limit_memory() -> None:
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - Windows has no such module

    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def _say(**said: Any) -> None:
    sys.stdout.write(json.dumps(said, ensure_ascii=True, default=str) + "\n")
    sys.stdout.flush()


def _answer(question: Mapping[str, Any]) -> dict[str, Any]:
    if wanted := question.get("look"):
        return look(Path(wanted["path"]), sheet=wanted["sheet"], header=wanted["header"], past=wanted["past"])
    wanted = question["check"]
    draft = Draft.model_validate(wanted["draft"])
    return check(Path(wanted["path"]), draft, name=wanted["name"], told=lambda share: _say(progress=share))


def main() -> None:
    """Answer one question."""
    _limit_memory()
    question = json.load(sys.stdin)
    try:
        _say(answer=_answer(question))
    except UnreadableFile as error:
        _say(refused=error.message.record())


if __name__ == "__main__":
    main()

"""Passwords of protected files on the command line: given as options, else asked for on a terminal."""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from qingdan.core.message import Language, Words
from qingdan.intake import archives, sniff, zips

PASSWORD: Final = click.option(
    "--password",
    "passwords",
    multiple=True,
    help="打开加密文件的密码，可写多次 Password to try on protected files; repeatable.",
)
_ASK: Final = Words("{said} 密码（直接回车跳过）", "{said} Password (empty to skip)")


def unlocked(paths: Sequence[Path], given: Sequence[str], language: Language) -> tuple[str, ...]:
    """Return the passwords to read ``paths`` with, asking for those that are missing when a person is there to ask."""
    known = list(given)
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return tuple(known)
    for path in paths:
        for wrong in range(10):
            locked = _locked(path, known, asked=wrong > 0)
            if locked is None:
                break
            prompt = _ASK.text(language, {"said": locked.message.text(language)})
            answer = click.prompt(prompt, default="", hide_input=True, show_default=False, err=True)
            if not answer:
                break
            known.append(answer)
    return tuple(known)


def _locked(path: Path, passwords: Sequence[str], *, asked: bool) -> archives.Problem | None:
    with path.open("rb") as stream:
        start = stream.read(8)
    if not (zips.is_zip(start) or start.startswith(sniff.OLE)):
        return None
    with tempfile.TemporaryDirectory() as folder:
        found = archives.expand(path, passwords, Path(folder), asked=asked)
    return next((one for one in found if isinstance(one, archives.Problem) and one.protected), None)

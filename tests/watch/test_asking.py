"""A person at a terminal is asked for the password of a protected export, unseen, until it fits."""

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
import pyzipper

from qingdan.sandbox.samples import write_sample

SECRET = "tb-8842"


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, *command: str) -> None:
        self._line, theirs = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "qingdan", *command],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.shown = ""

    def wait_for(self, text: str) -> None:
        until = time.monotonic() + 60
        start = len(self.shown)
        while text not in self.shown[start:] and time.monotonic() < until:
            if not self._read():
                break
        assert text in self.shown[start:], self.shown

    def type(self, text: str) -> None:
        os.write(self._line, f"{text}\n".encode())

    def end(self) -> int:
        while self._read():
            pass
        os.close(self._line)
        return self._process.wait(60)

    def _read(self) -> bool:
        if not select.select([self._line], [], [], 60)[0]:
            return False
        try:
            found = os.read(self._line, 1 << 16)
        except OSError:  # the other end is closed
            return False
        self.shown += found.decode("utf-8", errors="ignore")
        return bool(found)


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    write_sample("s2", tmp_path, seed=11, count=20)
    export = next(tmp_path.glob("*.csv"))
    path = tmp_path / "locked.zip"
    with pyzipper.AESZipFile(path, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(SECRET.encode())
        archive.write(export, "orders.csv")
    return path


@pytest.mark.process
def test_a_wrong_password_is_said_so_and_asked_again_and_none_is_shown(locked: Path) -> None:
    terminal = Terminal("review", str(locked), "--lang", "en")
    terminal.wait_for("Password")
    terminal.type("wrong-one")
    terminal.wait_for("not the password")
    terminal.type(SECRET)
    assert terminal.end() == 0, terminal.shown
    assert SECRET not in terminal.shown
    assert "wrong-one" not in terminal.shown


@pytest.mark.process
def test_an_empty_answer_leaves_the_file_out(locked: Path) -> None:
    terminal = Terminal("review", str(locked), "--lang", "en")
    terminal.wait_for("Password")
    terminal.type("")
    assert terminal.end() == 2

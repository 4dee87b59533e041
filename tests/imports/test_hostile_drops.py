"""Uploads that would hurt, through a worker: it stays up, says why, and the other files go on."""

import datetime as dt
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import hostile_files
import psutil
import pytest
from django.conf import settings
from django.db import connection

from qingdan.intake import actions, runner, sandboxed
from qingdan.intake.models import Import, State
from qingdan.orders.actors import Actor

AS_OF = dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.UTC)
NewImport = Callable[..., Import]


def drop(merchant: int, paths: list[Path]) -> Import:
    uploads = [actions.Upload(path.name, path.open("rb")) for path in paths]
    made = actions.create_import(merchant, uploads, actor=Actor("user", "1", "李主管"), as_of=AS_OF, queue=False)
    for upload in uploads:
        upload.stream.close()
    return made


def problems(made: Import) -> dict[str, str]:
    return {
        file.name: report["problem"]["id"] for file in made.files.all() for report in file.reports if report["problem"]
    }


def orders(merchant: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM orders_order WHERE merchant_id = %s", [merchant])
        return int(cursor.fetchone()[0])


def spooled() -> list[Path]:
    return list(Path(settings.UPLOADS).with_name("spool").iterdir())


def test_hostile_files_are_refused_and_the_good_one_is_stored(merchant: int, export: Path, tmp_path: Path) -> None:
    """Every file of the list in one drop: each says why, in both languages and with advice, and the rest goes in."""
    expected, paths = {}, []
    for name, content, reason in hostile_files.files():
        path = tmp_path / name
        path.write_bytes(content)
        paths.append(path)
        expected[name] = reason
    middle = len(paths) // 2
    made = drop(merchant, [*paths[:middle], export, *paths[middle:]])
    assert runner.run(made.pk) is State.DONE
    made.refresh_from_db()
    assert problems(made) == expected
    for file in made.files.all():
        for told in (report["problem"] for report in file.reports if report["problem"]):
            assert file.name in told["zh"]
            assert file.name in told["en"]
            assert told["advice_zh"]
            assert told["advice_en"]
    assert orders(merchant) == made.new == 1200
    assert spooled() == []


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (sandboxed.Limits(memory=40 << 20), "file_too_heavy"),
        (sandboxed.Limits(seconds=0.0), "drop_too_slow"),
    ],
)
def test_a_child_that_takes_too_much_is_stopped(
    merchant: int, new_import: NewImport, monkeypatch: pytest.MonkeyPatch, limits: sandboxed.Limits, reason: str
) -> None:
    monkeypatch.setattr(runner, "limits", lambda: limits)
    made = new_import(merchant)
    assert runner.run(made.pk) is State.FAILED
    made.refresh_from_db()
    assert made.error["id"].split("_", 1)[1] == reason.split("_", 1)[1]
    assert made.error["advice_zh"]
    assert made.error["advice_en"]
    assert spooled() == []


@pytest.mark.process
def test_a_child_that_is_killed_is_started_once_more(merchant: int, new_import: NewImport) -> None:
    made, killed = new_import(merchant), []

    def told(phase: str, *_: int) -> None:
        if phase == "reading" and not killed:
            [child] = [one for one in psutil.Process().children() if "qingdan.intake.child" in one.cmdline()]
            killed.append(child.pid)
            child.send_signal(signal.SIGKILL)

    assert runner.run(made.pk, told=told) is State.DONE
    made.refresh_from_db()
    assert killed
    assert (made.new, made.state) == (1200, State.DONE)


@pytest.mark.process
def test_a_child_ends_with_its_worker_and_has_no_secrets(
    merchant: int, new_import: NewImport, start_process: Callable[[int, int], subprocess.Popen[bytes]]
) -> None:
    made = new_import(merchant)
    worker = start_process(made.pk, 100)
    seen: list[psutil.Process] = []
    while worker.poll() is None and not seen:
        seen = [p for p in psutil.Process(worker.pid).children() if "qingdan.intake.child" in p.cmdline()]
        time.sleep(0.01)
    assert seen
    environment = seen[0].environ()
    worker.kill()
    worker.wait()
    assert not {"DATABASE_URL", "QINGDAN_HOME", "QINGDAN_SECRET_KEY", "PGPASSWORD"} & environment.keys()
    gone, left = psutil.wait_procs(seen, timeout=20)
    assert gone
    assert not left


def test_an_import_that_took_three_workers_down_is_given_up(merchant: int, new_import: NewImport) -> None:
    made = new_import(merchant)
    for _ in range(runner.ATTEMPTS):
        assert actions.claim(made.pk) is not None
        Import.objects.filter(pk=made.pk).update(lease_until="2020-01-01T00:00Z")
    assert runner.run(made.pk) is State.FAILED
    made.refresh_from_db()
    assert made.error["id"] == "import_gave_up"


def test_cancelling_stops_child_and_writers(merchant: int, new_import: NewImport) -> None:
    made, cancelled = new_import(merchant), threading.Event()

    def told(phase: str, *_: int) -> None:
        if phase == "storing" and not cancelled.is_set():
            cancelled.set()
            actions.cancel(made.pk, merchant=merchant)

    assert runner.run(made.pk, told=told) in {State.CANCELLED, State.DONE}
    assert not [one for one in psutil.Process().children() if "qingdan.intake.child" in one.cmdline()]
    assert spooled() == []

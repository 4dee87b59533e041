"""A watched folder: finished files only, each imported once whatever happens to the process."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import openpyxl
import pytest
import pyzipper
from click.testing import CliRunner
from django.conf import settings
from django.db import connection

from qingdan.cli.review import review, shop_zone
from qingdan.cli.watching import Desk
from qingdan.intake.dropfolder import Settling, waiting
from qingdan.intake.models import Import
from qingdan.orders.actions import ensure_merchant
from qingdan.orders.models import Order, OrderEvent
from qingdan.sandbox.samples import write_sample


@pytest.fixture(scope="session")
def export(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("sample")
    write_sample("s2", folder, seed=11, count=300)
    return next(folder.glob("*.csv")).read_bytes()


@pytest.fixture
def desk(transactional_db: None, tmp_path: Path) -> Desk:
    home = ensure_merchant(f"商家{uuid4()}").pk
    folder = tmp_path / "收件"
    folder.mkdir()
    return Desk(folder, merchant=home, shop=None, passwords=(), language="zh", zone=shop_zone())


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_only_a_file_that_nobody_writes_any_more_is_taken(tmp_path: Path) -> None:
    now = [0.0]
    settling = Settling(5, lambda: now[0])
    (tmp_path / "a.csv").write_bytes(b"1")
    (tmp_path / "empty.csv").touch()
    for litter in (".hidden.csv", "~$a.xlsx", "b.csv.part", "c.xlsx.crdownload", "Thumbs.db", "d.TMP"):
        (tmp_path / litter).write_bytes(b"1")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link.csv").symlink_to(tmp_path / "a.csv")
    assert [path.name for path in waiting(tmp_path)] == ["a.csv", "empty.csv"]
    assert settling.finished(tmp_path) == []
    now[0] = 4
    (tmp_path / "a.csv").write_bytes(b"12")
    assert settling.finished(tmp_path) == []
    now[0] = 8.9
    assert settling.finished(tmp_path) == []
    now[0] = 9
    assert settling.finished(tmp_path) == [tmp_path / "a.csv"]
    now[0] = 60
    assert set(settling.finished(tmp_path)) == {tmp_path / "a.csv", tmp_path / "empty.csv"}


def test_a_file_is_imported_and_put_away_with_a_report(desk: Desk, export: bytes) -> None:
    (desk.folder / "订单.csv").write_bytes(export)
    lines = export.decode("utf-8-sig").splitlines(keepends=True)
    broken = lines[0] + lines[1].replace(lines[1].split(",")[0], "6.91793E+18", 1) + lines[2]
    (desk.folder / "坏行.csv").write_text(broken, encoding="utf-8-sig")
    (desk.folder / "考勤.csv").write_text("工号,姓名\n1,2\n", encoding="utf-8")
    for path in waiting(desk.folder):
        assert desk.take(path)
    done, refused = desk.folder / "done", desk.folder / "refused"
    assert names(done) == ["坏行.csv", "坏行.csv.报告.txt", "坏行.csv.拒收.xlsx", "订单.csv", "订单.csv.报告.txt"]
    assert names(refused) == ["考勤.csv", "考勤.csv.报告.txt"]
    assert (done / "订单.csv").read_bytes() == export
    report = (done / "订单.csv.报告.txt").read_text("utf-8-sig")
    assert "平台：抖音" in report
    assert "新增" in report
    [sheet] = openpyxl.load_workbook(done / "坏行.csv.拒收.xlsx").worksheets
    titles = [cell.value for cell in sheet[1]]
    assert titles[:2] == ["【原因】", "【怎么办】"]
    assert titles[5:] == [title.strip('"') for title in lines[0].strip().split(",")]
    assert "拒收 1 行" in (done / "坏行.csv.报告.txt").read_text("utf-8-sig")
    assert "表头" in (refused / "考勤.csv.报告.txt").read_text("utf-8-sig")
    assert waiting(desk.folder) == []
    assert names(desk.folder / ".qingdan") == []


def test_the_same_file_twice_is_one_import(desk: Desk, export: bytes) -> None:
    for name in ("订单.csv", "订单副本.csv", "订单.csv"):
        (desk.folder / name).write_bytes(export)
        for path in waiting(desk.folder):
            desk.take(path)
    assert Import.objects.filter(merchant_id=desk.merchant).count() == 1
    done = desk.folder / "done"
    assert [n for n in names(done) if n.endswith(".csv")] == ["订单 (2).csv", "订单.csv", "订单副本.csv"]
    assert "已经导入过" in (done / "订单副本.csv.报告.txt").read_text("utf-8-sig")
    assert "已经导入过" not in (done / "订单.csv.报告.txt").read_text("utf-8-sig")


def test_what_was_refused_may_be_put_there_again(desk: Desk) -> None:
    for name in ("a.csv", "b.csv"):
        (desk.folder / name).write_text("工号,姓名\n1,2\n", encoding="utf-8")
        desk.take(desk.folder / name)
    assert Import.objects.filter(merchant_id=desk.merchant).count() == 2


Watch = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(desk: Desk) -> Iterator[Watch]:
    """Start the real command on the folder of ``desk``."""
    at = connection.settings_dict
    account = f"{quote(at['USER'])}:{quote(at['PASSWORD'])}"
    url = f"postgresql://{account}@/{at['NAME']}?host={quote(at['HOST'] or '', safe='')}&port={at['PORT']}"
    environment = {**os.environ, "DATABASE_URL": url, "QINGDAN_HOME": str(Path(settings.UPLOADS).parent)}
    name = name_of(desk.merchant)
    started: list[subprocess.Popen[str]] = []

    def run(*options: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "qingdan", "watch", str(desk.folder), "--merchant", name, "--settle", "0.2"]
        process = subprocess.Popen(
            [*command, "--interval", "0.1", *options],
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def name_of(merchant: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM orders_merchant WHERE id = %s", [merchant])
        return str(cursor.fetchone()[0])


def lapse(desk: Desk) -> None:
    """Pass the time after which a dead worker's import is taken over."""
    running = Import.objects.filter(merchant_id=desk.merchant, state__in=["reading", "storing"])
    running.update(lease_until="2020-01-01T00:00Z")


@pytest.mark.process
def test_a_killed_watcher_loses_nothing_and_imports_once(desk: Desk, export: bytes, start: Watch) -> None:
    lines = export.decode("utf-8-sig").splitlines(keepends=True)
    for number in range(3):
        part = lines[0] + "".join(lines[1 + number :: 3])
        (desk.folder / f"{number}.csv").write_text(part, encoding="utf-8-sig")
    chance = random.Random(5)  # noqa: S311 - a plan of kills, not a secret
    goals = (chance.randint(0, 90), chance.randint(100, 190))
    for goal in goals:
        process = start()
        while process.poll() is None:
            stored = Order.objects.filter(merchant_id=desk.merchant).count()
            begun = Import.objects.filter(merchant_id=desk.merchant).count()
            if begun and stored >= goal:
                process.send_signal(signal.SIGKILL)
                break
            time.sleep(0.002)
        process.wait()
        lapse(desk)
    last = start("--once")
    assert last.wait(60) == 0
    assert Import.objects.filter(merchant_id=desk.merchant, state="done").count() == 3
    assert Import.objects.filter(merchant_id=desk.merchant).count() == 3
    assert [n for n in names(desk.folder / "done") if n.endswith(".csv")] == ["0.csv", "1.csv", "2.csv"]
    assert len([n for n in names(desk.folder / "done") if n.endswith(".txt")]) == 3
    orders = Order.objects.filter(merchant_id=desk.merchant)
    assert orders.count() == len({line.split(",")[0] for line in lines[1:]})
    events = OrderEvent.objects.filter(merchant_id=desk.merchant, version=1)
    assert events.count() == orders.count()


@pytest.mark.process
def test_a_watcher_that_is_asked_to_stop_stops(desk: Desk, export: bytes, start: Watch) -> None:
    process = start()
    (desk.folder / ".订单.csv.tmp").write_bytes(export)
    (desk.folder / ".订单.csv.tmp").rename(desk.folder / "订单.csv")
    deadline = time.monotonic() + 60
    while not (desk.folder / "done" / "订单.csv").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert process.stdout
    assert "已停止" in process.stdout.read()


def test_a_protected_archive_is_opened_with_the_password_that_was_given(desk: Desk, export: bytes) -> None:
    with pyzipper.AESZipFile(desk.folder / "导出.zip", "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(b"abc123")
        archive.writestr("订单.csv", export)
    sealed = (desk.folder / "导出.zip").read_bytes()
    desk.take(desk.folder / "导出.zip")
    assert "密码" in (desk.folder / "refused" / "导出.zip.报告.txt").read_text("utf-8-sig")
    desk.passwords = ("no", "abc123")
    (desk.folder / "导出.zip").write_bytes(sealed)
    desk.take(desk.folder / "导出.zip")
    assert (desk.folder / "done" / "导出.zip").exists()
    assert Order.objects.filter(merchant_id=desk.merchant).exists()


def test_review_opens_protected_files_with_a_password(tmp_path: Path, export: bytes) -> None:
    with pyzipper.AESZipFile(tmp_path / "导出.zip", "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(b"abc123")
        archive.writestr("订单.csv", export)
    without = CliRunner().invoke(review, [str(tmp_path / "导出.zip")])
    assert (without.exit_code, "密码" in without.output) == (2, True)
    wrong = CliRunner().invoke(review, [str(tmp_path / "导出.zip"), "--password", "abc"])
    assert (wrong.exit_code, "密码不对" in wrong.output) == (2, True)
    assert CliRunner().invoke(review, [str(tmp_path / "导出.zip"), "--password", "abc123"]).exit_code == 0

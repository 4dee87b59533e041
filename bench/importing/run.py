"""A million rows from file to stored orders: time, memory of each process, and what happens when it is disturbed.

Each import runs in a process of its own, as a worker does, against an embedded server of its own with durable settings.
``QINGDAN_BENCH_ROWS`` makes the files smaller. Every wait has an end, so the whole has one: an import that takes longer
than ``LIMIT`` is killed and its row says so by its value. Each step says on stderr that it begins.
"""

import contextlib
import csv
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import psutil
import psycopg
import xlsxwriter

ROWS = int(os.environ.get("QINGDAN_BENCH_ROWS", "1000000"))
SHEET_ROWS, SHEET_COLUMNS = ROWS // 5, 60
KILLS = 10
LIMIT = 60 + ROWS / 1000
"""Seconds that one import may take before it is given up: a million rows have some 17 minutes."""
_AS_OF = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def measure() -> list[dict[str, Any]]:
    """Rows of name, value, unit, target, peer and ratio."""
    with tempfile.TemporaryDirectory() as name, _server(Path(name)):
        samples = import_module("qingdan.sandbox.samples")
        folder, rows = Path(name), []
        for channel, encoding in (("taobao", "GB18030"), ("pdd", "UTF-8 with BOM")):
            path = folder / f"{channel}.csv"
            samples.write_bench_csv(path, channel, ROWS, seed=1)
            rows += _imported(path, f"import: {ROWS:,}-row CSV, {encoding}", ROWS, seconds=45, child=1024)
            path.unlink()
        path, small = folder / "taobao.xlsx", folder / "small.csv"
        samples.write_bench_csv(small, "taobao", SHEET_ROWS, seed=2)
        _as_workbook(small, path)
        rows += _imported(path, f"import: {SHEET_ROWS:,} × {SHEET_COLUMNS} XLSX", SHEET_ROWS, seconds=45, child=2048)
        rows += _disturbed(small)
        return rows


@contextlib.contextmanager
def _server(folder: Path) -> Iterator[None]:
    os.environ["QINGDAN_HOME"] = str(folder)
    os.environ.pop("DATABASE_URL", None)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingdan.web.settings")
    server = import_module("qingdan.web.database").Server(folder / "postgres")
    os.environ["DATABASE_URL"] = server.start()
    try:
        import_module("django").setup()
        import_module("django.core.management").call_command("migrate", verbosity=0)
        yield
    finally:
        import_module("django.db").connections.close_all()
        server.release()
        # the files go with the folder, so wait for the server
        _until(lambda: server.layout.postmaster() is None, seconds=120)


def _row(
    name: str, value: float, unit: str, target: float | None, peer: tuple[str, float] | None = None
) -> dict[str, Any]:
    ratio = round(value / peer[1], 3) if peer else None
    return {"name": name, "value": value, "unit": unit, "target": target, "peer": peer and peer[0], "ratio": ratio}


def _say(text: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {text} …", file=sys.stderr, flush=True)


def _imported(path: Path, name: str, rows: int, *, seconds: float, child: int) -> list[dict[str, Any]]:
    merchant = _merchant()
    _say(name)
    with _looking(merchant) as looked:
        first = _worked(_create(merchant, path))
    if first["state"] != "done":
        return [_row(f"{name}: not done, {first['state']}", first["seconds"], "s", seconds)]
    _say("  raw COPY of the same rows")
    raw = import_module("bench.store.run")._raw_copy(merchant)  # noqa: SLF001 - the same measure
    made = [
        _row(f"{name}: stored", first["seconds"], "s", seconds),
        _row(f"{name}: stored", rows / first["seconds"], "rows/s", None, (f"raw COPY {raw:,.0f}", raw)),
        _row(f"{name}: read and assembled", first["reading"], "s", None),
        _row(f"{name}: peak memory of the child", first["child_mib"], "MiB", child),
        _row(f"{name}: peak memory of the worker", first["worker_mib"], "MiB", 1024),
        _row(f"{name}: CPU of child and worker", first["child_cpu"] + first["worker_cpu"], "s", None),
        _row(f"{name}: order list meanwhile, p99", looked()[0], "ms", 300),
    ]
    _say("  the same file again")
    second_drop = _create(merchant, path)
    second = _worked(second_drop)
    row = import_module("qingdan.intake.models").Import.objects.get(pk=second_drop)
    return [
        *made,
        _row(f"{name}: second import, {second['state']}", second["seconds"], "s", 15),
        _row(f"{name}: rows that the second import changed", row.new + row.changed, "rows", 0),
    ]


def _merchant() -> int:
    merchant = import_module("qingdan.orders.actions").ensure_merchant(f"bench {time.time_ns()}").pk
    import_module("qingdan.policies.actions").ensure_live(merchant)
    return int(merchant)


def _create(merchant: int, path: Path) -> int:
    intake = import_module("qingdan.intake.actions")
    actor = import_module("qingdan.orders.actors").Actor("system", "bench", "bench")
    with path.open("rb") as stream:
        upload = intake.Upload(path.name, stream)
        return int(intake.create_import(merchant, [upload], actor=actor, as_of=_AS_OF, queue=False).pk)


def _start(drop: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bench.importing.worker", str(drop)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own


def _worked(drop: int) -> dict[str, Any]:
    """What the worker told of an import; its state is ``too slow`` when it was given up."""
    with _start(drop) as worker:
        try:
            out, _ = worker.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            worker.kill()
            return {"state": "too slow", "seconds": LIMIT}
    told: dict[str, Any] = json.loads(out.splitlines()[-1])
    return told


@contextlib.contextmanager
def _looking(merchant: int) -> Iterator[Callable[[], tuple[float, int]]]:
    """Ask for the order list all the while; what is yielded gives p99 in ms and how often it was asked."""
    people, rights = import_module("qingdan.people.actions"), import_module("qingdan.people.rights")
    user = people.create_user(
        login=f"bench{merchant}",
        name="bench",
        merchant_id=merchant,
        roles=[rights.Role.SUPERVISOR],
        password=f"bench {merchant} 0123456789",
    )
    client = import_module("django.test").Client(headers={"host": "localhost"})
    client.force_login(user)
    took: list[float] = []
    stop = threading.Event()

    def look() -> None:
        try:
            while not stop.wait(0.1):
                began = time.perf_counter()
                assert client.get("/api/orders?size=50").status_code == 200
                took.append((time.perf_counter() - began) * 1000)
        finally:
            import_module("django.db").connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield lambda: (sorted(took)[int(len(took) * 0.99)] if took else 0.0, len(took))
    finally:
        stop.set()
        thread.join()


def _as_workbook(source: Path, target: Path) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with (
        xlsxwriter.Workbook(str(target), options) as book,
        source.open(encoding="gb18030", newline="") as stream,
    ):
        sheet = book.add_worksheet()
        for number, cells in enumerate(csv.reader(stream)):
            for column, cell in enumerate(cells[:SHEET_COLUMNS]):
                sheet.write_string(number, column, cell.removeprefix('="').removesuffix('"') or "-")


def _disturbed(path: Path) -> list[dict[str, Any]]:
    """Cancel in each phase, and kill worker or child at random points and run again."""
    name = f"import: {SHEET_ROWS:,}-row CSV"
    return [*(_cancelled(path, name, phase) for phase in ("reading", "storing")), _killed(path, name)]


def _cancelled(path: Path, name: str, phase: str) -> dict[str, Any]:
    _say(f"{name}: cancelled while {phase}")
    merchant = _merchant()
    drop = _create(merchant, path)
    with _start(drop) as worker:
        try:
            met = _until(lambda: _state(drop) not in {"queued", *{"reading"}.difference({phase})})
            time.sleep(min(1.0, ROWS / 1_000_000))
            asked = time.perf_counter()
            import_module("qingdan.intake.actions").cancel(drop, merchant=merchant)
            ended = met and _until(lambda: _state(drop) in {"cancelled", "done", "failed"})
            took = time.perf_counter() - asked if ended else LIMIT
        finally:
            if not _until(lambda: worker.poll() is not None, seconds=10):
                worker.kill()
    how = "" if _state(drop) == "cancelled" else f" (too late: {_state(drop)})"
    return _row(f"{name}: cancelled while {phase}{how}", took, "s", 2.0)


def _killed(path: Path, name: str) -> dict[str, Any]:
    """Whether the table is the undisturbed one after ``KILLS`` kills, of the worker and of its child in turns."""
    _say(f"{name}: undisturbed")
    undisturbed = _merchant()
    whole = _worked(_create(undisturbed, path))["seconds"]
    want, merchant, dice = _digest(undisturbed), _merchant(), random.Random(11)  # noqa: S311 - a bench
    drop, rows = _create(merchant, path), import_module("qingdan.intake.models").Import.objects
    same = True
    for number in range(KILLS):
        _say(f"{name}: kill {number + 1} of {KILLS}")
        with _start(drop) as worker:
            time.sleep(dice.uniform(0.3, whole))
            victims = psutil.Process(worker.pid).children() if number % 2 and worker.poll() is None else []
            for victim in victims:
                with contextlib.suppress(psutil.NoSuchProcess):
                    victim.kill()
            if victims:  # the worker starts another child and goes on, so take it down as well a little later
                time.sleep(dice.uniform(0.1, 1.0))
            worker.kill()
        # a lease runs a minute; nobody gives an import up that a bench kills
        rows.filter(pk=drop, state__in=["reading", "storing"]).update(lease_until="2020-01-01T00:00Z", lapses=0)
        if _state(drop) == "done":
            same &= _digest(merchant) == want
            merchant = _merchant()
            drop = _create(merchant, path)
    ended = _worked(drop)["state"]
    same &= ended == "done" and _digest(merchant) == want
    return _row(f"{name}: killed {KILLS} times, then the same table", float(same), "1 is yes", 1.0)


def _until(test: Callable[[], bool], *, seconds: float = LIMIT) -> bool:
    """Whether ``test`` came true in time."""
    late = time.monotonic() + seconds
    while not test():
        if time.monotonic() > late:
            return False
        time.sleep(0.01)
    return True


def _state(drop: int) -> str:
    return str(import_module("qingdan.intake.models").Import.objects.get(pk=drop).state)


def _digest(merchant: int) -> str:
    """Digest of a merchant's orders but for ids and the times of writing."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        rows = connection.execute(
            "SELECT channel, order_no, stage, verdict, tier, reasons, version, paid_amount, same_receiver_count, "
            "amount_vs_usual, returns_30d, goods_title, receiver_key FROM orders_order WHERE merchant_id = %s "
            "ORDER BY channel, order_no",
            [merchant],
        )
        digest = hashlib.sha256()
        for row in rows:
            digest.update(repr(row).encode())
    return digest.hexdigest()


if __name__ == "__main__":
    for one in measure():
        print(one)

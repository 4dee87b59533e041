"""From a file to stored orders with lines, events and counters, beside raw COPY of the same rows in the same run."""

import gc
import io
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg

ORDERS = 60_000
ROUNDS = 3
_AS_OF = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def measure() -> list[dict[str, Any]]:
    """Rows of name, value, unit, target, peer and ratio; durable settings, an embedded server of its own."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["QINGDAN_HOME"] = folder
        os.environ.pop("DATABASE_URL", None)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingdan.web.settings")
        server = import_module("qingdan.web.database").Server(Path(folder) / "postgres")
        os.environ["DATABASE_URL"] = server.start()
        try:
            import_module("django").setup()
            import_module("django.core.management").call_command("migrate", verbosity=0)
            return _measure(Path(folder))
        finally:
            import_module("django.db").connections.close_all()
            server.release()
            layout = server.layout
            while layout.postmaster() is not None:  # the files go with the folder, so wait for the server
                time.sleep(0.05)


def _measure(folder: Path) -> list[dict[str, Any]]:
    samples = import_module("qingdan.sandbox.samples")
    samples.write_sample("s2", folder / "sample", seed=3, count=ORDERS)
    files = sorted((folder / "sample").glob("*.csv"))
    stored = [_store(files) for _ in range(ROUNDS)]
    again = _timed(lambda: _import(stored[-1][0], files))
    raw = _raw_copy(stored[-1][0])
    rate = statistics.median(orders / seconds for _, orders, seconds in stored)
    orders = stored[-1][1]
    return [
        _row("store: file to stored orders, events and counters", rate, 25_000, raw),
        _row("store: the same file again, nothing changed", orders / again, None, raw),
        _row("store: raw COPY of the same order rows, no index or constraint", raw, None, None),
    ]


def _row(name: str, value: float, target: int | None, peer: float | None) -> dict[str, Any]:
    return {
        "name": name,
        "value": round(value),
        "unit": "orders/s",
        "target": target,
        "peer": f"raw COPY {peer:,.0f}" if peer else None,
        "ratio": round(value / peer, 3) if peer else None,
    }


def _timed(work: Callable[[], object]) -> float:
    gc.collect()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _store(files: list[Path]) -> tuple[int, int, float]:
    """Import into a merchant of its own; return the merchant, how many orders, and the seconds it took."""
    actions = import_module("qingdan.orders.actions")
    merchant = actions.ensure_merchant(f"bench {time.time_ns()}").pk
    import_module("qingdan.policies.actions").ensure_live(merchant)
    seconds = _timed(lambda: _import(merchant, files))
    count = import_module("qingdan.orders.models").Order.objects.filter(merchant_id=merchant).count()
    return merchant, count, seconds


def _import(merchant: int, files: list[Path]) -> None:
    intake = import_module("qingdan.intake.actions")
    actor = import_module("qingdan.orders.actors").Actor("system", "bench", "bench")
    uploads = [intake.Upload(path.name, path.open("rb")) for path in files]
    made = intake.create_import(merchant, uploads, actor=actor, as_of=_AS_OF, queue=False)
    for upload in uploads:
        upload.stream.close()
    ended = import_module("qingdan.intake.runner").run(made.pk)
    assert ended == "done", ended


def _raw_copy(merchant: int) -> float:
    """Rows a second of COPY, of the very bytes that the store holds, into a table with nothing to keep."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        columns = connection.execute(
            "SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) FROM "
            "information_schema.columns WHERE table_name = 'orders_order' AND is_generated = 'NEVER'"
        ).fetchone()[0]
        buffer = io.BytesIO()
        chosen = f"SELECT {columns} FROM orders_order WHERE merchant_id = {merchant}"  # noqa: S608
        with connection.cursor().copy(f"COPY ({chosen}) TO STDOUT (FORMAT csv)") as copy:
            for part in copy:
                buffer.write(part)
        rates = []
        for _ in range(ROUNDS):
            connection.execute(f"CREATE TABLE raw AS {chosen} LIMIT 0")
            data = buffer.getbuffer()

            def load(data: memoryview = data) -> None:
                with connection.cursor().copy(f"COPY raw ({columns}) FROM STDIN (FORMAT csv)") as copy:
                    for start in range(0, len(data), 1 << 17):
                        copy.write(data[start : start + (1 << 17)])

            seconds = _timed(load)
            rates.append(connection.execute("SELECT count(*) FROM raw").fetchone()[0] / seconds)
            connection.execute("DROP TABLE raw")
    return statistics.median(rates)

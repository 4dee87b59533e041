"""Measures export file → decided orders, without a database, beside bare parsers that read the same file."""

import csv
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import polars as pl

from qingdan.core.policy import compile_policy, load_policy
from qingdan.data.policies import starter_text
from qingdan.intake.batch import read_batch
from qingdan.intake.decide import decide_files
from qingdan.sandbox.samples import write_bench_csv

ORDERS: Final = 200_000
ROUNDS: Final = 3
TARGET: Final = 100_000
AS_OF: Final = datetime(2026, 11, 12, tzinfo=UTC)
CHANNELS: Final = ("douyin", "pdd", "jd", "taobao")


def measure() -> list[dict[str, Any]]:
    """Entries for the benchmark table: best of three rounds, the file in the page cache as after an upload."""
    policy = compile_policy(load_policy(starter_text()))
    entries: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for channel in CHANNELS:
            path = Path(folder) / f"{channel}.csv"
            rows = write_bench_csv(path, channel, ORDERS, seed=1)
            encoding = "gb18030" if channel in {"jd", "taobao"} else "utf-8-sig"
            read = _best(partial(read_batch, [path], as_of=AS_OF))
            decided = _best(partial(decide_files, [path], policy, shop=None, as_of=AS_OF, zone="Asia/Shanghai"))
            python = _best(partial(_csv_module, path, encoding), rounds=1)
            name = f"{channel} CSV ({encoding}, {rows / ORDERS:.2f} rows an order)"
            entries += [
                _entry(f"{name} → orders", ORDERS / read, None),
                _entry(f"{name} → decided", ORDERS / decided, TARGET),
                _entry(f"{name} → decided", ORDERS / decided, TARGET, "csv.DictReader, parse only", python / decided),
            ]
            if encoding != "gb18030":
                polars = _best(partial(pl.read_csv, path, infer_schema=False))
                entries.append(
                    _entry(f"{name} → decided", ORDERS / decided, TARGET, "pl.read_csv, parse only", polars / decided)
                )
            path.unlink()
    return entries


def _csv_module(path: Path, encoding: str) -> int:
    with path.open(encoding=encoding, newline="") as stream:
        return sum(1 for _ in csv.DictReader(stream))


def _best(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def _entry(
    name: str, value: float, target: float | None, peer: str | None = None, ratio: float | None = None
) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": "orders/s", "target": target, "peer": peer, "ratio": ratio}


if __name__ == "__main__":
    for one in measure():
        print(one)

"""Measures the policy engine beside its peers, all in one run on the same orders and the same rules."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import polars as pl

from bench.policy import peers
from bench.policy.orders import AS_OF, make_orders
from qingdan.core.policy import Compiled, compile_policy, load_policy, masks_columns, masks_one, review_columns
from qingdan.core.policy.columns import TRUE_MASK
from qingdan.core.policy.review import outcome_of

ROWS: Final = 1_000_000
SINGLE_ROWS: Final = 20_000
CHECKED_ROWS: Final = 1_000
PEER_SECONDS: Final = 2.0
ROUNDS: Final = 5

Row = dict[str, Any]


def compiled() -> Compiled:
    """Benchmark policy: twelve realistic rules, a scope and a tier table of three rows."""
    path = Path(__file__).with_name("bench_policy.yaml")
    return compile_policy(load_policy(path.read_text(encoding="utf-8"), source=path.name))


def measure() -> list[dict[str, Any]]:
    """Entries for the benchmark table. Peers' masks are compared with ours before anything is timed."""
    policy = compiled()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.parquet"
        frame = make_orders(ROWS)
        frame.write_parquet(path)
        columns = {threads: _in_process(path, threads) for threads in (1, 2)}
        duck = {threads: _duckdb(policy, frame, threads, Path(folder)) for threads in (1, 2)}
    head = frame[:SINGLE_ROWS]
    rows, plain_rows = head.to_dicts(), [peers.plain(row) for row in head.iter_rows(named=True)]
    truth = policy.columns.masks(policy.columns.booleans(head, AS_OF))[TRUE_MASK].to_list()
    rates = _peer_rates(policy, plain_rows, truth)
    masks = _p50(rows, lambda order: masks_one(policy, order, AS_OF))
    reasons = _p50(rows, lambda order: outcome_of(policy, *masks_one(policy, order, AS_OF)).reasons)
    entries: list[dict[str, Any]] = []
    for threads, target in ((1, 5_000_000), (2, 10_000_000)):
        rate = ROWS / columns[threads]["masks"]
        cores = "1 core" if threads == 1 else "2 cores"
        entries.append(_entry(f"policy columns, {cores}", rate, "orders/s", target))
        entries.append(
            _entry(f"policy columns, {cores}", rate, "orders/s", target, "DuckDB SQL", rate / (ROWS / duck[threads]))
        )
        entries.append(_entry(f"policy verdicts, {cores}", ROWS / columns[threads]["review"], "orders/s", None))
    for name, rate in rates.items():
        ours = ROWS / columns[1]["masks"]
        entries.append(_entry("policy columns, 1 core", ours, "orders/s", 5_000_000, name, ours / rate))
    entries.append(_entry("policy one order, masks p50", masks, "µs", 2.0))
    entries.append(_entry("policy one order, reasons p50", reasons, "µs", 5.0))
    for name, rate in rates.items():
        entries.append(_entry("policy one order, masks p50", masks, "µs", 2.0, name, 1e6 / rate / masks))
    return entries


def _entry(  # noqa: PLR0917 - the columns of the table
    name: str, value: float, unit: str, target: float | None, peer: str | None = None, ratio: float | None = None
) -> dict[str, Any]:
    value, ratio = round(value, 2), None if ratio is None else round(ratio, 2)
    return {"name": name, "value": value, "unit": unit, "target": target, "peer": peer, "ratio": ratio}


def _peer_rates(policy: Compiled, rows: list[Row], truth: list[int]) -> dict[str, float]:
    """Orders a second of each peer that works on one order at a time."""
    made: dict[str, peers.Peer] = {
        "hand-written Python": peers.hand_written,
        "cel-expr-python": peers.cel_peer(policy.policy),
        "zen-engine": peers.zen_peer(policy.policy),
        "rule-engine": peers.rule_engine_peer(policy.policy),
    }
    rates = {}
    for name, peer in made.items():
        compared = rows[:CHECKED_ROWS]
        wrong = [i for i, row in enumerate(compared) if peer(row) & _rules(policy) != truth[i] & _rules(policy)]
        if wrong:
            raise AssertionError(f"{name} differs on {len(wrong)} of {len(compared)} orders, first {wrong[0]}")
        rates[name] = _rate(rows, peer)
    return rates


def _duckdb(policy: Compiled, frame: pl.DataFrame, threads: int, folder: Path) -> float:
    run, counts = peers.duckdb_columns(policy.policy, frame, threads, folder)
    seconds = _best(run, 3)
    ours = masks_columns(policy, frame, AS_OF).select(pl.all().fill_null(value=False).sum()).row(0)
    if counts() != list(ours):
        raise AssertionError(f"DuckDB counts {counts()} but ours are {ours}")
    return seconds


def _rules(policy: Compiled) -> int:
    return (1 << len(policy.policy.rules)) - 1


def _rate(rows: list[Row], peer: peers.Peer) -> float:
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < PEER_SECONDS:
        for row in rows[done % len(rows) : done % len(rows) + 100]:
            peer(row)
        done += 100
    return done / (time.perf_counter() - start)


def _p50(rows: list[Row], call: Callable[[Mapping[str, object]], object]) -> float:
    """Median microseconds of one call, the best of a few passes so that a busy neighbour does not count."""
    medians = []
    for _ in range(ROUNDS):
        taken = []
        for row in rows:
            start = time.perf_counter_ns()
            call(row)
            taken.append(time.perf_counter_ns() - start)
        medians.append(statistics.median(taken) / 1_000)
    return min(medians)


def _best(call: Callable[[], object], rounds: int = ROUNDS) -> float:
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return best


def _in_process(path: Path, threads: int) -> dict[str, float]:
    """Best seconds in a process whose Polars has ``threads`` threads: the number is fixed when Polars is loaded."""
    environment = {**os.environ, "POLARS_MAX_THREADS": str(threads)}
    command = [sys.executable, "-m", "bench.policy.run", str(path)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)  # noqa: S603
    result: dict[str, float] = json.loads(done.stdout)
    return result


def main() -> int:
    """Time the columns of a frame file when one is given, else print the whole table."""
    if len(sys.argv) > 1:
        policy, frame = compiled(), pl.read_parquet(sys.argv[1]).rechunk()
        masks = _best(lambda: masks_columns(policy, frame, AS_OF))
        review = _best(lambda: review_columns(policy, frame, AS_OF), 2)
        print(json.dumps({"masks": masks, "review": review}))
        return 0
    for entry in measure():
        print("  ".join(f"{key}={value}" for key, value in entry.items() if value is not None))
    return 0


if __name__ == "__main__":
    sys.exit(main())

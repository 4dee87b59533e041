"""Run the benchmarks: print one table and write bench/results.json.

Each benchmark package has ``run.measure() -> list[dict]`` with name, value, unit, target, peer and ratio, and measures
its peers in the same run.
"""

import argparse
import json
import os
import platform
import sys
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
PARTS = ("policy", "intake", "store", "backtest", "finance", "priority", "forecast", "diagnosis")
LONG = ("importing", "simulation", "relay", "mining", "desk", "board")
"""Parts that take many minutes; measured when named, or with ``--all``."""


def main() -> int:
    """Measure the named parts (all but the long ones by default) and report."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"which of {', '.join((*PARTS, *LONG))}")
    parser.add_argument("--all", action="store_true", help=f"the long parts, too: {', '.join(LONG)}")
    given = parser.parse_args()
    parts = given.parts or ((*PARTS, *LONG) if given.all else PARTS)
    results = []
    for part in parts:
        print(f"measuring {part} …", file=sys.stderr, flush=True)
        results += import_module(f"bench.{part}.run").measure()
    table = Table(title=f"Qingdan on {platform.processor() or platform.machine()}, {os.cpu_count()} cores")
    for column in ("name", "value", "unit", "target", "peer", "ratio"):
        table.add_column(column, justify="left" if column in {"name", "unit", "peer"} else "right")
    for row in results:
        table.add_row(*(_cell(row.get(c)) for c in ("name", "value", "unit", "target", "peer", "ratio")))
    Console(width=150).print(table)
    (HERE / "results.json").write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.2f}" if abs(value) < 1000 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


if __name__ == "__main__":
    sys.exit(main())

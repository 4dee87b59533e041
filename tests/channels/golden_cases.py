"""Golden cases: a folder of export files beside ``expected.json``, the whole canonical batch that they must become.

``python tests/channels/golden_cases.py FOLDER`` writes ``expected.json`` of a new folder; read it before committing it.
"""

import json
import sys
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from qingdan.intake.batch import Batch, read_batch

GOLDEN = Path(__file__).parent / "golden"
AS_OF = datetime(2026, 11, 12, tzinfo=UTC)


def folders() -> list[Path]:
    return sorted(path for path in GOLDEN.glob("*/*") if path.is_dir())


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.name != "expected.json")


@cache
def read(folder: Path) -> Batch:
    return read_batch(files(folder), as_of=AS_OF)


def read_twice(folder: Path) -> Batch:
    """The folder's files dropped twice in one go."""
    return read_batch([*files(folder), *files(folder)], as_of=AS_OF)


def plain(batch: Batch) -> dict[str, Any]:
    """A batch as JSON values; times in UTC, amounts in fen."""
    return {
        "files": [
            {
                "name": report.name,
                "channel": report.channel,
                "kind": report.kind,
                "generation": report.generation,
                "rows": report.rows,
                "orders": report.orders,
                "refused": report.refused,
                "container": report.container,
                "encoding": report.encoding,
            }
            for report in batch.files
        ],
        "orders": _rows(batch.orders),
        "lines": _rows(batch.lines),
        "refused": _rows(batch.refused.select("file", "sheet", "row", "column", "value", "reason")),
        "notices": [[notice.file, notice.message.id] for notice in batch.notices],
    }


def _rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    times = [name for name, kind in frame.schema.items() if kind == pl.Datetime("us", "UTC")]
    return frame.with_columns(pl.col(times).dt.strftime("%Y-%m-%dT%H:%M:%SZ")).to_dicts()


def main(arguments: list[str]) -> None:
    for folder in map(Path, arguments):
        text = json.dumps(plain(read(folder)), ensure_ascii=False, indent=1)
        (folder / "expected.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

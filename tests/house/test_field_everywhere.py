"""A row added to the field catalogue appears everywhere: columns, rules, store, API, screens, exports, docs."""

import json
import subprocess
import sys
from pathlib import Path

from qingdan.core.columns import LINE_SCHEMA, ORDER_SCHEMA
from qingdan.core.fields import CATALOGUE, LINE_FIELDS, ORDER_FIELDS, Scope, Source, Type

ROOT = Path(__file__).resolve().parents[2]
PROBE = Path(__file__).with_name("probe_new_field.py")


def test_a_new_field_appears_everywhere(database_server: str) -> None:
    command = [sys.executable, PROBE, database_server, ROOT / "tools" / "docs.py"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen == dict.fromkeys(seen, True)
    assert set(seen) == {
        "columns",
        "rules zh",
        "rules en",
        "explanation",
        "store",
        "api",
        "order card",
        "export",
        "docs",
    }


def test_labels_are_complete_and_unique() -> None:
    for label in ("id", "zh", "en"):
        labels = [getattr(f, label) for f in CATALOGUE]
        assert len(set(labels)) == len(labels), label
        assert all(labels)
    for field in CATALOGUE:
        assert bool(field.values) == (field.type in {Type.ENUM, Type.ENUM_LIST}), field.id
        for label in ("id", "zh", "en"):
            values = [getattr(v, label) for v in field.values]
            assert len(set(values)) == len(values), field.id


def test_schemas_hold_every_field() -> None:
    assert set(ORDER_SCHEMA) == {f.id for f in ORDER_FIELDS if f.source is not Source.LEDGER}
    assert set(LINE_SCHEMA) == {"channel", "order_no"} | {f.id for f in LINE_FIELDS}
    assert {f.scope for f in CATALOGUE} == {Scope.ORDER, Scope.LINE}


def test_the_field_page_is_current() -> None:
    done = subprocess.run([sys.executable, ROOT / "tools" / "docs.py", "--check"], capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode()

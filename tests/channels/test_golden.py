"""Every header generation and quirk of a platform, as files, against the whole canonical batch."""

import json
from pathlib import Path

import golden_cases as cases
import pytest

from qingdan.channels.mapping import all_channels
from qingdan.core.columns import LINE_SCHEMA, ORDER_SCHEMA


@pytest.mark.parametrize("folder", cases.folders(), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_files_become_exactly_these_orders(folder: Path) -> None:
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    batch = cases.read(folder)
    assert dict(batch.orders.schema) == ORDER_SCHEMA
    assert dict(batch.lines.schema) == LINE_SCHEMA
    assert cases.plain(batch) == expected


def test_every_generation_of_every_channel_has_a_golden_file() -> None:
    seen = {
        (report.channel, report.kind, report.generation)
        for folder in cases.folders()
        for report in cases.read(folder).files
    }
    for channel in all_channels():
        for table in channel.tables:
            for generation in table.generations:
                assert (channel.channel, table.kind, generation.name) in seen


@pytest.mark.parametrize("folder", cases.folders(), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_the_same_files_twice_are_the_same_batch(folder: Path) -> None:
    once = cases.read(folder)
    again = cases.read_twice(folder)
    assert again.orders.equals(once.orders.select(again.orders.columns))
    assert again.lines.sort("order_no", "line_no").equals(once.lines.sort("order_no", "line_no"))

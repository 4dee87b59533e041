"""Every header generation and quirk of a platform, as files, against the whole canonical batch."""

import csv
import json
from pathlib import Path

import golden_cases as cases
import pytest

from qingdan.channels.mapping import Channel, all_channels
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


@pytest.mark.parametrize("channel", [one for one in all_channels() if one.tables], ids=lambda one: one.channel)
def test_every_word_of_a_channel_stands_in_a_golden_file(channel: Channel) -> None:
    """Status, refund, payment and flag words: ``every-word`` says what an order with each of them becomes."""
    cells = {
        cell.strip()
        for path in cases.GOLDEN.glob("*/every-word/*.csv")
        for row in csv.reader(_text(path).splitlines())
        for cell in row
    }
    words = channel.words
    told = [*words.states, *words.refunds, *words.pay_methods]
    told += [f"({prefix})" for prefix in words.prefixes]
    missing = [word for word in told if not any(cell == word or cell.startswith(f"{word}等") for cell in cells)]
    assert missing == []
    assert [word for word in words.flags if not cells & {word, f"{word}旗", f"{word}色"}] == []


def _text(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


@pytest.mark.parametrize("folder", cases.folders(), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_the_same_files_twice_are_the_same_batch(folder: Path) -> None:
    once = cases.read(folder)
    again = cases.read_twice(folder)
    assert again.orders.equals(once.orders.select(again.orders.columns))
    assert again.lines.sort("order_no", "line_no").equals(once.lines.sort("order_no", "line_no"))

"""Counting cells over bytes agrees with reading them one by one."""

import csv
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from qingdan.intake import records

CELL = st.text(st.sampled_from('ab,"\n;中 '), max_size=8)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(CELL, min_size=1, max_size=5), max_size=30),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.booleans(),
)
def test_every_record_is_found_with_its_cells(rows: list[list[str]], quoting: int, ended: bool) -> None:  # noqa: FBT001
    made = io.StringIO()
    csv.writer(made, quoting=quoting, lineterminator="\n").writerows(rows)  # type: ignore[arg-type]
    content = made.getvalue().encode()
    if not ended:
        content = content.removesuffix(b"\n")
    scanned = records.scan(content, ",")
    expected = list(csv.reader(io.StringIO(content.decode(), newline="")))
    assert scanned.cells.tolist() == [max(len(cells), 1) for cells in expected]
    again = [content[a:b].decode() for a, b in zip(scanned.starts, scanned.ends, strict=True)]
    assert [next(csv.reader(io.StringIO(text, newline="")), []) for text in again] == expected
    assert "".join(again).encode() == content


def test_a_record_longer_than_a_window_is_one_record() -> None:
    long = "长\n" * 400_000
    content = f'a,"{long}",c\nd,e,f\n'.encode() * 2
    scanned = records.scan(content, ",")
    assert scanned.cells.tolist() == [3, 3, 3, 3]
    assert content[scanned.starts[3] : scanned.ends[3]] == b"d,e,f\n"


@given(st.lists(st.lists(CELL.map(lambda c: c.replace("\n", "")), min_size=3, max_size=3), min_size=1, max_size=8))
def test_mending_what_is_not_broken_changes_nothing(rows: list[list[str]]) -> None:
    made = io.StringIO()
    csv.writer(made, lineterminator="\n").writerows(rows)
    assert list(records.mend(made.getvalue().encode(), ",", 3)) == rows

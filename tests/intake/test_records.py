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
)
def test_every_record_is_found_with_its_cells(rows: list[list[str]], quoting: int) -> None:
    made = io.StringIO()
    csv.writer(made, quoting=quoting, lineterminator="\n").writerows(rows)  # type: ignore[arg-type]
    content = made.getvalue().encode()
    scanned = records.scan(content, ",")
    expected = list(csv.reader(io.StringIO(content.decode(), newline="")))
    assert scanned.cells.tolist() == [max(len(cells), 1) for cells in expected]
    again = [content[a:b].decode() for a, b in zip(scanned.starts, scanned.ends, strict=True)]
    assert [next(csv.reader(io.StringIO(text, newline="")), []) for text in again] == expected
    assert "".join(again).encode() == content


def cut(content: bytes, size: int, *, width: int = 3) -> tuple[bytes, list[int], list[tuple[int, list[str]]]]:
    """Clean text, its rows, and the mended records of a text that comes in blocks of ``size`` bytes."""
    blocks = [content[at : at + size] for at in range(0, len(content), size)]
    made = list(records.Cutter(",", width, 1).cut(blocks))
    return (
        b"".join(one.clean for one in made),
        [int(n) for one in made for n in one.numbers],
        [row for one in made for row in one.mended],
    )


def test_a_record_longer_than_a_window_is_one_record() -> None:
    long = "长" * 400_000 + "\n" * 900
    content = f'a,"{long}",c\nd,e,f\n'.encode() * 2
    assert cut(content, 1 << 18) == (content, [1, 2, 3, 4], [])


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from('ab,"\n;中'), max_size=300), st.integers(1, 40))
def test_blocks_do_not_change_what_becomes_of_a_record(text: str, size: int) -> None:
    assert cut(text.encode(), size) == cut(text.encode(), 1 << 20)


def test_a_quote_that_never_closes_spoils_its_own_row_only() -> None:
    rows = [f'a{n},"b\n{n}",c\n' for n in range(30_000)]
    rows[2] = 'x,"y,z\n'
    clean, numbers, mended = cut("".join(rows).encode(), 1 << 16)
    assert mended == [(3, ["x", "y,z\n"])]
    assert numbers == [1, 2, *range(4, 30_001)]
    assert clean == "".join(rows[:2] + rows[3:]).encode()


@given(st.lists(st.lists(CELL.map(lambda c: c.replace("\n", "")), min_size=3, max_size=3), min_size=1, max_size=8))
def test_mending_what_is_not_broken_changes_nothing(rows: list[list[str]]) -> None:
    made = io.StringIO()
    csv.writer(made, lineterminator="\n").writerows(rows)
    assert list(records.mend(made.getvalue().encode(), ",", 3)) == rows

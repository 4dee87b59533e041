"""One sheet, block by block: text rows to rows in the catalogue's terms, refused rows, and what is worth telling."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import polars as pl

from qingdan.channels.mapping import Table
from qingdan.core.fields import FIELDS
from qingdan.core.message import Message
from qingdan.intake import cells, joined, meaning, platforms, readers, refusals
from qingdan.intake.headers import Match
from qingdan.intake.messages import message

_WANTED: Final = ("platform_status", "paid_amount", "refund_state")
_ONE_BLOCK: Final = 256 << 20
_ABSENT: Final = {"platform_status": "platform_state"}
_SOURCES: Final = {"platform_status": {"status"}, "refund_state": {"refund_state", "refund_amount"}}
_PROBE: Final = 1 << 16
"""Bytes of a first look, which nearly always tells."""
_ROWS_SHOWN: Final = 5
_WORDS_SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class Block:
    """What became of one block of a sheet: rows of each channel, and the rows that can be no order.

    ``raw`` looks the latter up as they stand in the file.
    """

    rows: tuple[tuple[str, pl.DataFrame], ...]
    refused: pl.DataFrame
    height: int
    skipped: int
    problems: tuple[cells.Problem, ...]
    unknown: tuple[meaning.UnknownWords, ...]
    present: frozenset[str]
    raw: readers.Raw


@dataclass(frozen=True, slots=True)
class SheetReading:
    """A recognised sheet of file number ``number`` (named ``file``), ready to be read.

    ``shop`` names the shop of every row; without it the sheet's own column counts.
    """

    sheet: readers.Sheet
    match: Match
    file: str
    number: int
    shop: str | None

    @property
    def channel(self) -> str:
        """Platform or ERP, as its mapping names it."""
        return self.match.channel.channel

    @property
    def kind(self) -> str:
        """``order`` or ``item``."""
        return self.match.table.kind

    @property
    def generation(self) -> str:
        """Header generation, as the mapping names it."""
        return self.match.generation

    @property
    def foreign(self) -> bool:
        """Whether another than the platform wrote the sheet: an ERP, or the team itself."""
        return self.match.channel.name is None

    @property
    def table(self) -> Table:
        """What the mapping says of such sheets."""
        return self.match.table

    def told(self, tally: "Tally") -> list[Message]:
        """What is worth knowing about the sheet."""
        return tally.told(self.match)

    @property
    def titles(self) -> Sequence[str]:
        """Header as the file writes it."""
        return self.match.titles

    @property
    def positions(self) -> list[int]:
        """Positions of the columns that are read, ascending."""
        return cells.positions(self.match)

    @property
    def ignored(self) -> tuple[str, ...]:
        """Headers that nothing reads."""
        used = set(self.positions)
        return tuple(self.match.titles[i].strip() for i in self.match.headers.values() if i not in used)

    def blocks(self, size: int) -> Iterator[Callable[[], Block]]:
        """Blocks of about ``size`` bytes, at least one; each is read when it is called, on any thread."""
        if self.match.table.carried:
            size = _ONE_BLOCK  # a row may need the one above it
        cut = self._cut_by_a_spreadsheet(size)
        for body in self.sheet.bodies(self.match.row, self.positions, size=size):
            yield lambda body=body: self._read(body(), cut=cut)  # type: ignore[misc]

    def _cut_by_a_spreadsheet(self, size: int) -> bool:
        """Whether a saved spreadsheet spoiled all the order numbers; one that looks so is read once more to tell."""
        numbers = cells.order_numbers(self.match)
        for piece in (min(_PROBE, size), size):
            looks = refusals.Spoiled()
            for body in self.sheet.bodies(self.match.row, numbers, size=piece):
                looks.see(cells.read_order_numbers(self.match, body().frame))
                if not looks.likely:
                    return False
                if piece < size:
                    break
        return looks.certain

    def _read(self, body: readers.Body, *, cut: bool) -> Block:
        match, where = self.match, {"file": self.file, "sheet": self.sheet.name}
        read = cells.read(match, body.frame)
        sound, refused, skipped = refusals.split_orders(read.frame, match, cut=cut, **where)
        sound, unsplit = joined.split(sound, match.table)
        sound, strange = platforms.tell(sound, match.channel.words)
        refused = pl.concat(
            [
                refused,
                refusals.ragged_rows(body.ragged, match, **where),
                refusals.refuse(unsplit, "order_dimension", column=match.title("子订单编号"), **where),
                refusals.refuse(strange, "unknown_platform", column=platforms.title(match), **where),
            ]
        )
        rows = meaning.interpret(match, replace(read, frame=sound), file=self.number, shop=self.shop)
        parts = platforms.by_channel(rows.frame, match.channel)
        height = read.frame.height + len(body.ragged)
        return Block(parts, refused, height, skipped, read.problems, rows.unknown, read.columns, body.raw)


@dataclass(slots=True)
class Tally:
    """What the blocks of a sheet came to, added up in their order."""

    rows: int = 0
    refused: int = 0
    skipped: int = 0
    _problems: dict[tuple[str, int], cells.Problem] = field(default_factory=dict)
    _unknown: dict[tuple[int, str], Counter[str]] = field(default_factory=dict)
    _present: frozenset[str] = frozenset()

    def add(self, block: Block) -> None:
        """Count one block."""
        self.rows += block.height
        self.refused += block.refused.height
        self.skipped += block.skipped
        self._present |= block.present
        for problem in block.problems:
            before = self._problems.get(problem.place)
            rows = (*(before.rows if before else ()), *problem.rows)[:_ROWS_SHOWN]
            count = problem.count + (before.count if before else 0)
            self._problems[problem.place] = replace(problem, count=count, rows=rows)
        for words in block.unknown:
            self._unknown.setdefault((words.place, words.column), Counter()).update(dict(words.words))

    def told(self, match: Match) -> list[Message]:
        """What is worth knowing about the sheet."""
        problems = [
            message(p.id, column=p.column, count=p.count, rows="、".join(map(str, p.rows)))
            for _, p in sorted(self._problems.items())
        ]
        unknown = [
            message("unknown_words", column=column, words=_shown(counts))
            for (_, column), counts in sorted(self._unknown.items(), key=lambda item: item[0][0])
        ]
        told = [*problems, *unknown, *_missing(match, self._present)]
        if self.skipped:
            told.append(message("rows_skipped", count=self.skipped))
        return told


def _shown(counts: Counter[str]) -> str:
    ranked: Sequence[tuple[str, int]] = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return "、".join(f"{word}×{count}" for word, count in ranked[:_WORDS_SHOWN])


def _missing(match: Match, columns: frozenset[str]) -> list[Message]:
    """Notices about columns that the export leaves out and decisions need."""
    if match.table.kind != "order":
        return []
    told = []
    receiver = {"receiver_name", "receiver_phone", "region_text", "address", "province"}
    if not receiver & columns:
        told.append(message("no_receiver_columns"))
    elif not {"region_text", "address"} & columns:
        told.append(message("no_address_column"))
    told += [
        message("no_column", label=FIELDS[name].zh, label_en=FIELDS[name].en)
        for name in _WANTED
        if not _SOURCES.get(name, {name}) & columns and _ABSENT.get(name, name) not in match.table.absent
    ]
    return told

"""A drop of files, read in three passes so that memory holds blocks and parts and never the whole.

The first pass reads every file block by block and puts the rows aside, cut by their order number. The second makes
orders of each part, wherever in the files its rows stood, and gathers what orders tell of each other in a few narrow
columns. The third adds that to each part. With one block and one part this is plain reading, and any other number of
them gives the same orders.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

import polars as pl

from qingdan.channels.mapping import Channel, all_channels
from qingdan.core.columns import LINE_SCHEMA
from qingdan.core.features import (
    Across,
    Facts,
    Known,
    facts_of,
    gathered,
    with_batch,
    with_goods,
    with_own_features,
)
from qingdan.core.message import Message
from qingdan.data import remote_regions
from qingdan.intake import archives, assemble, ownreading, places, platforms, refusals, sniff
from qingdan.intake.messages import UnreadableFile, message
from qingdan.intake.readers import ROW
from qingdan.intake.reading import Piece, Reader, Refused, Source, sources
from qingdan.intake.reports import FileReport, Notice, Progress
from qingdan.intake.side_by_side import WORKERS, in_order
from qingdan.intake.spool import Disk, Memory, Store, buckets

_ORDERS: Final = "orders"
_LINES: Final = "lines"
_PLACE: Final = "place"
_ONE_SHEET: Final = 1 << 32
_ONE_GROUP: Final = 1 << 48


@dataclass(frozen=True, slots=True)
class Tuning:
    """Sizes of the work, in bytes of a text file. ``folder`` is where rows are put aside; without it in memory."""

    block: int = 16 << 20
    part: int = 24 << 20
    folder: Path | None = None
    workers: int = WORKERS


DEFAULT: Final = Tuning()


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the orders with all their lines; ``place`` is where each stood in the files, ascending."""

    orders: pl.DataFrame
    lines: pl.DataFrame
    place: pl.Series


class NothingReadError(UnreadableFile):
    """None of a drop's files could be read; ``files`` says why of each, ``message`` of the first."""

    def __init__(self, told: Message, files: Sequence[FileReport]) -> None:
        super().__init__(told)
        self.files = tuple(files)


class Collected:
    """Refused rows kept in memory."""

    def __init__(self) -> None:
        self._frames: dict[int, list[pl.DataFrame]] = {}

    def put(self, file: int, rows: pl.DataFrame) -> None:
        """See ``reading.Refused.put``."""
        self._frames.setdefault(file, []).append(rows)

    def discard(self, file: int) -> None:
        """See ``reading.Refused.discard``."""
        self._frames.pop(file, None)

    def frame(self) -> pl.DataFrame:
        """All of them in the order of the files."""
        frames = [frame for _, kept in sorted(self._frames.items()) for frame in kept]
        return pl.concat(frames) if frames else refusals.empty()


@contextmanager
def open_drop(
    paths: Sequence[Path],
    *,
    shop: str | None,
    as_of: datetime,
    known: Known,
    mappings: Sequence[Channel] = (),
    passwords: Sequence[str] = (),
    digests: Mapping[Path, str] | None = None,
    given_up: Mapping[str, Message] | None = None,
    refused: Refused,
    progress: Callable[[Progress], None] | None = None,
    tuning: Tuning = DEFAULT,
) -> Iterator["Drop"]:
    """Read a drop and hand it out; see ``batch.read_batch``. What was put aside goes at the end.

    ``digests`` are those that are known already; ``given_up`` names files that are not to be read, and why.
    """
    tell = progress or (lambda _: None)
    store: Store = Disk(tuning.folder) if tuning.folder else Memory()
    try:
        with sources(paths, passwords, tuning.folder, given_up or {}, tell) as found:
            count = _parts_of(found, tuning)
            reader = Reader(
                (*mappings, *all_channels()),
                shop,
                store,
                refused,
                buckets=count,
                block=tuning.block,
                workers=tuning.workers,
                digests=digests or {},
                tell=tell,
            )
            reader.read(found)
        if not reader.pieces and all(report.problem for report in reader.files):
            problems = [report.problem for report in reader.files if report.problem]
            raise NothingReadError(problems[0] if problems else message("file_missing", file=""), reader.files)
        drop = Drop(reader, as_of=as_of, known=known, tuning=tuning, tell=tell)
        drop.assemble()
        yield drop
        tell(Progress("done", "", len(found), len(found), reader.rows, 1.0))
    finally:
        store.close()


_PACKED: Final = 8
"""How many bytes of text one of a workbook makes, roughly."""


def _parts_of(found: Sequence[Source], tuning: Tuning) -> int:
    size = 0
    for source in found:
        if isinstance(source.inner, archives.Inner):
            with source.inner.path.open("rb") as stream:
                packed = stream.read(4) == sniff.ZIP
            size += source.inner.path.stat().st_size * (_PACKED if packed else 1)
    return max(1, min(_MOST_PARTS, -(-size // tuning.part)))


_MOST_PARTS: Final = 256


@dataclass(frozen=True, slots=True)
class _Made:
    """What the second pass made of one part."""

    orders: pl.DataFrame
    lines: pl.DataFrame
    facts: Facts
    remarks: tuple[tuple[int, assemble.Remark], ...]
    again: int
    counted: tuple[tuple[int, int], ...]


class Drop:
    """A drop that has been read: its reports, and its orders part by part."""

    def __init__(
        self, reader: Reader, *, as_of: datetime, known: Known, tuning: Tuning, tell: Callable[[Progress], None]
    ) -> None:
        self._reader = reader
        self._as_of = as_of
        self._known = known
        self._tuning = tuning
        self._tell = tell
        self._groups = _groups(reader.pieces)
        self._across: Across | None = None
        self._full: list[int] = []
        self.files: tuple[FileReport, ...] = ()
        self.notices: tuple[Notice, ...] = ()
        self.orders = 0
        self.refunds_told: frozenset[str] = frozenset()
        """Channels of which some line says how its refund stands."""
        self.sums = _sums(reader.pieces)
        """See ``joining.Sums``."""

    def assemble(self) -> None:
        """Make orders of all parts: the second pass."""
        reader = self._reader
        counted = [0] * len(reader.files)
        remarks: list[tuple[int, assemble.Remark]] = []
        again = 0
        facts: list[Facts] = []
        done = Progress("deciding", "", len(reader.files), len(reader.files), reader.rows)
        for number, made in enumerate(in_order(self._tasks(), workers=self._tuning.workers)):
            self._tell(replace(done, share=number / reader.buckets))
            self.orders += made.orders.height
            if made.orders.height or made.lines.height:
                self._full.append(number)
                reader.store.put(_ORDERS, number, made.orders)
                reader.store.put(_LINES, number, made.lines)
            facts.append(made.facts)
            again += made.again
            remarks += made.remarks
            for index, orders in made.counted:
                counted[index] += orders
            told = made.lines.filter(pl.col("line_refund_state").is_not_null())["channel"].unique()
            self.refunds_told |= frozenset(told.cast(pl.String).to_list())
        self._across = gathered(facts, self._known)
        self.files = tuple(replace(one, orders=n) for one, n in zip(reader.files, counted, strict=True))
        self.notices = (*reader.notices, *_notices(remarks, len(self._groups), again))

    def _tasks(self) -> Iterator[Callable[[], _Made]]:
        known = _by_bucket(self._known, self._reader.buckets)
        for number in range(self._reader.buckets):
            # The store is read here, on one thread.
            rows = [(piece, self._reader.store.take(piece.name, number)) for piece in self._reader.pieces]
            yield partial(_make, rows, self._groups, known[number], self._as_of)

    def parts(self, finish: Callable[[pl.DataFrame], pl.DataFrame] = lambda orders: orders) -> Iterator[Part]:
        """Orders part by part, each run through ``finish``: the third pass, which can be made once."""
        yield from in_order(self._finals(finish), workers=self._tuning.workers)

    def _finals(self, finish: Callable[[pl.DataFrame], pl.DataFrame]) -> Iterator[Callable[[], Part]]:
        across = self._across
        if across is None:
            raise RuntimeError("a drop is assembled before it is handed out")
        for number in self._full:
            orders, lines = (self._reader.store.take(name, number) for name in (_ORDERS, _LINES))
            if orders is not None and lines is not None:
                yield partial(_final, orders, lines, across, self._as_of, finish)


def _final(
    orders: pl.DataFrame,
    lines: pl.DataFrame,
    across: Across,
    as_of: datetime,
    finish: Callable[[pl.DataFrame], pl.DataFrame],
) -> Part:
    orders = with_batch(orders, across, as_of=as_of)
    return Part(finish(places.to_schema(orders)), lines, orders[_PLACE])


def _sums(pieces: Sequence[Piece]) -> dict[str, list[str]]:
    """Amounts that rows carry in parts, by channel, where every table of its orders has a row a line and agrees."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for piece in pieces:
        if piece.table is not None and piece.table.kind == "order":
            ways = piece.table.summed if piece.table.rows == "line" else ("",)
            found.setdefault(piece.channel, set()).add(ways)
    return {channel: list(next(iter(ways))) for channel, ways in found.items() if len(ways) == 1 and ways != {("",)}}


def _groups(pieces: Sequence[Piece]) -> dict[tuple[bool, str], int]:
    """Rows that are assembled together: platforms' own files first, then others', channels as they came."""
    keys = list(dict.fromkeys((piece.foreign, piece.channel) for piece in pieces))
    return {key: number for number, key in enumerate(sorted(keys, key=lambda key: key[0]))}


def _make(
    rows: Sequence[tuple[Piece, pl.DataFrame | None]],
    groups: Mapping[tuple[bool, str], int],
    known: Known,
    as_of: datetime,
) -> _Made:
    parts: dict[tuple[bool, str], list[assemble.Part]] = {key: [] for key in groups}
    counted = []
    ours = []
    for piece, frame in rows:
        if frame is None:
            continue
        counted.append((piece.report, frame["order_no"].n_unique()))
        if piece.table is None:
            ours.append(frame.with_columns(pl.lit(piece.sheet, pl.UInt32).alias(assemble.PART)))
            continue
        numbered = frame.with_columns(pl.lit(piece.sheet, pl.UInt32).alias(assemble.PART))
        conforming = assemble.conform(numbered, piece.table)
        parts[piece.foreign, piece.channel].append(assemble.Part(piece.table, conforming, piece.file))
    whole = {key: assemble.assemble(some) for key, some in parts.items()}
    remarks = tuple((groups[key], remark) for key, one in whole.items() for remark in one.remarks)
    own, others = ([one for (other, _), one in whole.items() if other is which] for which in (False, True))
    made, again = platforms.without_known(own, others)
    placed = [
        places.with_place(one.orders).with_columns(_place(number).alias(_PLACE)) for number, one in enumerate(made)
    ]
    orders = pl.concat(placed) if placed else places.with_place(pl.DataFrame(schema=assemble.ORDER_ROW))
    lines = pl.concat([one.lines for one in made]) if made else pl.DataFrame(schema=LINE_SCHEMA)
    orders = with_goods(places.with_payment(orders), lines)
    if ours:
        orders, lines, known_already = ownreading.added(orders, lines, ours, _place(len(made)).alias(_PLACE))
        again += known_already
    orders = with_own_features(orders, remote=remote_regions())
    lines = pl.concat([lines, *(one.joined for one in made)])
    return _Made(orders, lines, facts_of(orders, as_of=as_of, known=known), remarks, again, tuple(counted))


def _place(group: int) -> pl.Expr:
    """Where an order stands: its group, its sheet, its row, as one number."""
    sheet, row = pl.col(assemble.PART).cast(pl.UInt64), pl.col(ROW).cast(pl.UInt64)
    return sheet * _ONE_SHEET + row + group * _ONE_GROUP


def _by_bucket(known: Known, count: int) -> list[Known]:
    """The store's facts, each beside the part whose orders it may be about."""
    returns, receivers = (dict(buckets(frame, count)) for frame in (known.returns, known.receivers))
    return [
        replace(
            known,
            returns=returns.get(number, known.returns.clear()),
            receivers=receivers.get(number, known.receivers.clear()),
        )
        for number in range(count)
    ]


def _notices(remarks: Sequence[tuple[int, assemble.Remark]], groups: int, again: int) -> list[Notice]:
    told = [message("orders_known_from_platform", count=again)] if again else []
    for group in range(groups):
        told += assemble.told(remark for number, remark in remarks if number == group)
    return [Notice("", one) for one in told]

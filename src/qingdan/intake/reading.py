"""The first pass over a drop: every file block by block, its rows put aside by the hash of their order number."""

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Final, Protocol

import polars as pl

from qingdan.channels.mapping import Channel, Table
from qingdan.core.message import Message
from qingdan.intake import archives, headers, ownsheet, readers
from qingdan.intake.interpreting import SheetReading, Tally
from qingdan.intake.messages import UnreadableFile, message
from qingdan.intake.ownreading import OwnReading
from qingdan.intake.refusals import Keeping
from qingdan.intake.reports import FileReport, Notice, Progress
from qingdan.intake.side_by_side import in_order
from qingdan.intake.spool import Store, buckets

_TITLES_SHOWN: Final = 12
_PIECE: Final = 1 << 20


class Refused(Protocol):
    """Where refused rows go (``refusals.SCHEMA``), by the number of their file."""

    def put(self, file: int, rows: pl.DataFrame) -> None:
        """Keep rows of a file."""

    def discard(self, file: int) -> None:
        """Forget the rows of a file that turned out not to be readable."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows of one channel in one sheet, under ``name`` in the store.

    ``sheet`` counts the sheets of the drop; ``foreign`` says that another than the platform wrote the file (an ERP);
    ``report`` is the position of the sheet's report. ``table`` is None for a sheet of our own (``ownsheet``).
    """

    name: str
    sheet: int
    foreign: bool
    channel: str
    table: Table | None
    file: str
    report: int


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read: ``path`` as it was dropped, ``inner`` where its bytes lie and what it is called."""

    path: Path
    inner: archives.Inner | archives.Problem


@dataclass(slots=True)
class Reader:
    """Reads files into ``store``; what it learned stands in ``pieces``, ``files``, ``notices`` and ``rows``."""

    channels: Sequence[Channel]
    shop: str | None
    store: Store
    refused: Refused
    buckets: int
    block: int
    workers: int
    digests: Mapping[Path, str]
    tell: Callable[[Progress], None]
    pieces: list[Piece] = field(default_factory=list)
    files: list[FileReport] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    rows: int = 0
    keeping: Keeping = field(default_factory=Keeping)
    _sheets: int = 0

    def read(self, sources: Sequence[Source]) -> None:
        """Read the sources one after the other; what can not be read is reported and the others go on."""
        for number, source in enumerate(sources):
            told = Progress("reading", source.inner.name, number, len(sources), self.rows, number / len(sources))
            self.tell(told)
            marks = len(self.pieces), len(self.files), len(self.notices)
            try:
                self._read_file(source, number, told)
            except UnreadableFile as error:
                del self.pieces[marks[0] :], self.files[marks[1] :], self.notices[marks[2] :]
                self.refused.discard(number)
                self.files.append(_unread(source, error))

    @contextmanager
    def _digest(self, path: Path) -> Iterator[Future[str]]:
        # The digest is deaf to Python's lock, so it runs beside the reading.
        if known := self.digests.get(path):
            given: Future[str] = Future()
            given.set_result(known)
            yield given
            return
        unreadable = Event()
        with ThreadPoolExecutor(max_workers=1) as pool:
            try:
                yield pool.submit(_sha256, path, unreadable)
            except UnreadableFile:
                unreadable.set()
                raise

    def _read_file(self, source: Source, number: int, told: Progress) -> None:
        if isinstance(source.inner, archives.Problem):
            raise UnreadableFile(source.inner.message)
        with self._digest(source.path) as digest:
            first = len(self.files)
            self._read_sheets(source.path, source.inner, number, told)
            self.files[first:] = [replace(report, sha256=digest.result()) for report in self.files[first:]]

    def _read_sheets(self, path: Path, inner: archives.Inner, number: int, told: Progress) -> None:
        opened = readers.open_file(inner.path, inner.name)
        found = [
            (sheet, ownsheet.find(sheet.head) or headers.find(sheet.head, self.channels)) for sheet in opened.sheets
        ]
        if not any(match for _, match in found):
            seen = max((headers.widest(sheet.head) for sheet in opened.sheets), key=len, default=())
            columns = "、".join(title.strip() for title in list(seen)[:_TITLES_SHOWN] if title.strip()) or "—"
            raise UnreadableFile(message("unknown_layout", file=inner.name, columns=columns))
        skipped = [sheet.name for sheet, match in found if match is None]
        if skipped:
            self.notices.append(Notice(inner.name, message("sheets_skipped", sheets="、".join(skipped))))
        for sheet, match in found:
            if match is not None:
                reading = (
                    OwnReading(sheet, match, inner.name, number, opened.container)
                    if isinstance(match, ownsheet.Own)
                    else SheetReading(sheet, match, inner.name, number, self.shop)
                )
                report = FileReport(
                    path,
                    channel=reading.channel,
                    kind=reading.kind,
                    sheet=sheet.name,
                    generation=reading.generation,
                    ignored=reading.ignored,
                    container=opened.container.value,
                    encoding=opened.encoding,
                    inner=inner.name if inner.path != path else "",
                )
                self._read_sheet(reading, report, told)

    def _read_sheet(self, reading: SheetReading | OwnReading, report: FileReport, told: Progress) -> None:
        tally, known = Tally(), set[str]()
        size = report.path.stat().st_size
        before = self.rows
        blocks = in_order(reading.blocks(self.block), workers=self.workers)
        for number, block in enumerate(blocks, start=1):
            tally.add(block)
            if block.refused.height:
                kept = self.keeping.kept(block.refused, reading.titles, block.raw)
                self.refused.put(reading.number, kept)
            for channel, rows in block.rows:
                name = f"{self._sheets}:{channel}"
                if channel not in known:
                    known.add(channel)
                    place = len(self.files)
                    self.pieces.append(
                        Piece(name, self._sheets, reading.foreign, channel, reading.table, report.name, place)
                    )
                for bucket, some in buckets(rows, self.buckets):
                    self.store.put(name, bucket, some)
            self.rows = before + tally.rows
            inside = min(number * self.block / max(size, 1), 1.0)
            self.tell(replace(told, rows=self.rows, share=(told.files_done + inside) / told.files))
        self._sheets += 1
        self.notices += [Notice(report.name, one) for one in reading.told(tally)]
        self.files.append(replace(report, rows=tally.rows, refused=tally.refused))


def _unread(source: Source, error: UnreadableFile) -> FileReport:
    inner = source.inner
    within = inner.name if inner.name != source.path.name else ""
    protected = isinstance(inner, archives.Problem) and inner.protected
    return FileReport(source.path, problem=error.message, protected=protected, inner=within)


def _sha256(path: Path, stop: Event) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while not stop.is_set() and (piece := stream.read(_PIECE)):
            digest.update(piece)
    return digest.hexdigest()


@contextmanager
def sources(
    paths: Sequence[Path],
    passwords: Sequence[str],
    folder: Path | None,
    given_up: Mapping[str, Message],
    tell: Callable[[Progress], None],
) -> Iterator[list[Source]]:
    """Files to read at ``paths``, archives taken apart and protected files opened in a folder of their own."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="unpacked-") as place:
        found = []
        for number, path in enumerate(paths):
            tell(Progress("reading", path.name, 0, len(paths), 0))
            inside = Path(place) / f"{number}"
            inside.mkdir()
            whole = given_up.get(path.name)
            inner = [archives.Problem(path.name, whole)] if whole else archives.expand(path, passwords, inside)
            found += [Source(path, _unless(one, given_up)) for one in inner]
        yield found


def _unless(
    one: archives.Inner | archives.Problem, given_up: Mapping[str, Message]
) -> archives.Inner | archives.Problem:
    return archives.Problem(one.name, given_up[one.name]) if one.name in given_up else one

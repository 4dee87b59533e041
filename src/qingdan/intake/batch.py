"""A drop of export files as one batch of orders: the way in for the command line, the import job and the bench."""

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import polars as pl

from qingdan.channels.mapping import Channel, all_channels
from qingdan.core import address_text, region
from qingdan.core.address import is_masked
from qingdan.core.columns import LINE_SCHEMA, ORDER_SCHEMA
from qingdan.core.features import NOTHING_KNOWN, Known, with_features, with_goods
from qingdan.core.fields import FIELDS
from qingdan.core.message import Message
from qingdan.data import load_divisions, remote_regions
from qingdan.intake import assemble, cells, headers, joined, meaning, platforms, readers, refusals
from qingdan.intake.headers import Match
from qingdan.intake.messages import UnreadableFile, message

__all__ = ["Batch", "FileReport", "Known", "Notice", "Progress", "UnreadableFile", "read_batch"]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something worth knowing about a file that did not stop it; ``file`` is empty when it is about the whole drop."""

    file: str
    message: Message


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one sheet of one file.

    ``kind`` is ``order`` or ``item``, and ``unread`` for a file that could not be read (``problem`` says why).
    ``generation`` is the header generation as the mapping names it; ``ignored`` are the headers that nothing reads.
    """

    path: Path
    channel: str = ""
    kind: str = "unread"
    sheet: str = ""
    generation: str = ""
    ignored: tuple[str, ...] = ()
    rows: int = 0
    orders: int = 0
    refused: int = 0
    sha256: str = ""
    container: str = ""
    encoding: str = ""
    problem: Message | None = None

    @property
    def name(self) -> str:
        """File name without its folders."""
        return self.path.name


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch has come; ``phase`` is ``reading`` (a file), ``deciding`` (all of them) or ``done``."""

    phase: str
    file: str
    files_done: int
    files: int
    rows: int


@dataclass(frozen=True, slots=True)
class Batch:
    """A drop of files as orders.

    ``orders`` has exactly the columns of ``ORDER_SCHEMA``, ``lines`` those of ``LINE_SCHEMA`` (with lines of orders
    that are not in the batch), ``refused`` those of ``refusals.SCHEMA``.
    """

    orders: pl.DataFrame
    lines: pl.DataFrame
    refused: pl.DataFrame
    notices: tuple[Notice, ...]
    files: tuple[FileReport, ...]


@dataclass(slots=True)
class _Drop:
    """What has been gathered from the files so far.

    ``parts`` are keyed by whether another than the platform wrote the file (an ERP), and by channel.
    """

    parts: dict[tuple[bool, str], list[assemble.Part]]
    refused: list[pl.DataFrame]
    notices: list[Notice]
    files: list[FileReport]
    rows: int = 0


def read_batch(
    paths: Sequence[Path],
    *,
    shop: str | None = None,
    as_of: datetime,
    known: Known | None = None,
    mappings: Sequence[Channel] = (),
    progress: Callable[[Progress], None] | None = None,
) -> Batch:
    """Read exports of any known platform, in any mix, into one batch.

    ``shop`` names the shop of every order; without it the file's own shop column counts, else the channel's name.
    ``as_of`` (with zone) is the moment that features look back from; ``known`` are the store's facts; ``mappings`` are
    layouts that the merchant saved, asked after those of the platforms. A file that can not be read is reported among
    ``files`` and the others go on; ``UnreadableFile`` is raised when none could be.
    """
    tell = progress or (lambda _: None)
    drop = _Drop({}, [], [], [])
    for number, path in enumerate(paths):
        tell(Progress("reading", path.name, number, len(paths), drop.rows))
        try:
            _read_file(path, number, shop, drop, (*all_channels(), *mappings))
        except UnreadableFile as error:
            drop.files.append(FileReport(path, problem=error.message))
    problems = [report.problem for report in drop.files if report.problem]
    if not drop.parts and not drop.refused:
        raise UnreadableFile(problems[0] if problems else message("file_missing", file=""))
    tell(Progress("deciding", "", len(paths), len(paths), drop.rows))
    batch = _finish(drop, as_of=as_of, known=known or NOTHING_KNOWN)
    tell(Progress("done", "", len(paths), len(paths), drop.rows))
    return batch


def _read_file(path: Path, number: int, shop: str | None, drop: _Drop, channels: Sequence[Channel]) -> None:
    # The digest is deaf to Python's lock, so it runs beside the reading.
    with ThreadPoolExecutor(max_workers=1) as pool:
        _read_sheets(path, number, shop, drop, channels, digest=pool.submit(_sha256, path))


def _read_sheets(
    path: Path, number: int, shop: str | None, drop: _Drop, channels: Sequence[Channel], *, digest: Future[str]
) -> None:
    opened = readers.open_file(path)
    found = [(sheet, headers.find(sheet.head, channels)) for sheet in opened.sheets]
    if not any(match for _, match in found):
        seen = max((headers.widest(sheet.head) for sheet in opened.sheets), key=len, default=())
        columns = "、".join(title.strip() for title in list(seen)[:12] if title.strip()) or "—"
        raise UnreadableFile(message("unknown_layout", file=path.name, columns=columns))
    skipped = [sheet.name for sheet, match in found if match is None]
    if skipped:
        drop.notices.append(Notice(path.name, message("sheets_skipped", sheets="、".join(skipped))))
    for sheet, match in found:
        if match is not None:
            report = FileReport(
                path,
                channel=match.channel.channel,
                kind=match.table.kind,
                sheet=sheet.name,
                generation=match.generation,
                sha256=digest.result(),
                container=opened.container.value,
                encoding=opened.encoding,
            )
            drop.files.append(_read_sheet(sheet, match, report, drop, number=number, shop=shop))


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _read_sheet(
    sheet: readers.Sheet, match: Match, report: FileReport, drop: _Drop, *, number: int, shop: str | None
) -> FileReport:
    file = report.name
    positions = cells.positions(match)
    body = sheet.load(match.row, positions)
    read = cells.read(match, body.frame)
    sound, refused, skipped = refusals.split_orders(read.frame, match, file=file, sheet=sheet.name)
    sound, unsplit = joined.split(sound, match.table)
    sound, strange = platforms.tell(sound, match.channel.words)
    refusals_here = [
        refused,
        refusals.ragged_rows(body.ragged, match, file=file, sheet=sheet.name),
        refusals.refuse(unsplit, "order_dimension", file=file, sheet=sheet.name, column=match.title("子订单编号")),
        refusals.refuse(strange, "unknown_platform", file=file, sheet=sheet.name, column=platforms.title(match)),
    ]
    refused = pl.concat(refusals_here)
    rows = meaning.interpret(match, replace(read, frame=sound), file=number, shop=shop)
    several = bool(match.channel.words.platforms)
    for one in platforms.by_channel(rows.frame, match.channel.words):
        frame = assemble.conform(one, match.table)
        channel = str(one["channel"][0]) if several else match.channel.channel
        drop.parts.setdefault((several, channel), []).append(assemble.Part(match.table, frame, file))
    if refused.height:
        drop.refused.append(refused)
    drop.rows += read.frame.height
    told = [*_problems(read), *_unknown(rows), *_missing(match, read.columns)]
    if skipped:
        told.append(message("rows_skipped", count=skipped))
    drop.notices += [Notice(file, one) for one in told]
    return replace(
        report,
        ignored=tuple(match.titles[i].strip() for i in match.headers.values() if i not in set(positions)),
        rows=read.frame.height + len(body.ragged),
        orders=rows.frame.select("channel", "order_no").n_unique() if several else rows.frame["order_no"].n_unique(),
        refused=refused.height,
    )


def _problems(read: cells.Cells) -> list[Message]:
    return [message(p.id, column=p.column, count=p.count, rows="、".join(map(str, p.rows))) for p in read.problems]


def _unknown(rows: meaning.Rows) -> list[Message]:
    return [
        message("unknown_words", column=u.column, words="、".join(f"{w}×{n}" for w, n in u.words)) for u in rows.unknown
    ]


_WANTED: Final = ("platform_status", "paid_amount", "refund_state")
_SOURCES: Final = {"platform_status": {"status"}, "refund_state": {"refund_state", "refund_amount"}}


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
        if not _SOURCES.get(name, {name}) & columns and name not in match.table.absent
    ]
    return told


def _finish(drop: _Drop, *, as_of: datetime, known: Known) -> Batch:
    whole = {key: assemble.assemble(parts) for key, parts in drop.parts.items()}
    own, others = ([one for (other, _), one in whole.items() if other is which] for which in (False, True))
    made, again = platforms.without_known(own, others)
    notices = [
        *drop.notices,
        *(Notice("", told) for told in again),
        *(Notice("", told) for one in made for told in one.notices),
    ]
    lines = pl.concat([one.lines for one in made]) if made else pl.DataFrame(schema=LINE_SCHEMA)
    placed = [_with_place(one.orders) for one in made]
    orders = pl.concat(placed) if placed else _with_place(pl.DataFrame(schema=assemble.ORDER_ROW))
    orders = with_goods(_with_payment(orders), lines)
    lines = pl.concat([lines, *(one.joined for one in made)])
    orders = with_features(orders, as_of=as_of, remote=remote_regions(), known=known)
    refused = pl.concat(drop.refused) if drop.refused else refusals.empty()
    return Batch(_to_schema(orders), lines, refused, tuple(notices), tuple(drop.files))


_PLACES: Final = ("province", "city", "district", "town")


def _with_place(orders: pl.DataFrame) -> pl.DataFrame:
    """Regions in official names, from their own columns or from an address in one piece; masked or not."""
    divisions = load_divisions()
    whole = pl.col("region_text").is_not_null() | (
        pl.col("province").is_null() & pl.col("city").is_null() & pl.col("address").is_not_null()
    )
    whole_text = orders.select(whole=whole, text=pl.when(whole).then(pl.coalesce("region_text", "address")))
    if whole_text["whole"].any():
        orders = _take_apart(orders, _split_distinct(whole_text["text"], divisions))
    if whole_text["whole"].all():
        # What was taken apart is in official names already.
        known_province = pl.col("province").is_in(FIELDS["province"].value_ids)
        orders = orders.with_columns(country=region.country_of(pl.col("province"), known=known_province))
    else:
        orders = orders.with_columns(region.resolve(orders.select(*_PLACES, "address"), divisions))
    hidden = [is_masked(pl.col(name)) for name in ("receiver_name", "receiver_phone", "address")]
    return orders.with_columns(
        pl.col("country").cast(ORDER_SCHEMA["country"]),
        pl.col("province").cast(ORDER_SCHEMA["province"], strict=False),
        receiver_masked=pl.any_horizontal(*hidden, ~pl.col("address_known")).fill_null(value=False),
    )


def _split_distinct(texts: pl.Series, divisions: region.Divisions) -> pl.DataFrame:
    """Parts of each text; masked addresses repeat a lot, and each distinct one is taken apart once."""
    distinct = texts.unique().alias("text")
    if 2 * len(distinct) > len(texts):
        return address_text.split(texts, divisions)
    parts = address_text.split(distinct, divisions).insert_column(0, distinct)
    joined = texts.alias("text").to_frame().join(parts, on="text", how="left", nulls_equal=True, maintain_order="left")
    return joined.drop("text")


def _take_apart(orders: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """Fill the receiver from a split address; a text that names no province leaves an address of its own alone."""
    named = parts.rename({name: f"split.{name}" for name in parts.columns})
    orders = orders.hstack(named)
    took = pl.col("region_text").is_not_null() | pl.col("split.province").is_not_null()
    return orders.with_columns(
        *(pl.when(took).then(f"split.{name}").otherwise(name).alias(name) for name in (*_PLACES, "address")),
        receiver_name=pl.coalesce("receiver_name", "split.name"),
        receiver_phone=pl.coalesce("receiver_phone", "split.phone"),
    ).drop(named.columns)


def _with_payment(orders: pl.DataFrame) -> pl.DataFrame:
    """``pay_status`` and ``refund_state``.

    A platform that says an order waits to ship took its money, unless the export has a payment time and it is blank;
    cash on delivery is not paid before it has a payment time.
    """
    state = pl.col("platform_state")
    unproved = pl.col("paid_at").is_null() & (pl.col("paid_at_known") | (pl.col("pay_method") == "cod"))
    doubtful = state.is_in(["waiting", "closed", "cancelled"]) & unproved.fill_null(value=False)
    dtype = ORDER_SCHEMA["pay_status"]
    return orders.with_columns(
        pay_status=pl.when((state == "unpaid") | doubtful)
        .then(pl.lit("unpaid", dtype))
        .when(state.is_not_null())
        .then(pl.lit("paid", dtype)),
        refund_state=assemble.refund_states(meaning.RANK),
    )


def _to_schema(orders: pl.DataFrame) -> pl.DataFrame:
    """Exactly the catalogue's columns; a field with a default is never null."""
    columns = []
    for name, dtype in ORDER_SCHEMA.items():
        default = FIELDS[name].default
        column = pl.col(name) if name in orders.columns else pl.lit(None, dtype).alias(name)
        if default is not None and name != "address_gaps":
            column = column.fill_null(pl.lit(default, dtype)).alias(name)
        columns.append(column.cast(dtype))
    return orders.select(columns)

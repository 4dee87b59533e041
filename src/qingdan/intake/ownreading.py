"""Sheets of our own within a drop: read block by block, and added to the orders that platforms' sheets made."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import polars as pl

from qingdan.core import sheetform
from qingdan.core.columns import ORDER_SCHEMA
from qingdan.core.features import with_goods
from qingdan.core.message import Message
from qingdan.intake import ownsheet, readers
from qingdan.intake.interpreting import Block, Tally
from qingdan.intake.messages import message
from qingdan.intake.readers import ROW
from qingdan.intake.sniff import Container

_KEY: Final = ["channel", "order_no"]
_TOKENS: Final = ("buyer_token", "receiver_token", "payment_no")
"""Fields of which a masked text is worth nothing: it would be taken for another's."""
_GOODS: Final = ("item_count", "kind_count", "goods_title")
_READ: Final = [f.id for f in sheetform.READ]


@dataclass(frozen=True, slots=True)
class OwnReading:
    """A sheet of ours in file number ``number`` (named ``file``); see ``interpreting.SheetReading``."""

    sheet: readers.Sheet
    own: ownsheet.Own
    file: str
    number: int
    container: Container
    channel: str = ownsheet.NAME
    generation: str = ""
    foreign: bool = True
    table: None = None

    @property
    def kind(self) -> str:
        """``order`` or ``item``."""
        return self.own.kind

    @property
    def titles(self) -> Sequence[str]:
        """Header as the file writes it."""
        return self.own.titles

    @property
    def ignored(self) -> tuple[str, ...]:
        """Headers that nothing reads."""
        used = set(self.own.wanted)
        return tuple(title.strip() for i, title in enumerate(self.own.titles) if title.strip() and i not in used)

    def blocks(self, size: int) -> Iterator[Callable[[], Block]]:
        """Blocks of about ``size`` bytes, at least one; each is read when it is called, on any thread."""
        for body in self.sheet.bodies(self.own.row, self.own.wanted, size=size):
            yield partial(self._read, body)

    def told(self, tally: Tally) -> list[Message]:
        """What is worth knowing about the sheet."""
        return [message("rows_skipped", count=tally.skipped)] if tally.skipped else []

    def _read(self, pending: readers.Pending) -> Block:
        body = pending()
        found = ownsheet.read(body.frame, self.own, self.container, file=self.file, sheet=self.sheet.name)
        refused = pl.concat([found.refused, self._ragged(body.ragged)])
        height = body.frame.height + len(body.ragged)
        kind = f"{ownsheet.NAME}:{self.kind}"
        raw = partial(_restored, body.raw) if self.container is Container.CSV else body.raw
        return Block(((kind, found.rows),), refused, height, 0, (), (), frozenset(self.own.positions), raw)

    def _ragged(self, ragged: Sequence[readers.Ragged]) -> pl.DataFrame:
        rows = pl.DataFrame(
            {ROW: [one.row for one in ragged], "value": ""}, schema={ROW: pl.UInt32, "value": pl.String}
        )
        return ownsheet.ragged(rows, self.own, ragged, file=self.file, sheet=self.sheet.name)


def _restored(raw: readers.Raw, numbers: Collection[int]) -> Iterator[tuple[int, Sequence[str]]]:
    """Rows without the guards that our CSV files have before formulas (``sheetform.inert``)."""
    for number, cells in raw(numbers):
        yield number, [cell.removeprefix("'") for cell in cells]


def added(
    orders: pl.DataFrame, lines: pl.DataFrame, ours: Sequence[pl.DataFrame], place: pl.Expr
) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    """Add the rows of our sheets to platforms' orders and lines, which count where both tell of an order.

    ``place`` is where each row stands. Returns orders in the columns that are read back and ``place``, lines, and how
    many orders the platforms told of as well.
    """
    read = [frame.with_columns(place) for frame in ours if "line_no" not in frame.columns]
    goods = [ownsheet.lines_of(frame) for frame in ours if "line_no" in frame.columns]
    own_lines = (
        pl.concat(goods).unique([*_KEY, "line_no"], keep="last", maintain_order=True) if goods else lines.clear()
    )
    own_lines = own_lines.join(orders, on=_KEY, how="anti", maintain_order="left")
    base = _shaped(orders, place)
    if not read:
        return base, pl.concat([lines, own_lines]), 0
    whole = pl.concat(read).unique(_KEY, keep="last", maintain_order=True)
    fresh = whole.join(orders, on=_KEY, how="anti", maintain_order="left")
    own = _shaped(_with_goods(_unmasked(fresh), own_lines), place)
    return pl.concat([base, own]), pl.concat([lines, own_lines]), whole.height - fresh.height


def _shaped(orders: pl.DataFrame, place: pl.Expr) -> pl.DataFrame:
    missing = [pl.lit(None, ORDER_SCHEMA[name]).alias(name) for name in _READ if name not in orders.columns]
    return orders.with_columns(missing).select(*_READ, place.meta.output_name())


def _unmasked(orders: pl.DataFrame) -> pl.DataFrame:
    """Let a masked row say that it is one, and nothing that would be taken for a real token."""
    masked = pl.col(sheetform.MASKED)
    return orders.with_columns(
        receiver_masked=pl.col("receiver_masked") | masked,
        **{name: pl.when(~masked).then(name) for name in _TOKENS},
    )


def _with_goods(orders: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Count an order's goods from its lines only where its row does not tell."""
    told = orders.select(pl.col(name).alias(f"told.{name}") for name in _GOODS)
    counted = with_goods(orders.with_columns(item_total="item_count", kind_total="kind_count"), lines).hstack(told)
    return counted.with_columns(
        item_count=pl.coalesce("told.item_count", "item_count"),
        kind_count=pl.coalesce("told.kind_count", "kind_count"),
        goods_title=pl.when(pl.col("told.goods_title").fill_null("") != "")
        .then("told.goods_title")
        .otherwise("goods_title"),
    )

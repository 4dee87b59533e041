"""A drop of export files as one batch of orders: the way in for the command line, the import job and the bench."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from qingdan.channels.mapping import Channel
from qingdan.core.columns import LINE_SCHEMA, ORDER_SCHEMA
from qingdan.core.features import NOTHING_KNOWN, Known
from qingdan.intake.assembling import DEFAULT, Collected, Part, Tuning, open_drop
from qingdan.intake.messages import UnreadableFile
from qingdan.intake.reports import FileReport, Notice, Progress

__all__ = ["Batch", "FileReport", "Known", "Notice", "Progress", "UnreadableFile", "read_batch"]


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


def read_batch(
    paths: Sequence[Path],
    *,
    shop: str | None = None,
    as_of: datetime,
    known: Known | None = None,
    mappings: Sequence[Channel] = (),
    passwords: Sequence[str] = (),
    progress: Callable[[Progress], None] | None = None,
    tuning: Tuning = DEFAULT,
) -> Batch:
    """Read exports of any known platform, in any mix, into one batch.

    ``shop`` names the shop of every order; without it the file's own shop column counts, else the channel's name.
    ``as_of`` (with zone) is the moment that features look back from; ``known`` are the store's facts; ``mappings`` are
    layouts that the team saved, asked before those of the platforms; ``passwords`` are tried on protected files. A
    file that can not be read is reported among ``files`` and the others go on; ``UnreadableFile`` is raised when none
    could be.
    """
    refused = Collected()
    with open_drop(
        paths,
        shop=shop,
        as_of=as_of,
        known=known or NOTHING_KNOWN,
        mappings=mappings,
        passwords=passwords,
        refused=refused,
        progress=progress,
        tuning=tuning,
    ) as drop:
        orders, lines = joined(list(drop.parts()))
    return Batch(orders, lines, refused.frame(), drop.notices, drop.files)


def joined(parts: Sequence[Part]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Orders of all parts in the order of the files, whatever columns they were given, and their lines."""
    if not parts:
        return pl.DataFrame(schema=ORDER_SCHEMA), pl.DataFrame(schema=LINE_SCHEMA)
    orders, lines = pl.concat([one.orders for one in parts]), pl.concat([one.lines for one in parts])
    if len(parts) == 1:
        return orders, lines
    return orders[pl.concat([one.place for one in parts]).arg_sort()], lines

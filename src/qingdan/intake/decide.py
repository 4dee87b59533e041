"""Files to decided orders, without a database: what the command line, the import job and the bench have in common."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import polars as pl

from qingdan.channels.mapping import Channel
from qingdan.core.columns import ORDER_SCHEMA
from qingdan.core.features import NOTHING_KNOWN
from qingdan.core.policy import Compiled, Kind, review_columns
from qingdan.core.policy.model import FIELD_MISSING
from qingdan.core.shipping import read_ship_defaults
from qingdan.data.shipping import defaults_text
from qingdan.intake.assembling import DEFAULT, Collected, Tuning, open_drop
from qingdan.intake.batch import Batch, Known, Progress, joined

_TABLES: Final = frozenset({".csv", ".tsv", ".txt", ".xls", ".xlsx", ".xlsm", ".zip"})
"""What is taken up from a folder; a file that is named is read whatever its name."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What was read, and its orders with the columns of review."""

    batch: Batch
    orders: pl.DataFrame


def decide_files(
    paths: Sequence[Path],
    compiled: Compiled,
    *,
    shop: str | None,
    as_of: datetime,
    zone: str,
    known: Known | None = None,
    mappings: Sequence[Channel] = (),
    passwords: Sequence[str] = (),
    progress: Callable[[Progress], None] | None = None,
    tuning: Tuning = DEFAULT,
) -> Decided:
    """Read ``paths`` and review their orders at ``as_of``; raises ``UnreadableFile`` when none could be read."""
    moment, refused = as_of.astimezone(UTC), Collected()
    with open_drop(
        paths,
        shop=shop,
        as_of=moment,
        known=known or NOTHING_KNOWN,
        mappings=mappings,
        passwords=passwords,
        refused=refused,
        progress=progress,
        tuning=tuning,
    ) as drop:
        reviewed, lines = joined(list(drop.parts(partial(review, compiled=compiled, as_of=moment, zone=zone))))
    if reviewed.is_empty():
        reviewed = review(reviewed.select(list(ORDER_SCHEMA)), compiled, as_of=moment, zone=zone)
    batch = Batch(reviewed.select(list(ORDER_SCHEMA)), lines, refused.frame(), drop.notices, drop.files)
    return Decided(batch, reviewed)


def review(orders: pl.DataFrame, compiled: Compiled, *, as_of: datetime, zone: str) -> pl.DataFrame:
    """Return ``orders`` (``ORDER_SCHEMA``) with the columns of review at ``as_of``."""
    shipping = read_ship_defaults(defaults_text())
    return orders.hstack(review_columns(compiled, orders, as_of.astimezone(UTC), zone=zone, shipping=shipping))


def holds_of(compiled: Compiled) -> frozenset[str]:
    """Return the reasons that are holds under a policy."""
    return frozenset({FIELD_MISSING, *(rule.id for _, rule in compiled.policy.of(Kind.HOLD))})


def walk(paths: Iterable[Path]) -> list[Path]:
    """Return the files among ``paths``, and the tables in its folders, sorted; hidden files are left out."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = (p for p in path.rglob("*") if p.is_file() and p.suffix.lower() in _TABLES)
            found += sorted(p for p in inside if not any(part.startswith(".") for part in p.relative_to(path).parts))
        else:
            found.append(path)
    return found

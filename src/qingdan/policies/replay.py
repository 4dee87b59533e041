"""Judged orders, chunk by chunk, as a backtest wants them: facts, results of text conditions, problems."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl
from django.db import connection

from qingdan.core.policy.backtest import Judge, bits_of, texts_of
from qingdan.core.policy.snooze import SNOOZED
from qingdan.core.policy.texts import Text, of_bits, search, to_bits
from qingdan.policies import history
from qingdan.policies.history import Chunk

_THREADS: Final = 2
_BATCH: Final = 100_000
_ALWAYS: Final = ("id", "as_of", "counted", "created_at", "channel", "province", "verdict", SNOOZED)
T = TypeVar("T")


class Replay:
    """The chunks of a period, ready for a set of judges."""

    def __init__(
        self,
        judges: tuple[Judge, ...],
        problems: Mapping[str, npt.NDArray[np.int64]],
        *,
        since: datetime | None,
        before: datetime | None,
        every: bool = False,
        fields: Sequence[str] = (),
    ) -> None:
        self._texts = texts_of(judges)
        wanted = [*_ALWAYS, *fields, *(field for one in judges for field in one.fields)]
        self._facts = tuple(dict.fromkeys(name for name in wanted if name not in history.TEXTS))
        self._strings = tuple(dict.fromkeys(["shop", *(name for name in wanted if name in history.TEXTS)]))
        self._problems = problems
        self._since, self._before, self._every = since, before, every

    def orders(self, chunks: Sequence[Chunk]) -> pl.DataFrame:
        """Orders of some chunks that count and lie in the period, with the columns that the judges read."""
        return pl.concat([self._orders(chunk) for chunk in chunks], how="vertical_relaxed").rechunk()

    def _orders(self, chunk: Chunk) -> pl.DataFrame:
        facts = history.read_facts(chunk.id, self._facts)
        frame = pl.concat([facts, self._searched(chunk)], how="horizontal")
        frame = frame.with_columns(bits_of(frame["id"].to_numpy(), self._problems))
        kept = [] if self._every else [pl.col("counted")]
        if self._since is not None:
            kept.append(pl.col("created_at") >= self._since)
        if self._before is not None:
            kept.append(pl.col("created_at") < self._before)
        return frame.filter(kept) if kept else frame

    def _searched(self, chunk: Chunk) -> pl.DataFrame:
        """Shops, results of the conditions on texts, and what else is read of texts."""
        known = _kept(chunk.id, self._texts)
        missing = {key: text for key, text in self._texts.items() if key not in known}
        names = dict.fromkeys([*self._strings, *(name for text in missing.values() for name in text.fields)])
        texts = history.read_texts(chunk.id, names)
        columns = [of_bits(bits, texts.height, key) for key, bits in known.items()]
        if missing:
            found = search(missing, texts)
            _keep(chunk.id, found)
            columns += found.get_columns()
        return texts.select(self._strings).with_columns(columns).select(*self._strings, *self._texts)


def _kept(chunk: int, texts: Mapping[str, Text]) -> dict[str, bytes]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key, bits FROM policies_textbits WHERE chunk_id = %s AND key = ANY(%s)", [chunk, list(texts)]
        )
        return {key: bytes(bits) for key, bits in cursor.fetchall()}


def _keep(chunk: int, found: pl.DataFrame) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO policies_textbits (chunk_id, key, bits) SELECT id, %s, %s FROM policies_judged WHERE id = %s "
            "ON CONFLICT DO NOTHING",
            [(column.name, to_bits(column), chunk) for column in found.get_columns()],
        )


def batches(chunks: Sequence[Chunk]) -> list[list[Chunk]]:
    """Group neighbouring chunks to some hundred thousand orders: what a call costs counts little then."""
    grouped: list[list[Chunk]] = []
    size = _BATCH
    for chunk in chunks:
        if size + chunk.orders > _BATCH:
            grouped.append([])
            size = 0
        grouped[-1].append(chunk)
        size += chunk.orders
    return grouped


def over(chunks: Sequence[Chunk], work: Callable[[Sequence[Chunk]], T]) -> list[T]:
    """Do ``work`` on batches of chunks, some at a time; return what it gave."""
    found = batches(chunks)
    if len(found) < 2:
        return [work(batch) for batch in found]

    def some(share: list[list[Chunk]]) -> list[T]:
        try:
            return [work(batch) for batch in share]
        finally:
            connection.close()  # the thread's own

    with ThreadPoolExecutor(_THREADS, thread_name_prefix="replay") as pool:
        shares = list(pool.map(some, [found[i::_THREADS] for i in range(_THREADS)]))
    return [result for share in shares for result in share]

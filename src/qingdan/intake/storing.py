"""Storing what the child decided, part by part and a few at a time, while it goes on with the next."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from django.conf import settings
from django.db import Error, connection

from qingdan.core.policy import Compiled
from qingdan.intake import actions
from qingdan.intake.actions import Claim
from qingdan.intake.completing import Seen, complete
from qingdan.intake.decide import holds_of
from qingdan.intake.joining import Sums
from qingdan.intake.models import Import
from qingdan.intake.spool import of_arrow
from qingdan.intake.totals import NO_TOTALS, Totals, added, totals
from qingdan.orders import actions as orders
from qingdan.orders.actors import Actor
from qingdan.orders.ledger import OutOfDateError, Recorded
from qingdan.policies import history
from qingdan.policies.snoozed import rejudged

if TYPE_CHECKING:
    import psycopg

CHUNK: Final = 20_000
"""Orders written by one transaction: what a crash can lose of the work, and how long its rows are locked."""
WRITERS: Final = 2
"""Transactions at a time: while the database takes one chunk in, the next is formatted."""
_KEY: Final = ("channel", "order_no")


@dataclass(frozen=True, slots=True)
class Stored:
    """What storing came to so far; ``unmatched`` counts lines' orders that nobody knows."""

    orders: int = 0
    unmatched: int = 0
    totals: Totals = field(default_factory=lambda: NO_TOTALS)


class Storing:
    """Takes parts as they come and stores them; as a context it waits for what is being written, or stops it."""

    def __init__(
        self, claim: Claim, row: Import, compiled: Compiled, *, policy_hash: str, folder: Path, chunk: int = 0
    ) -> None:
        self._claim = claim
        self._row = row
        self._compiled = compiled
        self._policy_hash = policy_hash
        self._folder = folder
        self._chunk = chunk or CHUNK
        self._seen = Seen(row.merchant_id)
        self._pool = ThreadPoolExecutor(WRITERS, thread_name_prefix="import-writer")
        self._running: list[Future[None]] = []
        self._lock = Lock()
        self._writing: set[psycopg.Connection[Any]] = set()
        self._stopped = False
        self.stored = Stored()
        self.written = 0
        """Orders written so far, about: it is a figure for a progress bar."""

    def add(self, number: int, refunds_told: frozenset[str], sums: Sums) -> None:
        """Store part ``number`` when a writer is free."""
        self._running.append(self._pool.submit(self._store, number, refunds_told, sums))

    def look(self) -> bool:
        """Whether all that was added is stored; raises what went wrong in a writer."""
        ended = [future for future in self._running if future.done()]
        self._running = [future for future in self._running if future not in ended]
        for future in ended:
            future.result()
        return not self._running

    def stop(self) -> None:
        """Write nothing more: what is not committed yet is given up at once."""
        with self._lock:
            self._stopped = True
            for writing in self._writing:
                writing.cancel_safe(timeout=1.0)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _store(self, number: int, refunds_told: frozenset[str], sums: Sums) -> None:
        try:
            with self._lock:
                if self._stopped:
                    return
                connection.ensure_connection()
                writing = connection.connection
                self._writing.add(writing)
            try:
                self._store_part(number, refunds_told, sums)
            finally:
                with self._lock:
                    self._writing.discard(writing)
        except Error:
            if not self._stopped:
                raise
        finally:
            connection.close()

    def _store_part(self, number: int, refunds_told: frozenset[str], sums: Sums) -> None:
        paths = [self._folder / f"{kind}-{number}.arrow" for kind in ("orders", "lines")]
        decided, lines = (of_arrow(path.read_bytes()) for path in paths)
        while True:
            completed = complete(
                decided,
                lines,
                self._seen,
                self._compiled,
                as_of=self._row.as_of,
                zone=settings.SHOP_ZONE,
                refunds_told=refunds_told,
                sums=sums,
            )
            # what a team lets pass for a while is known here only: the child that decided knows no database
            judged = rejudged(self._row.merchant_id, completed.orders, lines, self._compiled, self._row.as_of)
            try:
                for reviewed, own in chunks(judged, lines, self._chunk):
                    if self._stopped:
                        return
                    self._record(reviewed, own, completed.seen)
            except OutOfDateError:
                continue  # an order that lines complete was changed meanwhile: what is stored is found unchanged
            break
        with self._lock:
            self.stored = Stored(
                self.stored.orders + judged.height,
                self.stored.unmatched + completed.unmatched,
                added(self.stored.totals, totals(judged, 0)),
            )
        for path in paths:
            path.unlink(missing_ok=True)

    def _record(self, reviewed: pl.DataFrame, lines: pl.DataFrame, seen: pl.DataFrame | None) -> None:
        row = self._row
        shops = orders.ensure_shops(row.merchant_id, reviewed.select("channel", "shop").unique().rows())
        orders.record(
            reviewed,
            lines,
            merchant=row.merchant_id,
            shops=shops,
            import_id=row.pk,
            policy_hash=self._policy_hash,
            as_of=row.as_of,
            actor=Actor("import", str(row.pk), row.actor_name),
            holds=holds_of(self._compiled),
            seen=seen,
            with_it=self._counting(reviewed),
        )

    def _counting(self, reviewed: pl.DataFrame) -> Callable[[Recorded], None]:
        row, height = self._row, reviewed.height

        def count(done: Recorded) -> None:
            self.written += height
            actions.add_counts(self._claim, new=done.new, changed=done.changed, outdated=done.outdated, orders=height)
            history.keep(
                reviewed, done.written, merchant=row.merchant_id, policy_hash=self._policy_hash, as_of=row.as_of
            )

        return count


def chunks(reviewed: pl.DataFrame, lines: pl.DataFrame, size: int) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Cut orders, sorted by their key, into chunks with their lines."""
    ordered = reviewed.sort(_KEY).with_columns(chunk=pl.int_range(pl.len()) // size)
    parts = lines.join(ordered.select(*_KEY, "chunk"), on=_KEY).partition_by("chunk", as_dict=True, include_key=False)
    none = lines.clear()
    for number, start in enumerate(range(0, ordered.height, size)):
        yield ordered.slice(start, size).drop("chunk"), parts.get((number,), none)

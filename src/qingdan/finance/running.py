"""The reading of a bill: a child reads, we store. Running it again after any crash is safe."""

import datetime as dt
import logging
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import polars as pl
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from qingdan.finance import actions, reading, unlocking
from qingdan.finance.bills import ENTRY_SCHEMA
from qingdan.finance.messages import message
from qingdan.finance.models import BillFile, BillPeriod, BillRefusal, BillState
from qingdan.intake.sandboxed import BrokenError, Child, Order, StoppedError
from qingdan.intake.spool import of_arrow
from qingdan.orders.alone import alone
from qingdan.orders.copying import copy_in

ATTEMPTS: Final = 3
_LOCK: Final = 0x71D6
_log: Final = logging.getLogger(__name__)


def run(bill_id: int) -> bool:
    """Read a bill, unless another process does; return whether it was this one's to read."""
    with alone(_LOCK, bill_id) as mine:
        if not mine:
            return False
        bill = BillFile.objects.get(pk=bill_id)
        if bill.finished_at is None:
            _run(bill)
            actions.drop_bytes(bill)
    return True


def _run(bill: BillFile) -> None:
    if bill.attempts >= ATTEMPTS:
        _fail(bill, message("bill_broken", file=bill.name).record())
        return
    BillFile.objects.filter(pk=bill.pk).update(attempts=F("attempts") + 1, state=BillState.READING)
    passwords = unlocking.passwords_for(bill)
    with _folder(bill) as folder:
        order = Order(
            reading.TASK,
            folder,
            {
                "path": str(actions.bill_path(bill.sha256)),
                "name": bill.name,
                "passwords": passwords,
            },
        )
        told: list[dict[str, Any]] = []
        try:
            with Child(order, size=bill.size) as child:
                told += [event for event in child.events(lambda: None) if event["event"] == "bill"]
        except StoppedError as stopped:
            _log.warning("Bill %s: the reading child was stopped: %s", bill.pk, stopped.why)
            _fail(bill, message("bill_stopped", file=stopped.file or bill.name).record())
            return
        except BrokenError:
            _log.exception("Bill %s could not be read", bill.pk)
            _fail(bill, message("bill_broken", file=bill.name).record())
            return
        store(bill, told, folder)


def _fail(bill: BillFile, problem: Mapping[str, str]) -> None:
    BillFile.objects.filter(pk=bill.pk).update(state=BillState.FAILED, problem=problem, sealed=None, finished_at=Now())


def store(bill: BillFile, told: Sequence[Mapping[str, Any]], folder: Path) -> None:
    """Store what was read (events of ``reading.read``), all at once, and queue the matching of what is new.

    A bill that is read again with its password keeps what the first reading found new.
    """
    parts: list[dict[str, Any]] = []
    before = {part["file"]: part.get("new", 0) for part in bill.parts}
    with transaction.atomic(durable=True):
        BillRefusal.objects.filter(bill=bill).delete()
        BillPeriod.objects.filter(bill=bill).delete()
        for part in told:
            if part["problem"] is not None:
                parts.append({name: part[name] for name in ("file", "problem", "protected")})
                continue
            entries = of_arrow((folder / f"entries-{part['number']}.arrow").read_bytes())
            refused = of_arrow((folder / f"refused-{part['number']}.arrow").read_bytes())
            new = _add(bill, entries) + before.get(part["file"], 0)
            with connection.cursor() as cursor:
                rows = refused.select(pl.all(), bill_id=pl.lit(bill.pk), file=pl.lit(part["file"]))
                copy_in(cursor, "finance_billrefusal", rows)
            _cover(bill, part)
            parts.append(
                {
                    "file": part["file"],
                    "format": part["format"],
                    "rows": entries.height + refused.height,
                    "new": new,
                    "refused": refused.height,
                    "problem": None,
                }
            )
        good = [part for part in parts if part["problem"] is None]
        bill.state = BillState.DONE if good else BillState.FAILED
        bill.parts, bill.sealed = parts, None
        bill.locked = any(part.get("protected") for part in parts)
        bill.rows, bill.new, bill.refused = (sum(part[name] for part in good) for name in ("rows", "new", "refused"))
        bill.problem = None
        if not good:
            bill.problem = parts[0]["problem"] if parts else message("bill_unknown", file=bill.name).record()
        bill.save(update_fields=["state", "parts", "sealed", "locked", "rows", "new", "refused", "problem"])
        BillFile.objects.filter(pk=bill.pk).update(finished_at=Now())
        if good:
            actions.match_bill(bill)


def _add(bill: BillFile, entries: pl.DataFrame) -> int:
    """Add the entries that no bill told before; return how many."""
    columns = ", ".join(f'"{name}"' for name in ENTRY_SCHEMA)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE told_entry ON COMMIT DROP AS SELECT {columns} FROM finance_billentry "  # noqa: S608
            "WITH NO DATA"
        )
        copy_in(cursor, "told_entry", entries)
        cursor.execute(
            f"INSERT INTO finance_billentry (merchant_id, bill_id, {columns}) "  # noqa: S608 - names of ours
            f"SELECT %s, %s, {columns} FROM told_entry ORDER BY row "
            "ON CONFLICT (merchant_id, family, entry_no) DO NOTHING",
            [bill.merchant_id, bill.pk],
        )
        new = int(cursor.rowcount)
        cursor.execute("DROP TABLE told_entry")
    return new


def _cover(bill: BillFile, part: Mapping[str, Any]) -> None:
    """Keep the time that a bill is of; of what comes after its upload it can say nothing."""
    if part["period"]:
        begin, end = map(dt.datetime.fromisoformat, part["period"])
        end = min(end, bill.created_at)
        if begin < end:
            BillPeriod.objects.create(
                bill=bill, merchant_id=bill.merchant_id, family=part["family"], begin=begin, end=end
            )


@contextmanager
def _folder(bill: BillFile) -> Iterator[Path]:
    folder = Path(settings.UPLOADS).with_name("bills") / f"reading-{bill.pk}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)

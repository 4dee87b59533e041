"""The running of an import: read, review, store chunk by chunk. Running it again after any crash is safe."""

import logging
import secrets
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any, Final

import polars as pl
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction

from qingdan.core.message import Message, Words
from qingdan.intake import actions
from qingdan.intake.actions import CancelledError, Claim, SupersededError
from qingdan.intake.batch import Batch, FileReport, Known, Progress
from qingdan.intake.completing import complete
from qingdan.intake.decide import Decided, decide_files, holds_of
from qingdan.intake.messages import UnreadableFile
from qingdan.intake.models import Import, ImportFile, ImportRefusal, State
from qingdan.intake.totals import totals
from qingdan.orders import actions as orders
from qingdan.orders import queries
from qingdan.orders.actors import Actor
from qingdan.orders.copying import copy_in
from qingdan.orders.ledger import OutOfDateError, Recorded
from qingdan.policies.actions import ensure_live
from qingdan.policies.queries import compiled

CHUNK: Final = 20_000
"""Orders written by one transaction: what a crash can lose of the work, and how long its rows are locked."""
WRITERS: Final = 2
"""Transactions at a time: while the database takes one chunk in, the next is formatted."""
ATTEMPTS: Final = 3
"""After so many an import that failed for no reason we know is not taken up again by itself."""
_BROKEN: Final = Message(
    "import.broken",
    Words("导入出错，没有完成，错误编号 {incident}。", "The import failed and is not complete; incident {incident}."),
    Words(
        "已写入的订单有效。可以点“重试”；若再次出现，请把错误编号和文件发给管理员。",
        "Orders stored so far are valid. Try again; if it happens again, give the incident number and the file "
        "to an administrator.",
    ),
)
_log: Final = logging.getLogger(__name__)
_HEARTBEAT_SECONDS: Final = actions.LEASE_SECONDS / 4
_KEY: Final = ("channel", "order_no")

Told = Callable[[str, int, int], None]
"""Called with the phase (``reading``, ``storing``), how much is done, and of how much."""


def run(import_id: int, *, told: Told | None = None) -> State | None:
    """Run an import if nobody else does; return how it ended, None when there was nothing to do."""
    claim = actions.claim(import_id)
    if claim is None:
        return None
    try:
        with _heartbeat(claim):
            while not _ran(claim, told or (lambda *_: None)):
                pass  # an order that the drop completes was changed meanwhile: what is stored is found unchanged
    except UnreadableFile as error:
        actions.finish(claim, State.FAILED, error=as_json(error.message))
        return State.FAILED
    except CancelledError:
        actions.finish(claim, State.CANCELLED)
        return State.CANCELLED
    except SupersededError:
        return None
    except (OperationalError, InterfaceError):
        raise  # the database is away, which is no fault of the import
    except Exception:
        if claim.attempt < ATTEMPTS:
            raise
        incident = secrets.token_hex(4)
        _log.exception("Incident %s: import %s failed", incident, import_id)
        actions.finish(claim, State.FAILED, error=as_json(replace(_BROKEN, params={"incident": incident})))
        return State.FAILED
    return State.DONE


def _ran(claim: Claim, told: Told) -> bool:
    try:
        _run(claim, told)
    except OutOfDateError:
        return False
    return True


def as_json(message: Message, **more: object) -> dict[str, object]:
    """Return a message as imports keep it."""
    return {
        **more,
        "id": message.id,
        "zh": message.text("zh"),
        "en": message.text("en"),
        "advice_zh": message.advice_text("zh"),
        "advice_en": message.advice_text("en"),
    }


@contextmanager
def _heartbeat(claim: Claim) -> Iterator[None]:
    """Keep the claim's lease while the process lives, also through one long file."""
    stop = threading.Event()

    def beat() -> None:
        try:
            while not stop.wait(_HEARTBEAT_SECONDS):
                actions.report(claim)
        except (SupersededError, CancelledError):
            pass  # the work finds out by itself at its next chunk
        finally:
            connection.close()

    thread = threading.Thread(target=beat, name="import-lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _run(claim: Claim, told: Told) -> None:
    row = Import.objects.get(pk=claim.import_id)
    version = ensure_live(row.merchant_id)
    policy = compiled(version.source)
    files = list(ImportFile.objects.filter(drop=row).order_by("position"))

    def progress(at: Progress) -> None:
        told("reading", at.files_done, at.files)
        actions.report(claim, progress=asdict(at))

    decided = decide_files(
        [actions.upload_path(file.sha256, file.name) for file in files],
        policy,
        shop=row.shop,
        as_of=row.as_of,
        zone=settings.SHOP_ZONE,
        known=_known(claim, row),
        progress=progress,
    )
    completed = complete(decided, row.merchant_id, policy, as_of=row.as_of, zone=settings.SHOP_ZONE)
    decided = completed.decided
    _keep_report(claim, decided.batch, files)
    counted = totals(decided.orders, decided.batch.refused.height)
    actions.report(
        claim,
        state=State.STORING,
        policy_hash=version.hash,
        orders=decided.orders.height,
        refused=decided.batch.refused.height,
        totals=counted,
        notices=[as_json(notice.message, file=notice.file) for notice in decided.batch.notices],
        progress={"phase": "storing", "orders_done": 0, "orders": decided.orders.height},
    )
    pairs = decided.orders.select("channel", "shop").unique().rows()
    shops = orders.ensure_shops(row.merchant_id, pairs)
    actor = Actor("import", str(row.pk), row.actor_name)

    def store(chunk: tuple[pl.DataFrame, pl.DataFrame]) -> int:
        reviewed, lines = chunk
        try:
            orders.record(
                reviewed,
                lines,
                merchant=row.merchant_id,
                shops=shops,
                import_id=row.pk,
                policy_hash=version.hash,
                as_of=row.as_of,
                actor=actor,
                holds=holds_of(policy),
                seen=completed.seen,
                with_it=lambda done: _count(claim, done, reviewed.height),
            )
        finally:
            connection.close()
        return reviewed.height

    _store_all(claim, decided, store, told)
    actions.finish(claim, State.DONE, progress={"phase": "done", "orders": decided.orders.height})


def _known(claim: Claim, row: Import) -> Known:
    """Return what features look at; of the batch's own orders only the usual amounts speak, so those are kept."""
    known = queries.known_facts(row.merchant_id, row.as_of)
    if row.usual is None:
        actions.report(claim, usual=known.usual.rows())
        return known
    return replace(known, usual=pl.DataFrame(row.usual, schema=known.usual.schema, orient="row"))


def _count(claim: Claim, done: Recorded, height: int) -> None:
    actions.add_counts(claim, new=done.new, changed=done.changed, outdated=done.outdated, orders=height)


def _store_all(
    claim: Claim, decided: Decided, store: Callable[[tuple[pl.DataFrame, pl.DataFrame]], int], told: Told
) -> None:
    """Store the chunks, a few at a time; stop at the first that fails or when a person asks for it."""
    done, total = 0, decided.orders.height
    running: set[Future[int]] = set()
    with ThreadPoolExecutor(WRITERS) as pool:
        for chunk in chunks(decided.orders, decided.batch.lines):
            if len(running) == WRITERS:
                finished, running = wait(running, return_when=FIRST_COMPLETED)
                done += sum(future.result() for future in finished)
                told("storing", done, total)
                actions.report(claim)
            running.add(pool.submit(store, chunk))
        done += sum(future.result() for future in running)
    told("storing", done, total)


def chunks(orders_frame: pl.DataFrame, lines: pl.DataFrame) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Cut orders, sorted by their key, into chunks with their lines."""
    ordered = orders_frame.sort(_KEY).with_columns(chunk=pl.int_range(pl.len()) // CHUNK)
    parts = lines.join(ordered.select(*_KEY, "chunk"), on=_KEY).partition_by("chunk", as_dict=True, include_key=False)
    none = lines.clear()
    for number, start in enumerate(range(0, ordered.height, CHUNK)):
        yield ordered.slice(start, CHUNK).drop("chunk"), parts.get((number,), none)


def _keep_report(claim: Claim, batch: Batch, files: list[ImportFile]) -> None:
    """Keep what became of each file, and the refused rows; a second attempt replaces the first's."""
    reports: dict[str, list[dict[str, Any]]] = {}
    for report in batch.files:
        reports.setdefault(str(report.path), []).append(_report_json(report))
    refused = batch.refused.with_columns(drop_id=pl.lit(claim.import_id))
    with transaction.atomic(durable=True):
        held = Import.objects.select_for_update().filter(pk=claim.import_id, attempt=claim.attempt)
        if not held.exists():
            raise SupersededError
        for file in files:
            file.reports = reports.get(str(actions.upload_path(file.sha256, file.name)), [])
            file.save(update_fields=["reports"])
        ImportRefusal.objects.filter(drop_id=claim.import_id).delete()
        with connection.cursor() as cursor:
            copy_in(cursor, "intake_importrefusal", refused)


def _report_json(report: FileReport) -> dict[str, Any]:
    told = asdict(report)
    told.pop("path")
    told["ignored"] = list(report.ignored)
    told["problem"] = as_json(report.problem) if report.problem else None
    return told

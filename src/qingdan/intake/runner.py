"""The running of an import: a child reads and decides, we store. Running it again after any crash is safe."""

import logging
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

import polars as pl
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction

from qingdan.core.features import Known
from qingdan.core.message import Message, Words
from qingdan.finance import actions as finance
from qingdan.intake import actions, mappings, sandboxed, unlocking
from qingdan.intake.actions import CancelledError, Claim, SupersededError
from qingdan.intake.messages import UnreadableFile, message
from qingdan.intake.models import RUNNING, Import, ImportFile, ImportRefusal, State
from qingdan.intake.reports import FileReport, as_plain, of_plain, report_of_plain
from qingdan.intake.sandboxed import Child, Order, StoppedError, files_of
from qingdan.intake.spool import as_arrow, of_arrow
from qingdan.intake.storing import Storing
from qingdan.orders import queries
from qingdan.orders.copying import copy_in
from qingdan.policies.actions import ensure_live
from qingdan.policies.models import PolicyVersion
from qingdan.policies.queries import compiled

ATTEMPTS: Final = 3
"""After so many an import that failed for no reason we know is not taken up again by itself."""
_STOPS: Final = 5
"""Files that may stop the reading of a drop before the rest of it is given up as well."""
_REPORT_SECONDS: Final = 0.4
_UNMATCHED: Final = "orders_missing_for_lines"
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

Told = Callable[[str, int, int], None]
"""Called with the phase (``reading``, ``storing``), how much is done, and of how much."""


def run(import_id: int, *, told: Told | None = None, passwords: Sequence[str] = ()) -> State | None:
    """Run an import if nobody else does; return how it ended, None when there was nothing to do.

    ``passwords``, and those that ``unlocking`` holds, are tried on protected files; the child gets them on its stdin.
    """
    claim = actions.claim(import_id)
    if claim is None:
        return None
    try:
        ended = _ended(claim, told or (lambda *_: None), (*passwords, *unlocking.passwords_for(import_id)))
    except SupersededError:
        return None
    unlocking.forget(import_id)
    return ended


def _ended(claim: Claim, told: Told, passwords: Sequence[str]) -> State:
    if claim.lapses >= ATTEMPTS:
        return _failed(claim, message("import_gave_up", count=claim.lapses))
    try:
        with _heartbeat(claim):
            _run(claim, told, passwords)
    except UnreadableFile as error:
        return _failed(claim, error.message)
    except CancelledError:
        _end(claim, State.CANCELLED)
        return State.CANCELLED
    except (OperationalError, InterfaceError):
        raise  # the database is away, which is no fault of the import
    except SupersededError:
        raise
    except Exception:
        if claim.attempt < ATTEMPTS:
            raise
        incident = secrets.token_hex(4)
        _log.exception("Incident %s: import %s failed", incident, claim.import_id)
        return _failed(claim, replace(_BROKEN, params={"incident": incident}))
    return State.DONE


def _failed(claim: Claim, why: Message) -> State:
    _end(claim, State.FAILED, error=why.record())
    return State.FAILED


def _end(claim: Claim, state: State, **changes: Any) -> None:
    """End the import, but first queue the matching of its orders with the bills; what is queued twice is no harm."""
    merchant = Import.objects.values_list("merchant_id", flat=True).get(pk=claim.import_id)
    finance.match_import(merchant, claim.import_id)
    actions.finish(claim, state, **changes)


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


@contextmanager
def _folder(claim: Claim) -> Iterator[Path]:
    """Give the attempt a folder of its own, and clear those that dead workers left."""
    root = Path(settings.UPLOADS).with_name("spool")
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    alive = {
        f"{key}-{attempt}" for key, attempt in Import.objects.filter(state__in=RUNNING).values_list("id", "attempt")
    }
    for old in root.iterdir():
        if old.name not in alive:
            shutil.rmtree(old, ignore_errors=True)
    folder = root / f"{claim.import_id}-{claim.attempt}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(claim: Claim, told: Told, passwords: Sequence[str]) -> None:
    row = Import.objects.get(pk=claim.import_id)
    version = ensure_live(row.merchant_id)
    files = list(ImportFile.objects.filter(drop=row).order_by("position"))
    paths = [(actions.upload_path(file.sha256, file.name), file.sha256) for file in files]
    size = sum(path.stat().st_size for path, _ in paths if path.exists())
    known = _known(claim, row)
    given_up: dict[str, Message] = {}
    crashed = False
    while True:
        with _folder(claim) as folder:
            _hand_over(known, folder)
            order = Order(
                "decide",
                folder,
                {
                    "files": files_of(paths),
                    "shop": row.shop,
                    "as_of": row.as_of.isoformat(),
                    "zone": settings.SHOP_ZONE,
                    "policy": version.source,
                    "mappings": [channel.model_dump(mode="json") for channel in mappings.taught(row.merchant_id)],
                    "passwords": list(passwords),
                    "given_up": {name: as_plain(why) for name, why in given_up.items()},
                    "tuning": {},
                },
            )
            try:
                with Child(order, size=size, limits=limits()) as child:
                    _Run(claim, row, files, version=version, folder=folder, told=told).through(child)
            except StoppedError as stopped:
                _log.warning("Import %s: the reading child was stopped: %s", claim.import_id, stopped.why)
                if stopped.why == "crash" and not crashed:
                    crashed = True  # it may have been killed from outside; once more tells
                    continue
                if not stopped.file:
                    raise UnreadableFile(message(f"drop_{_STOPPED[stopped.why]}")) from stopped
                why = message(f"file_{_STOPPED[stopped.why]}", file=stopped.file)
                if stopped.file in given_up or len(given_up) >= _STOPS:
                    raise UnreadableFile(why) from stopped
                given_up[stopped.file] = why
            else:
                return


_STOPPED: Final = {"memory": "too_heavy", "time": "too_slow", "crash": "crashed"}


def limits() -> sandboxed.Limits:
    """Return what a child may take."""
    return sandboxed.DEFAULT


def _hand_over(known: Known, folder: Path) -> None:
    for name, frame in (("returns", known.returns), ("receivers", known.receivers), ("usual", known.usual)):
        (folder / f"known-{name}.arrow").write_bytes(as_arrow(frame))


class _Run:
    """One go of a child at an import, and the storing beside it."""

    def __init__(
        self,
        claim: Claim,
        row: Import,
        files: Sequence[ImportFile],
        *,
        version: PolicyVersion,
        folder: Path,
        told: Told,
    ) -> None:
        self._claim = claim
        self._files = files
        self._policy_hash = version.hash
        self._folder = folder
        self._told = told
        self._storing = Storing(claim, row, compiled(version.source), policy_hash=version.hash, folder=folder)
        self._reported = 0.0
        self._progress: dict[str, Any] = {}
        self._orders = 0
        self._refused = 0
        self._notices: list[dict[str, Any]] = []
        self._refunds_told: frozenset[str] = frozenset()
        self._sums: dict[str, list[str]] = {}

    def through(self, child: Child) -> None:
        """Follow the child to its end and store all that it decides."""
        try:
            for event in child.events(self._tick):
                getattr(self, f"_on_{event['event']}")(event)
            while not self._storing.look():
                time.sleep(_PAUSE_SECONDS)
                self._tick()
        finally:
            self._storing.stop()
        self._finish()

    def _tick(self) -> None:
        """See several times a second what the writers do, tell how far we are, and hear whether to stop."""
        self._storing.look()
        if time.monotonic() - self._reported < _REPORT_SECONDS:
            return
        self._reported = time.monotonic()
        if self._orders:
            self._told("storing", self._storing.written, self._orders)
            actions.report(self._claim)
        else:
            actions.report(self._claim, progress=self._progress)

    def _on_progress(self, event: dict[str, Any]) -> None:
        if event["phase"] != "done" and not self._orders:
            self._progress = event
            self._told("reading", event["files_done"], event["files"])
            if event["phase"] == "reading" and event["rows"] == 0:
                self._reported = 0.0  # the first word of a file is worth telling at once

    def _on_unreadable(self, event: dict[str, Any]) -> None:
        if files := event.get("files"):
            _keep_report(self._claim, [report_of_plain(one) for one in files], [], self._files)
        raise UnreadableFile(of_plain(event))

    def _on_assembled(self, event: dict[str, Any]) -> None:
        self._refunds_told = frozenset(event["refunds_told"])
        self._sums = event["sums"]
        self._notices = [{"file": one["file"], **of_plain(one).record()} for one in event["notices"]]
        self._refused = sum(one["refused"] for one in event["files"])
        self._orders = event["orders"]
        refused = [self._folder / name for name in event["refused"]]
        _keep_report(self._claim, [report_of_plain(one) for one in event["files"]], refused, self._files)
        actions.report(
            self._claim,
            state=State.STORING,
            policy_hash=self._policy_hash,
            orders=self._orders,
            refused=self._refused,
            notices=self._notices,
            progress={"phase": "storing", "orders_done": 0, "orders": self._orders},
        )

    def _on_part(self, event: dict[str, Any]) -> None:
        self._storing.add(event["number"], self._refunds_told, self._sums)

    def _finish(self) -> None:
        stored = self._storing.stored
        notices = [one for one in self._notices if one["id"] != _UNMATCHED]
        if stored.unmatched:
            notices.append({"file": "", **message(_UNMATCHED, count=stored.unmatched).record()})
        self._told("storing", stored.orders, stored.orders)
        _end(
            self._claim,
            State.DONE,
            orders=stored.orders,
            notices=notices,
            totals={**stored.totals, "refused": self._refused},
            progress={"phase": "done", "orders": stored.orders},
        )


_PAUSE_SECONDS: Final = 0.05


def _known(claim: Claim, row: Import) -> Known:
    """Return what features look at; of the batch's own orders only the usual amounts speak, so those are kept."""
    known = queries.known_facts(row.merchant_id, row.as_of)
    if row.usual is None:
        actions.report(claim, usual=known.usual.rows())
        return known
    return replace(known, usual=pl.DataFrame(row.usual, schema=known.usual.schema, orient="row"))


def _keep_report(
    claim: Claim, made: Sequence[FileReport], refused: Sequence[Path], files: Sequence[ImportFile]
) -> None:
    """Keep what became of each file, and the refused rows; a second attempt replaces the first's."""
    reports: dict[str, list[dict[str, Any]]] = {}
    for report in made:
        reports.setdefault(str(report.path), []).append(_report_json(report))
    with transaction.atomic(durable=True):
        held = Import.objects.select_for_update().filter(pk=claim.import_id, attempt=claim.attempt)
        if not held.exists():
            raise SupersededError
        for file in files:
            file.reports = reports.get(str(actions.upload_path(file.sha256, file.name)), [])
            file.save(update_fields=["reports"])
        ImportRefusal.objects.filter(drop_id=claim.import_id).delete()
        with connection.cursor() as cursor:
            for path in refused:
                rows = of_arrow(path.read_bytes()).with_columns(drop_id=pl.lit(claim.import_id))
                copy_in(cursor, "intake_importrefusal", rows)


def _report_json(report: FileReport) -> dict[str, Any]:
    told = asdict(report)
    told.pop("path")
    told["ignored"] = list(report.ignored)
    told["problem"] = report.problem.record() if report.problem else None
    return told

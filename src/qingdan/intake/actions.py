"""Verbs on imports: each is one durable transaction. The running of one is in ``runner``."""

import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now
from procrastinate.contrib.django import app

from qingdan.intake.models import RUNNING, Import, ImportFile, ImportRefusal, State
from qingdan.orders.actors import Actor

LEASE_SECONDS: Final = 60
"""How long a worker may be silent before another takes its import over."""
UPLOAD_DAYS: Final = 30
"""How long the files of an import that ended are kept, for a look and for trying again."""
RUN: Final = "intake.run_import"
QUEUE: Final = "imports"
_CHUNK: Final = 1 << 20
_NAME_LENGTH: Final = 80
_FORBIDDEN: Final = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
_EXTEND: Final = f"now() + make_interval(secs => {LEASE_SECONDS})"


class SupersededError(Exception):
    """Another worker has taken the import over; what this one did since is void."""


class CancelledError(Exception):
    """A person asked for the import to stop."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it comes in: the name its owner gave it, and its bytes."""

    name: str
    stream: BinaryIO


@dataclass(frozen=True, slots=True)
class Claim:
    """The right of one worker to run one import, for one attempt."""

    import_id: int
    attempt: int
    lapses: int = 0
    """How many workers in a row fell silent over it without having stored anything."""


def create_import(
    merchant: int,
    uploads: Iterable[Upload],
    *,
    actor: Actor,
    as_of: datetime,
    shop: str | None = None,
    queue: bool = True,
) -> Import:
    """Keep the uploaded files and queue their import; ``queue=False`` leaves it to the caller to run it."""
    kept = [_keep(upload) for upload in uploads]
    with transaction.atomic(durable=True):
        made = Import.objects.create(
            merchant_id=merchant,
            shop=shop or None,
            as_of=as_of,
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_name=actor.name,
        )
        for position, (name, digest, size) in enumerate(kept):
            ImportFile.objects.create(drop=made, position=position, name=name, sha256=digest, size=size)
        if queue:
            wake(made.pk)
    made.refresh_from_db()
    return made


def wake(import_id: int) -> None:
    """Tell the workers that an import may be ready to run; part of the caller's transaction."""
    app.configure_task(RUN, queue=QUEUE).defer(import_id=import_id)


def upload_path(digest: str, name: str) -> Path:
    """Return where the bytes of an upload lie: by content, under its own name, which reports show."""
    return Path(settings.UPLOADS) / digest[:2] / digest / name


def safe_name(name: str) -> str:
    """Return a file's own name, without folders and what file systems refuse, and not too long."""
    plain = _FORBIDDEN.sub("_", Path(name.replace("\\", "/")).name).strip(". ") or "file"
    stem, dot, suffix = plain.rpartition(".")
    return f"{stem[:_NAME_LENGTH]}{dot}{suffix[:8]}" if dot else plain[:_NAME_LENGTH]


def _keep(upload: Upload) -> tuple[str, str, int]:
    root = Path(settings.UPLOADS)
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    descriptor, temporary = tempfile.mkstemp(dir=root, prefix=".upload-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            while part := upload.stream.read(_CHUNK):
                digest.update(part)
                size += len(part)
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        name = safe_name(upload.name)
        target = upload_path(digest.hexdigest(), name)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        Path(temporary).replace(target)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return name, digest.hexdigest(), size


def claim(import_id: int) -> Claim | None:
    """Take an import that is queued, or whose worker has fallen silent; None when there is nothing to take."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE intake_import SET state = 'reading', attempt = attempt + 1, lease_until = {_EXTEND},
                   started_at = coalesce(started_at, now()),
                   lapses = CASE WHEN state = 'queued' THEN 0 ELSE lapses + 1 END
             WHERE id = (SELECT id FROM intake_import
                          WHERE id = %s AND (state = 'queued' OR (state = ANY(%s) AND lease_until < now()))
                            FOR UPDATE SKIP LOCKED)
            RETURNING attempt, lapses
            """,  # noqa: S608 - a constant of ours
            [import_id, [state.value for state in RUNNING]],
        )
        row = cursor.fetchone()
    return Claim(import_id, row[0], row[1]) if row else None


def _write(claim: Claim, changes: Mapping[str, Any]) -> bool:
    """Write to the import if the claim still holds, and extend its lease; return whether it is to be cancelled."""
    held = Import.objects.filter(pk=claim.import_id, attempt=claim.attempt, state__in=RUNNING)
    if not held.update(**changes):
        raise SupersededError
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE intake_import SET lease_until = {_EXTEND} WHERE id = %s RETURNING cancel_asked",  # noqa: S608
            [claim.import_id],
        )
        return bool(cursor.fetchone()[0])


def report(claim: Claim, **changes: Any) -> None:
    """Write how far the import is; raises ``SupersededError`` or ``CancelledError`` when it must stop."""
    with transaction.atomic(durable=True):
        cancelled = _write(claim, changes or {"attempt": claim.attempt})
    if cancelled:
        raise CancelledError


def add_counts(claim: Claim, *, new: int, changed: int, outdated: int, orders: int) -> None:
    """Add one chunk's counts within the transaction that writes the chunk; raises ``SupersededError``."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE intake_import SET new = new + %s, changed = changed + %s, outdated = outdated + %s,
                   lapses = CASE WHEN %s > 0 THEN 0 ELSE lapses END,
                   progress = jsonb_set(progress, '{{orders_done}}',
                                        to_jsonb(coalesce((progress->>'orders_done')::bigint, 0) + %s)),
                   lease_until = {_EXTEND}
             WHERE id = %s AND attempt = %s AND state = 'storing'
            """,  # noqa: S608 - a constant of ours
            [new, changed, outdated, new + changed, orders, claim.import_id, claim.attempt],
        )
        if not cursor.rowcount:
            raise SupersededError


def finish(claim: Claim, state: State, **changes: Any) -> None:
    """End the import; raises ``SupersededError`` when it is no longer this worker's."""
    with transaction.atomic(durable=True):
        _write(claim, changes or {"attempt": claim.attempt})
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE intake_import SET state = %s, lease_until = NULL, finished_at = now() WHERE id = %s",
                [state.value, claim.import_id],
            )


def cancel(import_id: int, *, merchant: int) -> bool:
    """Ask an import to stop; what it has stored stays. False when it has ended, or is not the merchant's."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE intake_import
               SET cancel_asked = true,
                   state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END,
                   finished_at = CASE WHEN state = 'queued' THEN now() END
             WHERE id = %s AND merchant_id = %s AND state IN ('queued', 'reading', 'storing')
            """,
            [import_id, merchant],
        )
        return bool(cursor.rowcount)


def wake_lapsed() -> list[int]:
    """Wake the workers for imports that were queued, or left by a worker that died, and that nobody runs."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id FROM intake_import
             WHERE (state = 'queued' AND created_at < now() - interval '30 seconds')
                OR (state IN ('reading', 'storing') AND lease_until < now())
             ORDER BY id
            """
        )
        lapsed = [row[0] for row in cursor.fetchall()]
        for import_id in lapsed:
            wake(import_id)
    return lapsed


def drop_uploads() -> int:
    """Delete the uploaded bytes that only imports of more than ``UPLOAD_DAYS`` ago name; return how many files.

    What an import said stays: its counts, its refused rows as masked values with their reasons, and the orders.
    """
    long_ago = Now() - timedelta(days=UPLOAD_DAYS)
    ImportRefusal.objects.filter(drop__finished_at__lt=long_ago, raw__isnull=False).update(raw=None)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT f.sha256, f.name FROM intake_importfile AS f JOIN intake_import AS i ON i.id = f.drop_id
             GROUP BY 1, 2
            HAVING bool_and(coalesce(i.finished_at < now() - make_interval(days => %s), false))
             ORDER BY 1, 2
            """,
            [UPLOAD_DAYS],
        )
        old = cursor.fetchall()
    before = time.time() - timedelta(days=UPLOAD_DAYS).total_seconds()
    dropped = 0
    for digest, name in old:
        path = upload_path(digest, name)
        # a file that is being uploaded once more at this moment is new on the disk and in no import yet
        if path.exists() and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
            dropped += 1
    return dropped

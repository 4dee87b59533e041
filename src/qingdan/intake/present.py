"""Imports as the screens see them, and their refused rows as a spreadsheet."""

import tempfile
from collections.abc import Mapping, Sequence
from typing import IO, Any, Final, Literal

import polars as pl
from django.db import transaction

from qingdan.core.message import Language, Message, Words
from qingdan.intake import refusedsheets, unlocking
from qingdan.intake.actions import wake
from qingdan.intake.models import ENDED, Import, ImportFile, ImportRefusal, State
from qingdan.orders import sheets

PAGE_SIZE: Final = 20
NEEDS_PASSWORD: Final = "needs_password"  # noqa: S105 - a state
"""State of a file that nobody gave the right password for; the other files of its drop went on."""

_NO_SUCH_IMPORT: Final = Message(
    "import.not_found",
    Words("没有找到这次导入。", "There is no such import."),
    Words("请回到导入页面查看导入记录。", "See the list of imports on the import page."),
)
_NOT_NOW: Final = Message(
    "import.not_now",
    Words(
        "这次导入现在不能这样操作，它的状态已经变了。", "This can not be done to the import now: its state has changed."
    ),
    Words(
        "进行中的导入可以取消，失败或已取消的可以重试。",
        "An import that runs can be cancelled, one that failed or was cancelled can be tried again.",
    ),
)
_REFUSED: Final[dict[str, Words]] = {
    "file": Words("文件", "File"),
    "sheet": Words("工作表", "Sheet"),
    "row": Words("行", "Row"),
    "column": Words("列", "Column"),
    "value": Words("内容", "Value"),
    "said": Words("原因", "Reason"),
    "advice": Words("怎么办", "What to do"),
}


class ImportRequestError(Exception):
    """Something asked of an import was not done; ``message`` says why."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.text("en"))
        self.message = message


class NoSuchImportError(ImportRequestError):
    """The merchant has no such import."""

    def __init__(self) -> None:
        super().__init__(_NO_SUCH_IMPORT)


class NotNowError(ImportRequestError):
    """The import's state does not allow it."""

    def __init__(self) -> None:
        super().__init__(_NOT_NOW)


def access_import(merchant_id: int, import_id: int) -> Import:
    """Return the merchant's import; raise ``NoSuchImportError`` for one that is unknown or another's."""
    found = (
        Import.objects.select_related("undoing")
        .prefetch_related("files")
        .filter(merchant_id=merchant_id, id=import_id)
        .first()
    )
    if found is None:
        raise NoSuchImportError
    return found


def page(merchant_id: int, number: int) -> tuple[list[Import], int]:
    """Return one page of the merchant's imports, the newest first, and how many there are; pages count from 1."""
    every = Import.objects.filter(merchant_id=merchant_id)
    start = (number - 1) * PAGE_SIZE
    return list(
        every.select_related("undoing").prefetch_related("files").order_by("-id")[start : start + PAGE_SIZE]
    ), every.count()


@transaction.atomic
def retry(merchant_id: int, import_id: int) -> None:
    """Queue a failed or cancelled import once more; what it had stored it finds unchanged. Raises ``NotNowError``.

    Its attempt number stays, so that a worker of an earlier attempt can write nothing more.
    """
    again = Import.objects.filter(
        merchant_id=merchant_id, id=import_id, state__in=[State.FAILED, State.CANCELLED]
    ).update(
        state=State.QUEUED,
        cancel_asked=False,
        lease_until=None,
        started_at=None,
        finished_at=None,
        error=None,
        notices=[],
        totals={},
        progress={},
        **dict.fromkeys(("orders", "new", "changed", "outdated", "refused"), 0),
    )
    if not again:
        raise NotNowError
    wake(import_id)


def shown(drop: Import) -> dict[str, Any]:
    """Return an import with its files, counts and totals."""
    files = [_file(file, drop) for file in sorted(drop.files.all(), key=lambda file: file.position)]
    return {
        "id": drop.id,
        "created_at": drop.created_at,
        "by": {"name": drop.actor_name},
        "shop": drop.shop,
        "state": drop.state,
        "progress": _progress(drop),
        "files": files,
        "rows": sum(file["rows"] for file in files),
        "orders": drop.orders,
        "new": drop.new,
        "changed": drop.changed,
        "unchanged": max(drop.unchanged, 0) if drop.state in {State.DONE, State.UNDONE} else 0,
        "refused": drop.refused,
        "seconds": drop.seconds,
        "undone": {**drop.undone, "at": drop.undone_at} if drop.undone else None,
        "error": _problem(drop.error),
        "notices": [{"zh": n["zh"], "en": n["en"], "file": n.get("file") or None} for n in drop.notices],
        "totals": {name: drop.totals.get(f"by_{name}", {}) for name in ("verdict", "tier", "reason", "channel")},
    }


def refused_rows(drop: Import, form: Literal["csv", "xlsx"], language: Language) -> IO[bytes]:
    """Write the list of the import's refused rows, masked, to a temporary file and return it, at its beginning."""
    columns = ("file", "sheet", "row", "column", "value", language, f"advice_{language}")
    rows = ImportRefusal.objects.filter(drop=drop).order_by("file", "row", "id").values_list(*columns)
    heads = [words.text(language) for words in _REFUSED.values()]
    schema = {head: pl.Int64() if name == "row" else pl.String() for name, head in zip(_REFUSED, heads, strict=True)}
    frame = pl.DataFrame(list(rows), schema=schema, orient="row")
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    if form == "csv":
        sheets.write_csv(frame, file)
    else:
        sheets.write_xlsx(frame, file)
    file.seek(0)
    return file


def correctable(drop: Import, form: refusedsheets.Format, language: Language) -> IO[bytes]:
    """Write the refused rows, in clear and whole, to be corrected and imported again; return the file.

    Recording who takes them is the caller's.
    """
    columns = ("file", "sheet", "row", "column", "zh", "en", "advice_zh", "advice_en", "raw")
    rows = list(ImportRefusal.objects.filter(drop=drop).order_by("file", "row", "id").values(*columns))
    return refusedsheets.write(rows, form, language)


def _progress(drop: Import) -> float:
    """Return how far an import is, 0 to 1; reading is the first half and storing the second."""
    if drop.state in ENDED:
        return 1.0
    if drop.state == State.STORING:
        return 0.5 + 0.5 * _share(drop.progress, "orders_done", "orders")
    return 0.5 * min(float(drop.progress.get("share") or 0), 1.0) if drop.state == State.READING else 0.0


def _share(progress: Mapping[str, Any], done: str, of: str) -> float:
    whole = progress.get(of) or 0
    return min(float(progress.get(done) or 0) / whole, 1.0) if whole else 0.0


def _file(file: ImportFile, drop: Import) -> dict[str, Any]:
    reports: Sequence[Mapping[str, Any]] = file.reports
    problems = [report["problem"] for report in reports if report.get("problem")]
    waits = [report["problem"] for report in reports if report.get("protected")]
    problem = next(iter(waits or problems), None)
    read = [report for report in reports if not report.get("problem")]
    if waits and drop.state in ENDED:
        return {**_read(file, read), "state": NEEDS_PASSWORD, "error": _problem(problem)}
    if problem:
        state = State.FAILED
    elif reports:
        state = State.DONE
    else:
        state = State(drop.state)
    return {**_read(file, read), "state": state.value, "error": _problem(problem)}


def _read(file: ImportFile, read: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "name": file.name,
        "size": file.size,
        "sha256": file.sha256,
        "channel": next((report["channel"] for report in read if report["channel"]), None),
        "kind": next((report["kind"] for report in read if report["kind"]), None),
        "rows": sum(report["rows"] for report in read),
        "orders": sum(report["orders"] for report in read),
        "refused": sum(report["refused"] for report in read),
        "mappable": unlocking.unmapped(file),
    }


def _problem(kept: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return a kept message in the shape of the API's errors."""
    if not kept:
        return None
    texts = ("zh", "en", "advice_zh", "advice_en")
    return {"code": kept["id"], **{name: kept.get(name, "") for name in texts}}

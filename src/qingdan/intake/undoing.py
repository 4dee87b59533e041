"""Undoing an import that has ended: a look at what it would do, the asking, and the doing by a worker.

The doing is one transaction, whole or not at all; how far it is stands in a row of its own (``models.Undoing``).
"""

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from django.db import connection, transaction
from django.db.models.functions import Now
from procrastinate.contrib.django import app

from qingdan.core.message import LANGUAGES, Message, Words
from qingdan.intake.actions import QUEUE
from qingdan.intake.models import ENDED, Import, State, Undoing
from qingdan.intake.present import ImportRequestError, NoSuchImportError, NotNowError
from qingdan.orders import undo
from qingdan.orders.actors import Actor
from qingdan.orders.alone import alone
from qingdan.orders.undo import Outlook

UNDO: Final = "intake.undo_import"
STEPS: Final = 1 + undo.STEPS
"""Steps that a person sees: the look, then those of ``undo.apply``."""
_LOCK: Final = 0x71D8

_WHY: Final[dict[str, Words]] = {
    "decided": Words("之后有人处理过", "somebody decided it since"),
    "imported": Words("之后的导入又更新过", "a later import changed it"),
    "moved": Words("之后状态又变过", "it moved on since"),
    "acted": Words("已推送仓库，或有人查看过收货信息", "it left for the warehouse, or its receiver was looked at"),
    "forgotten": Words("导入前的内容已过保留期", "what it was before is no longer kept"),
}
_BLOCKED: Final = Message(
    "import.undo_blocked",
    Words(
        "不能撤销：有 {count} 个订单在这次导入之后有了新变化，例如 {examples}。",
        "This can not be undone: {count} orders have changed since the import, such as {examples}.",
    ),
    Words("请在订单页面逐个处理这些订单。", "Deal with these orders one by one on the orders page."),
)
_NOT_NOW: Final = Message(
    "import.undo_not_now",
    Words(
        "现在不能撤销：这次导入还没有结束，或已经撤销过。", "Not now: the import has not ended, or was undone already."
    ),
    Words("请刷新页面查看它的状态。", "Reload the page to see its state."),
)
_BUSY: Final = Message(
    "import.undo_busy",
    Words("现在不能撤销：另一次导入正在入库。", "Not now: another import is being stored."),
    Words("请等它结束后再撤销。", "Wait until it has ended."),
)


class UndoRefusedError(NotNowError):
    """The import can not be undone; the message says why."""

    def __init__(self, message: Message) -> None:
        ImportRequestError.__init__(self, message)


def preview(import_id: int, *, merchant: int) -> dict[str, Any]:
    """Say what undoing would do, or why it can not be done; nothing is changed."""
    with transaction.atomic(durable=True):
        row = _locked(import_id, merchant)
        refusal = _refusal(row)
        outlook = undo.look(import_id, merchant=merchant, lock=False) if refusal is None else Outlook(0, 0, 0, ())
        transaction.set_rollback(True)
    return _outlook(outlook, refusal or _blocked(outlook))


def ask(import_id: int, *, merchant: int, actor: Actor) -> None:
    """Have an import undone in the background; asking while it is being done changes nothing.

    Raises ``NoSuchImportError`` and ``UndoRefusedError``.
    """
    with transaction.atomic(durable=True):
        row = Import.objects.filter(pk=import_id, merchant_id=merchant).first()
        if row is None:
            raise NoSuchImportError
        if (refusal := _refusal(row)) is not None:
            raise UndoRefusedError(refusal)
        who = {"actor_id": actor.id, "actor_name": actor.name}
        asked, fresh = Undoing.objects.get_or_create(pk=import_id, defaults=who)
        if not fresh and asked.finished_at is None:
            return
        Undoing.objects.filter(pk=import_id).update(**who, step=0, error=None, asked_at=Now(), finished_at=None)
        _wake(import_id)


def run(import_id: int) -> None:
    """Undo an import that a person asked for, unless another worker does; one that died has changed nothing."""
    with alone(_LOCK, import_id) as mine:
        asked = Undoing.objects.select_related("drop").filter(pk=import_id, finished_at=None).first()
        if not mine or asked is None:
            return
        actor = Actor("user", asked.actor_id, asked.actor_name)
        error = None
        try:
            with _telling(import_id) as told:
                undo_import(import_id, merchant=asked.drop.merchant_id, actor=actor, told=told)
        except UndoRefusedError as refused:
            # one that was done by a worker that died before it could say so is done
            undone = Import.objects.filter(pk=import_id, state=State.UNDONE).exists()
            error = None if undone else refused.message.record()
        Undoing.objects.filter(pk=import_id).update(step=STEPS, error=error, finished_at=Now())


def wake_open() -> None:
    """Queue again what a dead worker left; who works on one holds its lock."""
    with transaction.atomic(durable=True):
        for key in Undoing.objects.filter(finished_at=None).values_list("pk", flat=True):
            _wake(key)


def shown(row: Import) -> dict[str, Any] | None:
    """Return how far the undoing of an import is, or why it was refused; None when nobody asked for it."""
    asked = getattr(row, "undoing", None)
    if asked is None or row.state == State.UNDONE:
        return None
    problem = {"code": asked.error["id"], **{name: asked.error[name] for name in _TEXTS}} if asked.error else None
    return {"by": asked.actor_name, "progress": asked.step / STEPS, "problem": problem}


_TEXTS: Final = ("zh", "en", "advice_zh", "advice_en")


def _wake(import_id: int) -> None:
    app.configure_task(UNDO, queue=QUEUE).defer(import_id=import_id)


@contextmanager
def _telling(import_id: int) -> Iterator[Callable[[int], None]]:
    """Give what tells a step: the transaction's own writes would be seen at its end only."""
    steps: queue.SimpleQueue[int | None] = queue.SimpleQueue()

    def tell() -> None:
        try:
            while (step := steps.get()) is not None:
                Undoing.objects.filter(pk=import_id).update(step=step)
        finally:
            connection.close()

    thread = threading.Thread(target=tell, name="undo-telling", daemon=True)
    thread.start()
    try:
        yield steps.put
    finally:
        steps.put(None)
        thread.join()


def undo_import(import_id: int, *, merchant: int, actor: Actor, told: Callable[[int], None] = lambda _: None) -> None:
    """Undo an import. Raises ``NoSuchImportError``, and ``UndoRefusedError`` with what stands in the way."""
    with transaction.atomic(durable=True):
        row = _locked(import_id, merchant)
        outlook = undo.look(import_id, merchant=merchant)
        refusal = _refusal(row) or _blocked(outlook)
        if refusal is not None:
            raise UndoRefusedError(refusal)
        told(1)
        if not undo.apply(import_id, actor=actor, told=lambda step: told(1 + step)):
            raise UndoRefusedError(_BUSY)
        done = {"by": actor.name, "removed": outlook.removed, "restored": outlook.restored}
        Import.objects.filter(pk=import_id).update(state=State.UNDONE, undone=done, undone_at=Now())


def _locked(import_id: int, merchant: int) -> Import:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', '20s', true)")
    row = Import.objects.select_for_update().filter(pk=import_id, merchant_id=merchant).first()
    if row is None:
        raise NoSuchImportError
    return row


def _refusal(row: Import) -> Message | None:
    if row.state not in ENDED or row.state == State.UNDONE:
        return _NOT_NOW
    # what one that is being stored has found unchanged would be gone under it
    if Import.objects.filter(merchant_id=row.merchant_id, state=State.STORING).exists():
        return _BUSY
    return None


def _blocked(outlook: Outlook) -> Message | None:
    if not outlook.blocked:
        return None
    examples = Words(
        *(
            "、".join(f"{number}（{_WHY[why].chosen(language)}）" for number, why in outlook.examples)
            for language in LANGUAGES
        )
    )
    return replace(_BLOCKED, params={"count": outlook.blocked, "examples": examples})


def _outlook(outlook: Outlook, refusal: Message | None) -> dict[str, Any]:
    problem = {"code": refusal.id, **refusal.both()} if refusal else None
    return {"removed": outlook.removed, "restored": outlook.restored, "problem": problem}

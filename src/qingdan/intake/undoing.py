"""Undoing an import that has ended: a look at what it would do, and the doing, each in one transaction."""

from dataclasses import replace
from typing import Any, Final

from django.db import connection, transaction
from django.db.models.functions import Now

from qingdan.core.message import LANGUAGES, Message, Words
from qingdan.intake.models import ENDED, Import, State
from qingdan.intake.present import ImportRequestError, NoSuchImportError, NotNowError
from qingdan.orders import undo
from qingdan.orders.actors import Actor
from qingdan.orders.undo import Outlook

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
        outlook = undo.look(import_id, merchant=merchant) if refusal is None else Outlook(0, 0, 0, ())
        transaction.set_rollback(True)
    return _shown(outlook, refusal or _blocked(outlook))


def undo_import(import_id: int, *, merchant: int, actor: Actor) -> None:
    """Undo an import. Raises ``NoSuchImportError``, and ``UndoRefusedError`` with what stands in the way."""
    with transaction.atomic(durable=True):
        row = _locked(import_id, merchant)
        outlook = undo.look(import_id, merchant=merchant)
        refusal = _refusal(row) or _blocked(outlook)
        if refusal is not None:
            raise UndoRefusedError(refusal)
        if not undo.apply(import_id, actor=actor):
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


def _shown(outlook: Outlook, refusal: Message | None) -> dict[str, Any]:
    problem = {"code": refusal.id, **refusal.both()} if refusal else None
    return {"removed": outlook.removed, "restored": outlook.restored, "problem": problem}

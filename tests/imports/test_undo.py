"""Undoing an import leaves the store as if it had not been, or says which orders stand in the way."""

import datetime as dt
from typing import Any
from uuid import uuid4

import polars as pl
import pytest
from django.db import connection

from qingdan.core.columns import LINE_SCHEMA, ORDER_SCHEMA
from qingdan.intake import undoing
from qingdan.intake.models import Import, State, Undoing
from qingdan.intake.undoing import UndoRefusedError
from qingdan.orders import actions, queries
from qingdan.orders.actors import Actor
from qingdan.orders.merge import VERDICT_SCHEMA
from qingdan.orders.models import Order, OrderImage

pytestmark = pytest.mark.django_db(transaction=True)

AS_OF = dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC)
WANG = Actor("user", "7", "王芳")


class Desk:
    """One merchant, and imports of a few orders of one shop."""

    def __init__(self) -> None:
        self.merchant = actions.ensure_merchant(f"商家{uuid4()}").pk
        self.hours = 0

    def load(self, *numbers: int, memo: str = "", title: str = "围巾") -> int:
        self.hours += 1
        made = Import.objects.create(
            merchant_id=self.merchant, as_of=AS_OF, actor_kind="user", actor_id="7", actor_name="王芳", state=State.DONE
        )
        blank: dict[str, Any] = {name: _zero(dtype) for name, dtype in {**ORDER_SCHEMA, **VERDICT_SCHEMA}.items()}
        known = {
            "channel": "jd", "shop": "店", "platform_state": "waiting", "platform_hold": "none", "presale_step": "none",
            "flag_color": "none", "address_quality": "complete", "paid_amount": 100, "verdict": "review",
            "stage": "in_review", "payment_match": "none", "seller_memo": memo, "goods_title": title,
        }  # fmt: skip
        rows = [blank | known | {"order_no": str(number)} for number in numbers]
        orders = pl.DataFrame(rows, schema={**ORDER_SCHEMA, **VERDICT_SCHEMA}, orient="row")
        line = {"line_no": "1", "title": title, "spec": "", "gift": False}
        lines = pl.DataFrame(
            [{"channel": "jd", "order_no": str(n), **line} for n in numbers], schema=LINE_SCHEMA, orient="row"
        )
        actions.record(
            orders,
            lines,
            merchant=self.merchant,
            shops=actions.ensure_shops(self.merchant, [("jd", "店")]),
            import_id=made.pk,
            policy_hash="a" * 64,
            as_of=AS_OF + dt.timedelta(hours=self.hours),
            actor=Actor("import", str(made.pk), "王芳"),
        )
        return made.pk

    def undo(self, import_id: int) -> None:
        undoing.undo_import(import_id, merchant=self.merchant, actor=WANG)

    def preview(self, import_id: int) -> dict[str, Any]:
        return undoing.preview(import_id, merchant=self.merchant)

    def content(self) -> tuple[pl.DataFrame, pl.DataFrame, list[dict[str, Any]]]:
        """Orders, lines and counters, without what counts the changes."""
        found = Order.objects.filter(merchant_id=self.merchant).order_by("order_no")
        columns = [f.column for f in Order._meta.concrete_fields if f.column not in {"version", "changed_at", "digest"}]
        lines = queries.lines(pl.Series([order.pk for order in found], dtype=pl.Int64))
        counters = queries.counters(self.merchant).sort(pl.all())
        return counters, lines.sort(pl.all()), list(found.values(*columns))

    def decide(self, number: int) -> None:
        order = Order.objects.get(merchant_id=self.merchant, order_no=str(number))
        actions.decide(order.pk, merchant=self.merchant, version=order.version, action=actions.Action.HOLD, actor=WANG)


def _zero(dtype: pl.DataType) -> object:
    if isinstance(dtype, pl.Boolean):
        return False
    if isinstance(dtype, pl.List):
        return []
    if isinstance(dtype, pl.String):
        return ""
    return 0 if isinstance(dtype, pl.Int64) else None


@pytest.fixture
def desk() -> Desk:
    return Desk()


def same(one: tuple[Any, Any, Any], other: tuple[Any, Any, Any]) -> bool:
    return one[0].equals(other[0]) and one[1].equals(other[1]) and one[2] == other[2]


def test_new_orders_go_and_changed_ones_are_again_what_they_were(desk: Desk) -> None:
    desk.load(1, 2, 3)
    before = desk.content()
    second = desk.load(2, 3, 4, 5, memo="急", title="手套")
    assert desk.preview(second) == {"removed": 2, "restored": 2, "problem": None}
    assert not same(desk.content(), before)
    desk.undo(second)
    assert same(desk.content(), before)
    row = Import.objects.get(pk=second)
    assert (row.state, row.undone) == (State.UNDONE, {"by": "王芳", "removed": 2, "restored": 2})
    events = [list(order.events.order_by("version")) for order in Order.objects.filter(merchant_id=desk.merchant)]
    assert sorted([event.kind for event in told] for told in events) == [
        ["imported"],
        ["imported", "updated", "undone"],
        ["imported", "updated", "undone"],
    ]
    undone = next(told[-1] for told in events if len(told) == 3)
    assert undone.changes["goods_title"] == {"before": "手套", "after": "围巾"}
    assert (undone.actor_name, undone.reason) == ("王芳", f"#{second}")
    assert not OrderImage.objects.filter(order__merchant_id=desk.merchant).exists()


def test_what_was_undone_can_be_imported_again(desk: Desk) -> None:
    desk.load(1)
    second = desk.load(1, 2, memo="急")
    there = desk.content()
    desk.undo(second)
    desk.load(1, 2, memo="急")
    again = desk.content()
    assert again[0].equals(there[0])
    assert [row["seller_memo"] for row in again[2]] == ["急", "急"]


def test_an_order_that_went_on_stops_the_whole_and_is_named(desk: Desk) -> None:
    first = desk.load(1, 2, 3)
    desk.decide(1)
    desk.load(2, memo="急")
    before = desk.content()
    with pytest.raises(UndoRefusedError) as refused:
        desk.undo(first)
    said = refused.value.message.text("zh")
    assert "有 2 个订单" in said
    assert "1（之后有人处理过）" in said
    assert "2（之后的导入又更新过）" in said
    assert desk.preview(first)["problem"]["zh"] == said
    assert same(desk.content(), before)
    assert Import.objects.get(pk=first).state == State.DONE


def test_it_waits_for_its_end_and_happens_once(desk: Desk) -> None:
    first = desk.load(1)
    other = Import.objects.create(
        merchant_id=desk.merchant, as_of=AS_OF, actor_kind="user", actor_id="7", actor_name="王芳",
        state=State.STORING, lease_until=AS_OF,
    )  # fmt: skip
    with pytest.raises(UndoRefusedError, match="being stored"):
        desk.undo(first)
    with pytest.raises(UndoRefusedError, match="not ended"):
        desk.undo(other.pk)
    other.delete()
    desk.undo(first)
    with pytest.raises(UndoRefusedError, match="undone already"):
        desk.undo(first)


def test_what_waits_for_the_warehouse_is_withdrawn_and_what_left_stays(desk: Desk) -> None:
    first = desk.load(1, 2)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orders_order SET stage = 'released', decided_kind = 'policy', decided_id = 'x' "
            "WHERE merchant_id = %s",
            [desk.merchant],
        )
        assert desk.preview(first)["problem"] is None
        cursor.execute(
            "UPDATE fulfilment_push SET state = 'unknown' WHERE merchant_id = %s AND order_id = "
            "(SELECT min(id) FROM orders_order WHERE merchant_id = %s)",
            [desk.merchant, desk.merchant],
        )
        assert "1（已推送仓库" in desk.preview(first)["problem"]["zh"]
        cursor.execute("UPDATE fulfilment_push SET state = 'ready' WHERE merchant_id = %s", [desk.merchant])
        desk.undo(first)
        cursor.execute("SELECT count(*) FROM fulfilment_push WHERE merchant_id = %s", [desk.merchant])
        assert cursor.fetchone() == (0,)


def test_what_orders_were_is_forgotten_in_time(desk: Desk) -> None:
    desk.load(1)
    second = desk.load(1, memo="急")
    assert actions.drop_images() == 0
    OrderImage.objects.filter(import_id=second).update(at=AS_OF - dt.timedelta(days=90))
    assert actions.drop_images() == 1
    assert "保留期" in desk.preview(second)["problem"]["zh"]


def test_a_worker_undoes_what_was_asked_for_once_and_says_how_far_it_is_or_why_not(desk: Desk) -> None:
    first = desk.load(1, 2)
    undoing.ask(first, merchant=desk.merchant, actor=WANG)
    undoing.ask(first, merchant=desk.merchant, actor=Actor("user", "8", "李雷"))
    row = Import.objects.get(pk=first)
    assert undoing.shown(row) == {"by": "王芳", "progress": 0.0, "problem": None}
    steps: list[int] = []
    undoing.undo_import(desk.load(9), merchant=desk.merchant, actor=WANG, told=steps.append)
    assert steps == [1, 2, 3, 4]

    desk.decide(1)
    undoing.run(first)
    told = undoing.shown(Import.objects.get(pk=first))
    assert told is not None
    assert told["problem"]["code"] == "import.undo_blocked"
    undoing.run(first)
    assert Order.objects.filter(merchant_id=desk.merchant).count() == 2

    # Asked again, by a worker that died before it could say that it was done.
    second = desk.load(3)
    undoing.ask(second, merchant=desk.merchant, actor=WANG)
    desk.undo(second)
    undoing.run(second)
    done = Undoing.objects.get(pk=second)
    assert (done.error, done.finished_at is not None, done.step) == (None, True, undoing.STEPS)
    assert undoing.shown(Import.objects.get(pk=second)) is None
    with pytest.raises(UndoRefusedError):
        undoing.ask(second, merchant=desk.merchant, actor=WANG)

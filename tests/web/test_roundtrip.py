"""import(export(orders)) = orders, through the store, the real export and the real import."""

import datetime as dt
import io
from typing import Any
from uuid import uuid4

import polars as pl
import pytest
from django.conf import settings

from qingdan.core import sheetform
from qingdan.core.columns import LINE_SCHEMA, ORDER_SCHEMA
from qingdan.core.fields import LINE_FIELDS, ORDER_FIELDS, Field, Type
from qingdan.intake import actions, runner
from qingdan.intake.decide import review
from qingdan.intake.models import Import, State
from qingdan.orders import actions as orders
from qingdan.orders import export, queries
from qingdan.orders.actors import Actor
from qingdan.orders.models import Order
from qingdan.policies.actions import ensure_live
from qingdan.policies.queries import compiled

AS_OF = dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.UTC)
FORMULAS = (
    "=1+1", "+86", "-", "@A1", "'=1", "''", "\t=x", " =1 ", "＝1", '="12"', "a\r\nb", "无", "null", "001", "_x000D_"
)  # fmt: skip
ACTOR = Actor("system", "test", "测试")


def value(field: Field, number: int) -> Any:
    made: dict[Type, Any] = {
        Type.TEXT: None if field.nullable and number % 7 == 6 else FORMULAS[number % len(FORMULAS)],
        Type.ENUM: field.value_ids[number % len(field.value_ids)] if field.value_ids else None,
        Type.ENUM_LIST: [],
        Type.MONEY: 12_345 * (number + 1) + 7,
        Type.INT: number + 1,
        Type.BOOL: number % 2 == 0,
        Type.TIME: AS_OF - dt.timedelta(hours=number, microseconds=number),
    }
    return made[field.type]


def stored(merchant: int, count: int = 24) -> None:
    """Orders with a formula in every text, recorded as an import does."""
    rows = []
    for number in range(count):
        row = {f.id: value(f, number + place) for place, f in enumerate(ORDER_FIELDS) if f.id in ORDER_SCHEMA}
        row |= {"channel": "pdd" if number % 2 else "douyin", "order_no": f"26111-{number:06d}", "shop": "=店铺"}
        row |= {"vip": False, "blacklisted": False, "key_account": False}
        rows.append({name: row[name] for name in ORDER_SCHEMA})
    frame = pl.DataFrame(rows, schema=ORDER_SCHEMA, orient="row")
    lines = [
        {f.id: value(f, number + place) for place, f in enumerate(LINE_FIELDS)}
        | {"channel": rows[number]["channel"], "order_no": rows[number]["order_no"], "line_no": f"{line}"}
        for number in range(count)
        for line in range(2)
    ]
    version = ensure_live(merchant)
    policy = compiled(version.source)
    orders.record(
        review(frame, policy, as_of=AS_OF, zone=settings.SHOP_ZONE),
        pl.DataFrame([{name: line[name] for name in LINE_SCHEMA} for line in lines], schema=LINE_SCHEMA, orient="row"),
        merchant=merchant,
        shops=orders.ensure_shops(merchant, frame.select("channel", "shop").unique().rows()),
        import_id=None,
        policy_hash=version.hash,
        as_of=AS_OF,
        actor=ACTOR,
    )


def facts(merchant: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    told = [f.id for f in sheetform.READ]
    found = queries.frame(merchant, also={"id": pl.Int64()}).sort("channel", "order_no")
    lines = queries.lines(found["id"]).sort("channel", "order_no", "line_no")
    return found.select(told).to_dicts(), lines.to_dicts()


def imported(merchant: int, content: bytes, name: str) -> Import:
    made = actions.create_import(
        merchant, [actions.Upload(name, io.BytesIO(content))], actor=ACTOR, as_of=AS_OF, queue=False
    )
    assert runner.run(made.pk) is State.DONE
    made.refresh_from_db()
    return made


@pytest.fixture
def merchant(transactional_db: None) -> int:
    made = orders.ensure_merchant(f"商家{uuid4()}").pk
    stored(made)
    return made


def exported(merchant: int, form: export.Format, *, masked: bool) -> bytes:
    found = Order.objects.filter(merchant_id=merchant).order_by("id")
    with export.write(found, form, "zh", masked=masked) as file:
        return file.read()


@pytest.mark.parametrize("form", ["xlsx", "zip"])
def test_an_export_in_clear_restores_every_fact(merchant: int, form: export.Format) -> None:
    content = exported(merchant, form, masked=False)
    elsewhere = orders.ensure_merchant(f"商家{uuid4()}").pk
    made = imported(elsewhere, content, f"orders.{form}")
    assert (made.new, made.refused) == (24, 0)
    assert facts(elsewhere) == facts(merchant)
    again = imported(merchant, content, f"orders.{form}")
    assert (again.new, again.refused) == (0, 0)
    assert facts(merchant) == facts(elsewhere)


def test_a_csv_of_the_orders_alone_restores_them_and_leaves_their_lines(merchant: int) -> None:
    before = facts(merchant)
    again = imported(merchant, exported(merchant, "csv", masked=False), "orders.csv")
    assert (again.new, again.refused) == (0, 0)
    assert facts(merchant) == before


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_masked_export_never_overwrites_what_is_stored_in_clear(merchant: int, form: export.Format) -> None:
    before = facts(merchant)
    content = exported(merchant, form, masked=True)
    again = imported(merchant, content, f"orders.{form}")
    assert (again.new, again.refused) == (0, 0)
    assert facts(merchant) == before
    elsewhere = orders.ensure_merchant(f"商家{uuid4()}").pk
    imported(elsewhere, content, f"orders.{form}")
    kept = [name for name in before[0][0] if name not in {*sheetform.PERSONAL, "receiver_masked"}]
    assert [{n: row[n] for n in kept} for row in facts(elsewhere)[0]] == [
        {n: row[n] for n in kept} for row in before[0]
    ]
    assert all(row["receiver_masked"] and row["buyer_token"] is None for row in facts(elsewhere)[0])

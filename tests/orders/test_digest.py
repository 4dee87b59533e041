"""What the digest calls unchanged is what the full comparison calls unchanged."""

import datetime as dt
from uuid import uuid4

import order_frames as frames
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from order_store import Store

from qingdan.core.columns import LINE_SCHEMA, ORDER_SCHEMA
from qingdan.orders import actions
from qingdan.orders.digest import contents
from qingdan.orders.merge import COMPARED, COMPARED_LINE, LINE_COLUMNS

HOUR = dt.timedelta(hours=1)
ORDERS = frames.frame(frames.facts(3)).with_columns(shop_id=pl.lit(1, pl.Int64))
LINES = frames.lines(ORDERS)


def other(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """The frame with another value of one column in every row."""
    dtype, column = frame.schema[name], pl.col(name)
    if isinstance(dtype, pl.Enum):
        first, second = dtype.categories[:2]
        changed = pl.when(column.eq_missing(pl.lit(first))).then(pl.lit(second)).otherwise(pl.lit(first)).cast(dtype)
    elif isinstance(dtype, pl.List):
        changed = pl.lit(["new"], dtype=pl.List(pl.String)).cast(dtype)
    elif isinstance(dtype, pl.Datetime):
        changed = (column + pl.duration(microseconds=1)).fill_null(frames.AS_OF)
    elif isinstance(dtype, pl.Boolean):
        changed = ~column.fill_null(value=False)
    elif isinstance(dtype, pl.String):
        changed = column.fill_null("") + "x"
    else:
        changed = (column + 1).fill_null(0)
    return frame.with_columns(changed.alias(name))


@pytest.mark.parametrize("name", COMPARED)
def test_another_value_of_an_order_is_another_digest(name: str) -> None:
    was, now = contents(ORDERS, LINES), contents(other(ORDERS, name), LINES)
    assert not (was == now).any()


@pytest.mark.parametrize("name", ["line_no", *COMPARED_LINE])
def test_another_value_of_a_line_is_another_digest(name: str) -> None:
    was, now = contents(ORDERS, LINES), contents(ORDERS, other(LINES, name))
    assert not (was == now).any()


def test_fewer_lines_or_none_are_another_digest_and_their_order_says_nothing() -> None:
    was = contents(ORDERS, LINES)
    assert not (was == contents(ORDERS, LINES.clear())).any()
    assert not (was == contents(ORDERS, LINES.filter(line_no="2")))[0]
    assert contents(ORDERS, LINES.reverse()).equals(was)


def test_the_digest_looks_at_every_field_of_the_catalogue_that_is_no_feature_of_the_moment() -> None:
    assert {"paid_amount", "address", "refund_state", "seller_memo", "reasons", "verdict"} <= set(COMPARED)
    review = {"shop_id", "verdict", "tier", "tier_tentative", "reasons", "owner_role"}
    assert set(COMPARED) - review <= set(ORDER_SCHEMA)
    assert {"line_no", *COMPARED_LINE} == set(LINE_COLUMNS) == set(LINE_SCHEMA) - {"channel", "order_no"}


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "platform_state": st.sampled_from(["waiting", "unpaid", "shipped", "closed"]),
        "platform_hold": st.sampled_from(["none", "locked"]),
        "refund_state": st.sampled_from(["none", "requested", None]),
        "paid_amount": st.one_of(st.none(), st.sampled_from([100, 90_000])),
        "goods_title": st.sampled_from(["", "围巾"]),
        "seller_memo": st.sampled_from(["", "加急"]),
        "returns_30d": st.integers(0, 2),
        "vip": st.booleans(),
    },
)
STEPS = st.lists(
    st.tuples(CHANGES, st.sampled_from([-2, 0, 1]), st.sampled_from([None, *actions.Action])), min_size=1, max_size=6
)


@pytest.mark.django_db
@settings(max_examples=8, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_the_short_way_and_the_full_comparison_end_alike(steps: list[tuple[dict[str, object], int, object]]) -> None:
    """One store keeps its digests, the other's are wiped before each import."""
    short, full = (_store() for _ in range(2))
    facts = frames.facts(2)
    clock = frames.AS_OF
    for changes, hours, action in steps:
        facts[0] |= changes
        moment = clock + hours * HOUR
        clock = max(clock, moment)
        full.rows("UPDATE orders_order SET digest = NULL WHERE merchant_id = %s RETURNING id")
        assert short.record(facts, as_of=moment) == full.record(facts, as_of=moment)
        if action is not None:
            assert _decide(short, action) == _decide(full, action)
        assert _told(short) == _told(full)


def _store() -> Store:
    merchant = actions.ensure_merchant(f"商家{uuid4()}").pk
    return Store(merchant, actions.ensure_shops(merchant, [("taobao", "旗舰店")]))


def _decide(store: Store, action: object) -> str:
    order = store.order(frames.facts(1)[0]["order_no"])
    try:
        decided = actions.decide(
            int(str(order["id"])),
            merchant=store.merchant,
            version=int(str(order["version"])),
            action=actions.Action(action),
            actor=actions.HOLD_CLOCK,
        )
    except actions.MoveRefusedError as refused:
        return refused.message.id
    return decided.stage.value


def _told(store: Store) -> list[tuple[object, ...]]:
    return store.rows(
        "SELECT order_no, version, stage, verdict, reasons, goods_title, seller_memo, reviewed_at, hand_decided, "
        "(SELECT count(*) FROM orders_orderevent AS e WHERE e.order_id = o.id) FROM orders_order AS o "
        "WHERE merchant_id = %s ORDER BY order_no"
    )

"""Orders and bills meet to the fen: what is planted is found, and nothing else."""

from collections import defaultdict
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from qingdan.core.columns import ORDER_SCHEMA
from qingdan.finance.bills import ENTRY_SCHEMA
from qingdan.finance.matching import match, not_ours

ORDER_COLUMNS = ("channel", "order_no", "paid_amount", "payment_no", "pay_status", "pay_method")


def _orders(*rows: tuple[str, int, str | None, str, str]) -> pl.DataFrame:
    """Orders of Taobao: number, paid amount, payment number, pay status, pay method."""
    return pl.DataFrame(
        [("taobao", *row) for row in rows],
        schema={name: ORDER_SCHEMA[name] for name in ORDER_COLUMNS},
        orient="row",
    )


def _entries(*rows: dict[str, Any]) -> pl.DataFrame:
    base: dict[str, Any] = dict.fromkeys(ENTRY_SCHEMA)
    base |= {"family": "alipay", "format": "alipay_account", "kind": "payment", "amount": 0, "fee": 0}
    filled = [{**base, "row": i, "entry_no": str(i), **row} for i, row in enumerate(rows)]
    return pl.DataFrame(filled, schema=ENTRY_SCHEMA)


def test_each_difference_is_named_with_its_amount() -> None:
    orders = _orders(
        ("1", 10_000, None, "paid", "alipay"),
        ("2", 10_000, None, "paid", "alipay"),
        ("3", 10_000, None, "paid", "alipay"),
        ("4", 10_000, None, "paid", "alipay"),
        ("5", 10_000, None, "paid", "alipay"),
        ("6", 10_000, None, "paid", "alipay"),
        ("7", 10_000, None, "paid", "alipay"),
        ("8", 10_000, None, "unpaid", "alipay"),
        ("9", 10_000, None, "unpaid", "alipay"),
        ("10", 10_000, None, "paid", "cod"),
    )
    entries = _entries(
        {"order_no": "1", "amount": 10_000},
        {"order_no": "2", "amount": 9_999},
        {"order_no": "3", "amount": 10_001},
        {"order_no": "4", "amount": 10_000},
        {"order_no": "4", "amount": 10_000},
        {"order_no": "5", "amount": 10_000},
        {"order_no": "5", "kind": "refund", "amount": -10_000},
        {"order_no": "6", "amount": 10_000},
        {"order_no": "6", "kind": "refund", "amount": -1},
        {"order_no": "8", "amount": 10_000},
        {"order_no": "404", "amount": 5},
        {"kind": "fee", "amount": -60},
    )
    found, assigned = match(orders, entries)
    assert found.select("order_no", "state", "difference").rows() == [
        ("1", "full", 0),
        ("2", "short", -1),
        ("3", "over", 1),
        ("4", "double", 10_000),
        ("5", "refunded", 0),
        ("6", "part_refunded", 0),
        ("7", "missing", -10_000),
        ("8", "unexpected", 0),
        ("9", "unpaid", -10_000),
        ("10", "unpaid", -10_000),
    ]
    assert not_ours(assigned)["amount"].to_list() == [5]


def test_an_entry_is_found_by_the_payment_and_its_refund_follows() -> None:
    orders = _orders(("1", 500, "P1", "paid", "alipay"))
    entries = _entries(
        {"trade_no": "P1", "merchant_order_no": "X9", "amount": 500},
        {"trade_no": "P1", "kind": "refund", "amount": -500},
    )
    found, assigned = match(orders, entries)
    assert assigned["of"].to_list() == ["1", "1"]
    assert found["state"].to_list() == ["refunded"]


def test_two_bills_of_the_same_money_count_it_once() -> None:
    orders = _orders(("1", 500, None, "paid", "alipay"), ("2", 700, None, "paid", "alipay"))
    entries = _entries(
        {"order_no": "1", "trade_no": "P1", "amount": 500},
        {"order_no": "1", "trade_no": "P1", "amount": 500, "format": "alipay_trade", "fee": 3},
        {"order_no": "2", "trade_no": "P2", "amount": 700, "format": "alipay_trade", "fee": 4},
    )
    found, _ = match(orders, entries)
    assert found.select("state", "paid").rows() == [("full", 500), ("full", 700)]


def test_a_payment_number_of_two_orders_proves_nothing() -> None:
    orders = _orders(("1", 500, "P", "paid", "alipay"), ("2", 500, "P", "paid", "alipay"))
    found, assigned = match(orders, _entries({"trade_no": "P", "amount": 1_000}))
    assert found["state"].to_list() == ["missing", "missing"]
    assert not_ours(assigned).height == 1


def _slowly(orders: list[tuple[str, int, str]], entries: list[tuple[str, str, int]]) -> dict[str, str]:
    """Match one by one, in plain Python."""
    states = {}
    paid: dict[str, list[int]] = defaultdict(list)
    refunded: dict[str, int] = defaultdict(int)
    for number, kind, amount in entries:
        if kind == "payment":
            paid[number].append(amount)
        else:
            refunded[number] += amount
    for number, due, status in orders:
        got, back = paid[number], refunded[number]
        if not got and not back:
            states[number] = "missing" if status == "paid" and due > 0 else "unpaid"
        elif back:
            states[number] = "refunded" if back >= sum(got) else "part_refunded"
        elif status != "paid":
            states[number] = "unexpected"
        elif len(got) > 1 and len(set(got)) == 1 and got[0] == due:
            states[number] = "double"
        else:
            states[number] = "short" if sum(got) < due else "over" if sum(got) > due else "full"
    return states


@given(
    orders=st.dictionaries(
        st.sampled_from("abcdefgh"), st.tuples(st.integers(0, 4), st.sampled_from(["paid", "unpaid"])), max_size=8
    ),
    entries=st.lists(
        st.tuples(st.sampled_from("abcdefghxyz"), st.sampled_from(["payment", "refund"]), st.integers(1, 4)),
        max_size=24,
    ),
)
def test_columns_match_as_one_by_one(orders: dict[str, tuple[int, str]], entries: list[tuple[str, str, int]]) -> None:
    given_orders = [(number, due, status) for number, (due, status) in orders.items()]
    frame = _orders(*((number, due, None, status, "alipay") for number, due, status in given_orders))
    bill = _entries(
        *(
            {"order_no": number, "kind": kind, "amount": amount if kind == "payment" else -amount}
            for number, kind, amount in entries
        )
    )
    found, assigned = match(frame, bill)
    assert dict(found.select("order_no", pl.col("state").cast(pl.String)).rows()) == _slowly(given_orders, entries)
    assert not_ours(assigned).height == sum(number not in orders for number, _, _ in entries)

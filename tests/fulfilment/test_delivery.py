"""Amounts hold to the fen, or the order is not sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingdan.fulfilment.delivery import AmountsError, Line, number, read_number, weigh

MONEY = st.integers(0, 10**7)


def line(quantity: int, price: int | None) -> Line:
    return Line("1", "SKU", "示例", "", quantity, price)


@given(
    st.lists(st.tuples(st.integers(1, 50), st.one_of(MONEY, st.none())), min_size=1, max_size=8),
    st.integers(0, 100),
    st.integers(0, 3000),
    st.integers(0, 10**6),
)
def test_shares_add_up_and_no_line_goes_below_nothing(
    lines: list[tuple[int, int | None]], percent: int, freight: int, rest: int
) -> None:
    goods = sum(q * (p or 0) for q, p in lines) + (rest if any(p is None for _, p in lines) else 0)
    discount = goods * percent // 100
    facts = {"paid_amount": goods - discount + freight, "freight": freight, "discount": discount, "goods_amount": goods}

    amounts, weighed = weigh(facts, [line(*one) for one in lines])

    assert (amounts.total, amounts.goods) == (facts["paid_amount"], goods)
    assert sum(one.amount for one in weighed) + freight == facts["paid_amount"]
    assert all(0 <= one.discount <= one.total for one in weighed)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"paid_amount": None}, "push.amount_missing"),
        ({"paid_amount": 2999, "discount": 0, "goods_amount": 3000}, "push.amounts_differ"),
        ({"paid_amount": 3001, "freight": 0}, "push.amounts_differ"),
    ],
)
def test_amounts_that_contradict_each_other_by_a_fen_stop_the_order(facts: dict[str, int | None], said: str) -> None:
    with pytest.raises(AmountsError) as refused:
        weigh(facts, [line(2, 1500)])
    assert refused.value.message.id == said
    assert refused.value.message.text("zh")
    assert refused.value.message.advice_text("en")


def test_an_order_without_lines_is_not_sent() -> None:
    with pytest.raises(AmountsError, match="no lines"):
        weigh({"paid_amount": 1}, [])


@given(st.integers(1, 10**15), st.integers(1, 9999))
def test_a_delivery_number_names_its_order_and_revision(order: int, revision: int) -> None:
    assert read_number(number(order, revision)) == (order, revision)


@pytest.mark.parametrize("text", ["", "QD", "QD1-0", "QD1-01", "XX1", "QD1 ", "QD-1", "QD" + "1" * 30])
def test_other_numbers_are_not_ours(text: str) -> None:
    assert read_number(text) is None

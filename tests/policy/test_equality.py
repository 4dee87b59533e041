"""Two back ends, one meaning: closure, columns and the explaining walk never differ, nor do their verdicts."""

import dataclasses
import secrets

import polars as pl
import pytest
from random_rules import AS_OF, WORDS, Generator

from qingdan.core.columns import ORDER_SCHEMA
from qingdan.core.message import Words
from qingdan.core.policy import compile_policy, load_policy, review_columns, review_one
from qingdan.core.policy.closure import closure
from qingdan.core.policy.columns import Columns
from qingdan.core.policy.evaluate import Evaluator
from qingdan.core.policy.model import Kind, Rule
from qingdan.core.text import with_norm
from qingdan.data.policies import starter_text

RULES_A_ROUND = 50
ROWS_A_ROUND = 170
ROUNDS = 24
FIELDS_USED_TEXT = ("buyer_message", "seller_memo", "address", "flag_label", "receiver_phone")


def as_frame(orders: list[dict[str, object]]) -> pl.DataFrame:
    return pl.DataFrame(orders, schema={name: ORDER_SCHEMA[name] for name in orders[0]})


def test_the_back_ends_agree_on_200_000_random_pairs_of_rule_and_order() -> None:
    assert RULES_A_ROUND * ROWS_A_ROUND * ROUNDS >= 200_000
    unknown_pairs = 0
    for _ in range(ROUNDS):
        seed = secrets.randbits(48)
        generator = Generator(seed)
        rules = [Rule(f"r{i}", Kind.TAG, Words("", ""), generator.expr()) for i in range(RULES_A_ROUND)]
        orders = [generator.order() for _ in range(ROWS_A_ROUND)]
        plan, masks = Columns(rules, WORDS), closure(rules, WORDS)
        frame = as_frame(orders)
        booleans = plan.booleans(frame, AS_OF)
        packed = plan.masks(booleans)
        assert booleans.equals(plan.booleans(with_norm(frame, FIELDS_USED_TEXT), AS_OF)), seed
        walked = [[Evaluator(WORDS, order, AS_OF).decide(rule.ast)[0] for rule in rules] for order in orders]
        for row, order, values in zip(booleans.iter_rows(), orders, walked, strict=True):
            assert list(row) == values, differing(seed, rules, order, row, values)
        expected = list(zip(packed["true_mask"].to_list(), packed["unknown_mask"].to_list(), strict=True))
        assert [masks(order, AS_OF) for order in orders] == expected, seed
        unknown_pairs += sum(value is None for values in walked for value in values)
    assert unknown_pairs > 10_000


def differing(seed: int, rules: list[Rule], order: dict[str, object], row: tuple, values: list) -> str:
    found = [(r.ast, a, b) for r, a, b in zip(rules, row, values, strict=True) if a is not b]
    return f"seed {seed}: {found[:1]} on {order}"


def test_a_verdict_is_the_same_for_one_order_and_in_a_frame() -> None:
    compiled = compile_policy(load_policy(starter_text()))
    generator = Generator(20261111)
    orders = [starter_order(generator) for _ in range(3_000)]
    decided = review_columns(compiled, as_frame(orders), AS_OF).to_dicts()
    for order, expected in zip(orders, decided, strict=True):
        assert dataclasses.asdict(review_one(compiled, order, AS_OF)) == expected, order
    assert {row["verdict"] for row in decided} == {"none", "release", "review", "exception"}


def starter_order(generator: Generator) -> dict[str, object]:
    """A random order that is mostly fit to release, so that every verdict comes up."""
    calm: dict[str, object] = {
        "platform_state": "waiting",
        "platform_hold": "none",
        "presale_step": "none",
        "refund_state": "none",
        "address_changed": False,
        "expedited": False,
        "complaint_warning": False,
        "pay_method": "wechat",
        "pay_status": "paid",
        "mainland": True,
        "province": "浙江",
        "city": "杭州",
        "paid_amount": 9_900,
        "returns_30d": 0,
        "buyer_message": "",
        "seller_memo": "",
        "flag_label": "",
        "address": "文三路1号楼",
        "receiver_masked": False,
        "vip": False,
    }
    wild = {name: value for name, value in generator.order().items() if generator.random.random() < 0.12}
    return {
        **calm,
        "created_at": None,
        "paid_at": AS_OF,
        "ship_by": None,
        "channel": "jd",
        **{k: v for k, v in wild.items() if k in {*calm, "paid_at", "created_at", "ship_by", "channel"}},
    }


def test_masks_replay_the_same_whatever_else_is_in_the_frame() -> None:
    compiled = compile_policy(load_policy(starter_text()))
    generator = Generator(7)
    frame = as_frame([starter_order(generator) for _ in range(400)])
    whole = review_columns(compiled, frame, AS_OF)
    pieces = pl.concat([review_columns(compiled, frame[i : i + 37], AS_OF) for i in range(0, 400, 37)])
    assert whole.equals(pieces)
    assert review_columns(compiled, frame[:0], AS_OF).schema == whole.schema


def test_a_naive_moment_is_refused() -> None:
    compiled = compile_policy(load_policy(starter_text()))
    with pytest.raises(ValueError, match="time zone"):
        review_one(compiled, {}, AS_OF.replace(tzinfo=None))

"""Mined rules: what they select, how they read, and how often an accepted set breaks its promise."""

import itertools

import numpy as np
import polars as pl
import pytest
from bench.mining.run import scores
from hypothesis import given, settings
from hypothesis import strategies as st
from random_rules import AS_OF, FIELDS_USED, Generator

from qingdan.core.columns import ORDER_SCHEMA
from qingdan.core.fields import ORDER_FIELDS
from qingdan.core.message import LANGUAGES, Words
from qingdan.core.policy import compile_policy, load_policy, render
from qingdan.core.policy.bounds import needed
from qingdan.core.policy.check import read_expression
from qingdan.core.policy.closure import closure
from qingdan.core.policy.mining import Aim, Count, Decided, mine, missing, passes, selected
from qingdan.core.policy.mining_draft import with_rules
from qingdan.core.policy.mining_terms import FIELDS_READ, distinct, joined, terms, truth
from qingdan.core.policy.model import Kind, Rule
from qingdan.core.policy.vocabulary import Vocabulary
from qingdan.data.policies import starter_text

DEFAULTS = {f.id: f.default for f in ORDER_FIELDS if f.id in ORDER_SCHEMA}
POLICY = load_policy(starter_text())


def some_orders(seed: int, count: int) -> pl.DataFrame:
    """Random orders with nulls, odd texts and extreme numbers."""
    generator = Generator(seed)
    rows = [generator.order() for _ in range(count)]
    assert set(rows[0]) >= set(FIELDS_USED)
    return pl.DataFrame([{**DEFAULTS, **row, "shop": "旗舰店"} for row in rows], schema=dict(ORDER_SCHEMA))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**40), st.integers(1, 5))
def test_a_rule_s_text_selects_exactly_what_the_search_counted_in_both_back_ends(seed: int, size: int) -> None:
    orders = some_orders(seed, 60)
    tried = terms(orders, POLICY)
    bits = truth(tried, orders, POLICY)
    kept = distinct(tried, bits)
    rng = np.random.default_rng(seed)
    chosen = tuple(int(place) for place in rng.choice(kept, min(size, len(kept)), replace=False))
    claimed = selected(chosen, bits).tolist()
    condition = joined(tried[place].ast for place in chosen)
    vocabulary = Vocabulary(POLICY.words)
    for language in LANGUAGES:
        read = read_expression(render(condition, language), vocabulary)
        assert read.expr == condition, render(condition, language)
        rule = Rule("r", Kind.TAG, Words("", ""), condition)
        one = closure([rule], POLICY.words)
        assert [one(order, AS_OF)[0] == 1 for order in orders.iter_rows(named=True)] == claimed


def test_every_condition_reads_back_as_itself_and_no_personal_data_is_compared() -> None:
    orders = some_orders(7, 400)
    tried = terms(orders, POLICY)
    vocabulary = Vocabulary(POLICY.words)
    for term, language in itertools.product(tried, LANGUAGES):
        assert read_expression(render(term.ast, language), vocabulary).expr == term.ast
    assert not {"buyer_token", "receiver_phone", "address", "order_no", "receiver_key"} & set(FIELDS_READ)
    assert len({term.ast for term in tried}) == len(tried)


def test_a_draft_passes_what_the_rule_selects_and_stops_what_was_stopped() -> None:
    vocabulary = Vocabulary(POLICY.words)
    rule = read_expression("实付金额 <= 800元 且 近30天退货 <= 2 且 大陆地区 = 是", vocabulary).expr
    assert rule is not None
    text = with_rules(starter_text(), {"amount_region": [rule], "trust": [rule]})
    old, new = compile_policy(POLICY), compile_policy(load_policy(text))
    assert "# 检查项：全部通过才自动放行" in text
    rows = list(some_orders(3, 500).iter_rows(named=True))
    fits = closure([Rule("r", Kind.TAG, Words("", ""), rule)], POLICY.words)
    bits = {kind: [bit for bit, _ in POLICY.of(kind)] for kind in Kind}
    ids = [r.id for r in POLICY.rules]
    loosened = {ids.index("amount_region"), ids.index("trust")}
    for row in rows:
        was, now = old.closure(row, AS_OF), new.closure(row, AS_OF)
        for bit in (*bits[Kind.EXCEPTION], *bits[Kind.HOLD], *bits[Kind.SCOPE]):
            assert was[0] >> bit & 1 == now[0] >> bit & 1
        for bit in bits[Kind.CHECK]:
            passed = was[0] >> bit & 1 or (bit in loosened and fits(row, AS_OF)[0] == 1)
            assert now[0] >> bit & 1 == passed


@pytest.mark.parametrize(
    ("target", "clean"), [(0.98, (149, 236, 313)), (0.99, (299, 473, 628)), (0.995, (598, 947, 1258))]
)
def test_as_many_are_needed_as_the_tables_say(target: float, clean: tuple[int, ...]) -> None:
    for bad, n in enumerate(clean):
        assert passes(n, bad, target, 0.95)
        assert not passes(n - 1, bad, target, 0.95)
        assert needed(target, bad) == n
    assert missing(Count(412, 2, 0.0), 0.99, 0.95) == 216


def test_the_set_is_what_is_proven_and_the_first_failure_ends_it() -> None:
    rng = np.random.default_rng(5)
    n = 12_000
    bits = rng.random((n, 6)) < 0.5
    safe = rng.random(n) >= np.where(bits[:, 0], 0.002, np.where(bits[:, 1], 0.004, 0.3))
    decided = Decided(bits, [str(i) for i in range(6)], safe, np.arange(n) >= n * 0.6)
    found = mine(decided, Aim(), np.random.default_rng(1))
    assert found.proven >= 2
    assert set(found.rules[:2]) == {(0,), (1,)}
    for size, count in enumerate(found.sets, start=1):
        union = np.logical_or.reduce([selected(rule, bits) for rule in found.rules[:size]]) & decided.later
        assert (count.n, count.bad) == (int(union.sum()), int((union & ~safe).sum()))
    assert found == mine(decided, Aim(), np.random.default_rng(1))
    wrong = Decided(bits, decided.families, rng.random(n) >= 0.02, decided.later)
    assert mine(wrong, Aim(), np.random.default_rng(1)).proven == 0
    nothing = Decided(bits[:, :0], [], safe, decided.later)
    assert mine(nothing, Aim(), np.random.default_rng(1)).rules == ()


def test_accepted_sets_keep_their_promise_on_fresh_orders() -> None:
    """The bench does this with 200 teams; here the few that are enough to notice a broken proof."""
    found = scores(8, decisions=6_000, fresh=10_000, target=0.98)
    accepted = [one for one in found if one.accepted]
    assert len(accepted) >= 3
    assert sum(one.precision < 0.98 for one in accepted) <= 1
    assert max(one.coverage for one in accepted) > 0.5

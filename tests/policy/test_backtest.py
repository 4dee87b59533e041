"""Backtests in columns: the same verdicts as review gives, and sums that a plain loop confirms."""

import secrets
from collections import Counter
from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from random_rules import AS_OF, Generator
from test_equality import starter_order
from test_forms import random_policy

from qingdan.core.columns import ORDER_SCHEMA
from qingdan.core.policy import compile_policy, load_policy, review_columns, review_one
from qingdan.core.policy.backtest import CODES, Judge, Outcomes, Tally, bits_of, judge, rule_counts, texts_of
from qingdan.core.policy.bounds import lower, needed, upper
from qingdan.core.policy.model import Kind
from qingdan.core.policy.texts import of_bits, search, to_bits
from qingdan.data.policies import starter_text

NEW = starter_text().replace("500元", "100元").replace("近30天退货 = 0", "下单时间 为空 或 付款时间 > 当前时间 - 3小时")


def frame_of(orders: list[dict[str, object]], moments: int = 1) -> pl.DataFrame:
    frame = pl.DataFrame(orders, schema={name: ORDER_SCHEMA[name] for name in orders[0]})
    missing = [pl.lit(None, dtype=t).alias(n) for n, t in ORDER_SCHEMA.items() if n not in frame.columns]
    as_of = pl.Series("as_of", [AS_OF + timedelta(hours=i % moments) for i in range(len(orders))])
    return frame.with_columns(missing).with_columns(as_of.cast(ORDER_SCHEMA["created_at"]))


def with_texts(judges: tuple[Judge, ...], frame: pl.DataFrame) -> pl.DataFrame:
    """Results of text conditions, through their bits and back as a second run reads them."""
    found = search(texts_of(judges), frame)
    read = [of_bits(to_bits(column), frame.height, column.name) for column in found.get_columns()]
    return frame.drop([n for n, t in ORDER_SCHEMA.items() if t == pl.String and n != "shop"]).with_columns(read)


def test_a_judge_with_kept_texts_gives_the_masks_of_review() -> None:
    for _ in range(25):
        seed = secrets.randbits(32)
        policy = compile_policy(load_policy(random_policy(seed)))
        one, generator = Judge(policy), Generator(seed)
        frame = frame_of([generator.order() for _ in range(60)], moments=3)
        read = with_texts((one,), frame)
        masks = one.masks(read.with_columns(frame.select(n for n in one.fields if n not in read.columns)))
        for moment in range(3):
            part = frame.filter(pl.col("as_of") == AS_OF + timedelta(hours=moment))
            expected = review_columns(policy, part, AS_OF + timedelta(hours=moment))
            mine = masks.filter(frame["as_of"] == AS_OF + timedelta(hours=moment))
            assert mine.equals(expected.select("true_mask", "unknown_mask")), seed


def test_sums_are_those_of_a_plain_loop() -> None:
    old, new = (Judge(compile_policy(load_policy(text))) for text in (starter_text(), NEW))
    generator = Generator(20261112)
    orders = [starter_order(generator) for _ in range(1_500)]
    bad = {i for i in range(len(orders)) if generator.random.random() < 0.1}
    known = {"ids": np.array(sorted(bad), np.int64), "bits": np.ones(len(bad), np.int64)}
    frame = with_texts((old, new), frame_of(orders, moments=2)).with_columns(
        bits_of(np.arange(len(orders)), known), shop=pl.lit("旗舰店")
    )
    tally = Tally()
    for start in range(0, len(orders), 400):
        tally.add(judge(old, new, frame[start : start + 400]))

    expected: Counter[tuple[str, str]] = Counter()
    alone: Counter[str] = Counter()
    hit: Counter[str] = Counter()
    for place, order in enumerate(orders):
        moment = AS_OF + timedelta(hours=place % 2)
        decisions = [review_one(j.compiled, order, moment) for j in (old, new)]
        codes = [d.stage.value if d.verdict == "exception" else d.verdict.value for d in decisions]
        expected[codes[0], codes[1]] += 1
        decision = decisions[1]
        reasons = decision.reasons.split(";") if decision.reasons and decision.verdict != "none" else []
        unknown_holds = [
            r.id
            for bit, r in new.policy.of(Kind.HOLD)
            if decision.unknown_mask >> bit & 1 and decision.verdict != "none"
        ]
        stopped = {r for r in reasons if r != "field_missing"} | set(unknown_holds)
        hit.update(stopped)
        scope_unknown = any(decision.unknown_mask >> bit & 1 for bit, _ in new.policy.of(Kind.SCOPE))
        if len(stopped) == 1 and not scope_unknown:
            alone.update(stopped)
    cube = tally.cube()
    counted = {(CODES[a], CODES[b]): n for a, b, n in cube.group_by("old", "new").agg(pl.col("n").sum()).iter_rows()}
    assert counted == expected
    counts = {c.id: c for c in rule_counts(new.policy, tally.stops())}
    assert {k: c.hit for k, c in counts.items() if c.hit} == dict(hit)
    assert {k: c.alone for k, c in counts.items() if c.alone} == dict(alone)
    released = cube.filter(pl.col("new") == int(Outcomes.RELEASE))
    assert released["n"].sum() > 100
    assert int(cube.filter(pl.col("problems") != 0)["n"].sum()) == len(bad)


@pytest.mark.parametrize(("target", "bad", "count"), [(0.98, 0, 149), (0.99, 1, 473), (0.995, 2, 1258)])
def test_bounds_are_the_published_ones(target: float, bad: int, count: int) -> None:
    assert needed(target, bad) == count
    assert lower(count - bad, count) >= target > lower(count - 1 - bad, count - 1)
    assert upper(0, 0) == 1.0
    assert upper(20_000, 5_000_000) == pytest.approx(0.0040467, abs=1e-6)


def test_a_bound_holds_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    rate, n = 0.01, 800
    seen = rng.binomial(n, rate, 4_000)
    bounds = {int(k): upper(int(k), n) for k in np.unique(seen)}
    held = np.mean([bounds[int(k)] >= rate for k in seen])
    assert 0.94 < held <= 1.0

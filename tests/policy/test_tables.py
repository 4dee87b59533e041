"""Decision tables: what is refused at save time, with an example that the engine itself judged."""

import random

import polars as pl
import pytest
from random_rules import AS_OF, WORDS, Generator
from test_equality import as_frame

from qingdan.core.message import Words
from qingdan.core.policy import (
    PolicyError,
    Severity,
    compile_policy,
    load_policy,
    tables_columns,
    tables_one,
)
from qingdan.core.policy.ast import TextMatch, TextOp, Truth
from qingdan.core.policy.columns import PART, Columns
from qingdan.core.policy.evaluate import Evaluator
from qingdan.core.policy.model import Hit, Kind, Policy, Rule, Table, TableRow
from qingdan.core.policy.space import MOMENT
from qingdan.core.policy.tablecheck import check_table

HEAD = """\
policy: t
title: t
scope: 平台状态 = 待发货
words: {急: [加急, 催发]}
exceptions:
  - {id: e, title: e, when: 实付金额 > 5000元}
tiers:
"""
ELSE = "  - {id: z, title: z, else: true, owner: risk}\n"


def tiers(*conditions: str) -> str:
    rows = [f"  - {{id: r{i}, title: r, when: '{c}', owner: risk}}\n" for i, c in enumerate(conditions)]
    return HEAD + "".join(rows) + ELSE


@pytest.mark.parametrize(
    ("conditions", "example"),
    [
        (("实付金额 >= 100元", "实付金额 > 200元"), "实付金额 = 200.01元"),
        (("省份 属于 {北京, 上海}", "省份 = 上海"), "省份 = 上海"),
        (("省份 为空", "省份 为空 且 VIP客户 = 是"), "省份 = 空，VIP客户 = 是"),
        (("任一异常", "任一异常 且 VIP客户 = 是"), "VIP客户 = 是"),
        (("VIP客户 = 是", "VIP客户 = 否", "VIP客户 不为空"), "VIP客户 = 是"),
        (("买家留言 含 @急", '买家留言 含 @急 且 商家备注 开头 "x"'), "买家留言"),
    ],
)
def test_a_row_that_no_order_reaches_is_an_error_with_an_example(conditions: tuple[str, ...], example: str) -> None:
    with pytest.raises(PolicyError) as caught:
        load_policy(tiers(*conditions))
    (problem,) = caught.value.problems
    assert problem.message.id == "policy.shadowed"
    assert problem.line == 8 + len(conditions) - 1
    assert f"例如 {example}" in problem.text("zh")


@pytest.mark.parametrize(
    "conditions",
    [
        ("实付金额 >= 200元", "实付金额 > 100元"),
        ("VIP客户 = 是", "VIP客户 = 否", "VIP客户 为空"),
        ("省份 = 北京", "省份 != 北京"),
        ('买家留言 含 "加急"', '买家留言 含 "急"'),
        ("任一异常", "任一挂起"),
    ],
)
def test_a_row_that_some_order_reaches_is_no_error(conditions: tuple[str, ...]) -> None:
    load_policy(tiers(*conditions))


def table(hit: str, *rows: str) -> str:
    lines = [f"      - {{id: r{i}, when: '{c}'}}\n" for i, c in enumerate(rows)]
    return HEAD + ELSE + f"tables:\n  - id: t\n    title: t\n    hit: {hit}\n    rows:\n" + "".join(lines)


def test_an_overlap_of_a_unique_table_is_an_error_and_a_gap_a_warning() -> None:
    with pytest.raises(PolicyError) as caught:
        load_policy(table("unique", "实付金额 <= 100元", "实付金额 >= 100元"))
    found = {p.message.id: (p.severity, p.text("zh")) for p in caught.value.problems}
    assert found["policy.overlap"][0] is Severity.ERROR
    assert "实付金额 = 100元" in found["policy.overlap"][1]
    assert found["policy.gap"][0] is Severity.WARNING
    assert "实付金额 = 空" in found["policy.gap"][1]
    whole = load_policy(table("unique", "实付金额 <= 100元", "实付金额 > 100元", "实付金额 为空"))
    assert whole.warnings == ()


def test_every_finding_on_random_tables_is_true() -> None:
    generator = Generator(random.SystemRandom().getrandbits(40))
    found = 0
    base = load_policy(tiers("VIP客户 = 是"))
    for _ in range(120):
        rows = tuple(TableRow(f"r{i}", Words("", ""), generator.expr(1), "x") for i in range(3))
        policy = Policy(base.id, base.title, "", base.rules, WORDS, base.tiers)
        for hit in (Hit.FIRST, Hit.UNIQUE):
            for finding in check_table(policy, Table("t", Words("", ""), hit, rows)):
                walk = Evaluator(WORDS, finding.order, MOMENT)
                values = [walk.decide(row.ast)[0] for row in rows]
                found += 1
                if finding.said.id == "policy.gap":
                    assert True not in values
                else:
                    assert values[finding.row] is True
                    assert True in values[: finding.row]
                if finding.said.id == "policy.shadowed":
                    for _ in range(60):
                        one = Evaluator(WORDS, generator.order(), AS_OF)
                        other = [one.decide(row.ast)[0] for row in rows]
                        reached = other[finding.row] is True and True not in other[: finding.row]
                        assert not reached, [row.ast for row in rows]
    assert found > 50


def test_outputs_of_tables_are_the_same_for_one_order_and_in_a_frame() -> None:
    text = table("collect", "VIP客户 = 是", "实付金额 > 1元", "买家留言 含 @急")
    compiled = compile_policy(load_policy(text))
    generator = Generator(3)
    orders = [generator.order() for _ in range(300)]
    columns = tables_columns(compiled, as_frame(orders), AS_OF).to_dicts()
    assert [tables_one(compiled, order, AS_OF) for order in orders] == columns
    assert len({row["t"] for row in columns}) > 4


def test_a_first_table_needs_else_at_its_end() -> None:
    with pytest.raises(PolicyError) as caught:
        load_policy(table("first", "VIP客户 = 是"))
    assert [p.message.id for p in caught.value.problems] == ["policy.else_missing"]


def test_rules_that_read_nothing_still_answer_for_every_order() -> None:
    plan = Columns([Rule("a", Kind.TAG, Words("", ""), Truth(value=True))], {})
    frame = as_frame([Generator(1).order() for _ in range(5)])
    assert plan.booleans(frame, AS_OF)["a"].to_list() == [True] * 5
    assert plan.booleans(frame[:0], AS_OF).height == 0


def test_a_frame_cut_among_threads_is_decided_as_a_whole_one() -> None:
    rule = Rule("a", Kind.TAG, Words("", ""), TextMatch(TextOp.CONTAINS, "buyer_message", ("改",)))
    states = ["改地址", "", None] * (PART + 1)
    decided = Columns([rule], {}).booleans(pl.DataFrame({"buyer_message": states}), AS_OF)
    assert decided["a"].to_list() == [True, False, None] * (PART + 1)

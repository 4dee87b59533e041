"""The rule language: both spellings, typing, and faults that point at their place."""

import random

import pytest
from random_rules import WORDS, Generator

from qingdan.core.fields import CATALOGUE, Scope, Source
from qingdan.core.policy.ast import Compare, FieldRef, Literal, Op, Type
from qingdan.core.policy.check import read_expression
from qingdan.core.policy.render import render
from qingdan.core.policy.vocabulary import RULE_FIELDS, Vocabulary

VOCABULARY = Vocabulary(WORDS)


def read(text: str) -> object:
    checked = read_expression(text, VOCABULARY)
    assert checked.expr is not None, [f.said.text() for f in checked.faults]
    return checked.expr


def faults(text: str) -> list[tuple[int, str]]:
    return [(f.start, f.said.id) for f in read_expression(text, VOCABULARY).faults]


def test_canonical_text_in_either_language_reads_back_as_the_same_tree() -> None:
    generator = Generator(random.SystemRandom().getrandbits(40))
    for _ in range(1_500):
        expr = generator.expr()
        for language in ("zh", "en"):
            text = render(expr, language)
            assert read(text) == expr, text
            assert read(render(expr, language, signs=True)) == expr


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("实付金额 <= 500元 且 收货国家 = 中国大陆", "paid_amount <= 500 yuan and country = CN"),
        ("实付金额<=500元且收货国家=中国大陆", "实付金额 ≤ 500.00元 并且 收货国家 = 中国大陆"),
        ("近30天退货 = 0", "近３０天退货 ＝ ０"),
        ("（VIP客户 = 是）或 实付金额 > 1元", "vip or paid_amount > 1元"),
        ("平台 属于 {1688, 京东}", "channel in {1688，jd}"),
        ("付款时间 - 下单时间 > 24小时", "[paid_at] - [下单时间] > 1 day"),
        ("买家留言 不为空", "buyer_message is   not empty"),
        ("详细地址 长度 < 5", "length(address) < 5"),
        ("买家留言 含 {“加急”、“催发”}", 'buyer_message contains {"加急", "催发"}'),
        ("支付方式 属于 {微信支付}", "pay_method in {WeChat Pay}"),
        ("近30天退货 >= 3 或 非 VIP客户", "returns in 30 days >= 3 or not vip"),
    ],
)
def test_spellings_that_mean_the_same_give_the_same_tree(one: str, other: str) -> None:
    assert read(one) == read(other)


def test_an_operator_word_inside_a_label_does_not_cut_the_label() -> None:
    # 平台状态原文 holds 平台 and 平台状态; 大陆地区=是且 runs three words together
    assert read('平台状态原文="x"') == Compare(Op.EQ, FieldRef("platform_status", Type.TEXT), Literal(Type.TEXT, "x"))
    assert read("大陆地区=是且VIP客户=否") == read("mainland = true and vip = false")


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("实付金额 > 5", 5, "policy.type_mismatch"),
        ("实付金额 > 0.5", 7, "policy.bad_number"),
        ("实付金额 > 0.001元", 7, "policy.bad_number"),
        ("实付 > 5元", 0, "policy.unknown_text"),
        ("省份 = 火星", 5, "policy.unknown_text"),
        ("省份 = 京东", 5, "policy.bad_value"),
        ("省份 > 北京", 3, "policy.bad_operator"),
        ('实付金额 含 "5"', 5, "policy.bad_operator"),
        ("买家留言 含 加急标记", 7, "policy.need_text"),
        ("买家留言 含 @没有", 7, "policy.unknown_words"),
        ('买家留言 含 "　"', 7, "policy.empty_word"),
        ("买家留言 含 {}", 7, "policy.empty_set"),
        ("省份 属于 {北京, 北京}", 11, "policy.duplicate_value"),
        ("实付金额 * 实付金额 > 1元", 5, "policy.bad_arith"),
        ("1元 < 实付金额 < 5元", 10, "policy.chained"),
        ("1元 < 5元", 0, "policy.no_field"),
        ("实付金额", 0, "policy.not_condition"),
        ("任一异常", 0, "policy.builtin_outside"),
        ("实付金额 = 空", 7, "policy.unknown_text"),
        ('买家留言 含 "加急', 7, "policy.open_text"),
        ("(VIP客户 = 是", 10, "policy.expected"),
        ("VIP客户 = 是 且", 11, "policy.expected"),
        ('买家留言 匹配 "[0-9]{2}\\d"', 17, "policy.bad_pattern"),
        ("状态 = 异常", 0, "policy.unknown_text"),
    ],
)
def test_a_fault_points_at_its_place(text: str, place: int, said: str) -> None:
    assert faults(text)[0] == (place, said)


def test_every_type_fault_of_an_expression_is_told_at_once() -> None:
    assert [f[0] for f in faults("实付金额 > 5 且 省份 > 北京 或 近30天退货 = 3元")] == [5, 14, 28]


@pytest.mark.parametrize(
    ("text", "warned"),
    [
        ("支付方式 != 货到付款", True),
        ("支付方式 != 货到付款 或 支付方式 为空", False),
        ("非 (支付方式 = 货到付款)", True),
        ("非 非 (支付方式 = 货到付款)", False),
        ("省份 不属于 {西藏}", True),
        ("平台限制 != 无", False),
        ("支付方式 = 货到付款", False),
    ],
)
def test_a_negation_over_a_nullable_field_warns(text: str, *, warned: bool) -> None:
    checked = read_expression(text, VOCABULARY)
    assert checked.expr is not None
    assert [f.said.id for f in checked.faults] == ["policy.nullable"] * warned


def test_every_field_of_an_order_can_be_named_by_id_and_both_labels() -> None:
    expected = {f.id for f in CATALOGUE if f.scope is Scope.ORDER and f.source is not Source.LEDGER}
    assert {f.id for f in RULE_FIELDS} == expected
    for field in RULE_FIELDS:
        for name in (field.id, field.zh, field.en, f"[{field.zh}]"):
            assert read(f"{name} 为空") == read(f"{field.id} is empty"), name


def test_every_enum_value_can_be_named_by_id_and_both_labels() -> None:
    for field in RULE_FIELDS:
        operator = "=" if field.type is Type.ENUM else "contains"
        for value in field.values:
            for name in (value.id, value.zh, f"[{value.en}]"):
                assert read(f"{field.id} {operator} {name}") == read(f"{field.id} {operator} [{value.id}]"), name


def test_no_english_label_is_unknown_in_either_language() -> None:
    assert read("买家留言 含 @加急词") == read("Buyer message contains @加急词")

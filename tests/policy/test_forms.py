"""The visual form and the text are one policy: nothing is lost from either to the other."""

import json
import secrets

import pytest
from random_rules import WORDS, Generator

from qingdan.core.message import LANGUAGES, Language, Words
from qingdan.core.policy import PolicyError, load_policy, render
from qingdan.core.policy.check import read_expression
from qingdan.core.policy.form import read_form, write_form
from qingdan.core.policy.places import Places
from qingdan.core.policy.sentence import sentence
from qingdan.core.policy.visual import OPERATORS, to_node, to_text
from qingdan.core.policy.vocabulary import RULE_FIELDS, Vocabulary
from qingdan.data.policies import starter_text

VOCABULARY = Vocabulary(WORDS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_condition_goes_through_json_and_comes_back_the_same(language: Language) -> None:
    seed = secrets.randbits(32)
    generator, shown = Generator(seed), 0
    for _ in range(1_500):
        expr = generator.expr()
        node = json.loads(json.dumps(to_node(expr, language)))
        back = read_expression(to_text(node, language), VOCABULARY)
        assert back.expr == expr, (seed, render(expr), to_text(node, language))
        shown += node["kind"] != "text"
    assert shown > 1_200


def random_policy(seed: int) -> str:
    """A policy of random conditions with comments, in the layout of a person."""
    generator = Generator(seed)
    lines = ["# 头", "policy: random", 'title: {zh: "大促: 双11", en: Sale}', "scope: 是", "words:"]
    lines += [f"  {name}: {json.dumps(list(words), ensure_ascii=False)}" for name, words in WORDS.items()]
    for section, key in (("checks", "pass"), ("exceptions", "when"), ("holds", "when"), ("tags", "when")):
        lines += [f"# {section} 的说明", f"{section}:"]
        for number in range(3):
            condition = render(generator.expr(2)).replace("'", "''")
            lines += [f"  # 第 {number} 条", f"  - id: {section}_{number}", f"    title: 规则{number}"]
            lines += [f"    {key}: '{condition}'"]
    lines += ["tiers:", "  - {id: all, title: 常规, else: true, owner: front_line, resolve: 当日}", "# 完"]
    lines += ["tables:", "  - id: wave", "    title: 波次", "    hit: collect", "    rows:"]
    lines += [f"      - {{id: r{n}, when: '{_escaped(generator)}', output: 'A: {n}'}}" for n in range(2)]
    return "\n".join(lines) + "\n"


def _escaped(generator: Generator) -> str:
    return render(generator.expr(1)).replace("'", "''")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_policy_goes_to_the_form_and_back_without_loss(language: Language) -> None:
    for _ in range(15):
        seed = secrets.randbits(32)
        text = random_policy(seed)
        policy = load_policy(text)
        form = json.loads(json.dumps(read_form(text, language)))
        written = write_form(form, language)
        back = load_policy(written)
        assert (back.hash, back.title, back.rules, back.tables) == (
            policy.hash,
            policy.title,
            policy.rules,
            policy.tables,
        ), seed
        assert read_form(written, language) == form, seed


def test_comments_travel_with_what_they_explain() -> None:
    form = read_form(starter_text())
    written = write_form(form)
    for line in starter_text().splitlines():
        if line.strip().startswith("#"):
            assert line.strip() in written
    assert form["checks"][1]["note"] == "平台订单没给支付方式时，按平台收银台算。"
    assert form["notes"]["checks"].startswith("检查项")


def test_a_condition_with_a_fault_is_kept_as_it_was_written() -> None:
    text = starter_text().replace("实付金额 <= 500元 且 大陆地区 = 是", "实付金额 <= 五百")
    form = read_form(text)
    assert form["checks"][0]["condition"]["rules"] == [{"kind": "text", "source": "实付金额 <= 五百"}]
    with pytest.raises(PolicyError):
        load_policy(write_form(form))
    form["checks"][0]["condition"] = {
        "kind": "group",
        "combinator": "and",
        "not": False,
        "rules": [
            {"kind": "leaf", "field": "paid_amount", "operator": "<=", "value": {"type": "money", "value": 50_000}},
            {"kind": "leaf", "field": "mainland", "operator": "=", "value": {"type": "bool", "value": True}},
        ],
    }
    assert load_policy(write_form(form)).hash == load_policy(starter_text()).hash


def test_an_unfinished_row_is_a_problem_at_its_place_and_never_a_condition() -> None:
    form = read_form(starter_text())
    unfinished = {"kind": "leaf", "field": "paid_amount", "operator": "<=", "value": {"type": "money", "value": None}}
    form["checks"][0]["condition"]["rules"] = [unfinished]
    form["holds"][0]["condition"]["rules"] = []
    text = write_form(form)
    with pytest.raises(PolicyError) as caught:
        load_policy(text)
    places = Places(text)
    found = [(places.of(p).path, places.of(p).rule) for p in caught.value.problems]
    assert found == [(("checks", 0, "pass"), "amount_region"), (("holds", 0, "when"), "platform_hold")]


def test_every_field_has_operators_whose_leaves_read_back() -> None:
    examples: dict[str, object] = {
        "none": None,
        "money": 1,
        "moneys": [1, 2],
        "int": 1,
        "ints": [1, 2],
        "bool": True,
        "text": "号",
        "texts": ["号"],
        "words": "加急词",
        "now": None,
        "before_now": 3600,
        "after_now": 60,
        "duration": 60,
    }
    for field in RULE_FIELDS:
        values = {**examples, "enum": field.value_ids[:1] and field.value_ids[0], "enums": list(field.value_ids[:2])}
        for operator, kinds in OPERATORS[field.type]:
            for kind in kinds:
                value = {"type": kind.value, "value": field.id if kind == "field" else values[kind.value]}
                leaf = {"kind": "leaf", "field": field.id, "operator": operator, "value": value}
                expr = read_expression(to_text(leaf), VOCABULARY).expr
                assert expr is not None, to_text(leaf)
                again = to_node(expr)
                if not (operator == "contains_all" and kind == "texts"):  # all of one word is any of it
                    assert again == leaf, to_text(leaf)


def test_every_rule_reads_as_a_sentence_in_both_languages() -> None:
    policy = load_policy(starter_text())
    told: dict[str, Words] = {rule.id: sentence(policy, rule) for rule in policy.rules}
    assert told["amount_region"].zh == "自动放行的前提：实付金额不超过 500元，并且大陆地区为“是”。"
    assert told["refund_open"].zh.startswith("先挂起不发：退款状态是申请退款或退款中。")
    assert (
        told["regular"].en == "Every other order falls into “Regular”. Owner: the front line, resolve within 24 hours."
    )
    for seed in range(5):
        wild = load_policy(random_policy(seed))
        for rule in wild.rules:
            words = sentence(wild, rule)
            assert words.zh
            assert words.en

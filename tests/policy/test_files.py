"""Policy files: problems with line and column, the hash, the schema, hostile input, formatting, the command line."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from click.testing import CliRunner
from random_rules import AS_OF

from qingdan.cli.policy import policy as command
from qingdan.cli.policy import schema_json
from qingdan.core.policy import PolicyError, Severity, compile_policy, load_policy, masks_one
from qingdan.core.policy.fmt import format_policy
from qingdan.data.policies import schema_text, starter_text

SMALL = """\
policy: small
title: {zh: 小, en: Small}
scope: 平台状态 = 待发货
words:
  急: [加急, 催发]
checks:
  - id: cheap
    title: 小额
    pass: 实付金额 <= 500元
holds:
  - id: note
    title: 留言
    when: 买家留言 含 @急
tiers:
  - {id: regular, title: 常规单, else: true, owner: front_line, resolve: 24小时}
"""


def problems(text: str) -> list[tuple[int, int, str]]:
    with pytest.raises(PolicyError) as caught:
        load_policy(text)
    return [(p.line, p.column, p.message.id) for p in caught.value.problems if p.severity is Severity.ERROR]


def test_every_problem_of_a_file_is_told_with_its_line_and_column() -> None:
    text = (
        SMALL.replace("实付金额 <= 500元", "实付金额 <= 500")
        .replace("含 @急", "含 @没有")
        .replace("front_line", "boss")
    )
    assert problems(text) == [
        (9, 16, "policy.type_mismatch"),
        (13, 18, "policy.unknown_words"),
        (15, 50, "policy.bad_owner"),
    ]


@pytest.mark.parametrize(
    "written",
    [
        "实付金额 <= 500元 且 省份 = 火星",
        '"实付金额 <= 500元 且 省份 = 火星"',
        "'实付金额 <= 500元 且 省份 = 火星'",
        ">-\n      实付金额 <= 500元\n      且 省份 = 火星",
        "|\n      实付金额 <= 500元\n      且 省份 = 火星\n",
        "实付金额 <= 500元\n      且 省份 = 火星",
    ],
)
def test_a_fault_inside_any_style_of_yaml_text_points_into_the_file(written: str) -> None:
    text = SMALL.replace("实付金额 <= 500元", written)
    line = next(i for i, content in enumerate(text.splitlines()) if "火星" in content)
    column = text.splitlines()[line].index("火星")
    assert problems(text) == [(line + 1, column + 1, "policy.unknown_text")]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id: note", "id: field_missing", "policy.reserved_id"),
        ("id: note", "id: cheap", "policy.duplicate_id"),
        ("id: note", "id: Note", "policy.bad_id"),
        ("    pass:", "    when:", "policy.unknown_key"),
        ("else: true, ", "when: VIP客户 = 是, ", "policy.else_missing"),
        ("[加急, 催发]", "[加急, \u200b]", "policy.empty_word"),
        ("resolve: 24小时", "resolve: 24", "policy.bad_duration"),
        ("scope: 平台状态 = 待发货\n", "", "policy.missing_key"),
        ("title: 小额", "title: &a 小额", "policy.alias"),
        ("policy: small", "policy: [small", "policy.yaml"),
        ("policy: small", "policy: small\npolicy: small", "policy.duplicate_key"),
    ],
)
def test_each_kind_of_problem_is_named(old: str, new: str, said: str) -> None:
    assert old in SMALL
    assert said in {p[2] for p in problems(SMALL.replace(old, new))}


def test_the_hash_is_of_meaning_not_of_writing() -> None:
    same = [
        SMALL,
        "# 说明\n" + SMALL,
        SMALL.replace("实付金额 <= 500元", "paid_amount<=５００.00 yuan"),
        SMALL.replace("小额", "别的名字"),
        SMALL.replace("[加急, 催发]", "[催 发, 加急]"),
        SMALL.replace("24小时", "1 day"),
        format_policy(SMALL, "en"),
    ]
    assert len({load_policy(text).hash for text in same}) == 1
    other = [
        SMALL.replace("500元", "501元"),
        SMALL.replace("<=", "<"),
        SMALL.replace("催发]", "催发, 急用]"),
        SMALL.replace("24小时", "48小时"),
        SMALL.replace("id: cheap", "id: small_amount"),
        SMALL.replace("front_line", "risk"),
    ]
    assert len({load_policy(text).hash for text in [SMALL, *other]}) == len(other) + 1


HOSTILE = {
    "deep": SMALL.replace("实付金额 <= 500元", "(" * 5_000 + "VIP客户" + ")" * 5_000),
    "negations": SMALL.replace("实付金额 <= 500元", "非 " * 2_000 + "VIP客户"),
    "many nodes": SMALL.replace("实付金额 <= 500元", " 或 ".join(["VIP客户 = 是"] * 10_000)),
    "yaml depth": SMALL + "tables: " + "[" * 3_000,
    "aliases": "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
    "huge": SMALL + "#" * 300_000,
    "many words": SMALL.replace("[加急, 催发]", "[" + ", ".join(f"词{i}" for i in range(3_000)) + "]"),
    "digits": SMALL.replace("500元", "9" * 5_000 + "元"),
    "slow pattern": SMALL.replace("实付金额 <= 500元", "详细地址 匹配 '(a|aa)+(a|aa)+$'"),
    "slow bounded pattern": SMALL.replace("实付金额 <= 500元", "详细地址 匹配 '(a?){40}b'"),
    "long product": SMALL.replace("实付金额 <= 500元", "实付金额 * 商品件数 * 商品件数 > 1元"),
    "control": SMALL.replace("小额", "\x00"),
    "not a mapping": "- 1",
    "empty": "",
    "python tag": "policy: !!python/object/apply:os.system [x]\n",
    "many rules": SMALL.replace(
        "holds:",
        "exceptions:\n" + "".join(f"  - {{id: e{i}, title: x, when: VIP客户}}\n" for i in range(80)) + "holds:",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_a_problem_and_never_a_crash(name: str) -> None:
    assert problems(HOSTILE[name])


def test_a_pattern_that_is_allowed_is_never_slow() -> None:
    text = SMALL.replace("实付金额 <= 500元", "详细地址 匹配 '[ab]+(a|b)(a|b)(a|b)c'")
    compiled = compile_policy(load_policy(text))
    # A pattern that could run away would hang here; the run's own timeout is the judge.
    assert masks_one(compiled, {"address": "ab" * 500, "platform_state": "waiting"}, AS_OF)[0] & 2 == 0


def test_the_published_schema_is_the_one_made_from_the_code() -> None:
    assert schema_text() == schema_json()


def test_the_schema_accepts_what_the_loader_accepts_and_refuses_what_it_refuses() -> None:
    validator = jsonschema.Draft202012Validator(json.loads(schema_text()))
    for text in (SMALL, starter_text()):
        validator.validate(yaml.safe_load(text))
    for old, new in (("id: note", "id: Note"), ("    pass:", "    when:"), ("front_line", "boss")):
        assert not validator.is_valid(yaml.safe_load(SMALL.replace(old, new)))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_formatting_keeps_comments_and_meaning_and_is_stable(language: str) -> None:
    text = format_policy(starter_text(), language)
    comments = [line for line in starter_text().splitlines() if line.lstrip().startswith("#")]
    assert [line for line in text.splitlines() if line.lstrip().startswith("#")] == comments
    assert load_policy(text).hash == load_policy(starter_text()).hash
    assert format_policy(text, language) == text


def test_the_command_line_checks_formats_and_explains(tmp_path: Path) -> None:
    run = CliRunner().invoke
    good, bad, order = tmp_path / "good.yaml", tmp_path / "bad.yaml", tmp_path / "order.json"
    good.write_text(SMALL, encoding="utf-8")
    bad.write_text(SMALL.replace("500元", "500"), encoding="utf-8")
    known = {"platform_state": "waiting", "paid_amount": "612.00", "buyer_message": ""}
    order.write_text(json.dumps(known), encoding="utf-8")
    assert run(command, ["check", str(good)]).exit_code == 0
    failed = run(command, ["check", str(bad)])
    assert (failed.exit_code, failed.output.split(" ")[0]) == (1, f"{bad}:9:16:")
    assert run(command, ["fmt", str(good), "--language", "en", "--write"]).exit_code == 0
    assert "paid_amount <= 500 yuan" in good.read_text(encoding="utf-8")
    told = run(command, ["explain", str(good), str(order), "--as-of", "2026-11-12T12:00:00+08:00"])
    facts = json.loads(told.output)
    assert facts["decision"]["verdict"] == "review"
    assert facts["rules"][1]["because"] == [
        {"leaf": "cheap.1", "text": "实付金额 ≤ 500元", "actual": "612.00元", "result": "false"}
    ]
    order.write_text('{"paid_amount": 6.12}', encoding="utf-8")
    assert run(command, ["explain", str(good), str(order)]).exit_code == 1
    assert json.loads(run(command, ["schema"]).output)["title"].startswith("Qingdan")

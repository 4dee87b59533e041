"""A policy file → a checked policy, or every problem in it."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from yaml.nodes import MappingNode, Node, ScalarNode

from qingdan.core.message import Words
from qingdan.core.policy import limits, tablecheck
from qingdan.core.policy.ast import Expr, Truth
from qingdan.core.policy.check import read_expression
from qingdan.core.policy.digest import policy_hash
from qingdan.core.policy.document import Document
from qingdan.core.policy.lexer import FaultError, tokenise
from qingdan.core.policy.messages import message, too_large
from qingdan.core.policy.model import (
    FIELD_MISSING,
    OWNERS,
    SAME_DAY,
    Deadline,
    Hit,
    Kind,
    Policy,
    PolicyError,
    Rule,
    Severity,
    Table,
    TableRow,
    Tier,
)
from qingdan.core.policy.vocabulary import Vocabulary
from qingdan.core.text import normalise

POLICY_KEYS: Final = (
    "policy",
    "title",
    "scope",
    "words",
    "checks",
    "exceptions",
    "holds",
    "tags",
    "tiers",
    "tables",
)
POLICY_REQUIRED: Final = ("policy", "title", "scope", "tiers")
RULE_KEYS: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.CHECK: ("id", "title", "pass"),
    Kind.EXCEPTION: ("id", "title", "when"),
    Kind.HOLD: ("id", "title", "when", "until"),
    Kind.TAG: ("id", "title", "when"),
}
SECTION: Final = {Kind.CHECK: "checks", Kind.EXCEPTION: "exceptions", Kind.HOLD: "holds", Kind.TAG: "tags"}
TIER_KEYS: Final = ("id", "title", "when", "else", "owner", "respond", "resolve")
TABLE_KEYS: Final = ("id", "title", "hit", "rows")
ROW_KEYS: Final = ("id", "title", "when", "else", "output")
TRUE_WORDS: Final = ("true", "是")
SAME_DAY_WORDS: Final = (SAME_DAY, "当日")
_ID: Final = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")


def load_policy(text: str, *, source: str = "<policy>") -> Policy:
    """Read a policy from YAML text.

    Raises PolicyError with every problem, each with its line and column in the file. Warnings do not stop a policy
    and are on ``Policy.warnings``.
    """
    document = Document(text, source)
    root = document.compose()
    policy = _Loader(document).policy(root) if root is not None else None
    problems = tuple(sorted(document.problems, key=lambda p: (p.line, p.column)))
    if policy is None or any(p.severity is Severity.ERROR for p in problems):
        raise PolicyError(problems)
    return Policy(
        policy.id, policy.title, policy.hash, policy.rules, policy.words, policy.tiers, policy.tables, problems
    )


class _Loader:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._vocabulary = Vocabulary()

    def policy(self, root: MappingNode) -> Policy | None:
        document = self._document
        parts = document.mapping(root, POLICY_KEYS, POLICY_REQUIRED)
        policy_id = self._id(parts.get("policy"), set())
        title = self._title(parts.get("title"))
        words = self._words(parts.get("words"))
        self._vocabulary = Vocabulary(words)
        rules: list[Rule] = []
        if "scope" in parts:
            scope = self._condition(parts["scope"])
            rules.append(Rule("scope", Kind.SCOPE, Words("审单范围", "Scope"), scope or Truth(value=True)))
        taken: set[str] = {"scope", FIELD_MISSING}
        for kind, section in SECTION.items():
            rules.extend(self._rule(node, kind, taken) for node in document.sequence(parts.get(section)))
        tier_nodes = document.sequence(parts.get("tiers"))
        tiers, tier_rules = self._tiers(tier_nodes, parts.get("tiers"))
        rules.extend(tier_rules)
        tables = self._tables(document.sequence(parts.get("tables")))
        if len(rules) > limits.RULES:
            document.fault(root, too_large("规则数", "The number of rules", len(rules), limits.RULES))
        if any(p.severity is Severity.ERROR for p in document.problems):
            return None
        frozen = tuple(rules)
        digest = policy_hash(policy_id, frozen, words, tiers, tables)
        policy = Policy(policy_id, title, digest, frozen, words, tiers, tables)
        self._check_tables(policy, tier_nodes, document.sequence(parts.get("tables")))
        return policy

    def _id(self, node: Node | None, taken: set[str]) -> str:
        text = self._document.scalar(node)
        if text is None or node is None:
            return ""
        if not _ID.match(text):
            self._document.fault(node, message("bad_id", id=text))
        elif text in {FIELD_MISSING, "scope"} and text in taken:
            self._document.fault(node, message("reserved_id", id=text))
        elif text in taken:
            self._document.fault(node, message("duplicate_id", id=text))
        taken.add(text)
        return text

    def _title(self, node: Node | None) -> Words:
        if isinstance(node, MappingNode):
            parts = self._document.mapping(node, ("zh", "en"), ("zh",))
            zh = self._document.scalar(parts.get("zh")) or ""
            return Words(zh, self._document.scalar(parts.get("en")) or zh)
        text = self._document.scalar(node) or ""
        return Words(text, text)

    def _words(self, node: Node | None) -> Mapping[str, tuple[str, ...]]:
        if node is None:
            return {}
        lists = self._document.mapping(node, ())
        words: dict[str, tuple[str, ...]] = {}
        for name, value in lists.items():
            if not name or len(name) > 40 or not all(c.isalnum() or c == "_" for c in name):
                self._document.fault(value, message("bad_id", id=name))
            words[name] = self._word_list(value)
        total = sum(len(listed) for listed in words.values())
        if total > limits.WORDS_TOTAL or len(words) > limits.WORD_LISTS:
            self._document.fault(node, too_large("词表", "The word list", total, limits.WORDS_TOTAL))
        return words

    def _word_list(self, node: Node) -> tuple[str, ...]:
        items = self._document.sequence(node)
        if not items:
            self._document.fault(node, message("empty_set"))
        if len(items) > limits.WORDS_PER_LIST:
            said = too_large("词表", "The word list", len(items), limits.WORDS_PER_LIST)
            self._document.fault(node, said)
            return ()
        words: list[str] = []
        for item in items:
            word = self._document.scalar(item)
            if word is None:
                continue
            if not normalise(word):
                self._document.fault(item, message("empty_word", word=word))
            elif len(word) > limits.TEXT_CHARS:
                said = too_large("词语", "The word", len(word), limits.TEXT_CHARS)
                self._document.fault(item, said)
            words.append(word)
        return tuple(words)

    def _condition(self, node: Node, *, builtins: bool = False) -> Expr | None:
        text = self._document.scalar(node)
        if text is None:
            return None
        checked = read_expression(text, self._vocabulary, builtins=builtins)
        for fault in checked.faults:
            self._document.fault(node, fault.said, fault.start, warning=fault.warning)
        return checked.expr

    def _rule(self, node: Node, kind: Kind, taken: set[str]) -> Rule:
        keys = RULE_KEYS[kind]
        parts = self._document.mapping(node, keys, keys[:3])
        expr = self._condition(parts[keys[2]]) if keys[2] in parts else None
        until: Expr | str | None = None
        if "until" in parts:
            text = self._document.scalar(parts["until"]) or ""
            until = read_expression(text, self._vocabulary).expr or text
        rule_id = self._id(parts.get("id"), taken)
        return Rule(rule_id, kind, self._title(parts.get("title")), expr or Truth(value=False), until)

    def _tiers(self, nodes: list[Node], whole: Node | None) -> tuple[tuple[Tier, ...], list[Rule]]:
        tiers: list[Tier] = []
        rules: list[Rule] = []
        taken: set[str] = set()
        for index, node in enumerate(nodes):
            parts = self._document.mapping(node, TIER_KEYS, ("id", "title", "owner"))
            expr = self._row_condition(node, parts, last=index == len(nodes) - 1, first_hit=True)
            tier_id = self._id(parts.get("id"), taken)
            title = self._title(parts.get("title"))
            owner = self._document.scalar(parts.get("owner")) or ""
            if owner not in OWNERS and "owner" in parts:
                said = message("bad_owner", owner=owner, known="、".join(OWNERS))
                self._document.fault(parts["owner"], said)
            respond, resolve = (self._deadline(parts.get(key), key) for key in ("respond", "resolve"))
            tiers.append(Tier(tier_id, title, owner, respond, resolve))
            rules.append(Rule(tier_id, Kind.TIER, title, expr))
        if whole is not None:
            self._require_else(nodes, whole)
        return tuple(tiers), rules

    def _require_else(self, nodes: list[Node], whole: Node) -> None:
        keys = [k.value for k, _ in nodes[-1].value] if nodes and isinstance(nodes[-1], MappingNode) else []
        if "else" not in keys:
            self._document.fault(nodes[-1] if nodes else whole, message("else_missing"))

    def _row_condition(self, node: Node, parts: Mapping[str, Node], *, last: bool, first_hit: bool) -> Expr:
        if ("when" in parts) == ("else" in parts):
            self._document.fault(node, message("when_or_else"))
        elif "when" in parts:
            return self._condition(parts["when"], builtins=first_hit) or Truth(value=False)
        elif self._document.scalar(parts["else"]) not in TRUE_WORDS:
            self._document.fault(parts["else"], message("wrong_shape", expected="true / 是"))
        elif not last:
            self._document.fault(parts["else"], message("else_not_last"))
        return Truth(value=True)

    def _deadline(self, node: Node | None, key: str) -> Deadline:
        text = self._document.scalar(node)
        if text is None or node is None:
            return None
        if key == "resolve" and text.strip() in SAME_DAY_WORDS:
            return "same_day"
        try:
            tokens = tokenise(text, self._vocabulary)
        except FaultError:
            tokens = []
        number = tokens[0].number if len(tokens) == 2 else None
        if number is None or number.type != "duration" or number.value <= 0:
            self._document.fault(node, message("bad_duration", text=text))
            return None
        return timedelta(microseconds=number.value)

    def _tables(self, nodes: list[Node]) -> tuple[Table, ...]:
        taken: set[str] = set()
        tables: list[Table] = []
        if len(nodes) > limits.TABLES:
            self._document.fault(nodes[0], too_large("表", "The table", len(nodes), limits.TABLES))
        for node in nodes[: limits.TABLES]:
            parts = self._document.mapping(node, TABLE_KEYS, TABLE_KEYS)
            hit_text = (self._document.scalar(parts.get("hit")) or "first").lower()
            if hit_text not in set(Hit):
                self._document.fault(parts["hit"], message("wrong_shape", expected="first / unique / collect"))
                hit_text = "first"
            hit = Hit(hit_text)
            row_nodes = self._document.sequence(parts.get("rows"))
            if len(row_nodes) > limits.TABLE_ROWS:
                said = too_large("表", "The table", len(row_nodes), limits.TABLE_ROWS)
                self._document.fault(node, said)
                row_nodes = []
            rows = self._rows(row_nodes)
            if hit is Hit.FIRST and "rows" in parts:
                self._require_else(row_nodes, parts["rows"])
            tables.append(Table(self._id(parts.get("id"), taken), self._title(parts.get("title")), hit, rows))
        return tuple(tables)

    def _rows(self, nodes: list[Node]) -> tuple[TableRow, ...]:
        taken: set[str] = set()
        rows: list[TableRow] = []
        for index, node in enumerate(nodes):
            parts = self._document.mapping(node, ROW_KEYS, ("id",))
            expr = self._row_condition(node, parts, last=index == len(nodes) - 1, first_hit=False)
            row_id = self._id(parts.get("id"), taken)
            title = self._title(parts["title"]) if "title" in parts else Words(row_id, row_id)
            output = self._document.scalar(parts.get("output")) or row_id
            rows.append(TableRow(row_id, title, expr, output))
        return tuple(rows)

    def _check_tables(self, policy: Policy, tier_nodes: list[Node], table_nodes: list[Node]) -> None:
        for finding in tablecheck.check_tiers(policy):
            self._finding(tier_nodes[finding.row], finding)
        for table, node in zip(policy.tables, table_nodes, strict=True):
            row_nodes = self._document.sequence(dict(_children(node))["rows"])
            for finding in tablecheck.check_table(policy, table):
                self._finding(row_nodes[finding.row], finding)

    def _finding(self, node: Node, finding: tablecheck.Finding) -> None:
        self._document.fault(node, finding.said, warning=finding.warning, example=finding.order)


def _children(node: Node) -> list[tuple[str, Node]]:
    if not isinstance(node, MappingNode):
        return []
    return [(key.value, value) for key, value in node.value if isinstance(key, ScalarNode)]

"""The content hash of a policy: of what it decides, not of how it is written."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import timedelta
from typing import Final

from qingdan.core.policy.ast import Expr, InSet, ListContains, Scalar, TextMatch, leaves
from qingdan.core.policy.model import Rule, Table, Tier
from qingdan.core.text import normalise

_FORMAT: Final = "qingdan-policy-1"


def tree(node: Expr | Scalar | object) -> object:
    """Expression as nested lists: sets sorted, words normalised, node names and field ids in place of labels."""
    match node:
        case TextMatch(op=op, field=name, words=words, list_name=list_name):
            found = f"@{list_name}" if list_name is not None else sorted({normalise(w) for w in words})
            return ["TextMatch", op.value, name, found]
        case InSet(field=ref, values=values, negated=negated):
            return ["InSet", ref.id, sorted(values, key=str), negated]
        case ListContains(field=name, values=values, every=every):
            return ["ListContains", name, sorted(values), every]
        case tuple():
            return [tree(item) for item in node]
        case str() | int() | bool() | None:
            return node
    parts = [tree(getattr(node, f.name)) for f in fields(node)]  # type: ignore[arg-type]
    return [type(node).__name__, *parts]


def _deadline(value: timedelta | str | None) -> object:
    return int(value.total_seconds()) if isinstance(value, timedelta) else value


def policy_hash(
    policy_id: str,
    rules: tuple[Rule, ...],
    words: Mapping[str, tuple[str, ...]],
    tiers: tuple[Tier, ...],
    tables: tuple[Table, ...],
) -> str:
    """Sha256 in hex of ids, order, conditions, word lists, tiers and tables; titles and labels do not count."""
    content = [
        _FORMAT,
        policy_id,
        [
            [r.id, r.kind.value, tree(r.ast), r.until if isinstance(r.until, str) else r.until and tree(r.until)]
            for r in rules
        ],
        {name: sorted({normalise(w) for w in listed}) for name, listed in sorted(words.items())},
        [[t.id, t.owner, _deadline(t.respond), _deadline(t.resolve)] for t in tiers],
        [[t.id, t.hit.value, [[row.id, tree(row.ast), row.output] for row in t.rows]] for t in tables],
    ]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def rule_hash(rule: Rule, words: Mapping[str, tuple[str, ...]]) -> str:
    """Sha256 in hex of one rule: its id, kind and condition, with the words of the lists that it searches for."""
    named = {leaf.list_name for leaf in leaves(rule.ast) if isinstance(leaf, TextMatch) and leaf.list_name is not None}
    lists = {name: sorted({normalise(word) for word in words[name]}) for name in sorted(named)}
    content = [_FORMAT, rule.id, rule.kind.value, tree(rule.ast), lists]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()

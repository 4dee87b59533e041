"""Conditions on texts, told apart from the rest so that their results can be kept and read back.

Searching texts is nine tenths of what judging costs. A condition on texts gives the same answer for the same orders
whatever the rest of the policy says, so its results are kept as bits under a key of what it asks.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np
import polars as pl

from qingdan.core.fields import FIELDS, Type
from qingdan.core.message import Words
from qingdan.core.policy.ast import Arith, AsOf, Compare, Leaf, Scalar, TextMatch, leaf_fields, leaves
from qingdan.core.policy.closure import resolve
from qingdan.core.policy.columns import Columns
from qingdan.core.policy.digest import tree
from qingdan.core.policy.model import Kind, Policy, Rule

_NO_MOMENT: Final = datetime(2000, 1, 1, tzinfo=UTC)
_FORMAT: Final = "text-1"


@dataclass(frozen=True, slots=True)
class Text:
    """A condition on texts: its key, and all that is needed to evaluate it."""

    key: str
    leaf: Leaf
    words: Mapping[str, tuple[str, ...]]

    @property
    def fields(self) -> tuple[str, ...]:
        """Fields that it reads."""
        return leaf_fields(self.leaf)


def text_leaves(policy: Policy) -> dict[Leaf, Text]:
    """Leaves of a policy's rules that read texts, each with its key."""
    found: dict[Leaf, Text] = {}
    for rule in policy.rules:
        for leaf in leaves(rule.ast):
            names = leaf_fields(leaf)
            texts = [name for name in names if FIELDS[name].type is Type.TEXT]
            if leaf not in found and texts and len(texts) == len(names) and not leaf_reads_moment(leaf):
                found[leaf] = Text(_key(leaf, policy.words), leaf, policy.words)
    return found


def leaf_reads_moment(leaf: Leaf) -> bool:
    """Whether a condition depends on when it is judged."""
    return isinstance(leaf, Compare) and (_has_moment(leaf.left) or _has_moment(leaf.right))


def _has_moment(scalar: Scalar) -> bool:
    if isinstance(scalar, Arith):
        return _has_moment(scalar.left) or _has_moment(scalar.right)
    return isinstance(scalar, AsOf)


def reads_moment(policy: Policy) -> bool:
    """Whether a policy's verdicts depend on when it judges."""
    return any(leaf_reads_moment(leaf) for rule in policy.rules for leaf in leaves(rule.ast))


def _key(leaf: Leaf, words: Mapping[str, tuple[str, ...]]) -> str:
    asked: object = tree(leaf)
    if isinstance(leaf, TextMatch):
        asked = [leaf.op.value, leaf.field, sorted(resolve(leaf, words))]
    text = json.dumps([_FORMAT, asked], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def search(texts: Mapping[str, Text], orders: pl.DataFrame) -> pl.DataFrame:
    """Results of the conditions (by key), one Boolean column each, null where unknown."""
    columns = []
    for group in _by_words(texts):
        rules = [Rule(text.key, Kind.TAG, Words("", ""), text.leaf) for text in group]
        columns.append(Columns(rules, group[0].words).booleans(orders, _NO_MOMENT))
    return pl.concat(columns, how="horizontal") if columns else pl.DataFrame()


def _by_words(texts: Mapping[str, Text]) -> list[list[Text]]:
    groups: dict[int, list[Text]] = {}
    for text in texts.values():
        groups.setdefault(id(text.words), []).append(text)
    return list(groups.values())


def to_bits(column: pl.Series) -> bytes:
    """Boolean column as two bit maps, true ones and known ones."""
    true = column.fill_null(value=False).to_numpy()
    known = column.is_not_null().to_numpy()
    return np.packbits(true).tobytes() + np.packbits(known).tobytes()


def of_bits(bits: bytes, height: int, name: str) -> pl.Series:
    """Boolean column of ``height`` rows from its bit maps."""
    half = len(bits) // 2
    true = np.unpackbits(np.frombuffer(bits[:half], np.uint8), count=height).astype(np.bool_)
    known = np.unpackbits(np.frombuffer(bits[half:], np.uint8), count=height).astype(np.bool_)
    series = pl.Series(name, true)
    return series if known.all() else series.set(pl.Series(~known), None)

"""Rules mined from what people decided: searched for on earlier orders, proven as a set on later ones.

Three parts of the evidence are kept apart. Of the earlier orders one half is searched for conjunctions that hold safe
orders only, the other half puts a set of them together; the later orders do nothing but prove. The set grows rule by
rule in an order that is fixed before the later orders are looked at, and each size is tested by the exact bound of
Clopper and Pearson until one fails (fixed-sequence testing): so the chance that an accepted set keeps its promise less
often than ``target`` is at most 1 - ``confidence``, however many rules it has and however they overlap.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from qingdan.core.policy.bounds import CONFIDENCE, beta_share, lower, needed

Bits = npt.NDArray[np.bool_]
Conjunction = tuple[int, ...]

_WIDTH: Final = 10
_WEIGHTS: Final = (1.0, 3.0, 10.0)
"""How much more a lost share of unsafe orders counts than one of safe ones, while searching."""
_POOL: Final = 400
_SLACK: Final = 1.5
"""A candidate may have so many times the unsafe orders that the target allows: the other half decides."""
_MARGINS: Final = (1.5, 0.7)
"""By how many standard deviations the unsafe orders to come may exceed what was seen: for the first rule, on which all
others stand, and for the further ones, which can fail without harm to it.
"""
_WORTH: Final = 0.02
"""A further rule must add such a share of the orders."""
_MOST: Final = 40_000
"""Orders beyond which the search looks at every second, third ... only."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What is asked of mined rules: the share of safe orders, with which confidence, and how they may look."""

    target: float = 0.99
    confidence: float = CONFIDENCE
    rules: int = 5
    conditions: int = 5
    support: int = 20


@dataclass(frozen=True, slots=True)
class Decided:
    """Decided orders: ``bits`` (orders, conditions) says which conditions are certainly true of them.

    ``families`` (conditions) says which exclude each other in a rule, ``safe`` (orders) what came of it, and ``later``
    (orders) which orders are kept for the proof.
    """

    bits: Bits
    families: Sequence[str]
    safe: Bits
    later: Bits


@dataclass(frozen=True, slots=True)
class Count:
    """Orders that something selects, how many were not safe, and the lowest share of safe ones not refuted."""

    n: int
    bad: int
    bound: float


@dataclass(frozen=True, slots=True)
class Mined:
    """Rules (places of conditions) in the order in which they were tested.

    ``alone`` counts each rule on the later orders, ``sets`` the first 1, 2, 3 ... of them together, ``earlier`` each
    rule on the earlier orders. ``proven`` is how many, from the first, are accepted as a set; ``tested`` which sizes
    of the set were tested.
    """

    rules: tuple[Conjunction, ...]
    earlier: tuple[Count, ...]
    alone: tuple[Count, ...]
    sets: tuple[Count, ...]
    proven: int
    tested: tuple[int, ...]


def passes(n: int, bad: int, target: float, confidence: float) -> bool:
    """Whether ``bad`` unsafe ones in ``n`` refute that no more than ``target`` of all are safe."""
    return bad < n and beta_share(target, n - bad, bad + 1) <= 1.0 - confidence


def missing(count: Count, target: float, confidence: float) -> int:
    """How many more safe orders, and no unsafe one, would prove ``target``."""
    return max(0, needed(target, count.bad, confidence) - count.n)


def counted(chosen: Bits, safe: Bits, confidence: float) -> Count:
    """Count the orders that ``chosen`` selects."""
    n, good = int(chosen.sum()), int((chosen & safe).sum())
    return Count(n, n - good, lower(good, n, confidence))


def selected(rule: Conjunction, bits: Bits) -> Bits:
    """Which orders a conjunction selects; ``bits`` is (orders, conditions)."""
    return np.asarray(bits[:, list(rule)].all(axis=1), np.bool_)


def mine(decided: Decided, aim: Aim, rng: np.random.Generator) -> Mined:
    """Mine rules from decided orders."""
    bits, safe = decided.bits, decided.safe
    early, later = np.flatnonzero(~decided.later), int(decided.later.sum())
    half = rng.permutation(len(early)) % 2 == 0
    chosen = early[~half]
    rules = _candidates(bits[early[half]], safe[early[half]], decided.families, aim)
    rules = _together(rules, bits[chosen], safe[chosen], later, aim)
    rules = list(dict.fromkeys(_shortened(rule, bits[early], safe[early]) for rule in rules))
    return _proven(rules, _start(rules, bits[chosen], safe[chosen], later, aim), decided, aim)


def _candidates(bits: Bits, safe: Bits, families: Sequence[str], aim: Aim) -> list[Conjunction]:
    """Conjunctions that select many orders and few unsafe ones, by beam search, the largest first."""
    step = -(-len(safe) // _MOST) or 1
    x = bits[::step].astype(np.float32)
    good = safe[::step].astype(np.float32)
    goods, bads = max(1.0, float(good.sum())), max(1.0, float((1 - good).sum()))
    names = np.array(families)
    pool: dict[Conjunction, float] = {}
    for weight in _WEIGHTS:
        beam: list[Conjunction] = [()]
        for _ in range(aim.conditions):
            rows = np.array([x[:, list(rule)].all(axis=1) for rule in beam], np.float32).reshape(len(beam), len(x))
            n = rows @ x
            kept = (rows * good) @ x
            bad = n - kept
            value = kept / goods - weight * bad / bads
            grown = (rows @ (1 - good))[:, None]
            free = np.array([~np.isin(names, names[list(rule)]) for rule in beam])
            value[~free | (n * step < aim.support) | (bad >= grown)] = -np.inf
            fine = np.isfinite(value) & (bad <= _SLACK * (1 - aim.target) * n)
            for at, term in zip(*np.nonzero(fine), strict=True):
                pool[tuple(sorted((*beam[at], int(term))))] = float(kept[at, term])
            beam = list(_best(beam, value))
            if not beam:
                break
    ordered = sorted(pool.items(), key=lambda item: (-item[1], len(item[0]), item[0]))
    return [rule for rule, _ in ordered[:_POOL]]


def _best(beam: Sequence[Conjunction], value: npt.NDArray[np.floating]) -> Iterator[Conjunction]:
    """The best grown conjunctions, each once; of those that are worth the same only the first."""
    seen: set[Conjunction] = set()
    worths: set[float] = set()
    for place in np.argsort(-value, axis=None, kind="stable"):
        at, term = divmod(int(place), value.shape[1])
        worth = float(value[at, term])
        if not np.isfinite(worth) or len(seen) == _WIDTH:
            return
        rule = tuple(sorted((*beam[at], term)))
        if rule not in seen and worth not in worths:
            seen.add(rule)
            worths.add(worth)
            yield rule


def _together(rules: Sequence[Conjunction], bits: Bits, safe: Bits, later: int, aim: Aim) -> list[Conjunction]:
    """Rules that together select the most orders while the set can be expected to pass, the one that adds most first.

    When not even one rule does, the one that comes nearest is returned, so that somebody can be told how near it is.
    """
    columns = [selected(rule, bits) for rule in rules]
    hoped = _Hope(aim, later / max(1, len(safe)))
    union = np.zeros(len(safe), np.bool_)
    chosen: list[Conjunction] = []
    while len(chosen) < aim.rules:
        fewest = max(aim.support // 2, int(_WORTH * len(safe))) + int(union.sum())
        sizes = [int((union | column).sum()) for column in columns]
        for place in sorted(range(len(rules)), key=lambda p: (-sizes[p], p)):
            if sizes[place] <= fewest:
                return chosen or _nearest(rules, columns, safe, aim)
            joint = union | columns[place]
            if hoped.fine(sizes[place], int((joint & ~safe).sum()), _MARGINS[min(1, len(chosen))]):
                chosen.append(rules[place])
                union = joint
                break
        else:
            break
    return chosen or _nearest(rules, columns, safe, aim)


def _nearest(rules: Sequence[Conjunction], columns: Sequence[Bits], safe: Bits, aim: Aim) -> list[Conjunction]:
    """The rule that needs the fewest more safe orders."""
    if not rules:
        return []
    counts = [(int(c.sum()), int((c & ~safe).sum())) for c in columns]
    short = [(bad + 1) / (1 - aim.target) - n for n, bad in counts]
    return [rules[min(range(len(rules)), key=lambda p: (short[p], p))]]


def _shortened(rule: Conjunction, bits: Bits, safe: Bits) -> Conjunction:
    """Rule without the conditions that keep no unsafe order out."""
    bad = int((selected(rule, bits) & ~safe).sum())
    for term in rule:
        fewer = tuple(t for t in rule if t != term)
        if fewer and int((selected(fewer, bits) & ~safe).sum()) <= bad:
            rule = fewer
    return rule


class _Hope:
    """What the counts of one part of the orders let expect of the later ones, ``share`` times as many."""

    def __init__(self, aim: Aim, share: float) -> None:
        self._aim, self._share = aim, share

    def fine(self, n: int, bad: int, margin: float) -> bool:
        """Whether the later orders should pass, even when they hold more unsafe ones by ``margin`` deviations."""
        usual = bad * self._share
        worst = usual + margin * math.sqrt((bad + 0.5) * self._share * (1 + self._share))
        return passes(int(n * self._share), round(worst), self._aim.target, self._aim.confidence)


def _start(rules: Sequence[Conjunction], bits: Bits, safe: Bits, later: int, aim: Aim) -> int:
    """Size of the set from which to test: the smallest that can be expected to select enough of the later orders."""
    hoped = _Hope(aim, later / max(1, len(safe)))
    for size, union in enumerate(_unions([selected(rule, bits) for rule in rules]), start=1):
        if hoped.fine(int(union.sum()), int((union & ~safe).sum()), _MARGINS[1]):
            return size
    return len(rules)


def _proven(rules: Sequence[Conjunction], start: int, decided: Decided, aim: Aim) -> Mined:
    """Test the sets from the size ``start`` upwards on the later orders until one fails."""
    bits, safe, later = decided.bits, decided.safe, decided.later
    columns = [selected(rule, bits[later]) for rule in rules]
    sets = [counted(union, safe[later], aim.confidence) for union in _unions(columns)]
    tested, proven = [], 0
    for size in range(start, len(rules) + 1) if rules else ():
        tested.append(size)
        if not passes(sets[size - 1].n, sets[size - 1].bad, aim.target, aim.confidence):
            break
        proven = size
    return Mined(
        tuple(rules),
        tuple(counted(selected(rule, bits[~later]), safe[~later], aim.confidence) for rule in rules),
        tuple(counted(column, safe[later], aim.confidence) for column in columns),
        tuple(sets),
        proven,
        tuple(tested),
    )


def _unions(columns: Iterable[Bits]) -> Iterator[Bits]:
    union: Bits | None = None
    for column in columns:
        union = column if union is None else union | column
        yield union

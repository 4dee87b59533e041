"""Which single rule, if it were fixed, frees the most of the orders that wait, and which orders just miss."""

from datetime import datetime
from typing import Any, Final

import polars as pl

from qingdan.core.policy import Compiled, Kind
from qingdan.core.policy.evaluate import Evaluator
from qingdan.core.policy.model import Rule
from qingdan.core.policy.render import render
from qingdan.policies import backtests, waiting
from qingdan.policies.snoozed import marked

_SAMPLES: Final = 5
_EXPLAINED: Final = 2_000
"""Near misses are explained leaf by leaf for so many orders a rule; the counts by rule are of all."""


def find(merchant: int, compiled: Compiled, as_of: datetime) -> list[dict[str, Any]]:
    """Return the rules by how many waiting orders each alone stops, with the conditions that those orders miss.

    Orders that a person decided are left out.
    """
    orders = waiting.of(merchant).orders().filter(~pl.col("hand_decided"))
    masks = waiting.judged(compiled, marked(merchant, orders, as_of), as_of).select("true_mask", "unknown_mask")
    told = []
    for rule in compiled.policy.rules:
        if rule.kind not in {Kind.CHECK, Kind.EXCEPTION, Kind.HOLD}:
            continue
        alone = orders.filter(backtests.alone_by(compiled.policy, masks, rule.id))
        told.append(
            {
                "id": rule.id,
                "kind": rule.kind.value,
                "title": rule.title.both(),
                "frees": alone.height,
                "samples": alone["id"].tail(_SAMPLES).to_list(),
                "misses": _misses(rule, compiled, alone.head(_EXPLAINED), as_of),
            }
        )
    return sorted(told, key=lambda row: -int(row["frees"]))


def _misses(rule: Rule, compiled: Compiled, orders: pl.DataFrame, as_of: datetime) -> list[dict[str, Any]]:
    """Count the conditions that decided against the orders."""
    counts: dict[tuple[str, str], int] = {}
    for order in orders.iter_rows(named=True):
        _, because = Evaluator(compiled.policy.words, order, as_of).decide(rule.ast)
        for leaf in dict.fromkeys(because):
            key = render(leaf, "zh", signs=True), render(leaf, "en", signs=True)
            counts[key] = counts.get(key, 0) + 1
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    return [{"text": {"zh": zh, "en": en}, "n": n} for (zh, en), n in ordered]

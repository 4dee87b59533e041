"""Rules mined from made-up teams' decisions: how often an accepted set keeps its promise on fresh orders."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np

from bench.mining.world import DAYS, FIRST, decided
from qingdan.core.policy import Policy, load_policy
from qingdan.core.policy.mining import Aim, Decided, mine
from qingdan.core.policy.mining_terms import Term, distinct, joined, terms, truth
from qingdan.data.policies import starter_text

SEEDS: Final = 200
DECISIONS: Final = 20_000
FRESH: Final = 40_000
PROVED: Final = 0.4
"""Share of the days, the last ones, that are kept for the proof."""


@dataclass(frozen=True)
class Score:
    """One team: whether a set was accepted, its share of safe orders among fresh ones, and the share it takes."""

    accepted: bool
    precision: float
    coverage: float
    possible: float
    """Share of the fresh orders that are so safe that a perfect judge would take them."""


def score(seed: int, *, decisions: int = DECISIONS, fresh: int = FRESH, target: float = 0.99) -> Score:
    """Mine the decisions of team ``seed`` and hold what is accepted against fresh orders of the same team."""
    policy = _policy()
    orders, _, safe = decided(seed, decisions)
    days = ((orders["created_at"] - FIRST).dt.total_days()).to_numpy()
    later = days >= DAYS * (1 - PROVED)
    tried = terms(orders.filter(~later), policy)
    bits = truth(tried, orders, policy)
    kept = distinct(tried, bits[~later])
    known = Decided(bits[:, kept], [tried[place].family for place in kept], safe, later)
    found = mine(known, Aim(target=target), np.random.default_rng(seed))
    others, chance, _ = decided(seed, fresh, part=1)
    taken = [joined(tried[kept[place]].ast for place in rule) for rule in found.rules[: found.proven]]
    columns = truth([Term(rule, "") for rule in taken], others, policy)
    union = columns.any(axis=1) if taken else np.zeros(fresh, np.bool_)
    precision = float(chance[union].mean()) if union.any() else 1.0
    return Score(bool(taken), precision, float(union.mean()), _possible(chance, target))


@cache
def _policy() -> Policy:
    return load_policy(starter_text())


def _possible(chance: np.ndarray, target: float) -> float:
    """The largest share of orders of which ``target`` are safe, if each one's chance were known."""
    ordered = np.sort(chance)[::-1]
    reached = np.flatnonzero(np.cumsum(ordered) / np.arange(1, len(ordered) + 1) >= target)
    return float(reached[-1] + 1) / len(ordered) if len(reached) else 0.0


def scores(seeds: int, **how: Any) -> list[Score]:
    """Score teams 0, 1, 2 ..."""
    return [score(seed, **how) for seed in range(seeds)]


def measure() -> list[dict[str, Any]]:
    """Rows for the benchmark table."""
    rows = []
    for target, decisions in ((0.99, DECISIONS), (0.98, 8_000)):
        found = scores(SEEDS, target=target, decisions=decisions)
        took = [one for one in found if one.accepted]
        bad = [one for one in took if one.precision < target]
        able = [one for one in found if one.possible > 0.05]
        name = f"mining: target {target:.1%}, {decisions:,} decisions, {SEEDS} teams"
        for what, value, aim in (
            ("accepted sets that miss it on fresh orders", len(bad) / max(1, len(took)), "at most 0.05"),
            ("teams with an accepted set", len(took) / SEEDS, None),
            ("orders released by an accepted set", _mean([one.coverage for one in took]), None),
            ("of what a perfect judge could", _mean([one.coverage / one.possible for one in able]), None),
        ):
            rows.append(
                {"name": f"{name}: {what}", "value": round(value, 4), "unit": "share", "target": aim}
                | {"peer": None, "ratio": None}
            )
    return rows


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else 0.0


if __name__ == "__main__":
    for entry in measure():
        print("  ".join(f"{key}={value}" for key, value in entry.items() if value is not None))

"""Evidence about a rate that is looked at after every new case, and may be acted on at any of those looks.

An exact bound for a fixed number of cases is too sure of itself when it is computed again and again: sooner or later
chance alone carries it over any limit. Here the evidence against "the rate is at most m" is the average of likelihood
ratios of larger rates, each with fixed odds in relation to m. Under any rate up to m that average is a non-negative
supermartingale that starts at 1, so the chance that it ever reaches 1/alpha is at most alpha (J. Ville, 1939; mixtures:
H. Robbins, "Statistical methods related to the law of the iterated logarithm", Ann. Math. Stat. 41, 1970).
"""

import math
from typing import Final

CERTAIN: Final = 20.0
"""Evidence at which a rate counts as passed: reached by chance in at most one of twenty rules, however often one looks.
"""
_ODDS: Final = (1.5, 2.0, 3.0, 5.0, 8.0, 13.0, 20.0)
"""Odds of the rates that are betted on, in relation to the limit's: from somewhat too bad to plainly fraudulent."""
_STEPS: Final = 60
_LARGEST: Final = 700.0


def evidence(k: int, n: int, limit: float) -> float:
    """Evidence that ``k`` bad ones in ``n`` come from a rate above ``limit`` (inside 0 to 1); 1 when nothing was seen.

    Raises ValueError for counts that can not be.
    """
    if not 0 <= k <= n or not 0.0 < limit < 1.0:
        raise ValueError(f"{k} of {n} against {limit}")
    return _mean(_ODDS, k, n, limit)


def at_least(k: int, n: int) -> float:
    """Largest rate that is passed for certain by ``k`` in ``n``; it holds at every look at once, with 95 %."""
    return _crossing(_ODDS, k, n) if k else 0.0


def at_most(k: int, n: int) -> float:
    """Smallest rate that is undercut for certain by ``k`` in ``n``; it holds at every look at once, with 95 %."""
    if k == n:
        return 1.0
    # the other side: few bad ones are many good ones
    return 1.0 - _crossing(_ODDS, n - k, n)


def _mean(odds: tuple[float, ...], k: int, n: int, limit: float) -> float:
    logs = [k * math.log(ratio) - n * math.log1p((ratio - 1.0) * limit) for ratio in odds]
    return sum(math.exp(min(log, _LARGEST)) for log in logs) / len(logs)


def _crossing(odds: tuple[float, ...], k: int, n: int) -> float:
    """Rate at which the evidence is just enough: each ratio falls as the rate grows."""
    low, high = 0.0, k / n
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if _mean(odds, k, n, middle) >= CERTAIN:
            low = middle
        else:
            high = middle
    return low

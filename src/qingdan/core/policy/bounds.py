"""Exact one-sided bounds of a rate from a count (Clopper-Pearson), for rates that decide whether to trust a rule.

Source: C. J. Clopper, E. S. Pearson, "The use of confidence or fiducial limits illustrated in the case of the
binomial", Biometrika 26 (1934). The upper bound of ``k`` bad ones in ``n`` is the share at which so few would be seen
with a chance of 1 - confidence.
"""

import math
from collections.abc import Callable
from typing import Final

CONFIDENCE: Final = 0.95
_STEPS: Final = 60
_TERMS: Final = 5_000
_TINY: Final = 1e-300


def upper(k: int, n: int, confidence: float = CONFIDENCE) -> float:
    """Largest rate that is not refuted by ``k`` in ``n``; 1 when nothing was seen."""
    if n == 0 or k >= n:
        return 1.0
    # at most k of n, at rate p, has the chance 1 - I_p(k + 1, n - k)
    return _solve(lambda p: beta_share(p, k + 1, n - k) < confidence)


def lower(k: int, n: int, confidence: float = CONFIDENCE) -> float:
    """Smallest rate that is not refuted by ``k`` in ``n``; 0 when nothing was seen."""
    return 1.0 - upper(n - k, n, confidence) if n else 0.0


def needed(target: float, bad: int = 0, confidence: float = CONFIDENCE) -> int:
    """How many must be seen with ``bad`` among them, so that the rate of good ones is at least ``target``."""
    high = 1
    while lower(high - bad, high, confidence) < target or high <= bad:
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        if middle > bad and lower(middle - bad, middle, confidence) >= target:
            high = middle
        else:
            low = middle
    return high


def _solve(below: Callable[[float], bool]) -> float:
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if below(middle):
            low = middle
        else:
            high = middle
    return high


def beta_share(x: float, a: float, b: float) -> float:
    """Regularised incomplete beta function I_x(a, b), by its continued fraction (DLMF 8.17.22)."""
    if x <= 0.0 or x >= 1.0:
        return float(x >= 1.0)
    if x > (a + 1) / (a + b + 2):
        return 1.0 - beta_share(1.0 - x, b, a)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a
    return front * _fraction(x, a, b)


def _fraction(x: float, a: float, b: float) -> float:
    """Value of the fraction by the modified Lentz method."""
    c, d = 1.0, 1.0 - (a + b) * x / (a + 1)
    d = 1.0 / (d if abs(d) > _TINY else _TINY)
    value = d
    for m in range(1, _TERMS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 + term * d
            d = 1.0 / (d if abs(d) > _TINY else _TINY)
            c = 1.0 + term / c
            c = c if abs(c) > _TINY else _TINY
            value *= c * d
        if abs(c * d - 1.0) < 1e-13:
            break
    return value

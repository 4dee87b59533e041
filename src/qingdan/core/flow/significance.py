"""Telling a difference from luck: a test in blocks of time, and many tests at once.

Orders of the same hours share their fate, so single orders are no independent witnesses. The time is cut into blocks,
each block gives one difference, and the differences are tested against zero.
"""

from math import exp, lgamma, log, log1p

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]

LEAST_BLOCKS = 5


def blocks(at: Numbers, count: int = 20) -> Numbers:
    """Number of the block of time, 0 to ``count`` - 1, of each moment (n,); blocks hold about as many moments each."""
    rank = np.argsort(np.argsort(at, kind="stable"), kind="stable")
    return (rank * count // max(len(at), 1)).astype(np.int64)


def contrast(values: Floats, group: Flags, block: Numbers) -> float:
    """One-sided p that the group's values (n,) are higher than the others', block by block; 1 when too few tell."""
    count = int(block.max()) + 1 if len(block) else 0
    inside, outside = np.bincount(block[group], minlength=count), np.bincount(block[~group], minlength=count)
    both = (inside > 0) & (outside > 0)
    ours = np.bincount(block[group], weights=values[group], minlength=count)[both] / inside[both]
    theirs = np.bincount(block[~group], weights=values[~group], minlength=count)[both] / outside[both]
    return above_zero(ours - theirs)


def above_zero(values: Floats) -> float:
    """One-sided p of Student's test that the mean of ``values`` is above zero; 1 below ``LEAST_BLOCKS`` values."""
    count = len(values)
    if count < LEAST_BLOCKS:
        return 1.0
    mean, spread = float(values.mean()), float(values.std(ddof=1))
    if spread == 0:
        return 0.0 if mean > 0 else 1.0
    return student_tail(mean / (spread / count**0.5), count - 1)


def student_tail(t: float, freedom: int) -> float:
    """Probability that Student's t with ``freedom`` degrees exceeds ``t``."""
    half = _beta(freedom / 2, 0.5, freedom / (freedom + t * t)) / 2
    return half if t > 0 else 1 - half


def _beta(a: float, b: float, x: float) -> float:
    """Regularised incomplete beta function, by its continued fraction (Lentz's method)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(b, a, 1 - x)
    tiny = 1e-300
    c, d = 1.0, 1 / max(1 - (a + b) * x / (a + 1), tiny)
    total = d
    for m in range(1, 300):
        for top in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / (1 + top * d or tiny)
            c = 1 + top / c or tiny
            total *= c * d
        if abs(c * d - 1) < 1e-12:
            break
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    return front * total / a


def discoveries(p: Floats, rate: float) -> Flags:
    """Which of several tests to believe so that no more than ``rate`` of those are luck (Benjamini and Hochberg)."""
    count = len(p)
    order = np.argsort(p, kind="stable")
    passed = np.flatnonzero(p[order] <= rate * np.arange(1, count + 1) / max(count, 1))
    chosen = np.zeros(count, np.bool_)
    if len(passed):
        chosen[order[: passed[-1] + 1]] = True
    return chosen

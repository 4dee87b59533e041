"""Evidence that is looked at after every case."""

import random

import pytest

from qingdan.core.policy.bounds import upper
from qingdan.core.policy.sequential import CERTAIN, at_least, at_most, evidence

LIMIT = 0.02


def first_pass(rate: float, rng: random.Random, looks: int = 400) -> int | None:
    """At which look the evidence that the rate is above the limit is enough."""
    bad = 0
    for n in range(1, looks + 1):
        bad += rng.random() < rate
        if evidence(bad, n, LIMIT) >= CERTAIN:
            return n
    return None


def test_looking_after_every_case_rarely_blames_a_rule_at_the_limit_and_finds_a_bad_one_soon() -> None:
    rng = random.Random(7)  # noqa: S311 - a test's dice
    at_limit = [first_pass(LIMIT, rng) for _ in range(200)]
    bad = [first_pass(0.2, rng) for _ in range(50)]
    assert sum(found is not None for found in at_limit) <= 10  # 5 % by the theory, and it can not be much less strict
    assert all(found is not None and found <= 120 for found in bad)


@pytest.mark.parametrize(("k", "n"), [(0, 0), (0, 300), (1, 1), (3, 40), (40, 40), (2, 500)])
def test_bounds_lie_around_the_rate_and_agree_with_the_evidence(k: int, n: int) -> None:
    low, high = at_least(k, n), at_most(k, n)
    assert 0 <= low <= (k / n if n else 0) <= high <= 1
    if low > 0:
        assert evidence(k, n, low * 0.99) >= CERTAIN > evidence(k, n, min(low * 1.01, 0.999))
    if n:
        assert high >= upper(k, n) - 1e-9  # it pays for being looked at at any time


def test_counts_that_can_not_be_are_refused() -> None:
    with pytest.raises(ValueError, match="3 of 2"):
        evidence(3, 2, LIMIT)

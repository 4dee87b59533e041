"""The fixed lattice: masks of one order → verdict, stage, tier, reasons. Both back ends end here."""

from collections.abc import Sequence
from dataclasses import dataclass

from qingdan.core.lifecycle import Stage, Verdict
from qingdan.core.policy.model import FIELD_MISSING, Kind, Policy, Rule


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a pair of masks means. ``stage`` is None for verdict none: the platform's state decides it.

    ``tier`` is the index of the row hit; ``reasons`` and ``tags`` are sorted ids joined by ``;``.
    """

    verdict: Verdict
    stage: Stage | None
    tier: int | None
    tier_tentative: bool
    reasons: str
    tags: str


_OUT_OF_SCOPE = Outcome(Verdict.NONE, None, None, tier_tentative=False, reasons="", tags="")


class Lattice:
    """Decides pairs of masks for one policy: hold > exception > release."""

    def __init__(self, policy: Policy) -> None:
        self._scope = _bits(policy.of(Kind.SCOPE))
        self._checks = policy.of(Kind.CHECK)
        self._exceptions = policy.of(Kind.EXCEPTION)
        self._holds = policy.of(Kind.HOLD)
        self._tags = policy.of(Kind.TAG)
        self._tiers = tuple(1 << bit for bit, _ in policy.of(Kind.TIER))
        self._all_checks = _bits(self._checks)
        self._any_exception = _bits(self._exceptions)
        self._any_hold = _bits(self._holds)

    def decide(self, true: int, unknown: int) -> Outcome:
        """Outcome of one pair of masks."""
        if self._scope and not (true | unknown) & self._scope:
            return _OUT_OF_SCOPE
        reasons = [rule.id for bit, rule in self._checks if not true >> bit & 1]
        reasons += [rule.id for bit, rule in self._exceptions if true >> bit & 1]
        reasons += [rule.id for bit, rule in self._holds if true >> bit & 1]
        missing = bool(unknown & (self._any_hold | self._scope))
        held = missing or bool(true & self._any_hold)
        if missing:
            reasons.append(FIELD_MISSING)
        if held or true & self._any_exception:
            verdict, stage = Verdict.EXCEPTION, Stage.HELD if held else Stage.EXCEPTION
        elif true & self._all_checks == self._all_checks:
            verdict, stage = Verdict.RELEASE, Stage.RELEASED
        else:
            verdict, stage = Verdict.REVIEW, Stage.IN_REVIEW
        tier = next((i for i, bit in enumerate(self._tiers) if true & bit), None)
        above = self._tiers[:tier]
        tags = sorted(rule.id for bit, rule in self._tags if true >> bit & 1)
        return Outcome(
            verdict,
            stage,
            tier,
            tier_tentative=any(unknown & bit for bit in above),
            reasons=";".join(sorted(reasons)),
            tags=";".join(tags),
        )


def _bits(rules: Sequence[tuple[int, Rule]]) -> int:
    return sum(1 << bit for bit, _ in rules)

"""When a source has been silent for too long: its own past at this hour of the week is the measure.

Times are seconds of one clock; a source is the sorted moments at which it spoke. Nothing here knows what speaks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

HOUR: Final = 3600.0
DAY: Final = 24 * HOUR
WEEK: Final = 7 * DAY
WEEKS: Final = 8
"""How many weeks back a source's habits are looked for."""
NEAR: Final = HOUR
"""The same hour of the week means: so long before and after."""
ENOUGH: Final = 4
"""From so many samples on, the longest is taken for an accident and the next one counts."""
FACTOR: Final = 1.5
"""A silence is too long beyond the usual one times this."""

Moments = npt.NDArray[np.float64]
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Judged:
    """``lasted`` so far, ``usual`` at this hour (None: never seen), ``limit`` beyond which it is too long; seconds."""

    lasted: float
    usual: float | None
    limit: float

    @property
    def too_long(self) -> bool:
        """Whether somebody has to know."""
        return self.lasted > self.limit


def windows(now: float, *, week: float = WEEK, weeks: int = WEEKS, near: float = NEAR) -> list[Span]:
    """Return the same hour of earlier weeks, the latest first, and then of earlier days of this week."""
    day = week / 7
    back = [k * week for k in range(1, weeks + 1)] + [k * day for k in range(1, 7)]
    return [(now - ago - near, now - ago + near) for ago in back]


def longest(spoke: Moments, window: Span) -> float | None:
    """Return how long the source had been silent at most, at any moment of a window.

    None when it had not spoken before the window, so that nothing is known of it then.
    """
    begin, end = window
    before = int(np.searchsorted(spoke, begin, side="right"))
    if before == 0:
        return None
    upto = int(np.searchsorted(spoke, end, side="left"))
    edges = np.concatenate([spoke[before - 1 : upto], [end]])
    return float(np.diff(edges).max())


def usual(spoke: Moments, at: Sequence[Span], *, weeks: int = WEEKS, without: Sequence[Span] = ()) -> float | None:
    """Return the longest silence that is usual in the windows ``at`` (see ``windows``: weeks first, then days).

    Days stand in while fewer than two weeks are known. Windows that touch one of ``without``, when something was known
    to be wrong, teach nothing. None when the past teaches nothing at all.
    """
    sound = [None if _touches(window, without) else longest(spoke, window) for window in at]
    samples = [sample for sample in sound[:weeks] if sample is not None]
    if len(samples) < 2:
        samples += [sample for sample in sound[weeks:] if sample is not None]
    samples.sort()
    if not samples:
        return None
    return samples[-2] if len(samples) >= ENOUGH else samples[-1]


def judge(lasted: float, usual_silence: float | None, *, floor: float, unknown: float) -> Judged:
    """Judge a silence: never below ``floor``; ``unknown`` is the limit of a source without a past."""
    limit = unknown if usual_silence is None else FACTOR * usual_silence
    return Judged(lasted, usual_silence, max(floor, limit))


def _touches(window: Span, others: Sequence[Span]) -> bool:
    return any(begin < window[1] and end > window[0] for begin, end in others)

"""A breaker a destination: after a few failures in a row nothing is sent for a while, then one is tried."""

import random
from dataclasses import dataclass
from typing import Final

FAILURES: Final = 5
FIRST_PAUSE: Final = 2.0
LONGEST_PAUSE: Final = 60.0


@dataclass(slots=True)
class Breaker:
    """Times are seconds of a monotonic clock that the caller reads."""

    failures: int = 0
    pauses: int = 0
    open_until: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether it has opened and no call has succeeded since."""
        return self.open_until is not None

    def slots(self, now: float, most: int) -> int:
        """How many calls may be under way: all, none, or one to try."""
        if self.open_until is None:
            return most
        return 1 if now >= self.open_until else 0

    def succeeded(self) -> None:
        """Note an answer that shows that the destination works."""
        self.failures = self.pauses = 0
        self.open_until = None

    def failed(self, now: float, spread: random.Random) -> bool:
        """Note a failure of the destination; return whether this one opened the breaker."""
        self.failures += 1
        if self.failures < FAILURES or (self.open_until is not None and now < self.open_until):
            return False
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0**self.pauses)
        self.pauses += 1
        self.open_until = now + pause * spread.uniform(0.5, 1.0)
        return self.pauses == 1


def full_jitter(attempt: int, spread: random.Random, *, base: float = 0.5, most: float = 60.0) -> float:
    """Seconds to wait before the next try: anything from nothing to a bound that doubles each time."""
    return spread.uniform(0.0, min(most, base * 2.0 ** min(attempt, 16)))

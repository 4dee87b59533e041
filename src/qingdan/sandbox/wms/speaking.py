"""What the protocols of the simulated warehouse share: a call as it comes, an answer as it goes, the work itself."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from qingdan.sandbox.wms.faults import Faults
from qingdan.sandbox.wms.ledger import SHIPPED, STOPPED, STOPPING, Effect, Ledger

JSON: Final = "application/json; charset=utf-8"
_PLACES: Final = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """One call: its path, the address's parameters, the bytes."""

    path: str
    params: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answered:
    """What goes back."""

    body: bytes
    kind: str = JSON


class Speaker(Protocol):
    """One protocol, at the addresses that begin with ``prefix``."""

    @property
    def prefix(self) -> str:
        """Beginning of its addresses' paths."""

    def answer(self, asked: Asked) -> Answered:
        """Answer one call."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel of a shipped delivery: what has several lines leaves in as many parcels."""

    sync_id: int
    effect: Effect
    tracking: str
    line: list[Any]
    parts: int


@dataclass(frozen=True, slots=True)
class Floor:
    """Takes in, stops and ships for the protocols that are asked; ``ship_after`` is how long a delivery takes to leave.

    Lines are (item code, quantity, line id).
    """

    ledger: Ledger
    faults: Faults
    ship_after: float
    chance: random.Random = field(default_factory=random.Random)
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def take(self, number: str, source: str, protocol: str, lines: Sequence[Sequence[object]]) -> tuple[Effect, bool]:
        """Take a delivery in; return it and whether it is new: a number that is known takes effect once."""
        known = self.ledger.find(number)
        if known is not None and not self.faults.forgetful:
            self.ledger.note("create", number, "repeated")
            return known, False
        self.ledger.take(number, source, protocol, lines, self.ship_after)
        self.ledger.note("create", number, "taken")
        made = self.ledger.find(number)
        if made is None:
            raise LookupError(number)
        return made, True

    def refuse(self, number: str) -> None:
        """Note that a delivery was not taken."""
        self.ledger.note("create", number, "refused")

    def stop(self, number: str) -> str:
        """Begin to stop a delivery; return what was in the way: nothing, or that it is absent or too late."""
        found = self.ledger.find(number)
        if found is None:
            outcome = "absent"
        elif found.state == SHIPPED or (self.faults.no_intercept and found.state not in {STOPPED, STOPPING}):
            outcome = "too late"
        else:
            self.ledger.stop(number, later=True)
            outcome = "stopped"
        self.ledger.note("cancel", number, outcome)
        return "" if outcome == "stopped" else outcome

    def find(self, number: str) -> Effect | None:
        """Look a delivery up."""
        found = self.ledger.find(number)
        self.ledger.note("query", number, "found" if found else "absent")
        return found

    def to_tell(self, protocol: str, most: int) -> list[Parcel]:
        """Return parcels that are not acknowledged, some of them twice if the faults say so."""
        if self.faults.silent:
            return []
        waiting = [p for e in self.ledger.to_tell(protocol, most) for p in parcels(e)]
        told = [p for p in waiting if not self.ledger.is_acknowledged(p.sync_id)][:most]
        return told + [p for p in told if self.chance.random() < self.faults.duplicate][: most - len(told)]

    def shipped(self, protocol: str, since: datetime, until: datetime) -> list[Parcel]:
        """Return parcels that left in a span of time."""
        if self.faults.silent:
            return []
        found = self.ledger.shipped_between(protocol, since.timestamp(), until.timestamp() + 1)
        return [parcel for effect in found for parcel in parcels(effect)]

    def acknowledge(self, sync_id: int) -> bool:
        """Note that a parcel was taken in; return whether there is such a one."""
        effect = self.ledger.by_id(sync_id // _PLACES)
        if effect is None:
            return False
        self.ledger.acknowledge(sync_id)
        if all(self.ledger.is_acknowledged(parcel.sync_id) for parcel in parcels(effect)):
            self.ledger.told(effect.id, confirmed=True)
        return True

    def is_copy(self, signature: str) -> bool:
        """Whether a call that changed something came with this very signature before."""
        return self.ledger.was_done(signature)

    def changed(self, signature: str) -> None:
        """Note that a call changed something."""
        self.ledger.note_done(signature)

    def unauthentic(self, method: str) -> None:
        """Note a call that was not authentic."""
        self.ledger.note(method[:60] or "?", "", "unauthentic")


def parcels(effect: Effect) -> Iterator[Parcel]:
    """Return the parcels of a shipped delivery."""
    for place, line in enumerate(effect.lines):
        tracking = effect.tracking + (f"-{place}" if place else "")
        yield Parcel(effect.id * _PLACES + place, effect, tracking, line, len(effect.lines))


def fen(value: object) -> int:
    """Read an amount in yuan; raises ``ValueError``."""
    return round(float(str(value if value not in {None, ""} else 0)) * 100)

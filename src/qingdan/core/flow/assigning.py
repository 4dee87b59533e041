"""Who gets which order: the least loaded of those who may take it, in turns. Pure; plain arrays, seeded by the caller.

Orders come in the order they shall be worked in (``priority``). Each goes to the person on duty who may take it, has
room under her cap, and carries least for her cap; among equals to the one who got something longest ago, then by a lot
that the seed draws, so that no name comes first for ever.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qingdan.core.message import Words

NOBODY: Final = -1
"""Person of an order that nobody was given."""

Numbers = NDArray[np.int64]


class Outcome(IntEnum):
    """What became of an order; ``WORDS`` says it to people."""

    GIVEN = 0
    NOBODY_FITS = 1
    ALL_FULL = 2


WORDS: Final[Mapping[Outcome, Words]] = {
    Outcome.GIVEN: Words("已分派", "assigned"),
    Outcome.NOBODY_FITS: Words("当班的人里没有能接的", "nobody on duty may take it"),
    Outcome.ALL_FULL: Words("能接的人手上都满了", "everybody who may take it is full"),
}


@dataclass(frozen=True, slots=True)
class Hands:
    """p people on duty.

    ``cap`` (p,) is how many orders each may have in hand and ``load`` (p,) how many she has; ``last`` (p,) is when she
    was last given one, in any unit that grows. Raises ValueError where the shapes differ.
    """

    cap: Numbers
    load: Numbers
    last: Numbers

    def __post_init__(self) -> None:
        if not self.cap.shape == self.load.shape == self.last.shape or self.cap.ndim != 1:
            raise ValueError("the people's arrays do not fit together")


@dataclass(frozen=True, slots=True)
class Assignment:
    """By order (n,): the number of the person, or ``NOBODY``, and the ``Outcome``."""

    person: NDArray[np.intp]
    outcome: NDArray[np.int8]


def assign(group: NDArray[np.intp], may: NDArray[np.bool_], hands: Hands, *, seed: int) -> Assignment:
    """Give n orders to p people.

    ``group`` (n,) numbers the kind of each order, ``may`` (g, p) says which people may take orders of a kind. The
    same input always gives the same assignment.
    """
    people = len(hands.cap)
    if may.ndim != 2 or may.shape[1] != people:
        raise ValueError("the table of who may take what does not fit the people")
    lot = np.random.default_rng(seed).permutation(people)
    load, last = hands.load.astype(np.int64), hands.last.astype(np.int64)
    turn = int(last.max(initial=0)) + 1
    person = np.full(len(group), NOBODY, np.intp)
    outcome = np.full(len(group), Outcome.GIVEN, np.int8)
    for row, kind in enumerate(group.tolist()):
        able = may[kind]
        room = np.flatnonzero(able & (load < hands.cap))
        if not len(room):
            outcome[row] = Outcome.ALL_FULL if able.any() else Outcome.NOBODY_FITS
            continue
        # what each would carry, as a share of what she can
        share = (load[room] + 1) / hands.cap[room]
        chosen = int(room[np.lexsort((lot[room], last[room], share))[0]])
        person[row] = chosen
        load[chosen] += 1
        last[chosen] = turn
        turn += 1
    return Assignment(person, outcome)


def may_take(skills: AbstractSet[str], wants: AbstractSet[str]) -> bool:
    """Whether somebody with ``skills`` may take an order that has the properties ``wants``.

    Both are texts ``kind:value``. Of each kind that she has skills of and that the order has properties of, one must
    be the same; without a skill of a kind she takes every value of it.
    """
    kinds = {skill.partition(":")[0] for skill in skills} & {want.partition(":")[0] for want in wants}
    matched = {skill.partition(":")[0] for skill in skills & wants}
    return kinds <= matched

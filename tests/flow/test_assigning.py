"""Orders go to who may take them, has room and carries least; in turns, and the same way every time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingdan.core.flow.assigning import NOBODY, Hands, Outcome, assign, may_take


@st.composite
def worlds(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, Hands]:
    people, kinds = draw(st.integers(0, 6)), draw(st.integers(1, 4))
    numbers = st.integers(0, 8)

    def column() -> np.ndarray:
        return np.array(draw(st.lists(numbers, min_size=people, max_size=people)), np.int64)

    may = np.array(
        draw(st.lists(st.lists(st.booleans(), min_size=people, max_size=people), min_size=kinds, max_size=kinds)), bool
    ).reshape(kinds, people)
    group = np.array(draw(st.lists(st.integers(0, kinds - 1), max_size=40)), np.intp)
    return group, may, Hands(column(), column(), column())


@given(worlds(), st.integers(0, 9))
def test_nobody_gets_what_she_may_not_take_or_more_than_her_cap_and_nothing_is_left_that_somebody_could_take(
    world: tuple[np.ndarray, np.ndarray, Hands], seed: int
) -> None:
    group, may, hands = world
    found = assign(group, may, hands, seed=seed)
    load = hands.load.copy()
    for row, kind in enumerate(group):
        room = may[kind] & (load < hands.cap)
        if found.person[row] == NOBODY:
            assert not room.any()
            assert found.outcome[row] == (Outcome.ALL_FULL if may[kind].any() else Outcome.NOBODY_FITS)
        else:
            assert room[found.person[row]]
            load[found.person[row]] += 1
    again = assign(group, may, hands, seed=seed)
    assert found.person.tolist() == again.person.tolist()


def test_equals_take_turns_and_a_larger_cap_takes_its_share() -> None:
    everybody = np.ones((1, 3), bool)
    idle = Hands(np.array([10, 10, 10]), np.zeros(3, np.int64), np.zeros(3, np.int64))
    dealt = assign(np.zeros(9, np.intp), everybody, idle, seed=1).person
    assert sorted(dealt[:3]) == sorted(dealt[3:6]) == sorted(dealt[6:]) == [0, 1, 2]
    part_time = Hands(np.array([30, 30, 15]), np.zeros(3, np.int64), np.zeros(3, np.int64))
    assert np.bincount(assign(np.zeros(50, np.intp), everybody, part_time, seed=1).person).tolist() == [20, 20, 10]


def test_the_first_turn_is_not_always_the_same_person_s() -> None:
    idle = Hands(np.full(4, 5), np.zeros(4, np.int64), np.zeros(4, np.int64))
    first = {int(assign(np.zeros(1, np.intp), np.ones((1, 4), bool), idle, seed=seed).person[0]) for seed in range(40)}
    assert first == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("skills", "wants", "may"),
    [
        (set(), {"channel:jd", "reason:amount"}, True),
        ({"channel:jd"}, {"channel:jd"}, True),
        ({"channel:jd"}, {"channel:pdd"}, False),
        ({"channel:jd", "channel:pdd"}, {"channel:pdd"}, True),
        ({"channel:jd", "reason:amount"}, {"channel:jd", "reason:address_unclear"}, False),
        ({"reason:amount"}, {"channel:jd", "reason:address_unclear", "reason:amount"}, True),
        ({"reason:amount"}, {"channel:jd"}, True),
    ],
)
def test_skills_narrow_what_a_person_takes(skills: set[str], wants: set[str], *, may: bool) -> None:
    assert may_take(skills, wants) is may

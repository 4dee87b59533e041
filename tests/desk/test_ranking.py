"""The order of work saves what can be saved and keeps a share for what is late."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from qingdan.core.flow.priority import Why
from qingdan.core.worktime import micros
from qingdan.desk.ranking import NEEDED, Hands, place

NOW = datetime(2026, 11, 12, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def ranked(*due_in: int, hands: float = 1.0) -> pl.DataFrame:
    """Places of regular orders, two minutes of work each, due in so many minutes."""
    blank: dict[str, Any] = dict.fromkeys(NEEDED)
    rows = [
        blank
        | {
            "id": n,
            "channel": "other",
            "tier": "regular",
            "owner_role": "front_line",
            "due_at": NOW + minutes * MINUTE,
            "received_at": NOW - timedelta(hours=1),
        }
        for n, minutes in enumerate(due_in)
    ]
    return place(
        pl.DataFrame(rows, schema=NEEDED),
        (),
        now=micros(NOW),
        hands={"front_line": Hands(hands)},
        minutes={"regular": 2.0},
        late_share=0.125,
        zone="Asia/Shanghai",
    ).sort("place")


def test_what_can_be_saved_comes_before_what_is_late() -> None:
    placed = ranked(*[-600] * 20, *[15 + n for n in range(20)], hands=10)

    first = placed.head(16)["order_id"].to_list()
    saved = [key for key in first if key >= 20]
    assert len(saved) == 14
    assert saved == sorted(saved)
    assert placed.filter(pl.col("order_id") >= 20)["why"].unique().to_list() == [Why.SAVE]


def test_what_one_pair_of_hands_can_not_save_is_given_up_and_says_so() -> None:
    placed = ranked(*[5] * 6)

    assert placed["why"].to_list() == [Why.SAVE] * 2 + [Why.GIVEN_UP] * 4
    assert placed["stake"].to_list() == [300] * 6

"""Which order next: a frame of waiting orders → places and reasons, by the rescue plan over true deadlines.

Pure: no database, no clock. Platform penalties come from the rule packs; a tier's own deadline is one more charge, at a
shadow price, so that orders without a platform's penalty still have a turn that makes sense. The plan is made for each
owner role by itself, since each has its own hands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qingdan.core.columns import ORDER_SCHEMA, TIME
from qingdan.core.flow.priority import NEVER, Work, rescue
from qingdan.core.shiprules import Event, Pack, terms
from qingdan.core.shiprules.evaluate import COLUMNS
from qingdan.core.worktime import Timeline

SHADOW_FEN: Final = {"urgent": 2_000, "exception": 800, "regular": 300}
"""What missing a tier's deadline is taken to cost; urgent ones weigh like the usual platform penalty times four."""
_OTHER_FEN: Final = 300
USUAL_MINUTES: Final = {"urgent": 3.0, "exception": 4.0, "regular": 1.5}
"""Minutes an order of a tier takes as long as nothing was measured."""
_OTHER_MINUTES: Final = 2.0
NOBODYS: Final = "supervisor"
"""Who answers for an order that no role owns."""

ALSO: Final[dict[str, pl.DataType]] = {
    "id": pl.Int64(),
    "tier": pl.String(),
    "owner_role": pl.String(),
    "due_at": TIME,
    "received_at": TIME,
}
NEEDED: Final[dict[str, pl.DataType]] = {**{name: ORDER_SCHEMA[name] for name in COLUMNS}, **ALSO}
"""Columns of the frame: what the rule packs read, and where the order stands with us."""
PLACED: Final[dict[str, pl.DataType]] = {
    "order_id": pl.Int64(),
    "place": pl.Int32(),
    "why": pl.Int16(),
    "due": TIME,
    "stake": pl.Int64(),
    "minutes": pl.Float64(),
}


@dataclass(frozen=True, slots=True)
class Hands:
    """Who does a role's work: ``people`` at once, in the working time of ``timeline`` (None: round the clock)."""

    people: float
    timeline: Timeline | None = None


def place(
    orders: pl.DataFrame,
    packs: Sequence[Pack],
    *,
    now: int,
    hands: Mapping[str, Hands],
    minutes: Mapping[str, float],
    late_share: float,
    zone: str,
) -> pl.DataFrame:
    """Give every order of a frame (``NEEDED``) its place, 0 first, and why (``PLACED``).

    ``now`` is µs UTC; ``minutes`` the measured time of a tier's orders, where there is one. Places count within a
    role; orders of different roles are told apart by who may take them.
    """
    parts = []
    for (role,), group in orders.with_columns(pl.col("owner_role").fill_null(NOBODYS)).group_by(
        "owner_role", maintain_order=True
    ):
        have = hands.get(str(role), Hands(1.0))
        work = _work(group, packs, minutes, zone)
        plan = rescue(work, now, max(have.people, 1.0), late_share=late_share, timeline=have.timeline)
        places = np.empty(group.height, np.int64)
        places[plan.order] = np.arange(group.height)
        due = pl.Series(plan.due)
        parts.append(
            pl.DataFrame({"order_id": group["id"], "place": places, "why": plan.why, "due": due, "stake": plan.stake})
            .with_columns(minutes=pl.Series(work.minutes), due=pl.when(pl.col("due") < NEVER).then("due").cast(TIME))
            .cast(PLACED)  # type: ignore[arg-type]
        )
    return pl.concat(parts) if parts else pl.DataFrame(schema=PLACED)


def _work(group: pl.DataFrame, packs: Sequence[Pack], minutes: Mapping[str, float], zone: str) -> Work:
    at, fen = terms(group, packs, zone=zone, events=(Event.SHIP, Event.PICKUP)).release_steps()
    tier = group["tier"].fill_null("")
    own_at = group["due_at"].cast(pl.Int64).fill_null(NEVER).to_numpy()
    own_fen = np.where(own_at < NEVER, _by_tier(tier, SHADOW_FEN, _OTHER_FEN).astype(np.int64), 0)
    return Work(
        step_at=np.column_stack([at, own_at]),
        step_fen=np.column_stack([fen, own_fen]),
        minutes=_by_tier(tier, {**USUAL_MINUTES, **minutes}, _OTHER_MINUTES),
        since=group["received_at"].cast(pl.Int64).to_numpy(),
    )


def _by_tier(tier: pl.Series, values: Mapping[str, float], other: float) -> NDArray[np.float64]:
    chosen: NDArray[np.float64] = tier.replace_strict(
        list(values), list(values.values()), default=other, return_dtype=pl.Float64
    ).to_numpy()
    return chosen

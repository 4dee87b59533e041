"""What an import changes: incoming orders against stored ones, frames in and frames out, no database.

Two questions are answered for each stored order. *Did it change?* Only what the platform says and what review
concludes count: features that move with the moment of the import (returns in 30 days, orders to one receiver) do
not, unless they change the verdict. *Where does it stand now?* The platform's word on shipping and cancelling is
followed if the order may move so; what a person decided stays, but for a hold that opened after her release; the
rest follows the verdict.
"""

from dataclasses import dataclass
from typing import Final

import polars as pl

from qingdan.core.columns import LINE_SCHEMA, ORDER_SCHEMA, TIME
from qingdan.core.fields import FIELDS, LINE_FIELDS, ORDER_FIELDS, Pii, Source
from qingdan.core.lifecycle import BACKLOG, MOVES, Stage

VERDICT_SCHEMA: Final[dict[str, pl.DataType]] = {
    "verdict": pl.String(),
    "stage": pl.String(),
    "tier": pl.String(),
    "tier_tentative": pl.Boolean(),
    "reasons": pl.List(pl.String()),
    "owner_role": pl.String(),
    "respond_by": TIME,
    "resolve_by": TIME,
    "ship_by_effective": TIME,
    "true_mask": pl.Int64(),
    "unknown_mask": pl.Int64(),
}
"""Columns that review adds to an orders frame."""

FACT_COLUMNS: Final = tuple(name for name in ORDER_SCHEMA if name != "shop")
KEPT_SCHEMA: Final[dict[str, pl.DataType]] = {
    "id": pl.Int64(),
    "version": pl.Int64(),
    "shop_id": pl.Int64(),
    "policy_hash": pl.String(),
    "reviewed_at": TIME,
    "decided_kind": pl.String(),
    "decided_id": pl.String(),
    "decided_name": pl.String(),
    "hand_decided": pl.Boolean(),
    "held_until": TIME,
}
"""Columns that only the ledger knows."""

STORED_SCHEMA: Final[dict[str, pl.DataType]] = {
    **KEPT_SCHEMA,
    **{name: ORDER_SCHEMA[name] for name in FACT_COLUMNS},
    **VERDICT_SCHEMA,
}
KEY: Final = ("channel", "order_no")

_COMPARED_FACTS: Final = (
    "shop_id",
    *(f.id for f in ORDER_FIELDS if f.source in {Source.PLATFORM, Source.FACT} and f.id not in {*KEY, "shop"}),
)
_COMPARED_VERDICT: Final = ("verdict", "tier", "tier_tentative", "reasons", "owner_role")
COMPARED: Final = (*_COMPARED_FACTS, *_COMPARED_VERDICT)
"""Columns in which a difference is a change of the order."""
_LINE_KEY: Final = ("order_id", "line_no")
COMPARED_LINE: Final = tuple(f.id for f in LINE_FIELDS if f.id != "line_no")
_DONE_BY_PLATFORM: Final = (Stage.SHIPPED, Stage.CANCELLED, Stage.SENT)
_FOLLOWS_PLATFORM_ONLY: Final = (Stage.SENT, Stage.SHIPPED, Stage.ARCHIVED)
_WATCHED: Final = (*sorted(BACKLOG), Stage.RELEASED, Stage.SENT, Stage.SHIPPED)
_REFUND_OPEN: Final = ("requested", "in_progress")
_ENDED: Final = ("closed", "cancelled")
_RECEIVER: Final = ("receiver_name", "receiver_phone", "province", "city", "district", "town", "address")
_NOBODYS: Final = "supervisor"
"""Who is told of an order that no role owns."""
_MAY_MOVE: Final = [f"{source}>{target}" for source, targets in MOVES.items() for target in targets]


@dataclass(frozen=True, slots=True)
class Merge:
    """``fresh`` orders to add and ``changed`` ones to update (with ``from_stage`` and ``changes``, a JSON text).

    ``unchanged`` counts the others, ``outdated`` those among them that a later import has already spoken of.
    """

    fresh: pl.DataFrame
    changed: pl.DataFrame
    unchanged: int
    outdated: int


def merge(incoming: pl.DataFrame, stored: pl.DataFrame, touched: pl.Series, holds: frozenset[str] | None) -> Merge:
    """Compare ``incoming`` (facts, verdict, ``shop_id``, ``policy_hash``, ``reviewed_at``) with ``stored`` orders.

    ``touched`` holds the ids of stored orders whose lines change. ``holds`` are the policy's holds: a new one of
    them takes a hand-released order back; without it, any new reason of an order that review holds does.
    """
    stored_names = {name: f"was_{name}" for name in stored.columns if name not in KEY}
    joined = incoming.join(
        stored.rename(stored_names).with_columns(known=pl.lit(value=True)), on=KEY, how="left", maintain_order="left"
    )
    fresh = joined.filter(pl.col("known").is_null()).select(incoming.columns)
    # an order list without its lines names no goods; that is no news of them
    untold = pl.col("goods_title") == ""
    known = joined.filter(pl.col("known")).with_columns(
        goods_title=pl.when(untold).then("was_goods_title").otherwise("goods_title")
    )
    current = known.filter(pl.col("reviewed_at") >= pl.col("was_reviewed_at"))
    placed = _place(current, holds)
    changed = placed.filter(
        pl.any_horizontal(pl.col(n).ne_missing(pl.col(f"was_{n}")) for n in (*COMPARED, "stage"))
        | pl.col("was_id").is_in(touched.implode())
    )
    return Merge(
        fresh=decide_by_policy(fresh),
        changed=changed.select(
            "was_id",
            "was_version",
            *[c for c in incoming.columns if c not in {"respond_by", "resolve_by"}],
            *_deadlines(),
            "decided_kind",
            "decided_id",
            "decided_name",
            "hand_decided",
            "held_until",
            from_stage=pl.col("was_stage"),
            changes=_changes(touched),
            **_told(),
        ).rename({"was_id": "id", "was_version": "version"}),
        unchanged=known.height - changed.height,
        outdated=known.height - current.height,
    )


def decide_by_policy(orders: pl.DataFrame) -> pl.DataFrame:
    """Name the policy as the decider of the orders it concluded on."""
    concluded = pl.col("verdict") != "none"
    return orders.with_columns(
        decided_kind=pl.when(concluded).then(pl.lit("policy")),
        decided_id=pl.when(concluded).then("policy_hash"),
        decided_name=pl.when(concluded).then(pl.lit("")),
        hand_decided=pl.lit(value=False),
        held_until=pl.lit(None, TIME),
    )


def _place(known: pl.DataFrame, holds: frozenset[str] | None) -> pl.DataFrame:
    """Give each stored order its stage and decider after this import."""
    now, was, hand = pl.col("stage"), pl.col("was_stage"), pl.col("was_hand_decided")
    allowed = (was == now) | pl.concat_str(was, pl.lit(">"), now).is_in(_MAY_MOVE)
    by_platform = (pl.col("verdict") == "none") & now.is_in(_DONE_BY_PLATFORM)
    news = pl.col("reasons").list.set_difference("was_reasons")
    if holds is not None:
        news = news.list.set_intersection(pl.lit(sorted(holds), dtype=pl.List(pl.String)))
    reopened = (was == Stage.RELEASED) & (now == Stage.HELD) & (news.list.len() > 0)
    stays = ~allowed | (~by_platform & was.is_in(_FOLLOWS_PLATFORM_ONLY)) | (~by_platform & hand & ~reopened)
    decided = decide_by_policy(known).with_columns(stays=stays)
    own = ("decided_kind", "decided_id", "decided_name", "hand_decided", "held_until")
    return decided.with_columns(
        pl.when("stays").then(was).otherwise(now).alias("stage"),
        *(pl.when("stays").then(f"was_{name}").otherwise(name).alias(name) for name in own),
    )


def _told() -> dict[str, pl.Expr]:
    """Say which changes matter to the order's owner, and who that is: the person who decided it, else a role.

    An order that was unpaid or over had nobody to tell. A masked receiver beside an unmasked one is no news.
    """
    moved = [pl.col(name).ne_missing(pl.col(f"was_{name}")) for name in _RECEIVER]
    elsewhere = (pl.col("receiver_masked") == pl.col("was_receiver_masked")) & pl.any_horizontal(moved)
    news = {
        "refund_opened": pl.col("refund_state").is_in(_REFUND_OPEN)
        & ~pl.col("was_refund_state").is_in(_REFUND_OPEN).fill_null(value=False),
        "address_changed": elsewhere | (pl.col("address_changed") & ~pl.col("was_address_changed")),
        "cancelled": pl.col("platform_state").is_in(_ENDED)
        & ~pl.col("was_platform_state").is_in(_ENDED).fill_null(value=False),
    }
    alive = pl.col("was_stage").is_in([stage.value for stage in _WATCHED])
    alerts = pl.concat_list(
        pl.when(happened.fill_null(value=False) & alive).then(pl.lit(name)) for name, happened in news.items()
    ).list.drop_nulls()
    tells = alerts.list.len() > 0
    by_hand = pl.col("was_decided_kind") == "user"
    return {
        "alerts": pl.when(tells).then(alerts),
        "told_user": pl.when(tells & by_hand).then("was_decided_id"),
        "told_role": pl.when(tells & ~by_hand.fill_null(value=False)).then(
            pl.coalesce("owner_role", "was_owner_role", pl.lit(_NOBODYS))
        ),
    }


def _deadlines() -> list[pl.Expr]:
    """Deadlines run from the moment an order first stood in its tier, not from the last import."""
    backlog = sorted(stage.value for stage in BACKLOG)
    waits, waited = pl.col("stage").is_in(backlog), pl.col("was_stage").is_in(backlog)
    runs_on = pl.col("tier").eq_missing(pl.col("was_tier")) & (waited | ~waits)
    return [pl.when(runs_on).then(f"was_{n}").otherwise(n).alias(n) for n in ("respond_by", "resolve_by")]


def _changes(touched: pl.Series) -> pl.Expr:
    """Return what changed as a JSON object: before and after, or null where the value is personal."""
    parts = []
    for name in (*COMPARED, "stage"):
        field = FIELDS.get(name)
        if field is not None and field.pii is not Pii.NONE:
            text = pl.lit(f'"{name}":null')
        else:
            pair = pl.struct(before=_plain(f"was_{name}"), after=_plain(name))
            text = pl.concat_str(pl.lit(f'"{name}":'), pair.struct.json_encode())
        parts.append(pl.when(pl.col(name).ne_missing(pl.col(f"was_{name}"))).then(text))
    parts.append(pl.when(pl.col("was_id").is_in(touched.implode())).then(pl.lit('"lines":null')))
    return pl.concat_str(pl.lit("{"), pl.concat_str(parts, separator=",", ignore_nulls=True), pl.lit("}"))


def _plain(name: str) -> pl.Expr:
    """Return a column as JSON knows it: times in ISO 8601, enums as their ids."""
    dtype = STORED_SCHEMA[name.removeprefix("was_")]
    if isinstance(dtype, pl.Datetime):
        return pl.col(name).dt.to_string("iso:strict")
    return pl.col(name).cast(pl.String) if isinstance(dtype, pl.Enum) else pl.col(name)


def changed_lines(incoming: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    """Return the ``incoming`` lines (with ``order_id``) that are not ``stored`` just so.

    A stored line that the import does not name stays: exports may hold part of an order's lines.
    """
    joined = incoming.join(
        stored.rename({name: f"was_{name}" for name in COMPARED_LINE}).with_columns(known=pl.lit(value=True)),
        on=_LINE_KEY,
        how="left",
        maintain_order="left",
    )
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"was_{name}")) for name in COMPARED_LINE)
    return joined.filter(pl.col("known").is_null() | differs).select(incoming.columns)


LINE_COLUMNS: Final = tuple(name for name in LINE_SCHEMA if name not in KEY)

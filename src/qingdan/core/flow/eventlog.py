"""The log of what happened to orders, in the shape that diagnosis and exports read, and one row an order made of it."""

from typing import Final

import numpy as np
import polars as pl

from qingdan.core.columns import TIME
from qingdan.core.worktime import Timeline

LOG_SCHEMA: Final[dict[str, pl.DataType]] = {
    "order": pl.String(),
    "kind": pl.String(),
    "at": TIME,
    "actor": pl.String(),
    "stage_from": pl.String(),
    "stage_to": pl.String(),
    "reasons": pl.List(pl.String()),
    "channel": pl.String(),
    "shop": pl.String(),
}
"""Columns of an event log, one row an event. ``actor`` is a person's name or id (masked as the caller sees fit)."""

KINDS: Final = (
    "placed",  # the buyer paid, by the platform's clock
    "arrived",  # the order reached us; ``reasons`` are why review did not release it
    "assigned",  # ``actor`` owns it from now on; no actor: it went back to the pool
    "touched",  # ``actor`` first worked on it
    "asked",  # somebody was asked because no rule tells what to do
    "answered",  # and answered
    "overridden",  # a person decided against the policy
    "held",  # put aside; without ``reasons`` no rule says why
    "resumed",
    "reopened",  # decided once, and open again
    "released",  # review or a person let it go
    "sent",  # it left for the warehouse
    "closed",  # shipped, cancelled or archived: nothing is waited for any more
)
"""What can happen to an order. Other kinds are kept in exports and ignored by the diagnosis."""

CASE_SCHEMA: Final[dict[str, pl.DataType]] = {
    "order": pl.String(),
    "channel": pl.String(),
    "shop": pl.String(),
    "owner": pl.String(),
    "reasons": pl.List(pl.String()),
    "arrived": TIME,
    "lag": pl.Float64(),
    "ownerless": pl.Float64(),
    "queue": pl.Float64(),
    "idle": pl.Float64(),
    "unclear": pl.Float64(),
    "trigger": pl.Float64(),
    "open": pl.Float64(),
    "asks": pl.Int64(),
    "overrides": pl.Int64(),
    "reopens": pl.Int64(),
    "unruled": pl.Int64(),
    "owners": pl.Int64(),
    "handovers": pl.Float64(),
    "touched": TIME,
    "waits": pl.Boolean(),
}
"""One row an order; times in hours. See ``cases``."""


def cases(log: pl.DataFrame, until: int, timeline: Timeline | None = None) -> pl.DataFrame:
    """Turn a log (``LOG_SCHEMA``) into one row an order (``CASE_SCHEMA``), as known at ``until`` (µs UTC).

    ``lag``: from placed to arrived, by the wall clock. The rest counts in the timeline's working time, or by the wall
    clock without one: ``ownerless`` until first assigned, ``queue`` from assigned until first touched (both end with
    the release, if that comes first), ``idle`` the part of the queue in which its owner touched no order, ``unclear``
    from asks, unexplained holds and reopenings until the next answer, resumption or release, ``trigger`` from released
    to sent, ``open`` from arrived until sent or closed, ``handovers`` from the first to the last change of owner,
    where there was more than one. What has not happened yet counts up to ``until``; ``waits`` tells that an order is
    neither released nor closed. Orders that never arrived are left out.
    """
    log = log.filter(pl.col("at").cast(pl.Int64) <= until).sort("order", "at", maintain_order=True)
    at = pl.col("at").cast(pl.Int64)

    def first(kind: str) -> pl.Expr:
        return at.filter(pl.col("kind") == kind).first()

    def last(kind: str) -> pl.Expr:
        return at.filter(pl.col("kind") == kind).last()

    given = (pl.col("kind") == "assigned") & pl.col("actor").is_not_null()
    unruled = (pl.col("kind") == "held") & (pl.col("reasons").list.len().fill_null(0) == 0)
    table = log.group_by("order", maintain_order=True).agg(
        pl.col("channel", "shop").first(),
        pl.col("actor").filter(given).last().alias("owner"),
        pl.col("reasons").filter(pl.col("kind") == "arrived").first(),
        first("placed").alias("placed"),
        first("arrived").alias("arrived"),
        at.filter(given).first().alias("given"),
        at.filter(given).last().alias("regiven"),
        first("touched").alias("touched"),
        last("released").alias("released"),
        last("reopened").alias("reopened"),
        last("sent").alias("sent"),
        last("closed").alias("closed"),
        (pl.col("kind") == "asked").sum().cast(pl.Int64).alias("asks"),
        (pl.col("kind") == "overridden").sum().cast(pl.Int64).alias("overrides"),
        (pl.col("kind") == "reopened").sum().cast(pl.Int64).alias("reopens"),
        unruled.sum().cast(pl.Int64).alias("unruled"),
        given.sum().cast(pl.Int64).alias("owners"),
    )
    table = table.filter(pl.col("arrived").is_not_null())
    # a release that was taken back is none
    taken_back = (pl.col("reopened") > pl.col("released")).fill_null(value=False)
    table = table.with_columns(pl.when(~taken_back).then("released").alias("released"))
    end = pl.min_horizontal("released", "closed")
    table = table.with_columns(end.fill_null(until).alias("end"), end.is_null().alias("waits"))
    table = table.with_columns(
        pl.min_horizontal(pl.col("given").fill_null(until), "end").alias("_given"),
        pl.min_horizontal(pl.col("touched").fill_null(until), "end").alias("_touched"),
        pl.coalesce("sent", "closed", pl.lit(until)).alias("_gone"),
    )
    before = pl.col("touched").forward_fill().shift(1).over("owner", order_by=pl.col("touched").fill_null(until))
    table = table.with_columns(
        pl.max_horizontal("_given", pl.min_horizontal(before.fill_null(0), "_touched")).alias("_idle_from")
    )

    def hours(start: str, stop: str) -> pl.Series:
        return _hours(table[start], table[stop], timeline)

    unclear = _unclear(log, until, timeline)
    return (
        table.with_columns(
            (((pl.col("arrived") - pl.col("placed")) / _HOUR).fill_null(0.0)).clip(0).alias("lag"),
            hours("arrived", "_given").alias("ownerless"),
            hours("_given", "_touched").alias("queue"),
            hours("_idle_from", "_touched").alias("idle"),
            pl.when(pl.col("released").is_not_null()).then(hours("end", "_gone")).otherwise(0.0).alias("trigger"),
            hours("arrived", "_gone").alias("open"),
            pl.when(pl.col("owners") > 1).then(hours("_given", "regiven")).otherwise(0.0).alias("handovers"),
            pl.col("arrived", "touched").cast(TIME),
            pl.col("reasons").fill_null([]),
        )
        .join(unclear, on="order", how="left", maintain_order="left")
        .with_columns(pl.col("unclear").fill_null(0.0))
        .select([pl.col(name).cast(kind) for name, kind in CASE_SCHEMA.items()])
    )


_HOUR: Final = 3_600_000_000


def _hours(start: pl.Series, stop: pl.Series, timeline: Timeline | None) -> pl.Series:
    """Hours between two columns of µs, none where ``stop`` lies before or one is missing."""
    early = start.fill_null(stop).fill_null(0).to_numpy()
    late = np.maximum(stop.fill_null(start).fill_null(0).to_numpy(), early)
    both = (start.is_not_null() & stop.is_not_null()).to_numpy()
    span = np.zeros(len(early), np.int64)
    span[both] = timeline.between(early[both], late[both]) if timeline else late[both] - early[both]
    return pl.Series(span / _HOUR)


def _unclear(log: pl.DataFrame, until: int, timeline: Timeline | None) -> pl.DataFrame:
    """Hours each order stood still because no rule said what to do."""
    begins = pl.col("kind").is_in(["asked", "reopened"]) | (
        (pl.col("kind") == "held") & (pl.col("reasons").list.len().fill_null(0) == 0)
    )
    ends = pl.col("kind").is_in(["answered", "resumed", "released", "closed"])
    marks = log.filter(begins | ends).with_columns(begins.alias("begins"), pl.col("at").cast(pl.Int64).alias("start"))
    marks = marks.with_columns(pl.col("start").shift(-1).over("order").fill_null(until).alias("stop"))
    marks = marks.filter("begins")
    spans = marks.with_columns(_hours(marks["start"], marks["stop"], timeline).alias("unclear"))
    return spans.group_by("order").agg(pl.col("unclear").sum())

"""When an order must ship: the platform's promise, else a dated default marked as an assumption. Data is passed in."""

import functools
import operator
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import yaml

from qingdan.core.columns import ORDER_SCHEMA, TIME

DEFAULT_HOURS = 48


@dataclass(frozen=True, slots=True)
class ShipRule:
    """Hours to ship after payment on one channel, for orders that start on or after ``since`` (shop zone)."""

    channel: str
    hours: int
    since: date = date.min
    source: str = ""


@dataclass(frozen=True, slots=True)
class ShipDefaults:
    """What to assume where the platform gives no promise. ``version`` is the date of the data."""

    rules: tuple[ShipRule, ...] = ()
    hours: int = DEFAULT_HOURS
    version: str = ""

    def newest_first(self) -> tuple[ShipRule, ...]:
        """Rules so that the first that fits an order is the one in force."""
        return tuple(sorted(self.rules, key=lambda r: (r.since, r.channel), reverse=True))


def read_ship_defaults(text: str) -> ShipDefaults:
    """Read the YAML form of ship-by defaults. Raises ValueError when its shape is wrong."""
    data = yaml.safe_load(text)
    if not isinstance(data, dict):
        raise TypeError("ship-by defaults must be a mapping")
    rules = tuple(
        ShipRule(str(row["channel"]), int(row["hours"]), row.get("since") or date.min, str(row.get("source", "")))
        for row in data.get("channels", ())
    )
    return ShipDefaults(rules, int(data.get("hours", DEFAULT_HOURS)), str(data.get("version", "")))


def ship_by_one(order: Mapping[str, object], defaults: ShipDefaults, zone: str) -> tuple[datetime | None, bool]:
    """Moment by which an order must ship and whether it is assumed; None when nothing is known."""
    promised = order.get("ship_by")
    if isinstance(promised, datetime):
        return promised, False
    start = order.get("paid_at") or order.get("created_at")
    if not isinstance(start, datetime):
        return None, False
    channel = order.get("channel")
    for rule in defaults.newest_first():
        if rule.channel == channel and (rule.since == date.min or start >= _midnight(rule.since, zone)):
            return start + timedelta(hours=rule.hours), True
    return start + timedelta(hours=defaults.hours), True


def ship_by_expr(columns: list[str], defaults: ShipDefaults, zone: str) -> tuple[pl.Expr, pl.Expr]:
    """Give the columns form of ``ship_by_one`` for a frame with ``columns``: (moment, assumed)."""

    def column(name: str) -> pl.Expr:
        return pl.col(name) if name in columns else pl.lit(None, dtype=ORDER_SCHEMA[name])

    start = pl.coalesce(column("paid_at"), column("created_at"))
    hours: pl.Expr = pl.lit(timedelta(hours=defaults.hours), dtype=pl.Duration("us"))
    for rule in reversed(defaults.newest_first()):
        tests = [column("channel") == pl.lit(rule.channel, dtype=ORDER_SCHEMA["channel"])]
        if rule.since != date.min:
            tests.append(start >= pl.lit(_midnight(rule.since, zone), dtype=TIME))
        duration = pl.lit(timedelta(hours=rule.hours), dtype=pl.Duration("us"))
        hours = pl.when(functools.reduce(operator.and_, tests)).then(duration).otherwise(hours)
    promised = column("ship_by")
    assumed = promised.is_null() & start.is_not_null()
    return pl.coalesce(promised, start + hours).cast(TIME), assumed


def _midnight(day: date, zone: str) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)

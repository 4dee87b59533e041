"""For which orders a bill should be there: whose money they are, and for which times bills are stored. No Django."""

import datetime as dt
import re
from collections.abc import Iterable
from typing import Final

import polars as pl

from qingdan.core.columns import TIME

PERIOD_SCHEMA: Final[dict[str, pl.DataType]] = {"family": pl.String(), "begin": TIME, "end": TIME}
"""A time, its end not included, for which a bill of a family is there."""
GRACE: Final = dt.timedelta(minutes=10)
"""A payment just before midnight may stand in the next day's bill."""
LONGEST: Final = dt.timedelta(days=30)
"""An order paid later than this after it was placed is not said to be missing from a bill."""
_BEIJING: Final = dt.timezone(dt.timedelta(hours=8))
_STATED: Final = re.compile(
    r"起始(?:日期|时间)[：:]\s*\[?(.{10,25}?)\]?[,\s]+终止(?:日期|时间)[：:]\s*\[?(.{10,25}?)(?:[\],\r\n]|$)"
)
_MOMENT: Final = re.compile(r"(\d{4})\D(\d{1,2})\D(\d{1,2})\D*(?:(\d{1,2}):(\d{2}):(\d{2}))?")
_KEEPS_ITS_MONEY: Final = ("pdd",)
"""Channels whose buyers pay the platform, whatever they pay with; its own account file is the bill."""
_ALIPAY_BY_RULE: Final = ("taobao", "1688")
"""Channels whose exports do not tell the way of payment, and whose money comes through Alipay."""
_WALLETS: Final = ("alipay", "wechat")


def stated_period(head: str) -> tuple[dt.datetime, dt.datetime] | None:
    """Find the period that the lines above a bill's rows state."""
    found = _STATED.search(head)
    if found is None:
        return None
    begin, end = (_moment(text) for text in found.groups())
    return (begin, end) if begin is not None and end is not None and begin < end else None


def _moment(text: str) -> dt.datetime | None:
    found = _MOMENT.search(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        return dt.datetime(year, month, day, hour, minute, second, tzinfo=_BEIJING)
    except ValueError:
        return None


def whole_days(first: dt.datetime, last: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """Beijing days from the first entry's to the last one's, which platforms make bills of."""
    begin, end = (
        moment.astimezone(_BEIJING).replace(hour=0, minute=0, second=0, microsecond=0) for moment in (first, last)
    )
    return begin, end + dt.timedelta(days=1)


def family() -> pl.Expr:
    """Whose bill names an order's payment: the platform's own or a wallet's; null where none of ours does."""
    channel, method = pl.col("channel").cast(pl.String), pl.col("pay_method").cast(pl.String)
    return (
        pl.when(channel.is_in(_KEEPS_ITS_MONEY))
        .then(channel)
        .when(method.is_in(_WALLETS))
        .then(method)
        .when(channel.is_in(_ALIPAY_BY_RULE) & method.is_null())
        .then(pl.lit("alipay"))
    )


def merged(periods: Iterable[tuple[str, dt.datetime, dt.datetime]]) -> pl.DataFrame:
    """Put periods that touch together; ``PERIOD_SCHEMA``, sorted."""
    out: list[tuple[str, dt.datetime, dt.datetime]] = []
    for name, begin, end in sorted(periods):
        if out and out[-1][0] == name and begin <= out[-1][2]:
            out[-1] = (name, out[-1][1], max(end, out[-1][2]))
        else:
            out.append((name, begin, end))
    return pl.DataFrame(out, schema=PERIOD_SCHEMA, orient="row")


def covered(orders: pl.DataFrame, periods: pl.DataFrame) -> pl.Series:
    """Tell of each order (channel, pay_method, paid_at, created_at) whether a bill of its time is there."""
    at = pl.coalesce("paid_at", "created_at").cast(TIME)
    asked = orders.select(
        family=family(),
        at=pl.when(at - pl.col("created_at").cast(TIME) < LONGEST).then(at),
        place=pl.int_range(pl.len()),
    )
    known = asked.drop_nulls().sort("at")
    found = known.join_asof(
        periods.sort("begin"), left_on="at", right_on="begin", by="family", check_sortedness=False
    ).filter(pl.col("at") < pl.col("end") - GRACE)
    return asked["place"].is_in(found["place"].implode())

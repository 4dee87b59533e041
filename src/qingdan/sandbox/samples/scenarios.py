"""The scenarios: which shops, how many orders, when, and which shares of problems."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from qingdan.sandbox.samples.orders import Shares, Window

Form = Literal["taobao-csv", "taobao-xlsx", "jd", "pdd", "douyin"]
CHANNEL: Final[dict[Form, str]] = {
    "taobao-csv": "taobao",
    "taobao-xlsx": "taobao",
    "jd": "jd",
    "pdd": "pdd",
    "douyin": "douyin",
}


@dataclass(frozen=True, slots=True)
class Shop:
    """One export of one shop; ``part`` is its share of the scenario's orders."""

    form: Form
    part: float
    name: str
    masked: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """A story as data. Times are Beijing time; ``window`` counts back from ``as_of``: start, peak, end."""

    id: str
    category: str
    count: int
    as_of: datetime
    window: tuple[timedelta, timedelta, timedelta]
    shops: tuple[Shop, ...]
    shares: Shares
    waiting_within: timedelta | None = None
    """What still waits was placed within this time before ``as_of``."""

    def times(self, as_of: datetime) -> Window:
        """When the orders were placed, seen from ``as_of``."""
        start, peak, end = self.window
        since = None if self.waiting_within is None else as_of - self.waiting_within
        return Window(start=as_of - start, peak=as_of - peak, end=as_of - end, waiting_from=since)


def _hours(start: float, peak: float, end: float) -> tuple[timedelta, timedelta, timedelta]:
    return timedelta(hours=start), timedelta(hours=peak), timedelta(hours=end)


SCENARIOS: Final[dict[str, Scenario]] = {
    # After Double 11: four in ten could go at once; the large appliances and the odd cases need a person.
    "s1": Scenario(
        id="s1",
        category="appliances",
        count=2400,
        as_of=datetime(2026, 11, 12, 9),  # noqa: DTZ001
        window=_hours(60, 32, 2),
        shops=(
            Shop("taobao-csv", 0.3, "晴川家电旗舰店", 0.5),
            Shop("taobao-xlsx", 0.2, "晴川生活电器专营店", 0.0),
            Shop("jd", 0.25, "晴川京东自营旗舰店", 0.2),
            Shop("pdd", 0.25, "晴川家电工厂店", 0.3),
        ),
        shares=Shares(
            over_limit=0.38,
            amount_high=0.02,
            amount_low=0.005,
            region_missing=0.02,
            detail_unclear=0.03,
            payment_failed=0.02,
            cash_on_delivery=0.04,
            outside_mainland=0.01,
            platform_hold=0.04,
            refund_open=0.04,
            address_change=0.02,
            expedited=0.04,
            complaint=0.02,
        ),
    ),
    # Three days after a livestream of four hours: most orders still wait.
    "s2": Scenario(
        id="s2",
        category="skincare",
        count=12_000,
        as_of=datetime(2026, 11, 23, 22),  # noqa: DTZ001
        window=_hours(74, 72, 70),
        shops=(Shop("douyin", 1.0, "颜语护肤官方旗舰店", 0.4),),
        shares=Shares(
            unpaid=0.02, shipped=0.12, signed=0.01, cancelled=0.03, over_limit=0.03, refund_open=0.03, expedited=0.03
        ),
    ),
    # A normal month: what waits are the last two days, and four in five of them need nobody.
    "s4": Scenario(
        id="s4",
        category="sportswear",
        count=6000,
        as_of=datetime(2026, 10, 31, 18),  # noqa: DTZ001
        window=_hours(30 * 24, 48, 1),
        shops=(
            Shop("taobao-csv", 0.25, "追风运动旗舰店", 0.3),
            Shop("taobao-xlsx", 0.15, "追风户外专营店", 0.0),
            Shop("jd", 0.2, "追风运动京东旗舰店", 0.3),
            Shop("pdd", 0.2, "追风运动工厂店", 0.3),
            Shop("douyin", 0.2, "追风运动抖音店", 0.4),
        ),
        shares=Shares(
            unpaid=0.02,
            shipped=0.25,
            signed=0.45,
            cancelled=0.03,
            over_limit=0.05,
            cash_on_delivery=0.01,
            platform_hold=0.01,
            refund_open=0.015,
        ),
        waiting_within=timedelta(hours=44),
    ),
}

"""Made-up teams: orders that wait for a person, and what the person decides, with the chance that she is right.

Which orders are unsafe, how often, and how well it can be told by short conditions is drawn from the seed: some teams'
decisions follow plain rules, others' depend on things that no field shows, so that nothing should be accepted.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from qingdan.core.columns import ORDER_SCHEMA
from qingdan.core.fields import ORDER_FIELDS

FIRST = datetime(2026, 9, 1, tzinfo=UTC)
DAYS = 60
_DEFAULTS = {f.id: f.default for f in ORDER_FIELDS if f.id in ORDER_SCHEMA}
_CHANNELS = ("taobao", "jd", "pdd", "douyin")
_PROVINCES = ("浙江", "江苏", "广东", "四川", "新疆", "西藏")
_METHODS = ("alipay", "wechat", "cod", "transfer")
_MESSAGES = ("", "请尽快发货", "要开发票", "加急", "改地址到公司")


@dataclass(frozen=True)
class Habits:
    """How one team's orders go wrong: chances by the reasons that an order has, and beyond them."""

    base: float
    dear: int
    weights: npt.NDArray[np.float64]
    hidden: float


def habits(seed: int) -> Habits:
    """The habits of team ``seed``."""
    rng = np.random.default_rng([seed, 1])
    return Habits(
        base=float(np.exp(rng.uniform(np.log(0.0005), np.log(0.02)))),
        dear=int(rng.integers(5, 20)) * 10_000,
        weights=rng.uniform(0.0, 0.6, 8) * (rng.random(8) < 0.5),
        hidden=float(rng.choice([0.0, 0.0, 0.004, 0.02])),
    )


def decided(
    seed: int, count: int, part: int = 0
) -> tuple[pl.DataFrame, npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """``count`` orders of team ``seed`` with the chance that each is safe, and whether it was."""
    way = habits(seed)
    rng = np.random.default_rng([seed, 2, part])
    paid = np.exp(rng.normal(10.8, 0.9, count)).astype(np.int64)
    returns = rng.poisson(0.4, count)
    quality = rng.choice(3, count, p=[0.85, 0.1, 0.05])
    method = rng.choice(4, count, p=[0.5, 0.38, 0.08, 0.04])
    province = rng.choice(6, count, p=[0.3, 0.25, 0.25, 0.14, 0.04, 0.02])
    message = rng.choice(5, count, p=[0.75, 0.1, 0.05, 0.06, 0.04])
    receivers = 1 + rng.geometric(0.7, count) - 1
    usual = rng.normal(110, 60, count).clip(5, 900).astype(np.int64)
    channel = rng.integers(0, 4, count)
    signs = np.column_stack(
        [
            paid > way.dear,
            returns >= 2,
            quality == 2,
            method >= 2,
            province >= 4,
            message == 4,
            receivers >= 3,
            usual > 250,
        ]
    )
    wrong = 1 - (1 - way.base) * np.prod(1 - signs * way.weights, axis=1) * (1 - way.hidden)
    safe = rng.random(count) >= wrong
    created = np.sort(rng.integers(0, DAYS * 86_400, count))
    values: dict[str, Any] = {
        "channel": _named(_CHANNELS, channel),
        "shop": _named(("旗舰店", "专卖店"), rng.integers(0, 2, count)),
        "platform_state": _named(("waiting",), np.zeros(count, np.int64)),
        "order_no": pl.int_range(count, eager=True).cast(pl.String),
        "paid_amount": paid,
        "goods_amount": paid + 1_000,
        "returns_30d": returns,
        "address_quality": _named(("complete", "masked", "incomplete"), quality),
        "pay_method": _named(_METHODS, method),
        "pay_status": _named(("paid",), np.zeros(count, np.int64)),
        "province": _named(_PROVINCES, province),
        "mainland": np.ones(count, np.bool_),
        "buyer_message": _named(_MESSAGES, message),
        "same_receiver_count": receivers,
        "amount_vs_usual": usual,
        "item_count": 1 + rng.poisson(0.8, count),
        "vip": rng.random(count) < 0.05,
        "created_at": pl.Series(created * 1_000_000 + round(FIRST.timestamp()) * 1_000_000),
    }
    columns = {name: pl.Series(name, given).cast(ORDER_SCHEMA[name]) for name, given in values.items()}
    rest = {n: d for n, d in ORDER_SCHEMA.items() if n not in columns}
    frame = pl.DataFrame(columns).with_columns(
        pl.lit(list(v) if isinstance(v := _DEFAULTS[n], tuple) else v, dtype=d).alias(n) for n, d in rest.items()
    )
    return frame.select(list(ORDER_SCHEMA)), 1 - wrong, safe


def _named(names: tuple[str, ...], places: npt.NDArray[np.int64]) -> pl.Series:
    return pl.Series(names).gather(places)

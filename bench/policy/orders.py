"""A million synthetic orders with realistic text and nulls, the same for a seed."""

from datetime import UTC, datetime

import numpy as np
import polars as pl

from qingdan.core.columns import ORDER_SCHEMA, TIME
from qingdan.core.fields import FIELDS
from qingdan.core.text import with_norm

AS_OF = datetime(2026, 11, 12, 3, tzinfo=UTC)
TEXTS = ("buyer_message", "seller_memo", "address", "receiver_phone")

_ROADS = ["文三路", "中山北路", "建设大道", "人民西路", "解放街", "学院路", "滨江大道", "科技园南路"]
_PLACES = ["阳光花园", "锦绣家园", "万达广场", "软件园", "幸福小区", "翠苑新村", "", "金色年华"]
_NOTES = [
    *(
        "请尽快发货，谢谢",
        "麻烦开发票，抬头见备注",
        "地址写错了，帮忙改地址",
        "送人的，包装好一点",
        "要黑色的，不要白色",
    ),
    *("周末不在家，放快递柜", "请发顺丰", "急用，今天发可以吗", "给孩子的生日礼物", "不要放门口，打电话再送"),
    *("颜色随机就行", "老客户了，多送点小样", "放丰巢柜，不用打电话", "需要普票，公司抬头", "请不要发圆通"),
]
_EPOCH = datetime(2026, 11, 1, tzinfo=UTC)


def make_orders(count: int, seed: int = 11) -> pl.DataFrame:
    """Orders frame of ``count`` rows as the benchmark policy reads them, texts normalised."""
    rng = np.random.default_rng(seed)
    created = rng.integers(0, 10 * 86_400, count) * 1_000_000 + int(_EPOCH.timestamp()) * 1_000_000
    paid = created + rng.choice([60, 600, 7_200, 100_000], count, p=[0.6, 0.3, 0.08, 0.02]) * 1_000_000
    frame = pl.DataFrame(
        {
            "platform_state": _enum(rng, "platform_state", count, {"waiting": 0.9, "shipped": 0.06, "closed": 0.04}),
            "paid_amount": np.round(np.exp(rng.normal(9.2, 1.1, count))).astype(np.int64),
            "country": _enum(rng, "country", count, {"CN": 0.985, "HK": 0.01, "TW": 0.005}),
            "province": _pick(rng, list(FIELDS["province"].value_ids), count).cast(ORDER_SCHEMA["province"]),
            "pay_method": _enum(
                rng, "pay_method", count, {"wechat": 0.4, "alipay": 0.4, "cod": 0.05, "card": 0.1, "other": 0.05}
            ),
            "pay_status": _enum(rng, "pay_status", count, {"paid": 0.96, "unpaid": 0.04}),
            "returns_30d": rng.choice([0, 1, 2, 3, 5], count, p=[0.8, 0.12, 0.04, 0.03, 0.01]),
            "item_count": rng.integers(1, 6, count),
            "created_at": pl.Series(created).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
            "paid_at": pl.Series(paid).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
            "buyer_message": _notes(rng, count),
            "seller_memo": _notes(rng, count),
            "receiver_phone": _phones(rng, count),
            "address": _addresses(rng, count),
            "vip": rng.random(count) < 0.05,
            "expedited": rng.random(count) < 0.03,
            "complaint_warning": rng.random(count) < 0.01,
        },
        schema_overrides={"created_at": TIME, "paid_at": TIME},
    )
    shares = {"paid_amount": 0.003, "paid_at": 0.05, "returns_30d": 0.02, "buyer_message": 0.08, "seller_memo": 0.12}
    shares |= {"complaint_warning": 0.01, "pay_method": 0.02, "item_count": 0.005}
    nulls = [
        pl.when(pl.Series(rng.random(count) >= share)).then(pl.col(name)).alias(name) for name, share in shares.items()
    ]
    return with_norm(frame.with_columns(nulls), TEXTS).rechunk()


def _enum(rng: np.random.Generator, name: str, count: int, shares: dict[str, float]) -> pl.Series:
    ids = FIELDS[name].value_ids
    picked = rng.choice(len(shares), count, p=list(shares.values()))
    return pl.Series(list(shares), dtype=pl.Enum(ids)).gather(picked)


def _pick(rng: np.random.Generator, texts: list[str], count: int) -> pl.Series:
    return pl.Series(texts).gather(rng.integers(0, len(texts), count))


def _notes(rng: np.random.Generator, count: int) -> pl.Series:
    number = pl.Series(rng.integers(1, 6_000, count)).cast(pl.String)
    text = _pick(rng, _NOTES, count) + "，单号" + number
    empty = pl.Series(rng.random(count) < 0.7)
    return pl.select(pl.when(empty).then(pl.lit("")).otherwise(text)).to_series()


def _phones(rng: np.random.Generator, count: int) -> pl.Series:
    tail = pl.Series(rng.integers(0, 10_000, count)).cast(pl.String).str.zfill(4)
    head = pl.Series(["1380000", "1390000", "138****", "2390000"]).gather(
        rng.choice(4, count, p=[0.6, 0.35, 0.04, 0.01])
    )
    return head + tail


def _addresses(rng: np.random.Generator, count: int) -> pl.Series:
    number = pl.Series(rng.integers(1, 999, count)).cast(pl.String)
    room = pl.Series(rng.integers(101, 2_800, count)).cast(pl.String)
    whole = _pick(rng, _ROADS, count) + number + "号" + _pick(rng, _PLACES, count) + "3栋" + room + "室"
    poor = pl.Series(rng.random(count) < 0.03)
    return pl.select(pl.when(poor).then(_pick(rng, _PLACES, count)).otherwise(whole)).to_series()

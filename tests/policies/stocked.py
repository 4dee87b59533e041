"""Orders of a merchant, judged and stored with their history as an import does, without its files."""

import datetime as dt
import random
from typing import Any

import polars as pl

from qingdan.core.columns import LINE_SCHEMA, ORDER_SCHEMA
from qingdan.core.fields import ORDER_FIELDS
from qingdan.core.policy import review_columns
from qingdan.intake.decide import holds_of
from qingdan.orders import actions
from qingdan.orders.actors import Actor
from qingdan.orders.merge import VERDICT_SCHEMA
from qingdan.policies import actions as policies
from qingdan.policies import history, queries

AS_OF = dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.UTC)
PERSON = Actor("user", "1", "李主管")
_DEFAULTS = {f.id: f.default for f in ORDER_FIELDS if f.id in ORDER_SCHEMA}


def order(rng: random.Random, number: int) -> dict[str, Any]:
    """Facts of one order: nine in ten are plain."""
    odd = rng.random() < 0.1
    return {
        **{k: list(v) if isinstance(v, tuple) else v for k, v in _DEFAULTS.items()},
        "channel": rng.choice(["taobao", "jd", "douyin"]),
        "shop": rng.choice(["旗舰店", "专卖店"]),
        "order_no": f"N{number:08}",
        "platform_state": rng.choices(["waiting", "unpaid", "shipped"], [94, 3, 3])[0],
        "platform_hold": "locked" if odd and rng.random() < 0.2 else "none",
        "buyer_token": f"b{rng.randrange(300)}",
        "returns_30d": rng.choices([0, 1], [9, 1])[0],
        "country": "CN",
        "province": rng.choice(["浙江", "江苏", "西藏"]),
        "city": "杭州市",
        "address": "文三路100号3栋201室",
        "paid_amount": rng.choice([4_900, 9_900, 25_000, 49_900, 61_200, 120_000]),
        "pay_method": rng.choice(["alipay", "wechat", "cod"] if odd else ["alipay", "wechat"]),
        "pay_status": "paid",
        "created_at": AS_OF - dt.timedelta(minutes=rng.randrange(1, 6_000)),
        "paid_at": AS_OF - dt.timedelta(minutes=rng.randrange(1, 6_000)),
        "refund_state": "none",
        "buyer_message": rng.choice(["", "", "", "请改地址", "加急"]) if odd else "",
        "vip": odd and rng.random() < 0.2,
        "mainland": True,
        "goods_title": "水壶",
        "receiver_key": f"r{rng.randrange(300)}",
        "address_quality": "complete",
        "address_gaps": [],
    }


def frame_of(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict(ORDER_SCHEMA))


def stock(merchant: int, rows: list[dict[str, Any]], as_of: dt.datetime = AS_OF) -> None:
    """Store orders as the live policy judges them at ``as_of``."""
    version = policies.ensure_live(merchant)
    compiled = queries.compiled(version.source)
    frame = frame_of(rows)
    reviewed = frame.hstack(review_columns(compiled, frame, as_of).select(list(VERDICT_SCHEMA)))
    actions.record(
        reviewed,
        pl.DataFrame(schema=LINE_SCHEMA),
        merchant=merchant,
        shops=actions.ensure_shops(merchant, {(r["channel"], r["shop"]) for r in rows}),
        import_id=None,
        policy_hash=version.hash,
        as_of=as_of,
        actor=Actor("import", "1", "x"),
        holds=holds_of(compiled),
        with_it=lambda done: history.keep(
            reviewed, done.written, merchant=merchant, policy_hash=version.hash, as_of=as_of
        ),
    )


def some(count: int, seed: int = 1, start: int = 0) -> list[dict[str, Any]]:
    rng = random.Random(seed)  # noqa: S311 - test data
    return [order(rng, start + number) for number in range(count)]

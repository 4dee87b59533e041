"""Generated order and line frames in the shapes that intake and review make."""

import datetime as dt
import random

import polars as pl

from qingdan.core.columns import LINE_SCHEMA, ORDER_SCHEMA, TIME
from qingdan.core.fields import FIELDS, ORDER_FIELDS
from qingdan.core.lifecycle import STAGE_OF_PLATFORM_STATE

AS_OF = dt.datetime(2026, 11, 12, 8, 0, tzinfo=dt.UTC)
POLICY = "a" * 64
VERDICT_SCHEMA = {
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
DEFAULTS = {f.id: f.default for f in ORDER_FIELDS if f.id in ORDER_SCHEMA and f.default is not None}
_TEXTS = ("", "请尽快发货", 'a"b,c', "两\n行", "\\N", "=1+1", "  空格", "{x}")


def _some(rng: random.Random, values: tuple[str, ...], *, null: float = 0.0) -> str | None:
    return None if rng.random() < null else rng.choice(values)


def _facts(rng: random.Random, order_no: str, channel: str, shop: str) -> dict[str, object]:
    created = AS_OF - dt.timedelta(microseconds=rng.randrange(1, 10**12))
    paid = rng.randrange(0, 900_000)
    state = rng.choices(("waiting", "unpaid", "shipped", "closed", "signed"), (80, 5, 5, 5, 5))[0]
    return DEFAULTS | {
        "channel": channel,
        "shop": shop,
        "order_no": order_no,
        "platform_status": "等待卖家发货",
        "platform_state": state,
        "platform_hold": rng.choices(("none", "locked"), (95, 5))[0],
        "buyer_token": f"b{rng.randrange(1000)}",
        "vip": rng.random() < 0.05,
        "key_account": False,
        "blacklisted": False,
        "expedited": rng.random() < 0.05,
        "complaint_warning": rng.random() < 0.02,
        "returns_30d": 0,
        "receiver_name": "李*",
        "receiver_phone": f"1380000{rng.randrange(10000):04d}",
        "country": "CN",
        "province": _some(rng, FIELDS["province"].value_ids, null=0.02),
        "city": _some(rng, ("杭州市", "苏州市", "成都市"), null=0.02),
        "district": "西湖区",
        "town": None,
        "address": f"文三路{rng.randrange(999)}号",
        "receiver_masked": True,
        "receiver_token": f"oaid{rng.randrange(10**9)}",
        "goods_amount": paid + 500,
        "freight": 0,
        "discount": 500,
        "paid_amount": paid if rng.random() > 0.01 else None,
        "pay_method": _some(rng, ("alipay", "wechat", "cod"), null=0.1),
        "pay_status": "paid",
        "payment_no": f"p{rng.randrange(10**12)}",
        "created_at": created,
        "paid_at": created + dt.timedelta(minutes=3),
        "ship_by": created + dt.timedelta(hours=48),
        "pickup_by": None,
        "refund_state": rng.choices(("none", "requested", "success", None), (90, 4, 3, 3))[0],
        "presale_step": "none",
        "address_changed": False,
        "buyer_message": rng.choice(_TEXTS),
        "seller_memo": rng.choice(_TEXTS),
        "flag_color": "none",
        "flag_label": "",
        "invoice_wanted": False,
        "goods_title": "加厚羊毛围巾 红色",
        "item_count": 2,
        "kind_count": 1,
        "mainland": True,
        "remote_region": False,
        "phone_plausible": True,
        "address_quality": "complete",
        "address_gaps": [],
        "receiver_key": f"r{rng.randrange(2000)}",
        "same_receiver_count": 1,
        "amount_vs_usual": 100,
    }


def judge(facts: dict[str, object], as_of: dt.datetime = AS_OF) -> dict[str, object]:
    """Return a verdict that depends on the facts, as review's does."""
    state = str(facts["platform_state"])
    blank: dict[str, object] = dict.fromkeys(VERDICT_SCHEMA) | {
        "tier_tentative": False,
        "reasons": [],
        "true_mask": 1,
        "unknown_mask": 0,
        "ship_by_effective": facts["ship_by"],
    }
    if state != "waiting":
        return blank | {"verdict": "none", "stage": STAGE_OF_PLATFORM_STATE[state].value}
    reasons = []
    if facts["platform_hold"] != "none":
        reasons.append("platform_hold")
    if facts["refund_state"] in {"requested", "in_progress"}:
        reasons.append("refund_open")
    if facts["address_changed"]:
        reasons.append("address_change")
    held = bool(reasons)
    if facts["paid_amount"] is None or int(str(facts["paid_amount"])) > 50_000:
        reasons.insert(0, "amount_region")
    verdict, stage = ("exception", "held") if held else ("review", "in_review") if reasons else ("release", "released")
    tier = "urgent" if facts["vip"] else "exception" if held else "regular"
    return blank | {
        "verdict": verdict,
        "stage": stage,
        "tier": tier,
        "reasons": sorted(reasons),
        "owner_role": "front_line",
        "respond_by": as_of + dt.timedelta(hours=2) if tier == "urgent" else None,
        "resolve_by": as_of + dt.timedelta(hours=24),
    }


HOLDS = frozenset({"platform_hold", "refund_open", "address_change", "field_missing"})


def frame(rows: list[dict[str, object]], as_of: dt.datetime = AS_OF) -> pl.DataFrame:
    """Orders with their verdicts."""
    judged = [row | judge(row, as_of) for row in rows]
    return pl.DataFrame(judged, schema={**ORDER_SCHEMA, **VERDICT_SCHEMA}, orient="row")


def facts(
    n: int, *, seed: int = 1, channel: str = "taobao", shop: str = "旗舰店", start: int = 0
) -> list[dict[str, object]]:
    """Facts of ``n`` orders."""
    rng = random.Random(seed)  # noqa: S311
    return [_facts(rng, f"{10**17 + start + i}", channel, shop) for i in range(n)]


def lines(orders: pl.DataFrame) -> pl.DataFrame:
    """One or two lines an order."""
    base = orders.select(
        "channel",
        "order_no",
        line_no=pl.lit("1"),
        sku_code=pl.lit("SKU-1"),
        title=pl.col("goods_title"),
        spec=pl.lit("红色;均码"),
        quantity=pl.lit(2, pl.Int64),
        unit_price=pl.col("goods_amount") // 2,
        line_paid_amount=pl.col("paid_amount"),
        line_refund_state=pl.lit(None, LINE_SCHEMA["line_refund_state"]),
        gift=pl.lit(value=False),
    )
    gifts = base.gather_every(3).with_columns(line_no=pl.lit("2"), title=pl.lit("赠品"), gift=pl.lit(value=True))
    return pl.concat([base, gifts]).cast(LINE_SCHEMA).select(list(LINE_SCHEMA))

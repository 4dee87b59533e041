"""Orders in the store, reviewed by the starter policy and recorded by the ledger as an import does."""

from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import polars as pl

from qingdan.core.columns import LINE_SCHEMA, ORDER_SCHEMA
from qingdan.core.fields import ORDER_FIELDS
from qingdan.core.policy import compile_policy, load_policy, review_columns
from qingdan.orders import actions
from qingdan.orders.actors import Actor
from qingdan.orders.merge import VERDICT_SCHEMA
from qingdan.orders.models import Merchant, Order
from qingdan.policies import actions as policies

STARTER = compile_policy(load_policy((files("qingdan") / "data/policies/starter.yaml").read_text(encoding="utf-8")))

PLAIN: dict[str, Any] = {f.id: f.default for f in ORDER_FIELDS if f.id in ORDER_SCHEMA and f.default is not None} | {
    "channel": "taobao",
    "shop": "旗舰店",
    "platform_status": "买家已付款,等待卖家发货",
    "platform_state": "waiting",
    "platform_hold": "none",
    "vip": False,
    "key_account": False,
    "blacklisted": False,
    "expedited": False,
    "complaint_warning": False,
    "returns_30d": 0,
    "receiver_name": "王小明",
    "receiver_phone": "13800001234",
    "country": "CN",
    "province": "浙江",
    "city": "杭州市",
    "district": "西湖区",
    "address": "文三路100号3栋201室",
    "receiver_masked": False,
    "paid_amount": 12_300,
    "pay_method": "alipay",
    "pay_status": "paid",
    "refund_state": "none",
    "presale_step": "none",
    "address_changed": False,
    "buyer_message": "",
    "seller_memo": "",
    "flag_color": "none",
    "flag_label": "",
    "invoice_wanted": False,
    "goods_title": "电热水壶",
    "mainland": True,
    "address_quality": "complete",
    "address_gaps": [],
    "same_receiver_count": 1,
}


def stock(
    merchant: Merchant, *orders: dict[str, Any], as_of: datetime | None = None, import_id: int | None = None
) -> list[int]:
    """Record orders that differ from a plain one as each says; return their ids in the same order."""
    policies.ensure_live(merchant.id)
    moment = as_of or datetime.now(UTC) - timedelta(minutes=1)
    rows = [
        {"order_no": f"N{number:06}", "created_at": moment - timedelta(hours=1), **PLAIN, **said}
        for number, said in enumerate(orders, start=1)
    ]
    frame = pl.DataFrame(rows, schema=dict(ORDER_SCHEMA))
    verdicts = review_columns(STARTER, frame, moment)
    reviewed = frame.hstack(verdicts.select(list(VERDICT_SCHEMA)))
    lines = pl.DataFrame(
        [
            {
                "channel": row["channel"],
                "order_no": row["order_no"],
                "line_no": "1",
                "title": "电热水壶",
                "spec": "白色",
                "quantity": 1,
                "unit_price": 12_300,
                "line_paid_amount": 12_300,
                "gift": False,
            }
            for row in rows
        ],
        schema=dict(LINE_SCHEMA),
    )
    shops = actions.ensure_shops(merchant.id, {(row["channel"], row["shop"]) for row in rows})
    actions.record(
        reviewed,
        lines,
        merchant=merchant.id,
        shops=shops,
        import_id=import_id,
        policy_hash=STARTER.policy.hash,
        as_of=moment,
        actor=Actor("policy", STARTER.policy.hash, "starter"),
    )
    ids = dict(Order.objects.filter(merchant=merchant).values_list("order_no", "id"))
    return [ids[row["order_no"]] for row in rows]

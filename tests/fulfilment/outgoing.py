"""Orders on their way out: a merchant's store with generated orders, each as the test says."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import polars as pl
from django.db import connection

from qingdan.core.columns import LINE_SCHEMA, ORDER_SCHEMA
from qingdan.core.fields import ORDER_FIELDS
from qingdan.orders import actions
from qingdan.orders.actors import Actor
from qingdan.orders.merge import VERDICT_SCHEMA

NOW = dt.datetime.now(dt.UTC)
PERSON = Actor("user", "7", "小李")
STAGE_OF = {"release": "released", "review": "in_review", "exception": "held"}
GIVEN: dict[str, Any] = {f.id: f.default for f in ORDER_FIELDS if f.id in ORDER_SCHEMA} | {
    "channel": "taobao",
    "shop": "旗舰店",
    "platform_status": "等待发货",
    "platform_state": "waiting",
    "receiver_name": "测试甲",
    "receiver_phone": "13800000001",
    "country": "CN",
    "province": "浙江",
    "city": "杭州市",
    "district": "西湖区",
    "address": "示例街2号",
    "goods_amount": 4000,
    "freight": 500,
    "discount": 520,
    "paid_amount": 3980,
    "pay_method": "alipay",
    "pay_status": "paid",
    "payment_no": "P1",
    "created_at": NOW - dt.timedelta(hours=3),
    "paid_at": NOW - dt.timedelta(hours=3),
    "refund_state": "none",
    "address_gaps": [],
    "goods_title": "示例商品",
}


@dataclass
class Store:
    """One merchant's orders, recorded as an import does, with the verdict that each order names."""

    merchant: int = 0
    clock: int = 0
    known: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.merchant = actions.ensure_merchant(f"商家{uuid4()}").pk

    def record(self, *orders: dict[str, Any], with_it: Callable[[object], None] | None = None) -> list[int]:
        """Record orders (``order_no`` and what differs); ``verdict`` release, review, exception or none."""
        self.clock += 1
        rows, verdicts = [], []
        for said in orders:
            row = self.known.get(said["order_no"], dict(GIVEN)) | said
            self.known[said["order_no"]] = row
            verdict = row.get("verdict", "release")
            stage = row.get("stage") or STAGE_OF[verdict]
            judged = dict.fromkeys(VERDICT_SCHEMA) | {
                "verdict": verdict,
                "stage": stage,
                "tier": row.get("tier", "regular") if verdict != "none" else None,
                "tier_tentative": False,
                "reasons": row.get("reasons", []),
                "true_mask": 0,
                "unknown_mask": 0,
            }
            rows.append({k: row.get(k) for k in ORDER_SCHEMA})
            verdicts.append(judged)
        frame = pl.DataFrame(rows, schema=ORDER_SCHEMA, orient="row")
        judged_frame = pl.DataFrame(verdicts, schema=VERDICT_SCHEMA, orient="row")
        actions.record(
            frame.hstack(judged_frame),
            self.lines(frame),
            merchant=self.merchant,
            shops=actions.ensure_shops(self.merchant, {(r["channel"], r["shop"]) for r in rows}),
            import_id=None,
            policy_hash="a" * 64,
            as_of=NOW + dt.timedelta(seconds=self.clock),
            actor=Actor("import", "1", "导入"),
            with_it=with_it,
        )
        return [self.id(said["order_no"]) for said in orders]

    def lines(self, frame: pl.DataFrame) -> pl.DataFrame:
        both = [
            frame.select(
                "channel",
                "order_no",
                line_no=pl.lit(no),
                sku_code=pl.lit(f"SKU-{no}"),
                title=pl.lit("示例商品"),
                spec=pl.lit("红"),
                quantity=pl.lit(quantity, pl.Int64),
                unit_price=pl.lit(price, pl.Int64),
                line_paid_amount=pl.lit(None, pl.Int64),
                line_refund_state=pl.lit(None, LINE_SCHEMA["line_refund_state"]),
                gift=pl.lit(value=False),
            )
            for no, quantity, price in (("1", 2, 1500), ("2", 1, 1000))
        ]
        return pl.concat(both).cast(LINE_SCHEMA).select(list(LINE_SCHEMA))

    def id(self, order_no: str) -> int:
        [(found,)] = self.rows("SELECT id FROM orders_order WHERE merchant_id = %s AND order_no = %s", order_no)
        return int(str(found))

    def rows(self, statement: str, *params: object) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, [self.merchant, *params])
            return list(cursor.fetchall())

    def pushes(self, order_id: int) -> list[tuple[Any, ...]]:
        return self.rows(
            "SELECT operation, revision, state, reason FROM fulfilment_push WHERE merchant_id = %s AND order_id = %s "
            "ORDER BY created_at, operation DESC, revision",
            order_id,
        )

    def stage(self, order_id: int) -> str:
        [(stage,)] = self.rows("SELECT stage FROM orders_order WHERE merchant_id = %s AND id = %s", order_id)
        return str(stage)

    def version(self, order_id: int) -> int:
        [(version,)] = self.rows("SELECT version FROM orders_order WHERE merchant_id = %s AND id = %s", order_id)
        return int(version)

    def decide(self, order_id: int, action: str) -> None:
        actions.decide(
            order_id,
            merchant=self.merchant,
            version=self.version(order_id),
            action=actions.Action(action),
            actor=PERSON,
        )
        # as if the seconds in which a person can take her release back were over
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE fulfilment_push SET due_at = now() WHERE order_id = %s AND state = 'ready'", [order_id]
            )

    def set_push(self, order_id: int, state: str, *, operation: str = "create") -> None:
        """Put a push where the relay would have put it."""
        ended = "now()" if state in {"done", "failed", "cancelled"} else "NULL"
        lease = "now() + interval '1 minute'" if state == "sending" else "NULL"
        self.destination()
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE fulfilment_push SET state = %s, ended_at = {ended}, lease_until = {lease}, attempt = 1, "  # noqa: S608
                "destination_id = (SELECT id FROM fulfilment_destination WHERE merchant_id = %s LIMIT 1) "
                "WHERE order_id = %s AND operation = %s AND state IN ('ready', 'sending', 'unknown')",
                [state, self.merchant, order_id, operation],
            )

    def destination(self, name: str = "一号仓", **said: Any) -> int:
        from qingdan.fulfilment.models import Destination  # noqa: PLC0415 - models need Django, this module does not

        found, _ = Destination.objects.get_or_create(
            merchant_id=self.merchant, name=name, defaults={"adapter": "qimen", **said}
        )
        return int(found.pk)

"""The founding rules, each at its boundary, as the starter policy decides them."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from qingdan.core.policy import compile_policy, explain, load_policy, review_one
from qingdan.core.shipping import ShipDefaults, ShipRule, read_ship_defaults
from qingdan.data.policies import starter_text
from qingdan.data.shipping import defaults_text

AS_OF = datetime(2026, 11, 12, 3, tzinfo=UTC)  # 11:00 in Shanghai
STARTER = compile_policy(load_policy(starter_text()))
CALM: dict[str, object] = {
    "channel": "taobao",
    "platform_state": "waiting",
    "platform_hold": "none",
    "paid_amount": 9_900,
    "mainland": True,
    "pay_method": "alipay",
    "pay_status": "paid",
    "returns_30d": 0,
    "province": "浙江",
    "city": "杭州",
    "receiver_masked": False,
    "address": "文三路1号2栋301室",
    "refund_state": "none",
    "presale_step": "none",
    "address_changed": False,
    "buyer_message": "",
    "seller_memo": "",
    "flag_label": "",
    "vip": False,
    "expedited": False,
    "complaint_warning": False,
    "created_at": AS_OF - timedelta(hours=5),
    "paid_at": AS_OF - timedelta(hours=4),
    "ship_by": None,
}

CASES: list[tuple[dict[str, object], str, str, str]] = [
    ({}, "release", "regular", ""),
    # amount: at most 500元 passes, above 5000元 or below 1元 is an exception
    ({"paid_amount": 50_000}, "release", "regular", ""),
    ({"paid_amount": 50_001}, "review", "regular", "amount_region"),
    ({"paid_amount": 500_000}, "review", "regular", "amount_region"),
    ({"paid_amount": 500_001}, "exception", "exception", "amount_abnormal;amount_region"),
    ({"paid_amount": 100}, "release", "regular", ""),
    ({"paid_amount": 99}, "exception", "exception", "amount_abnormal"),
    ({"paid_amount": None}, "review", "regular", "amount_region"),
    ({"mainland": False}, "review", "regular", "amount_region"),
    ({"mainland": None}, "review", "regular", "amount_region"),
    # payment
    *(({"pay_method": m}, "release", "regular", "") for m in ("wechat", "douyin_pay", "jd_pay", "platform", None)),
    *(({"pay_method": m}, "review", "regular", "payment") for m in ("cod", "card", "transfer", "other")),
    ({"pay_method": "cod", "pay_status": "unpaid"}, "review", "regular", "payment"),
    ({"pay_status": "unpaid"}, "exception", "exception", "payment;payment_failed"),
    ({"pay_status": "unpaid", "pay_method": None}, "exception", "exception", "payment;payment_failed"),
    ({"pay_status": None}, "review", "regular", "payment"),
    # trust
    ({"returns_30d": 1}, "review", "regular", "trust"),
    # address
    ({"province": None}, "exception", "exception", "address_unclear"),
    ({"city": " "}, "exception", "exception", "address_unclear"),
    ({"address": "1号楼5"}, "exception", "exception", "address_unclear"),
    ({"address": "1号楼56"}, "release", "regular", ""),
    ({"address": "阳光花园小区"}, "exception", "exception", "address_unclear"),
    ({"address": "阳光花园小区甲栋"}, "release", "regular", ""),
    ({"address": "阳光花园小区５"}, "release", "regular", ""),
    ({"address": None}, "exception", "exception", "address_unclear"),
    ({"address": None, "receiver_masked": True}, "release", "regular", ""),
    ({"address": "****", "receiver_masked": True}, "release", "regular", ""),
    # holds
    *(
        ({"platform_hold": h}, "exception", "regular", "platform_hold")
        for h in ("locked", "paused", "risk_review", "group_incomplete", "presale_unpaid", "abnormal")
    ),
    ({"presale_step": "deposit_paid"}, "exception", "regular", "platform_hold"),
    ({"presale_step": "balance_paid"}, "release", "regular", ""),
    ({"refund_state": "requested"}, "exception", "regular", "refund_open"),
    ({"refund_state": "in_progress"}, "exception", "regular", "refund_open"),
    *(({"refund_state": s}, "release", "regular", "") for s in ("refused", "closed", "success")),
    ({"refund_state": None}, "exception", "regular", "field_missing"),
    *(
        ({"buyer_message": f"麻烦{w}谢谢"}, "exception", "regular", "address_change")
        for w in ("改地址", "换地址", "地址错", "改收货")
    ),
    ({"seller_memo": "改 地\u200b址"}, "exception", "regular", "address_change"),
    ({"address_changed": True}, "exception", "regular", "address_change"),
    ({"buyer_message": None}, "exception", "regular", "field_missing"),
    # tiers
    *(({key: True}, "release", "urgent", "") for key in ("vip", "expedited", "complaint_warning")),
    *(
        ({"buyer_message": w}, "release", "urgent", "")
        for w in ("加急", "催发", "急用", "尽快发", "投诉", "差评", "12315", "举报")
    ),
    *(({"seller_memo": w}, "release", "urgent", "") for w in ("ＶＩＰ客户", "贵宾", "加 急", "１２３１５")),
    *(({"flag_label": w}, "release", "urgent", "") for w in ("vip", "加急")),
    ({"flag_label": "投诉"}, "release", "regular", ""),
    ({"vip": True, "paid_amount": 99}, "exception", "urgent", "amount_abnormal"),
    # scope
    ({"platform_state": None}, "exception", "regular", "field_missing"),
]


@pytest.mark.parametrize(("changed", "verdict", "tier", "reasons"), CASES)
def test_the_founding_rules(changed: dict[str, object], verdict: str, tier: str, reasons: str) -> None:
    decision = review_one(STARTER, {**CALM, **changed}, AS_OF)
    assert (decision.verdict.value, decision.tier, decision.reasons) == (verdict, tier, reasons)
    held = any(r in reasons for r in ("platform_hold", "refund_open", "address_change", "field_missing"))
    stages = {"release": "released", "review": "in_review", "exception": "held" if held else "exception"}
    assert decision.stage.value == stages[verdict]


@pytest.mark.parametrize(
    ("state", "stage"),
    [
        *(("unpaid", "unpaid"), ("partly_shipped", "sent"), ("shipped", "shipped")),
        *(("signed", "shipped"), ("closed", "cancelled"), ("cancelled", "cancelled")),
    ],
)
def test_an_order_that_does_not_wait_is_left_alone(state: str, stage: str) -> None:
    decision = review_one(STARTER, {**CALM, "platform_state": state, "paid_amount": 1, "vip": True}, AS_OF)
    assert (decision.verdict.value, decision.stage.value, decision.tier, decision.reasons) == ("none", stage, None, "")
    assert (decision.owner_role, decision.respond_by, decision.resolve_by) == (None, None, None)


def test_owners_and_deadlines_of_the_tiers() -> None:
    urgent = review_one(STARTER, {**CALM, "vip": True}, AS_OF)
    assert (urgent.owner_role, urgent.respond_by, urgent.resolve_by) == ("supervisor", AS_OF + timedelta(hours=2), None)
    exception = review_one(STARTER, {**CALM, "paid_amount": 1}, AS_OF)
    end_of_day = datetime(2026, 11, 12, 15, 59, 59, tzinfo=UTC)
    assert (exception.owner_role, exception.respond_by, exception.resolve_by) == ("risk", None, end_of_day)
    late = review_one(STARTER, {**CALM, "paid_amount": 1}, datetime(2026, 11, 12, 16, tzinfo=UTC))
    assert late.resolve_by == end_of_day + timedelta(days=1)
    regular = review_one(STARTER, CALM, AS_OF)
    assert (regular.owner_role, regular.resolve_by) == ("front_line", AS_OF + timedelta(hours=24))


def test_a_tier_above_the_hit_that_can_not_be_decided_makes_the_tier_tentative() -> None:
    assert review_one(STARTER, {**CALM, "vip": None}, AS_OF).tier_tentative
    assert not review_one(STARTER, {**CALM, "vip": None, "expedited": True}, AS_OF).tier_tentative


def test_ship_by_is_the_promise_else_an_assumption() -> None:
    promise = AS_OF + timedelta(hours=9)
    kept = review_one(STARTER, {**CALM, "ship_by": promise}, AS_OF)
    assert (kept.ship_by_effective, kept.ship_by_assumed) == (promise, False)
    assumed = review_one(STARTER, CALM, AS_OF, shipping=read_ship_defaults(defaults_text()))
    assert (assumed.ship_by_effective, assumed.ship_by_assumed) == (AS_OF + timedelta(hours=44), True)
    day = AS_OF.date()
    dated = ShipDefaults((ShipRule("taobao", 24, day), ShipRule("taobao", 72)), hours=48)
    assert review_one(STARTER, CALM, AS_OF, shipping=dated).ship_by_effective == AS_OF + timedelta(hours=20)
    early = {**CALM, "paid_at": AS_OF - timedelta(days=1)}
    assert review_one(STARTER, early, AS_OF, shipping=dated).ship_by_effective == AS_OF + timedelta(hours=48)
    unknown = {**CALM, "paid_at": None, "created_at": None}
    assert review_one(STARTER, unknown, AS_OF).ship_by_effective is None


def test_an_explanation_shows_the_least_that_decides_with_the_value_seen() -> None:
    told = explain(STARTER, {**CALM, "paid_amount": 61_200, "vip": None, "receiver_phone": "13800001234"}, AS_OF)
    facts = {rule.id: rule for rule in told.rules}
    because = [(f.leaf, f.text, f.actual, f.result) for f in facts["amount_region"].because]
    assert because == [("amount_region.1", "实付金额 ≤ 500元", "612.00元", "false")]
    assert [(r.id, r.result) for r in told.not_hit] == [("urgent", "unknown"), ("exception", "false")]
    assert told.missing_fields == ("vip",)
    english = explain(STARTER, {**CALM, "paid_amount": 61_200}, AS_OF, "en").to_dict()
    assert "paid_amount ≤ 500 yuan" in json.dumps(english, ensure_ascii=False)


def test_an_explanation_does_not_show_personal_data() -> None:
    secret = {"address": "浙江省杭州市西湖区文三某处", "receiver_name": "张三丰", "receiver_phone": "13800001234"}
    told = json.dumps(explain(STARTER, {**CALM, **secret}, AS_OF).to_dict(), ensure_ascii=False)
    assert "文三某处" not in told
    assert "浙江省杭州市西湖区****" in told

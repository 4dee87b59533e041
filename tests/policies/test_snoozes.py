"""Rules that do not count for one buyer, receiver or SKU for a while."""

import datetime as dt
import random
from typing import Any

import polars as pl
import pytest
from cast import Team, make_team
from django.utils import timezone
from stocked import PERSON, frame_of, order, some, stock

from qingdan.core.columns import LINE_SCHEMA
from qingdan.core.policy import review_columns, review_one
from qingdan.core.policy.snooze import SNOOZED
from qingdan.core.policy.texts import search
from qingdan.orders.models import Order, OrderEvent, OrderLine
from qingdan.people.rights import Role
from qingdan.policies import actions, applying, backtests, queries, snoozed, snoozes, waiting
from qingdan.policies.drafts import ready
from qingdan.policies.models import Judged, Snooze

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.UTC)
PLAIN = {
    "platform_state": "waiting",
    "platform_hold": "none",
    "pay_method": "alipay",
    "returns_30d": 0,
    "vip": True,
    "buyer_message": "",
    "province": "浙江",
}


def rows(count: int, start: int = 0, **facts: Any) -> list[dict[str, Any]]:
    rng = random.Random(start)  # noqa: S311 - test data
    return [{**order(rng, start + n), **PLAIN, **facts} for n in range(count)]


@pytest.fixture
def team(db: None) -> Team:
    return make_team("ours")


def stages(**facts: Any) -> set[str]:
    return set(Order.objects.filter(**facts).values_list("stage", flat=True))


def test_a_snooze_from_the_order_frees_what_waits_is_told_and_ends(team: Team) -> None:
    merchant, browser = team.merchant.id, team.browser(Role.SUPERVISOR)
    mine = {"buyer_token": "vip-1", "channel": "jd", "paid_amount": 120_000}
    stock(
        merchant,
        [
            *rows(2, 0, **mine),
            *rows(2, 100, **{**mine, "channel": "taobao"}),
            *rows(1, 200, **{**mine, "buyer_token": "x"}),
        ],
    )
    first = Order.objects.get(order_no="N00000000")
    until = timezone.now() + dt.timedelta(days=7)
    body = {"order": first.pk, "rule": "amount_region", "kind": "buyer", "until": until.isoformat(), "reason": "老客户"}
    assert team.browser(Role.AGENT).post("/api/policies/snoozes", body).status_code == 403
    assert (
        browser.post("/api/policies/snoozes", {**body, "until": NOW.replace(year=2099).isoformat()}).status_code == 409
    )
    assert browser.post("/api/policies/snoozes", {**body, "rule": "nothing"}).status_code == 404
    assert browser.post("/api/policies/snoozes", {**body, "kind": "sku"}).status_code == 409
    made = browser.post("/api/policies/snoozes", body).json()
    assert (made["active"], made["title"]["zh"], "vip-1" in str(made)) == (True, "小额大陆", False)
    snoozes.run(made["id"])
    assert stages(buyer_token="vip-1", channel="jd") == {"released"}
    assert stages(buyer_token="vip-1", channel="taobao") | stages(buyer_token="x") == {"in_review"}
    event = OrderEvent.objects.get(order_id=first.pk, kind="reviewed")
    assert "小额大陆" in event.reason
    assert "老客户" in event.reason
    told = browser.get(f"/api/orders/{first.pk}").json()["explanation"]["rules"]
    [rule] = [one for one in told if one["snoozed"]]
    assert (rule["id"], rule["result"], rule["snoozed"]["reason"]) == ("amount_region", "true", "老客户")
    assert any(leaf["result"] == "false" for leaf in rule["because"])  # what it came to is still to be seen

    # what comes in afterwards passes, too, until it ends; what was released stays released
    compiled = queries.compiled(queries.live_source(merchant))
    fresh = frame_of(rows(1, 300, **mine))
    lines = pl.DataFrame(schema=LINE_SCHEMA)
    reviewed = fresh.hstack(review_columns(compiled, fresh, timezone.now()))
    again = snoozed.rejudged(merchant, reviewed, lines, compiled, timezone.now())
    assert again.select("stage", SNOOZED).row(0) == ("released", "amount_region")
    stock(merchant, rows(1, 400, **{**mine, "pay_method": "cod"}))
    browser.post(f"/api/policies/snoozes/{made['id']}/end")
    assert not Snooze.objects.filter(pending=False).exists()
    snoozes.run(made["id"])
    assert stages(order_no="N00000000") == {"released"}
    assert browser.get("/api/policies/snoozes").json()[0]["active"] is False
    assert snoozed.rejudged(merchant, reviewed, lines, compiled, timezone.now()).equals(reviewed)


def test_a_hold_comes_back_when_the_snooze_is_over(team: Team) -> None:
    merchant = team.merchant.id
    stock(merchant, rows(1, 0, receiver_key="r-9", platform_hold="locked"))
    [row] = Order.objects.all()
    held = next(reason for reason in row.reasons)
    moment = timezone.now() + dt.timedelta(hours=1)
    made = snoozes.create(
        merchant, row.pk, PERSON, rule=held, kind="receiver", until=moment, reason="平台已答复", queue=False
    )
    snoozes.run(made.pk)
    row.refresh_from_db()
    assert held not in row.reasons
    stock(merchant, rows(1, 50, receiver_key="r-9", platform_hold="locked"))
    snoozes.expire(moment + dt.timedelta(seconds=1))
    snoozes.expire(moment + dt.timedelta(seconds=1))
    snoozes.run(made.pk)
    made.refresh_from_db()
    assert (made.pending, made.ended_at, made.ended_by) == (False, moment, "暂免到期")


def test_a_sku_is_excused_only_where_nothing_else_is_in_the_parcel(team: Team) -> None:
    merchant = team.merchant.id
    stock(merchant, rows(2, 0, paid_amount=120_000))
    for row, codes in zip(Order.objects.order_by("pk"), (["A"], ["A", "B"]), strict=True):
        for number, code in enumerate(codes, 1):
            OrderLine.objects.create(
                order=row, merchant_id=merchant, line_no=number, sku_code=code, quantity=1, title="水壶", gift=False
            )
    first, second = Order.objects.order_by("pk")
    soon = timezone.now() + dt.timedelta(days=1)
    made = snoozes.create(
        merchant, second.pk, PERSON, rule="amount_region", kind="sku", sku="A", until=soon, reason="样品", queue=False
    )
    snoozes.run(made.pk)
    assert (stages(pk=first.pk), stages(pk=second.pk)) == ({"released"}, {"in_review"})
    assert set(snoozed.of_order(first, timezone.now())) == {"amount_region"}
    assert not snoozed.of_order(second, timezone.now())


def test_both_back_ends_the_impact_and_the_backtest_say_the_same_of_snoozed_orders(team: Team) -> None:
    """A snoozed check is passed, a snoozed hold silent, whatever is missing; later backtests see it as it was."""
    merchant = team.merchant.id
    compiled = queries.compiled(queries.starter_text())
    rules = [rule.id for rule in compiled.policy.rules]
    rng = random.Random(4)  # noqa: S311 - test data
    facts = some(300, seed=4)
    for row in facts:
        for name in rng.sample(["paid_amount", "refund_state", "pay_method", "platform_hold"], rng.randrange(3)):
            row[name] = None if name in {"paid_amount", "pay_method"} else row[name]
    marks = [";".join(sorted(rng.sample(rules, rng.randrange(3)))) or None for _ in facts]
    frame = frame_of(facts).with_columns(pl.Series(SNOOZED, marks, dtype=pl.String))
    columns = review_columns(compiled, frame, NOW)
    for row, mark, by_columns in zip(facts, marks, columns.iter_rows(named=True), strict=True):
        one = review_one(compiled, {**row, SNOOZED: mark}, NOW)
        assert (one.stage, one.tier, one.reasons, one.true_mask, one.unknown_mask) == tuple(
            by_columns[name] for name in ("stage", "tier", "reasons", "true_mask", "unknown_mask")
        )
        assert not set(one.reasons.split(";")) & set((mark or "").split(";")) - {""}

    stock(merchant, rows(4, 0, buyer_token="b-1", channel="jd", paid_amount=120_000))
    [first, *_] = Order.objects.order_by("pk")
    snoozes.create(
        merchant,
        first.pk,
        PERSON,
        rule="amount_region",
        kind="buyer",
        until=timezone.now() + dt.timedelta(days=1),
        reason="老客户",
        queue=False,
    )
    told = waiting.impact(merchant, ready(queries.starter_text()), timezone.now(), fresh=True)
    assert told["released"] == 4
    made = applying.create(merchant, PERSON, queue=False)
    applying.run(made.pk)
    assert stages() == {"released"}
    strict = queries.starter_text().replace("500元", "60元")
    actions.publish(merchant, strict, PERSON)
    Judged.objects.filter(cause="import").delete()
    assert [
        pl.read_parquet(bytes(facts))[SNOOZED].to_list() for facts in Judged.objects.values_list("facts", flat=True)
    ] == [["amount_region"] * 4]
    judge = backtests.Judge(ready(strict))
    orders = frame_of(rows(4, 0, paid_amount=120_000)).with_columns(
        pl.Series(SNOOZED, ["amount_region", None, "amount_region", None]), as_of=pl.lit(NOW)
    )
    masks = judge.masks(orders.hstack(search({t.key: t for t in judge.texts.values()}, orders)))
    assert masks["true_mask"].to_list() == review_columns(judge.compiled, orders, NOW)["true_mask"].to_list()
    assert len(set(masks["true_mask"].to_list())) == 2

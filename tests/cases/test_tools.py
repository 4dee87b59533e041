"""Macros, messages, files, SOPs, payment cases, orders out of reach, and receivers that imports leave alone."""

import io
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from cast import Team, make_team
from django.utils import timezone
from stock import STARTER, stock

from qingdan.cases import actions as cases
from qingdan.cases import corrections, opening, types
from qingdan.cases.models import Case, Contact, Correction, Sop
from qingdan.core.columns import LINE_SCHEMA, ORDER_SCHEMA
from qingdan.core.policy import review_columns
from qingdan.finance.models import BillEntry, BillFile, Payment
from qingdan.intake import undoing
from qingdan.intake.models import Import
from qingdan.intake.undoing import UndoRefusedError
from qingdan.orders import actions as orders
from qingdan.orders import queries
from qingdan.orders.actors import Actor
from qingdan.orders.merge import VERDICT_SCHEMA
from qingdan.orders.models import Order
from qingdan.people.rights import Role

UNCLEAR: dict[str, Any] = {"address": "文三", "address_quality": "incomplete", "address_gaps": ["detail_short"]}


@pytest.fixture
def team(transactional_db: None, settings: Any) -> Team:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return make_team("ours")


def told_again(team: Team, frame: pl.DataFrame) -> None:
    """Import what a platform tells, as the import does after its child."""
    frame = frame.select(list(ORDER_SCHEMA))
    known = corrections.applied(frame, team.merchant.pk, queries.frame_of)
    others = frame.join(known, on=["channel", "order_no"], how="anti")
    whole = pl.concat([others, known])
    now = timezone.now()
    reviewed = whole.hstack(review_columns(STARTER, whole, now).select(list(VERDICT_SCHEMA)))
    orders.record(
        reviewed,
        pl.DataFrame(schema=dict(LINE_SCHEMA)),
        merchant=team.merchant.pk,
        shops=orders.ensure_shops(team.merchant.pk, {("taobao", "旗舰店")}),
        import_id=None,
        policy_hash=STARTER.policy.hash,
        as_of=now,
        actor=Actor("import", "1", "导入"),
    )


def test_an_import_leaves_a_corrected_receiver_alone_until_the_platform_says_something_new(team: Team) -> None:
    [order] = stock(team.merchant, UNCLEAR)
    platform = queries.frame(team.merchant.pk)
    opening.reconcile(team.merchant.pk)
    agent = team.browser(Role.AGENT)
    seen = agent.post(f"/api/cases/orders/{order}/address/show", {"reason": "补"}).json()
    right = {k: v or "" for k, v in seen["receiver"].items()} | {"address": "文三路100号3栋201室"}
    path = f"/api/cases/orders/{order}/address"
    assert agent.post(path, {"version": seen["version"] + 5, "receiver": right}).status_code == 409
    assert agent.post(path, {"version": seen["version"], "receiver": {**right, "phone": "123"}}).status_code == 422
    assert agent.post(path, {"version": seen["version"], "receiver": right}).json()["stage"] == "released"

    told_again(team, platform)
    stored = Order.objects.get(pk=order)
    assert (stored.address, stored.stage, stored.version) == ("文三路100号3栋201室", "released", seen["version"] + 1)

    news = platform.with_columns(address=pl.lit("古墩路8号2幢"), receiver_name=pl.lit("李四"))
    told_again(team, news)
    stored.refresh_from_db()
    assert (stored.address, stored.address_changed, stored.stage) == ("文三路100号3栋201室", True, "held")
    opening.reconcile(team.merchant.pk)
    assert Case.objects.filter(order_id=order, type="address_change", state="open").exists()
    seen = agent.post(f"/api/cases/orders/{order}/address/show", {"reason": "改"}).json()
    assert seen["heard"]["address"] == "古墩路8号2幢"
    theirs = {k: v or "" for k, v in seen["heard"].items()}
    assert agent.post(path, {"version": seen["version"], "receiver": theirs}).json()["stage"] == "released"
    told_again(team, news)
    stored.refresh_from_db()
    assert (stored.address, stored.address_changed, stored.stage) == ("古墩路8号2幢", False, "released")
    assert Correction.objects.get().heard is None
    opening.reconcile(team.merchant.pk)
    assert not Case.objects.exclude(state="closed").exists()


def test_a_macro_does_all_or_nothing_of_each_order(team: Team) -> None:
    one, two, gone = stock(team.merchant, UNCLEAR, UNCLEAR, {"paid_amount": 10})
    lead, agent = team.browser(Role.SUPERVISOR), team.browser(Role.AGENT)
    assert lead.post("/api/cases/macros", {"name": "空", "body": {}}).status_code == 422
    assert lead.post("/api/cases/macros", {"name": "错", "body": {"verdict": {"action": "ship"}}}).status_code == 422
    body = {
        "comment": "已短信催补地址",
        "contact": {"channel": "sms", "result": "sent", "next_try_hours": 4},
        "case": {"type": "address_unclear", "cause": "buyer_typed_wrong", "wait_hours": 24},
        "verdict": {"action": "hold", "reason": "等买家补地址", "hold_hours": 24},
    }
    macro = lead.post("/api/cases/macros", {"name": "催补地址", "body": body}).json()
    assert lead.post("/api/cases/macros", {"name": "催补地址", "body": body}).status_code == 409
    version = Order.objects.get(pk=one).version
    seen = [{"id": one, "version": version}, {"id": two, "version": version + 1}, {"id": gone, "version": version}]
    Order.objects.filter(pk=gone).update(stage="cancelled")

    told = agent.post(f"/api/cases/macros/{macro['id']}/apply", {"orders": seen}).json()

    assert (told["done"], told["refused"]) == (1, 2)
    assert [row["code"] for row in told["results"]] == ["", "order.conflict", "order.no_move"]
    assert Order.objects.get(pk=one).stage == "held"
    case = Case.objects.get(order_id=one)
    assert (case.state, case.cause and case.cause.key) == ("waiting", "buyer_typed_wrong")
    assert Contact.objects.count() == 1
    assert not Case.objects.filter(order_id__in=[two, gone]).exists()
    assert (
        team.browser(Role.FINANCE).post(f"/api/cases/macros/{macro['id']}/apply", {"orders": seen}).status_code == 403
    )


def test_messages_are_masked_and_files_are_what_their_bytes_say(team: Team) -> None:
    [order] = stock(team.merchant, UNCLEAR)
    lead, agent = team.browser(Role.SUPERVISOR), team.browser(Role.AGENT)
    text = "{收货人}您好，{店铺}订单尾号{订单尾号}，电话{电话}，还缺{地址缺项}：{补址链接}"
    bad = lead.post("/api/cases/messages", {"name": "坏", "channel": "sms", "text": "{身份证}"})
    assert bad.json()["error"]["code"] == "case.template_place"
    made = lead.post("/api/cases/messages", {"name": "好", "channel": "sms", "text": text}).json()
    told = agent.post(f"/api/cases/orders/{order}/compose", {"template_id": made["id"]}).json()
    assert told["text"].startswith("王**您好，旗舰店订单尾号0001，电话138")
    assert "13800001234" not in told["text"]
    assert "/a/" in told["text"]
    assert told["link"]["standing"] == "good"

    def upload(name: str, content: bytes) -> Any:
        file = io.BytesIO(content)
        file.name = name
        return agent.post("/api/cases/attachments", data={"file": file, "order_id": order})

    png = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
    assert upload("页面.html", b"<script>alert(1)</script>").json()["error"]["code"] == "case.attachment_kind"
    assert upload("截图.png", b"<svg onload=x>").status_code == 422
    assert upload("大.png", png + b"\0" * (10 << 20)).json()["error"]["code"] == "case.attachment_large"
    kept = upload("../../截图.exe", png).json()
    assert (kept["name"], kept["kind"]) == ("截图.exe", "png")
    said = agent.post(f"/api/cases/orders/{order}/comments", {"text": "凭证", "attachments": [kept["id"]]}).json()
    assert [one["id"] for one in said["attachments"]] == [kept["id"]]
    shown = agent.get(f"/api/cases/attachments/{kept['id']}")
    assert (shown["Content-Type"], shown.content) == ("image/png", png)
    assert "sandbox" in shown["Content-Security-Policy"]
    assert shown["X-Content-Type-Options"] == "nosniff"


def test_sops_are_versions_and_open_cases_keep_theirs(team: Team) -> None:
    stock(team.merchant, UNCLEAR)
    opening.reconcile(team.merchant.pk)
    lead, agent = team.browser(Role.SUPERVISOR), team.browser(Role.AGENT)
    source = types.sop_text("address_unclear")
    broken = source.replace("do: wait\n", "do: sleep\n").replace("go: repair", "go: nowhere", 1)
    faults = lead.post("/api/cases/sops/check", {"source": broken}).json()["faults"]
    assert [one["code"] for one in faults] == ["sop.do", "sop.no_step"]
    assert agent.post("/api/cases/sops", {"source": source, "base": 1}).status_code == 403
    changed = source.replace("看缺什么", "先看缺什么")
    assert lead.post("/api/cases/sops", {"source": changed, "base": 7}).status_code == 409
    made = lead.post("/api/cases/sops", {"source": changed, "base": 1, "note": "改了说法"}).json()
    assert (made["version"], made["live"], made["created_by"]) == (2, True, team.people[Role.SUPERVISOR].name)
    assert [one["version"] for one in lead.get("/api/cases/sops?type=address_unclear").json()] == [2, 1]
    assert Case.objects.select_related("sop").get().sop.version == 1
    assert Sop.objects.filter(merchant=team.merchant, live=True).count() == 12
    cause = agent.post("/api/cases/causes", {"zh": "快递员说错了", "types": ["address_unclear", "nonsense"]}).json()
    assert cause["types"] == ["address_unclear"]
    assert agent.post("/api/cases/causes", {"zh": "快递员说错了"}).status_code == 409
    assert lead.send("put", "/api/cases/reasons", {"reason": "address_unclear", "type": "nothing"}).status_code == 404
    told = lead.send("put", "/api/cases/reasons", {"reason": "address_unclear", "type": "other"}).json()
    assert "address_unclear" in next(one["reasons"] for one in told["types"] if one["key"] == "other")
    assert opening.reconcile(team.merchant.pk) == opening.Passed(1, 0, 1)


def test_a_payment_difference_opens_a_case_that_finance_settles_in_a_step(team: Team) -> None:
    [order] = stock(team.merchant, {})
    bill = BillFile.objects.create(
        merchant=team.merchant, name="微信.csv", sha256="x", size=1, actor_kind="user", actor_id="1", actor_name="秦"
    )
    now = timezone.now()
    BillEntry.objects.create(
        merchant=team.merchant, bill=bill, row=7, family="wechat", format="wechat", entry_no="E1", kind="payment",
        at=now, amount=12_000, fee=0, order_id=order,
    )  # fmt: skip
    Payment.objects.create(
        order_id=order, merchant=team.merchant, state="short", due=12_300, paid=12_000, refunded=0, fee=0,
        difference=-300, payments=1,
    )  # fmt: skip
    assert opening.reconcile(team.merchant.pk).opened == 1
    finance = team.browser(Role.FINANCE)
    case = finance.get("/api/cases?owner=my_roles").json()["rows"][0]
    assert (case["type"], case["owner_role"]) == ("payment_failed", "finance")
    talk = finance.get(f"/api/cases/orders/{order}").json()
    assert [(one["bill"], one["row"], one["amount"]) for one in talk["payment"]["entries"]] == [("微信.csv", 7, 12_000)]
    assert team.browser(Role.AGENT).get(f"/api/cases/orders/{order}").json()["payment"] is None
    for step in ({"step": "compare", "choice": "differs"}, {"step": "settle", "note": "差 3 元，店铺优惠，核销"}):
        version = finance.get(f"/api/cases/{case['id']}").json()["version"]
        assert finance.post(f"/api/cases/{case['id']}/step", {"version": version, **step}).status_code == 200
    assert Payment.objects.get().settled_name == team.people[Role.FINANCE].name
    assert opening.reconcile(team.merchant.pk).left == 1


def test_an_order_out_of_reach_for_seven_days_may_be_archived_with_the_record(team: Team) -> None:
    [order] = stock(team.merchant, UNCLEAR)
    opening.reconcile(team.merchant.pk)
    agent = team.browser(Role.AGENT)
    path, version = f"/api/cases/orders/{order}", Order.objects.get(pk=order).version
    for _ in range(2):
        agent.post(f"{path}/contacts", {"channel": "call", "result": "no_answer"})
    assert agent.get(path).json()["archive"] is None
    assert agent.post(f"{path}/archive", {"version": version}).json()["error"]["code"] == "case.reachable"
    Contact.objects.update(at=timezone.now() - timedelta(days=8))
    assert agent.get(path).json()["archive"]["tries"] == 2
    opening.reconcile(team.merchant.pk)
    assert Case.objects.filter(order_id=order, type="unreachable", state="open").exists()
    assert agent.post(f"{path}/archive", {"version": version}).status_code == 200
    assert Order.objects.get(pk=order).stage == "archived"
    for case in Case.objects.filter(order_id=order):
        assert (case.outcome, case.cause and case.cause.key) == ("unreachable", "no_answer")


def test_untouched_cases_go_with_an_import_that_is_undone(team: Team) -> None:
    def load(number: int) -> tuple[int, int]:
        made = Import.objects.create(
            merchant=team.merchant, as_of=timezone.now(), actor_kind="user", actor_id="7", actor_name="王", state="done"
        )
        [order] = stock(team.merchant, {**UNCLEAR, "order_no": f"U{number}"}, import_id=made.pk)
        opening.reconcile(team.merchant.pk)
        return made.pk, order

    (first, gone), (second, kept) = load(1), load(2)
    case = Case.objects.get(order_id=kept)
    cases.take(team.people[Role.AGENT], case.pk, version=case.version)
    who = Actor("user", "7", "王")
    undoing.undo_import(first, merchant=team.merchant.pk, actor=who)
    assert not Order.objects.filter(pk=gone).exists()
    assert not Case.objects.filter(order_id=gone).exists()
    with pytest.raises(UndoRefusedError):
        undoing.undo_import(second, merchant=team.merchant.pk, actor=who)

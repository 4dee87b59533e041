"""Customer lists: who is matched, from when to when, and what becomes of the orders that wait."""

import datetime as dt
import io
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import export_files as exports
import openpyxl
import polars as pl
import pytest
from cast import Browser, Team, make_team
from stock import stock

from qingdan.customers import actions, queries, reading, reviewing, running, sheets
from qingdan.customers.models import Change, Entry, Kind, Mode
from qingdan.customers.reading import Line
from qingdan.intake import actions as imports
from qingdan.intake import runner
from qingdan.intake.models import State
from qingdan.orders import queries as orders
from qingdan.orders.actions import Action, decide
from qingdan.orders.actors import Actor
from qingdan.orders.models import Order, OrderEvent
from qingdan.people.rights import Role
from qingdan.policies.models import Judged

ZONE = ZoneInfo("Asia/Shanghai")
WHO = Actor("user", "7", "王风控")


@pytest.fixture
def team(transactional_db: None, settings: Any) -> Team:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return make_team("ours")


@pytest.fixture
def risk(team: Team) -> Browser:
    return team.browser(Role.RISK)


def upload(browser: Browser, kind: str, text: str, mode: str = "add") -> Any:
    file = io.BytesIO(text.encode("utf-8-sig"))
    file.name = "名单.csv"
    return browser.post("/api/customers/uploads", data={"file": file, "kind": kind, "mode": mode})


def reviewed() -> None:
    for change in Change.objects.filter(finished_at=None).order_by("id"):
        reviewing.run(change.pk)


def put(team: Team, kind: Kind, *lines: Line) -> Change:
    read = reading.ListRead((), lines, ())
    return actions.take_in(team.merchant.id, kind, Mode.ADD, read, file="x.csv", actor=WHO)


def facts(team: Team, when: dt.datetime) -> dict[str, list[Any]]:
    found = queries.with_facts(orders.frame(team.merchant.id), team.merchant.id, when).sort("order_no")
    return found.select("order_no", "vip", "key_account", "blacklisted", "returns_30d").to_dict(as_series=False)


def test_a_list_is_matched_by_buyer_phone_and_order_number(team: Team) -> None:
    now = dt.datetime.now(ZONE)
    stock(
        team.merchant,
        {"order_no": "A1", "channel": "taobao", "buyer_token": "甲"},
        {"order_no": "A2", "channel": "jd", "buyer_token": "甲"},
        {"order_no": "A3", "receiver_phone": "86-13800000003"},
        {"order_no": "A4", "receiver_phone": "138****0003"},
        {"order_no": "A5", "receiver_phone": "13800000003-1234"},
        {"order_no": "A6"},
    )
    put(team, Kind.VIP, Line(channel="taobao", buyer="甲"), Line(phone="13800000003"))
    put(team, Kind.BLACKLIST, Line(buyer="甲"), Line(order_no="A6", expires_on=now.date()))
    put(team, Kind.KEY_ACCOUNT, Line(order_no="A6", expires_on=now.date() - dt.timedelta(days=2)))
    seen = facts(team, now)
    assert seen["vip"] == [True, False, True, False, False, False]
    assert seen["blacklisted"] == [True, True, False, False, False, True]
    assert seen["key_account"] == [False] * 6
    assert not Entry.objects.filter(phone_key__contains="13800000003").exists()
    assert Entry.objects.get(phone_key__gt="").phone_shown == "138******03"


def test_listed_returns_count_by_their_dates_and_once(team: Team) -> None:
    now = dt.datetime(2026, 11, 22, 4, tzinfo=dt.UTC)
    day = dt.date(2026, 11, 22)
    stock(
        team.merchant,
        {"order_no": "B1", "channel": "jd", "buyer_token": "乙", "refund_state": "success", "returns_30d": 0},
        {"order_no": "B2", "channel": "jd", "buyer_token": "乙", "returns_30d": 1},
        {"order_no": "B3", "channel": "jd", "buyer_token": "丙", "returns_30d": 0},
        {"order_no": "B4", "channel": "jd", "buyer_token": "丙", "returns_30d": 0},
    )
    put(
        team,
        Kind.RETURNS,
        Line(buyer="乙", happened_on=day - dt.timedelta(days=29)),
        Line(buyer="乙", happened_on=day - dt.timedelta(days=30)),
        Line(buyer="乙", happened_on=day + dt.timedelta(days=1)),
        Line(order_no="B1", happened_on=day),
        Line(order_no="B3", happened_on=day),
    )
    assert facts(team, now)["returns_30d"] == [1, 2, 0, 1]
    assert facts(team, now - dt.timedelta(days=40))["returns_30d"] == [0, 1, 0, 0]


def test_waiting_orders_are_reviewed_and_say_why_and_hand_decisions_stay(team: Team, risk: Browser) -> None:
    waits = {"channel": "jd", "buyer_token": "丁", "paid_amount": 61_200, "platform_state": "waiting"}
    keys = stock(team.merchant, {"order_no": "C1", **waits}, {"order_no": "C2", **waits}, {"order_no": "C3"})
    decide(keys[1], merchant=team.merchant.id, version=1, action=Action.EXCEPTION, actor=WHO, reason="看过")
    before = {order.order_no: (order.tier, order.stage) for order in Order.objects.all()}
    answer = upload(risk, "vip", "平台,买家标识\n京东,丁\n")
    assert answer.status_code == 200, answer.json()
    reviewed()
    assert Order.objects.get(order_no="C1").vip
    assert Order.objects.get(order_no="C1").tier == "urgent"
    assert before["C1"][0] != "urgent"
    assert not Order.objects.get(order_no="C2").vip
    last = OrderEvent.objects.filter(order_id=keys[0]).order_by("-version")[0]
    assert (last.kind, last.reason) == ("reviewed", "因客户名单“VIP名单”更新，重新审核")
    assert last.changes["vip"] == {"before": False, "after": True}
    assert OrderEvent.objects.filter(order_id=keys[2]).count() == 1
    change = risk.get("/api/customers/changes").json()["rows"][0]
    assert (change["orders"], change["orders_changed"], change["done"], change["by"]) == (1, 1, True, "ours risk")
    assert (change["waiting"], change["seen"], change["progress"]) == (1, 1, 1.0)
    kept = Judged.objects.get(merchant=team.merchant, cause=Judged.Cause.REVIEW)
    assert kept.orders == 1

    # The review of what comes off the list is cancelled, which leaves the order, and goes on later.
    [entry] = risk.get("/api/customers/entries?kind=vip").json()["rows"]
    off = risk.delete(f"/api/customers/entries/{entry['id']}").json()
    assert (off["progress"], off["done"]) == (0.0, False)
    where = f"/api/customers/changes/{off['id']}"
    assert risk.post(f"{where}/cancel").json()["cancelled"]
    reviewed()
    assert Order.objects.get(order_no="C1").vip
    assert not risk.post(f"{where}/resume").json()["done"]
    reviewed()
    assert not Order.objects.get(order_no="C1").vip
    assert Order.objects.get(order_no="C1").tier == before["C1"][0]
    assert risk.delete(f"/api/customers/entries/{entry['id']}").status_code == 404


def test_a_list_is_added_to_replaced_and_searched(team: Team, risk: Browser) -> None:
    first = upload(risk, "blacklist", "买家账号,联系电话,备注\n甲,13800000001,刷单\n乙,,\n").json()
    assert (first["added"], first["kept"], first["removed"]) == (2, 0, 0)
    again = upload(risk, "blacklist", "买家账号,联系电话,备注\n乙,,\n丙,,\n甲,13800000001,恶意退货\n").json()
    assert (again["added"], again["kept"], again["removed"]) == (2, 1, 0)
    swap = upload(risk, "blacklist", "买家账号\n丙\n丁\n", "replace").json()
    assert (swap["added"], swap["kept"], swap["removed"]) == (1, 1, 2)
    assert risk.get("/api/customers/entries?kind=blacklist").json()["total"] == 2
    body = {"kind": "blacklist", "phone": "138 0000 0009"}
    assert risk.post("/api/customers/entries", body).status_code == 200
    assert risk.post("/api/customers/entries", body).status_code == 409
    assert risk.post("/api/customers/entries", {"kind": "blacklist"}).status_code == 422
    [row] = risk.get("/api/customers/entries?kind=blacklist&q=13800000009").json()["rows"]
    assert (row["phone"], row["by"]) == ("138******09", "ours risk")
    assert {one["id"]: one["entries"] for one in risk.get("/api/customers").json()}["blacklist"] == 3
    agent = team.browser(Role.AGENT)
    assert agent.get("/api/customers").status_code == 200
    assert upload(agent, "vip", "买家账号\n甲\n").status_code == 403


def test_rows_that_can_not_be_used_come_back_with_reasons_and_may_be_corrected(team: Team, risk: Browser) -> None:
    text = (
        "平台,买家标识,手机号,订单号,退货日期\n"
        "京东,甲,,,2026/11/1\n"
        "淘宝,,138****0001,,2026-11-01\n"
        "火星,乙,,,2026-11-01\n"
        "京东,丙,,,\n"
        "京东,丁,,,昨天\n"
        ",,,,2026-11-01\n"
        ",,12345,,2026-11-01\n"
        ",,,2.6E+18,2026-11-01\n"
        ",,,,\n"
    )
    answer = upload(risk, "returns", text).json()
    assert (answer["added"], answer["refused"]) == (1, 7)
    reasons = [one["reason"] for one in Change.objects.get().refusals]
    assert reasons == ["masked", "bad_channel", "no_date", "bad_date", "no_identity", "bad_phone", "damaged_id"]
    sheet = risk.get(f"/api/customers/changes/{answer['id']}/refused.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(sheet.streaming_content)))
    heads, *rows = book.worksheets[0].iter_rows(values_only=True)
    assert heads[:5] == ("平台", "买家标识", "手机号", "订单号", "退货日期")
    assert rows[2][:5] == ("京东", "丙", "", "", "")
    assert "日期" in rows[2][heads.index("原因")]
    book.worksheets[0].cell(4, 5).value = "2026-11-02"
    corrected = io.BytesIO()
    book.save(corrected)
    corrected.seek(0)
    corrected.name = "改好.xlsx"
    answer = risk.post("/api/customers/uploads", data={"file": corrected, "kind": "returns", "mode": "add"}).json()
    assert (answer["added"], answer["refused"]) == (1, 6)
    for text in ("考勤,姓名\n1,2\n", ""):
        problem = upload(risk, "vip", text)
        assert problem.status_code == 422
        assert problem.json()["error"]["advice_zh"]


def test_the_template_is_read_as_it_is_given(tmp_path: Path) -> None:
    for kind in Kind:
        path = tmp_path / f"{kind.value}.xlsx"
        with sheets.template(kind, "zh") as file:
            path.write_bytes(file.read())
        read = running.read(path, kind, name=path.name)
        assert ("退货日期" in read.titles) == (kind == Kind.RETURNS)
        assert read.lines == ()


def test_what_expires_leaves_the_list_and_the_orders(team: Team) -> None:
    stock(team.merchant, {"order_no": "D1", "buyer_token": "戊", "platform_state": "waiting", "paid_amount": 61_200})
    today = dt.datetime.now(ZONE)
    put(team, Kind.VIP, Line(buyer="戊", expires_on=today.date()))
    reviewed()
    assert Order.objects.get().vip
    assert actions.expire(today) == 0
    assert actions.expire(today + dt.timedelta(days=2)) == 1
    reviewed()
    assert not Order.objects.get().vip
    assert Change.objects.filter(mode=Mode.EXPIRE).count() == 1


def test_no_list_costs_an_import_nothing(team: Team) -> None:
    frame = orders.frame(team.merchant.id)
    assert queries.with_facts(frame, team.merchant.id, dt.datetime.now(dt.UTC)).equals(
        frame.with_columns(pl.lit(value=False).alias(n) for n in ("vip", "key_account", "blacklisted"))
    )


def test_an_import_knows_the_lists(team: Team, tmp_path: Path) -> None:
    put(team, Kind.VIP, Line(phone="13800000000"))
    path = exports.csv_file(tmp_path, [exports.row(1), exports.row(2, 手机="13900000000")])
    with path.open("rb") as stream:
        made = imports.create_import(
            team.merchant.id,
            [imports.Upload(path.name, stream)],
            actor=WHO,
            as_of=exports.AS_OF,
            queue=False,
        )
    assert runner.run(made.pk) is State.DONE
    seen = {o.order_no[-1]: (o.vip, o.tier) for o in Order.objects.all()}
    assert seen == {"1": (True, "urgent"), "2": (False, "regular")}

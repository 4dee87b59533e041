"""Bills in, orders matched, differences settled: through the child, the store and the API."""

import datetime as dt
import io
import itertools
import zipfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import bill_files
import openpyxl
import pytest
from cast import Browser, Team, make_team
from django.db import connection
from stock import stock

from qingdan.finance import actions, queries, reading, rematching, running
from qingdan.finance.models import BillEntry, BillFile, MatchRun, Payment
from qingdan.intake import actions as imports
from qingdan.intake import runner
from qingdan.orders.actions import Action, decide
from qingdan.orders.actors import Actor
from qingdan.orders.models import Merchant, Order, OrderEvent
from qingdan.people.rights import Role
from qingdan.sandbox.samples import write_sample

WHO = Actor("user", "7", "赵财务")
PAID = dt.datetime(2026, 11, 11, 2, tzinfo=dt.UTC)
HEAD = (
    "#支付宝账务明细查询\n"
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,收入金额（+元）,支出金额（-元）,业务类型,业务基础订单号\n"
)


@pytest.fixture
def team(transactional_db: None, settings: Any, tmp_path: Any) -> Team:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.UPLOADS = str(tmp_path / "uploads")
    return make_team("ours")


@pytest.fixture
def finance(team: Team) -> Browser:
    return team.browser(Role.FINANCE)


def row(entry: str, order: str, yuan: str, *, out: str = "", kind: str = "交易付款", trade: str = "") -> str:
    at = "2026-11-11 10:01:00"
    return f"{entry},{trade or 'P' + entry},T200P{order},暖风机,{at},{yuan},{out},{kind},{order}\n"


def bill(*rows: str, name: str = "账务明细.csv") -> actions.Upload:
    return actions.Upload(name, io.BytesIO((HEAD + "".join(rows) + "#账务明细列表结束\n").encode("gb18030")))


def take(team: Team, *uploads: actions.Upload) -> list[BillFile]:
    made = actions.create_bills(team.merchant.id, uploads, actor=WHO)
    for one in made:
        running.run(one.pk)
        one.refresh_from_db()
    rematching.run(team.merchant.id)
    return made


def order(number: str, fen: int, **more: Any) -> dict[str, Any]:
    return {"order_no": number, "paid_amount": fen, "paid_at": PAID, "created_at": PAID, "pay_method": None} | more


def states(team: Team) -> dict[str, tuple[str, int]]:
    rows = Payment.objects.filter(merchant=team.merchant).values_list("order__order_no", "state", "difference")
    return {number: (state, difference) for number, state, difference in rows}


def test_a_bill_names_each_difference_and_a_second_time_changes_nothing(team: Team) -> None:
    numbers = [f"33043756214264300{n:02}" for n in range(6)]
    full, short, double, missing, other_day, unexpected = numbers
    stock(
        team.merchant,
        order(full, 10_000),
        order(short, 10_000),
        order(double, 10_000),
        order(missing, 10_000),
        order(other_day, 10_000, paid_at=PAID + dt.timedelta(days=2)),
        order(unexpected, 10_000, pay_status="unpaid", platform_state="unpaid"),
    )
    rows = [
        row("1", full, "100.00"),
        row("2", short, "80.00"),
        row("3", double, "100.00"),
        row("4", double, "100.00"),
        row("5", unexpected, "100.00"),
        row("6", "3304375621426499999", "12.00"),
    ]
    [first] = take(team, bill(*rows))
    assert (first.state, first.rows, first.new, first.refused, first.problem) == ("done", 6, 6, 0, None)
    expected = {
        full: ("full", 0),
        short: ("short", -2_000),
        double: ("double", 10_000),
        missing: ("missing", -10_000),
        unexpected: ("unexpected", 0),
    }
    assert states(team) == expected
    before = list(Payment.objects.order_by("order_id").values())
    versions = dict(Order.objects.values_list("order_no", "version"))
    [again] = take(team, bill(*rows))
    assert (again.rows, again.new) == (6, 0)
    [more] = take(team, bill(*rows, row("7", short, "20.00")))
    assert more.new == 1
    assert states(team) == expected | {short: ("full", 0)}
    untouched = [
        one for one in Payment.objects.order_by("order_id").values() if one["order_id"] != before[1]["order_id"]
    ]
    assert untouched == [one for one in before if one["order_id"] != before[1]["order_id"]]
    assert dict(Order.objects.exclude(order_no=short).values_list("order_no", "version")) == {
        number: version for number, version in versions.items() if number != short
    }
    [stray] = BillEntry.objects.filter(order_id=None)
    assert stray.amount == 1_200
    assert not MatchRun.objects.filter(finished_at=None).exists()
    assert not list(actions.bill_path("-").parent.iterdir())


def test_archives_hold_bills_and_summaries_and_refused_rows_are_given_back(team: Team, finance: Browser) -> None:
    packed = io.BytesIO()
    summary = (
        "#支付宝账务汇总查询\n类型,收入笔数,收入金额（+元）,支出笔数,支出金额（-元）,总金额（元）\n合计,1,1,0,0,1\n"
    )
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in (
            ("2088_账务明细.csv", HEAD + row("1", "1" * 15, "1.00") + row("2", "2" * 15, "一元")),
            ("2088_账务汇总.csv", summary),
        ):
            member = zipfile.ZipInfo(name.encode("gbk").decode("cp437"))
            archive.writestr(member, text.encode("gb18030"))
    packed.seek(0)
    packed.name = "20881234_账务.zip"
    answer = finance.post("/api/payments/bills", data={"files": packed})
    assert answer.status_code == 200, answer.json()
    running.run(answer.json()[0]["id"])
    [told] = finance.get("/api/payments/bills").json()["rows"]
    assert (told["state"], told["rows"], told["new"], told["refused"], told["by"]) == ("done", 2, 1, 1, "ours finance")
    assert [part["format_zh"] for part in told["parts"]] == ["支付宝账务明细"]
    sheet = finance.get(f"/api/payments/bills/{told['id']}/refused.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(sheet.streaming_content)))
    [_, cells] = book.active.iter_rows(values_only=True)
    sheet.close()
    assert cells[1:5] == (4, "收入金额（+元）", "一元", "金额“一元”不是数字。")
    bad = io.BytesIO("订单号,金额\n1,2\n".encode())
    bad.name = "x.csv"
    running.run(finance.post("/api/payments/bills", data={"files": bad}).json()[0]["id"])
    told = finance.get("/api/payments/bills").json()["rows"][0]
    assert (told["state"], told["problem"]["id"]) == ("failed", "finance.bill_unknown")


WORLD = (
    order("330437562142643001", 500),
    order("330437562142643002", 700, payment_no="P9"),
    order("330437562142643003", 900),
    order("S1", 300, channel="youzan", payment_no="W1", pay_method="alipay"),
    order("S2", 300, channel="youzan", payment_no="W1", pay_method="alipay"),
)
BILLS = (
    (row("1", "330437562142643001", "5.00"), row("2", "", "7.00", trade="P9")),
    (row("2", "", "7.00", trade="P9"), row("3", "", "", out="7.00", kind="交易退款", trade="P9")),
    (row("4", "", "3.00", trade="W1"), row("5", "330437562142643001", "5.00")),
)


def test_whatever_comes_first_the_payments_are_the_same(team: Team, tmp_path: Path) -> None:
    steps: list[Any] = [WORLD[:2], WORLD[2:4], WORLD[4:], *BILLS]
    outcomes = set()
    for number, places in enumerate(itertools.permutations(range(len(steps)))):
        if number % 71:
            continue
        other = Team(Merchant.objects.create(name=f"team {number}"), {})
        for place in places:
            if place < 3:
                known = set(Order.objects.filter(merchant=other.merchant).values_list("id", flat=True))
                ids = stock(other.merchant, *steps[place])
                assert not known & set(ids)
                _imported(other, ids)
            else:
                _told(other, steps[place], tmp_path / f"{number}-{place}")
        outcomes.add(
            tuple(
                Payment.objects.filter(merchant=other.merchant)
                .order_by("order__order_no")
                .values_list("order__order_no", "state", "due", "paid", "refunded", "difference", "payments")
            )
        )
    [outcome] = outcomes
    assert {one[0]: one[1] for one in outcome} == {
        "330437562142643001": "double",
        "330437562142643002": "refunded",
        "330437562142643003": "missing",
        "S1": "missing",
        "S2": "missing",
    }


def _imported(team: Team, ids: list[int]) -> None:
    """Match as after an import of these orders, whose events carry its number."""
    number = ids[0]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE orders_orderevent DISABLE TRIGGER USER")
        cursor.execute("UPDATE orders_orderevent SET import_id = %s WHERE order_id = ANY(%s)", [number, ids])
        cursor.execute("ALTER TABLE orders_orderevent ENABLE TRIGGER USER")
    actions.match_import(team.merchant.id, number)
    rematching.run(team.merchant.id)


def _told(team: Team, rows: tuple[str, ...], folder: Path) -> None:
    """Take a bill in without a process of its own."""
    [made] = actions.create_bills(team.merchant.id, [bill(*rows)], actor=WHO)
    folder.mkdir(parents=True)
    events: list[Any] = []
    paths = {"path": str(actions.bill_path(made.sha256)), "name": made.name, "folder": str(folder), "passwords": []}
    reading.read(paths, events.append)
    running.store(made, [event for event in events if event["event"] == "bill"], folder)
    rematching.run(team.merchant.id)


def test_a_difference_is_settled_with_a_note_and_opens_again(team: Team, finance: Browser) -> None:
    [waits, other] = stock(team.merchant, order("330437562142643001", 61_200), order("330437562142643002", 61_200))
    decide(other, merchant=team.merchant.id, version=1, action=Action.EXCEPTION, actor=WHO, reason="看过")
    take(team, bill(row("1", "330437562142643001", "600.00"), row("2", "330437562142643002", "600.00")))
    assert Order.objects.get(pk=waits).payment_match == "short"
    assert Order.objects.get(pk=other).payment_match == "none"
    last = OrderEvent.objects.filter(order_id=waits).order_by("-version")[0]
    assert (last.kind, last.reason) == ("reviewed", "因支付账单核对为“少付”，重新审核")
    [one] = [r for r in finance.get("/api/payments").json()["rows"] if r["order_id"] == waits]
    assert (one["state"], one["due"], one["paid"], one["difference"]) == ("short", 61_200, 60_000, -1_200)
    assert [entry["amount"] for entry in one["entries"]] == [60_000]
    seen = {"order_id": waits, "state": "short", "difference": -1_200}
    assert finance.post("/api/payments/settle", {"payments": [seen], "note": " "}).status_code == 422
    stale = {"payments": [{**seen, "difference": -1}], "note": "已补款"}
    assert finance.post("/api/payments/settle", stale).status_code == 409
    [done] = finance.post("/api/payments/settle", {"payments": [seen], "note": "买家已补款"}).json()
    assert (done["settled_by"], done["note"]) == ("ours finance", "买家已补款")
    assert Order.objects.get(pk=waits).payment_match == "settled"
    assert finance.get("/api/payments?settled=false").json()["total"] == 1
    take(team, bill(row("3", "330437562142643001", "12.50")))
    again = finance.get("/api/payments?q=330437562142643001").json()["rows"][0]
    assert (again["state"], again["difference"], again["settled_at"]) == ("over", 50, None)
    assert [event["kind"] for event in again["events"]] == ["reopened", "settled"]
    assert Order.objects.get(pk=waits).payment_match == "over"
    summary = finance.get("/api/payments/summary").json()
    assert (summary["differences"], summary["not_ours"]) == (2, 0)


@pytest.mark.parametrize("role", list(Role))
def test_only_finance_and_those_above_see_payments(team: Team, role: Role) -> None:
    may = role in {Role.FINANCE, Role.SUPERVISOR, Role.ADMIN}
    browser = team.browser(role)
    for path in ("", "/summary", "/not-ours", "/bills"):
        assert browser.get(f"/api/payments{path}").status_code == (200 if may else 403)
    note = {"payments": [{"order_id": 1, "state": "short", "difference": 0}], "note": "x"}
    assert browser.post("/api/payments/settle", note).status_code == (404 if may else 403)


def test_a_deleted_order_takes_its_payment_along(team: Team) -> None:
    [key] = stock(team.merchant, order("330437562142643001", 500))
    take(team, bill(row("1", "330437562142643001", "5.00")))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE orders_orderevent DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM orders_orderevent WHERE order_id = %s", [key])
        cursor.execute("DELETE FROM orders_orderline WHERE order_id = %s", [key])
        cursor.execute("ALTER TABLE orders_orderevent ENABLE TRIGGER USER")
        cursor.execute("DELETE FROM orders_order WHERE id = %s", [key])
    assert not Payment.objects.exists()
    assert BillEntry.objects.get().order_id is None


def test_every_kind_of_bill_goes_in(team: Team) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in bill_files.ENCODINGS:
            archive.writestr(f"{name}.csv", bill_files.bill(name))
    packed.seek(0)
    [one] = take(team, actions.Upload("bills.zip", packed))
    assert {part["format"]: part["problem"] for part in one.parts} == dict.fromkeys(bill_files.ENCODINGS)
    assert all(part["new"] for part in one.parts)


def test_every_difference_of_a_sample_is_found_and_none_invented(team: Team, tmp_path: Path) -> None:
    told = write_sample("s1", tmp_path / "s1", seed=3, count=500, with_bills=True)
    files = [tmp_path / "s1" / name for name in dict.fromkeys(file["name"] for file in told["files"])]
    with ExitStack() as stack:
        uploads = [imports.Upload(path.name, stack.enter_context(path.open("rb"))) for path in files]
        as_of = dt.datetime(2026, 11, 12, 1, tzinfo=dt.UTC)
        made = imports.create_import(team.merchant.id, uploads, actor=WHO, as_of=as_of)
    bills = [tmp_path / "s1" / file["name"] for file in told["bills"]["files"]]
    actions.create_bills(
        team.merchant.id, [actions.Upload(path.name, io.BytesIO(path.read_bytes())) for path in bills], actor=WHO
    )
    for bill_id in BillFile.objects.values_list("id", flat=True):
        running.run(bill_id)
    assert runner.run(made.pk) == "done"
    rematching.run(team.merchant.id)
    found = states(team)
    planted = {number: state for state, numbers in told["bills"]["planted"].items() for number in numbers}
    assert {number: state for number, (state, _) in found.items() if state != "full"} == planted
    assert len(found) == sum(told["bills"]["totals"].values())
    assert queries.not_ours_totals(team.merchant.id)["entries"] == told["bills"]["not_ours"]
    waiting = Order.objects.filter(stage__in=["in_review", "held", "exception"], channel="pdd", pay_status="paid")
    assert set(waiting.values_list("payment_match", flat=True)) <= {"full", *told["bills"]["planted"]}


def test_a_protected_workbook_waits_for_its_password_and_what_was_paid_out_is_not_missing(
    team: Team, finance: Browser
) -> None:
    """The Alipay statement knows of one order; the other was paid by WeChat, which only Taobao's movements tell."""
    paid, elsewhere = "330437562142643001", "330437562142643002"
    stock(team.merchant, *(order(number, 500, channel="taobao") for number in (paid, elsewhere)))
    book = openpyxl.Workbook()
    book.active.append(["说明", "请勿修改"])
    sheet = book.create_sheet("动账")
    sheet.append(
        ["入帐日期", "入帐时间", "支付流水号", "主订单id", "入帐类型", "收入金额(元)", "支出金额(元)", "收/付渠道"]
    )
    day = dt.datetime(2026, 11, 14)  # noqa: DTZ001 - as a spreadsheet keeps it
    sheet.append([day, dt.time(13, 0), "2026111400009", elsewhere, "交易收款", 5.0, None, "微信"])
    plain = io.BytesIO()
    book.save(plain)
    sealed = bill_files.packed("动账.xlsx", bill_files.protected(plain.getvalue(), "甲1"), "乙2")
    alipay = bill(row("1", paid, "5.00"))
    made = take(team, alipay, actions.Upload("千牛.zip", io.BytesIO(sealed)))[1]
    assert (made.state, made.locked, made.problem["id"]) == ("failed", True, "file_encrypted")
    assert states(team) == {paid: ("full", 0), elsewhere: ("missing", -500)}

    def unlock(*passwords: str) -> BillFile:
        answer = finance.post(f"/api/payments/bills/{made.pk}/passwords", {"passwords": passwords})
        assert answer.status_code == 200, answer.json()
        assert "乙2".encode() not in bytes(BillFile.objects.get(pk=made.pk).sealed)
        running.run(made.pk)
        rematching.run(team.merchant.id)
        return BillFile.objects.get(pk=made.pk)

    again = unlock("乙2")
    assert (again.locked, again.problem["id"]) == (True, "password_wrong")
    opened = unlock("乙2", "甲1")
    assert (opened.state, opened.locked, opened.sealed, opened.problem) == ("done", False, None, None)
    assert [(part["file"], part["new"]) for part in opened.parts] == [("千牛.zip › 动账.xlsx › 动账", 1)]
    assert states(team) == {paid: ("full", 0)}
    assert not list(actions.bill_path("-").parent.iterdir())
    assert finance.post(f"/api/payments/bills/{made.pk}/passwords", {"passwords": ["x"]}).status_code == 404

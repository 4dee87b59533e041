import csv
import io
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from cast import Browser, Team
from stock import STARTER, stock

from qingdan.core.fields import FIELDS, LINE_FIELDS, ORDER_FIELDS
from qingdan.orders.models import Order, OrderLine, Shop
from qingdan.people.models import Access
from qingdan.people.rights import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(ours: Team) -> Browser:
    return ours.browser(Role.AGENT)


@pytest.fixture
def supervisor(ours: Team) -> Browser:
    return ours.browser(Role.SUPERVISOR)


def found(browser: Browser, query: str) -> list[str]:
    answer = browser.get(f"/api/orders?{query}")
    assert answer.status_code == 200, answer.json()
    body = answer.json()
    assert body["total"] == len(body["rows"])
    return sorted(row["order_no"] for row in body["rows"])


def test_a_row_has_what_the_page_shows_with_the_receiver_masked(ours: Team, agent: Browser) -> None:
    stock(ours.merchant, {"order_no": "A1", "paid_amount": 61_200})

    [row] = agent.get("/api/orders").json()["rows"]

    assert row["order_no"] == "A1"
    assert row["shop"] == "旗舰店"
    assert (row["stage"], row["verdict"], row["tier"]) == ("in_review", "review", "regular")
    assert row["reasons"] == ["amount_region"]
    assert row["owner_role"] == "front_line"
    assert row["paid_amount"] == 61_200
    assert row["receiver_name"] == "王**"
    assert row["overdue"] is False
    assert row["version"] == 1
    assert row["due_at"] == row["resolve_by"]


def test_every_filter_narrows_and_filters_add_up(ours: Team, agent: Browser) -> None:
    morning = datetime(2026, 11, 12, 1, tzinfo=UTC)
    stock(
        ours.merchant,
        {"order_no": "released"},
        {"order_no": "review", "paid_amount": 61_200, "created_at": morning},
        {"order_no": "exception", "paid_amount": 900_000, "province": "广东"},
        {"order_no": "nowhere", "province": None},
        {"order_no": "urgent", "channel": "jd", "shop": "京东店", "seller_memo": "客户催发", "paid_amount": 70_000},
    )
    jd = Shop.objects.get(merchant=ours.merchant, channel="jd").id

    assert found(agent, "stage=released") == ["released"]
    assert found(agent, "stage=released&stage=in_review") == ["released", "review", "urgent"]
    assert found(agent, "channel=jd") == ["urgent"]
    assert found(agent, f"shop={jd}") == ["urgent"]
    assert found(agent, "province=广东") == ["exception"]
    assert found(agent, "province=-") == ["nowhere"]
    assert found(agent, "province=none&province=广东") == ["exception", "nowhere"]
    assert found(agent, "tier=urgent") == ["urgent"]
    assert found(agent, "verdict=exception") == ["exception", "nowhere"]
    assert found(agent, "owner_role=risk") == ["exception", "nowhere"]
    assert found(agent, "reason=amount_abnormal&reason=address_unclear") == ["exception", "nowhere"]
    assert found(agent, "amount_min=612.00&amount_max=700") == ["review", "urgent"]
    assert found(agent, "created_from=2026-11-12&created_to=2026-11-12") == ["review"]
    assert found(agent, "created_to=2026-11-11") == []
    assert found(agent, "q=urg") == ["urgent"]
    assert found(agent, "q=催发") == ["urgent"]
    assert found(agent, "q=王小明&stage=released") == ["released"]
    assert found(agent, "stage=released&channel=jd") == []


def test_days_are_days_of_the_shop(ours: Team, agent: Browser) -> None:
    stock(
        ours.merchant,
        {"order_no": "midnight", "created_at": datetime(2026, 11, 10, 16, tzinfo=UTC)},
        {"order_no": "before", "created_at": datetime(2026, 11, 10, 15, 59, 59, tzinfo=UTC)},
    )

    assert found(agent, "created_from=2026-11-11&created_to=2026-11-11") == ["midnight"]


def test_overdue_and_due_soon_look_at_the_backlog(ours: Team, agent: Browser) -> None:
    now = datetime.now(UTC)
    late = {"paid_amount": 61_200, "order_no": "late"}
    stock(ours.merchant, late, {"order_no": "late-but-released"}, as_of=now - timedelta(hours=25))
    stock(ours.merchant, {"paid_amount": 61_200, "order_no": "soon"}, as_of=now - timedelta(hours=23))

    assert found(agent, "overdue=1") == ["late"]
    assert found(agent, "due_within=2") == ["soon"]
    assert [row["overdue"] for row in agent.get("/api/orders?overdue=1").json()["rows"]] == [True]


def test_late_is_what_has_not_left_by_the_time_promised_to_the_buyer(ours: Team, agent: Browser) -> None:
    now = datetime.now(UTC)
    past, ahead = {"ship_by": now - timedelta(hours=1)}, {"ship_by": now + timedelta(hours=1)}
    stock(
        ours.merchant,
        {"order_no": "cleared", **past},
        {"order_no": "waiting", "paid_amount": 61_200, **past},
        {"order_no": "gone", "platform_state": "shipped", **past},
        {"order_no": "in-time", **ahead},
    )

    assert found(agent, "late=1") == ["cleared", "waiting"]
    assert found(agent, "late=1&stage=released") == ["cleared"]
    rows = agent.get("/api/orders").json()["rows"]
    assert {row["order_no"] for row in rows if row["late"]} == {"cleared", "waiting"}


def test_a_merchants_code_finds_the_orders_that_hold_it(ours: Team, theirs: Team, agent: Browser) -> None:
    first, second, _ = stock(ours.merchant, {"order_no": "A"}, {"order_no": "B"}, {"order_no": "C"})
    [foreign] = stock(theirs.merchant, {"order_no": "A"})
    for order, code in ((first, "KET-1001-W"), (second, "KET-1002"), (foreign, "KET-1001-W")):
        OrderLine.objects.filter(order_id=order).update(sku_code=code)

    assert found(agent, "q=KET-1001-W") == ["A"]
    assert found(agent, "q=ket-100") == ["A", "B"]
    assert found(agent, "q=1001-W") == []


def test_the_orders_that_an_import_changed_last_can_be_asked_for(ours: Team, agent: Browser) -> None:
    seventh, eighth, _ = stock(ours.merchant, {"order_no": "A"}, {"order_no": "B", "paid_amount": 61_200}, {})
    Order.objects.filter(id=seventh).update(last_import=7)
    Order.objects.filter(id=eighth).update(last_import=8)

    assert found(agent, "import=7") == ["A"]
    assert found(agent, "import=8&verdict=review") == ["B"]
    assert found(agent, "import=9") == []


def test_numbers_inside_notes_are_hidden_until_asked_for(ours: Team, agent: Browser, supervisor: Browser) -> None:
    said = {"buyer_message": "到了打13800000001，不然打12315", "seller_memo": "座机0571-88000001"}
    [key] = stock(ours.merchant, said)

    row = agent.get("/api/orders").json()["rows"][0]
    card = agent.get(f"/api/orders/{key}").json()["order"]
    export = body_of(supervisor.post("/api/orders/export", {"filters": {}, "format": "csv"})).decode("utf-8-sig")

    for shown in (row, card):
        assert shown["buyer_message"] == "到了打138****0001，不然打12315"
        assert shown["seller_memo"] == "座机057****0001"
    assert "138****0001" in export
    assert "13800000001" not in export
    assert "88000001" not in export
    assert agent.post(f"/api/orders/{key}/unmask", {"reason": "打电话"}).json().items() >= said.items()


def test_pages_hold_every_order_once_in_the_order_asked_for(ours: Team, agent: Browser) -> None:
    stock(ours.merchant, *({"paid_amount": 100 * (1 + n % 3)} for n in range(7)))
    seen: list[tuple[int, int]] = []
    for page in (1, 2, 3, 4):
        body = agent.get(f"/api/orders?sort=-paid_amount&size=2&page={page}").json()
        assert body["total"] == 7
        seen += [(row["paid_amount"], row["id"]) for row in body["rows"]]

    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == 7


@pytest.mark.parametrize(
    "query",
    ["sort=address", "sort=merchant__name", "page=0", "size=1000", "shop=x", "amount_min=1.234", "created_from=x"],
)
def test_what_makes_no_sense_is_refused_with_the_place(ours: Team, agent: Browser, query: str) -> None:
    answer = agent.get(f"/api/orders?{query}")

    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["code"] == "bad_values"
    assert query.split("=", maxsplit=1)[0] in str(error["details"]["fields"])


def test_the_card_shows_every_field_of_the_catalogue_and_no_receiver(ours: Team, agent: Browser) -> None:
    [key] = stock(ours.merchant, {"paid_amount": 61_200})

    card = agent.get(f"/api/orders/{key}").json()

    assert set(card["order"]) == {f.id for f in ORDER_FIELDS} | {"id", "version"}
    assert [set(line) for line in card["lines"]] == [{f.id for f in LINE_FIELDS}]
    told = str(card)
    assert "王小明" not in told
    assert "13800001234" not in told
    assert "100号" not in told


@pytest.mark.parametrize(
    ("language", "title", "actual"), [("zh", "小额大陆", "612.00元"), ("en", "小额大陆", "612.00")]
)
def test_the_card_says_why_with_the_value_seen(
    ours: Team, agent: Browser, language: str, title: str, actual: str
) -> None:
    [key] = stock(ours.merchant, {"paid_amount": 61_200})

    card = agent.get(f"/api/orders/{key}", headers={"Accept-Language": language}).json()

    why = {rule["id"]: rule for rule in card["explanation"]["rules"]}
    assert card["explanation"]["policy"]["hash"] == STARTER.policy.hash
    assert why["amount_region"]["title"]["zh"] == title
    assert why["amount_region"]["result"] == "false"
    assert actual in why["amount_region"]["because"][0]["actual"]
    assert why["trust"]["result"] == "true"
    assert card["explanation"]["tier"]["id"] == "regular"
    assert card["decision"]["decided_by"] is None or card["decision"]["decided_by"]["kind"] == "policy"
    assert [event["kind"] for event in card["events"]] == ["imported"]


def test_a_decision_is_recorded_with_its_reason_and_its_person(ours: Team, agent: Browser) -> None:
    [key] = stock(ours.merchant, {"paid_amount": 61_200})

    row = agent.post(f"/api/orders/{key}/decide", {"action": "release", "reason": "老客户", "version": 1}).json()

    assert (row["stage"], row["version"]) == ("released", 2)
    card = agent.get(f"/api/orders/{key}").json()
    assert card["decision"]["decided_by"] == {"kind": "user", "name": "ours agent"}
    event = card["events"][0]
    assert (event["kind"], event["actor"]["name"], event["reason"]) == ("decided", "ours agent", "老客户")
    assert (event["from_stage"], event["to_stage"]) == ("in_review", "released")


def test_a_decision_on_an_old_version_gets_the_newest_row(ours: Team, agent: Browser) -> None:
    [key] = stock(ours.merchant, {"paid_amount": 61_200})
    agent.post(f"/api/orders/{key}/decide", {"action": "exception", "reason": "待查", "version": 1})

    answer = agent.post(f"/api/orders/{key}/decide", {"action": "release", "reason": "", "version": 1})

    assert answer.status_code == 409
    error = answer.json()["error"]
    assert error["zh"]
    assert error["details"]["order"]["version"] == 2
    assert error["details"]["order"]["stage"] == "exception"
    assert Order.objects.get(id=key).stage == "exception"


def test_a_move_that_may_not_be_is_refused(ours: Team, agent: Browser) -> None:
    [key] = stock(ours.merchant, {"platform_state": "shipped"})

    answer = agent.post(f"/api/orders/{key}/decide", {"action": "release", "reason": "", "version": 1})

    assert answer.status_code == 422
    assert answer.json()["error"]["advice_zh"]


def test_unmasking_shows_the_receiver_and_is_on_the_record(ours: Team, agent: Browser) -> None:
    [key] = stock(ours.merchant, {})

    seen = agent.post(f"/api/orders/{key}/unmask", {"reason": "电话核对地址"})

    assert seen.json() == {
        "receiver_name": "王小明",
        "receiver_phone": "13800001234",
        "address": "文三路100号3栋201室",
        "buyer_message": "",
        "seller_memo": "",
    }
    assert seen["Cache-Control"] == "no-store"
    access = Access.objects.get()
    assert (access.operation, access.order_id, access.user, access.reason) == (
        "unmask",
        key,
        ours.people[Role.AGENT],
        "电话核对地址",
    )
    card = agent.get(f"/api/orders/{key}").json()
    assert [event["kind"] for event in card["events"]] == ["unmasked", "imported"]
    assert card["order"]["version"] == 1


def test_unmasking_asks_for_a_reason(ours: Team, agent: Browser) -> None:
    [key] = stock(ours.merchant, {})

    assert agent.post(f"/api/orders/{key}/unmask", {"reason": ""}).status_code == 422
    assert Access.objects.count() == 0


HOSTILE = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "＝1", "　＝1", " =1"]


def hostile(ours: Team) -> None:
    stock(ours.merchant, *({"order_no": f"H{n}", "seller_memo": text} for n, text in enumerate(HOSTILE)))


def body_of(answer: Any) -> bytes:
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content)


def test_the_csv_export_has_every_field_masked_and_nothing_to_calculate(ours: Team, supervisor: Browser) -> None:
    hostile(ours)

    answer = supervisor.post("/api/orders/export", {"filters": {}, "format": "csv"})
    text = body_of(answer).decode("utf-8-sig")

    heads, *rows = csv.reader(io.StringIO(text))
    assert set(heads) >= {f.zh for f in ORDER_FIELDS}
    assert len(rows) == len(HOSTILE)
    assert "王小明" not in text
    assert "13800001234" not in text
    assert not [cell for row in rows for cell in row if cell.strip(" \t　")[:1] in set("=+-@＝＋－＠")]
    memo = heads.index(FIELDS["seller_memo"].zh)
    assert {row[memo].lstrip("'") for row in rows} == set(HOSTILE)
    assert {row[heads.index(FIELDS["paid_amount"].zh)] for row in rows} == {"123.00"}


def test_the_xlsx_export_keeps_text_as_text(ours: Team, supervisor: Browser) -> None:
    hostile(ours)

    answer = supervisor.post("/api/orders/export", {"filters": {"stage": ["released"]}, "format": "xlsx"})

    sheet = openpyxl.load_workbook(io.BytesIO(body_of(answer))).active
    assert sheet is not None
    assert sheet.max_row == 1 + len(HOSTILE)
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert answer["Content-Disposition"].startswith("attachment")


def test_an_export_holds_what_the_filter_finds_and_is_on_the_record(ours: Team, supervisor: Browser) -> None:
    stock(ours.merchant, {"order_no": "A"}, {"order_no": "B", "paid_amount": 61_200})

    text = body_of(
        supervisor.post("/api/orders/export", {"filters": {"stage": ["in_review"]}, "format": "csv"})
    ).decode("utf-8-sig")

    assert [row["订单号"] for row in csv.DictReader(io.StringIO(text))] == ["B"]
    access = Access.objects.get()
    assert access.operation == "export"
    assert access.details == {"filters": {"stage": ["in_review"]}, "format": "csv", "masked": True}


def test_an_export_of_nothing_has_the_headings(ours: Team, supervisor: Browser) -> None:
    answer = supervisor.post("/api/orders/export", {"filters": {}, "format": "csv"})

    assert body_of(answer).decode("utf-8-sig").count("\n") == 1


def test_an_export_with_lines_and_one_in_clear_are_asked_for(ours: Team, supervisor: Browser) -> None:
    stock(ours.merchant, {"order_no": "A1", "receiver_phone": "13800000001"})

    answer = supervisor.post("/api/orders/export", {"filters": {}, "format": "zip"})
    archive = zipfile.ZipFile(io.BytesIO(body_of(answer)))
    assert archive.namelist() == ["订单.csv", "商品明细.csv"]
    assert "明细号" in archive.read("商品明细.csv").decode("utf-8-sig")
    body: dict[str, Any] = {"filters": {}, "format": "csv", "unmask": {"reason": "发给物流核对"}}
    assert "13800000001" in body_of(supervisor.post("/api/orders/export", body)).decode("utf-8-sig")
    access = Access.objects.order_by("-id")[0]
    assert (access.reason, access.details["masked"]) == ("发给物流核对", False)
    assert ours.browser(Role.WAREHOUSE).post("/api/orders/export", body).status_code == 403
    body["unmask"] = {"reason": ""}
    assert supervisor.post("/api/orders/export", body).status_code == 422

"""Warehouses without an interface, and those that speak plain JSON."""

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from qingdan.fulfilment.delivery import Delivery, Line, weigh
from qingdan.fulfilment.wms import (
    Access,
    BadMessageError,
    Happened,
    Incoming,
    Meaning,
    NotSendableError,
    Reply,
    UnauthenticError,
    signing,
)
from qingdan.fulfilment.wms.filedrop import FileDrop, ReleaseList
from qingdan.fulfilment.wms.webhook import WebhookAdapter, WebhookListener

NOW = datetime(2026, 1, 1, 2, 0, tzinfo=UTC)
HOOK = Access(3, "自有系统", {"url": "https://wms.example/in", "query_url": "https://wms.example/d"}, "s3")


def delivery(order: int = 7, **changed: Any) -> Delivery:
    facts: dict[str, Any] = {
        "channel": "pdd",
        "shop": "旗舰店",
        "order_no": "260101123456789012",
        "receiver_name": "测试甲",
        "receiver_phone": "13800000001",
        "province": "浙江",
        "city": "杭州市",
        "address": "示例街2号",
        "paid_amount": 3000,
        "buyer_message": "=1+1",
        **changed,
    }
    amounts, lines = weigh(facts, [Line("1", "SKU-A", "示例", "红", 3, 1000)])
    return Delivery(order, 1, facts, lines, amounts, NOW)


def folder(path: Path, **settings: str) -> Access:
    return Access(1, "文件仓", {"folder": str(path), **settings}, "")


def test_a_sheet_holds_every_line_and_no_formula(tmp_path: Path) -> None:
    said = FileDrop().drop([delivery(7), delivery(8)], folder(tmp_path))

    assert {one.meaning for one in said.values()} == {Meaning.TAKEN}
    [sheet] = tmp_path.glob("*.csv")
    rows = list(csv.DictReader(sheet.read_text(encoding="utf-8-sig").splitlines()))
    assert [row["出库单号"] for row in rows] == ["QD7", "QD8"]
    assert rows[0]["买家留言"] == "'=1+1"
    assert rows[0]["平台订单号"].strip() == "260101123456789012"
    assert rows[0]["金额"] == "30.00"


def test_a_workbook_keeps_numbers_as_text_and_formulas_as_words(tmp_path: Path) -> None:
    FileDrop().drop([delivery()], folder(tmp_path, format="xlsx"))
    [sheet] = tmp_path.glob("*.xlsx")
    book = openpyxl.load_workbook(sheet)
    cells = {cell.value: cell.data_type for row in book.worksheets[0] for cell in row}
    assert cells["260101123456789012"] == "s"
    assert cells["=1+1"] == "s"


def test_what_was_written_is_found_and_what_was_cut_short_is_finished_once(tmp_path: Path) -> None:
    drop, to, one = FileDrop(), folder(tmp_path), delivery()
    assert drop.find(one, to).meaning is Meaning.ABSENT
    drop.drop([one], to)
    [sheet] = tmp_path.glob("*.csv")
    sheet.rename(f"{sheet}.part")  # as if killed just before the sheet got its name

    assert drop.find(one, to).meaning is Meaning.TAKEN
    assert [path.name for path in tmp_path.glob("*.csv*")] == [sheet.name]
    sheet.unlink()  # the warehouse has fetched it
    assert drop.find(one, to).meaning is Meaning.TAKEN
    assert drop.withdraw(one, to).meaning is Meaning.REFUSED


def test_a_release_list_takes_masked_receivers_and_names_no_person(tmp_path: Path) -> None:
    masked = delivery(receiver_masked=True, receiver_name="测**")
    with pytest.raises(NotSendableError):
        FileDrop().check(masked, folder(tmp_path))

    ReleaseList().check(masked, folder(tmp_path))
    ReleaseList().drop([masked], folder(tmp_path))

    [sheet] = tmp_path.glob("*.csv")
    text = sheet.read_text(encoding="utf-8-sig")
    assert "260101123456789012" in text
    assert "测" not in text
    assert "1380000" not in text


def test_a_webhook_is_a_signed_cloud_event_with_the_number_as_its_id() -> None:
    call = WebhookAdapter().create([delivery()], HOOK, NOW)
    event = json.loads(call.body)

    assert (event["specversion"], event["id"], event["type"]) == ("1.0", "QD7", "cn.qingdan.delivery.requested")
    assert event["data"]["amounts"]["total"] == sum(line["amount"] for line in event["data"]["lines"]) == 3000
    moment = call.headers["webhook-timestamp"]
    assert call.headers["webhook-signature"] == signing.webhook("QD7", moment, call.body, "s3")
    assert call.headers["webhook-id"] == call.headers["Idempotency-Key"] == "QD7"


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (200, "taken"),
        (202, "taken"),
        (409, "unclear"),
        (422, "refused"),
        (429, "later"),
        (500, "unclear"),
        (302, "unclear"),
    ],
)
def test_the_status_of_a_webhook_is_read_as_what_it_is(status: int, meaning: str) -> None:
    said = WebhookAdapter().created([delivery()], Reply(status, b""), HOOK)["QD7"]
    assert said.meaning == meaning


def test_a_webhook_is_asked_where_it_can_be() -> None:
    adapter, one = WebhookAdapter(), delivery()
    call = adapter.ask(one, HOOK, NOW)
    assert call is not None
    assert (call.method, call.url) == ("GET", "https://wms.example/d/QD7")
    assert adapter.ask(one, Access(3, "", {"url": "https://x"}, "s"), NOW) is None
    assert adapter.asked(one, Reply(404, b""), HOOK).meaning is Meaning.ABSENT
    assert adapter.asked(one, Reply(403, b""), HOOK).meaning is Meaning.UNCLEAR
    assert adapter.cancelled(one, Reply(409, b""), HOOK).meaning is Meaning.REFUSED


def told(body: bytes, *, secret: str = "s3", at: datetime = NOW) -> Incoming:  # noqa: S107
    moment = str(int(at.timestamp()))
    signature = signing.webhook("e1", moment, body, secret)
    return Incoming(
        {}, {"webhook-id": "e1", "webhook-timestamp": moment, "webhook-signature": f"v1,other {signature}"}, body
    )


SHIPPED = json.dumps(
    {
        "type": "cn.qingdan.delivery.shipped",
        "data": {
            "number": "QD7",
            "parcels": [{"carrier": "SF", "tracking_no": "SF1"}, {"carrier": "SF", "tracking_no": "SF2"}],
        },
    }
).encode()


def test_a_shipment_told_by_webhook_is_heard() -> None:
    heard = WebhookListener().hear(told(SHIPPED), HOOK, NOW)
    [event] = heard.events
    assert (event.kind, event.number, len(event.parcels)) == (Happened.SHIPPED, "QD7", 2)


@pytest.mark.parametrize(
    "message",
    [
        told(SHIPPED, secret="other"),
        told(SHIPPED, at=NOW - timedelta(minutes=6)),
        Incoming({}, {}, SHIPPED),
        Incoming({}, {**told(SHIPPED).headers, "webhook-id": "e2"}, SHIPPED),
        Incoming({}, told(SHIPPED).headers, SHIPPED + b" "),
    ],
)
def test_a_webhook_that_is_not_authentic_is_not_heard(message: Incoming) -> None:
    with pytest.raises(UnauthenticError):
        WebhookListener().hear(message, HOOK, NOW)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"type":"x","data":{}}', b'{"type":"cn.qingdan.delivery.shipped","data":1}']
)
def test_a_webhook_that_can_not_be_read_is_refused(body: bytes) -> None:
    with pytest.raises(BadMessageError):
        WebhookListener().hear(told(body), HOOK, NOW)

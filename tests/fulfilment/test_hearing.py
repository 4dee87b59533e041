"""What a warehouse tells us: authentic or refused, taken in once, and written to the order."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from django.test import Client
from outgoing import Store

from qingdan.fulfilment.adapters import seal_row
from qingdan.fulfilment.models import Destination
from qingdan.fulfilment.wms import Call, signing
from qingdan.sandbox.wms.faults import Faults
from qingdan.sandbox.wms.ledger import Effect, Ledger
from qingdan.sandbox.wms.qimen import Keys, Qimen
from qingdan.web.sealing import seal

URL = "http://localhost/wms/token-1"


@pytest.fixture
def order(store: Store) -> int:
    [made] = store.record({"order_no": "1"})
    key = store.destination(token="token-1", settings={"customer_id": "sandbox"})
    Destination.objects.filter(pk=key).update(secret=seal("s3", seal_row(key)))
    store.set_push(made, "done")
    return made


@pytest.fixture
def wms(tmp_path: Path) -> Iterator[Qimen]:
    ledger = Ledger(tmp_path / "l.sqlite")
    yield Qimen(ledger, Faults(), Keys(secret="s3"), 0)
    ledger.close()


def effect(order: int, *, key: int = 1, lines: int = 1) -> Effect:
    items: list[list[object]] = [[f"SKU-{n}", n + 1] for n in range(lines)]
    return Effect(key, f"QD{order}", "1", "shipped", "qimen", items, f"SF{key}")


def send(call: Call, body: bytes | None = None) -> tuple[int, bytes]:
    parts = urlsplit(call.url)
    answer = Client(enforce_csrf_checks=True).post(
        f"{parts.path}?{parts.query}", call.body if body is None else body, content_type="text/xml"
    )
    return answer.status_code, answer.content


def now() -> datetime:
    return datetime.now(UTC)


def parcels(store: Store) -> list[tuple[object, ...]]:
    return store.rows("SELECT carrier, tracking_no FROM fulfilment_parcel WHERE merchant_id = %s ORDER BY 2")


def test_a_confirmation_ships_the_order_with_all_its_parcels(store: Store, order: int, wms: Qimen) -> None:
    status, body = send(wms.confirmation(effect(order, lines=2), URL, now()))

    assert (status, b"<flag>success</flag>" in body) == (200, True)
    assert store.stage(order) == "shipped"
    assert parcels(store) == [("SF", "SF1"), ("SF", "SF1-1")]


def test_the_same_confirmation_signed_anew_is_well_received_and_changes_nothing(
    store: Store, order: int, wms: Qimen
) -> None:
    send(wms.confirmation(effect(order), URL, now()))
    version = store.version(order)

    status, body = send(wms.confirmation(effect(order), URL, now() + timedelta(seconds=1)))

    assert (status, b"<flag>success</flag>" in body) == (200, True)
    assert store.version(order) == version
    assert len(parcels(store)) == 1


@pytest.mark.parametrize("fault", ["wrong secret", "stale", "from the future", "replayed", "changed body", "customer"])
def test_what_is_not_authentic_gets_401_and_changes_nothing(store: Store, order: int, wms: Qimen, fault: str) -> None:
    call = wms.confirmation(effect(order), URL, now())
    body = None
    match fault:
        case "wrong secret":
            call = Qimen(wms.ledger, wms.faults, Keys(secret="other"), 0).confirmation(effect(order), URL, now())
        case "customer":
            other = Keys(secret="s3", customer_id="other")
            call = Qimen(wms.ledger, wms.faults, other, 0).confirmation(effect(order), URL, now())
        case "stale":
            call = wms.confirmation(effect(order), URL, now() - timedelta(minutes=6))
        case "from the future":
            call = wms.confirmation(effect(order), URL, now() + timedelta(minutes=6))
        case "changed body":
            body = call.body.replace(b"SF1", b"SF2")
        case "replayed":
            send(call)
    before = store.version(order), parcels(store), store.rows("SELECT count(*) FROM fulfilment_receipt, (SELECT %s) m")

    status, said = send(call, body)

    assert (status, b"<flag>failure</flag>" in said) == (401, True)
    after = store.version(order), parcels(store), store.rows("SELECT count(*) FROM fulfilment_receipt, (SELECT %s) m")
    assert after == before


def test_a_foreign_or_unknown_delivery_is_refused_in_the_warehouses_own_words(
    store: Store, order: int, wms: Qimen
) -> None:
    [other] = Store().record({"order_no": "1"})
    for code in (other, 2**40):
        status, body = send(wms.confirmation(effect(code, key=code), URL, now()))
        assert (status, b"<flag>failure</flag>" in body) == (200, True)
    assert store.stage(order) == "released"
    assert parcels(store) == []


def test_a_confirmation_settles_a_doubt(store: Store, wms: Qimen, order: int) -> None:
    [doubt] = store.record({"order_no": "2"})
    store.set_push(doubt, "unknown")

    send(wms.confirmation(effect(doubt), URL, now()))

    assert store.pushes(doubt) == [("create", 1, "done", "")]
    assert store.stage(doubt) == "shipped"


def test_what_left_although_it_was_cancelled_is_an_exception(store: Store, order: int, wms: Qimen) -> None:
    store.record({"order_no": "1", "verdict": "none", "stage": "cancelled", "platform_state": "cancelled"})

    send(wms.confirmation(effect(order), URL, now()))

    assert store.stage(order) == "exception"
    assert len(parcels(store)) == 1


def test_parts_that_together_hold_everything_ship_the_order(store: Store, order: int, wms: Qimen) -> None:
    for no, quantity in (("1", "2"), ("2", "1")):
        assert store.stage(order) in {"released", "sent"}
        head = {"deliveryOrderCode": f"QD{order}", "status": "PARTDELIVERED", "outBizCode": f"P{no}"}
        items = {"item": [{"itemCode": f"SKU-{no}", "quantity": quantity}]}
        package = {"logisticsCode": "SF", "expressCode": f"SF{no}", "items": items}
        send(wms.call("deliveryorder.confirm", {"deliveryOrder": head, "packages": {"package": [package]}}, URL, now()))

    assert store.stage(order) == "shipped"
    assert parcels(store) == [("SF", "SF1"), ("SF", "SF2")]


def report(wms: Qimen, order: int, status: str) -> Call:
    content = {"order": {"orderCode": f"QD{order}"}, "process": {"processStatus": status, "operateInfo": "说明"}}
    return wms.call("orderprocess.report", content, URL, now())


@pytest.mark.parametrize(
    ("status", "stage"), [("PICK", "released"), ("EXCEPTION", "exception"), ("CANCELED", "exception")]
)
def test_a_process_report_moves_an_order_only_when_a_person_is_needed(
    store: Store, order: int, wms: Qimen, status: str, stage: str
) -> None:
    assert send(report(wms, order, status))[0] == 200
    assert store.stage(order) == stage


@pytest.mark.parametrize("flag", ["success", "failure"])
def test_the_late_answer_to_a_batch_ends_the_wait(store: Store, order: int, wms: Qimen, flag: str) -> None:
    [waiting] = store.record({"order_no": "2"})
    store.set_push(waiting, "unknown")
    answer = {"deliveryOrderCode": f"QD{waiting}", "flag": flag, "code": "E1", "message": "库存不足"}

    send(wms.call("deliveryorder.batchcreate.answer", {"orders": {"order": [answer]}}, URL, now()))

    if flag == "success":
        assert store.pushes(waiting) == [("create", 1, "done", "")]
        assert store.stage(waiting) == "sent"
    else:
        assert store.pushes(waiting) == [("create", 1, "failed", "refused")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<request>",
        b'<!DOCTYPE r [<!ENTITY a "aa">]><request>&a;</request>',
        b"<a>" * 40 + b"</a>" * 40,
        b"\xff\xfe\x00",
    ],
)
def test_an_authentic_message_that_can_not_be_read_is_refused_without_harm(
    store: Store, order: int, wms: Qimen, body: bytes
) -> None:
    beijing = (now() + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")
    params = {"method": "deliveryorder.confirm", "timestamp": beijing, "customerId": "sandbox"}
    params["sign"] = signing.qimen(params, body, "s3")

    status, said = send(Call(f"{URL}?{urlencode(params)}", body, {}))

    assert (status, b"<flag>failure</flag>" in said) == (200, True)
    assert store.stage(order) == "released"

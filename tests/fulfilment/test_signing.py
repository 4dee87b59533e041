"""Every signature vector that the interfaces' owners give, or that independent clients agree on."""

import pytest

from qingdan.fulfilment.wms import signing

BODY = (
    b'<?xml version="1.0" encoding="utf-8"?><request><warehouseCode>W1</warehouseCode>'
    b"<orderCode>D1</orderCode></request>"
)
QIMEN = {
    "method": "order.cancel",
    "timestamp": "2015-04-26 00:00:07",
    "format": "xml",
    "app_key": "testappkey",
    "v": "2.0",
    "sign_method": "md5",
    "customerId": "c1",
}
ENTERPRISE = {
    "appkey": "test2-xx",
    "sid": "test2",
    "page_no": "0",
    "page_size": "40",
    "start_time": "2016-08-01 12:00:00",
    "end_time": "2016-08-01 13:00:00",
    "timestamp": "1470042310",
}


def test_qimen() -> None:
    assert signing.qimen(QIMEN, BODY, "testsecret") == "27FE74AB1F006F2D8A97BB61B8EBD253"
    assert signing.qimen({**QIMEN, "sign": "X", "empty": ""}, BODY, "testsecret") == "27FE74AB1F006F2D8A97BB61B8EBD253"


@pytest.mark.parametrize("change", [{"customerId": "c2"}, {"timestamp": "2015-04-26 00:00:08"}, {"v": "1.0"}])
def test_qimen_covers_every_parameter(change: dict[str, str]) -> None:
    assert signing.qimen({**QIMEN, **change}, BODY, "testsecret") != signing.qimen(QIMEN, BODY, "testsecret")


def test_qimen_covers_the_bytes_of_the_body_and_not_only_their_meaning() -> None:
    spaced = BODY.replace(b"><", b"> <")
    assert signing.qimen(QIMEN, spaced, "testsecret") != signing.qimen(QIMEN, BODY, "testsecret")


def test_wangdian() -> None:
    params = {
        "sid": "demo",
        "key": "demo-key",
        "salt": "testsalt",
        "method": "setting.Shop.queryShop",
        "timestamp": "300000000",
        "v": "1.0",
    }
    assert signing.wangdian(params, b"[{}]", "testsecret") == "ed1d88383aa65e8d45b513d50c6ada3d"


def test_wangdian_enterprise() -> None:
    assert signing.wangdian_enterprise(ENTERPRISE, "12345") == "ad4e6fe037ea6e3ba4768317be9d1309"


def test_wangdian_enterprise_counts_bytes_unless_told_otherwise() -> None:
    chinese = {"k": "中文"}
    counted = signing.wangdian_enterprise(chinese, "s")
    assert counted == signing.wangdian_enterprise({"k": "中文"}, "s", length="bytes")
    assert counted != signing.wangdian_enterprise(chinese, "s", length="characters")


def test_jushuitan() -> None:
    params = {
        "app_key": "demo_key",
        "access_token": "demo_token",
        "timestamp": "1700000000",
        "charset": "utf-8",
        "version": "2",
        "biz": '[{"shop_id":1}]',
    }
    assert signing.jushuitan(params, "demo_secret") == "667b6c98c7dd5529c71d60aa82f26d00"


def test_webhook_covers_id_time_and_body() -> None:
    signed = signing.webhook("QD1", "1700000000", b"{}", "secret")
    assert signed.startswith("v1,")
    assert signed != signing.webhook("QD2", "1700000000", b"{}", "secret")
    assert signed != signing.webhook("QD1", "1700000001", b"{}", "secret")
    assert signed != signing.webhook("QD1", "1700000000", b"{ }", "secret")
    assert signing.same(signed, signed)
    assert not signing.same(signed, signed + "x")

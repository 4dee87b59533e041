"""An item list that comes after its order list, and imports that break."""

import csv
import os
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection

from qingdan.intake import actions, runner
from qingdan.intake.models import Import, State
from qingdan.orders import queries
from qingdan.orders.actions import ensure_merchant

ORDERS = [
    {
        "订单编号": f"100{n}",
        "买家应付货款": "88.00",
        "买家应付邮费": "0.00",
        "买家实付金额": "88.00",
        "订单状态": "买家已付款，等待卖家发货",
        "买家会员名": f"tb{n}",
        "收货人姓名": "李明",
        "联系手机": f"1380000000{n}",
        "收货地址": "浙江省 杭州市 西湖区 文三路 12号 3幢 201室",
        "订单创建时间": "2026-11-21 10:00:00",
        "订单付款时间": "2026-11-21 10:01:00",
        "宝贝总数量": "1",
        "店铺名称": "旗舰店",
    }
    for n in range(3)
]


def items(*orders: str, refund: str) -> list[dict[str, str]]:
    return [
        {
            "主订单编号": order,
            "子订单编号": f"{order}-{line}",
            "外部系统编号": "SKU-1",
            "商品标题": "围巾",
            "商品价格": "44.00",
            "购买数量": "2",
            "买家实付金额": "44.00",
            "退款状态": refund if line == 1 else "没有申请退款",
        }
        for order in orders
        for line in (1, 2)
    ]


def table(folder: Path, name: str, rows: list[dict[str, str]]) -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def lived(made: Import) -> Import:
    assert runner.run(made.pk) is State.DONE
    made.refresh_from_db()
    return made


def stands(merchant: int) -> dict[str, tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT order_no, stage, refund_state, item_count, version, (SELECT count(*) FROM orders_orderline l "
            "WHERE l.order_id = o.id) FROM orders_order o WHERE merchant_id = %s",
            [merchant],
        )
        return {row[0]: row[1:] for row in cursor.fetchall()}


def test_an_item_list_completes_the_orders_of_an_earlier_order_list(
    merchant: int, new_import: object, tmp_path: Path
) -> None:
    assert callable(new_import)
    lived(new_import(merchant, path=table(tmp_path, "ExportOrderList.csv", ORDERS)))
    before = stands(merchant)
    late = table(
        tmp_path,
        "ExportOrderDetailList.csv",
        [
            *items("1000", refund="买家已经申请退款，等待卖家同意"),
            *items("1001", refund="没有申请退款"),
            *items("2000", "2001", refund="没有申请退款"),
        ],
    )
    second = lived(new_import(merchant, path=late))
    after = stands(merchant)
    assert after["1000"] == ("held", "requested", 4, 2, 2)
    assert after["1001"] == (before["1001"][0], "none", 4, 2, 2)
    assert after["1002"] == before["1002"]
    assert (second.orders, second.changed, second.new) == (2, 2, 0)
    [notice] = [notice for notice in second.notices if notice["id"] == "orders_missing_for_lines"]
    assert "2" in notice["zh"]
    assert queries.counters(merchant)["n"].sum() == 3
    # once more changes nothing, and the lines that are not named stay
    third = lived(new_import(merchant, path=table(tmp_path, "again.csv", items("1000", refund="退款成功")[:1])))
    assert third.changed == 1
    assert stands(merchant)["1000"][1:] == ("success", 4, 3, 2)
    assert lived(new_import(merchant, path=late)).changed == 1
    assert stands(merchant)["1001"] == after["1001"]


def test_an_order_list_alone_does_not_close_an_open_refund(merchant: int, new_import: object, tmp_path: Path) -> None:
    assert callable(new_import)
    asked = items("1000", refund="买家已经申请退款，等待卖家同意")
    orders = table(tmp_path, "ExportOrderList.csv", ORDERS)
    lived(new_import(merchant, path=orders))
    lived(new_import(merchant, path=table(tmp_path, "ExportOrderDetailList.csv", asked)))
    held = stands(merchant)
    assert held["1000"][:2] == ("held", "requested")
    assert lived(new_import(merchant, path=orders)).changed == 0
    assert stands(merchant) == held
    # the item list is what closes it
    lived(new_import(merchant, path=table(tmp_path, "closed.csv", items("1000", refund="退款关闭"))))
    assert stands(merchant)["1000"][:2] == ("released", "closed")


def test_an_import_that_breaks_is_given_up_and_says_so(
    merchant: int, new_import: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(new_import)
    made = new_import(merchant)

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    for _ in range(runner.ATTEMPTS - 1):
        with pytest.raises(ZeroDivisionError):
            runner.run(made.pk, told=broken)
        Import.objects.filter(pk=made.pk).update(lease_until="2020-01-01T00:00Z")
        assert actions.wake_lapsed() == [made.pk]
    assert runner.run(made.pk, told=broken) is State.FAILED
    assert actions.wake_lapsed() == []
    made.refresh_from_db()
    assert made.error["id"] == "import.broken"
    assert made.error["advice_zh"]


def test_uploads_go_when_their_last_import_ended_long_ago(merchant: int, new_import: object) -> None:
    assert callable(new_import)
    first, second = new_import(merchant), new_import(merchant)
    [path] = list(Path(django_settings.UPLOADS).rglob("*.csv"))
    os.utime(path, (0, 0))
    Import.objects.filter(pk=first.pk).update(state="done", finished_at="2020-01-01T00:00Z")
    assert actions.drop_uploads() == 0
    Import.objects.filter(pk=second.pk).update(state="failed", finished_at="2020-01-01T00:00Z")
    assert actions.drop_uploads() == 1
    assert not path.exists()
    assert actions.drop_uploads() == 0


HEAD = (
    "主订单编号,子订单编号,选购商品,商品规格,商品数量,商家编码,商品单价,订单应付金额,运费,收件人,收件人手机号,省,市,区,街道,"
    "详细地址,订单提交时间,支付完成时间,APP渠道,订单状态,售后状态"
)


def sub_order(order: str, line: int, amount: str, state: str = "待发货", more: str = "") -> str:
    return (
        f"{order},{order}-{line},围巾{line},红,1,SKU-{line},{amount},{amount},0.00,李明,13800000001,浙江省,杭州市,西湖区,"
        f"文三路,12号3幢201室,2026-11-21 10:00:00,2026-11-21 10:01:00,抖音,{state},-{more}"
    )


def exported(folder: Path, name: str, rows: list[str]) -> Path:
    path = folder / name
    path.write_text("\n".join([HEAD, *rows]), encoding="utf-8-sig")
    return path


def facts_of(merchant: int) -> list[dict[str, object]]:
    names = ["order_no", "paid_amount", "freight", "item_count", "kind_count", "platform_state", "refund_state"]
    return queries.frame(merchant).select(names).sort("order_no").to_dicts()


def test_a_corrected_row_joins_the_rows_of_its_order_that_are_stored(
    merchant: int, new_import: object, tmp_path: Path
) -> None:
    assert callable(new_import)
    rows = [sub_order("6901", 1, "10.00"), sub_order("6901", 2, "20.00", "已发货"), sub_order("6901", 3, "30.00")]
    rows += [sub_order("6902", 1, "40.00")]
    broken = [rows[0], sub_order("6901", 2, "20.00", "已发货", ",,多"), rows[2], rows[3]]
    first = lived(new_import(merchant, path=exported(tmp_path, "broken.csv", broken)))
    assert (first.new, first.refused) == (2, 1)
    assert facts_of(merchant)[0] | {"paid_amount": 4_000, "item_count": 2} == facts_of(merchant)[0]

    corrected = exported(tmp_path, "corrected.csv", [rows[1]])
    second = lived(new_import(merchant, path=corrected))
    assert (second.changed, second.refused) == (1, 0)
    other = ensure_merchant("整份导入").pk
    lived(new_import(other, path=exported(tmp_path, "whole.csv", rows)))
    assert facts_of(merchant) == facts_of(other)
    assert facts_of(merchant)[0]["platform_state"] == "partly_shipped"

    # What it is paid does not shrink when an export has only some of its rows, and the whole export has the last word.
    lived(new_import(merchant, path=exported(tmp_path, "some.csv", [rows[0]])))
    assert facts_of(merchant)[0] | {"paid_amount": 6_000, "item_count": 3} == facts_of(merchant)[0]
    lived(new_import(merchant, path=exported(tmp_path, "again.csv", rows)))
    assert facts_of(merchant) == facts_of(other)

    # Of known and new rows together only what was paid can be told.
    more = lived(new_import(merchant, path=exported(tmp_path, "more.csv", [rows[0], sub_order("6901", 4, "5.00")])))
    assert more.changed == 1
    assert facts_of(merchant)[0] | {"paid_amount": 6_500, "freight": None, "item_count": 4} == facts_of(merchant)[0]

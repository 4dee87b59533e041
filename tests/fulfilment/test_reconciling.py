"""Our ledger against the books of the simulated warehouse, asked over HTTP in the four languages it speaks."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from outgoing import PERSON, Store
from processes import VENDORS, connect, connect_vendor, pump, states, warehouse

from qingdan.fulfilment.actions import publish_routing
from qingdan.fulfilment.delivery import number
from qingdan.fulfilment.models import Parcel, Push
from qingdan.orders.models import Order
from qingdan.oversight import reconciling
from qingdan.oversight.models import Difference
from qingdan.people.models import User
from qingdan.people.rights import Role

pytestmark = pytest.mark.process

PROVINCES = {"沙箱仓": "浙江", **dict(zip(VENDORS, ("广东", "江苏", "四川"), strict=True))}
PLANTED = ("lost", "cancelled", "shipped here", "withdrawn", "shipped there", "same", "shipped both", "stopped both")
KINDS = {
    "lost": "absent_there",
    "cancelled": "cancelled_there",
    "shipped here": "not_shipped_there",
    "withdrawn": "live_there",
    "shipped there": "shipped_there",
}


def post(client: Client, path: str, body: object) -> Any:
    return client.post(path, body, content_type="application/json")


def plant(book: sqlite3.Connection, order: int, what: str) -> None:
    """Make one side say something else than the other, or both the same."""
    key = number(order, 1)
    theirs = {"cancelled": "stopped", "stopped both": "stopped", "shipped there": "shipped", "shipped both": "shipped"}
    if what == "lost":
        book.execute("DELETE FROM effect WHERE number = ?", [key])
    elif what in theirs:
        book.execute(
            "UPDATE effect SET state = ?, tracking = ? WHERE number = ?",
            [theirs[what], f"SF{order}" if theirs[what] == "shipped" else "", key],
        )
    ours = {"shipped here": "shipped", "shipped both": "shipped", "withdrawn": "cancelled", "stopped both": "cancelled"}
    if what in ours:
        Order.objects.filter(pk=order).update(stage=ours[what])
    if ours.get(what) == "cancelled":
        Push.objects.filter(order_id=order, operation="cancel").update(
            state="done", ended_at=timezone.now(), due_at=None
        )


def test_every_planted_difference_is_found_none_invented_and_each_is_settled_with_a_reason(
    shared: Store, tmp_path: Path
) -> None:
    store = shared
    client = Client()
    user = User.objects.create(login="ck-books", name="仓管", merchant_id=store.merchant, roles=[Role.ADMIN])
    client.force_login(user)
    orders = {
        (name, what): {"order_no": f"{10**8 + 100 * i + n}", "province": province}
        for i, (name, province) in enumerate(PROVINCES.items())
        for n, what in enumerate(PLANTED)
    }
    ids = dict(zip(orders, store.record(*orders.values()), strict=True))
    with warehouse(tmp_path) as wms:
        connect(store, wms)
        for vendor in VENDORS:
            connect_vendor(store, wms, vendor)
        rows = [{"when": f"省份 属于 {{{province}}}", "to": name} for name, province in PROVINCES.items()]
        publish_routing(store.merchant, [*rows, {"when": "", "to": "沙箱仓"}], PERSON)
        pump(lambda: states(store) == {"done": len(orders)})

        # held back and let go on, where the interface can
        held, other = ids["沙箱仓", "same"], ids["wangdian", "same"]
        said = [post(client, f"/api/pushes/{held}/hold", {"restore": back}).json() for back in (False, True)]
        assert [(one["ok"], one["words"]["zh"][:7]) for one in said] == [
            (True, "仓库已暂停这一"),
            (True, "仓库已恢复这一"),
        ]
        said = [post(client, f"/api/pushes/{other}/hold", {}).json()]
        assert [(one["ok"], one["words"]["zh"]) for one in said] == [
            (False, "这家仓库的接口不支持暂停，要拦下请用“撤回”")
        ]

        with sqlite3.connect(tmp_path / "wms.sqlite", timeout=10) as book:
            for (_, what), order in ids.items():
                plant(book, order, what)
        late = post(client, f"/api/pushes/{ids['沙箱仓', 'shipped there']}/hold", {}).json()
        assert (late["ok"], "不存在或已发货" in late["detail"]) == (False, True)

        runs = {run.name: run for run in reconciling.reconcile(timezone.now(), merchant=store.merchant)}
        again = reconciling.reconcile(timezone.now(), merchant=store.merchant)

    expected = {(order, KINDS[what]) for (_, what), order in ids.items() if what in KINDS}
    # 奇门 tells the parcels when it is asked, so that a shipment it forgot to report is caught up
    caught = ids["沙箱仓", "shipped there"]
    expected.discard((caught, "shipped_there"))
    assert {(d.order_id, d.kind) for d in Difference.objects.filter(merchant_id=store.merchant)} == expected
    assert {name: (run.compared, run.unanswered, run.caught_up) for name, run in runs.items()} == {
        name: (len(PLANTED), 0, int(name == "沙箱仓")) for name in PROVINCES
    }
    assert [(run.found, run.vanished, run.caught_up) for run in again] == [(run.found, 0, 0) for run in runs.values()]
    assert store.stage(caught) == "shipped"
    assert set(Parcel.objects.filter(order_id=caught).values_list("carrier", flat=True)) == {"SF"}

    rows = client.get("/api/differences").json()["rows"]
    for row in rows:
        body = {"ids": [row["id"]], "reason": f"{row['kind']}：已和仓库核对"}
        assert post(client, "/api/differences/settle", body).status_code == 200
    assert client.get("/api/differences").json()["total"] == 0
    reasons = Difference.objects.filter(merchant_id=store.merchant).values_list("reason", flat=True)
    assert all(reason.endswith("已和仓库核对") for reason in reasons)

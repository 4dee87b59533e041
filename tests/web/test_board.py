"""Every number of the board opens the very orders behind it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cast import Team
from stock import stock

from qingdan.orders.models import Shop
from qingdan.people.rights import Role

pytestmark = pytest.mark.django_db

BACKLOG = "stage=in_review&stage=exception&stage=held"


def test_every_number_is_the_total_of_the_orders_page(ours: Team, theirs: Team) -> None:
    now = datetime.now(UTC)
    mix: list[dict[str, Any]] = [
        {},
        {"paid_amount": 61_200},
        {"paid_amount": 61_200, "province": "广东", "channel": "jd", "shop": "京东店"},
        {"paid_amount": 900_000},
        {"province": None},
        {"seller_memo": "催发", "paid_amount": 70_000},
        {"buyer_message": "改地址"},
        {"refund_state": None},
        {"platform_state": "shipped"},
        {"platform_state": "unpaid", "pay_status": "unpaid"},
    ]
    for age in (0, 1.5, 15, 23, 30):
        moment = now - timedelta(hours=age, minutes=1)
        stock(ours.merchant, *({"order_no": f"{age}-{n}", **said} for n, said in enumerate(mix)), as_of=moment)
    late = now - timedelta(hours=30)
    stock(ours.merchant, *({"order_no": f"late-{n}", "paid_amount": 61_200} for n in range(20)), as_of=late)
    promised = {"order_no": "late-held", "ship_by": now - timedelta(hours=1), "paid_at": now - timedelta(hours=3)}
    stock(
        ours.merchant,
        promised | {"paid_amount": 61_200},
        promised | {"order_no": "late-released"},
        promised | {"order_no": "late-exception", "province": None},
        promised | {"order_no": "gone", "platform_state": "shipped"},
    )
    stock(theirs.merchant, *mix, promised)
    browser = ours.browser(Role.SUPERVISOR)

    board = browser.get("/api/board").json()

    def total(query: str) -> int:
        return int(browser.get(f"/api/orders?size=1&{query}").json()["total"])

    assert board["total"] == total("") == 74
    assert board["backlog"] == total(BACKLOG) > 0
    for share in board["by_stage"]:
        assert share["count"] == total(f"stage={share['id']}")
    for name in ("channel", "province", "tier", "reason", "shop"):
        shares = board[f"by_{name}"]
        assert shares
        for share in shares:
            assert share["count"] == total(f"{BACKLOG}&{name}={share['id'] or '-'}"), (name, share)
    assert {share["id"] for share in board["by_province"]} == {"浙江", "广东", None}
    assert {share["id"] for share in board["by_shop"]} == {
        str(key) for key in Shop.objects.filter(merchant=ours.merchant).values_list("id", flat=True)
    }
    assert board["overdue"]["count"] == total("overdue=1") > 20
    assert len(board["overdue"]["rows"]) == 20
    dues = [row["due_at"] for row in board["overdue"]["rows"]]
    assert dues == sorted(dues)
    assert board["late"] == total("late=1") == 3
    for hours in (2, 12, 24):
        assert board["due"][f"h{hours}"] == total(f"due_within={hours}") > 0
    released = total("stage=released")
    assert board["release_rate"] == released / (released + board["backlog"])


def test_the_board_of_an_empty_store_is_empty(ours: Team) -> None:
    board = ours.browser(Role.WAREHOUSE).get("/api/board").json()

    assert (board["total"], board["backlog"], board["release_rate"]) == (0, 0, None)
    assert board["by_stage"] == board["by_reason"] == board["overdue"]["rows"] == []

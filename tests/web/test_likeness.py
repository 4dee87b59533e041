"""The orders behind each sign of fake orders are opened by ``like=``: all of them, and no others."""

import datetime as dt
from typing import Any

import pytest
from cast import Team, make_team
from stock import stock

from qingdan.people.rights import Role

AT = dt.datetime(2026, 11, 11, 2, 15, 10, tzinfo=dt.UTC)


def order(name: str, **more: Any) -> dict[str, Any]:
    """An order that has nothing in common with the first, but for what ``more`` says."""
    plain = {
        "order_no": name,
        "receiver_key": f"key of {name}",
        "receiver_phone": f"1380000{1000 + sum(name.encode()) % 9000:04d}",
        "buyer_token": f"buyer of {name}",
        "paid_amount": 10_000 + sum(name.encode()) % 9_000,
        "created_at": AT - dt.timedelta(days=2),
    }
    return plain | more


FIRST = order(
    "first", receiver_key="k", receiver_phone="13800000001", buyer_token="b", paid_amount=8_888, created_at=AT
)
ALIKE: dict[str, list[dict[str, Any]]] = {
    "receiver": [{"receiver_key": "k"}, {"receiver_key": "k", "shop": "二店"}],
    "phone": [{"receiver_phone": "86-13800000001"}],
    "buyer": [{"buyer_token": "b", "shop": "二店"}],
    "minute": [{"created_at": AT.replace(second=59)}],
    "amount": [{"paid_amount": 8_888, "created_at": AT.replace(minute=59)}],
}
NEARLY: tuple[dict[str, Any], ...] = (
    {"receiver_phone": "138****0001"},
    {"buyer_token": "b", "channel": "jd"},
    {"created_at": AT.replace(minute=16, second=0)},
    {"created_at": AT, "shop": "二店"},
    {"paid_amount": 8_888, "created_at": AT.replace(hour=3)},
    {"paid_amount": 8_889, "created_at": AT.replace(minute=59)},
    {"receiver_key": "k", "refund_state": "success", "created_at": AT - dt.timedelta(days=60)},
)


@pytest.fixture
def team(db: None, settings: Any) -> Team:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return make_team("ours")


def test_each_sign_opens_the_orders_behind_it(team: Team) -> None:
    alike = {f"{sign} {n}": more for sign, found in ALIKE.items() for n, more in enumerate(found)}
    rows = [FIRST, *(order(name, **more) for name, more in alike.items())]
    rows += [order(f"nearly {n}", **more) for n, more in enumerate(NEARLY)]
    rows += [order("refunded", receiver_key="k", refund_state="success")]
    first = stock(team.merchant, *rows)[0]
    stranger = stock(make_team("theirs").merchant, FIRST | {"order_no": "theirs"})[0]
    browser = team.browser(Role.RISK)

    def opened(of: int, sign: str) -> set[str]:
        told = browser.get(f"/api/orders?like={of}:{sign}&size=100").json()
        assert told["total"] == len(told["rows"])
        return {row["order_no"] for row in told["rows"]}

    expected = {sign: {"first", *(name for name in alike if name.split()[0] == sign)} for sign in ALIKE}
    # the same receiver's, wherever they were bought; refunded ones are his, too
    expected["receiver"] |= {"refunded", f"nearly {len(NEARLY) - 1}"}
    assert {sign: opened(first, sign) for sign in ALIKE} == expected
    assert opened(first, "refunds") == {"refunded"}
    assert opened(stranger, "receiver") == opened(2**40, "phone") == set()
    masked = stock(team.merchant, order("masked", receiver_phone="138****0001", receiver_key=None))[0]
    assert opened(masked, "phone") == opened(masked, "receiver") == {"masked"}
    assert browser.get(f"/api/orders?like={first}:shoe").status_code == 422

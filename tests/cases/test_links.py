"""The link with which a buyer completes an address: what it does, and what it can not be made to do."""

import re
from datetime import timedelta
from typing import Any

import pytest
from cast import Team, make_team
from django.test import Client
from django.utils import timezone
from stock import stock

from qingdan.cases import links, opening
from qingdan.cases.models import Case, Contact, Knock, Link
from qingdan.orders.models import Order, OrderEvent
from qingdan.people.rights import Role

UNCLEAR: dict[str, Any] = {"address": "文三", "address_quality": "incomplete", "address_gaps": ["detail_short"]}
GIVEN = {"region": "浙江省 杭州市 西湖区", "address": "文三路100号3栋201室"}


@pytest.fixture
def team(transactional_db: None, settings: Any) -> Team:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return make_team("ours")


def made(team: Team, order: int) -> str:
    answer = team.browser(Role.AGENT).post(f"/api/cases/orders/{order}/links", {"hours": 24})
    assert answer.status_code == 200, answer.json()
    return "/a/" + answer.json()["url"].rsplit("/a/")[1]


def filled(client: Client, link: str, **given: str) -> Any:
    page = client.get(link).content.decode()
    stamp = re.search(r'name="stamp" value="([^"]+)"', page)
    assert stamp
    return client.post(link, {"stamp": stamp[1], **GIVEN, **given})


def test_a_buyer_completes_the_address_once(team: Team) -> None:
    [order] = stock(team.merchant, UNCLEAR)
    opening.reconcile(team.merchant.pk)
    buyer = Client(enforce_csrf_checks=True)
    link = made(team, order)

    page = buyer.get(link)
    shown = page.content.decode()
    assert page.status_code == 200
    assert "尾号 0001" in shown
    assert "旗舰店" in shown
    assert not any(secret in shown for secret in ("13800001234", "王小明", "N000001", "12300", "电热水壶"))
    assert page["Referrer-Policy"] == "no-referrer"
    assert page["Cache-Control"].startswith("max-age=0")

    short = filled(buyer, link, address="文三")
    assert short.status_code == 422
    assert "还差一点" in short.content.decode()
    done = filled(buyer, link)
    assert done.status_code == 200
    assert "谢谢" in done.content.decode()
    stored = Order.objects.get(pk=order)
    assert (stored.address, stored.stage, stored.receiver_phone) == ("文三路100号3栋201室", "released", "13800001234")
    event = OrderEvent.objects.get(order_id=order, version=stored.version)
    assert (event.kind, event.actor_kind, event.changes["address"]) == ("updated", "system", None)
    assert Contact.objects.get(order_id=order).result == "reached"
    assert [one["kind"] for one in team.browser(Role.AGENT).get("/api/cases/notices").json()["rows"]] == ["address"]

    again = buyer.get(link)
    assert again.status_code == 410
    assert "已经提交过" in again.content.decode()
    assert buyer.post(link, {**GIVEN, "stamp": "x"}).status_code == 410
    opening.reconcile(team.merchant.pk)
    assert Case.objects.get(order_id=order).outcome == "left"


def test_another_province_waits_for_a_person(team: Team) -> None:
    [order] = stock(team.merchant, UNCLEAR)
    answer = filled(Client(), made(team, order), region="广东省 深圳市 南山区")

    assert "核对" in answer.content.decode()
    assert Order.objects.get(pk=order).province == "浙江"
    agent = team.browser(Role.AGENT)
    seen = agent.post(f"/api/cases/orders/{order}/address/show", {"reason": "核对"}).json()
    assert seen["given"]["province"] == "广东"
    path = f"/api/cases/links/{seen['given_link']}/accept"
    assert agent.post(path, {"version": seen["version"] - 1}).status_code == 409
    assert agent.post(path, {"version": seen["version"]}).status_code == 200
    assert Order.objects.get(pk=order).province == "广东"
    assert agent.post(path, {"version": seen["version"] + 1}).status_code == 422


def test_a_link_can_not_be_forged_kept_or_hammered(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    order, other, released = stock(team.merchant, UNCLEAR, UNCLEAR, {})
    buyer = Client()
    first = made(team, order)
    good = made(team, order)
    assert buyer.get(first).status_code == 410
    elsewhere = made(team, other)
    key, _, rest = good.removeprefix("/a/").partition("-")
    theirs = elsewhere.removeprefix("/a/").partition("-")
    for forged in ("/a/x", f"/a/{theirs[0]}-{rest}", f"{good}x", f"/a/{key}-{theirs[2]}", good[:-1]):
        assert buyer.get(forged).status_code == 404, forged

    page = buyer.get(elsewhere).content.decode()
    stamp = re.search(r'name="stamp" value="([^"]+)"', page)
    assert stamp
    assert buyer.post(good, {**GIVEN, "stamp": stamp[1]}).status_code == 403
    assert buyer.post(good, GIVEN).status_code == 403
    assert Order.objects.get(pk=order).address == "文三"

    agent = team.browser(Role.AGENT)
    assert agent.post(f"/api/cases/orders/{released}/links", {}).json()["error"]["code"] == "case.link_not_now"
    assert team.browser(Role.FINANCE).post(f"/api/cases/orders/{order}/links", {}).status_code == 403

    for _ in range(links.TRIES):
        assert filled(buyer, good, address="短").status_code == 422
        Knock.objects.all().delete()
    assert buyer.get(good).status_code == 410
    fresh = made(team, order)
    Link.objects.filter(revoked_at=None).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert buyer.get(fresh).status_code == 410

    last = made(team, order)
    monkeypatch.setattr(links, "KNOCKS", 3)
    Knock.objects.all().delete()
    assert [buyer.get(last).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert buyer.get(last)["Retry-After"] == "60"
    assert [buyer.get("/a/guess").status_code for _ in range(4)] == [404, 404, 404, 429]
    assert buyer.get(elsewhere).status_code == 410


def test_a_link_of_an_order_that_went_on_opens_nothing(team: Team) -> None:
    [order] = stock(team.merchant, UNCLEAR)
    link = made(team, order)
    agent = team.browser(Role.AGENT)
    version = Order.objects.get(pk=order).version
    assert agent.post(
        f"/api/orders/{order}/decide", {"action": "release", "reason": "看过", "version": version}
    ).status_code in {200, 422}
    Order.objects.filter(pk=order).update(stage="released", decided_kind="user", decided_id="1")
    assert Client().get(link).status_code == 409

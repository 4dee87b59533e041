"""Who gets in where: every operation, every role, one's own merchant and another's."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from _pytest.mark.structures import ParameterSet
from cast import PASSWORD, Browser, Team
from django.db import transaction
from django.test import Client
from ninja.operation import Operation
from stock import stock

from qingdan.intake import actions as imports
from qingdan.orders.actors import Actor
from qingdan.people import actions
from qingdan.people.access import Anyone, Needs
from qingdan.people.models import Access
from qingdan.people.rights import RIGHTS, Right, Role
from qingdan.web.api import api

pytestmark = pytest.mark.django_db

OPEN = {("GET", "/session"), ("POST", "/session"), ("DELETE", "/session")}


@dataclass(frozen=True)
class Door:
    method: str
    path: str
    operation: Operation

    @property
    def needs(self) -> Right | None:
        doors = self.operation.auth_callbacks
        return doors[0].right if len(doors) == 1 and isinstance(doors[0], Needs) else None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def doors() -> list[Door]:
    found = []
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                found += [Door(method, prefix + path, operation) for method in operation.methods]
    return found


DOORS = doors()


def test_the_walk_finds_the_operations() -> None:
    assert {str(door) for door in DOORS} >= {"GET /session", "GET /orders", "GET /board", "POST /orders/export"}


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_every_operation_declares_the_right_it_asks_for(door: Door) -> None:
    if (door.method, door.path) in OPEN:
        assert [type(check) for check in door.operation.auth_callbacks] == [Anyone]
    else:
        assert door.needs is not None


def test_an_operation_without_a_right_lets_nobody_in() -> None:
    assert type(api.auth[0]).__name__ == "_Nobody"


def address(door: Door, order: int, view: int, drop: int) -> str:
    ids = {"{int:order_id}": order, "{int:view_id}": view, "{int:import_id}": drop}
    strange = (
        "mapping",
        "check",
        "draft",
        "backtest",
        "rollout",
        "suggestion",
        "application",
        "template",
        "audit",
        "snooze",
        "audit",
        "snooze",
        "queue",
        "bulk",
    )
    ids |= {f"{{int:{name}_id}}": 2**40 for name in strange}
    ids |= dict.fromkeys(("{int:entry_id}", "{int:change_id}", "{int:bill_id}"), 2**40)
    ids |= dict.fromkeys(("{int:case_id}", "{int:cause_id}", "{int:link_id}", "{int:macro_id}"), 2**40)
    ids |= dict.fromkeys(("{int:attachment_id}", "{int:template_id}"), 2**40)
    ids |= dict.fromkeys(("{int:warehouse_id}", "{int:incident_id}"), 2**40)
    ids |= dict.fromkeys(("{int:campaign_id}", "{int:checkpoint_id}", "{int:prevention_id}"), 2**40)
    ids |= {"{int:authorisation_id}": 2**40}
    ids |= dict.fromkeys(("{int:user_id}", "{int:team_id}", "{int:calendar_id}", "{int:shift_id}"), 2**40)
    ids |= dict.fromkeys(("{int:leave_id}", "{int:outlet_id}"), 2**40)
    path = door.path
    for place, key in ids.items():
        path = path.replace(place, str(key))
    return f"/api{path}"


BODIES: dict[str, dict[str, Any]] = {
    "POST /pushes/{int:order_id}/settle": {"operation": "create", "revision": 99, "action": "retry"},
    "POST /pushes/routing/dry-run": {"rows": []},
    "POST /payments/bills/{int:bill_id}/passwords": {"passwords": ["secret"]},
    "POST /incidents/{int:incident_id}/close": {"note": "盘点"},
    "POST /incidents/{int:incident_id}/elsewhere": {"destination": 1},
    "POST /differences/settle": {"ids": [2**40], "reason": "已核实"},
    "POST /policies/suggestions": {"target": 0.99},
    "POST /policies/suggestions/{int:suggestion_id}/draft": {"name": "建议", "rules": ["s1"]},
    "POST /orders/export": {"filters": {}, "format": "csv"},
    "POST /orders/{int:order_id}/decide": {"action": "exception", "reason": "看", "version": 1},
    "POST /orders/{int:order_id}/unmask": {"reason": "看一下"},
    "POST /customers/entries": {"kind": "vip", "buyer": "甲"},
    **{
        f"POST /cases/{{int:case_id}}/{verb}": {"version": 1, **more}
        for verb, more in {
            **{key: {} for key in ("take", "assign", "wait", "resume", "approve", "refuse", "close", "reopen")},
            "cause": {"cause": "other"},
            "step": {"step": "look"},
        }.items()
    },
    "POST /cases/orders/{int:order_id}/contacts": {"channel": "call", "result": "reached"},
    "POST /cases/orders/{int:order_id}/comments": {"text": "看一下"},
    "POST /cases/orders/{int:order_id}/address/show": {"reason": "看一下"},
    "POST /cases/orders/{int:order_id}/address": {"version": 1, "receiver": {}},
    "PUT /cases/causes/{int:cause_id}": {"zh": "原因"},
    "POST /cases/orders/{int:order_id}/links": {},
    "POST /cases/orders/{int:order_id}/compose": {"template_id": 2**40},
    "POST /cases/orders/{int:order_id}/archive": {"version": 1},
    "POST /cases/links/{int:link_id}/accept": {"version": 1},
    "PUT /cases/messages/{int:template_id}": {"name": "话术", "channel": "sms", "text": "您好"},
    "PUT /cases/macros/{int:macro_id}": {"name": "动作包", "body": {"comment": "看过"}},
    "POST /cases/macros/{int:macro_id}/apply": {"orders": [{"id": 2**40, "version": 1}]},
    "PUT /campaigns/{int:campaign_id}": {"name": "清单", "goal_at": "2999-01-01T00:00:00Z", "grows": True, "step": 1},
    "PUT /campaigns/{int:campaign_id}/lanes": {
        "lanes": [{"name": "放行", "team_id": 1, "kinds": ["regular"], "people": []}]
    },
    "POST /campaigns/{int:campaign_id}/checkpoints/{int:checkpoint_id}/accept": {"move": 0},
    "POST /campaigns/{int:campaign_id}/checkpoints/{int:checkpoint_id}/note": {"text": "交接"},
    "POST /campaigns/{int:campaign_id}/authorisations": {
        "role": "front_line",
        "kind": "regular",
        "ends_at": "2999-01-01T00:00:00Z",
    },
    "POST /campaigns/{int:campaign_id}/preventions": {"text": "改规则", "owner_id": 1, "due": "2999-01-01"},
    "PUT /campaigns/{int:campaign_id}/preventions/{int:prevention_id}": {"done": True},
    "POST /campaigns/{int:campaign_id}/template": {"name": "模板"},
    "POST /mappings": {"name": "表", "body": {}},
    "POST /mappings/look": {"import_id": 2**40, "file": 0},
    "POST /mappings/check": {"import_id": 2**40, "file": 0, "draft": {}},
    "POST /imports/{int:import_id}/refused": {"format": "xlsx", "reason": "更正"},
    "POST /imports/{int:import_id}/passwords": {"passwords": ["abc123"]},
    "POST /mappings/words": {"channel": "pdd", "word": "配货中", "value": "waiting"},
    "POST /mappings/{int:mapping_id}": {"name": "表"},
    "POST /desk/queues": {"name": "队列", "query": "queue=mine", "shared": False},
    "POST /desk/claim": {"n": 1},
    "POST /desk/leases/renew": {"leases": []},
    "POST /desk/leases/return": {"orders": []},
    "POST /desk/orders/{int:order_id}/take": {},
    "POST /desk/orders/{int:order_id}/skip": {"code": "unsure"},
    "POST /desk/orders/{int:order_id}/verdict": {"verdict": "exception", "reason": "看", "version": 1},
    "POST /desk/orders/{int:order_id}/undo": {},
    "POST /desk/orders/{int:order_id}/snooze": {"until": "2999-01-01T00:00:00Z"},
    "POST /desk/orders/{int:order_id}/keep": {"version": 1},
    "POST /desk/holds/met": {"orders": [2**40], "kind": "stock"},
    "POST /desk/bulk/dry-run": {"verdict": "review", "select": {}},
    "POST /desk/bulk": {"verdict": "review", "select": {}},
    "POST /desk/assign": {"orders": [2**40]},
    "POST /desk/hand-over": {"giver": 2**40, "taker": 2**40},
    "PUT /desk/settings": {"batch": 10},
    "POST /desk/notices/read": {"all": True},
    "POST /notices/read": {"ids": [], "all": True},
    "PUT /policies/drafts/{int:draft_id}": {"name": "草稿", "source": "policy: x", "version": 1},
    "POST /policies/rollouts/{int:rollout_id}/publish": {},
    "POST /policies/audits/{int:audit_id}/answer": {"release": True},
    "PUT /policies/audits/setting": {"share": 0.02, "limit": 0.02, "controls": True},
    "POST /policies/notices/read": {"ids": []},
    "PUT /board/ranking": {"shown": True},
    "PUT /users/{int:user_id}": {"name": "甲", "roles": ["agent"]},
    "POST /users/{int:user_id}/password": {"password": "long-enough-清单"},
    "PUT /teams/{int:team_id}/roster": {"cells": []},
    "POST /views": {"name": "视图", "query": "stage=in_review", "shared": False},
}


@dataclass(frozen=True)
class Scene:
    team: Team
    order: int
    view: int
    drop: int


@pytest.fixture
def own(ours: Team) -> Scene:
    return scene(ours)


@pytest.fixture
def other(theirs: Team) -> Scene:
    return scene(theirs)


def scene(team: Team) -> Scene:
    [order] = stock(team.merchant, {"paid_amount": 61_200})
    view = actions.save_view(user=team.people[Role.AGENT], name="共享", query="q=1", shared=True)
    drop = imports.create_import(
        team.merchant.id,
        [imports.Upload("orders.csv", BytesIO(b"nothing"))],
        actor=Actor("system", "test", "test"),
        as_of=datetime.now(UTC),
    )
    return Scene(team, order, view.id, drop.pk)


def knock(browser: Browser, door: Door, order: int, view: int, drop: int) -> Any:
    answer = browser.send(door.method.lower(), address(door, order, view, drop), BODIES.get(str(door)))
    if answer.streaming:
        list(answer.streaming_content)
    return answer


def rooms(wanted: Callable[[Door], object]) -> list[ParameterSet]:
    """The doors of each room together: making its scene takes longer than knocking."""
    found = defaultdict(list)
    for door in DOORS:
        if wanted(door):
            found[door.path.split("/")[1]].append(door)
    return [pytest.param(together, id=room) for room, together in found.items()]


@contextmanager
def left_as_it_was() -> Iterator[None]:
    """Undo what a knock did, as the test's own transaction does at its end; verbs may be durable in it."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("together", rooms(lambda door: door.needs))
def test_a_role_gets_in_exactly_where_the_table_says(own: Scene, stranger: Browser, together: list[Door]) -> None:
    browsers = {role: own.team.browser(role) for role in Role}
    for door in together:
        assert knock(stranger, door, own.order, own.view, own.drop).status_code == 401, door
        for role, browser in browsers.items():
            with left_as_it_was():
                status = knock(browser, door, own.order, own.view, own.drop).status_code
            assert (status != 403) == (door.needs in RIGHTS[role]), (str(door), role, status)


@pytest.mark.parametrize("together", rooms(lambda door: "{" in door.path))
def test_what_is_another_merchants_looks_like_what_is_not_there(own: Scene, other: Scene, together: list[Door]) -> None:
    admin = own.team.browser(Role.ADMIN)
    for door in together:
        with left_as_it_was():
            foreign = knock(admin, door, other.order, other.view, other.drop)
            unknown = knock(admin, door, 2**40, 2**40, 2**40)

            assert foreign.status_code == unknown.status_code == 404, (str(door), foreign.content, unknown.content)
            assert foreign.json() == unknown.json(), door
            assert Access.objects.count() == 0, door


def test_lists_hold_only_ones_own(own: Scene, other: Scene) -> None:
    admin = own.team.browser(Role.ADMIN)

    assert [row["id"] for row in admin.get("/api/orders").json()["rows"]] == [own.order]
    assert [view["id"] for view in admin.get("/api/views").json()] == [own.view]
    assert admin.get("/api/board").json()["total"] == 1
    assert [drop["id"] for drop in admin.get("/api/imports").json()["rows"]] == [own.drop]
    text = b"".join(admin.post("/api/orders/export", {"filters": {}, "format": "csv"}).streaming_content)
    assert text.count(b"\n") == 2
    foreign_shop = other.team.merchant.shops.get().id
    assert admin.get(f"/api/orders?shop={foreign_shop}").json()["total"] == 0


@pytest.mark.parametrize("together", rooms(lambda door: door.method != "GET"))
def test_every_change_asks_for_the_csrf_token(own: Scene, together: list[Door]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(own.team.people[Role.ADMIN])
    for door in together:
        answer = getattr(client, door.method.lower())(
            address(door, own.order, own.view, own.drop), BODIES.get(str(door)), content_type="application/json"
        )

        assert answer.status_code == 403, door
        assert answer.json()["error"]["code"] == "cross_site", door


def test_sharing_a_view_is_a_right_of_its_own(own: Scene) -> None:
    shared = {"name": "给大家", "query": "overdue=1", "shared": True}

    assert own.team.browser(Role.AGENT).post("/api/views", shared).status_code == 403
    assert own.team.browser(Role.SUPERVISOR).post("/api/views", shared).json()["mine"] is True
    seen = own.team.browser(Role.AGENT).get("/api/views").json()
    assert [(view["name"], view["mine"]) for view in seen if view["name"] == "给大家"] == [("给大家", False)]


def test_a_colleagues_view_can_not_be_deleted_and_saving_again_replaces_ones_own(own: Scene) -> None:
    agent, risk = own.team.browser(Role.AGENT), own.team.browser(Role.RISK)
    mine = agent.post("/api/views", {"name": "我的", "query": "tier=urgent", "shared": False}).json()

    assert risk.delete(f"/api/views/{own.view}").status_code == 404
    again = agent.post("/api/views", {"name": "我的", "query": "tier=regular", "shared": False}).json()
    assert again["id"] == mine["id"]
    assert agent.delete(f"/api/views/{mine['id']}").status_code == 204
    assert [view["name"] for view in agent.get("/api/views").json()] == ["共享"]


def test_roles_add_up(ours: Team) -> None:
    both = actions.create_user(
        login="both", name="both", merchant_id=ours.merchant.id, roles=[Role.FINANCE, Role.AGENT], password=PASSWORD
    )

    assert both.rights == RIGHTS[Role.FINANCE] | RIGHTS[Role.AGENT]

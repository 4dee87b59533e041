"""S1 at small scale, as a supervisor and her people meet it over HTTP: from raw exports to the close-out report."""

from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from openpyxl import load_workbook
from tests.web.cast import Browser, Team

from qingdan.campaigns import actions, keeping
from qingdan.campaigns.kinds import USUAL_MINUTES
from qingdan.campaigns.models import Campaign
from qingdan.desk import refreshing
from qingdan.desk.models import Assignment
from qingdan.intake import runner
from qingdan.orders.models import Order
from qingdan.people.models import User
from qingdan.people.rights import Role
from qingdan.sandbox.samples import write_sample

pytestmark = pytest.mark.django_db(transaction=True)
BACKLOG = ("in_review", "exception", "held")


def asked(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content
    return answer.json() if status == 200 else None


def browser(user: User) -> Browser:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    return Browser(client)


def import_exports(boss: Browser, folder: Path, count: int) -> dict[str, Any]:
    write_sample("s1", folder, seed=5, count=count)
    files = [p for p in sorted(folder.iterdir()) if p.suffix in {".csv", ".xlsx"}]
    drop = asked(boss.post("/api/imports", data={"files": [SimpleUploadedFile(p.name, p.read_bytes()) for p in files]}))
    runner.run(drop["id"])
    return dict(asked(boss.get(f"/api/imports/{drop['id']}")))


def work(campaign: Campaign, begin: datetime, *, hours: float, seed: int) -> datetime:
    """Let everybody with a seat claim and release through the API, each on her own simulated clock."""
    rng = np.random.default_rng(seed)
    people = {seat.user_id: seat.user for seat in campaign.seats.select_related("user")}
    screens = {key: browser(user) for key, user in people.items()}
    clocks = [(begin, key) for key in people]
    heapify(clocks)
    end, last = begin + timedelta(hours=hours), begin
    while clocks:
        now, key = heappop(clocks)
        if now >= end:
            continue
        rows = asked(screens[key].post("/api/desk/claim", {"n": 1}))["rows"]
        if not rows:
            continue
        row = rows[0]
        kind = "exception" if row["stage"] == "exception" else "regular"
        done = now + timedelta(minutes=USUAL_MINUTES[kind] * float(rng.lognormal(0, 0.5)))
        body = {"version": row["version"], "token": row["desk"]["lease"]["token"], "reason": "已核实"}
        answer = screens[key].post(f"/api/desk/orders/{row['id']}/verdict", {"verdict": "release", **body})
        if answer.status_code != 200:
            until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
            held = {"verdict": "hold", "hold": "time", "until": until, **body}
            asked(screens[key].post(f"/api/desk/orders/{row['id']}/verdict", held))
        last = max(last, done)
        heappush(clocks, (done, key))
    return last


def test_two_hundred_orders_from_the_exports_to_the_report(ours: Team, tmp_path: Path) -> None:
    boss, agent = ours.browser(Role.SUPERVISOR), ours.browser(Role.AGENT)
    drop = import_exports(boss, tmp_path, 200)
    began = datetime.now(UTC)
    goal = (began + timedelta(hours=72)).isoformat()
    body = {"name": "双十一清单", "filters": {"import": drop["id"]}, "query": f"import={drop['id']}", "goal_at": goal}
    asked(agent.post("/api/campaigns", body), 403)

    # step 1 and 2: the orders are frozen, and the pile is told by platform, age and reason
    made = asked(boss.post("/api/campaigns", body))
    path = f"/api/campaigns/{made['id']}"
    waiting = Order.objects.filter(stage__in=BACKLOG).count()
    assert (made["left"], made["by_rules"]) == (waiting, made["total"] - waiting)
    assert made["by_rules"] > 0
    for by in ("channel", "kind", "age", "tier"):
        assert sum(row["count"] for row in made["pile"][by]) == waiting, by
    assert sum(kind["left"] for kind in made["kinds"]) == waiting
    assert made["forecast"]["p50"] <= made["forecast"]["p80"] < goal
    assert made["forecast"]["left"] == waiting

    # every exception gets a type and an owner, and the page is told until there is none without
    lacking = asked(boss.get(f"{path}/unowned"))
    assert len(lacking) == made["unowned"] > 0
    assert asked(boss.post(f"{path}/owners"))["unowned"] == 0
    assert asked(boss.get(f"{path}/unowned")) == []

    # step 3: the front line may decide urgent orders up to ¥500, until it is taken back
    soon = (began + timedelta(hours=8)).isoformat()
    given = asked(
        boss.post(f"{path}/authorisations", {"role": "front_line", "kind": "urgent", "limit": 50_000, "ends_at": soon})
    )["authorisations"][0]
    theirs = Assignment.objects.filter(role="front_line", reason__startswith="清单临时授权")
    assert theirs.count() == Order.objects.filter(pk__in=theirs.values("order_id"), paid_amount__lte=50_000).count()
    asked(boss.post(f"{path}/authorisations/{given['id']}/end"))
    assert not theirs.exists()

    # step 4: everybody sits in the front line's first group; the proposal is quicker
    choices = asked(boss.get("/api/campaigns/choices"))
    teams = {team["role"]: team for team in choices["teams"]}
    crowd = [p for team in choices["teams"] for p in team["members"]]
    lanes = [
        {"name": "放行", "team_id": teams["front_line"]["id"], "kinds": ["regular", "urgent"], "people": crowd[:-1]},
        {
            "name": "异常",
            "team_id": teams["risk"]["id"],
            "kinds": ["address", "payment", "exception"],
            "people": crowd[-1:],
        },
    ]
    doubled = [{**lane, "people": crowd} for lane in lanes]
    asked(boss.send("put", f"{path}/lanes", {"lanes": doubled}), 422)
    asked(boss.send("put", f"{path}/lanes", {"lanes": lanes}))
    split = asked(boss.get(f"{path}/split"))
    assert split["proposed"]["p80"] < split["now"]["p80"]

    # two working hours later: the checkpoint's advice, taken with one click
    refreshing.refresh(ours.merchant.id)
    started = asked(boss.post(f"{path}/start"))
    assert (started["state"], len(started["checkpoints"])) == ("running", 1)
    row = Campaign.objects.get(pk=made["id"])
    [first] = started["checkpoints"]
    move = first["moves"][0]
    assert move["hours"] > 0
    assert "A组" in move["text"]["zh"]
    moved = asked(boss.post(f"{path}/checkpoints/{first['id']}/accept", {"move": 0}))
    names = {p["name"] for p in move["people"]}
    assert names <= {p["name"] for p in next(x for x in moved["lanes"] if x["id"] == move["target"])["people"]}
    assert moved["forecast"]["p50"] < first["p50"]
    assert any("采纳建议" in line["text"]["zh"] for line in moved["log"])
    asked(boss.post(f"{path}/checkpoints/{first['id']}/accept", {"move": 0}), 409)

    now = datetime.now(UTC)
    for number in range(20):
        keeping.keep(now)
        work(row, now, hours=2, seed=number)
        now += timedelta(hours=2)
        actions.check(Campaign.objects.get(pk=row.pk), now)
        seen = asked(boss.get(path))
        assert seen["left"] == Order.objects.filter(stage__in=BACKLOG).count()
        assert sum(by["orders"] for by in seen["done_by"]) == seen["done"]
        if seen["left"] == seen["parked"]:
            break
    assert seen["left"] == seen["parked"]
    assert seen["checkpoints"][0]["pace"] is not None
    assert len(seen["checkpoints"]) == number + 2
    noted = asked(boss.post(f"{path}/checkpoints/{seen['checkpoints'][0]['id']}/note", {"text": "晚班只剩挂起单"}))
    assert noted["checkpoints"][0]["note"] == "晚班只剩挂起单"

    # close-out: report, workbook, template, prevention list
    owner = ours.people[Role.SUPERVISOR].pk
    asked(
        boss.post(f"{path}/preventions", {"text": "支付失败单每小时自动对账", "owner_id": owner, "due": "2999-01-01"})
    )
    closed = asked(boss.post(f"{path}/close"))
    assert closed["state"] == "closed"
    told = asked(boss.get(f"{path}/report"))["report"]
    assert (told["before"]["left"], told["after"]["left"]) == (waiting, seen["left"])
    assert sum(kind["done"] for kind in told["kinds"]) == told["after"]["done"]
    assert sum(person["orders"] for person in told["people"]) == told["after"]["done"]
    assert told["late_avoided"] is not None
    book = b"".join(boss.get(f"{path}/report.xlsx").streaming_content)
    (tmp_path / "report.xlsx").write_bytes(book)
    assert load_workbook(tmp_path / "report.xlsx").sheetnames[0] == "概况"
    asked(boss.post(f"{path}/template", {"name": "双十一规则"}), 204)
    assert asked(boss.get(f"{path}/sops")) == []
    asked(boss.post(f"{path}/close"), 422)
    ready = asked(boss.get("/api/campaigns/readiness"))
    assert round(sum(part["share"] * part["weight"] for part in ready["parts"])) == ready["score"]

    # the same days once more, three times as many, on today's people
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(paid_at)::date, max(paid_at)::date FROM orders_order")
        low, high = cursor.fetchone()
    days = {"first_day": max(low, high - timedelta(days=10)).isoformat(), "last_day": high.isoformat()}
    peak = {"name": "三倍演练", **days, "play_day": began.date().isoformat(), "scale": 3}
    played = asked(boss.post("/api/campaigns/rehearsals", peak))["result"]
    assert played["for_people"] + played["released"] <= played["orders"] + 3
    assert len(played["hours"]) > 24
    assert all(sum(hour["kinds"].values()) >= 0 for hour in played["hours"])

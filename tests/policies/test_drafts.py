"""Drafts and the editor's API."""

import json

from cast import Team

from qingdan.data.policies import starter_text
from qingdan.people.rights import Role
from qingdan.policies.models import Act


def test_a_text_is_checked_rendered_and_comes_back_the_same(ours: Team) -> None:
    browser = ours.browser(Role.AGENT)
    checked = browser.post("/api/policies/check", {"source": starter_text()}).json()
    assert checked["ok"] is True
    assert checked["problems"] == []
    assert {s["id"] for s in checked["sentences"]} >= {"amount_region", "urgent"}
    rendered = browser.post("/api/policies/render", {"form": checked["form"]}).json()
    assert rendered["checked"]["hash"] == checked["hash"]
    assert rendered["checked"]["form"] == checked["form"]
    language = browser.get("/api/policies/language").json()
    assert {f["id"] for f in language["fields"]} >= {"paid_amount", "buyer_message"}
    assert "<=" in {op["id"] for op in language["operators"]["money"]}


def test_a_problem_names_its_place_its_rule_and_an_example(ours: Team) -> None:
    text = starter_text().replace("任一异常", "VIP客户 = 是 且 加急标记 = 是").replace("<= 500元", "<= 500")
    problems = ours.browser(Role.AGENT).post("/api/policies/check", {"source": text}).json()["problems"]
    assert problems[0]["path"] == ["checks", 0, "condition"]
    assert problems[0]["rule"] == "amount_region"
    shadowed = ours.browser(Role.AGENT).post("/api/policies/check", {"source": text.replace("<= 500 ", "<= 500元 ")})
    [problem] = shadowed.json()["problems"]
    assert problem["code"] == "policy.shadowed"
    assert (problem["path"][:2], problem["rule"]) == (["tiers", 1], "exception")
    assert problem["example"]["vip"] is True
    assert "VIP客户 = 是" in problem["example_text"]["zh"]


def test_a_draft_is_saved_by_version_and_compared_with_the_live_policy(ours: Team) -> None:
    browser = ours.browser(Role.SUPERVISOR)
    draft = browser.post("/api/policies/drafts", {"name": "双11"}).json()
    assert draft["source"] == starter_text()
    path = f"/api/policies/drafts/{draft['id']}"
    assert browser.get(f"{path}/compare").json()["same"] is True

    source = draft["source"].replace("500元", "300元").replace("加急, 催发", "加急")
    saved = browser.send("put", path, {"name": "双11", "source": source, "version": 1})
    assert saved.json()["version"] == 2
    differences = browser.get(f"{path}/compare").json()["differences"]
    assert {(d["kind"], d["id"], d["change"]) for d in differences} == {
        ("check", "amount_region", "changed"),
        ("words", "加急词", "changed"),
    }
    amount = next(d for d in differences if d["id"] == "amount_region")
    assert amount["after"]["zh"] == "实付金额 ≤ 300元 且 大陆地区 = 是"

    stale = browser.send("put", path, {"name": "旧", "source": source, "version": 1})
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "draft_stale")
    faulty = browser.send("put", path, {"name": "双11", "source": "policy: x", "version": 2})
    assert faulty.status_code == 200  # a draft may have errors
    assert browser.get(f"{path}/compare").status_code == 422
    assert browser.delete(path).status_code == 204
    assert [a.kind for a in Act.objects.order_by("id")] == [
        *("draft_created", "draft_saved", "draft_saved", "draft_deleted")
    ]


def test_a_draft_of_another_merchant_is_not_there(ours: Team, theirs: Team) -> None:
    draft = theirs.browser(Role.SUPERVISOR).post("/api/policies/drafts", {"name": "x"}).json()
    path = f"/api/policies/drafts/{draft['id']}"
    browser = ours.browser(Role.SUPERVISOR)
    body = json.loads(json.dumps({"name": "x", "source": "x", "version": 1}))
    assert [browser.get(path).status_code, browser.send("put", path, body).status_code] == [404, 404]
    assert browser.delete(path).status_code == 404
    assert browser.get("/api/policies/drafts").json() == []
    assert ours.browser(Role.AGENT).post("/api/policies/drafts", {"name": "x"}).status_code == 403

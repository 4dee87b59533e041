"""Templates: those of the program decide as they promise, those of a team travel as one file."""

import datetime as dt
import random
from typing import Any

import pytest
from cast import Browser, Team, make_team
from django.core.files.uploadedfile import SimpleUploadedFile
from stocked import AS_OF, frame_of, order, some, stock

from qingdan.core.policy import compile_policy, load_policy, review_columns
from qingdan.people.rights import Role
from qingdan.policies import backtests, templates

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("template", [one.id for one in templates.BUILTINS])
def test_a_template_has_no_warnings_and_releases_a_plain_order_only(template: str) -> None:
    policy = load_policy(templates.builtin_source(template))
    assert (policy.id, policy.warnings) == (template, ())
    plain = {
        **order(random.Random(1), 1),  # noqa: S311
        "platform_state": "waiting",
        "platform_hold": "none",
        "returns_30d": 0,
        "pay_method": "alipay",
        "paid_amount": 19_900,
        "paid_at": AS_OF - dt.timedelta(hours=2),
        "buyer_message": "",
        "phone_plausible": True,
        "amount_vs_usual": 100,
        "same_receiver_count": 1,
        "item_count": 1,
    }
    changes: list[dict[str, Any]] = [
        {},
        {"refund_state": "requested"},
        {"buyer_message": "请帮我改地址"},
        {"platform_hold": "risk_review"},
        {"presale_step": "deposit_paid"},
        {"paid_amount": 9_000_000},
    ]
    decided = review_columns(compile_policy(policy), frame_of([plain | change for change in changes]), AS_OF)
    assert decided["verdict"].cast(str).to_list() == ["release", *["exception"] * 5]


def upload(browser: Browser, name: str, content: bytes) -> Any:
    browser.get("/api/session")
    return browser.client.post(
        "/api/policies/templates/import",
        {"name": name, "file": SimpleUploadedFile("t.yaml", content)},
        headers={"X-CSRFToken": browser.client.cookies["csrftoken"].value},
    )


def test_a_template_is_saved_with_its_results_and_travels_as_a_file(db: None) -> None:
    ours: Team = make_team("ours")
    stock(ours.merchant.id, some(300))
    browser = ours.browser(Role.SUPERVISOR)
    listed = browser.get("/api/policies/templates").json()
    daily = next(t for t in listed["builtin"] if t["id"] == "daily")
    test = browser.post("/api/policies/backtests", {"source": daily["source"]}).json()
    backtests.run(test["id"])
    body = {"name": "我们的日常", "note": "旺季用", "source": daily["source"], "backtest": test["id"]}
    saved = browser.post("/api/policies/templates", body).json()
    assert saved["results"]["released"] > 0
    assert browser.post("/api/policies/templates", body).status_code == 409
    other = {**body, "name": "别的", "source": daily["source"].replace("1000元", "999元")}
    assert browser.post("/api/policies/templates", other).status_code == 404

    answer = browser.get(f"/api/policies/templates/{saved['id']}/file")
    content = b"".join(answer.streaming_content)
    text = content.decode()
    assert text.startswith("# 我们的日常\n# 旺季用\n# 回测 ")
    assert load_policy(text).hash == saved["hash"]
    theirs = make_team("theirs").browser(Role.SUPERVISOR)
    assert theirs.get(f"/api/policies/templates/{saved['id']}/file").status_code == 404
    assert upload(theirs, "同行的", content).json()["hash"] == saved["hash"]
    assert upload(theirs, "坏的", b"policy: x").status_code == 422
    assert browser.delete(f"/api/policies/templates/{saved['id']}").status_code == 204
    assert browser.get("/api/policies/templates").json()["own"] == []

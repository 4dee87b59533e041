"""Those who watch Qingdan from outside: health, readiness, figures, and logs with their ids."""

import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from cast import Team
from django.test import Client
from stock import stock

from qingdan.people.rights import Role
from qingdan.web import metrics, views
from qingdan.web.logs import JsonLines, about


@pytest.fixture(autouse=True)
def _asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "_last", [])


@pytest.mark.django_db
def test_figures_are_for_this_computer_or_for_who_knows_the_token(ours: Team, settings: Any) -> None:
    stock(ours.merchant, {"paid_amount": 61_200}, {"vip": True})
    settings.METRICS_TOKEN = ""
    assert Client().get("/metrics", headers={"X-Forwarded-For": "10.0.0.9"}).status_code == 403
    assert Client(REMOTE_ADDR="10.0.0.9").get("/metrics").status_code == 403
    text = Client().get("/metrics").content.decode()
    assert f'qingdan_orders{{merchant="{ours.merchant.id}",stage="in_review",tier="regular"}} 1\n' in text
    assert "qingdan_figures_missed 0\n" in text
    for figure in metrics.FIGURES:
        assert text.count(f"# TYPE {figure.name} gauge\n") == 1

    settings.METRICS_TOKEN = "let-me-see"
    assert Client().get("/metrics").status_code == 403
    seen = Client(REMOTE_ADDR="10.0.0.9").get("/metrics", headers={"Authorization": "Bearer let-me-see"})
    assert seen.status_code == 200


def test_labels_are_escaped() -> None:
    text = metrics.family("f", "Help.", ("name",), [('a"b\\c\nd', 3)])
    assert text.endswith('f{name="a\\"b\\\\c\\nd"} 3\n')


@pytest.mark.django_db
def test_a_server_is_ready_only_with_its_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Client().get("/healthz").status_code == 200
    ready = Client().get("/readyz")
    assert (ready.status_code, ready.json()["migrations"]) == (200, "applied")
    monkeypatch.setattr(views, "_wanted", lambda: frozenset({("orders", "9999_to_come")}))
    assert Client().get("/readyz").status_code == 503


@pytest.mark.django_db
def test_a_line_of_the_log_names_the_request_and_the_order(ours: Team, caplog: pytest.LogCaptureFixture) -> None:
    [order] = stock(ours.merchant, {"paid_amount": 61_200})
    browser = ours.browser(Role.AGENT)
    answer = browser.get(f"/api/orders/{order}", headers={"X-Request-ID": "from-the-proxy-1"})
    assert answer.headers["X-Request-ID"] == "from-the-proxy-1"
    strange = browser.get("/api/board", headers={"X-Request-ID": "bad\nid"}).headers["X-Request-ID"]
    assert strange.isalnum()

    lines = []
    kept = logging.Handler()
    kept.emit = lambda record: lines.append(json.loads(JsonLines().format(record)))  # type: ignore[method-assign]
    log = logging.getLogger("qingdan.test")
    log.addHandler(kept)
    try:
        with about(request_id="abc"), about(order_id=7):
            log.warning("订单 %s", "看")
        try:
            int("坏")
        except ValueError:
            log.exception("failed", extra={"order_id": 8})
    finally:
        log.removeHandler(kept)
    assert {k: lines[0][k] for k in ("level", "message", "request_id", "order_id")} == {
        "level": "warning",
        "message": "订单 看",
        "request_id": "abc",
        "order_id": 7,
    }
    assert lines[1]["order_id"] == 8
    assert lines[1]["error"].find("ValueError") > 0
    assert "request_id" not in lines[1]


def test_the_dashboard_asks_for_figures_that_there_are() -> None:
    board = (Path(__file__).parents[2] / "deploy/grafana/qingdan.json").read_text(encoding="utf-8")
    asked = set(re.findall(r"qingdan_[a-z_]+", board))
    assert asked == {figure.name for figure in metrics.FIGURES} | {"qingdan_info", "qingdan_figures_missed"}

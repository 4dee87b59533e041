import json
from pathlib import Path
from typing import Any

import pytest
from cast import Browser, Team
from django.db import OperationalError, connection
from django.test import Client

from qingdan.core.fields import CATALOGUE
from qingdan.people.rights import Role
from qingdan.web import views
from qingdan.web.api import api

pytestmark = pytest.mark.django_db


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = tmp_path / "index.html"
    index.write_text("<!doctype html><title>清单</title>", encoding="utf-8")
    monkeypatch.setattr(views, "INDEX", index)


@pytest.mark.parametrize("path", ["/", "/orders", "/orders?stage=held", "/imports/12", "/board/big", "/login"])
def test_every_page_of_the_user_interface_is_its_shell(built: None, path: str) -> None:
    answer = Client().get(path)

    assert answer.status_code == 200
    assert "清单" in answer.content.decode()
    assert "csrftoken" in answer.cookies
    assert "no-store" in answer["Cache-Control"]


def test_a_missing_build_is_explained_in_both_languages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "INDEX", tmp_path / "none.html")

    page = Client().get("/").content.decode()

    assert "make ui" in page
    assert "界面还没有构建" in page


@pytest.mark.parametrize("path", ["/", "/api/session", "/healthz", "/api/nothing"])
def test_scripts_come_from_here_and_pages_are_not_framed(built: None, path: str) -> None:
    answer = Client().get(path)

    policy = dict(part.split(" ", 1) for part in answer["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == policy["object-src"] == "'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


def test_an_unknown_api_address_is_an_error_of_the_api() -> None:
    answer = Client().get("/api/nothing/here")

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"
    assert answer["Cache-Control"] == "no-store"


def test_health_asks_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Client().get("/healthz").json() == {"database": "ok"}

    def away(*_: object) -> None:
        raise OperationalError("connection refused at /var/run/secret")

    monkeypatch.setattr(connection, "cursor", away)
    answer = Client().get("/healthz")
    assert answer.status_code == 503
    assert "secret" not in answer.content.decode()


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [(OperationalError("host=10.0.0.1"), 503, "database_away"), (ZeroDivisionError("secret"), 500, "server_error")],
)
def test_what_breaks_is_told_without_its_insides(
    *, ours: Team, monkeypatch: pytest.MonkeyPatch, caplog: Any, error: Exception, status: int, code: str
) -> None:
    browser = ours.browser(Role.AGENT)

    def broken(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("qingdan.insight.queries.board", broken)
    answer = browser.get("/api/board")

    assert answer.status_code == status
    told = answer.json()["error"]
    assert told["code"] == code
    assert set(told) == {"code", "zh", "en", "advice_zh", "advice_en", "details"}
    assert str(error) not in answer.content.decode()
    assert "Traceback" not in answer.content.decode()
    if status == 500:
        assert told["en"].split()[-1].rstrip(".") in caplog.text


def test_a_body_that_is_no_json_is_a_bad_request(stranger: Browser) -> None:
    answer = stranger.send("post", "/api/session", data="{", content_type="application/json")

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "bad_request"


def test_the_catalogue_holds_every_field_with_labels_and_values(ours: Team) -> None:
    catalogue = ours.browser(Role.AGENT).get("/api/catalogue").json()

    assert [field["id"] for field in catalogue["fields"]] == [field.id for field in CATALOGUE]
    by_id = {field["id"]: field for field in catalogue["fields"]}
    for field in CATALOGUE:
        assert [v["id"] for v in by_id[field.id]["values"]] == list(field.value_ids)
        assert by_id[field.id]["pii"] == field.pii.value
    assert {reason["id"] for reason in catalogue["reasons"]} >= {"amount_region", "address_unclear", "field_missing"}
    assert {role["id"] for role in catalogue["roles"]} >= {role.value for role in Role} | {"front_line"}


def test_the_live_policy_reads_in_both_languages(ours: Team) -> None:
    policy = ours.browser(Role.AGENT).get("/api/policies/live").json()

    rules = {rule["id"]: rule for rule in policy["rules"]}
    assert rules["trust"]["text"] == {"zh": "近30天退货 = 0", "en": "returns_30d = 0"}
    assert [tier["id"] for tier in policy["tiers"]] == ["urgent", "exception", "regular"]
    assert policy["tiers"][0]["respond"] == {"zh": "2小时", "en": "2 hours"}
    assert len(policy["hash"]) >= 16
    assert {words["name"] for words in policy["words"]} >= {"改址词"}


def test_the_api_describes_itself() -> None:
    schema = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/")))

    assert "/api/orders" in schema["paths"]
    assert "/api/orders/{order_id}/decide" in schema["paths"]

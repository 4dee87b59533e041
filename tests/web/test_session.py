from typing import Any

import pytest
from cast import PASSWORD, Browser, Team
from django.core.management import call_command
from django.db import connection
from django.test import Client

from qingdan.people import actions
from qingdan.people.rights import Right, Role
from qingdan.web import settings as shipped

pytestmark = pytest.mark.django_db


def test_a_stranger_learns_nothing_but_the_languages_and_the_zone(stranger: Browser) -> None:
    answer = stranger.get("/api/session").json()

    assert answer == {
        "user": None,
        "rights": [],
        "zone": "Asia/Shanghai",
        "demo_logins": [],
        "languages": ["zh", "en"],
    }


def test_demo_logins_are_told_in_demo_mode_only(stranger: Browser, settings: Any) -> None:
    settings.DEMO = True

    logins = stranger.get("/api/session").json()["demo_logins"]

    assert {person["role"] for person in logins} == {role.value for role in Role}


def test_logging_in_tells_who_one_is_and_what_one_may_do(stranger: Browser, ours: Team) -> None:
    answer = stranger.log_in("ours-agent")

    assert answer.status_code == 200
    user = answer.json()["user"]
    assert user["login"] == "ours-agent"
    assert user["roles"] == ["agent"]
    assert user["merchant"] == {"id": ours.merchant.id, "name": "ours"}
    assert Right.ORDERS_VIEW.value in answer.json()["rights"]
    assert Right.USERS_MANAGE.value not in answer.json()["rights"]
    assert stranger.get("/api/session").json()["user"] == user


def test_the_login_name_may_be_typed_in_capitals(stranger: Browser, ours: Team) -> None:
    assert stranger.log_in(" OURS-Agent ").status_code == 200


def test_the_session_and_the_token_change_at_login(stranger: Browser, ours: Team) -> None:
    stranger.client.get("/api/session")
    before = stranger.client.cookies["csrftoken"].value
    stranger.log_in("ours-agent")
    first = stranger.client.cookies["sessionid"].value

    stranger.log_in("ours-risk")

    assert stranger.client.cookies["sessionid"].value != first
    assert stranger.client.cookies["csrftoken"].value != before


def test_logging_out_ends_the_session_on_the_server(stranger: Browser, ours: Team) -> None:
    stranger.log_in("ours-agent")
    stolen = stranger.client.cookies["sessionid"].value

    assert stranger.delete("/api/session").json()["user"] is None

    thief = Client()
    thief.cookies["sessionid"] = stolen
    assert thief.get("/api/session").json()["user"] is None


def test_a_new_password_ends_the_sessions(stranger: Browser, ours: Team) -> None:
    stranger.log_in("ours-agent")

    actions.change_password(login="ours-agent", password="another-清单-password")

    assert stranger.get("/api/session").json()["user"] is None


def test_login_without_the_token_is_refused(ours: Team) -> None:
    answer = Client(enforce_csrf_checks=True).post(
        "/api/session", {"login": "ours-agent", "password": PASSWORD}, content_type="application/json"
    )

    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "cross_site"
    assert "sessionid" not in answer.cookies


@pytest.mark.parametrize("login", ["ours-agent", "nobody"])
def test_a_wrong_login_and_a_wrong_password_are_told_apart_by_nothing(
    stranger: Browser, ours: Team, login: str
) -> None:
    answer = stranger.log_in(login, "wrong")

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "login_refused"
    assert login not in answer.content.decode()


def test_a_closed_account_can_not_log_in_and_loses_its_session(stranger: Browser, ours: Team) -> None:
    stranger.log_in("ours-agent")
    user = ours.people[Role.AGENT]
    user.is_active = False
    user.save(update_fields=["is_active"])

    assert stranger.get("/api/views").status_code == 401
    assert stranger.log_in("ours-agent").status_code == 401


def test_a_login_is_locked_after_five_failures_even_for_the_right_password(stranger: Browser, ours: Team) -> None:
    for _ in range(actions.ATTEMPTS_BY_PAIR):
        assert stranger.log_in("ours-agent", "wrong").status_code == 401

    answer = stranger.log_in("ours-agent")

    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "too_many_attempts"
    assert answer["Retry-After"] == "900"
    assert stranger.log_in("ours-risk").status_code == 200


def test_a_lock_ends_and_is_not_lengthened_by_hammering(stranger: Browser, ours: Team) -> None:
    for _ in range(actions.ATTEMPTS_BY_PAIR + 3):
        stranger.log_in("ours-agent", "wrong")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_loginattempts SET last_at = last_at - interval '16 minutes'")

    assert stranger.log_in("ours-agent").status_code == 200


def test_an_address_that_guesses_many_logins_is_locked(stranger: Browser, ours: Team) -> None:
    for number in range(actions.ATTEMPTS_BY_ADDRESS):
        stranger.log_in(f"guess-{number}", "wrong")

    assert stranger.log_in("ours-agent").status_code == 429


def test_success_forgets_the_failures(stranger: Browser, ours: Team) -> None:
    for _ in range(actions.ATTEMPTS_BY_PAIR - 1):
        stranger.log_in("ours-agent", "wrong")
    stranger.log_in("ours-agent")

    assert stranger.log_in("ours-agent", "wrong").status_code == 401


def test_passwords_are_kept_as_argon2() -> None:
    assert shipped.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]


def test_the_admin_site_has_no_login_of_its_own(stranger: Browser) -> None:
    answer = stranger.client.get("/admin/login/")

    assert answer.status_code == 302
    assert answer["Location"] == "/login?next=/admin/"


def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", "people", check=True, dry_run=True, verbosity=0)

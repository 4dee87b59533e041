from typing import Any

import pytest
from cast import Browser, Team, make_team
from django.test import Client


@pytest.fixture(autouse=True)
def _fast_hashes(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def stranger() -> Browser:
    return Browser(Client(enforce_csrf_checks=True))


@pytest.fixture
def ours(db: None) -> Team:
    return make_team("ours")


@pytest.fixture
def theirs(db: None) -> Team:
    return make_team("theirs")

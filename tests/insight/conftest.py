from typing import Any

import pytest
from tests.web.cast import Team, make_team


@pytest.fixture(autouse=True)
def _fast_hashes(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def ours(db: None) -> Team:
    return make_team("ours")


@pytest.fixture
def theirs(db: None) -> Team:
    return make_team("theirs")

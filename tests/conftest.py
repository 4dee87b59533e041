import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.db import connections
from pytest_django.fixtures import Settings

from qingdan.web import env
from qingdan.web.database import Server

# TRUNCATE between transactional tests must get past the guard of the events
_ERASE = {"options": "-c qingdan.erase=on"}


@pytest.fixture(scope="session")
def database_server() -> Iterator[str]:
    """Address of a throw-away PostgreSQL, one for all the workers of this run, or of DATABASE_URL's if that is set.

    It does not lie in pytest's own folder: that is closed to other accounts whenever another run starts, and as root
    the server runs under an account of its own.
    """
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid4().hex)
    server = Server(Path(tempfile.gettempdir()) / f"qingdan-test-{run}", throwaway=True)
    yield server.start()
    connections.close_all()
    server.release()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(database_server: str, django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Point Django at the throw-away server; pytest-django then makes each worker its own database there."""
    chosen = connections["default"].settings_dict
    name = chosen["TEST"].get("NAME")
    fresh = env.database(database_server)
    fresh["OPTIONS"] = {**chosen.get("OPTIONS", {}), **dict(fresh["OPTIONS"]), **_ERASE}  # type: ignore[call-overload]
    chosen.update(fresh)
    chosen["TEST"]["NAME"] = name
    django_settings.DATABASES["default"].update(fresh)


@pytest.fixture(autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> None:
    """Keep uploads out of the user's data directory."""
    settings.UPLOADS = tmp_path_factory.mktemp("home") / "uploads"

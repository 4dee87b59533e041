import os
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.db import connections
from pytest_django.fixtures import Settings
from xdist.scheduler import LoadScopeScheduling

import databases
from qingdan.web import env
from qingdan.web.database import Server


class Together(LoadScopeScheduling):
    """Hands tests out one by one, but those of the browser to one worker, so that the product is started once.

    Groups by mark do as much in principle; pytest-xdist 3.8 loses them under pytest 9.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/browser/") else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Together:
    """Schedule tests over the workers."""
    return Together(config, log)


# TRUNCATE between transactional tests must get past the guard of the events
_ERASE = {"options": "-c qingdan.erase=on"}


@pytest.fixture(scope="session")
def database_server() -> Iterator[str]:
    """Address of the tests' PostgreSQL, one for all the workers and runs of this data directory, or DATABASE_URL's.

    It stays between runs, stopped, for the sake of the template database in it (see ``databases``).
    """
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    server = Server(env.home() / "test-postgres", durable=False)
    yield server.start()
    connections.close_all()
    server.release()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(database_server: str, django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Point Django at the tests' server; pytest-django then makes each worker its own database there."""
    chosen = connections["default"].settings_dict
    fresh = env.database(database_server)
    fresh["OPTIONS"] = {**chosen.get("OPTIONS", {}), **dict(fresh["OPTIONS"]), **_ERASE}  # type: ignore[call-overload]
    chosen.update(fresh)
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid4().hex)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    chosen["TEST"] |= {"NAME": databases.name(run, worker), "TEMPLATE": databases.template(database_server)}
    django_settings.DATABASES["default"].update(fresh)


@pytest.fixture(autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> None:
    """Keep uploads out of the user's data directory."""
    settings.UPLOADS = tmp_path_factory.mktemp("home") / "uploads"

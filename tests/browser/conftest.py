"""The whole product as a user starts it, and a real browser that looks at it."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from person import Person
from playwright.sync_api import Browser, Page, sync_playwright

import databases
from qingdan.people.demo import DEMO_PASSWORD, DEMO_PEOPLE

FLAGS = [
    "--no-sandbox",
    "--no-zygote",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ADDRESS = re.compile(r"Qingdan is at (http://\S+)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(300))


@dataclass(frozen=True)
class LiveSite:
    url: str
    s1_files: list[Path]

    def login(self, role: str) -> tuple[str, str]:
        person = next(p for p in DEMO_PEOPLE if p.role == role)
        return person.login, DEMO_PASSWORD


@pytest.fixture(scope="session")
def live_site(tmp_path_factory: pytest.TempPathFactory, database_server: str) -> Iterator[LiveSite]:
    """The product with its demo; its database is a copy of the template, as migrating one takes long."""
    home = tmp_path_factory.mktemp("qingdan-home")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("QINGDAN_", "DATABASE_URL", "DJANGO_"))}
    environment |= {
        "QINGDAN_HOME": str(home),
        "PYTHONUNBUFFERED": "1",
        "DATABASE_URL": databases.copy(database_server, os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid4().hex), "site"),
    }
    log = home / "demo.log"
    command = [sys.executable, "-m", "qingdan", "demo", "--port", "0"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
    ) as demo:
        assert demo.stdout is not None
        lines: list[str] = []
        url = None
        for line in demo.stdout:
            lines.append(line)
            if found := ADDRESS.search(line):
                url = found[1]
                break
        assert url, "The demo did not start:\n" + "".join(lines)
        drain = threading.Thread(target=_drain, args=(demo.stdout, log), daemon=True)
        drain.start()
        yield LiveSite(url, sorted(p for p in (home / "demo").iterdir() if p.suffix in {".csv", ".xlsx"}))
        demo.terminate()
        assert demo.wait(30) in {0, -15, 143}
        drain.join(5)


def _drain(stream: Iterator[str], log: Path) -> None:
    with log.open("w", encoding="utf-8") as file:
        for line in stream:
            file.write(line)
            file.flush()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread to the end, and other tests of the worker use the database
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("QINGDAN_BROWSER") or None, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def sessions() -> dict[str, Any]:
    """Cookies of the people who have logged in, by role: each does so once."""
    return {}


@pytest.fixture
def browser_page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        viewport={"width": 1366, "height": 768},
    )
    context.set_default_timeout(20_000)
    page = context.new_page()
    yield page
    context.close()


@pytest.fixture
def person(browser_page: Any, live_site: Any, sessions: dict[str, Any]) -> Iterator[Person]:
    someone = Person(browser_page, live_site, sessions)
    yield someone
    assert someone.complaints == []

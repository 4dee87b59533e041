"""Somebody at a browser, for the tests to be."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

expect = pytest.importorskip("playwright.sync_api").expect

# The machine may be busy; waiting longer for what does come makes no test weaker.
expect.set_options(timeout=20_000)
IMPORT_TIMEOUT_MS = 120_000


class Person:
    """Somebody at a browser; whatever the console complains of meanwhile fails the test."""

    def __init__(self, page: Any, site: Any, sessions: dict[str, Any]) -> None:
        self.page = page
        self.site = site
        self.sessions = sessions
        self.complaints: list[str] = []
        self.expected: set[int] = set()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message: Any) -> None:
        if message.type not in {"error", "warning"}:
            return
        refused = re.search(r"status of (\d{3})", message.text)
        if not (refused and int(refused[1]) in self.expected):
            self.complaints.append(f"{message.type}: {message.text}")

    def go(self, path: str) -> None:
        self.page.goto(self.site.url.rstrip("/") + path)

    def log_in(self, role: str = "supervisor") -> None:
        """Be logged in as somebody with this role, by the form the first time and by its cookies from then on."""
        context = self.page.context
        if role in self.sessions:
            context.add_cookies(self.sessions[role])
            return
        login, password = self.site.login(role)
        self.go("/login")
        self.page.locator("input[autocomplete=username]").fill(login)
        self.page.locator("input[type=password]").fill(password)
        self.page.locator("button[type=submit]").click()
        self.page.wait_for_url("**/board")
        self.sessions[role] = context.cookies()

    def see(self, path: str) -> None:
        """Open a page and wait until it shows what it has."""
        self.go(path)
        expect(self.page.locator("h1")).to_be_visible()
        expect(self.page.locator(".ant-skeleton, .ant-spin-spinning")).to_have_count(0)
        self.page.evaluate("document.fonts.ready.then(() => null)")

    def ask(self, path: str) -> Any:
        answer = self.page.request.get(self.site.url.rstrip("/") + path)
        assert answer.ok, f"{path}: {answer.status} {answer.text()}"
        return answer.json()

    def send(self, path: str, body: dict[str, Any]) -> Any:
        cookies = {cookie["name"]: cookie["value"] for cookie in self.page.context.cookies()}
        return self.page.request.post(
            self.site.url.rstrip("/") + path,
            data=json.dumps(body),
            headers={
                "Content-Type": "application/json",
                "X-CSRFToken": cookies.get("csrftoken", ""),
                "Referer": self.site.url,
            },
        )

    def drop_files(self) -> dict[str, int]:
        """Import the S1 exports by hand and return the figures of the result card."""
        return self.drop(self.site.s1_files)

    def drop(self, files: list[Path]) -> dict[str, int]:
        """Import files by hand and return the figures of the result card."""
        self.go("/imports")
        with self.page.expect_response(lambda got: got.request.method == "POST" and "/api/imports" in got.url) as made:
            self.page.get_by_test_id("files").set_input_files([str(path) for path in files])
        card = self.page.get_by_test_id("import-card")
        expect(card).to_have_attribute("data-import", str(made.value.json()["id"]))
        expect(card).to_have_attribute("data-state", "done", timeout=IMPORT_TIMEOUT_MS)
        return {
            key: int(self.page.get_by_test_id(f"figure-{key}").get_attribute("data-value"))
            for key in ("orders", "new", "changed", "unchanged", "refused")
        }

    def with_orders(self) -> None:
        """Log in to a site that has the S1 orders, whichever test ran before."""
        self.log_in()
        if self.ask("/api/board")["total"] == 0:
            self.drop_files()

    def total(self) -> int:
        """Return the exact count that the order list shows, once it has settled."""
        shown = self.page.get_by_test_id("total")
        expect(shown).to_have_attribute("data-loading", "false")
        return int(shown.get_attribute("data-total"))

    def shows(self, wanted: int) -> None:
        """Wait until the order list shows this exact count."""
        expect(self.page.get_by_test_id("total")).to_have_attribute("data-total", str(wanted))

    def open_first(self, query: str) -> str:
        """Open the card of the first order that a filter finds and return the order's id."""
        self.go(f"/orders{query}")
        self.page.locator("tr[data-id]").first.click()
        card = self.page.get_by_test_id("order-card")
        expect(card).to_be_visible()
        return card.get_attribute("data-order")

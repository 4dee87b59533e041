"""Open pages follow what happens elsewhere, over one stream, and miss nothing while they are cut off."""

from typing import Any

from person import Person, expect


def backlog(page: Any) -> Any:
    return page.locator(".qd-figure-backlog a")


def test_tabs_follow_decisions_made_elsewhere_over_one_stream_and_catch_up_after_a_gap(
    person: Person, browser_page: Any
) -> None:
    person.with_orders()
    streams: list[str] = []
    context = browser_page.context
    context.on("request", lambda request: streams.append(request.url) if "/api/stream" in request.url else None)
    second = context.new_page()
    for page in (browser_page, second):
        page.goto(person.site.url.rstrip("/") + "/board")
        expect(backlog(page)).to_be_visible()

    def release_one() -> int:
        row = person.ask("/api/orders?stage=in_review")["rows"][0]
        body = {"action": "release", "version": row["version"], "reason": "电话核实过"}
        assert person.send(f"/api/orders/{row['id']}/decide", body).ok
        left: int = person.ask("/api/board")["backlog"]
        return left

    left = release_one()
    for page in (browser_page, second):
        expect(backlog(page)).to_have_text(f"{left:,}")

    for page in (browser_page, second):
        page.close()
    third = context.new_page()
    third.goto(person.site.url.rstrip("/") + "/board")
    left = release_one()
    expect(backlog(third)).to_have_text(f"{left:,}")
    assert len(streams) <= 2, streams

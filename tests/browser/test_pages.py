"""The pages as a person meets them: a real Chromium, a real server, real platform files."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
import pyzipper
from person import IMPORT_TIMEOUT_MS, Person, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

AXE = Path(__file__).parents[2] / "ui" / "node_modules" / "axe-core" / "axe.min.js"
PAGES = ("/board", "/orders?size=20", "/imports", "/policy")
MORE_PAGES = (
    "/desk",
    "/cases",
    "/customers",
    "/pushes",
    "/payments",
    "/incidents",
    "/warehouses",
    "/people",
    "/alerts",
)
"""Each is looked at in one language and one theme: they are made of the same parts as the others."""


def number(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def test_a_wrong_password_is_refused_in_words_and_the_right_one_opens_the_board(person: Person) -> None:
    login, _ = person.site.login("supervisor")
    person.expected.add(401)
    person.go("/orders?stage=held")
    person.page.wait_for_url("**/login?next=*")
    person.page.locator("input[autocomplete=username]").fill(login)
    person.page.locator("input[type=password]").fill("not-the-password")
    person.page.keyboard.press("Enter")
    expect(person.page.get_by_role("alert").first).to_be_visible()

    person.page.locator("input[type=password]").fill(person.site.login("supervisor")[1])
    person.page.keyboard.press("Enter")
    person.page.wait_for_url("**/orders?stage=held")


def test_dropped_exports_become_decided_orders_and_a_second_drop_changes_nothing(person: Person) -> None:
    person.log_in()
    first = person.drop_files()
    assert first["orders"] >= 2000
    assert first["orders"] == first["new"] + first["changed"] + first["unchanged"]

    again = person.drop_files()
    assert (again["new"], again["changed"]) == (0, 0)
    assert again["unchanged"] == first["orders"]
    expect(person.page.locator(".qd-history tbody tr")).not_to_have_count(0)


def test_refused_rows_are_counted_shown_and_taken_away_with_reasons(person: Person, tmp_path: Path) -> None:
    [export] = [path for path in person.site.s1_files if path.name.startswith("orders_export")]
    heads, *rows = csv.reader(io.StringIO(export.read_text("utf-8-sig")))
    broken = tmp_path / "orders_export_broken.csv"
    number_at = heads.index("订单号")
    bad = [*rows[0]]
    bad[number_at] = ""
    with broken.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([heads, bad, *rows[1:3]])
    person.log_in()

    figures = person.drop([broken])

    assert (figures["orders"], figures["refused"]) == (2, 1)
    refused = person.page.get_by_test_id("refused")
    expect(refused).to_be_visible()
    with person.page.expect_download() as waiting:
        refused.get_by_role("button", name=re.compile("CSV")).click()
    [_, row] = csv.reader(io.StringIO(Path(waiting.value.path()).read_text("utf-8-sig")))
    assert row[0] == broken.name
    assert all(row[-2:]), row


def test_a_locked_file_asks_until_its_password_fits(person: Person, tmp_path: Path) -> None:
    [plain] = [path for path in person.site.s1_files if path.name.startswith("京东")]
    [inner] = [path for path in person.site.s1_files if path.name.startswith("orders_export")]
    locked = tmp_path / "加密.zip"
    with pyzipper.AESZipFile(locked, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(b"tb-8842")
        archive.write(inner, inner.name)
    person.log_in()

    before = person.drop([locked, plain])

    prompt = person.page.get_by_test_id("passwords")
    for given in ("nope", "tb-8842"):
        prompt.locator("input").fill(given)
        prompt.locator("button[type=submit]").click()
        if given == "nope":
            expect(prompt.locator(".ant-form-item-explain")).to_be_visible(timeout=IMPORT_TIMEOUT_MS)
    card = person.page.get_by_test_id("import-card")
    expect(card.locator("[data-state=needs_password]")).to_have_count(0, timeout=IMPORT_TIMEOUT_MS)
    expect(card).to_have_attribute("data-state", "done", timeout=IMPORT_TIMEOUT_MS)
    assert number(person.page.get_by_test_id("figure-orders").inner_text()) > before["orders"]


def test_every_figure_of_the_board_opens_exactly_its_orders(person: Person) -> None:
    person.with_orders()
    person.go("/board")
    figures = person.page.locator(
        ".qd-figure-backlog a, .qd-figure-total a, .qd-shares a, .qd-bars a, .qd-tiles a, .qd-map-foot a"
    )
    expect(figures.first).to_be_visible()
    shown = figures.evaluate_all(
        "links => links.map(a => [a.getAttribute('href'), (a.querySelector('b') ?? a).textContent])"
    )
    assert len(shown) > 40
    for href, text in shown:
        query = href.partition("?")[2]
        assert person.ask(f"/api/orders?size=1&{query}")["total"] == number(text), href

    for place in (".qd-figure-backlog a", ".qd-shares a", ".qd-bars a"):
        person.go("/board")
        figure = person.page.locator(place).first
        wanted = number(figure.evaluate("a => (a.querySelector('b') ?? a).textContent"))
        figure.click()
        person.page.wait_for_url("**/orders**")
        person.shows(wanted)


def test_the_overdue_list_opens_the_late_order_itself(person: Person) -> None:
    person.with_orders()
    late = person.ask("/api/board")["overdue"]
    person.go("/board")
    if late["count"] == 0:
        expect(person.page.locator(".qd-calm")).to_be_visible()
        return
    link = person.page.locator(".qd-overdue tbody a").first
    order_no = link.inner_text()
    link.click()
    expect(person.page.locator(".qd-card-title h2")).to_have_text(order_no)
    assert person.total() >= late["count"]


def test_the_card_says_why_with_the_value_seen_beside_the_limit(person: Person) -> None:
    person.with_orders()
    person.open_first("?stage=exception")
    decisive = person.page.locator(".qd-why > ul").first.locator(".qd-rule")
    expect(decisive.first).to_be_visible()
    expect(decisive.first.locator(".qd-leaves li").first).to_be_visible()
    assert decisive.first.locator(".qd-leaf-actual b").first.inner_text() != ""

    person.page.locator(".qd-why [aria-expanded=false]").click()
    expect(person.page.locator(".qd-rule-pass").first).to_be_visible()
    expect(person.page.locator(".qd-timeline > li").first).to_be_visible()


def test_the_receiver_is_masked_until_a_reason_is_given(person: Person) -> None:
    person.with_orders()
    person.open_first("?stage=in_review")
    assert "*" in person.page.locator(".qd-fact-group", has=person.page.locator(".ant-btn")).inner_text()
    person.page.locator(".qd-fact-head .ant-btn").click()
    person.page.locator(".qd-unmask input").fill("核对地址")
    person.page.locator(".qd-unmask button[type=submit]").click()
    expect(person.page.locator(".qd-fact-head .ant-btn")).to_have_count(0)


def test_a_decision_is_recorded_and_a_stale_one_is_refused_with_what_changed(person: Person) -> None:
    person.with_orders()
    person.expected.add(409)
    order = person.open_first("?stage=in_review&sort=order_no")
    version = person.ask(f"/api/orders/{order}")["order"]["version"]
    person.page.locator("[data-action=release]").click()
    expect(person.page.locator(".ant-modal textarea")).to_be_focused()
    colleague = person.send(
        f"/api/orders/{order}/decide", {"action": "hold", "reason": "同事先处理了", "version": version}
    )
    assert colleague.ok, colleague.text()
    expect(person.page.locator(".qd-timeline")).to_contain_text("同事先处理了")  # the card follows, the dialog does not

    person.page.locator(".ant-modal textarea").fill("已电话核实")
    confirm = person.page.locator(".ant-modal-footer .ant-btn-primary")
    confirm.click()
    conflict = person.page.locator(".ant-modal .ant-alert-warning")
    expect(conflict).to_be_visible()
    expect(conflict.locator("s").first).to_be_visible()

    confirm.click()
    expect(conflict).to_have_count(0)
    person.page.locator(".ant-modal textarea").fill("已电话核实，可以发")
    confirm.click()
    expect(person.page.locator(".ant-modal")).to_have_count(0)
    expect(person.page.locator(".qd-timeline")).to_contain_text("已电话核实，可以发")
    assert person.ask(f"/api/orders/{order}")["order"]["stage"] == "released"


def test_the_orders_can_be_walked_by_keyboard_alone(person: Person) -> None:
    person.with_orders()
    person.go("/orders?stage=in_review")
    page = person.page
    rows = page.locator("tr[data-id]")
    expect(rows.first).to_be_visible()
    ids = rows.evaluate_all("rows => rows.map(row => row.dataset.id)")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.id ?? ''") == ids[0]:
            break
    else:
        pytest.fail("no row of the table can be reached with Tab")

    card = page.get_by_test_id("order-card")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(card).to_have_attribute("data-order", ids[1])
    page.keyboard.press("j")
    expect(card).to_have_attribute("data-order", ids[2])
    page.keyboard.press("k")
    expect(card).to_have_attribute("data-order", ids[1])
    assert f"order={ids[1]}" in page.url
    page.keyboard.press("Escape")
    page.wait_for_url(lambda url: "order=" not in url)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.closest('.qd-search') !== null")
    page.keyboard.type("jk")
    expect(card).to_be_hidden()


def test_the_card_goes_on_over_the_edge_of_a_page(person: Person) -> None:
    person.with_orders()
    page = person.page
    query = "stage=in_review&sort=order_no&size=20"
    edge = [person.ask(f"/api/orders?{query}&page={n}")["rows"] for n in (1, 2)]
    person.go(f"/orders?{query}&order={edge[0][-1]['id']}")
    card = page.get_by_test_id("order-card")
    expect(card).to_have_attribute("data-order", str(edge[0][-1]["id"]))
    expect(page.locator(f"tr[data-id='{edge[0][-1]['id']}']")).to_be_attached()
    page.keyboard.press("j")
    expect(card).to_have_attribute("data-order", str(edge[1][0]["id"]))
    assert "page=2" in page.url
    page.keyboard.press("k")
    expect(card).to_have_attribute("data-order", str(edge[0][-1]["id"]))


def test_filters_stand_in_the_address_and_survive_a_reload(person: Person) -> None:
    person.with_orders()
    person.go("/orders?stage=in_review&stage=exception&amount_max=300")
    before = person.total()
    assert before == person.ask("/api/orders?stage=in_review&stage=exception&amount_max=300&size=1")["total"]
    person.page.reload()
    assert person.total() == before
    person.page.locator(".qd-tabs a").first.click()
    person.page.wait_for_url(lambda url: "stage=" not in url and "amount_max=300" in url)


def test_a_view_is_saved_opened_and_deleted(person: Person) -> None:
    person.with_orders()
    page = person.page
    person.go("/orders?tier=urgent")
    wanted = person.total()
    name = "紧急的先看"
    page.locator(".qd-page-actions .ant-btn").first.click()
    page.locator(".qd-view-form input[type=text]").fill(name)
    page.locator(".qd-view-form button[type=submit]").click()
    expect(page.locator(".qd-view-form")).to_be_hidden()

    person.go("/orders")
    page.locator(".qd-page-actions .ant-btn").first.click()
    page.locator(".qd-view-open", has_text=name).click()
    page.wait_for_url("**tier=urgent**")
    person.shows(wanted)

    page.locator(".qd-page-actions .ant-btn").first.click()
    item = page.locator(".qd-views li", has_text=name)
    item.locator(".ant-btn-icon-only").click()
    expect(item).to_have_count(0)


def test_the_filtered_orders_are_taken_away_as_a_file(person: Person) -> None:
    person.with_orders()
    person.go("/orders?stage=exception")
    wanted = person.total()
    person.page.locator(".qd-page-actions .ant-btn").last.click()
    with person.page.expect_download() as waiting:
        person.page.locator('[role="menuitem"][data-menu-id$="-csv"]').click()
    text = Path(waiting.value.path()).read_text("utf-8-sig")
    assert text.count("\n") >= wanted


def test_a_person_without_the_right_is_not_offered_the_action(person: Person) -> None:
    person.with_orders()
    person.page.context.clear_cookies()
    person.log_in("warehouse")
    person.open_first("?stage=in_review")
    expect(person.page.locator("[data-action]")).to_have_count(0)
    expect(person.page.locator(".qd-fact-head .ant-btn")).to_have_count(0)


def test_language_and_theme_are_switched_and_kept(person: Person) -> None:
    person.log_in()
    person.go("/board")
    root = person.page.locator("html")
    expect(root).to_have_attribute("lang", "zh-CN")
    person.page.get_by_test_id("language").click()
    expect(root).to_have_attribute("lang", "en")
    expect(person.page.locator("h1")).to_have_text("Board")

    for name, theme in (("Dark", "dark"), ("Light", "light"), ("Dark", "dark")):
        person.page.get_by_test_id("theme").click()
        person.page.get_by_role("menuitem", name=name).click()
        expect(root).to_have_attribute("data-theme", theme)
        expect(person.page.get_by_role("menuitem", name=name)).to_be_hidden()
    person.page.reload()
    expect(root).to_have_attribute("lang", "en")
    expect(root).to_have_attribute("data-theme", "dark")
    for path in PAGES:
        person.see(path)
        for label in person.page.locator("h1, h2, th[scope=col], .qd-figure > span, .ant-btn").all_inner_texts():
            assert not re.search("[\u3400-\u9fff]", label.replace("中文", "")), (path, label)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_is_wider_than_the_screen(person: Person, language: str) -> None:
    person.with_orders()
    person.page.add_init_script(f"localStorage.setItem('qingdan.language', '{language}')")
    for path in PAGES + (MORE_PAGES[::2] if language == "en" else MORE_PAGES[1::2]):
        person.see(path)
        for width in (1366, 1920):
            person.page.set_viewport_size({"width": width, "height": 900})
            person.page.wait_for_function("width => document.documentElement.scrollWidth <= width", arg=width)


def test_what_is_late_is_seen_without_scrolling(person: Person) -> None:
    person.with_orders()
    person.see("/board")
    place = person.page.locator("[data-area=overdue] h2").bounding_box()
    assert place["y"] + 250 < 768


SETTLED = """() => !document.querySelector("[data-loading=true]") && document.getAnimations().every(
    (moving) => moving.playState !== "running" || moving.effect.getComputedTiming().endTime === Infinity)"""


def findings(page: Any) -> list[str]:
    """Return what axe-core calls serious or critical on the page, once it is loaded and nothing moves on it."""
    page.wait_for_function(SETTLED)
    page.evaluate(AXE.read_text("utf-8"))
    result = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{found['id']} at {found['nodes'][0]['target']}"
        for found in result["violations"]
        if found["impact"] in {"serious", "critical"}
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_have_no_serious_accessibility_findings(person: Person, theme: str) -> None:
    page = person.page
    page.add_init_script(f"localStorage.setItem('qingdan.theme', '{theme}')")
    person.go("/login")
    expect(page.locator("button[type=submit]")).to_be_visible()
    found = {"/login": findings(page)}
    person.with_orders()
    for path in PAGES[:2] + MORE_PAGES[1::2] if theme == "light" else PAGES[2:] + MORE_PAGES[::2]:
        person.see(path)
        found[path] = findings(page)
    person.open_first("?stage=exception")
    found["card"] = findings(page)
    page.locator("[data-action=hold]").click()
    expect(page.locator(".ant-modal textarea")).to_be_focused()
    found["decide"] = findings(page)
    assert not any(found.values()), found

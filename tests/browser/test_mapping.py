"""A clerk meets a table that nobody described: proposal, a correction, saved, and the next one is read at once."""

import re
from pathlib import Path
from typing import Any

import pytest

sync_api = pytest.importorskip("playwright.sync_api")
expect = sync_api.expect
expect.set_options(timeout=20_000)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

TABLE = """某某旗舰店手工登记,,,,,,,
单号,客户,电话,送货地址,货品,件数,实收,备考
HM{n}001,张三,13800000001,广东省深圳市南山区科技园1号,羽绒服,1,299.00,未发货
HM{n}002,李四,13800000002,浙江省杭州市西湖区文三路2号,围巾,2,158.00,仓库配货中
"""
IMPORT_TIMEOUT_MS = 60_000


def choose(page: Any, label: str, option: str) -> None:
    """Pick an option of the select that is called so."""
    page.get_by_role("combobox", name=label, exact=True).click()
    shown = page.locator(".ant-select-dropdown:visible")
    shown.locator(".ant-select-item-option").filter(has_text=re.compile(f"^{option}( ·)?$")).click()
    expect(shown).to_have_count(0)


def test_a_table_never_seen_is_mapped_and_the_next_one_is_read_at_once(
    browser_page: Any, live_site: Any, sessions: dict[str, Any], tmp_path: Path
) -> None:
    page, site = browser_page, live_site.url.rstrip("/")
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    if "supervisor" in sessions:
        page.context.add_cookies(sessions["supervisor"])
    else:
        login, password = live_site.login("supervisor")
        page.goto(f"{site}/login")
        page.locator("input[autocomplete=username]").fill(login)
        page.locator("input[type=password]").fill(password)
        page.locator("button[type=submit]").click()
        page.wait_for_url("**/board")
        sessions["supervisor"] = page.context.cookies()
    first, second = tmp_path / "登记一.csv", tmp_path / "登记二.csv"
    first.write_text(TABLE.format(n=1), encoding="utf-8")
    second.write_text(TABLE.format(n=2), encoding="utf-8")

    page.goto(f"{site}/imports")
    page.get_by_test_id("files").set_input_files([str(first)])
    page.get_by_role("link", name="用映射向导读取").click(timeout=IMPORT_TIMEOUT_MS)

    # The proposal names all but the column whose header says nothing.
    figures = page.get_by_test_id("mapping-figures")
    expect(figures).to_have_attribute("data-stale", "false", timeout=IMPORT_TIMEOUT_MS)
    head = page.locator("th[data-column]")
    expect(head.filter(has_text="单号")).to_contain_text("订单号")
    expect(head.filter(has_text="送货地址")).to_contain_text("地址")
    expect(page.get_by_test_id("mapping-columns")).not_to_contain_text("张三")
    choose(page, "“备考”的含义", "订单状态")
    expect(figures).to_have_attribute("data-stale", "false", timeout=IMPORT_TIMEOUT_MS)
    expect(page.get_by_test_id("mapping-orders")).to_have_attribute("data-value", "2")
    expect(page.get_by_test_id("mapping-unknown")).to_have_attribute("data-value", "1")

    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_test_id("mapping-words")).to_contain_text("仓库配货中")
    page.get_by_role("radio", name="都没有退款").check()
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_test_id("mapping-check")).to_contain_text("仓库配货中")
    save = page.get_by_role("button", name="保存并导入")
    expect(save).to_be_enabled(timeout=IMPORT_TIMEOUT_MS)
    save.click()

    # The orders are there; the one whose status nobody knows is held, and a supervisor says what the word means.
    card = page.get_by_test_id("import-card")
    expect(card).to_have_attribute("data-state", "done", timeout=IMPORT_TIMEOUT_MS)
    expect(page.get_by_test_id("figure-new")).to_have_attribute("data-value", "2")
    unknown = page.get_by_test_id("unknown-words")
    expect(unknown).to_contain_text("仓库配货中")
    choose(page, "“仓库配货中”的含义", "待发货")
    expect(unknown).to_contain_text("下次导入起生效")
    page.goto(f"{site}/orders?q=HM1002")
    page.locator("tr[data-id]").first.click()
    order = page.get_by_test_id("order-card")
    expect(order).to_contain_text("仓库配货中")
    expect(order).to_contain_text(re.compile("挂起|异常"))

    page.goto(f"{site}/imports")
    page.get_by_test_id("files").set_input_files([str(second)])
    expect(card).to_contain_text("登记二.csv")
    expect(card).to_have_attribute("data-state", "done", timeout=IMPORT_TIMEOUT_MS)
    expect(page.get_by_test_id("figure-new")).to_have_attribute("data-value", "2")
    expect(page.get_by_test_id("unknown-words")).to_have_count(0)
    page.goto(f"{site}/mappings")
    expect(page.locator("tr[data-mapping]")).to_have_count(1)
    assert complaints == []

"""The policy studio as a supervisor meets it: rules from nothing with the mouse, proved on history, then live."""

import json
import re
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from qingdan.core.policy.form import read_form
from qingdan.sandbox.samples import write_sample

sync_api = pytest.importorskip("playwright.sync_api")
expect = sync_api.expect
expect.set_options(timeout=20_000)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

UI = Path(__file__).parents[2] / "ui"
STARTER = UI / "src" / "features" / "policy" / "model" / "starter.json"
S4_EXPORTED = datetime(2026, 6, 15, 20)  # noqa: DTZ001 - shop time, as the exports say it
S4_PERIOD = ("2026-05-01", "2026-06-30")
S4_ORDERS = 800
TARGET = 0.8


def test_the_starter_policy_of_the_mapping_test_is_the_real_one() -> None:
    real = read_form(files("qingdan").joinpath("data/policies/starter.yaml").read_text("utf-8"))
    assert json.loads(STARTER.read_text("utf-8")) == real


class Studio:
    """A person at the studio: picks, fills and clicks as with a mouse."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def pick(self, within: Any, label: str, *options: str, search: bool = False) -> None:
        """Choose options of the select that is called so."""
        box = within.get_by_role("combobox", name=label, exact=True).last
        box.click()
        shown = self.page.locator(".ant-select-dropdown:visible")
        for option in options:
            if search:
                box.fill(option)
            shown.locator(".ant-select-item-option").filter(has_text=re.compile(f"^{option}$")).first.click()
        if len(options) > 1:
            self.page.keyboard.press("Escape")
        expect(shown).to_have_count(0)

    def field(self, row: Any, name: str) -> None:
        self.pick(row, "字段", name, search=True)

    def fill(self, row: Any, value: str) -> None:
        box = row.get_by_label("值", exact=True)
        box.fill(value)
        box.press("Tab")

    def add(self, section: str, title: str) -> Any:
        """Add a rule and return its card."""
        self.page.locator(f"[data-add={section}]").click()
        card = self.page.locator(f"[data-section={section}] li[data-rule]").last
        name = card.get_by_label("名称", exact=True)
        name.fill(title)
        name.press("Tab")
        expect(card.locator("h3")).to_have_text(title)
        return card

    def row(self, within: Any) -> Any:
        """Add a condition to a group and return its row."""
        within.locator("[data-action=addRule]").first.click()
        return within.locator(".qd-row").last

    def checks(self) -> None:
        """Build the three founding checks."""
        small = self.add("checks", "小额大陆")
        self.fill(small.locator(".qd-row").first, "500")
        self.field(self.row(small), "大陆地区")

        paid = self.add("checks", "免财务核验")
        first = paid.locator(".qd-row").first
        self.field(first, "支付状态")
        self.pick(first, "值", "已支付")
        paid.locator("[data-action=addGroup]").first.click()
        group = paid.locator(".qd-group .qd-group")
        group.get_by_text("满足任一", exact=True).click()
        method = group.locator(".qd-row").first
        self.field(method, "支付方式")
        self.pick(method, "比较方式", "属于")
        self.pick(method, "值", "微信支付", "支付宝", "抖音支付", "京东在线支付", "平台收银台", search=True)
        unsaid = self.row(group)
        self.field(unsaid, "支付方式")
        self.pick(unsaid, "比较方式", "为空")

        trusted = self.add("checks", "可信用户").locator(".qd-row").first
        self.field(trusted, "近30天退货")
        self.fill(trusted, "0")

    def tiers(self) -> None:
        """Build the tier table: urgent, exception, every other order."""
        section = self.page.locator("[data-section=tiers]")
        self.page.locator("[data-add=else]").click()
        self.page.locator("[data-add=tiers]").click()
        urgent = section.locator("[data-tier=urgent]")
        self.field(urgent.locator(".qd-row").first, "加急标记")
        self.pick(urgent, "第 1 行的负责人", "主管")
        self.pick(urgent, "第 1 行的响应时限 · 单位", "小时")
        self.page.locator("[data-add=tiers]").click()
        exception = section.locator("[data-tier=exception]")
        self.field(exception.locator(".qd-row").first, "任一异常")
        self.pick(exception, "第 2 行的负责人", "风控专员")
        self.pick(exception, "第 2 行的办结时限 · 单位", "当日")

    def saved(self) -> None:
        state = self.page.get_by_test_id("draft-state")
        expect(state).to_have_attribute("data-ok", "true")
        expect(state).to_have_attribute("data-saving", "saved")

    def view(self, name: str) -> None:
        self.page.locator(".qd-studio-bar .ant-segmented-item").filter(has_text=name).click()

    def backtest(self, since: str, before: str) -> Any:
        """Run a backtest of a period and return what it shows."""
        self.view("回测")
        self.page.get_by_text("自选", exact=True).click()
        for place, day in enumerate((since, before)):
            box = self.page.locator(".ant-picker-range input").nth(place)
            box.click()
            box.fill(day)
            box.press("Enter")
        self.page.locator("[data-action=backtest]").click()
        result = self.page.get_by_test_id("backtest-result")
        expect(result).to_be_visible()
        return result


def log_in(page: Any, site: Any, sessions: dict[str, Any], role: str) -> None:
    page.context.clear_cookies()
    if role in sessions:
        page.context.add_cookies(sessions[role])
        return
    login, password = site.login(role)
    page.goto(site.url.rstrip("/") + "/login")
    page.locator("input[autocomplete=username]").fill(login)
    page.locator("input[type=password]").fill(password)
    page.locator("button[type=submit]").click()
    page.wait_for_url("**/board")
    sessions[role] = page.context.cookies()


def drop(page: Any, site: Any, exports: list[Path]) -> None:
    page.goto(site.url.rstrip("/") + "/imports")
    page.get_by_test_id("files").set_input_files([str(path) for path in exports])
    expect(page.get_by_test_id("import-card")).to_have_attribute("data-state", "done", timeout=60_000)


def test_a_new_supervisor_builds_proves_and_publishes_a_policy_with_the_mouse(
    browser_page: Any, live_site: Any, sessions: dict[str, Any], tmp_path: Path
) -> None:
    page, home = browser_page, live_site.url.rstrip("/")
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    write_sample("s4", tmp_path, seed=4, count=S4_ORDERS, as_of=S4_EXPORTED)
    log_in(page, live_site, sessions, "supervisor")
    drop(page, live_site, sorted(p for p in tmp_path.iterdir() if p.suffix in {".csv", ".xlsx"}))

    studio = Studio(page)
    page.goto(f"{home}/policy")
    page.get_by_role("button", name="其他起点").click()
    page.get_by_role("menuitem", name="从空白开始").click()
    studio.checks()
    abnormal = studio.add("exceptions", "金额异常").locator(".qd-row").first
    studio.pick(abnormal, "比较方式", "超过")
    studio.fill(abnormal, "5000")
    studio.tiers()
    studio.saved()

    result = studio.backtest(*S4_PERIOD)
    new = result.locator("[data-side=new]")
    assert int(result.get_attribute("data-orders")) > 0
    assert float(new.locator("[data-figure=rate]").get_attribute("data-value")) >= TARGET
    expect(new.locator("[data-figure=problems]")).to_contain_text("%")
    expect(new.locator("[data-figure=bound]")).to_contain_text(re.compile(r"不超过 [\d.]+%"))
    result.locator("[data-cell$='-release']").first.click()
    expect(page.locator(".ant-drawer .ant-table-row").first).to_be_visible()
    page.keyboard.press("Escape")

    studio.view("发布")
    page.locator("[data-action=propose]").click()
    rollout = page.locator("[data-rollout]").first
    expect(rollout).to_have_attribute("data-state", "proposed")
    number = rollout.get_attribute("data-rollout")
    if rollout.locator("[data-action=approve]").count():
        expect(rollout.locator("[data-action=approve]")).to_be_disabled()
        log_in(page, live_site, sessions, "risk")
        page.goto(f"{home}/policy?tab=published")
        rollout = page.locator(f"[data-rollout='{number}']")
        rollout.locator("[data-action=approve]").click()
    rollout.locator("[data-action=publish]").click()
    page.locator(".ant-modal textarea").fill("第一份策略，还没有订单可以陪跑")
    page.locator(".ant-modal .ant-btn-primary").click()
    expect(page.locator(".ant-modal")).to_have_count(0)
    page.goto(f"{home}/policy")
    expect(page.locator(".qd-policy-head h2")).to_have_text("我们的策略")

    page.goto(f"{home}/policy?tab=published")
    page.locator("[data-action=rollback]").click()
    page.locator(".ant-popconfirm .ant-btn-primary").click()
    expect(page.locator(".ant-table-row").first).to_contain_text("起步策略")
    assert complaints == []

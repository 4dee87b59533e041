"""``qingdan policy diff|backtest|publish``."""

import json
from pathlib import Path

import pytest
from cast import make_team
from click.testing import CliRunner
from stocked import some, stock

from qingdan.cli import policy_store
from qingdan.cli.policy import policy as command
from qingdan.orders.actions import ensure_merchant
from qingdan.people.rights import Role
from qingdan.policies import queries
from qingdan.policies.models import Rollout

pytestmark = pytest.mark.django_db


class _Tasks:
    def migrate(self) -> None:
        """The test's database is there already."""


def test_a_file_is_compared_tried_and_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_store, "tasks", _Tasks)
    merchant = ensure_merchant("我的商家").pk
    stock(merchant, some(300))
    file = tmp_path / "new.yaml"
    file.write_text(queries.starter_text().replace("500元", "60元"), encoding="utf-8")

    def run(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(command, [words[0], str(file), *words[1:]])
        assert result.exit_code == code, result.output
        return result.output

    shown = run("diff", code=1)
    assert "修改 check amount_region 小额大陆" in shown
    assert "+ 实付金额 ≤ 60元 且 大陆地区 = 是" in shown
    told = json.loads(run("backtest", "--json"))
    assert told["old"]["released"] > told["new"]["released"] > 0
    assert "放行 → 待审核" in run("backtest")
    assert "Released" in run("backtest", "--language", "en")
    assert run("backtest", "--before", "2020-01-01T00:00:00+0800", code=1)
    why = ("--skip-shadow", "只收紧，先上")
    assert "原因" in run("publish", "--yes", code=2)
    assert "已上线" in run("publish", "--yes", *why)
    assert "已经是线上策略" in run("publish", "--yes", *why)
    assert "完全一致" in run("diff")
    live = queries.live(merchant)
    assert live is not None
    assert "60元" in live.source
    file.write_text("policy: x", encoding="utf-8")
    run("publish", "--yes", code=1)


def test_a_file_that_releases_more_waits_for_a_second_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_store, "tasks", _Tasks)
    team = make_team("ours")
    merchant = team.merchant.id
    stock(merchant, some(300))
    before = queries.live(merchant)
    file = tmp_path / "loose.yaml"
    file.write_text(queries.starter_text().replace("500元", "1000元"), encoding="utf-8")

    def run(*words: str) -> tuple[int, str]:
        asked = ["publish", str(file), "--merchant", "ours", "--yes", "--skip-shadow", "赶大促", *words]
        result = CliRunner().invoke(command, asked)
        return result.exit_code, result.output

    code, said = run()
    assert (code, "等另一位同事" in said, queries.live(merchant)) == (3, True, before)
    row = Rollout.objects.get()
    assert (row.state, row.needs_approval) == ("proposed", True)
    for nobody in ("nobody", team.people[Role.AGENT].login):
        assert run("--approver", nobody)[0] == 1
    assert queries.live(merchant) == before
    code, said = run("--approver", team.people[Role.RISK].login)
    assert (code, "已上线" in said) == (0, True)
    done = Rollout.objects.get(state="live")
    assert done.approved_by.startswith(team.people[Role.RISK].name)
    assert (done.shadow_skipped, done.proposed_by) == ("赶大促", "命令行")

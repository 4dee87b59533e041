"""``qingdan policy diff|backtest|publish``."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from stocked import some, stock

from qingdan.cli import policy_store
from qingdan.cli.policy import policy as command
from qingdan.orders.actions import ensure_merchant
from qingdan.policies import queries

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
    assert "已上线" in run("publish", "--yes")
    assert "已经是线上策略" in run("publish", "--yes")
    assert "完全一致" in run("diff")
    live = queries.live(merchant)
    assert live is not None
    assert "60元" in live.source
    file.write_text("policy: x", encoding="utf-8")
    run("publish", "--yes", code=1)

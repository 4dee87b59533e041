"""``qingdan policy backtest|diff|publish``: a policy file beside the live policy of a merchant."""

import importlib
import json
import sys
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table

from qingdan.cli.imports import chosen_merchant
from qingdan.cli.loader import tasks
from qingdan.cli.policy import load_file, read_file
from qingdan.core.message import LANGUAGES, Language, Words

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_LANGUAGE = click.option(
    "--language", type=click.Choice(LANGUAGES), default="zh", show_default=True, help="Language of the output."
)
_MERCHANT = click.option("--merchant", default=None, help="商家名 Merchant; may be left out when there is one.")
_JSON = click.option("--json", "as_json", is_flag=True, help="输出 JSON / Print JSON.")
_TIME = click.DateTime(formats=["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M%z", "%Y-%m-%d%z"])

_SAME: Final = Words("与线上策略完全一致。", "It decides as the live policy does.")
_CHANGES: Final[dict[str, Words]] = {
    "added": Words("新增", "added"),
    "removed": Words("删除", "removed"),
    "changed": Words("修改", "changed"),
    "moved": Words("换位", "moved"),
    "retitled": Words("改名", "renamed"),
}
_PUBLISHED: Final = Words("已上线，版本 {version}。", "Live now, version {version}.")
_UNCHANGED: Final = Words("它已经是线上策略，版本 {version}。", "It is live already, version {version}.")
_ASK: Final = Words("确定让它立即生效吗？", "Make it live now?")
_WAITING: Final = Words(
    "版本 {version} 会比现行策略放行更多订单，已提交，等另一位同事在发布页批准；也可用 --approver 写明批准人。",
    "Version {version} releases more than the live policy: it waits for somebody else's approval on the publishing "
    "page, or name an --approver.",
)
_NO_APPROVER: Final = Words(
    "没有登录名为“{login}”且可以批准策略的同事，什么也没有做。",
    "Nobody with the login “{login}” may approve policies; nothing was done.",
)
_WHY: Final = Words(
    "命令行发布不经过试跑，请用 --skip-shadow 写明原因；要先试跑，请在策略工作室提交。",
    "Publishing from the command line has no shadow run: say why with --skip-shadow, or propose it in the studio.",
)
_NO_HISTORY: Final = Words(
    "这段时间没有判定记录，无法回测。先导入订单，或放宽时间。",
    "Nothing was judged in this period. Import orders first, or widen it.",
)
_HEADS: Final = {
    "name": Words("", ""),
    "released": Words("放行", "Released"),
    "rate": Words("放行率", "Rate"),
    "problems": Words("出问题", "Problems"),
    "bound": Words("问题率上限 95%", "Problem rate at most, 95%"),
}
_OUTCOMES: Final[dict[str, Words]] = {
    "proven": Words(
        "已证明：{n} 单里 {bad} 单不该放，可靠率至少 {bound}（置信度 {confidence}）。",
        "Proven: {bad} of {n} orders should not have gone; at least {bound} are safe (confidence {confidence}).",
    ),
    "not_proven": Words(
        "还没有证明：{n} 单里 {bad} 单不该放；再有 {lacking} 单且全部无误才够。",
        "Not proven: {bad} of {n} orders should not have gone; {lacking} more, all of them safe, would prove it.",
    ),
    "no_rule": Words("没有找到成批、又说得清的放行规律。", "No short rule selects many orders that people released."),
    "too_few": Words(
        "人工审单 {decisions} 单，太少；至少还差 {lacking} 单。",
        "{decisions} decisions are too few; at least {lacking} more are needed.",
    ),
    "one_day": Words(
        "人工审单 {decisions} 单都是同一天的订单，无法用后来的日子验证；至少还差 {lacking} 单。",
        "All {decisions} decisions are of one day, so no later day can prove a rule; at least {lacking} more.",
    ),
}
_SIDES: Final = {"old": Words("线上", "Live"), "new": Words("新策略", "New")}
_WHERE: Final[dict[str, Words]] = {
    "release": Words("放行", "release"),
    "review": Words("待审核", "review"),
    "exception": Words("异常", "exception"),
    "held": Words("挂起", "held"),
    "none": Words("不审", "none"),
}


def _steps(merchant: str | None, language: Language) -> tuple[ModuleType, int]:
    tasks().migrate()
    chosen = chosen_merchant(importlib.import_module("qingdan.cli.importing"), merchant, language)
    return importlib.import_module("qingdan.cli.policies"), chosen


@click.command()
@click.argument("file", type=_FILE)
@_MERCHANT
@_LANGUAGE
@_JSON
def diff(file: Path, merchant: str | None, language: Language, *, as_json: bool) -> None:
    """Show what FILE decides differently from the live policy; exit 1 when there is anything."""
    load_file(file, language)
    steps, home = _steps(merchant, language)
    found = steps.diff(home, read_file(file))
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    elif not found:
        click.echo(_SAME.text(language))
    for one in [] if as_json else found:
        click.echo(f"{_CHANGES[one['change']].text(language)} {one['kind']} {one['id']} {one['title'][language]}")
        for sign, side in (("-", "before"), ("+", "after")):
            if one[side] is not None and one["change"] != "moved":
                click.echo(f"  {sign} {one[side][language]}")
    sys.exit(1 if found else 0)


@click.command()
@click.argument("file", type=_FILE)
@_MERCHANT
@_LANGUAGE
@_JSON
@click.option("--since", type=_TIME, default=None, help="下单时间从 Orders created from, ISO 8601 with offset.")
@click.option("--before", type=_TIME, default=None, help="下单时间到 Orders created before.")
def backtest(
    file: Path,
    merchant: str | None,
    language: Language,
    since: datetime | None,
    before: datetime | None,
    *,
    as_json: bool,
) -> None:
    """Try FILE on the history, as it was judged, beside the live policy."""
    load_file(file, language)
    steps, home = _steps(merchant, language)
    told = steps.backtest(home, read_file(file), since=since, before=before, told=lambda _done, _of: None)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    if not told["orders"]:
        click.echo(_NO_HISTORY.text(language), err=True)
        sys.exit(1)
    _print(told, language)


def _print(told: dict[str, Any], language: Language) -> None:
    console = Console(highlight=False)
    sides = Table(*(head.text(language) for head in _HEADS.values()))
    for side, name in _SIDES.items():
        one = told[side]
        shares = [f"{one[key]:.2%}" if one[key] is not None else "—" for key in ("rate", "problem_bound")]
        sides.add_row(name.text(language), f"{one['released']:,}", shares[0], f"{one['problems']:,}", shares[1])
    console.print(sides)
    for cell in told["transitions"]:
        if cell["old"] != cell["new"]:
            moved = f"{_WHERE[cell['old']].text(language)} → {_WHERE[cell['new']].text(language)}"
            console.print(f"{moved}: {cell['n']:,}")


@click.command()
@click.argument("file", type=_FILE)
@_MERCHANT
@_LANGUAGE
@click.option("--yes", is_flag=True, help="不再询问 Do not ask.")
@click.option("--approver", metavar="登录名 LOGIN", help="批准人（比现行策略放行更多时必须有）Who agrees to it.")
@click.option("--skip-shadow", metavar="原因 REASON", help="不试跑直接上线的原因 Why no shadow run (required).")
def publish(
    file: Path,
    merchant: str | None,
    language: Language,
    approver: str | None,
    skip_shadow: str | None,
    *,
    yes: bool,
) -> None:
    """Backtest FILE and make it the live policy; exit 3 when it waits for a second person.

    A policy that releases more than the live one needs an approver; without one it waits on the publishing page.
    """
    policy = load_file(file, language)
    steps, home = _steps(merchant, language)
    if not yes:
        click.confirm(_ASK.text(language), abort=True)
    if not (skip_shadow or "").strip():
        raise click.UsageError(_WHY.text(language))
    try:
        done = steps.publish(
            home, read_file(file), name=policy.title.text(language), approver=approver, skip_shadow=skip_shadow
        )
    except steps.NoSuchApproverError:
        raise click.ClickException(_NO_APPROVER.text(language, {"login": approver})) from None
    told = {"live": _PUBLISHED, "same": _UNCHANGED, "waiting": _WAITING}[done.state]
    click.echo(told.text(language, {"version": done.hash[:12]}))
    if done.state == "waiting":
        sys.exit(3)


@click.command()
@_MERCHANT
@_LANGUAGE
@_JSON
@click.option("--target", type=click.FloatRange(0.9, 0.999), default=0.99, show_default=True, help="要求的可靠率.")
@click.option("--since", type=_TIME, default=None, help="下单时间从 Orders created from, ISO 8601 with offset.")
@click.option("--before", type=_TIME, default=None, help="下单时间到 Orders created before.")
def suggest(
    merchant: str | None,
    language: Language,
    target: float,
    since: datetime | None,
    before: datetime | None,
    *,
    as_json: bool,
) -> None:
    """Search what people decided by hand for rules that the live policy lacks; exit 1 when none is proven."""
    steps, home = _steps(merchant, language)
    told = steps.suggest(home, target=target, since=since, before=before)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        facts = {**told, **(told["set"] or {}), "confidence": f"{told.get('confidence') or 0:.2%}"}
        facts["bound"] = f"{facts.get('bound', 0):.2%}"
        click.echo(_OUTCOMES[told["outcome"]].text(language, facts))
        for rule in told["rules"]:
            later = rule["later"]
            click.echo(f"  {rule['text'][language]}  ({later['n'] - later['bad']}/{later['n']})")
    sys.exit(0 if told["outcome"] == "proven" else 1)

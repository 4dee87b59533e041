"""What ``review`` and ``import`` print: totals, files and notices, in either language."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table

from qingdan.core.fields import FIELDS
from qingdan.core.message import Language, Words
from qingdan.intake.batch import FileReport

LANG: Final = click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    default="zh",
    envvar="QINGDAN_LANG",
    show_default=True,
    help="输出语言 Language of the output.",
)
VERDICTS: Final = {
    "release": Words("放行", "Release"),
    "review": Words("待审核", "Review"),
    "exception": Words("异常", "Exception"),
    "none": Words("无需审单", "Nothing to review"),
}
_TIERS: Final = {
    "urgent": Words("紧急单", "Urgent"),
    "exception": Words("异常单", "Exception"),
    "regular": Words("常规单", "Regular"),
}
_HEADINGS: Final = {
    "by_channel": Words("按平台", "By channel"),
    "by_verdict": Words("按结论", "By verdict"),
    "by_tier": Words("按分级", "By tier"),
    "by_reason": Words("按原因", "By reason"),
}
_ORDERS: Final = Words("订单", "Orders")
_SUMMARY: Final = Words(
    "共 {orders} 单，其中待发货 {waiting} 单，放行 {released} 单，放行率 {rate}；拒收 {refused} 行。",
    "{orders} orders, {waiting} of them waiting to ship, {released} released, release rate {rate}; "
    "{refused} rows refused.",
)
_UNREAD: Final = Words("没有读取 {file}：{why}", "{file} was not read: {why}")


def print_totals(
    console: Console, totals: Mapping[str, Any], language: Language, reasons: Mapping[str, Words] | None = None
) -> None:
    """Print the counts as tables and one sentence."""
    channels = {v.id: Words(v.zh, v.en) for v in FIELDS["channel"].values}
    labels = {"by_channel": channels, "by_verdict": VERDICTS, "by_tier": _TIERS, "by_reason": dict(reasons or {})}
    for group, heading in _HEADINGS.items():
        counted = sorted(totals[group].items(), key=lambda item: (-item[1], item[0]))
        if not counted:
            continue
        table = Table("", heading.text(language))
        table.add_column(_ORDERS.text(language), justify="right")
        for key, count in counted:
            label = labels[group].get(key)
            table.add_row(key, label.text(language) if label else "", f"{count:,}")
        console.print(table)
    rate = totals["release_rate"]
    shown = {name: f"{totals[name]:,}" for name in ("orders", "waiting", "released", "refused")}
    console.print(_SUMMARY.text(language, {**shown, "rate": "—" if rate is None else f"{rate:.1%}"}))


def print_problems(console: Console, files: Iterable[FileReport], language: Language) -> None:
    """Say which files were not read, and why."""
    for report in files:
        if report.problem is not None:
            why = f"{report.problem.text(language)} {report.problem.advice_text(language)}"
            console.print(_UNREAD.text(language, {"file": report.name, "why": why}), style="yellow", markup=False)

"""``qingdan sample``: realistic platform exports to try Qingdan on."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.table import Table

from qingdan.sandbox.samples import SCENARIOS, write_sample

SHOP_ZONE = ZoneInfo("Asia/Shanghai")


class Moment(click.ParamType[datetime]):
    """ISO 8601 time; without an offset it is Beijing time."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Beijing wall time without a zone."""
        try:
            given = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"“{value}” 不是时间，请写成 2026-11-12T09:00+08:00", param, ctx)
        return given.astimezone(SHOP_ZONE).replace(tzinfo=None) if given.tzinfo else given


@click.command("sample", help="按剧本生成逼真的平台导出文件和 manifest.json。")
@click.option("--scenario", type=click.Choice(list(SCENARIOS)), required=True, help="s1 双11后，s2 直播，s4 日常一个月")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="同一种子，文件完全相同")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="写到哪个目录")
@click.option("--count", type=click.IntRange(min=1), default=None, help="订单总数，默认按剧本")
@click.option("--as-of", type=Moment(), default=None, help="导出时刻，默认按剧本；不写时区按北京时间")
@click.option("--bills", is_flag=True, help="同时生成支付账单，里面埋有差异")
def sample(scenario: str, seed: int, out: Path, count: int | None, as_of: datetime | None, *, bills: bool) -> None:
    """Write a scenario and say what is in it."""
    manifest = write_sample(scenario, out, seed=seed, count=count, as_of=as_of, with_bills=bills)
    console = Console()
    console.print(f"{manifest['count']} 单，导出时刻 {manifest['as_of']}，种子 {seed}，写在 {out}")
    files = Table("文件", "平台", "店铺", "编码", "行数")
    for file in manifest["files"]:
        files.add_row(file["name"], file["channel"], file["shop"], file["encoding"], str(file["rows"]))
    console.print(files)
    planted = Table("类别", "内容", "单数")
    for group, totals in manifest["totals"].items():
        for name, number in totals.items():
            planted.add_row(group, name, str(number))
    console.print(planted)
    if told := manifest.get("bills"):
        differences = Table("支付账单", "单数")
        for name, number in {**told["totals"], "not_ours": told["not_ours"]}.items():
            differences.add_row(name, str(number))
        console.print(differences)
    shares = Table("设定占比", "值")
    for name, share in manifest["shares"].items():
        shares.add_row(name, str(share))
    console.print(shares)

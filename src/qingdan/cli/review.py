"""``qingdan review``: exports in, verdicts out; no database, no server."""

import json
import os
import sys
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import click
import polars as pl
from rich.console import Console

from qingdan.cli.passwords import PASSWORD, unlocked
from qingdan.cli.report import LANG, print_problems, print_totals
from qingdan.core.message import Language, Words
from qingdan.core.policy import Compiled, PolicyError, compile_policy, load_policy
from qingdan.core.policy.model import FIELD_MISSING, FIELD_MISSING_TITLE
from qingdan.intake import refusedsheets
from qingdan.intake.decide import Decided, decide_files, walk
from qingdan.intake.messages import UnreadableFile
from qingdan.intake.totals import totals
from qingdan.orders.sheets import write_csv, write_xlsx

UNREADABLE: Final = 2
"""Exit code when nothing could be read."""
_COLUMNS: Final = (
    # not one of the columns that programs look for: a reader that does not know the byte order mark spoils its name
    "shop",
    "channel",
    "order_no",
    "stage",
    "verdict",
    "tier",
    "reasons",
    "owner_role",
    "respond_by",
    "resolve_by",
    "ship_by",
)
_WRITTEN: Final = Words("已写入 {path}", "Written to {path}")
_KINDS: Final = Words("只能写 .csv 或 .xlsx 文件。", "Only .csv and .xlsx files can be written.")
_NO_FILES: Final = Words("这些文件夹里没有文件。", "There are no files in these folders.")


class Moment(click.ParamType[datetime]):
    """An ISO 8601 time; without an offset it is the shop's."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the moment with its zone."""
        try:
            given = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"“{value}” 不是时间，请写成 2026-11-12T09:00+08:00 (not a time)", param, ctx)
        return given if given.tzinfo else given.replace(tzinfo=shop_zone())


PATHS: Final = click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="PATH..."
)
AS_OF: Final = click.option("--as-of", type=Moment(), default=None, help="以哪个时刻审单，默认现在 Moment of review.")
_OUT: Final = click.Path(dir_okay=False, writable=True, path_type=Path)


def shop_zone() -> ZoneInfo:
    """Return the shop's zone, as the settings read it."""
    return ZoneInfo(os.environ.get("QINGDAN_ZONE", "Asia/Shanghai"))


def fail_unreadable(error: UnreadableFile, language: Language) -> None:
    """Say why nothing could be read and end with exit code 2."""
    click.echo(f"{error.message.text(language)} {error.message.advice_text(language)}", err=True)
    sys.exit(UNREADABLE)


@click.command(help="审核平台导出文件，不需要数据库。 Review platform exports; no database is needed.")
@PATHS
@click.option(
    "--policy",
    "policy_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="审单策略 Policy file.",
)
@AS_OF
@click.option("--shop", default=None, help="店铺名 Shop of all the orders.")
@click.option("--out", type=_OUT, default=None, help="结果写到 .csv 或 .xlsx Write one row an order.")
@click.option("--refused", type=_OUT, default=None, help="拒收的行写到 .csv 或 .xlsx Write the refused rows.")
@click.option("--json", "as_json", is_flag=True, help="只输出一个 JSON Print one JSON document.")
@PASSWORD
@LANG
def review(
    *,
    paths: tuple[Path, ...],
    policy_file: Path | None,
    as_of: datetime | None,
    shop: str | None,
    out: Path | None,
    refused: Path | None,
    as_json: bool,
    passwords: tuple[str, ...],
    lang: Language,
) -> None:
    """Review the files and folders at ``paths``."""
    for target in (out, refused):
        if target is not None and target.suffix.lower() not in {".csv", ".xlsx"}:
            raise click.UsageError(_KINDS.text(lang))
    compiled = _compiled(policy_file, lang)
    moment = as_of or datetime.now(UTC)
    found = walk(paths)
    if not found:
        click.echo(_NO_FILES.text(lang), err=True)
        sys.exit(UNREADABLE)
    keys = unlocked(found, passwords, lang)
    try:
        decided = decide_files(found, compiled, shop=shop, as_of=moment, zone=shop_zone().key, passwords=keys)
    except UnreadableFile as error:
        fail_unreadable(error, lang)
        return
    targets = [_write(verdict_rows(decided.orders), out)] if out else []
    if refused:
        targets += _write_refused(decided.batch.refused, refused, lang)
    if as_json:
        click.echo(json.dumps(_document(decided, compiled, moment), ensure_ascii=False, indent=2))
    else:
        _print(decided, compiled, targets, lang)


def _print(decided: Decided, compiled: Compiled, targets: list[Path], lang: Language) -> None:
    console = Console(highlight=False)
    print_problems(console, decided.batch.files, lang)
    for notice in decided.batch.notices:
        where = f"{notice.file}: " if notice.file else ""
        console.print(f"{where}{notice.message.text(lang)}", style="yellow", markup=False)
    reasons = {rule.id: rule.title for rule in compiled.policy.rules} | {FIELD_MISSING: FIELD_MISSING_TITLE}
    print_totals(console, totals(decided.orders, decided.batch.refused.height), lang, reasons)
    for target in targets:
        console.print(_WRITTEN.text(lang, {"path": target}), markup=False)


def verdict_rows(orders: pl.DataFrame) -> pl.DataFrame:
    """Return one row an order with its verdict: ids, and times in ISO 8601 with the shop's offset."""
    zone = shop_zone().key
    times = {"respond_by": "respond_by", "resolve_by": "resolve_by", "ship_by": "ship_by_effective"}
    shown = orders.with_columns(
        **{
            name: pl.col(column).dt.convert_time_zone(zone).dt.strftime("%Y-%m-%dT%H:%M:%S%:z")
            for name, column in times.items()
        }
    )
    return shown.select(pl.col(name).cast(pl.String).fill_null("") for name in _COLUMNS)


def _compiled(policy_file: Path | None, language: Language) -> Compiled:
    if policy_file is None:
        text, source = files("qingdan").joinpath("data/policies/starter.yaml").read_text(encoding="utf-8"), "starter"
    else:
        text, source = policy_file.read_text(encoding="utf-8"), str(policy_file)
    try:
        return compile_policy(load_policy(text, source=source))
    except PolicyError as error:
        raise click.ClickException("\n".join(problem.text(language) for problem in error.problems)) from error


def _write_refused(rows: pl.DataFrame, target: Path, language: Language) -> list[Path]:
    """Write the refused rows to be corrected: one workbook, or a CSV file a header; return what was written."""
    found = refusedsheets.tables(rows.to_dicts(), language)
    if target.suffix.lower() == ".xlsx":
        refusedsheets.write_workbook(found, target, language)
        return [target]
    places = [target, *(target.with_stem(f"{target.stem}-{n}") for n in range(2, len(found) + 1))]
    for place, table in zip(places, found, strict=True):
        with place.open("wb") as stream:
            refusedsheets.write_csv(table, stream)
    return places


def _write(frame: pl.DataFrame, target: Path) -> Path:
    if target.suffix.lower() == ".xlsx":
        write_xlsx(frame, target, widths={"order_no": 24, "reasons": 40})
    else:
        with target.open("wb") as stream:
            write_csv(frame, stream)
    return target


def _document(decided: Decided, compiled: Compiled, as_of: datetime) -> dict[str, Any]:
    return {
        "as_of": as_of.astimezone(shop_zone()).isoformat(),
        "policy": {"id": compiled.policy.id, "hash": compiled.policy.hash},
        "totals": totals(decided.orders, decided.batch.refused.height),
        "files": [
            {
                "name": report.name,
                "channel": report.channel,
                "kind": report.kind,
                "rows": report.rows,
                "orders": report.orders,
                "refused": report.refused,
                "problem": report.problem.text("zh") if report.problem else None,
            }
            for report in decided.batch.files
        ],
        "notices": [{"file": n.file, "id": n.message.id, "zh": n.message.text("zh")} for n in decided.batch.notices],
    }

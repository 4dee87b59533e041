"""``qingdan import``: exports into the store, with a progress bar."""

import importlib
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Final

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from qingdan.cli.loader import tasks
from qingdan.cli.passwords import PASSWORD, unlocked
from qingdan.cli.report import LANG, print_totals
from qingdan.cli.review import AS_OF, PATHS, UNREADABLE
from qingdan.core.message import Language, Words
from qingdan.intake.decide import walk

_PHASES: Final = {"reading": Words("读取文件", "Reading"), "storing": Words("写入订单", "Storing")}
_DONE: Final = Words(
    "新增 {new} 单，变更 {changed} 单，未变 {unchanged} 单，用时 {seconds:.1f} 秒。",
    "{new} new, {changed} changed, {unchanged} unchanged, in {seconds:.1f} s.",
)
_MERCHANTS: Final = Words(
    "有多个商家，请用 --merchant 指明：{names}", "There are several merchants; name one with --merchant: {names}"
)


@click.command("import", help="把平台导出文件导入订单库。 Import platform exports into the store.")
@PATHS
@click.option("--shop", default=None, help="店铺名 Shop of all the orders; else the files' own.")
@click.option("--merchant", default=None, help="商家名 Merchant; may be left out when there is one.")
@AS_OF
@PASSWORD
@LANG
def import_(
    *,
    paths: tuple[Path, ...],
    shop: str | None,
    merchant: str | None,
    as_of: datetime | None,
    passwords: tuple[str, ...],
    lang: Language,
) -> None:
    """Import the files and folders at ``paths``; ends with 2 when nothing could be read."""
    work = tasks()
    work.migrate()
    steps = importlib.import_module("qingdan.cli.importing")
    home = chosen_merchant(steps, merchant, lang)
    console = Console(highlight=False)
    found = walk(paths)
    keys = unlocked(found, passwords, lang)
    with ExitStack() as stack:
        uploads = [(path.name, stack.enter_context(path.open("rb"))) for path in found]
        made = steps.create(home, uploads, shop=shop, as_of=as_of or datetime.now(UTC))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        known: dict[str, TaskID] = {}

        def told(phase: str, done: int, total: int) -> None:
            if phase not in known:
                known[phase] = bars.add_task(_PHASES[phase].text(lang), total=total)
            bars.update(known[phase], completed=done, total=total)

        ended = steps.run(made, told, keys)
    if ended.error:
        click.echo(f"{ended.error[lang]} {ended.error[f'advice_{lang}']}", err=True)
        sys.exit(UNREADABLE)
    for notice in ended.notices:
        console.print(f"{notice['file']}: {notice[lang]}", style="yellow", markup=False)
    print_totals(console, ended.totals, lang, steps.reason_labels(home))
    counts = {name: getattr(ended, name) for name in ("new", "changed", "unchanged")}
    console.print(_DONE.text(lang, {**counts, "seconds": ended.seconds or 0.0}))


def chosen_merchant(steps: ModuleType, name: str | None, language: Language) -> int:
    """Return the id of the named merchant, or of the only one there is; ``steps`` is ``cli.importing``."""
    if name is not None:
        return int(steps.merchant(name))
    names: list[str] = steps.merchant_names()
    if len(names) > 1:
        raise click.UsageError(_MERCHANTS.text(language, {"names": "、".join(names)}))
    return int(steps.merchant(names[0] if names else "我的商家"))

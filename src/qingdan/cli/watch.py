"""``qingdan watch``: a folder whose files are imported as they appear."""

import importlib
import signal
import time
from datetime import datetime
from pathlib import Path
from types import FrameType, ModuleType
from typing import Final, Protocol

import click
from rich.console import Console

from qingdan.cli.imports import chosen_merchant
from qingdan.cli.loader import tasks
from qingdan.cli.report import LANG
from qingdan.cli.review import shop_zone
from qingdan.core.message import Language, Words
from qingdan.intake import dropfolder

_WATCHING: Final = Words(
    "正在看着 {folder}。放进来的文件会被导入，然后移到 done 或 refused 文件夹，旁边有一份报告。按 Ctrl-C 停止。",
    "Watching {folder}. Files put there are imported and moved to done or refused, with a report beside each. "
    "Ctrl-C stops.",
)
_STOPPED: Final = Words(
    "已停止。没导完的文件还在文件夹里，下次启动接着导。", "Stopped. Files not yet done stay and are taken up next time."
)
_AWAY: Final = Words(
    "暂时连不上{what}，{seconds} 秒后再试：{why}", "Can not reach the {what} now; trying again in {seconds} s: {why}"
)
_DATABASE: Final = Words("数据库", "database")
_FOLDER: Final = Words("文件夹", "folder")
_RETRY_SECONDS: Final = 5


class Desk(Protocol):
    """Takes the files of one folder in; see ``cli.watching``, which can not be imported before Django is loaded."""

    folder: Path
    language: Language

    def take(self, path: Path) -> str | None:
        """Import a finished file and put it away; return what to say, None when there is nothing to say yet."""


class _Stop:
    """Set by a signal, so that the file at hand is finished first."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True


@click.command(help="看着一个文件夹，放进来的导出文件自动导入。 Import what appears in a folder.")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR")
@click.option("--shop", default=None, help="店铺名 Shop of all the orders; else the files' own.")
@click.option("--merchant", default=None, help="商家名 Merchant; may be left out when there is one.")
@click.option(
    "--password",
    "passwords",
    multiple=True,
    help="打开文件用的密码，可写多次 Password to try on protected files; repeatable.",
)
@click.option(
    "--settle",
    default=5.0,
    show_default=True,
    type=click.FloatRange(min=0.0),
    help="文件多少秒不变算写完 Seconds without a change.",
)
@click.option(
    "--interval",
    default=2.0,
    show_default=True,
    type=click.FloatRange(min=0.1),
    help="每隔多少秒看一次 Seconds between looks.",
)
@click.option("--once", is_flag=True, help="导完现有的文件就退出 Stop when nothing is left.")
@LANG
def watch(
    *,
    folder: Path,
    shop: str | None,
    merchant: str | None,
    passwords: tuple[str, ...],
    settle: float,
    interval: float,
    once: bool,
    lang: Language,
) -> None:
    """Watch ``folder`` until a signal comes; with ``once``, until it is empty."""
    work = tasks()
    work.migrate()
    steps = importlib.import_module("qingdan.cli.watching")
    home = chosen_merchant(importlib.import_module("qingdan.cli.importing"), merchant, lang)
    desk = steps.Desk(folder.resolve(), merchant=home, shop=shop, passwords=passwords, language=lang, zone=shop_zone())
    console, stop = Console(highlight=False), _Stop()
    console.print(_WATCHING.text(lang, {"folder": folder}), markup=False)
    _loop(
        steps, desk, console, stop, settling=dropfolder.Settling(settle, time.monotonic), interval=interval, once=once
    )
    console.print(_STOPPED.text(lang))


def _loop(
    steps: ModuleType,
    desk: Desk,
    console: Console,
    stop: _Stop,
    *,
    settling: dropfolder.Settling,
    interval: float,
    once: bool,
) -> None:
    language = desk.language
    while not stop.asked:
        try:
            for path in settling.finished(desk.folder):
                if stop.asked:
                    return
                said = desk.take(path)
                if said is not None:
                    console.print(f"{datetime.now(shop_zone()):%H:%M:%S} {said}", markup=False)
            if once and not settling.seen:
                return
        except steps.AWAY as error:
            what = _FOLDER if isinstance(error, OSError) else _DATABASE
            console.print(_AWAY.text(language, {"what": what, "seconds": _RETRY_SECONDS, "why": error}), markup=False)
            steps.disconnect()
            _sleep(_RETRY_SECONDS, stop)
            continue
        _sleep(interval, stop)


def _sleep(seconds: float, stop: _Stop) -> None:
    until = time.monotonic() + seconds
    while not stop.asked and (left := until - time.monotonic()) > 0:
        time.sleep(min(left, 0.2))

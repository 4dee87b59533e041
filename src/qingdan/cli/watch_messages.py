"""What ``qingdan watch`` writes beside a file: a report that a clerk understands."""

from typing import Final
from zoneinfo import ZoneInfo

from qingdan.core.fields import FIELDS
from qingdan.core.message import Language, Words
from qingdan.intake.models import Import, ImportFile, State

REPORT: Final = Words(".报告.txt", ".report.txt")
SHEET: Final = Words(".拒收.xlsx", ".refused.xlsx")

_HEAD: Final = Words("文件：{file}\n导入编号：{id}\n时间：{at}", "File: {file}\nImport: {id}\nTime: {at}")
_KIND: Final = Words("平台：{channel}", "Platform: {channel}")
_COUNTS: Final = Words(
    "共 {rows} 行，{orders} 个订单：新增 {new}，变更 {changed}，未变 {unchanged}；拒收 {refused} 行。",
    "{rows} rows, {orders} orders: {new} new, {changed} changed, {unchanged} unchanged; {refused} rows refused.",
)
_REFUSED: Final = Words(
    "拒收的行和原因在“{sheet}”里：改好后把那张表放回收件文件夹，改过的行就会变成订单。",
    'The refused rows and why are in "{sheet}": correct that sheet and put it into the folder again.',
)
_AGAIN: Final = Words(
    "这个文件在 {at} 已经导入过（导入编号 {id}），内容完全一样，没有再导一次。",
    "This file was imported at {at} (import {id}), byte for byte; it was not imported again.",
)
_NOT_DONE: Final = Words("没有导入：{why}", "Not imported: {why}")
_STOPPED: Final = Words("导入被人取消了。", "Somebody cancelled the import.")
_NOTICE: Final = Words("提示：", "Notes:")
_LINES: Final = {
    "done": Words(
        "{file}：新增 {new}，变更 {changed}，未变 {unchanged}，拒收 {refused} 行",
        "{file}: {new} new, {changed} changed, {unchanged} unchanged, {refused} rows refused",
    ),
    "again": Words(
        "{file}：以前导入过（导入编号 {id}），没有再导", "{file}: imported before (import {id}); nothing was done"
    ),
    "refused": Words("{file}：没有导入。{why}", "{file}: not imported. {why}"),
}


def report(
    name: str, drop: Import, file: ImportFile | None, sheet: str, *, again: bool, language: Language, zone: ZoneInfo
) -> bytes:
    """Return the text that lies beside a file; UTF-8 with a mark, so that every editor shows it rightly."""

    def at(moment: object) -> str:
        return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}" if hasattr(moment, "astimezone") else "—"

    lines = [_HEAD.text(language, {"file": name, "id": drop.pk, "at": at(drop.finished_at)})]
    if channels := _channels(file, language):
        lines.append(_KIND.text(language, {"channel": channels}))
    if again:
        lines.append(_AGAIN.text(language, {"at": at(drop.finished_at), "id": drop.pk}))
    elif drop.state == State.DONE:
        rows = sum(one["rows"] for one in (file.reports if file else []))
        lines.append(_COUNTS.text(language, {**_counts(drop), "rows": rows, "orders": drop.orders}))
        if drop.refused:
            lines.append(_REFUSED.text(language, {"sheet": sheet}))
    else:
        lines.append(_NOT_DONE.text(language, {"why": _why(drop, language)}))
    notices = [f"- {notice[language]} {notice.get(f'advice_{language}', '')}".rstrip() for notice in drop.notices]
    if notices and not again:
        lines += ["", _NOTICE.text(language), *notices]
    return ("\ufeff" + "\r\n".join(lines).replace("\n", "\r\n").replace("\r\r", "\r") + "\r\n").encode()


def line(name: str, drop: Import, *, again: bool, language: Language) -> str:
    """Return what the watching process says about a file."""
    kind = "again" if again else "done" if drop.state == State.DONE else "refused"
    params = {**_counts(drop), "file": name, "id": drop.pk, "why": _why(drop, language)}
    return _LINES[kind].text(language, params)


def _counts(drop: Import) -> dict[str, int]:
    return {"new": drop.new, "changed": drop.changed, "unchanged": drop.unchanged, "refused": drop.refused}


def _why(drop: Import, language: Language) -> str:
    if drop.error:
        return f"{drop.error[language]} {drop.error[f'advice_{language}']}"
    return _STOPPED.text(language) if drop.state == State.CANCELLED else ""


def _channels(file: ImportFile | None, language: Language) -> str:
    labels = {value.id: value.zh if language == "zh" else value.en for value in FIELDS["channel"].values}
    found = dict.fromkeys(one["channel"] for one in (file.reports if file else []) if one.get("channel"))
    return "、".join(labels.get(channel, channel) for channel in found)

"""Many alerts as few messages: grouped by what they are about, counted, never lost, never too long. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from qingdan.alerts.robots import Notice
from qingdan.core.message import Language, Words

_EXAMPLES: Final = 5
"""Orders of a group that are named; the others are counted."""
_TITLE: Final = Words("清单提醒：{n} 条", "Qingdan: {n} alerts")
_ONE: Final = Words("清单提醒：{title}", "Qingdan: {title}")
_GROUP: Final = Words("**{title}**：{n} 条", "**{title}**: {n}")
_MORE: Final = Words("> 另有 {n} 条", "> and {n} more")
_SHORTENED: Final = Words("> 内容过长，其余请在清单里查看。", "> Too long; see the rest in Qingdan.")
_OPEN: Final = Words("[在清单里查看]({url})", "[Open in Qingdan]({url})")


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to tell: ``rule`` groups alerts alike; ``line`` is its text, without personal data."""

    id: int
    rule: str
    title: Words
    line: Words
    url: str = ""
    urgent: bool = False
    mentions: tuple[str, ...] = ()


def digest(alerts: Sequence[Alert], *, size: int, language: Language) -> Notice:
    """Make one message of all ``alerts``, which takes at most ``size`` bytes as UTF-8; urgent groups come first.

    Every alert is counted in its group even where its text is left out. Raises ValueError for no alerts.
    """
    if not alerts:
        raise ValueError("nothing to tell")
    groups: dict[str, list[Alert]] = {}
    for alert in alerts:
        groups.setdefault(alert.rule, []).append(alert)
    ordered = sorted(groups.values(), key=lambda group: not any(alert.urgent for alert in group))
    title = _title(alerts, language)
    for examples in range(_EXAMPLES, -1, -1):
        lines = tuple(line for group in ordered for line in _group(group, examples, language))
        if _bytes(title, lines) <= size:
            break
    else:
        lines = _cut(title, lines, size, _SHORTENED.chosen(language))
    mentions = tuple(dict.fromkeys(person for alert in alerts for person in alert.mentions))
    return Notice(title, lines, urgent=any(alert.urgent for alert in alerts), mentions=mentions)


def _title(alerts: Sequence[Alert], language: Language) -> str:
    if len(alerts) == 1:
        return _ONE.text(language, {"title": alerts[0].title})
    return _TITLE.text(language, {"n": len(alerts)})


def _group(group: Sequence[Alert], examples: int, language: Language) -> list[str]:
    params: Mapping[str, object] = {"title": group[0].title, "n": len(group)}
    lines = [_GROUP.text(language, params)]
    lines += [f"> {alert.line.chosen(language)}" for alert in group[:examples]]
    if len(group) > examples > 0:
        lines.append(_MORE.text(language, {"n": len(group) - examples}))
    if url := next((alert.url for alert in group if alert.url), ""):
        lines.append(_OPEN.text(language, {"url": url}))
    return lines


def _bytes(title: str, lines: Sequence[str]) -> int:
    """Size of a message in the form that takes most: a heading, blank lines between, room for names."""
    return len(title.encode()) + sum(len(line.encode()) + 2 for line in lines) + 256


def _cut(title: str, lines: Sequence[str], size: int, last: str) -> tuple[str, ...]:
    kept: list[str] = []
    for line in lines:
        if _bytes(title, [*kept, line, last]) > size:
            break
        kept.append(line)
    return (*kept, last)

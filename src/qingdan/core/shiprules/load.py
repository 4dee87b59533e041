"""A file of ship-by rules → a pack, or every problem in it with its line."""

import math
import re
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Final, TypeVar

from yaml.nodes import MappingNode, Node, ScalarNode

from qingdan.core.fields import FIELDS
from qingdan.core.message import Message, Words
from qingdan.core.policy.document import Document
from qingdan.core.policy.model import Problem, Severity
from qingdan.core.shiprules.messages import said
from qingdan.core.shiprules.model import (
    DEFAULT_LEADS,
    Adds,
    Band,
    Effect,
    Event,
    Exemption,
    Leads,
    Pack,
    Per,
    Rule,
    Start,
    Step,
)
from qingdan.core.worktime import HOUR, MINUTE

PACK_KEYS: Final = ("pack", "title", "channel", "checked", "verify", "leads", "rules")
PACK_REQUIRED: Final = ("pack", "title", "channel", "checked", "rules")
LEADS_KEYS: Final = ("ship", "pickup", "sign", "shops")
RULE_KEYS: Final = (
    "id",
    "title",
    "event",
    "start",
    "within",
    "steps",
    "adds",
    "per",
    "cap",
    "share",
    "since",
    "until",
    "shops",
    "presale",
    "promise",
    "exempt",
    "source",
    "verify",
)
RULE_REQUIRED: Final = ("id", "title", "event", "within")
AMOUNT_KEYS: Final = ("flat", "percent", "floor", "cap")
BAND_KEYS: Final = ("below", *AMOUNT_KEYS)
STEP_KEYS: Final = ("after", "bands", "every", "times", *AMOUNT_KEYS)
EXEMPT_KEYS: Final = ("since", "until", "effect", "provinces", "source")

_ID: Final = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
_SPAN: Final = re.compile(r"([0-9]{1,4}) ?(分钟|小时|天|min|h|d)\Z")
_UNITS: Final = {"分钟": MINUTE, "min": MINUTE, "小时": HOUR, "h": HOUR, "天": 24 * HOUR, "d": 24 * HOUR}
_MONEY: Final = re.compile(r"([0-9]{1,7})(?:\.([0-9]{1,2}))? ?元\Z")
_PERCENT: Final = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,2}))? ?%\Z")
_EVENTS: Final = tuple(Event)

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")


class PackError(ValueError):
    """A pack that can not be loaded; ``problems`` holds every problem found, by place."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(problem.text("zh") for problem in problems))
        self.problems = problems


def load_pack(text: str, *, source: str = "<pack>") -> Pack:
    """Read a pack from YAML text.

    Raises PackError with every problem, each with its line and column. Warnings (two rules for the same orders, a
    missing source) do not stop a pack and are on ``Pack.warnings``.
    """
    document = Document(text, source)
    root = document.compose()
    pack = _Loader(document).pack(root) if root is not None else None
    problems = tuple(sorted(document.problems, key=lambda p: (p.line, p.column)))
    if pack is None or any(p.severity is Severity.ERROR for p in problems):
        raise PackError(problems)
    return Pack(pack.id, pack.title, pack.channel, pack.checked, pack.rules, pack.leads, pack.verify, problems)


class _Loader:
    def __init__(self, document: Document) -> None:
        self._document = document

    def pack(self, root: MappingNode) -> Pack:
        parts = self._document.mapping(root, PACK_KEYS, PACK_REQUIRED)
        pack_id = self._id(parts.get("pack"), set())
        channel = self._one_of(parts.get("channel"), FIELDS["channel"].value_ids)
        taken: set[str] = set()
        nodes = self._document.sequence(parts.get("rules"))
        rules = tuple(self._rule(node, taken) for node in nodes)
        self._overlaps(rules, nodes)
        leads = tuple(self._leads(node) for node in self._document.sequence(parts.get("leads")))
        checked = self._date(parts.get("checked"), date.min)
        verify = self._text(parts.get("verify"))
        return Pack(pack_id, self._title(parts.get("title")), channel, checked, rules, leads, verify)

    def _rule(self, node: Node, taken: set[str]) -> Rule:
        parts = self._document.mapping(node, RULE_KEYS, RULE_REQUIRED)
        event = self._enum(parts.get("event"), Event, Event.SHIP)
        start = self._enum(parts.get("start"), Start, Start.PAID)
        waits_for = {Start.SHIP_DUE: 0, Start.PICKUP_DUE: 1}.get(start, -1)
        if waits_for >= _EVENTS.index(event):
            self._fault(parts["start"], said("late_start", event=event.value, start=start.value))
        since, until = self._date(parts.get("since"), date.min), self._date(parts.get("until"), date.max)
        if until <= since:
            self._fault(parts.get("until", node), said("ends_before"))
        steps = tuple(self._step(step) for step in self._document.sequence(parts.get("steps")))
        if any(a.after >= b.after for a, b in pairwise(steps)):
            self._fault(parts["steps"], said("steps_order"))
        if "source" not in parts:
            self._document.fault(node, said("no_source"), warning=True)
        return Rule(
            id=self._id(parts.get("id"), taken),
            title=self._title(parts.get("title")),
            event=event,
            start=start,
            within=self._span(parts.get("within"), 0),
            steps=steps,
            adds=self._enum(parts.get("adds"), Adds, Adds.TOTAL),
            per=self._enum(parts.get("per"), Per, Per.ORDER),
            cap=self._money(parts.get("cap"), None),
            share=self._percent(parts.get("share"), 10_000),
            since=since,
            until=until,
            shops=self._names(parts.get("shops")),
            presale=self._truth(parts.get("presale"), default=None),
            promise=self._truth(parts.get("promise"), default=True) is not False,
            exemptions=tuple(self._exemption(each) for each in self._document.sequence(parts.get("exempt"))),
            source=self._text(parts.get("source")),
            verify=self._truth(parts.get("verify"), default=True) is not False,
        )

    def _step(self, node: Node) -> Step:
        parts = self._document.mapping(node, STEP_KEYS)
        bands = tuple(self._band(band, BAND_KEYS) for band in self._document.sequence(parts.get("bands")))
        if not bands:
            if not {"flat", "percent"} & parts.keys():
                self._fault(node, said("no_amount"))
            bands = (self._amount(parts, node),)
        limits = [math.inf if band.below is None else band.below for band in bands]
        if any(a >= b for a, b in pairwise(limits)):
            self._fault(parts["bands"], said("bands_order"))
        times = self._parsed(parts.get("times"), _times, said_key="bad_count", default=0)
        return Step(self._span(parts.get("after"), 0), bands, self._span(parts.get("every"), 24 * HOUR), times)

    def _band(self, node: Node, keys: tuple[str, ...]) -> Band:
        return self._amount(self._document.mapping(node, keys), node)

    def _amount(self, parts: dict[str, Node], node: Node) -> Band:
        band = Band(
            below=self._money(parts.get("below"), None),
            flat=self._money(parts.get("flat"), 0) or 0,
            rate=self._percent(parts.get("percent"), 0),
            floor=self._money(parts.get("floor"), 0) or 0,
            cap=self._money(parts.get("cap"), None),
        )
        if band.cap is not None and band.floor > band.cap:
            self._fault(node, said("floor_above_cap"))
        return band

    def _exemption(self, node: Node) -> Exemption:
        parts = self._document.mapping(node, EXEMPT_KEYS, ("since", "until"))
        since, until = self._date(parts.get("since"), date.min), self._date(parts.get("until"), date.max)
        if until < since:
            self._fault(parts["until"], said("ends_before"))
        provinces = self._names(parts.get("provinces"))
        for name, place in zip(provinces, self._document.sequence(parts.get("provinces")), strict=False):
            if name not in FIELDS["province"].value_ids:
                self._fault(place, said("bad_choice", text=name, known="、".join(FIELDS["province"].value_ids)))
        effect = self._enum(parts.get("effect"), Effect, Effect.WAIVE)
        return Exemption(since, until, effect, provinces, self._text(parts.get("source")))

    def _leads(self, node: Node) -> Leads:
        parts = self._document.mapping(node, LEADS_KEYS)
        spans = {event: self._span(parts.get(event.value), DEFAULT_LEADS.of(event)) for event in Event}
        return Leads(spans[Event.SHIP], spans[Event.PICKUP], spans[Event.SIGN], self._names(parts.get("shops")))

    def _overlaps(self, rules: tuple[Rule, ...], nodes: list[Node]) -> None:
        seen: dict[tuple[object, ...], str] = {}
        for rule, node in zip(rules, nodes, strict=True):
            key = (rule.event, rule.presale, frozenset(rule.shops), rule.since)
            if key in seen:
                self._document.fault(node, said("overlap", other=seen[key]), warning=True)
            seen.setdefault(key, rule.id)

    def _id(self, node: Node | None, taken: set[str]) -> str:
        text = self._document.scalar(node) or ""
        if node is not None and text and not _ID.match(text):
            self._fault(node, said("bad_id", text=text))
        elif node is not None and text in taken:
            self._fault(node, said("twice", text=text))
        taken.add(text)
        return text

    def _title(self, node: Node | None) -> Words:
        """Title as one text, or in both languages."""
        if isinstance(node, MappingNode):
            parts = self._document.mapping(node, ("zh", "en"), ("zh", "en"))
            return Words(self._text(parts.get("zh")), self._text(parts.get("en")))
        text = self._text(node)
        return Words(text, text)

    def _text(self, node: Node | None) -> str:
        return self._document.scalar(node) or ""

    def _names(self, node: Node | None) -> tuple[str, ...]:
        return tuple(self._text(item) for item in self._document.sequence(node))

    def _enum(self, node: Node | None, kind: type[E], default: E) -> E:
        if node is None:
            return default
        text = self._one_of(node, [value.value for value in kind])
        return kind(text) if text else default

    def _one_of(self, node: Node | None, known: tuple[str, ...] | list[str]) -> str:
        text = self._text(node)
        if node is not None and text and text not in known:
            self._fault(node, said("bad_choice", text=text, known="、".join(known)))
            return ""
        return text

    def _span(self, node: Node | None, default: int) -> int:
        return self._parsed(node, _span, said_key="bad_span", default=default)

    def _money(self, node: Node | None, default: int | None) -> int | None:
        return self._parsed(node, _fen, said_key="bad_money", default=default)

    def _percent(self, node: Node | None, default: int) -> int:
        return self._parsed(node, _points, said_key="bad_percent", default=default)

    def _date(self, node: Node | None, default: date) -> date:
        return self._parsed(node, _day, said_key="bad_date", default=default)

    def _truth(self, node: Node | None, *, default: bool | None) -> bool | None:
        return self._parsed(node, {"true": True, "false": False}.get, said_key="bad_truth", default=default)

    def _parsed(self, node: Node | None, read: Callable[[str], T | None], *, said_key: str, default: T) -> T:
        if node is None:
            return default
        text = node.value.strip() if isinstance(node, ScalarNode) else ""
        value = read(text)
        if value is None:
            self._fault(node, said(said_key, text=text))
            return default
        return value

    def _fault(self, node: Node, message: Message) -> None:
        self._document.fault(node, message)


def _span(text: str) -> int | None:
    found = _SPAN.match(text)
    return int(found[1]) * _UNITS[found[2]] if found else None


def _fen(text: str) -> int | None:
    found = _MONEY.match(text)
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else None


def _points(text: str) -> int | None:
    found = _PERCENT.match(text)
    points = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else None
    return points if points is not None and points <= 10_000 else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _times(text: str) -> int | None:
    return int(text) if text.isdecimal() and 1 <= int(text) <= 100 else None

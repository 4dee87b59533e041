"""What a column's header says about its meaning: names from the catalogue, from every platform, and from teams."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from qingdan.channels.mapping import TARGETS, Channel, normal_name
from qingdan.core.fields import FIELDS

FIELDS_OFFERED: Final = (
    "order_no", "status", "shop", "platform_text", "buyer_token",
    "receiver_text", "receiver_name", "receiver_phone", "province", "city", "district", "town", "address",
    "goods_amount", "freight", "discount", "paid_amount", "pay_method", "payment_no",
    "created_at", "paid_at", "ship_by", "refund_state",
    "buyer_message", "seller_memo", "flag_color", "flag_label", "invoice_title", "goods_title",
    "line_no", "sku_code", "title", "spec", "quantity", "unit_price", "line_paid_amount", "line_refund_state",
)  # fmt: skip
"""Columns of ``TARGETS`` that a person may choose for a column of a table of their own."""

_UNIT: Final = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_MARKS: Final = re.compile(r"[*#:_\-./\\|?？!！、,，]+")
_WORD: Final = re.compile(r"[a-z]+|\d+|[^\x00-\x7f]")
_OWN, _LABEL, _PLATFORM = 1.0, 1.0, 0.9
_WHOLE: Final = 0.97
_SHORTEST: Final = 2


def name_key(title: str) -> str:
    """Header as names are compared: without units in brackets, marks, spaces and capitals."""
    plain = normal_name(title)
    return _MARKS.sub("", _UNIT.sub("", plain)) or _MARKS.sub("", plain)


def _words(title: str) -> tuple[str, ...]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", title)
    return tuple(_WORD.findall(_UNIT.sub("", spaced.lower())))


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Known names: key → field → weight in 0..1, and the same keys as words for names in Latin letters."""

    keys: Mapping[str, Mapping[str, float]]
    words: Mapping[tuple[str, ...], Mapping[str, float]]

    @classmethod
    def of(cls, own: Mapping[str, Iterable[str]], channels: Iterable[Channel]) -> "Lexicon":
        """Names from ``own`` (field → names), the catalogue's labels, and every header that ``channels`` map."""
        keys: dict[str, dict[str, float]] = {}
        words: dict[tuple[str, ...], dict[str, float]] = {}

        def learn(field: str, name: str, weight: float) -> None:
            known = keys.setdefault(name_key(name), {})
            known[field] = max(known.get(field, 0.0), weight)
            if name.isascii():
                latin = words.setdefault(_words(name), {})
                latin[field] = max(latin.get(field, 0.0), weight)

        for shown, name, number in _headers(channels):
            learn(shown, name, _PLATFORM - 0.1 * min(number, 3))
        for field in FIELDS_OFFERED:
            if label := FIELDS.get("platform_state" if field == "status" else field):
                for name in (label.zh, label.en, label.id):
                    learn(field, name, _LABEL)
            for name in own.get(field, ()):
                learn(field, name, _OWN)
        return cls(keys, words)

    def scores(self, title: str) -> dict[str, float]:
        """How well ``title`` names each field, 0..1; fields that it does not name at all are left out."""
        key = name_key(title)
        found = {field: _WHOLE * weight for field, weight in self.keys.get(key, {}).items()}
        if any(score > 0.9 for score in found.values()):
            return found
        partial = self._latin(_words(title)) if title.isascii() else self._inside(key)
        for field, score in partial.items():
            found[field] = max(found.get(field, 0.0), score)
        return found

    def _inside(self, key: str) -> dict[str, float]:
        """Names inside the title, the more of it the better; what stands last is what the column is."""
        found: dict[str, float] = {}
        for name, fields in self.keys.items():
            if len(name) < _SHORTEST or name.isascii() or name == key:
                continue
            if name in key:
                share = len(name) / len(key)
                score = 0.42 + 0.4 * share + (0.08 if key.endswith(name) else 0.0)
            elif len(key) >= _SHORTEST and key in name:
                score = 0.3 + 0.4 * len(key) / len(name)
            else:
                continue
            for field, weight in fields.items():
                found[field] = max(found.get(field, 0.0), score * weight)
        return found

    def _latin(self, title: tuple[str, ...]) -> dict[str, float]:
        found: dict[str, float] = {}
        for name, fields in self.words.items():
            if name and len(name) < len(title) and _holds(title, name):
                last = title[-len(name) :] == name
                score = 0.4 + 0.4 * len(name) / len(title) + (0.08 if last else 0.0)
                for field, weight in fields.items():
                    found[field] = max(found.get(field, 0.0), score * weight)
        return found


def _headers(channels: Iterable[Channel]) -> Iterator[tuple[str, str, int]]:
    """Field, header, and how many other headers of its field go before it, for every header that platforms map."""
    for channel in channels:
        for table in channel.tables:
            for field, origin in table.columns.items():
                shown = _OFFERED_AS.get(field, field)
                if shown in _OFFERED:
                    for number, parts in enumerate(origin.alternatives):
                        if len(parts) == 1:
                            yield shown, parts[0], number


def _holds(title: tuple[str, ...], name: tuple[str, ...]) -> bool:
    return any(title[i : i + len(name)] == name for i in range(len(title) - len(name) + 1))


_OFFERED: Final = frozenset(FIELDS_OFFERED)
_OFFERED_AS: Final = {"region_text": "address"}
"""An address with its province is told from its cells, so one choice serves both."""

if not TARGETS.keys() >= _OFFERED:
    raise ValueError("a field is offered that no mapping may fill")

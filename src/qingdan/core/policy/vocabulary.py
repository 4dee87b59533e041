"""Every name that an expression may use: fields, enum values, keywords and units, in both languages and by id."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from qingdan.core.fields import FIELDS, ORDER_FIELDS, Field, Source, Value

RULE_FIELDS: Final[tuple[Field, ...]] = tuple(f for f in ORDER_FIELDS if f.source is not Source.LEDGER)
"""Fields that rules read: those of an orders frame."""

KEYWORDS: Final[dict[str, tuple[str, ...]]] = {
    "and": ("且", "并且", "and"),
    "or": ("或", "或者", "or"),
    "not": ("非", "not"),
    "in": ("属于", "in"),
    "not_in": ("不属于", "not in"),
    "contains": ("含", "包含", "contains"),
    "contains_all": ("全含", "contains all"),
    "starts": ("开头", "starts", "starts with"),
    "ends": ("结尾", "ends", "ends with"),
    "length": ("长度", "length"),
    "matches": ("匹配", "matches"),
    "empty": ("为空", "is empty"),
    "not_empty": ("不为空", "is not empty"),
    "true": ("是", "true"),
    "false": ("否", "false"),
    "as_of": ("当前时间", "as_of"),
    "any_exception": ("任一异常", "any_exception"),
    "any_hold": ("任一挂起", "any_hold"),
    "all_checks_passed": ("全部通过", "all_checks_passed"),
}
"""Keyword → spellings; the first is the Chinese one we write, the last or the id the English one."""

WRITTEN: Final[dict[str, tuple[str, str]]] = {
    key: (words[0], {"starts": "starts", "ends": "ends"}.get(key, words[-1])) for key, words in KEYWORDS.items()
}
"""Keyword → the (zh, en) spelling of canonical text."""

SYMBOLS: Final[dict[str, str]] = {
    "<=": "<=",
    ">=": ">=",
    "!=": "!=",
    "==": "=",
    "<>": "!=",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "=": "=",
    "<": "<",
    ">": ">",
    "+": "+",
    "-": "-",
    "−": "-",
    "*": "*",
    "×": "*",
    "(": "(",
    ")": ")",
    "{": "{",
    "}": "}",
    ",": ",",
    "、": ",",
}

SECOND: Final = 1_000_000
UNITS: Final[dict[str, tuple[str, int]]] = {
    "元": ("money", 100),
    "yuan": ("money", 100),
    "cny": ("money", 100),
    "秒": ("duration", SECOND),
    "seconds": ("duration", SECOND),
    "second": ("duration", SECOND),
    "s": ("duration", SECOND),
    "分钟": ("duration", 60 * SECOND),
    "minutes": ("duration", 60 * SECOND),
    "minute": ("duration", 60 * SECOND),
    "min": ("duration", 60 * SECOND),
    "小时": ("duration", 3600 * SECOND),
    "hours": ("duration", 3600 * SECOND),
    "hour": ("duration", 3600 * SECOND),
    "h": ("duration", 3600 * SECOND),
    "天": ("duration", 86_400 * SECOND),
    "days": ("duration", 86_400 * SECOND),
    "day": ("duration", 86_400 * SECOND),
    "d": ("duration", 86_400 * SECOND),
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """All that one spelling may stand for; the place in the expression decides which."""

    keyword: str | None = None
    fields: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    words: str | None = None


def lower(text: str) -> str:
    """Lower-case ``text`` without ever changing its length, so that places stay true."""
    folded = text.lower()
    return folded if len(folded) == len(text) else "".join(x if len(x := c.lower()) == 1 else c for c in text)


class Vocabulary:
    """Spelling → meaning, found by longest match."""

    def __init__(self, word_lists: Iterable[str] = ()) -> None:
        keywords: dict[str, str] = {lower(s): key for key, spellings in KEYWORDS.items() for s in spellings}
        fields: dict[str, list[str]] = defaultdict(list)
        values: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for f in RULE_FIELDS:
            for spelling in {lower(s) for s in (f.id, f.zh, f.en)}:
                fields[spelling].append(f.id)
            for value in f.values:
                for spelling in {lower(s) for s in (value.id, value.zh, value.en)}:
                    values[spelling].append((f.id, value.id))
        self._meanings: dict[str, Meaning] = {
            s: Meaning(keywords.get(s), tuple(fields.get(s, ())), tuple(values.get(s, ())))
            for s in {*keywords, *fields, *values}
        }
        self._meanings.update({"@" + lower(name): Meaning(words=name) for name in word_lists})
        by_first: dict[str, list[str]] = defaultdict(list)
        for spelling in self._meanings:
            by_first[spelling[0]].append(spelling)
        self._by_first = {c: tuple(sorted(group, key=lambda s: (-len(s), s))) for c, group in by_first.items()}

    def meaning(self, spelling: str) -> Meaning | None:
        """Meaning of exactly this spelling (any case, any run of spaces), or None."""
        return self._meanings.get(" ".join(lower(spelling).split()))

    def spellings(self) -> Iterable[str]:
        """Every spelling, for suggestions."""
        return self._meanings.keys()

    def matches(self, text: str, start: int) -> list[tuple[int, str]]:
        """(end, spelling) of every spelling that ``text`` (lower case) has at ``start``, longest first."""
        found = []
        for spelling in self._by_first.get(text[start], ()):
            end = _match(text, start, spelling)
            if end > start and not (is_word(text[end - 1]) and end < len(text) and is_word(text[end])):
                found.append((end, spelling))
        found.sort(key=lambda hit: -hit[0])
        return found


def is_word(char: str) -> bool:
    """Whether a character belongs to a Latin word or number, which must not be cut in two."""
    return char.isascii() and (char.isalnum() or char == "_")


def _match(text: str, start: int, spelling: str) -> int:
    """End of ``spelling`` in ``text`` at ``start``, a space standing for any run of spaces; -1 if it is not there."""
    if " " not in spelling:
        return start + len(spelling) if text.startswith(spelling, start) else -1
    at = start
    for index, part in enumerate(spelling.split(" ")):
        if index:
            blank = at
            while at < len(text) and text[at].isspace():
                at += 1
            if at == blank:
                return -1
        if not text.startswith(part, at):
            return -1
        at += len(part)
    return at


def value_of(field: Field, value_id: str) -> Value:
    """Value ``value_id`` of an enum field."""
    return next(v for v in field.values if v.id == value_id)


def field_of(field_id: str) -> Field:
    """Catalogue row of a field."""
    return FIELDS[field_id]

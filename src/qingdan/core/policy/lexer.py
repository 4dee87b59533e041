"""Text of an expression → tokens.

Names are found by longest match on the vocabulary, since Chinese text has no spaces and labels hold operator words.
Where another reading would cross the longest one, the text is refused rather than guessed.
"""

import difflib
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from qingdan.core.message import Message, Words
from qingdan.core.policy import limits
from qingdan.core.policy.messages import message, too_large
from qingdan.core.policy.vocabulary import SYMBOLS, UNITS, Meaning, Vocabulary, is_word, lower

_NUMBER: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_CLOSING: Final = {'"': '"', "'": "'", "“": "”", "‘": "’", "「": "」"}
_UNITS_BY_LENGTH: Final = sorted(UNITS, key=len, reverse=True)
_BRACKETS: Final = {"【": "[", "】": "]"}


class FaultError(Exception):
    """What is wrong at ``start`` (an offset in the expression)."""

    def __init__(self, start: int, said: Message) -> None:
        super().__init__(said.text("en"))
        self.start = start
        self.said = said


@dataclass(frozen=True, slots=True)
class Number:
    """A number literal: whole number, fen or microseconds."""

    type: str
    value: int


@dataclass(frozen=True, slots=True)
class Token:
    """One token. ``symbol`` for punctuation; ``text`` for a quoted text; a name has a ``meaning``."""

    start: int
    end: int
    source: str
    symbol: str | None = None
    number: Number | None = None
    text: str | None = None
    meaning: Meaning | None = None
    bracketed: bool = False

    def is_keyword(self, *keywords: str) -> bool:
        """Whether the token can be read as one of ``keywords``."""
        return self.meaning is not None and not self.bracketed and self.meaning.keyword in keywords


def _fold(source: str) -> str:
    """Full-width digits, letters and punctuation as their ASCII forms, character by character."""
    out = []
    for char in source:
        code = ord(char)
        if 0xFF01 <= code <= 0xFF5E:
            out.append(chr(code - 0xFEE0))
        elif char.isspace():
            out.append(" ")
        else:
            out.append(_BRACKETS.get(char, char))
    return "".join(out)


def tokenise(source: str, vocabulary: Vocabulary) -> list[Token]:
    """Tokens of ``source``, ending with one whose ``source`` is empty. Raises FaultError."""
    if len(source) > limits.EXPRESSION_CHARS:
        raise FaultError(0, too_large("条件", "The condition", len(source), limits.EXPRESSION_CHARS))
    folded = lower(_fold(source))
    tokens: list[Token] = []
    at = 0
    while at < len(folded):
        if folded[at] == " ":
            at += 1
            continue
        token = _token(source, folded, at, vocabulary)
        tokens.append(token)
        at = token.end
        if len(tokens) > limits.EXPRESSION_TOKENS:
            raise FaultError(at, too_large("条件", "The condition", len(tokens), limits.EXPRESSION_TOKENS))
    tokens.append(Token(len(source), len(source), ""))
    return tokens


def _token(source: str, folded: str, at: int, vocabulary: Vocabulary) -> Token:
    char = folded[at]
    # An ASCII quote that came from a full-width one closes with either form.
    if char in _CLOSING:
        return _quoted(source, folded, at)
    if char == "[":
        return _bracketed(source, folded, at, vocabulary)
    hits = vocabulary.matches(folded, at)
    if char.isdigit() and char.isascii():
        number = _number(source, folded, at)
        if not hits or number.end > hits[0][0]:
            return number
        if number.end == hits[0][0]:
            return Token(at, number.end, number.source, number=number.number, meaning=vocabulary.meaning(hits[0][1]))
    if hits:
        end, spelling = hits[0]
        _refuse_crossing(source, folded, at, hits, vocabulary)
        return Token(at, end, source[at:end], meaning=vocabulary.meaning(spelling))
    for width in (2, 1):
        symbol = SYMBOLS.get(folded[at : at + width])
        if symbol:
            return Token(at, at + width, source[at : at + width], symbol=symbol)
    raise _unknown(source, folded, at, vocabulary)


def _refuse_crossing(source: str, folded: str, at: int, hits: list[tuple[int, str]], vocabulary: Vocabulary) -> None:
    """Raise when a shorter name is followed by one that reaches beyond the longest."""
    longest = hits[0][0]
    for end, _ in hits[1:]:
        if end >= longest or folded[end] == " ":
            continue
        for end2, _ in vocabulary.matches(folded, end):
            if end2 > longest:
                readings = f"{source[at:longest]}|{source[longest:end2]} / {source[at:end]}|{source[end:end2]}"
                raise FaultError(at, message("ambiguous", text=source[at:end2], readings=readings))


def _quoted(source: str, folded: str, at: int) -> Token:
    closing = _CLOSING[folded[at]]
    end = folded.find(closing, at + 1)
    if end < 0:
        raise FaultError(at, message("open_text"))
    text = source[at + 1 : end]
    if len(text) > limits.TEXT_CHARS:
        raise FaultError(at, too_large("文字", "The text", len(text), limits.TEXT_CHARS))
    return Token(at, end + 1, source[at : end + 1], text=text)


def _bracketed(source: str, folded: str, at: int, vocabulary: Vocabulary) -> Token:
    end = folded.find("]", at)
    if end < 0:
        raise FaultError(at, message("open_bracket"))
    meaning = vocabulary.meaning(folded[at + 1 : end])
    if meaning is None or not (meaning.fields or meaning.values):
        raise _unknown(source, folded, at + 1, vocabulary, end)
    return Token(at, end + 1, source[at : end + 1], meaning=meaning, bracketed=True)


def _number(source: str, folded: str, at: int) -> Token:
    match = _NUMBER.match(folded, at)
    if match is None:
        raise FaultError(at, message("bad_number", text=source[at]))
    digits, end = match.group(), match.end()
    after = end
    while after < len(folded) and folded[after] == " ":
        after += 1
    for unit in _UNITS_BY_LENGTH:
        stop = after + len(unit)
        if folded.startswith(unit, after) and not (is_word(unit[-1]) and stop < len(folded) and is_word(folded[stop])):
            return _with_unit(source[at:stop], digits, *UNITS[unit], at, stop)
    if "." in digits or len(digits) > limits.NUMBER_DIGITS or (end < len(folded) and is_word(folded[end])):
        raise FaultError(at, message("bad_number", text=source[at:end]))
    return Token(at, end, source[at:end], number=Number("int", int(digits)))


def _with_unit(source: str, digits: str, kind: str, factor: int, start: int, end: int) -> Token:  # noqa: PLR0917 - one call, one purpose
    exact = Decimal(digits) * factor
    whole = exact == int(exact) and len(digits) <= limits.NUMBER_DIGITS + 3
    value = int(exact)
    too_far = value > (limits.MONEY_IN_SUMS if kind == "money" else int(limits.DURATION.total_seconds()) * 1_000_000)
    # Durations are whole seconds: that is what canonical text can say.
    if not whole or too_far or (kind == "duration" and value % 1_000_000):
        raise FaultError(start, message("bad_number", text=source))
    return Token(start, end, source, number=Number(kind, value))


def _unknown(source: str, folded: str, at: int, vocabulary: Vocabulary, end: int | None = None) -> FaultError:
    """Name the unknown run of text and the spellings nearest to it."""
    stop = end or at + 1
    while end is None and stop < len(folded) and stop < at + 40 and folded[stop] not in ' (){},"[]=<>!+-*':
        if vocabulary.matches(folded, stop) and not is_word(folded[stop]):
            break
        stop += 1
    text = source[at:stop]
    if folded[at] == "@":
        known = "、".join("@" + m.words for s in vocabulary.spellings() if (m := vocabulary.meaning(s)) and m.words)
        return FaultError(at, message("unknown_words", name=text.lstrip("@"), known=known or "—"))
    near = difflib.get_close_matches(folded[at:stop], list(vocabulary.spellings()), n=3, cutoff=0.6)
    if near:
        hint = Words(f"是不是想写：{'、'.join(near)}？", f"Did you mean: {', '.join(near)}?")
    else:
        hint = Words("字段和取值的写法见 docs/fields.md。", "Fields and their values are listed in docs/fields.md.")
    return FaultError(at, message("unknown_text", text=text, hint=hint))

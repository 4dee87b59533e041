"""Tokens → an untyped tree with places. Types are the checker's matter, so that it can report more than one fault."""

from dataclasses import dataclass
from typing import Final

from qingdan.core.message import Words
from qingdan.core.policy import limits
from qingdan.core.policy.lexer import FaultError, Token, tokenise
from qingdan.core.policy.messages import message, too_large
from qingdan.core.policy.vocabulary import Vocabulary

_COMPARISONS: Final = frozenset({"=", "!=", "<", "<=", ">", ">="})
_TESTS: Final = ("in", "not_in", "contains", "contains_all", "starts", "ends", "matches")
_BUILTINS: Final = ("any_exception", "any_hold", "all_checks_passed")
_CONSTANTS: Final = ("true", "false", "as_of", *_BUILTINS)


@dataclass(frozen=True, slots=True)
class Raw:
    """One node: ``kind`` is the operator or ``atom``/``set``; an atom and an operator keep their token."""

    kind: str
    token: Token
    items: tuple["Raw", ...] = ()

    @property
    def start(self) -> int:
        """Offset of the node's first character."""
        return min(self.token.start, self.items[0].start) if self.items else self.token.start


def parse(source: str, vocabulary: Vocabulary) -> Raw:
    """Untyped tree of ``source``. Raises FaultError at the first thing that does not fit."""
    parser = _Parser(tokenise(source, vocabulary))
    tree = parser.either(0)
    parser.expect_end()
    return tree


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def _now(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._now
        self._at += 1
        return token

    def _fault(self, zh: str, en: str) -> FaultError:
        found = self._now.source or "…"
        return FaultError(self._now.start, message("expected", expected=Words(zh, en), found=found))

    def expect_end(self) -> None:
        if self._now.source:
            if self._now.symbol in _COMPARISONS:
                raise FaultError(self._now.start, message("chained"))
            raise self._fault("“且”“或”或结尾", "and, or, or the end")

    def _descend(self, depth: int) -> None:
        if depth > limits.EXPRESSION_DEPTH:
            raise FaultError(self._now.start, too_large("嵌套", "The nesting", depth, limits.EXPRESSION_DEPTH))

    def either(self, depth: int) -> Raw:
        self._descend(depth)
        return self._joined("or", depth)

    def _joined(self, keyword: str, depth: int) -> Raw:
        first = self._joined("and", depth) if keyword == "or" else self._negated(depth)
        items = [first]
        token = self._now
        while self._now.is_keyword(keyword):
            self._take()
            items.append(self._joined("and", depth) if keyword == "or" else self._negated(depth))
        return first if len(items) == 1 else Raw(keyword, token, tuple(items))

    def _negated(self, depth: int) -> Raw:
        self._descend(depth)
        if self._now.is_keyword("not"):
            token = self._take()
            return Raw("not", token, (self._negated(depth + 1),))
        return self._test(depth)

    def _test(self, depth: int) -> Raw:
        left = self._sum(depth)
        token = self._now
        if token.symbol in _COMPARISONS:
            self._take()
            return Raw("compare", token, (left, self._sum(depth)))
        if token.is_keyword("empty", "not_empty"):
            self._take()
            return Raw(token.meaning.keyword or "" if token.meaning else "", token, (left,))
        if token.is_keyword(*_TESTS):
            self._take()
            right = self._set() if self._now.symbol == "{" else self._sum(depth)
            return Raw(token.meaning.keyword or "" if token.meaning else "", token, (left, right))
        return left

    def _sum(self, depth: int) -> Raw:
        left = self._product(depth)
        while self._now.symbol in {"+", "-"}:
            token = self._take()
            left = Raw("arith", token, (left, self._product(depth)))
        return left

    def _product(self, depth: int) -> Raw:
        left = self._value(depth)
        while self._now.symbol == "*":
            token = self._take()
            left = Raw("arith", token, (left, self._value(depth)))
        return left

    def _value(self, depth: int) -> Raw:
        token = self._now
        if token.symbol == "(":
            self._take()
            inside = self.either(depth + 1)
            if self._now.symbol != ")":
                raise self._fault("“)”", ")")
            self._take()
            return self._with_length(inside)
        if token.symbol == "-" and self._tokens[self._at + 1].number is not None:
            self._take()
            return Raw("negative", token, (Raw("atom", self._take()),))
        if token.is_keyword("length"):
            self._take()
            return Raw("length", token, (self._value(depth + 1),))
        readable = token.number is not None or token.text is not None
        if token.meaning is not None:
            meaning = token.meaning
            named = bool(meaning.fields or meaning.values or meaning.words)
            readable = readable or named or token.is_keyword(*_CONSTANTS)
        if not readable:
            raise self._fault("字段或值", "a field or a value")
        return self._with_length(Raw("atom", self._take()))

    def _with_length(self, raw: Raw) -> Raw:
        if self._now.is_keyword("length"):
            return Raw("length", self._take(), (raw,))
        return raw

    def _set(self) -> Raw:
        token = self._take()
        items: list[Raw] = []
        while self._now.symbol != "}":
            if items:
                if self._now.symbol != ",":
                    raise self._fault("“,”或“}”", ", or }")
                self._take()
                if self._now.symbol == "}":
                    break
            items.append(self._value(limits.EXPRESSION_DEPTH))
            if len(items) > limits.SET_VALUES:
                raise FaultError(token.start, too_large("集合", "The set", len(items), limits.SET_VALUES))
        if not items:
            raise FaultError(token.start, message("empty_set"))
        self._take()
        return Raw("set", token, tuple(items))

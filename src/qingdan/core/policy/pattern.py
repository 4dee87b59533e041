"""The regular expressions that rules may use: a dialect in which Python and Rust agree and neither can be made slow.

Literals, ``.``, classes, groups, ``|``, ``?``, ``{m,n}``, at most one ``+`` or ``*``, ``^`` and ``$`` (end of text).
No shorthands, flags, look-around or back-references. The number of ways a pattern can match from one place is bounded.
"""

import re
from dataclasses import dataclass
from typing import Final

from qingdan.core.policy import limits
from qingdan.core.policy.lexer import FaultError
from qingdan.core.policy.messages import message, too_large
from qingdan.core.text import normalise

_META: Final = frozenset("\\.+*?()|[]{}^$#&-~")
_RUN: Final = 200
"""Length that an unbounded repetition is counted as."""
_REPEAT: Final = re.compile(r"\{([0-9]{1,3})(?:(,)([0-9]{1,3})?)?\}")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A checked pattern in the spelling of each back end; ``anchored`` when it can only match from the start."""

    python: str
    rust: str
    anchored: bool


def _escape(char: str) -> str:
    return "\\" + char if char in _META else char


class _Reader:
    """Reads a pattern once, giving both spellings and the number of paths through each part."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.unbounded = 0
        self.forked = False

    def fault(self, zh: str, en: str, place: int | None = None) -> FaultError:
        at = self.at if place is None else place
        return FaultError(at, message("bad_pattern", place=at + 1, zh=zh, en=en))

    def peek(self) -> str:
        return self.text[self.at] if self.at < len(self.text) else ""

    def alternatives(self, depth: int) -> tuple[str, str, int]:
        if depth > 8:
            raise self.fault("括号嵌套过深", "groups are nested too deeply")
        branches = [self.sequence(depth)]
        while self.peek() == "|":
            self.at += 1
            self.forked = self.forked or depth == 0
            branches.append(self.sequence(depth))
        return (
            "|".join(b[0] for b in branches),
            "|".join(b[1] for b in branches),
            self.bounded(sum(b[2] for b in branches)),
        )

    def sequence(self, depth: int) -> tuple[str, str, int]:
        python, rust, paths = "", "", 1
        while self.peek() not in {"", "|", ")"}:
            piece, piece_rust, ways = self.repeated(depth)
            python, rust, paths = python + piece, rust + piece_rust, self.bounded(paths * ways)
        return python, rust, paths

    def bounded(self, paths: int) -> int:
        if paths > limits.PATTERN_PATHS:
            raise self.fault("组合太多，可能很慢", "too many combinations, it could be slow")
        return paths

    def repeated(self, depth: int) -> tuple[str, str, int]:
        start = self.at
        python, rust, ways, single = self.atom(depth)
        char = self.peek()
        if char in {"?", "*", "+", "{"} and not single and char in {"*", "+"}:
            raise self.fault(
                "+ 和 * 只能跟在单个字符或字符组后面", "+ and * may follow a single character or class only"
            )
        if char not in {"?", "*", "+", "{"} or not char:
            return python, rust, ways
        if python in {"^", r"\Z"}:
            raise self.fault("^ 和 $ 不能重复", "^ and $ can not be repeated", start)
        low, high, text = self.counts(char)
        if self.peek() in {"?", "*", "+", "{"} and self.peek():
            raise self.fault("不能重复两次", "a repetition can not be repeated")
        if high is None:
            self.unbounded += 1
            if self.unbounded > 1:
                raise self.fault(
                    "最多一个 + 或 *，其余写成 {1,8} 这样", "at most one + or *, write {1,8} for the others"
                )
        total = 0
        for count in range(low, (_RUN if high is None else high) + 1):
            total += ways**count
            self.bounded(total)
        return python + text, rust + text, total

    def counts(self, char: str) -> tuple[int, int | None, str]:
        if char != "{":
            self.at += 1
            return {"?": (0, 1, "?"), "*": (0, None, "*"), "+": (1, None, "+")}[char]
        match = _REPEAT.match(self.text, self.at)
        if match is None or (match[2] and not match[3]):
            raise self.fault("{ 应写成 {3} 或 {1,8}", "write {3} or {1,8}")
        self.at = match.end()
        low = int(match[1])
        high = int(match[3]) if match[3] else low
        if not low <= high <= 100:
            raise self.fault("重复次数须从小到大且不超过 100", "counts must rise and stay within 100")
        return low, high, f"{{{low},{high}}}"

    def atom(self, depth: int) -> tuple[str, str, int, bool]:
        char = self.peek()
        self.at += 1
        if char == "(":
            return self.group(depth)
        if char == "[":
            text = self.char_class()
            return text, text, 1, True
        if char == "^":
            return "^", "^", 1, False
        if char == "$":
            return r"\Z", r"\z", 1, False
        if char == ".":
            return ".", ".", 1, True
        if char in {"*", "+", "?", "{", "}", "]"}:
            raise self.fault(
                f"“{char}”前面没有内容；要找它本身请写 \\{char}", f"write \\{char} for the character", self.at - 1
            )
        text = _escape(self.escaped() if char == "\\" else char)
        return text, text, 1, True

    def group(self, depth: int) -> tuple[str, str, int, bool]:
        if self.text.startswith("?:", self.at):
            self.at += 2
        elif self.peek() == "?":
            raise self.fault("不支持 (?…)", "(?…) is not supported")
        python, rust, ways = self.alternatives(depth + 1)
        if self.peek() != ")":
            raise self.fault("缺少 )", ") is missing")
        self.at += 1
        return f"(?:{python})", f"(?:{rust})", ways, False

    def escaped(self) -> str:
        char = self.peek()
        if not char or not char.isascii() or char.isalnum() or char == "_":
            zh = "不支持 \\d \\w \\s \\b 等写法，请写 [0-9] 这样的字符组"
            raise self.fault(zh, "write classes such as [0-9]", self.at - 1)
        self.at += 1
        return char

    def char_class(self) -> str:
        start = self.at - 1
        parts: list[str] = []
        if self.peek() == "^":
            self.at += 1
            parts.append("^")
        members = 0
        while self.peek() != "]":
            low = self.member(start)
            if self.peek() == "-" and self.text[self.at + 1 : self.at + 2] not in {"]", ""}:
                self.at += 1
                high = self.member(start)
                if ord(low) > ord(high):
                    raise self.fault("范围须从小到大", "a range must rise")
                parts.append(f"{_escape(low)}-{_escape(high)}")
            else:
                parts.append(_escape(low))
            members += 1
        if not members:
            raise self.fault("字符组是空的", "the class is empty", start)
        self.at += 1
        return f"[{''.join(parts)}]"

    def member(self, start: int) -> str:
        char = self.peek()
        if not char:
            raise self.fault("缺少 ]", "] is missing", start)
        if char == "[":
            raise self.fault("字符组里的 [ 请写成 \\[", "write \\[ inside a class")
        self.at += 1
        return self.escaped() if char == "\\" else char


def read_pattern(text: str) -> Pattern:
    """Check a pattern and spell it for both back ends. Raises FaultError at the place in the pattern."""
    if not text or len(text) > limits.PATTERN_CHARS:
        raise FaultError(0, too_large("匹配式", "The pattern", len(text), limits.PATTERN_CHARS))
    if normalise(text) != text:
        zh = f"字段文字已规整（半角、小写、无空格），请写成 {normalise(text)}"
        en = f"text is normalised (half width, lower case, no spaces), write {normalise(text)}"
        raise FaultError(0, message("bad_pattern", place=1, zh=zh, en=en))
    reader = _Reader(text)
    python, rust, _ = reader.alternatives(0)
    if reader.peek():
        raise reader.fault("多余的 )", "unexpected )")
    return Pattern(python, rust, python.startswith("^") and not reader.forked)

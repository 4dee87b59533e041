"""A YAML policy file as nodes with places: shapes are checked here, and every fault knows its line and column."""

from collections.abc import Iterable, Mapping
from typing import Final

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from qingdan.core.message import Message, Words
from qingdan.core.policy import limits
from qingdan.core.policy.messages import message, too_large
from qingdan.core.policy.model import Problem, Severity

_SKIPPED: Final = frozenset(" \t\r\n\\'\"")


class Document:
    """The source of one policy file and what is wrong with it so far."""

    def __init__(self, text: str, source: str) -> None:
        self.text = text
        self.source = source
        self.problems: list[Problem] = []

    def add(
        self,
        line: int,
        column: int,
        said: Message,
        *,
        warning: bool = False,
        example: Mapping[str, object] | None = None,
    ) -> None:
        """Note a problem at a line and column that count from 1."""
        severity = Severity.WARNING if warning else Severity.ERROR
        self.problems.append(Problem(self.source, line, column, severity, said, example))

    def fault(
        self,
        node: Node,
        said: Message,
        offset: int = 0,
        *,
        warning: bool = False,
        example: Mapping[str, object] | None = None,
    ) -> None:
        """Note a problem at ``offset`` characters into the value of ``node``."""
        line, column = self.place(node, offset)
        self.add(line, column, said, warning=warning, example=example)

    def compose(self) -> MappingNode | None:
        """Root mapping, or None after a problem. Refuses what could be hostile before it is built."""
        if len(self.text) > limits.SOURCE_CHARS:
            self.add(1, 1, too_large("文件", "The file", len(self.text), limits.SOURCE_CHARS))
            return None
        try:
            root = yaml.compose(self.text, Loader=yaml.SafeLoader) if self._is_tame() else None
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            said = message("yaml", detail=error.problem or error.context or "")
            self.add(mark.line + 1 if mark else 1, mark.column + 1 if mark else 1, said)
            return None
        except yaml.YAMLError as error:
            self.add(1, 1, message("yaml", detail=str(error).splitlines()[0]))
            return None
        if self.problems:
            return None
        if not isinstance(root, MappingNode):
            self.add(1, 1, message("wrong_shape", expected=Words("键和值", "a mapping")))
            return None
        return root

    def _is_tame(self) -> bool:
        depth = 0
        for count, event in enumerate(yaml.parse(self.text, Loader=yaml.SafeLoader)):
            mark = event.start_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                depth += 1
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                depth -= 1
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                self.add(line, column, message("alias"))
                return False
            if depth > limits.YAML_DEPTH or count > limits.YAML_EVENTS:
                size, limit = max(depth, count), limits.YAML_DEPTH if depth > limits.YAML_DEPTH else limits.YAML_EVENTS
                self.add(line, column, too_large("文件结构", "The file's structure", size, limit))
                return False
        return True

    def mapping(self, node: Node, known: Iterable[str], required: Iterable[str] = ()) -> dict[str, Node]:
        """Children of a mapping by key; unknown, repeated and missing keys are problems."""
        if not isinstance(node, MappingNode):
            self.fault(node, message("wrong_shape", expected=Words("键和值", "a mapping")))
            return {}
        allowed = tuple(known)
        children: dict[str, Node] = {}
        for key_node, value in node.value:
            key = key_node.value if isinstance(key_node, ScalarNode) else ""
            if allowed and key not in allowed:
                self.fault(key_node, message("unknown_key", key=key, known="、".join(allowed)))
            elif key in children:
                self.fault(key_node, message("duplicate_key", key=key))
            else:
                children[key] = value
        for key in required:
            if key not in children:
                self.fault(node, message("missing_key", key=key))
        return children

    def sequence(self, node: Node | None) -> list[Node]:
        """Items of a sequence; none when the key is absent or empty."""
        if node is None or (isinstance(node, ScalarNode) and node.value == ""):
            return []
        if not isinstance(node, SequenceNode):
            self.fault(node, message("wrong_shape", expected=Words("列表", "a list")))
            return []
        return list(node.value)

    def scalar(self, node: Node | None) -> str | None:
        """Text of a scalar, or None after a problem (and when the key is absent)."""
        if node is None:
            return None
        if not isinstance(node, ScalarNode) or not node.value.strip():
            expected = Words("文字；以 [ { @ 等符号开头的条件请加引号", "text; quote what starts with [ { or @")
            self.fault(node, message("wrong_shape", expected=expected))
            return None
        return str(node.value)

    def place(self, node: Node, offset: int) -> tuple[int, int]:
        """Line and column, from 1, of a character of a scalar's value in the file."""
        mark = node.start_mark
        index = self._index(node, offset) if isinstance(node, ScalarNode) and offset else None
        if index is None:
            return mark.line + 1, mark.column + 1
        line_start = self.text.rfind("\n", 0, index) + 1
        return self.text.count("\n", 0, index) + 1, index - line_start + 1

    def _index(self, node: ScalarNode, offset: int) -> int | None:
        """Index in the file of character ``offset`` of a value, by walking both past quotes, breaks and indents."""
        at, end = node.start_mark.index, node.end_mark.index
        if node.style in {"|", ">"}:
            at = self.text.find("\n", at) + 1
        elif node.style in {"'", '"'}:
            at += 1
        wanted = None
        for place, char in enumerate(node.value[: offset + 1]):
            if char.isspace():
                continue
            while at < end and self.text[at] != char:
                if self.text[at] not in _SKIPPED:
                    return wanted
                at += 1
            wanted, at = at, at + 1
            if place == offset:
                return wanted
        return None if wanted is None else min(wanted + 1, len(self.text))

"""Where in a policy a line and column of its file lie: section, item, key; for showing a problem at its card."""

from dataclasses import dataclass
from typing import Final

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from qingdan.core.policy.model import Problem

_LISTS: Final = frozenset({"checks", "exceptions", "holds", "tags", "tiers", "tables", "rows"})


@dataclass(frozen=True, slots=True)
class Place:
    """Part of a policy: ``path`` walks its form (keys and indexes), ``rule`` is the id of the innermost item."""

    path: tuple[str | int, ...] = ()
    rule: str | None = None


class Places:
    """Finds places in one policy file; finds none in a file that is no YAML."""

    def __init__(self, text: str) -> None:
        try:
            root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.YAMLError:
            root = None
        self._root = root if isinstance(root, MappingNode) else None

    def of(self, problem: Problem) -> Place:
        """Place of a problem."""
        return self.at(problem.line, problem.column)

    def at(self, line: int, column: int) -> Place:
        """Innermost place that holds a line and column, both from 1."""
        path: list[str | int] = []
        rule: str | None = None
        node: Node | None = self._root
        here = (line - 1, column - 1)
        while isinstance(node, MappingNode | SequenceNode):
            found = _child(node, here)
            if found is None:
                break
            key, node = found
            path.append(key)
            if isinstance(key, int) and isinstance(node, MappingNode) and path[-2] in _LISTS:
                rule = next((v.value for k, v in node.value if k.value == "id" and isinstance(v, ScalarNode)), rule)
        return Place(tuple(path), rule)


def _child(node: MappingNode | SequenceNode, here: tuple[int, int]) -> tuple[str | int, Node] | None:
    """Last child that begins at or before ``here``."""
    if isinstance(node, SequenceNode):
        items = [(index, item) for index, item in enumerate(node.value) if _start(item) <= here]
        return items[-1] if items else None
    keys = [(key.value, value) for key, value in node.value if isinstance(key, ScalarNode) and _start(key) <= here]
    return keys[-1] if keys else None


def _start(node: Node) -> tuple[int, int]:
    return node.start_mark.line, node.start_mark.column

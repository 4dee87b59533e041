"""Rewrites the conditions of a policy file in canonical text, leaving comments and layout as they are."""

from typing import Final

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from qingdan.core.message import Language
from qingdan.core.policy.check import read_expression
from qingdan.core.policy.load import load_policy
from qingdan.core.policy.render import render
from qingdan.core.policy.vocabulary import Vocabulary

_CONDITION_KEYS: Final = frozenset({"scope", "pass", "when", "until"})
_WIDTH: Final = 100
_PLAIN_START: Final = frozenset("!&*{}[]|>@`\"'%#,?:-")


def format_policy(text: str, language: Language, *, source: str = "<policy>") -> str:
    """Policy text with every condition canonical in ``language``. Raises PolicyError when the policy has errors."""
    policy = load_policy(text, source=source)
    vocabulary = Vocabulary(policy.words)
    out, end = [], len(text)
    places = sorted(_conditions(yaml.compose(text, Loader=yaml.SafeLoader)), key=lambda p: -p[0].start_mark.index)
    for node, flow, indent in places:
        expr = read_expression(node.value, vocabulary, builtins=True).expr
        if expr is None:
            continue
        start, stop = node.start_mark.index, node.end_mark.index
        source = text[start:stop]
        tail = source[len(source.rstrip()) :] if node.style in {"|", ">"} else ""
        canonical = written(render(expr, language), language, flow=flow, indent=indent)
        out.append(tail + text[stop:end] if tail else text[stop:end])
        out.append(canonical)
        end = start
    out.append(text[:end])
    return "".join(reversed(out))


def _conditions(node: Node | None, flow: bool = False) -> list[tuple[ScalarNode, bool, int]]:  # noqa: FBT001, FBT002
    """Scalars that hold a condition, whether they stand inside [ ] or { }, and their key's column."""
    if isinstance(node, SequenceNode):
        return [place for item in node.value for place in _conditions(item, flow or bool(node.flow_style))]
    if not isinstance(node, MappingNode):
        return []
    inside = flow or bool(node.flow_style)
    found: list[tuple[ScalarNode, bool, int]] = []
    for key, value in node.value:
        if isinstance(value, ScalarNode):
            if key.value in _CONDITION_KEYS:
                found.append((value, inside, key.start_mark.column))
        elif key.value != "words":
            found.extend(_conditions(value, inside))
    return found


def written(text: str, language: Language, *, flow: bool, indent: int) -> str:
    """Condition as the value of a YAML key at column ``indent``, quoted or folded where it must be."""
    if not flow and len(text) > _WIDTH:
        margin = " " * (indent + 2)
        lines = _wrapped(text, (" 或 ", " 且 ") if language == "zh" else (" or ", " and "))
        return ">-\n" + "\n".join(margin + line for line in lines)
    plain = not flow and text[0] not in _PLAIN_START and ": " not in text and " #" not in text
    return text if plain else "'" + text.replace("'", "''") + "'"


def _wrapped(text: str, joints: tuple[str, str]) -> list[str]:
    """Lines of at most the width where joints allow; a folded break reads as the one space before a joint."""
    lines, line = [], ""
    pieces = [text]
    for joint in joints:
        pieces = [p for piece in pieces for p in _split_before(piece, joint)]
    for piece in pieces:
        if line and len(line) + 1 + len(piece) > _WIDTH:
            lines.append(line)
            line = piece
        else:
            line = f"{line} {piece}" if line else piece
    return [*lines, line]


def _split_before(text: str, joint: str) -> list[str]:
    first, *rest = text.split(joint)
    return [first, *(joint[1:] + part for part in rest)]

"""A whole policy file as the form that a visual editor works on, and back to text.

Reading is tolerant: what has a fault is kept as written, so that a half-finished policy can be edited on. Writing
gives a file in the house's layout; whole-line comments travel as the ``note`` of what they stand above.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final, TypeAlias

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from qingdan.core.message import Language
from qingdan.core.policy.check import read_expression
from qingdan.core.policy.document import Document
from qingdan.core.policy.fmt import written
from qingdan.core.policy.model import Kind, PolicyError
from qingdan.core.policy.visual import as_group, group, text_node, to_node, to_text
from qingdan.core.policy.vocabulary import Vocabulary

Form: TypeAlias = dict[str, Any]

SECTIONS: Final[dict[str, tuple[Kind, str]]] = {
    "checks": (Kind.CHECK, "pass"),
    "exceptions": (Kind.EXCEPTION, "when"),
    "holds": (Kind.HOLD, "when"),
    "tags": (Kind.TAG, "when"),
}
"""Section of the file → kind of its rules and the key of their condition."""
TOP: Final = ("policy", "title", "scope", "words", *SECTIONS, "tiers", "tables")
_PLAIN: Final = re.compile(r"[0-9A-Za-z_\u3400-\u9fff][^:#\[\]{},&*!|>'\"%@`\n\r\t]*\Z")
_YAML_WORDS: Final = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n", "~", "none"})
_NUMBER: Final = re.compile(r"[-+.0-9][-+.0-9eExXoO_:]*\Z")


def read_form(text: str, language: Language = "zh") -> Form:
    """Form of a policy file. Raises PolicyError only when the file is no YAML mapping at all."""
    document = Document(text, "<policy>")
    root = document.compose()
    if root is None:
        raise PolicyError(tuple(document.problems))
    return _Reader(root, _Notes(text, root), language).form()


class _Notes:
    """Whole-line comments of a file, each with the node that it stands above or in."""

    def __init__(self, text: str, root: MappingNode) -> None:
        blocks = [(n.start_mark.line, n.end_mark.line) for n in _scalars(root) if n.style in {"|", ">"}]
        self._lines = {
            number: line.strip().lstrip("#").strip()
            for number, line in enumerate(text.splitlines())
            if line.lstrip().startswith("#") and not any(a < number < b for a, b in blocks)
        }

    def take(self, first: int, last: int) -> str:
        """Comments of the lines from ``first`` to ``last``, which are then taken."""
        found = [number for number in sorted(self._lines) if first <= number <= last]
        return "\n".join(self._lines.pop(number) for number in found)


class _Reader:
    def __init__(self, root: MappingNode, notes: _Notes, language: Language) -> None:
        self._root = root
        self._parts = _children(root)
        self._keys = {key.value: key for key, _ in root.value if isinstance(key, ScalarNode)}
        self._notes = notes
        self._language: Language = language
        self._words = {name: [_text(n) for n in _items(node)] for name, node in _children(self._at("words")).items()}
        self._vocabulary = Vocabulary(self._words)

    def _at(self, key: str) -> Node | None:
        return self._parts.get(key)

    def form(self) -> Form:
        sections: dict[str, Any] = {}
        for key, (_, condition) in SECTIONS.items():
            sections[key] = [self._rule(node, condition) for node in self._noted(key)]
        tiers = [self._row(node, ("owner", "respond", "resolve")) for node in self._noted("tiers")]
        tables = [self._table(node) for node in self._noted("tables")]
        scope = self._at("scope")
        return {
            "policy": _text(self._at("policy")),
            "title": _title(self._at("title")),
            "scope": self._condition(scope) if scope is not None else None,
            "words": [{"name": name, "items": items} for name, items in self._words.items()],
            **sections,
            "tiers": tiers,
            "tables": tables,
            "notes": self._heads(),
        }

    def _heads(self) -> dict[str, str]:
        """Comments above the sections, by section; what is left at the end belongs to ``end``."""
        heads = {}
        for key, node in sorted(self._keys.items(), key=lambda pair: pair[1].start_mark.line):
            if note := self._notes.take(0, node.start_mark.line):
                heads[key] = note
        if rest := self._notes.take(0, 10**9):
            heads["end"] = rest
        return heads

    def _noted(self, key: str) -> Iterator[tuple[Node, str]]:
        """Items of a section with the comments above and in each."""
        end = self._keys[key].start_mark.line if key in self._keys else 0
        for node in _items(self._at(key)):
            last = max((n.end_mark.line if n.style not in {"|", ">"} else n.end_mark.line - 1) for n in _scalars(node))
            note = self._notes.take(end + 1, last)
            end = last
            yield node, note

    def _rule(self, noted: tuple[Node, str], key: str) -> Form:
        node, note = noted
        parts = _children(node)
        return {
            "id": _text(parts.get("id")),
            "title": _title(parts.get("title")),
            "condition": self._condition(parts.get(key)),
            "until": _text(parts.get("until")) or None,
            "note": note,
        }

    def _row(self, noted: tuple[Node, str], more: Sequence[str], *, builtins: bool = True) -> Form:
        node, note = noted
        parts = _children(node)
        otherwise = "when" not in parts and "else" in parts
        return {
            "id": _text(parts.get("id")),
            "title": _title(parts.get("title")) if "title" in parts else None,
            "condition": None if otherwise else self._condition(parts.get("when"), builtins=builtins),
            **{name: _text(parts.get(name)) or None for name in more},
            "note": note,
        }

    def _table(self, noted: tuple[Node, str]) -> Form:
        node, note = noted
        parts = _children(node)
        return {
            "id": _text(parts.get("id")),
            "title": _title(parts.get("title")),
            "hit": _text(parts.get("hit")) or "first",
            "rows": [self._row((row, ""), ("output",), builtins=False) for row in _items(parts.get("rows"))],
            "note": note,
        }

    def _condition(self, node: Node | None, *, builtins: bool = True) -> Form:
        source = _text(node)
        if not source.strip():
            return group("and", [])
        expr = read_expression(source, self._vocabulary, builtins=builtins).expr
        return as_group(text_node(source) if expr is None else to_node(expr, self._language))


def write_form(form: Mapping[str, Any], language: Language = "zh") -> str:
    """Text of a policy file from its form."""
    return _Writer(form, language).text()


class _Writer:
    def __init__(self, form: Mapping[str, Any], language: Language) -> None:
        self._form = form
        self._language: Language = language
        self._lines: list[str] = []
        self._notes: Mapping[str, str] = form.get("notes") or {}

    def text(self) -> str:
        form = self._form
        self._note(self._notes.get("policy", ""), 0)
        self._put(0, "policy", _plain(form["policy"]))
        self._note(self._notes.get("title", ""), 0)
        self._put(0, "title", _title_text(form["title"]))
        if form.get("scope") is not None:
            self._head("scope")
            self._condition(0, "scope", form["scope"])
        if form.get("words"):
            self._head("words")
            self._lines.append("words:")
            for listed in form["words"]:
                items = ", ".join(_plain(word) for word in listed["items"])
                self._put(2, _plain(listed["name"]), f"[{items}]")
        for key, (_, condition) in SECTIONS.items():
            self._items(key, partial(self._rule, key=condition))
        self._items("tiers", partial(self._row, more=("owner", "respond", "resolve"), indent=4))
        self._items("tables", self._table)
        self._note(self._notes.get("end", ""), 0)
        return "\n".join(self._lines) + "\n"

    def _head(self, key: str) -> None:
        self._lines.append("")
        self._note(self._notes.get(key, ""), 0)

    def _items(self, key: str, write: Callable[[Mapping[str, Any]], None]) -> None:
        items = self._form.get(key) or []
        if not items:
            return
        self._head(key)
        self._lines.append(f"{key}:")
        for item in items:
            self._note(item.get("note") or "", 2)
            write(item)

    def _rule(self, rule: Mapping[str, Any], key: str) -> None:
        self._lines.append(f"  - id: {_plain(rule['id'])}")
        self._put(4, "title", _title_text(rule["title"]))
        self._condition(4, key, rule["condition"])
        if key == "when" and rule.get("until"):
            self._put(4, "until", _plain(rule["until"]))

    def _row(self, row: Mapping[str, Any], more: Sequence[str], indent: int) -> None:
        self._lines.append(" " * (indent - 2) + f"- id: {_plain(row['id'])}")
        if row.get("title") is not None:
            self._put(indent, "title", _title_text(row["title"]))
        if row.get("condition") is None:
            self._put(indent, "else", "true")
        else:
            self._condition(indent, "when", row["condition"])
        for name in more:
            if row.get(name):
                self._put(indent, name, _plain(row[name]))

    def _table(self, table: Mapping[str, Any]) -> None:
        self._lines.append(f"  - id: {_plain(table['id'])}")
        self._put(4, "title", _title_text(table["title"]))
        self._put(4, "hit", _plain(table["hit"]))
        self._lines.append("    rows:" if table["rows"] else "    rows: []")
        for row in table["rows"]:
            self._row(row, ("output",), 8)

    def _condition(self, indent: int, key: str, node: Mapping[str, Any]) -> None:
        source = " ".join(to_text(node, self._language).split("\n"))
        self._put(indent, key, written(source, self._language, flow=False, indent=indent) if source else "''")

    def _put(self, indent: int, key: str, value: str) -> None:
        self._lines.append(f"{' ' * indent}{key}: {value}")

    def _note(self, note: str, indent: int) -> None:
        self._lines.extend(f"{' ' * indent}# {line}".rstrip() for line in note.splitlines())


def _children(node: Node | None) -> dict[str, Node]:
    if not isinstance(node, MappingNode):
        return {}
    return {key.value: value for key, value in node.value if isinstance(key, ScalarNode)}


def _items(node: Node | None) -> list[Node]:
    return list(node.value) if isinstance(node, SequenceNode) else []


def _scalars(node: Node) -> Iterator[ScalarNode]:
    if isinstance(node, ScalarNode):
        yield node
    elif isinstance(node, SequenceNode):
        for item in node.value:
            yield from _scalars(item)
    elif isinstance(node, MappingNode):
        for key, value in node.value:
            yield from _scalars(key)
            yield from _scalars(value)


def _text(node: Node | None) -> str:
    return str(node.value) if isinstance(node, ScalarNode) else ""


def _title(node: Node | None) -> dict[str, str]:
    if isinstance(node, MappingNode):
        parts = _children(node)
        zh = _text(parts.get("zh"))
        return {"zh": zh, "en": _text(parts.get("en")) or zh}
    text = _text(node)
    return {"zh": text, "en": text}


def _title_text(title: Mapping[str, str]) -> str:
    zh, en = str(title["zh"]), str(title.get("en") or title["zh"])
    return _plain(zh) if zh == en else f"{{zh: {_plain(zh)}, en: {_plain(en)}}}"


def _plain(text: str) -> str:
    """Text as a YAML scalar that reads as exactly this text, in a flow too."""
    plain = _PLAIN.match(text) and text == text.strip() and text.lower() not in _YAML_WORDS
    if plain and not _NUMBER.match(text):
        return text
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return str(yaml.safe_dump(text, default_style='"', allow_unicode=True, width=10**9)).strip()

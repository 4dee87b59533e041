"""XML of warehouse interfaces: written plainly, read without document types, entities or depth to abuse."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from xml.parsers import expat
from xml.sax.saxutils import escape

MOST_BYTES: Final = 4 << 20
_MOST_DEPTH: Final = 24
_MOST_NODES: Final = 200_000
_HEAD: Final = '<?xml version="1.0" encoding="utf-8"?>'


class BadXmlError(ValueError):
    """Bytes that are not the XML of a warehouse's message."""


class Node:
    """An element: its name, its text, and the elements within."""

    __slots__ = ("inner", "name", "text")

    def __init__(self, name: str) -> None:
        self.name = name
        self.text = ""
        self.inner: list[Node] = []

    def first(self, path: str) -> "Node | None":
        """Return the first element at ``a/b/c``."""
        found: Node | None = self
        for name in path.split("/"):
            found = next((node for node in found.inner if node.name == name), None) if found else None
        return found

    def value(self, path: str) -> str:
        """Return the text at ``a/b/c``, stripped; empty when there is none."""
        found = self.first(path)
        return found.text.strip() if found else ""

    def all(self, path: str) -> Iterator["Node"]:
        """Yield every element at ``a/b/c``."""
        head, _, rest = path.partition("/")
        for node in self.inner:
            if node.name == head:
                if rest:
                    yield from node.all(rest)
                else:
                    yield node


def read(body: bytes) -> Node:
    """Read a document; raises ``BadXmlError`` for anything but plain elements and text."""
    if len(body) > MOST_BYTES:
        raise BadXmlError("too large")
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.data
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.EntityDeclHandler = reader.refuse
    try:
        parser.Parse(body, True)  # noqa: FBT003 - expat's own signature
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise BadXmlError(str(error)) from error
    if reader.root is None:
        raise BadXmlError("empty")
    return reader.root


class _Reader:
    def __init__(self) -> None:
        self.root: Node | None = None
        self._open: list[Node] = []
        self._nodes = 0

    def start(self, name: str, _attributes: Mapping[str, str]) -> None:
        self._nodes += 1
        if len(self._open) >= _MOST_DEPTH or self._nodes > _MOST_NODES:
            raise BadXmlError("too deep or too many elements")
        node = Node(name)
        if self._open:
            self._open[-1].inner.append(node)
        else:
            self.root = node
        self._open.append(node)

    def end(self, _name: str) -> None:
        self._open.pop()

    def data(self, text: str) -> None:
        self._open[-1].text += text

    def refuse(self, *_: object) -> None:
        raise BadXmlError("a document type or an entity")


def write(name: str, content: Mapping[str, Any]) -> bytes:
    """Write a document: mappings are elements, lists repeat theirs, empty texts and None are left out."""
    return (_HEAD + "".join(_element(name, content))).encode()


def _element(name: str, content: object) -> Iterator[str]:
    if isinstance(content, Mapping):
        inner = [part for key, value in content.items() for part in _element(key, value)]
        if inner:
            yield f"<{name}>"
            yield from inner
            yield f"</{name}>"
    elif isinstance(content, Sequence) and not isinstance(content, str):
        for item in content:
            yield from _element(name, item)
    elif content is not None and content != "":
        yield f"<{name}>{escape(_plain(str(content)))}</{name}>"


def _plain(text: str) -> str:
    """Text without the control characters that XML can not hold."""
    return "".join(c for c in text if c >= " " or c in "\t\n\r") if not text.isprintable() else text

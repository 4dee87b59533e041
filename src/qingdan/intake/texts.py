"""Text files as UTF-8, block by block: what one of a million rows costs is a block and not the file."""

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import polars as pl

from qingdan.intake import recoding
from qingdan.intake.messages import UnreadableFile, message

BLOCK: Final = 16 << 20
"""Bytes of a file that are read at a time."""
_SNIFFED: Final = 4 << 20
_PIECE: Final = 1 << 18
"""Bytes decoded at a time, few enough to stay in the processor's cache."""
_UTF16: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_MARKS: Final = {"utf-8-sig": 3, "utf-16-le": 2, "utf-16-be": 2}


def encoding_of(path: Path) -> str:
    """Tell the encoding: UTF-8 or UTF-16 by its mark, else UTF-8 where the first text beyond ASCII is, else GB18030.

    Whether the whole file is so is found when it is read.
    """
    with path.open("rb") as stream:
        start = stream.read(_SNIFFED)
        if start.startswith(codecs.BOM_UTF8):
            return "utf-8-sig" if _is_utf8(start, whole=len(start) < _SNIFFED) else "gb18030"
        for mark, encoding in _UTF16.items():
            if start.startswith(mark):
                return encoding
        while len(start) == _SNIFFED and start.isascii() and b"\0" not in start:
            start = stream.read(_SNIFFED)
        return "utf-8" if _is_utf8(start, whole=len(start) < _SNIFFED) else "gb18030"


def read_blocks(path: Path, encoding: str, name: str, *, size: int = BLOCK) -> Iterator[bytes]:
    """Content of a text file as UTF-8 without a byte order mark; a block may end anywhere between two characters.

    Raises ``UnreadableFile``, with the file called ``name``, where the text is not in ``encoding`` or holds a NUL.
    """
    with path.open("rb") as stream:
        stream.seek(_MARKS.get(encoding, 0))
        try:
            blocks = _utf8(stream, size) if encoding.startswith("utf-8") else _decoded(stream, encoding, size)
            for block in blocks:
                if b"\0" in block:
                    raise UnreadableFile(message("file_has_nul", file=name))
                yield block
        except UnicodeDecodeError as error:
            raise UnreadableFile(message("file_encoding", file=name)) from error


def _utf8(stream: BinaryIO, size: int) -> Iterator[bytes]:
    rest = b""
    while block := stream.read(size):
        block = rest + block if rest else block
        cut = _boundary(block)
        rest = block[cut:]
        block = block[:cut] if rest else block
        if not _is_utf8(block, whole=True):
            raise UnicodeDecodeError("utf-8", b"", 0, 1, "not UTF-8")
        if block:
            yield block
    if rest:
        raise UnicodeDecodeError("utf-8", rest, 0, len(rest), "cut off")


def _decoded(stream: BinaryIO, encoding: str, size: int) -> Iterator[bytes]:
    if encoding == "gb18030":
        yield from _recoded(stream, size)
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    while block := stream.read(size):
        view = memoryview(block)
        yield b"".join(decoder.decode(view[at : at + _PIECE]).encode() for at in range(0, len(view), _PIECE))
    yield decoder.decode(b"", final=True).encode()


def _recoded(stream: BinaryIO, size: int) -> Iterator[bytes]:
    decoder = recoding.gb18030()
    while block := stream.read(size):
        if b"\0" in block:
            yield b"\0"  # the second byte of no character is NUL
            return
        view = memoryview(block)
        yield b"".join(decoder.decode(view[at : at + _PIECE]) for at in range(0, len(view), _PIECE))
    yield decoder.decode(b"", final=True)


def _boundary(block: bytes) -> int:
    """Where the last character of ``block`` that is not whole begins; its length when all are."""
    for back in range(1, min(4, len(block)) + 1):
        byte = block[-back]
        if byte & 0xC0 != 0x80:
            needs = 1 if byte < 0x80 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(block) if needs <= back else len(block) - back
    return len(block)


def _is_utf8(content: bytes, *, whole: bool) -> bool:
    """Whether the text is strict UTF-8, checked by Polars' validator: it is many times as fast as decoding.

    ``whole=False`` forgives a last character that is cut off.
    """
    start, end = 0, len(content) if whole else _boundary(content)
    while start < end:
        stop = min(start + _PIECE, end)
        if stop < end:
            stop = start + _boundary(content[start:stop])
        try:
            pl.Series([content[start:stop]], dtype=pl.Binary).cast(pl.String)
        except pl.exceptions.ComputeError:
            return False
        start = stop
    return True

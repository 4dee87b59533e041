"""GB18030 to UTF-8, by the C library where it can.

Python's codec holds the interpreter while it works and makes a text in between; ``iconv`` does neither and takes half
the time. Both read by the standard of 2005 and later: Python's own table is that of 2000, which puts 25 characters
into the private use area.
"""

import codecs
import ctypes
import sys
from typing import Final, Protocol

_NEWER: Final = {
    ord(old): new
    for old, new in zip(
        "\ue78d\ue78e\ue78f\ue790\ue791\ue792\ue793\ue794\ue795\ue796\ue7c7\ue816\ue817\ue818\ue81e\ue826\ue82b\ue82c"
        "\ue831\ue832\ue83b\ue843\ue854\ue855\ue864",
        "︐︒︑︓︔︕︖︗︘︙ḿ\U00020087\U00020089\U000200cc龴龵龶龷\U000215d7龸\U0002298f龹龺\U000241fe龻",
        strict=True,
    )
}
_PRIVATE: Final = (b"\xee\x9e", b"\xee\x9f", b"\xee\xa0", b"\xee\xa1")
"""How the characters of ``_NEWER`` begin in UTF-8."""
_FAILED: Final = ctypes.c_size_t(-1).value
_TAIL: Final = 3
"""Most bytes of a character that may be missing at the end of a block."""


class Decoder(Protocol):
    """Takes the blocks of a text one after the other."""

    def decode(self, block: bytes | memoryview, *, final: bool = False) -> bytes:
        """Return UTF-8; raises ``UnicodeDecodeError``. What is left of a character waits for the next block."""


def gb18030(*, library: bool = True) -> Decoder:
    """Return a decoder of GB18030, the quickest that this system has; ``library=False`` takes Python's own."""
    return _Iconv() if library and _LIBRARY is not None else _Python()


class _Python:
    """Python's own codec."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("gb18030")()

    @property
    def rest(self) -> bytes:
        """Bytes of a character that is not whole yet."""
        return self._decoder.getstate()[0]

    def decode(self, block: bytes | memoryview, *, final: bool = False) -> bytes:
        text = self._decoder.decode(bytes(block), final=final)
        made = text.encode()
        return text.translate(_NEWER).encode() if any(start in made for start in _PRIVATE) else made


class _Iconv:
    """The C library's converter; a block that it refuses is read by Python's codec, which says what is wrong."""

    def __init__(self) -> None:
        self._rest = b""

    def decode(self, block: bytes | memoryview, *, final: bool = False) -> bytes:
        content = self._rest + bytes(block)
        made, left = _convert(content)
        self._rest = content[len(content) - left :]
        if left > _TAIL or (left and final):
            # not a character that is cut off: let Python say what is wrong, or read what only it can
            python = _Python()
            made += python.decode(self._rest, final=final)
            self._rest = python.rest
        # the one character whose two codes the standard of 2005 exchanged
        return made.replace("\ue7c7".encode(), "ḿ".encode())


def _convert(content: bytes) -> tuple[bytes, int]:
    """Return what could be converted as UTF-8, and how many bytes at the end could not."""
    library = _LIBRARY
    if library is None or not content:
        return b"", len(content)
    handle = ctypes.c_void_p(library.iconv_open(b"UTF-8", b"GB18030"))
    try:
        out = ctypes.create_string_buffer(2 * len(content))  # two bytes become three, four stay four
        source = ctypes.c_void_p(ctypes.cast(ctypes.c_char_p(content), ctypes.c_void_p).value)
        target = ctypes.c_void_p(ctypes.addressof(out))
        left, room = ctypes.c_size_t(len(content)), ctypes.c_size_t(len(out))
        library.iconv(handle, *map(ctypes.byref, (source, left, target, room)))
        return ctypes.string_at(out, len(out) - room.value), left.value
    finally:
        library.iconv_close(handle)


def _library() -> ctypes.CDLL | None:
    """Return the C library if it has a converter for GB18030 that reads as we do."""
    if sys.platform == "win32":
        return None
    library = ctypes.CDLL(None)
    try:
        library.iconv_open.restype = ctypes.c_void_p
        library.iconv_open.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
        library.iconv.restype = ctypes.c_size_t
        library.iconv.argtypes = [ctypes.c_void_p] * 5
        library.iconv_close.argtypes = [ctypes.c_void_p]
    except AttributeError:
        return None
    handle = library.iconv_open(b"UTF-8", b"GB18030")
    if handle is None or handle == _FAILED:
        return None
    library.iconv_close(handle)
    return library


def _reads_alike(library: ctypes.CDLL | None) -> bool:
    """Tell whether the library's table is one of 2005 or later."""
    if library is None:
        return False
    newer = "".join(map(chr, _NEWER))
    made, left = _convert(newer.encode("gb18030"))
    return not left and made == newer.translate(_NEWER).encode()


_LIBRARY: ctypes.CDLL | None = _library()
if not _reads_alike(_LIBRARY):
    _LIBRARY = None

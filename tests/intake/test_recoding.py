"""GB18030 reads the same by the C library and by Python, however the file is cut."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from qingdan.intake import recoding

TEXTS = st.text(st.characters(codec="gb18030", exclude_categories=["Cs"]), max_size=60)
CUTS = st.lists(st.integers(0, 80), max_size=6)


def _decoded(content: bytes, cuts: Sequence[int], *, library: bool) -> bytes | None:
    decoder = recoding.gb18030(library=library)
    places = sorted({0, len(content), *(cut for cut in cuts if cut < len(content))})
    try:
        made = [decoder.decode(content[a:b]) for a, b in pairwise(places)]
        return b"".join([*made, decoder.decode(b"", final=True)])
    except UnicodeDecodeError:
        return None


@given(text=TEXTS, cuts=CUTS)
def test_a_text_comes_back_however_it_is_cut(text: str, cuts: list[int]) -> None:
    content = text.encode("gb18030")
    wanted = _decoded(content, [], library=False)
    for library in (True, False):
        assert _decoded(content, cuts, library=library) == wanted
    if not any("\ue000" <= character <= "\uf8ff" for character in text):
        assert wanted == text.encode()


@given(content=st.binary(max_size=40), cuts=CUTS)
@example(content=b"a\x81", cuts=[])
@example(content=b"\x81\x30\x81", cuts=[1, 2])
@example(content=b"a\xff\xffbcdef", cuts=[3])
def test_bytes_that_are_no_text_are_refused_by_both(content: bytes, cuts: list[int]) -> None:
    assert _decoded(content, cuts, library=True) == _decoded(content, cuts, library=False)


def test_rare_characters_are_those_of_the_newer_standard() -> None:
    for library in (True, False):
        assert _decoded(b"\xfe\x59\xa8\xbc\x81\x35\xf4\x37", [1, 5], library=library) == "龴ḿḿ".encode()

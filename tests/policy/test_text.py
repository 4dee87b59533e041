"""One definition of normalised text, in Python and in columns; and masking."""

import sys
import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingdan.core.fields import Pii
from qingdan.core.masking import mask
from qingdan.core.policy.search import contains_each
from qingdan.core.text import norm_name, normalise, normalise_expr, with_norm


def in_columns(texts: list[str]) -> list[str]:
    return pl.DataFrame({"t": texts}, schema={"t": pl.String}).select(normalise_expr(pl.col("t")))["t"].to_list()


def known(char: str) -> bool:
    """Assigned in this Python's Unicode data; the two libraries may be of different years."""
    return unicodedata.category(char) not in {"Cn", "Cs"}


def test_every_known_character_is_normalised_alike() -> None:
    chars = [c for c in map(chr, range(sys.maxunicode + 1)) if known(c)]
    for before, after in (("", ""), ("a", "b"), ("中Σ", "")):
        texts = [before + c + after for c in chars]
        assert in_columns(texts) == [normalise(t) for t in texts]


@given(st.lists(st.text(st.characters(exclude_categories=("Cn", "Cs")), max_size=12), min_size=1, max_size=20))
def test_random_texts_are_normalised_alike(texts: list[str]) -> None:
    texts = [t for t in texts if all(known(c) for c in t)] or [""]
    assert in_columns(texts) == [normalise(t) for t in texts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("ＶＩＰ　客 户", "vip客户"), ("改\u200b地\ufeff址", "改地址"), ("①２３", "123"), ("A\r\nB\t", "ab"), ("", "")],
)
def test_what_a_clerk_would_call_the_same_is_the_same(text: str, expected: str) -> None:
    assert normalise(text) == expected


def test_with_norm_adds_what_is_missing_and_only_that() -> None:
    frame = pl.DataFrame({"a": ["Ａ", None], "b": ["x", "y"], "b__norm": ["kept", "kept"]})
    added = with_norm(frame, ["a", "b", "absent"])
    assert added[norm_name("a")].to_list() == ["a", None]
    assert added[norm_name("b")].to_list() == ["kept", "kept"]
    assert norm_name("absent") not in added.columns


@pytest.mark.parametrize(
    ("pii", "value", "shown"),
    [
        (Pii.NAME, "张三丰", "张**"),
        (Pii.NAME, "张", "张*"),
        (Pii.PHONE, "13800001234", "138******34"),
        (Pii.PHONE, "138-0000-1234", "138-****-**34"),
        (Pii.PHONE, "123456", "******"),
        (Pii.ADDRESS, "浙江省杭州市西湖区文三路99号", "浙江省杭州市西湖区****"),
        (Pii.ADDRESS, "阳光小区3栋", "****"),
        (Pii.ACCOUNT, "2026111122001", "20****01"),
        (Pii.ACCOUNT, "abc", "a****"),
        (Pii.NOTE, "放门口", "放门口"),
        (Pii.NOTE, "请打13800000001，别打旧号", "请打138****0001，别打旧号"),
        (Pii.NOTE, "电话138-0000-0001或139 0000 0002", "电话138****0001或139****0002"),
        (Pii.NOTE, "+8613800000001", "861****0001"),
        (Pii.NOTE, "座机0571-88000001转802", "座机057****0001转802"),
        (Pii.NOTE, "座机88000001", "座机88****01"),
        (Pii.NOTE, "１３８００００００１１", "１３８****００１１"),
        (Pii.NOTE, "卡号6222000000000000123", "卡号622****0123"),
        (
            Pii.NOTE,
            "再不发就打12315，3号楼1201室，退1299.00元，2026-11-12前到",
            "再不发就打12315，3号楼1201室，退1299.00元，2026-11-12前到",
        ),
    ],
)
def test_personal_data_is_masked_by_its_class(pii: Pii, value: str, shown: str) -> None:
    assert mask(value, pii) == shown
    assert mask("", pii) == ""


@given(
    texts=st.lists(st.one_of(st.none(), st.text("改地址急开票x", max_size=6)), max_size=40),
    words=st.lists(st.lists(st.text("改地址急开票x", min_size=1, max_size=2), min_size=1, max_size=4), max_size=4),
)
def test_words_of_many_conditions_are_found_as_one_by_one(texts: list[str | None], words: list[list[str]]) -> None:
    wanted = {f"atom{i}": tuple(dict.fromkeys(each)) for i, each in enumerate(words)}
    column = pl.Series("text", texts, dtype=pl.String)
    assert {series.name: series.to_list() for series in contains_each(column, wanted)} == {
        name: [None if text is None else any(word in text for word in each) for text in texts]
        for name, each in wanted.items()
    }

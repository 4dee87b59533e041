"""What the cells of a column look like: the share of them that has the shape of each kind of value."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from qingdan.channels.mapping import normal_name
from qingdan.core.region import Divisions
from qingdan.intake.cells import BLANK, WRAPPERS

SAMPLE: Final = 400
"""Cells of a column that are looked at."""

_HAN: Final = r"\p{Han}"
_PHONE: Final = r"^(?:\+?86[- ]?)?(?:1[3-9*][\d*]{9}|0\d{2,3}-?\d{7,8})(?:[-转,]\d{1,6})?$"
_PHONE_INSIDE: Final = r"(?:^|[^\d*])1[3-9*][\d*]{9}(?:[^\d]|$)"
_MONEY: Final = r"^(?:[¥￥$]|RMB|CNY)?\s*-?\d{1,3}(?:,?\d{3})*(?:\.\d{1,4})?\s*元?$"
_CENTS: Final = r"\.\d{1,2}$|^[¥￥]|元$"
_INTEGER: Final = r"^\d{1,4}(?:\.0+)?\s*[件个份套箱盒]?$"
_TIME: Final = r"^(?:20\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:[ T]\d{1,2}:\d{2}(?::\d{2})?.*)?|[3-6]\d{4}(?:\.\d+)?)$"
_NUMBER: Final = r"^(?:[A-Za-z]{0,6}[-_]?)?\d[\d\-_]{5,40}[A-Za-z0-9]*$"
_CODE: Final = r"^[A-Za-z0-9][A-Za-z0-9._\-/]{1,30}$"
_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金"
    "石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_PERSON: Final = (
    rf"^(?:[{_SURNAMES}]{_HAN}{{1,2}}|{_HAN}[*＊]{{1,3}}|{_HAN}{{1,2}}(?:先生|女士|小姐)|[A-Z][a-z]+ [A-Z][a-z.]+)$"
)
"""Most names, and few things: two or three characters of which the first is one of the hundred surnames."""
_NAME_LIKE: Final = rf"^{_HAN}{{2,4}}$|[*＊]"
_PLACE: Final = r"(?:省|市|区|县|镇|乡|路|街|道|村|号|栋|幢|室|楼|巷|苑|小区|大厦)"
_WORD_LENGTH: Final = 14


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words that tell a column: normalised words of states, refunds, pay methods, flags, and names of platforms."""

    status: frozenset[str]
    refund: frozenset[str]
    pay: frozenset[str]
    flag: frozenset[str]
    platforms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """One column: share of blank cells, of distinct ones, and of given cells with each shape (0..1)."""

    given: int
    blank: float
    distinct: float
    shares: Mapping[str, float]

    def share(self, name: str) -> float:
        """Share of the cells that have a shape."""
        return self.shares.get(name, 0.0)


def clean(column: pl.Series) -> pl.Series:
    """Cells without what spreadsheets wrap around them; blank ones are null."""
    text = column.cast(pl.String).str.strip_chars(WRAPPERS)
    return text.set(text.is_in(list(BLANK)), None)


def shape_of(column: pl.Series, words: Vocabulary, divisions: Divisions) -> Shape:
    """Shape of a column of text; only its first cells are looked at."""
    cells = clean(column.head(SAMPLE))
    given = cells.drop_nulls()
    count = len(given)
    if not count:
        return Shape(0, 1.0, 0.0, {})
    blank = 1 - count / len(cells)
    normal = pl.Series([normal_name(text) for text in given])
    short = given.str.len_chars() <= _WORD_LENGTH
    provinces, cities, counties = divisions.provinces["word"], divisions.cities["word"], divisions.counties["word"]
    phone = given.str.contains(_PHONE)
    holds_phone = given.str.contains(_PHONE_INSIDE) & (given.str.len_chars() >= 16) & given.str.contains(_HAN)
    tests = {
        "order_no": given.str.contains(_NUMBER) & ~phone & ~given.str.contains(_TIME) & ~given.str.contains(_CENTS),
        "phone": phone,
        "money": given.str.contains(_MONEY) & ~phone,
        "cents": given.str.contains(_CENTS) & given.str.contains(_MONEY),
        "int": given.str.contains(_INTEGER),
        "time": given.str.contains(_TIME),
        "person": given.str.contains(_PERSON) & ~given.is_in(provinces.implode()),
        "name_like": given.str.contains(_NAME_LIKE),
        "province": given.is_in(provinces.implode()),
        "city": given.is_in(cities.implode()),
        "district": given.is_in(counties.implode()),
        "address": given.str.contains(_PLACE) & (given.str.len_chars() >= 6) & ~holds_phone,
        "receiver_text": holds_phone,
        "code": given.str.contains(_CODE) & given.str.contains(r"\d") & ~phone & ~given.str.contains(_CENTS),
        "status": normal.is_in(list(words.status)) & short,
        "refund": normal.is_in(list(words.refund)) & short,
        "pay": normal.is_in(list(words.pay)) & short,
        "flag": normal.is_in(list(words.flag)) & short,
        "platform": pl.Series([any(name in text for name in words.platforms) for text in normal]) & short,
        "text": given.str.contains(_HAN) | given.str.contains(r"[A-Za-z]"),
    }
    shares = {name: float(test.sum()) / count for name, test in tests.items()}
    return Shape(count, blank, given.n_unique() / count, shares)

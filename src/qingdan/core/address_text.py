"""Addresses that a platform writes as one text, taken apart into the columns of the catalogue.

Three shapes are read: Taobao's ``省 市 区 [街道] 详细地址(邮编)``; the Tmall form of 2025 with ``姓名，86-手机号，``
in front of it; JD's ``广东深圳市福田区…`` without separators and without the province's suffix. Province, city, county
and town are taken from the front, the longest known name first; what remains is the detailed address, whole.
"""

from typing import Final

import polars as pl

from qingdan.core.address import MIN_DETAIL
from qingdan.core.region import (
    DIRECT,
    FOREIGN,
    MUNICIPALITIES,
    NATION,
    SPACES,
    SPECIAL_REGIONS,
    Divisions,
    clean,
)

COLUMNS: Final = ("name", "phone", "province", "city", "district", "town", "address")

_CONTACT: Final = r"(?s)^([^，]{1,40})，\s*\d{2,3}-([0-9*#转\-]{5,24})，(.*)$"
_CONTACT_TAIL: Final = r"，\s*(?:\d{6})?\s*$"
_POSTCODE: Final = r"\s*[(（]\d{6}[)）]\s*$"
_APART: Final = r"^\S+\s+\S+\s+\S"
_NOT_A_COUNTY: Final = r"(?:[小社园校厂院景库营家山]区|[超夜菜城]市)$"
_COUNTY: Final = r"^[\p{Han}]{1,11}[区县市旗]$"
_CITY: Final = r"^[\p{Han}]{1,11}(?:市|州|盟|地区)$"
_TOWN: Final = r"^([\p{Han}]{1,12}(?:街道|镇|乡|苏木|办事处))\s+\S"
_FIRST: Final = r"^(\S+)"
_FIRST_OF_MORE: Final = r"^(\S+)\s+\S"
_HEAD: Final = 2
"""Code points of a name's beginning by which candidates are looked up; no name is shorter."""


def split(text: pl.Series, divisions: Divisions) -> pl.DataFrame:
    """Text of any of the three shapes → ``name phone province city district town address``, all text.

    Province is its id in the field catalogue, city and district official names; null where the text names none.
    ``name`` and ``phone`` are null unless the text holds them. ``address`` is the text after the region, without
    outer spaces and without a trailing postcode; nothing else is dropped from it.
    """
    frame = _contact(pl.DataFrame({"rest": text.cast(pl.String)}).select(rest=clean("rest")))
    frame = frame.with_columns(
        rest=pl.col("rest").str.replace(_POSTCODE, "").str.strip_chars(SPACES),
    ).with_columns(apart=pl.col("rest").str.contains(_APART).fill_null(value=False))
    frame = _take_province(frame, divisions)
    frame = _take_city(frame, divisions)
    frame = _take_county(frame, divisions)
    frame = _take_town(frame, divisions)
    rest = pl.col("rest").str.strip_chars(SPACES)
    return frame.with_columns(address=pl.when(rest != "").then(rest)).select(COLUMNS)


def _contact(frame: pl.DataFrame) -> pl.DataFrame:
    """Take 姓名，86-手机号， off the front and the closing comma or postcode off the end."""
    rest = pl.col("rest")
    has_contact = rest.str.contains(_CONTACT)
    if not frame.select(has_contact.any()).item():
        return frame.with_columns(name=pl.lit(None, pl.String), phone=pl.lit(None, pl.String))
    parts = rest.str.extract_groups(_CONTACT)
    body = parts.struct.field("3").str.replace(_CONTACT_TAIL, "").str.strip_chars(SPACES)
    return frame.with_columns(
        name=parts.struct.field("1").str.strip_chars(SPACES),
        phone=parts.struct.field("2"),
        rest=pl.when(has_contact).then(body).otherwise(rest),
    )


def _candidates(table: pl.DataFrame, *, parent: bool) -> tuple[pl.DataFrame, int]:
    """Words by parent and beginning, longest first, one row a key with struct columns ``c0``, ``c1`` …."""
    keys = ["parent", "head"] if parent else ["head"]
    ranked = (
        table.filter(pl.col("word").str.len_chars() >= _HEAD)
        .with_columns(head=pl.col("word").str.slice(0, _HEAD), size=pl.col("word").str.len_chars())
        .sort("size", descending=True, maintain_order=True)
        .with_columns(rank=pl.int_range(pl.len()).over(keys))
    )
    width = ranked["rank"].n_unique()
    wide = ranked.select(*keys, "rank", c=pl.struct("word", "name", "code", "size", "bare"))
    first = wide.filter(pl.col("rank") == 0).select(*keys, c0="c")
    for rank in range(1, width):
        nth = wide.filter(pl.col("rank") == rank).select(*keys, pl.col("c").alias(f"c{rank}"))
        first = first.join(nth, on=keys, how="left")
    return first, width


def _begin(frame: pl.DataFrame, table: pl.DataFrame, *, parent: bool = True) -> pl.DataFrame:
    """Add ``hit``: the longest word of ``table`` under ``parent`` with which ``rest`` begins, or null."""
    wide, width = _candidates(table, parent=parent)
    keys = ["parent", "head"] if parent else ["head"]
    frame = frame.with_columns(head=pl.col("rest").str.slice(0, _HEAD)).join(
        wide, on=keys, how="left", maintain_order="left"
    )
    columns = [pl.col(f"c{rank}") for rank in range(width)]
    begins = [
        pl.when(pl.col("rest").str.starts_with(c.struct.field("word")).fill_null(value=False)).then(c)
        for c in columns
    ]
    return frame.with_columns(hit=pl.coalesce(begins)).drop("head", *(f"c{rank}" for rank in range(width)))


def _token(frame: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    """Where ``rest`` is spaced and ``hit`` null or bare, let the whole first token be a word of ``table``."""
    open_ = pl.col("apart") & (pl.col("hit").is_null() | pl.col("hit").struct.field("bare"))
    if not frame.select(open_.fill_null(value=False).any()).item():
        return frame
    packed = table.select(
        "parent",
        token="word",
        found=pl.struct(
            "word", "name", "code", pl.col("word").str.len_chars().alias("size"), bare=pl.lit(value=False)
        ),
    )
    frame = frame.with_columns(token=pl.col("rest").str.extract(_FIRST)).join(
        packed, on=["parent", "token"], how="left", maintain_order="left"
    )
    use = open_.fill_null(value=False) & pl.col("found").is_not_null()
    return frame.with_columns(hit=pl.when(use).then("found").otherwise("hit")).drop("token", "found")


def _hit(name: str) -> pl.Expr:
    return pl.col("hit").struct.field(name)


def _after(size: pl.Expr) -> pl.Expr:
    return pl.col("rest").str.slice(size).str.strip_chars_start(SPACES)


def _take_province(frame: pl.DataFrame, divisions: Divisions) -> pl.DataFrame:
    words = divisions.provinces.filter(
        (pl.col("word") == pl.col("full")) | (pl.col("word") == pl.col("name"))
    ).with_columns(bare=pl.lit(value=False))
    frame = _begin(frame, words, parent=False)
    # 吉林市昌邑区 names the city, 海南州 a prefecture: the province's short name must not end inside a longer one.
    short = _hit("word") == _hit("name")
    inside = short & pl.col("rest").str.slice(_hit("size")).str.contains("^[市州]")
    frame = frame.with_columns(hit=pl.when(~inside.fill_null(value=False)).then("hit"))
    abroad = pl.col("rest").str.extract(f"({FOREIGN})")
    size = pl.coalesce(_hit("size"), abroad.str.len_chars(), 0)
    frame = frame.with_columns(
        province=pl.coalesce(_hit("name"), abroad),
        parent=_hit("code").fill_null(NATION),
        rest=_after(size),
    )
    municipal = divisions.provinces.filter(pl.col("code").is_in(MUNICIPALITIES)).unique("code")
    return frame.drop("hit").join(
        municipal.select(parent="code", municipality="full"), on="parent", how="left", maintain_order="left"
    )


def _take_city(frame: pl.DataFrame, divisions: Divisions) -> pl.DataFrame:
    token = pl.col("rest").str.extract(_FIRST)
    skip = pl.when(token.str.contains(DIRECT) & pl.col("apart")).then(token.str.len_chars()).otherwise(0)
    frame = frame.with_columns(rest=_after(skip))
    frame = _token(_begin(frame, divisions.cities), divisions.cities)
    # A name without its suffix counts only when one of its counties or towns follows; see _take_county.
    bare = _hit("bare").fill_null(value=False)
    named = pl.col("hit").is_not_null()
    open_token = pl.col("apart") & ~named & pl.col("municipality").is_null()
    special = pl.col("province").is_in(list(SPECIAL_REGIONS))
    more = pl.col("rest").str.extract(_FIRST_OF_MORE)
    unknown = pl.when(open_token & (token.str.contains(_CITY) | special)).then(more)
    return frame.with_columns(
        city=pl.coalesce(_hit("name"), unknown, "municipality"),
        tentative=bare,
        uncut="rest",
        province_code="parent",
        parent=pl.when(named).then(_hit("code")).when(pl.col("municipality").is_not_null()).then("parent"),
        rest=_after(pl.coalesce(_hit("size"), unknown.str.len_chars(), 0)),
    ).drop("hit")


def _take_county(frame: pl.DataFrame, divisions: Divisions) -> pl.DataFrame:
    full = divisions.counties.filter(~pl.col("bare"))
    frame = _token(_begin(frame, full), divisions.counties)
    frame = _reject_bare_city(frame, divisions)
    token = pl.col("rest").str.extract(_FIRST)
    more = pl.col("rest").str.extract(_FIRST_OF_MORE)
    has_counties = pl.col("parent").is_in(full["parent"].unique().implode())
    shaped = token.str.contains(_COUNTY) & ~token.str.contains(_NOT_A_COUNTY) & has_counties
    special = pl.col("province").is_in(list(SPECIAL_REGIONS)) & pl.col("city").is_not_null()
    unknown = pl.when(pl.col("apart") & pl.col("hit").is_null() & (shaped | special)).then(more)
    direct = pl.when(pl.col("parent") % 100 != 0).then("city")
    return frame.with_columns(
        district=pl.coalesce(_hit("name"), unknown, direct),
        rest=_after(pl.coalesce(_hit("size"), unknown.str.len_chars(), 0)),
        parent=pl.coalesce(_hit("code"), "parent"),
    ).drop("hit")


def _reject_bare_city(frame: pl.DataFrame, divisions: Divisions) -> pl.DataFrame:
    """Give the text of a suffixless city back unless a county or, in a city without counties, a town follows."""
    if not frame["tentative"].any():
        return frame
    county = frame["hit"]
    towns = _begin(frame.drop("hit"), divisions.towns)["hit"]
    reject = pl.col("tentative") & pl.Series(county.is_null() & towns.is_null())
    municipal = pl.col("municipality").is_not_null()
    return frame.with_columns(
        city=pl.when(reject).then("municipality").otherwise("city"),
        rest=pl.when(reject).then("uncut").otherwise("rest"),
        parent=pl.when(reject & municipal).then("province_code").when(~reject).then("parent"),
    )


def _take_town(frame: pl.DataFrame, divisions: Divisions) -> pl.DataFrame:
    # A town that runs into the detail stays in it when too little would remain, as in 莲池镇王庄村.
    frame = _begin(frame, divisions.towns)
    uncut = pl.col("rest").str.slice(_hit("size"))
    delimited = pl.col("apart") & uncut.str.contains(r"^\s")
    enough = uncut.str.strip_chars(SPACES).str.len_chars() >= MIN_DETAIL
    take = pl.col("hit").is_not_null() & (delimited | enough)
    shaped = pl.when(pl.col("apart") & pl.col("city").is_not_null() & ~take.fill_null(value=False)).then(
        pl.col("rest").str.extract(_TOWN)
    )
    town = pl.coalesce(pl.when(take).then(_hit("name")), shaped)
    return frame.with_columns(
        town=town,
        rest=_after(pl.coalesce(town.str.len_chars(), 0)),
    )

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
_SEPARATORS: Final = SPACES + ",，、/"
_DIRECT_START: Final = DIRECT.removesuffix("$")
_APART: Final = r"^\S+\s+\S+\s+\S"
_NOT_A_COUNTY: Final = r"(?:[小社园校厂院景库营家山]区|[超夜菜城]市)$"
_COUNTY: Final = r"^[\p{Han}]{1,11}[区县市旗]$"
_CITY: Final = r"^[\p{Han}]{1,11}(?:市|州|盟|地区)$"
_TOWN: Final = r"^([\p{Han}]{1,12}(?:街道|镇|乡|苏木|办事处))\s+\S"
_FIRST: Final = r"^(\S+)"
_FIRST_OF_MORE: Final = r"^(\S+)\s+\S"


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


def _token(frame: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    """Where ``rest`` is spaced and the hit null or bare, let the whole first token be a word of ``table``."""
    open_ = pl.col("apart") & (pl.col("hit_name").is_null() | pl.col("hit_bare"))
    rows = frame.with_row_index("row").filter(open_ & pl.col("parent").is_not_null())
    if rows.is_empty():
        return frame
    words = table.select(
        "parent", first="word", hit_name="name", hit_code="code", hit_size=pl.col("word").str.len_chars()
    )
    found = rows.select("row", "parent", first=pl.col("rest").str.extract(_FIRST)).join(
        words, on=["parent", "first"], how="inner"
    )
    return (
        frame.with_row_index("row")
        .update(found.select("row", "hit_name", "hit_code", "hit_size", hit_bare=pl.lit(value=False)), on="row")
        .drop("row")
    )


def _after(size: pl.Expr) -> pl.Expr:
    return pl.col("rest").str.slice(size).str.strip_chars_start(_SEPARATORS)


def _take_province(frame: pl.DataFrame, divisions: Divisions) -> pl.DataFrame:
    heads = divisions.begins.province.wide["head"].implode()
    of_china = pl.col("rest").str.starts_with("中国") & pl.col("rest").str.slice(2, 2).is_in(heads)
    rest = pl.when(of_china).then(pl.col("rest").str.slice(2)).otherwise("rest")
    frame = divisions.begins.province.begin(frame.with_columns(rest=rest))
    # 吉林市昌邑区 names the city, 海南州 a prefecture: the province's short name must not end inside a longer one.
    inside = pl.col("rest").str.slice(pl.col("hit_name").str.len_chars(), 1).is_in(["市", "州"])
    inside &= pl.col("hit_size") == pl.col("hit_name").str.len_chars()
    kept = ~inside.fill_null(value=False)
    frame = frame.with_columns(pl.when(kept).then(pl.col("hit_name", "hit_code", "hit_size")))
    abroad = pl.col("rest").str.extract(f"({FOREIGN})")
    size = pl.coalesce(pl.col("hit_size"), abroad.str.len_chars(), 0)
    frame = frame.with_columns(
        province=pl.coalesce(pl.col("hit_name"), abroad),
        parent=pl.col("hit_code").fill_null(NATION),
        rest=_after(size),
    )
    municipal = divisions.provinces.filter(pl.col("code").is_in(MUNICIPALITIES)).unique("code")
    return frame.join(
        municipal.select(parent="code", municipality="full"), on="parent", how="left", maintain_order="left"
    )


def _take_city(frame: pl.DataFrame, divisions: Divisions) -> pl.DataFrame:
    direct = pl.col("rest").str.extract(f"({_DIRECT_START})")
    frame = _unnamed(frame, pl.col("rest").str.contains("直辖县", literal=True), direct)
    frame = frame.with_columns(rest=_after(pl.col("unnamed").str.len_chars().fill_null(0)))
    frame = _token(divisions.begins.city.begin(frame), divisions.cities)
    named, municipal = pl.col("hit_name").is_not_null(), pl.col("municipality").is_not_null()
    special = pl.col("province").is_in(list(SPECIAL_REGIONS)).fill_null(value=False)
    more = pl.col("rest").str.extract(_FIRST_OF_MORE)
    city_or_special = pl.when(special | more.str.contains(_CITY)).then(more)
    frame = _unnamed(frame, pl.col("apart") & ~named & ~municipal, city_or_special)
    return frame.with_columns(
        city=pl.coalesce("hit_name", "unnamed", "municipality"),
        # A name without its suffix counts only when one of its counties or towns follows; see _take_county.
        tentative=pl.col("hit_bare").fill_null(value=False),
        uncut="rest",
        province_code="parent",
        parent=pl.when(named).then("hit_code").when(municipal).then("parent"),
        rest=_after(_size()),
    )


def _take_county(frame: pl.DataFrame, divisions: Divisions) -> pl.DataFrame:
    frame = _token(divisions.begins.county.begin(frame), divisions.counties)
    frame = _reject_bare_city(frame, divisions)
    more = pl.col("rest").str.extract(_FIRST_OF_MORE)
    has_counties = pl.col("parent").is_in(divisions.counties["parent"].unique().implode())
    shaped = more.str.contains(_COUNTY) & ~more.str.contains(_NOT_A_COUNTY) & has_counties
    special = pl.col("province").is_in(list(SPECIAL_REGIONS)) & pl.col("city").is_not_null()
    county_or_special = pl.when(shaped | special).then(more)
    frame = _unnamed(frame, pl.col("apart") & pl.col("hit_name").is_null(), county_or_special)
    direct = pl.when(pl.col("parent") % 100 != 0).then("city")
    return frame.with_columns(
        district=pl.coalesce("hit_name", "unnamed", direct),
        rest=_after(_size()),
        parent=pl.coalesce("hit_code", "parent"),
    )


def _size() -> pl.Expr:
    """How much of ``rest`` the name found by table or by its shape takes."""
    return pl.coalesce(pl.col("hit_size"), pl.col("unnamed").str.len_chars(), 0)


def _unnamed(frame: pl.DataFrame, rows: pl.Expr, value: pl.Expr) -> pl.DataFrame:
    """Add ``unnamed``: ``value`` in the few ``rows`` that no table answered, else null."""
    frame = frame.drop("unnamed", strict=False)
    found = frame.with_row_index("row").filter(rows).select("row", unnamed=value).drop_nulls()
    if found.is_empty():
        return frame.with_columns(unnamed=pl.lit(None, pl.String))
    return frame.with_row_index("row").join(found, on="row", how="left", maintain_order="left").drop("row")


def _reject_bare_city(frame: pl.DataFrame, divisions: Divisions) -> pl.DataFrame:
    """Give the text of a suffixless city back unless a county or, in a city without counties, a town follows."""
    if not frame["tentative"].any():
        return frame
    town = divisions.begins.town.begin(frame.select("rest", "parent"))["hit_name"]
    reject = pl.col("tentative") & pl.col("hit_name").is_null() & pl.lit(town.is_null())
    municipal = pl.col("municipality").is_not_null()
    return frame.with_columns(
        city=pl.when(reject).then("municipality").otherwise("city"),
        rest=pl.when(reject).then("uncut").otherwise("rest"),
        parent=pl.when(reject & municipal).then("province_code").when(~reject).then("parent"),
    )


def _take_town(frame: pl.DataFrame, divisions: Divisions) -> pl.DataFrame:
    frame = divisions.begins.town.begin(frame)
    delimited = pl.col("apart") & pl.col("rest").str.slice("hit_size", 1).is_in([" ", "\u3000", "\u00a0", "\t"])
    # A town that runs into the detail stays in it when too little would remain, as in 莲池镇王庄村.
    enough = pl.col("rest").str.len_chars() >= pl.col("hit_size") + MIN_DETAIL
    frame = frame.with_columns(pl.when(delimited | enough).then(pl.col("hit_name", "hit_size")))
    open_ = pl.col("apart") & pl.col("hit_name").is_null() & pl.col("city").is_not_null()
    frame = _unnamed(frame, open_, pl.col("rest").str.extract(_TOWN))
    return frame.with_columns(town=pl.coalesce("hit_name", "unnamed"), rest=_after(_size()))

"""Provinces, cities, counties and towns: what a platform wrote, in official names.

The data is passed in (``qingdan.data.load_divisions``); nothing here reads a file.
"""

from dataclasses import dataclass
from typing import Final

import polars as pl

from qingdan.core.prefixes import Prefixes

MUNICIPALITIES: Final = (110000, 120000, 310000, 500000)
SPECIAL_REGIONS: Final[dict[str, str]] = {"香港": "HK", "澳门": "MO", "台湾": "TW"}
NATION: Final = 0
"""Parent code under which city names stand that are looked up without a province."""

DIRECT: Final = r"^(?:省|自治区)?直辖县?级?行政(?:区划|单位|区)$"
"""What platforms write for the city of a county directly under its province, as in 省直辖县级行政区划."""

FOREIGN: Final = (
    r"^(?:海外|国外|境外|其他国家|其它国家|美国|加拿大|墨西哥|巴西|英国|法国|德国|意大利|西班牙|荷兰|瑞士|瑞典|"
    r"俄罗斯|日本|韩国|朝鲜|蒙古国|新加坡|马来西亚|泰国|越南|印度尼西亚|印尼|菲律宾|缅甸|老挝|柬埔寨|印度|巴基斯坦|"
    r"阿联酋|沙特|土耳其|澳大利亚|新西兰|南非|埃及|(?i:usa|japan|korea|canada|australia|singapore|malaysia|overseas))"
)

SPACES: Final = " \t\r\n\u3000\u00a0\ufeff\u200b"
_NOTHING: Final = ("", "-", "--", "—", "/", "null", "NULL", "None", "'null", "'", "nan")

_PEOPLES: Final = (
    "土家族|布依族|哈尼族|景颇族|傈僳族|朝鲜族|蒙古族|维吾尔族|维吾尔|柯尔克孜|哈萨克|蒙古|"
    "苗族|侗族|藏族|羌族|彝族|壮族|傣族|白族|回族"
)
_CITY_SUFFIX: Final = rf"(?:(?:{_PEOPLES})+自治州|地区|盟|市)$"
_PREFECTURE_ALIASES: Final = {"博州": "博尔塔拉", "克州": "克孜勒苏", "巴州": "巴音郭楞"}
_COUNTY_SUFFIX: Final = r"(?:自治县|自治旗|区|县|市|旗)$"


@dataclass(frozen=True, slots=True)
class Begins:
    """Words with which a text may begin, by level."""

    province: Prefixes
    city: Prefixes
    county: Prefixes
    town: Prefixes


@dataclass(frozen=True, slots=True)
class Divisions:
    """Lookup tables, each ``parent`` (Int32 code), ``word`` → ``name``, ``code`` (Int32, null for former names).

    ``provinces`` has no parent; its name is the province id of the field catalogue (浙江), ``full`` the official name.
    ``bare`` marks names without their suffix (杭州, 西湖): enough for a column of its own, not for the start of a text.
    """

    provinces: pl.DataFrame
    cities: pl.DataFrame
    counties: pl.DataFrame
    towns: pl.DataFrame
    begins: Begins

    @classmethod
    def of(cls, rows: pl.DataFrame) -> "Divisions":
        """Tables from ``code`` (text, 6 digits, towns 9), ``name``, ``until`` (end year of a former name)."""
        now = rows.filter(pl.col("until").is_null()).select(_NUMBER, "name", _TOWN.alias("town"))
        upper = now.filter(~pl.col("town")).select("code", "name")
        provinces = upper.filter(pl.col("code") % 10000 == 0).with_columns(full="name", name=_province_id())
        cities = upper.filter((pl.col("code") % 100 == 0) & (pl.col("code") % 10000 != 0))
        counties = _with_parent(upper.filter(pl.col("code") % 100 != 0), cities)
        former = _with_parent(rows.filter(pl.col("until").is_not_null()).select(_NUMBER, "name"), cities).with_columns(
            code=pl.lit(None, pl.Int64)
        )
        direct = counties.filter((pl.col("parent") % 10000 == 0) & ~pl.col("parent").is_in(MUNICIPALITIES))
        towns = now.filter("town").select(
            (pl.col("code") // 1000).cast(pl.Int32).alias("parent"),
            word="name",
            name="name",
            code=_NONE,
            bare=_NO,
        )
        province_words = _province_words(provinces)
        city_words = _city_words(cities, direct, provinces)
        county_words = _county_words(pl.concat([counties, former], how="diagonal"), direct)
        official = pl.col("word").is_in(pl.concat([province_words["full"], province_words["name"]]).implode())
        return cls(
            provinces=province_words,
            cities=city_words,
            counties=county_words,
            towns=towns,
            begins=Begins(
                province=Prefixes.of(province_words.filter(official).with_columns(bare=_NO), by_parent=False),
                city=Prefixes.of(city_words),
                county=Prefixes.of(county_words.filter(~pl.col("bare"))),
                town=Prefixes.of(towns),
            ),
        )


_NUMBER: Final = pl.col("code").cast(pl.Int64)
_TOWN: Final = pl.col("code").str.len_bytes() == 9
_NONE: Final = pl.lit(None, pl.Int32)
_NO: Final = pl.lit(value=False)
_CODE: Final = pl.col("code").cast(pl.Int32)


def _province_id() -> pl.Expr:
    return pl.col("name").str.replace(r"(?:壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区|省|市)$", "")


def _with_parent(counties: pl.DataFrame, cities: pl.DataFrame) -> pl.DataFrame:
    """``parent`` is the city when there is one, else the province."""
    city = pl.col("code") // 100 * 100
    known = city.is_in(cities["code"].implode())
    parent = pl.when(known).then(city).otherwise(pl.col("code") // 10000 * 10000)
    return counties.with_columns(parent=parent.cast(pl.Int32))


def _province_words(provinces: pl.DataFrame) -> pl.DataFrame:
    short = pl.col("name")
    forms = [pl.col("full"), short, short + "省", short + "市", short + "自治区"]
    return (
        pl.concat([provinces.select(word=form, name=short, code=_CODE, full="full") for form in forms])
        .vstack(
            pl.DataFrame(
                {"word": ["内蒙"], "name": ["内蒙古"], "code": [150000], "full": ["内蒙古自治区"]},
                schema_overrides={"code": pl.Int32},
            )
        )
        .unique("word", keep="first", maintain_order=True)
    )


def _city_words(cities: pl.DataFrame, direct: pl.DataFrame, provinces: pl.DataFrame) -> pl.DataFrame:
    """City words by province; municipalities and counties directly under a province stand among the cities."""
    owned = cities.with_columns(parent=(pl.col("code") // 10000 * 10000).cast(pl.Int32))
    stem = pl.col("name").str.replace(_CITY_SUFFIX, "")
    prefecture = owned.filter(pl.col("name").str.ends_with("自治州")).with_columns(stem=stem)
    aliases = pl.DataFrame(
        {"alias": list(_PREFECTURE_ALIASES), "stem": list(_PREFECTURE_ALIASES.values())},
    )
    all_cities = pl.concat([owned, direct.select(owned.columns)])
    municipal = provinces.filter(pl.col("code").is_in(MUNICIPALITIES)).with_columns(
        parent=_CODE, short="name", name="full"
    )
    municipal_word = [pl.col("name"), pl.lit("市辖区"), pl.lit("郊县")]
    municipal_bare = [pl.col("short"), pl.lit("县"), pl.lit("市区")]
    return pl.concat(
        [
            _words(all_cities, pl.col("name")),
            *(_words(municipal, word) for word in municipal_word),
            _words(prefecture, pl.col("stem") + "州"),
            _words(prefecture.join(aliases, on="stem"), pl.col("alias")),
            *(_words(municipal, word, bare=True) for word in municipal_bare),
            _words(all_cities.filter(stem.str.len_chars() >= 2), stem, bare=True),
            _words(owned.with_columns(parent=pl.lit(NATION, pl.Int32)), pl.col("name")),
        ]
    ).unique(["parent", "word"], keep="first", maintain_order=True)


def _county_words(counties: pl.DataFrame, direct: pl.DataFrame) -> pl.DataFrame:
    stem = pl.col("name").str.replace(_COUNTY_SUFFIX, "")
    short = _words(counties.filter(pl.col("code").is_not_null() & (stem.str.len_chars() >= 2)), stem, bare=True)
    return pl.concat(
        [
            _words(counties, pl.col("name")),
            _words(direct.with_columns(parent=_CODE), pl.col("name")),
            # 伊宁 could be 伊宁市 or 伊宁县: a short form that two counties share means neither.
            short.unique(["parent", "word"], keep="none", maintain_order=True),
        ]
    ).unique(["parent", "word"], keep="first", maintain_order=True)


def _words(frame: pl.DataFrame, word: pl.Expr, *, bare: bool = False) -> pl.DataFrame:
    return frame.select("parent", word=word, name="name", code=_CODE, bare=pl.lit(bare))


def clean(column: str | pl.Expr) -> pl.Expr:
    """Text without outer spaces; null for what means nothing (``-``, ``null`` …)."""
    expr = pl.col(column) if isinstance(column, str) else column
    text = expr.cast(pl.String).str.strip_chars(SPACES)
    return pl.when(~text.is_in(_NOTHING)).then(text)


def country_of(province: pl.Expr, *, known: pl.Expr) -> pl.Expr:
    """Country id: CN, HK, MO, TW; OTHER for abroad; null without a province or for a word that is no place."""
    special = province.replace_strict(SPECIAL_REGIONS, default=None, return_dtype=pl.String)
    abroad = pl.when(province.str.contains(FOREIGN)).then(pl.lit("OTHER"))
    return pl.coalesce(special, pl.when(known).then(pl.lit("CN")), abroad)


def resolve(
    frame: pl.DataFrame,
    divisions: Divisions,
    *,
    province: str = "province",
    city: str = "city",
    district: str = "district",
    town: str = "town",
    address: str = "address",
) -> pl.DataFrame:
    """Columns a platform keeps apart, in official names; adds ``country``.

    Province becomes its id in the field catalogue (浙江省 → 浙江), city and district their full names. A word that is
    not known under the one above stays as given; empty becomes null. Missing columns are added as null. All text.
    """
    given = [province, city, district]
    frame = frame.with_columns(
        *(pl.col(c).cast(pl.String) if c in frame.columns else pl.lit(None, pl.String).alias(c) for c in given),
        *(clean(c) if c in frame.columns else pl.lit(None, pl.String).alias(c) for c in (town, address)),
    )
    # One text is far cheaper to compare than three that may be null; blank says the same as null. No file with a NUL
    # is read.
    key = pl.concat_str((pl.col(c).fill_null("") for c in given), separator="\x00").alias("key")
    keyed = frame.select(key, *given)
    distinct = keyed.unique("key")
    # The town changes nothing above it: it is kept where there is one, so what stands in for none is enough.
    words = distinct.select(p=clean(province), c=clean(city), d=clean(district), t=pl.lit(None, pl.String))
    named = _resolve_distinct(words, divisions)
    answers = named.select(
        distinct["key"],
        pl.col("p_").alias(province),
        pl.col("c_").alias(city),
        pl.col("d_").alias(district),
        "t_",
        "country",
    )
    found = keyed.select("key").join(answers, on="key", how="left", maintain_order="left").drop("key")
    return frame.with_columns(found).with_columns(pl.coalesce(town, "t_").alias(town)).drop("t_")


def _resolve_distinct(frame: pl.DataFrame, divisions: Divisions) -> pl.DataFrame:
    """``p c d t`` as given → ``p_ c_ d_ t_ country``, one row a distinct tuple, in order."""
    provinces = divisions.provinces.select(p="word", p_name="name", p_code="code", p_full="full")
    frame = frame.join(provinces, on="p", how="left", maintain_order="left")
    municipal = pl.col("p_code").is_in(MUNICIPALITIES)
    frame = frame.with_columns(
        direct=pl.col("c").str.contains(DIRECT).fill_null(value=False),
        municipal=municipal.fill_null(value=False),
    ).with_columns(c=pl.when("direct").then(None).otherwise("c"))
    frame = _lookup(frame, divisions.cities, "p_code", "c", "city")
    # 北京 | 朝阳区 | 望京街道: the platform left the city out and everything moved up.
    frame = _lookup(frame, divisions.counties, "p_code", "c", "moved")
    moved = pl.col("municipal") & pl.col("city_name").is_null() & pl.col("moved_name").is_not_null()
    frame = frame.with_columns(moved=moved).with_columns(
        t=pl.when(pl.col("moved") & pl.col("t").is_null()).then("d").otherwise("t"),
        d=pl.when("moved").then("c").otherwise("d"),
    )
    frame = _lookup(frame, divisions.counties, "p_code", "d", "under_province")
    no_city = pl.col("c").is_null() & ~pl.col("municipal")
    in_municipality = pl.col("municipal") & (pl.col("c").is_null() | pl.col("moved"))
    frame = frame.with_columns(
        c_=pl.when(in_municipality)
        .then("p_full")
        .when(no_city & pl.col("direct"))
        .then(pl.coalesce("under_province_name", "d"))
        .when(no_city)
        .then("under_province_name")
        .otherwise(pl.coalesce("city_name", "c")),
        c_code=pl.when("municipal").then("p_code").when(no_city).then("under_province_code").otherwise("city_code"),
    )
    frame = _lookup(frame, divisions.counties, "c_code", "d", "county")
    is_county = (pl.col("c_code") % 100 != 0).fill_null(value=False)
    return frame.select(
        p_=pl.coalesce("p_name", "p"),
        c_="c_",
        d_=pl.coalesce("county_name", "d", pl.when(is_county).then("c_")),
        t_="t",
        country=country_of(pl.coalesce("p_name", "p"), known=pl.col("p_name").is_not_null()),
    )


def _lookup(frame: pl.DataFrame, table: pl.DataFrame, parent: str, word: str, prefix: str) -> pl.DataFrame:
    """Add ``<prefix>_name`` and ``<prefix>_code`` of ``word`` under ``parent``."""
    keyed = table.select(
        pl.col("parent").alias(parent),
        pl.col("word").alias(word),
        pl.col("name").alias(f"{prefix}_name"),
        pl.col("code").alias(f"{prefix}_code"),
    )
    return frame.join(keyed, on=[parent, word], how="left", maintain_order="left")


def remote_region(
    regions: tuple[str, ...],
    *,
    province: str = "province",
    city: str = "city",
    district: str = "district",
) -> pl.Expr:
    """Whether a resolved place is in one of ``regions`` (``新疆``, ``海南/三沙市``); null without a province."""
    p, c, d = (pl.col(name).cast(pl.String) for name in (province, city, district))
    paths = [p, p + "/" + c, p + "/" + c + "/" + d]
    hits = [path.is_in(list(regions)).fill_null(value=False) for path in paths]
    return pl.when(p.is_not_null()).then(pl.any_horizontal(hits))

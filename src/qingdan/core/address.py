"""What an address and a phone number are worth: gaps, masks, plausibility, as Polars expressions."""

from typing import Final

import polars as pl

from qingdan.core.columns import ORDER_SCHEMA
from qingdan.core.region import SPECIAL_REGIONS

MASKED: Final = r"\*|^##|^\$\$"
"""Stars of a masked value, or the beginning of a Douyin cipher (## name and address, $$ phone)."""

MIN_DETAIL: Final = 5
"""Code points under which a detailed address is too short, spaces and zero-width marks not counted."""

PLACE: Final = r"[\p{Nd}\p{No}号栋楼室村组路街]"
"""What a detailed address holds at least one of: a digit, full-width or circled too, or a word that says where."""

CITIES_WITHOUT_DISTRICTS: Final = ("东莞市", "中山市", "儋州市", "嘉峪关市")

_SPACE: Final = r"[\s\u200b-\u200f\u2060\ufeff]"
_SOME: Final = r"[^\s\u200b-\u200f\u2060\ufeff]"
_ENOUGH: Final = rf"(?:{_SOME}{_SPACE}*){{{MIN_DETAIL}}}"

_EXTENSION: Final = r"(?:[-－转,，#_][0-9]{2,6})?"
_PHONES: Final = (
    rf"1[3-9][0-9][ -]?[0-9]{{4}}[ -]?[0-9]{{4}}{_EXTENSION}",
    rf"0[0-9]{{2,3}}[ -]?[1-9][0-9]{{6,7}}{_EXTENSION}",
    r"[48]00-?[0-9]{3}-?[0-9]{4}",
    r"(?:00)?(?:852|853|886)-?[0-9]{8,10}",
    r"(?:\$\$|##).+",
)
_PHONE: Final = rf"^['\s]*(?:(?:\+86|0086|86-)[ -]?)?(?:{'|'.join(_PHONES)})['\s]*$"
_MASKED_PHONE: Final = rf"^['\s]*(?:1[0-9*]{{10}}{_EXTENSION}|0[0-9*]{{2,3}}-?[0-9*]{{7,8}})['\s]*$"


def is_masked(text: pl.Expr) -> pl.Expr:
    """Whether a receiver's name, phone or address is masked or enciphered; null stays null."""
    return text.str.contains(MASKED)


def phone_plausible(phone: pl.Expr) -> pl.Expr:
    """Whether a number can be dialled by its shape; null when there is none.

    Mobile, landline, 400/800, virtual numbers with an extension (``-1234``, ``转1234``, ``,1234``), Hong Kong, Macao
    and Taiwan numbers; a masked number when its digits and stars have the shape of a mobile or a landline.
    """
    text = phone.cast(pl.String)
    hidden = text.str.contains("*", literal=True) & text.str.contains(_MASKED_PHONE)
    return pl.when(text.str.contains(r"\S")).then(text.str.contains(_PHONE) | hidden)


def quality_columns(
    *,
    province: str = "province",
    city: str = "city",
    district: str = "district",
    address: str = "address",
    masked: str = "receiver_masked",
) -> list[pl.Expr]:
    """``address_quality`` and ``address_gaps`` of the field catalogue, from resolved columns.

    A masked address is not judged by its detail. A district is not missed in cities that have none, nor outside the
    mainland. ``detail`` is the gap of an empty detail; ``detail_short`` and ``house_number`` of one that is there.
    """
    p, c, d, a = (pl.col(name).cast(pl.String) for name in (province, city, district, address))
    hidden = pl.col(masked).fill_null(value=False)
    no_detail = ~a.str.contains(_SOME).fill_null(value=False)
    no_districts = c.is_in(CITIES_WITHOUT_DISTRICTS) | p.is_in(list(SPECIAL_REGIONS))
    found: dict[str, pl.Expr] = {
        "province": _empty(p),
        "city": _empty(c),
        "district": _empty(d) & ~no_districts.fill_null(value=False),
        "detail": no_detail & ~hidden,
        "detail_short": ~no_detail & ~a.str.contains(_ENOUGH) & ~hidden,
        "house_number": ~no_detail & ~a.str.contains(PLACE) & ~hidden,
    }
    flags = [
        holds.fill_null(value=False).cast(pl.UInt8) * pl.lit(1 << i, pl.UInt8) for i, holds in enumerate(found.values())
    ]
    code = pl.sum_horizontal(flags).cast(pl.UInt8)
    # Few sets of gaps are possible, so each is made once and looked up: making a list a row costs a hundred times more.
    gaps = [[name for i, name in enumerate(found) if one >> i & 1] for one in range(1 << len(found))]
    qualities = ["incomplete" if one else "complete" for one in gaps] + ["masked"]
    quality_code = pl.when(hidden).then(pl.lit(len(gaps), pl.UInt8)).otherwise(code)
    return [
        pl.lit(pl.Series(qualities, dtype=ORDER_SCHEMA["address_quality"]))
        .gather(quality_code)
        .alias("address_quality"),
        pl.lit(pl.Series(gaps, dtype=ORDER_SCHEMA["address_gaps"])).gather(code).alias("address_gaps"),
    ]


def _empty(text: pl.Expr) -> pl.Expr:
    return text.is_null() | (text == "")

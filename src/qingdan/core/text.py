"""The one definition of normalised text, for single values and for columns.

Normalised text is NFKC, lower case, without white space and without characters of zero width, so that ``改 地址``,
``改地址`` with a zero-width space and ``ＶＩＰ`` are found by the words ``改地址`` and ``vip``.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

import polars as pl

NORM_SUFFIX: Final = "__norm"

# White space by the Unicode property, then joiners, marks of direction, soft hyphen, fillers, variation selectors.
_DROPPED: Final = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0"
)
_DROP: Final = re.compile(f"[{_DROPPED}]+")
_DROP_PATTERN: Final = f"[{_DROPPED}]+"
_NOT_PLAIN: Final = r"[^!-@\[-~\x{3001}\x{3002}\x{4e00}-\x{9fff}]"
"""Anything but ASCII without capitals, 、。 and Han: these are normal already, and nothing composes with them."""


def normalise(text: str) -> str:
    """Text as rules see it: NFKC, lower case, no white space, nothing of zero width."""
    if not text:
        return text
    return _DROP.sub("", unicodedata.normalize("NFKC", text).lower())


def normalise_expr(expr: pl.Expr) -> pl.Expr:
    """Give a text column normalised exactly as ``normalise`` does it; null stays null."""
    return expr.map_batches(normalise_series, return_dtype=pl.String, is_elementwise=True)


def normalise_series(texts: pl.Series) -> pl.Series:
    """Texts normalised exactly as ``normalise`` does it; null stays null.

    Normalising is dear and most texts are normal already, or would be without their plain spaces; only the others go
    the whole way.
    """
    odd = _odd(texts)
    if not odd.any():
        return texts
    given = texts.filter(odd)
    normal = given.str.replace_all(" ", "", literal=True)
    still = _odd(normal)
    if still.any():
        # From the texts as given: a mark that composes must not meet a letter beyond a space.
        whole = given.filter(still).str.normalize("NFKC").str.to_lowercase().str.replace_all(_DROP_PATTERN, "")
        normal = normal.scatter(still.arg_true(), whole)
    return texts.clone().scatter(odd.arg_true(), normal)


def _odd(texts: pl.Series) -> pl.Series:
    return texts.str.contains(_NOT_PLAIN).fill_null(value=False)


def norm_name(field: str) -> str:
    """Name of the column that holds the normalised text of ``field``."""
    return field + NORM_SUFFIX


def with_norm(frame: pl.DataFrame, fields: Iterable[str]) -> pl.DataFrame:
    """Add ``<field>__norm`` for each text column of ``fields`` that the frame has and that is not there yet."""
    missing = [f for f in fields if f in frame.columns and norm_name(f) not in frame.columns]
    return frame.with_columns(normalise_expr(pl.col(f)).alias(norm_name(f)) for f in missing)

"""What the words of a platform mean: typed cells of one sheet as rows in the catalogue's terms."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from qingdan.channels.mapping import Table, Words, normal_name
from qingdan.core.columns import ORDER_SCHEMA
from qingdan.intake.cells import Cells
from qingdan.intake.headers import Match

REFUND_RANKS: Final = ("none", "closed", "refused", "success", None, "in_progress", "requested")
"""Refund states from the least to the most open; ``None`` is a word not known, which outranks what is settled."""
UNKNOWN_REFUND: Final = REFUND_RANKS.index(None)
RANK: Final = "refund_rank"
LINE_RANK: Final = "line_refund_rank"

_STATUS_BLANK: Final = frozenset({"无", "暂无"})
_YES: Final = frozenset({"是", "赠品"})
_WORDS_KEPT: Final = 1000
"""Different words of a column that a block may add, so that a column of free text fills no memory."""

Meaning = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class UnknownWords:
    """Words of one column that the mapping does not know, with how many rows have each.

    ``place`` tells the order in which columns are looked at.
    """

    column: str
    words: tuple[tuple[str, int], ...]
    place: int


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one sheet in the catalogue's terms, before they are grouped into orders."""

    frame: pl.DataFrame
    unknown: tuple[UnknownWords, ...]


def _by_word(meanings: dict[str, str | None] | dict[str, str]) -> Meaning:
    normal = {normal_name(word): meaning for word, meaning in meanings.items()}
    return lambda word: normal.get(normal_name(word))


def _translate(series: pl.Series, meaning: Meaning, dtype: pl.DataType) -> pl.Series:
    """Each distinct word is looked up once."""
    words = series.unique().drop_nulls()
    return series.replace_strict(
        words, pl.Series([meaning(w) for w in words], dtype=pl.String), default=None, return_dtype=dtype
    )


class _Translator:
    """Adds translated columns to the typed cells of a sheet and remembers the words it did not know."""

    def __init__(self, cells: Cells) -> None:
        self.frame = cells.frame
        self.present = cells.columns
        self.unknown: list[UnknownWords] = []
        self._looked = 0

    def enum(self, column: str, meaning: Meaning, field: str, title: str) -> pl.Series:
        """Column in the values of catalogue field ``field``; unknown words are null and noted under ``title``."""
        words = self._words(column)
        made = _translate(words, meaning, ORDER_SCHEMA[field])
        self.note(words.filter(made.is_null()).drop_nulls(), title)
        return made.alias(field)

    def ranks(self, column: str, meaning: Meaning, title: str) -> pl.Series:
        """Refund words as positions in ``REFUND_RANKS``; blank is no refund."""
        words = self._words(column)
        distinct = words.unique().drop_nulls()
        ranks = [REFUND_RANKS.index(meaning(w)) for w in distinct]
        made = words.replace_strict(distinct, pl.Series(ranks, dtype=pl.UInt8), default=0, return_dtype=pl.UInt8)
        self.note(words.filter(made == UNKNOWN_REFUND), title)
        return made

    def note(self, words: pl.Series, title: str) -> None:
        """Remember words that were not known."""
        self._looked += 1
        if len(words):
            counts = words.value_counts(sort=True).head(_WORDS_KEPT)
            pairs = tuple((str(word), int(count)) for word, count in counts.iter_rows())
            self.unknown.append(UnknownWords(title, pairs, self._looked))

    def _words(self, column: str) -> pl.Series:
        """Words of a status-like column; 无 says nothing there."""
        words = self.frame[column]
        if words.is_in(list(_STATUS_BLANK)).any():
            return words.set(words.is_in(list(_STATUS_BLANK)), None)
        return words


def interpret(match: Match, cells: Cells, *, file: int, shop: str | None) -> Rows:
    """Rows of a sheet with catalogue values in place of words.

    Adds to the mapped columns: ``file``, ``channel``, ``shop``, ``platform_status``, ``platform_state``,
    ``platform_hold``, ``pay_method``, ``flag_color``, ``presale_step``, ``gift``, ``address_changed``,
    ``invoice_wanted``, ``refund_rank`` and ``line_refund_rank``.
    """
    words = match.channel.words
    told = _Translator(cells)
    made: list[pl.Series] = [*_status(told, words, match)]
    if "pay_method" in told.present:
        known = told.enum("pay_method", _by_word(words.pay_methods), "pay_method", _title(match, "pay_method"))
        strange = known.is_null() & told.frame["pay_method"].is_not_null()
        made.append(known.set(strange, "other") if strange.any() else known)
    if "flag_color" in told.present:
        made.append(told.enum("flag_color", _flag(words), "flag_color", _title(match, "flag_color")).fill_null("none"))
    if "presale_text" in told.present:
        made.append(
            told.enum("presale_text", _presale(words), "presale_step", _title(match, "presale_text")).fill_null("none")
        )
    made += _refunds(told, words, match)
    frame = told.frame.with_columns(made).with_columns(*_flags(told.present, words), *_told_apart(told.present))
    name = pl.lit(shop) if shop else pl.lit(match.channel.label)
    if shop is None and "shop" in told.present:
        name = pl.col("shop").fill_null(match.channel.label)
    frame = frame.with_columns(
        file=pl.lit(file, pl.UInt16),
        channel=pl.col("channel")
        if "channel" in told.present
        else pl.lit(match.channel.channel, ORDER_SCHEMA["channel"]),
        shop=name,
    )
    return Rows(_holds(frame, match.table, told.present), tuple(told.unknown))


def _title(match: Match, target: str) -> str:
    for parts in match.table.columns[target].alternatives:
        if all(part in match.headers for part in parts):
            return match.title(parts[0])
    return target


def _status(told: _Translator, words: Words, match: Match) -> Sequence[pl.Series]:
    if "status" not in told.present:
        height = told.frame.height
        return [
            pl.Series("platform_status", [None], dtype=pl.String).new_from_index(0, height),
            pl.Series(
                "platform_state", [match.table.absent.get("platform_state")], dtype=ORDER_SCHEMA["platform_state"]
            ).new_from_index(0, height),
            pl.Series("platform_hold", ["none"], dtype=ORDER_SCHEMA["platform_hold"]).new_from_index(0, height),
        ]
    meanings = words.status_meanings
    states = {word: state for word, (state, _) in meanings.items()}
    holds = {word: hold for word, (_, hold) in meanings.items()}
    state = told.enum("status", _by_word(states), "platform_state", _title(match, "status"))
    hold = _translate(told.frame["status"], _by_word(holds), ORDER_SCHEMA["platform_hold"])
    return [
        told.frame["status"].alias("platform_status"),
        state,
        hold.fill_null("none").alias("platform_hold"),
    ]


def _flag(words: Words) -> Meaning:
    plain = _by_word(words.flags)
    return lambda word: plain(word) or plain(re.sub(r"(?:色|旗|旗帜|色旗)$", "", word.strip()))


def _presale(words: Words) -> Meaning:
    steps = [(re.compile(step.pattern), step.step) for step in words.presale]
    return lambda text: next((step for pattern, step in steps if pattern.search(text)), None)


def _refunds(told: _Translator, words: Words, match: Match) -> list[pl.Series]:
    meaning = _by_word(words.refunds)
    made = []
    if "line_refund_state" in told.present:
        made.append(told.ranks("line_refund_state", meaning, _title(match, "line_refund_state")).alias(LINE_RANK))
    if "refund_state" in told.present:
        made.append(
            made[0].alias(RANK)
            if match.table.columns.get("refund_state") == match.table.columns.get("line_refund_state")
            else told.ranks("refund_state", meaning, _title(match, "refund_state")).alias(RANK)
        )
    elif "refund_amount" in told.present:
        amount = told.frame["refund_amount"]
        by_amount = (amount.fill_null(0) > 0).cast(pl.UInt8) * REFUND_RANKS.index("success")
        by_word = told.ranks("refund_amount_text", meaning, _title(match, "refund_amount"))
        made.append(pl.select(pl.max_horizontal(by_amount, by_word)).to_series().alias(RANK))
    elif match.table.kind == "order":
        absent = match.table.absent.get("refund_state")
        rank = REFUND_RANKS.index(absent)
        made.append(pl.Series(RANK, [rank], dtype=pl.UInt8).new_from_index(0, told.frame.height))
    return made


def _flags(present: frozenset[str], words: Words) -> list[pl.Expr]:
    changed = []
    if "address_changed_word" in present:
        changed.append((pl.col("address_changed_word") == "是").fill_null(value=False))
    if "region_text_changed" in present:
        changed.append(pl.col("region_text_changed").is_not_null())
    wanted = []
    if "invoice_type" in present:
        wanted.append(pl.col("invoice_type").is_not_null() & ~pl.col("invoice_type").is_in(list(words.no_invoice)))
    if "invoice_title" in present:
        wanted.append(pl.col("invoice_title").is_not_null() & ~pl.col("invoice_title").is_in(list(words.no_invoice)))
    made = []
    if changed:
        made.append(pl.any_horizontal(changed).alias("address_changed"))
    if wanted:
        made.append(pl.any_horizontal(wanted).fill_null(value=False).alias("invoice_wanted"))
    if "region_text_changed" in present:
        made.append(pl.coalesce("region_text_changed", "region_text").alias("region_text"))
    if "buyer_token" in present:
        masked = pl.col("buyer_token").str.contains("*", literal=True)
        made.append(pl.when(~masked).then("buyer_token").alias("buyer_token"))
    return made


def _told_apart(present: frozenset[str]) -> list[pl.Expr]:
    """Gifts from goods, and the steps of a presale from its times."""
    made = []
    if "gift_word" in present:
        made.append(pl.col("gift_word").is_in(list(_YES)).fill_null(value=False).alias("gift"))
    if "deposit_paid_at" in present:
        made.append(_deposit_step(present).cast(ORDER_SCHEMA["presale_step"]).alias("presale_step"))
    return made


def _deposit_step(present: frozenset[str]) -> pl.Expr:
    """A presale has a time for its deposit; its balance is paid when the order is."""
    balance = pl.col("paid_at").is_not_null() if "paid_at" in present else pl.lit(value=False)
    step = pl.when(balance).then(pl.lit("balance_paid")).otherwise(pl.lit("deposit_paid"))
    return pl.when(pl.col("deposit_paid_at").is_null()).then(pl.lit("none")).otherwise(step)


def _holds(frame: pl.DataFrame, table: Table, present: frozenset[str]) -> pl.DataFrame:
    """``platform_hold``: the status word first, then the table's hold columns in order, then an unpaid balance."""
    waiting = pl.col("platform_state") == "waiting"
    rules: list[tuple[pl.Expr, str]] = []
    for number, rule in enumerate(table.holds):
        name = f"hold.{number}"
        if name in present:
            listed = pl.col(name).is_in(list(rule.words))
            told = pl.col(name).is_null() & waiting if rule.blank else ~listed if rule.given else listed
            rules.append((told, rule.hold))
    if {"presale_text", "deposit_paid_at"} & present:
        rules.append((waiting & (pl.col("presale_step") == "deposit_paid"), "presale_unpaid"))
    if not rules:
        return frame
    dtype = ORDER_SCHEMA["platform_hold"]
    hold = pl.lit("none", dtype)
    for told, value in reversed(rules):
        hold = pl.when(told).then(pl.lit(value, dtype)).otherwise(hold)
    current = pl.col("platform_hold")
    return frame.with_columns(pl.when(current != "none").then(current).otherwise(hold).alias("platform_hold"))

"""A proposal for a table that nobody described: which field each column holds, and what a row is.

Pure: names and cells in, proposal out. Three things speak for a field: what the column is called, what its cells look
like, and what the team chose for a column of that name before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from qingdan.channels.mapping import Channel, normal_name
from qingdan.core.region import Divisions
from qingdan.intake.homemade import LINE_COLUMNS
from qingdan.intake.lexicon import FIELDS_OFFERED, Lexicon, name_key
from qingdan.intake.shapes import Shape, Vocabulary, clean, shape_of

AMOUNTS: Final = ("goods_amount", "freight", "discount", "paid_amount")

_ENOUGH: Final = 0.38
_PAST: Final = 0.98
_CHOICES: Final = 3
_FREE_TEXT: Final = ("text",)
_SHAPES: Final[dict[str, tuple[str, ...]]] = {
    "order_no": ("order_no", "code"),
    "status": ("status",),
    "platform_text": ("platform",),
    "receiver_text": ("receiver_text",),
    "receiver_name": ("person",),
    "receiver_phone": ("phone",),
    "province": ("province",),
    "city": ("city", "province"),
    "district": ("district",),
    "address": ("address",),
    **dict.fromkeys((*AMOUNTS, "unit_price", "line_paid_amount"), ("money",)),
    "pay_method": ("pay",),
    "payment_no": ("order_no", "code"),
    **dict.fromkeys(("created_at", "paid_at", "ship_by"), ("time",)),
    "refund_state": ("refund",),
    "line_refund_state": ("refund",),
    "flag_color": ("flag",),
    "line_no": ("order_no", "code", "int"),
    "sku_code": ("code", "order_no"),
    "quantity": ("int",),
}
"""Shapes that the cells of a field have; the best of them counts. Other fields hold free text."""
_TELLING: Final = {
    "receiver_text": 0.72,
    "receiver_phone": 0.64,
    "province": 0.64,
    "status": 0.6,
    "city": 0.56,
    "address": 0.56,
    "pay_method": 0.56,
    "refund_state": 0.52,
    "district": 0.5,
    "order_no": 0.5,
    "created_at": 0.42,
    "receiver_name": 0.4,
    "flag_color": 0.4,
    "paid_amount": 0.39,
}
"""How much the cells alone say for a field, when the header says nothing."""
_WORDS: Final = frozenset({"status", "pay_method", "refund_state", "line_refund_state", "flag_color", "platform_text"})
"""Fields whose words may be new to us: cells that are few and short speak for them as well."""
_FEW: Final = 0.5


@dataclass(frozen=True, slots=True)
class Guess:
    """A field that a column may hold: confidence in 0..1, and what speaks for it (``name``, ``cells``, ``past``)."""

    field: str
    confidence: float
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its position, its header, the field proposed (None: left out), and other choices, best first."""

    position: int
    title: str
    guess: Guess | None
    others: tuple[Guess, ...]
    shape: Shape


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a table probably means.

    ``rows``: ``order`` or ``line``; ``carried``: an order's columns are blank below its first row; ``summed``: amounts
    that the rows of an order carry in parts.
    """

    columns: tuple[Column, ...]
    rows: str
    carried: bool
    summed: tuple[str, ...]

    @property
    def fields(self) -> dict[str, int]:
        """Proposed field → position of its column."""
        return {column.guess.field: column.position for column in self.columns if column.guess}


def vocabulary_of(channels: Iterable[Channel]) -> Vocabulary:
    """Words of all platforms, by what they tell."""
    every = [channel.words for channel in channels]
    return Vocabulary(
        status=frozenset(word for words in every for word in words.status_meanings),
        refund=frozenset(normal_name(word) for words in every for word in words.refunds),
        pay=frozenset(normal_name(word) for words in every for word in words.pay_methods),
        flag=frozenset(normal_name(word) for words in every for word in words.flags),
        platforms=tuple(sorted({normal_name(word) for words in every for word in words.platforms})),
    )


def header_row(head: Sequence[Sequence[str]], lexicon: Lexicon) -> int:
    """Index in ``head`` of the row that names the columns: titles and notes may stand above it."""
    best, best_score = 0, 0.0
    for index, cells in enumerate(head):
        given = [cell.strip() for cell in cells if cell.strip()]
        if len(given) < 2:
            continue
        named = sum(max(lexicon.scores(cell).values(), default=0.0) for cell in given if not _is_value(cell))
        score = named + 0.1 * len(set(given))
        if score > best_score:
            best, best_score = index, score
    return best


def _is_value(cell: str) -> bool:
    digits = sum(char.isdigit() for char in cell)
    return digits * 2 > len(cell) or len(cell) > 30


def propose(
    titles: Sequence[str],
    sample: pl.DataFrame,
    *,
    lexicon: Lexicon,
    words: Vocabulary,
    divisions: Divisions,
    past: Mapping[str, str] | None = None,
) -> Proposal:
    """Propose a field for each column.

    ``sample`` has the first rows below the header as text, columns named by position (``"0"`` …). ``past`` maps
    ``name_key`` of headers to the fields that the team chose for them.
    """
    before = past or {}
    named = [(position, title) for position, title in enumerate(titles) if title.strip()]
    shapes = {position: shape_of(sample[str(position)], words, divisions) for position, _ in named}
    guesses = {
        position: _guesses(title, shapes[position], lexicon, before.get(name_key(title))) for position, title in named
    }
    chosen = _assign(guesses)
    columns = tuple(
        Column(
            position,
            title.strip(),
            chosen.get(position),
            tuple(guess for guess in guesses[position] if guess != chosen.get(position))[:_CHOICES],
            shapes[position],
        )
        for position, title in named
    )
    rows, carried, summed = _row_kind(sample, {guess.field: position for position, guess in chosen.items()})
    return Proposal(columns, rows, carried, summed)


def _guesses(title: str, shape: Shape, lexicon: Lexicon, past: str | None) -> list[Guess]:
    names = lexicon.scores(title)
    found = []
    for field in FIELDS_OFFERED:
        fit = _fit(field, shape)
        name = names.get(field, 0.0)
        alone = fit * _TELLING.get(field, 0.0)
        both = name * (0.4 + 0.6 * fit)
        score, why = (both, ("name", "cells") if fit >= 0.5 and field in _SHAPES else ("name",))
        if alone > both:
            score, why = alone, ("cells",)
        if field == past and (fit > 0 or not shape.given):
            score, why = _PAST, ("past",)
        if score > 0.25:
            found.append(Guess(field, round(min(score, 0.99), 2), why))
    return sorted(found, key=lambda guess: -guess.confidence)


def _fit(field: str, shape: Shape) -> float:
    """How well the cells suit a field, 0..1; a column without any cell suits every field a little."""
    if not shape.given:
        return 0.6
    best = max(shape.share(name) for name in _SHAPES.get(field, _FREE_TEXT))
    if field in _WORDS:
        few = (
            shape.given >= 3
            and shape.distinct <= _FEW
            and shape.share("money") < 0.5
            and shape.share("code") < 0.5
            and shape.share("time") < 0.5
        )
        best = max(best, 0.7 if few else 0.25)
    elif field == "order_no" and shape.distinct <= 0.2:
        best *= 0.5
    elif field == "paid_amount" and shape.share("cents") <= 0.2:
        best *= 0.85
    elif field in {"receiver_name", "address", "city", "district"}:
        # Names and places are endless; text that is no number and no time may be one.
        odd = max(shape.share(name) for name in ("money", "time", "phone", "receiver_text"))
        best = max(best, 0.0 if odd > 0.5 else 0.4 * shape.share("text"))
    return best if field in _SHAPES else max(best, 0.5)


def _assign(guesses: Mapping[int, Sequence[Guess]]) -> dict[int, Guess]:
    """Give each column its best field, the surest first; a field goes to one column only."""
    ranked = sorted(
        ((guess.confidence, -position, guess) for position, found in guesses.items() for guess in found),
        key=lambda entry: (entry[0], entry[1]),
        reverse=True,
    )
    chosen: dict[int, Guess] = {}
    taken: set[str] = set()
    for confidence, negative, guess in ranked:
        if confidence >= _ENOUGH and -negative not in chosen and guess.field not in taken:
            chosen[-negative] = guess
            taken.add(guess.field)
    return chosen


def _row_kind(sample: pl.DataFrame, fields: Mapping[str, int]) -> tuple[str, bool, tuple[str, ...]]:
    """Tell whether rows are lines, whether an order's cells stand on its first row only, and which amounts add up."""
    if "order_no" not in fields or sample.is_empty():
        return "order", False, ()
    cells = pl.DataFrame({name: clean(sample[str(position)]) for name, position in fields.items()})
    lines = [name for name in fields if name in LINE_COLUMNS]
    below = pl.col("order_no").is_null() & pl.any_horizontal(
        pl.col(name).is_not_null() for name in lines or ["order_no"]
    )
    carried = bool(cells.select(below.any()).item()) and cells["order_no"][0] is not None
    if carried:
        cells = cells.with_columns(pl.col("order_no").forward_fill())
    repeated = cells.filter(pl.col("order_no").is_not_null() & pl.col("order_no").is_duplicated())
    if repeated.is_empty():
        return "order", False, ()
    # A table may repeat the number and leave the other cells of the order blank.
    others = [name for name in fields if name not in LINE_COLUMNS and name != "order_no"]
    later = repeated.filter(pl.int_range(pl.len()).over("order_no") > 0)
    bare = [
        name
        for name in others
        if later[name].null_count() == later.height and repeated[name].null_count() < repeated.height
    ]
    amounts = [name for name in AMOUNTS if name in fields]
    differs = repeated.group_by("order_no").agg(pl.col(name).drop_nulls().n_unique() > 1 for name in amounts)
    summed = tuple(name for name in amounts if bool(differs[name].any()))
    return "line", carried or bool(bare), summed

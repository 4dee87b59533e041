"""The mapping wizard's two looks at a file: what its columns probably are, and what a mapping would make of it.

Both read bytes that somebody uploaded, so they run in the reading child (see ``consulting``); what they take and give
is plain data.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import polars as pl

from qingdan.channels.mapping import Channel, all_channels, normal_name
from qingdan.core.fields import FIELDS, Pii, Type
from qingdan.core.masking import mask
from qingdan.data import header_names, load_divisions
from qingdan.intake import propose, readers
from qingdan.intake.batch import Batch, Progress, read_batch
from qingdan.intake.draft import LISTS, OTHER, PLATFORM_WORDS, SEVERAL, VALUES, Draft, mapping_of
from qingdan.intake.lexicon import Lexicon
from qingdan.intake.mapping_messages import refused, said
from qingdan.intake.shapes import SAMPLE, clean

SHOWN: Final = 20
_MOST_COLUMNS: Final = 300
_MOST_WORDS: Final = 60
_LONGEST_WORD: Final = 40
_WHOLE: Final = 64 << 20
_START: Final = 1 << 18
_CELL: Final = 60
_REASONS: Final = 8
_ROWS: Final = 5
_PREVIEWED: Final = (
    "order_no", "platform_status", "platform_state", "paid_amount", "receiver_name", "receiver_phone", "province",
    "city", "address", "goods_title", "item_count", "created_at", "paid_at", "pay_method", "refund_state",
    "buyer_message", "seller_memo", "shop", "channel",
)  # fmt: skip

Told = Callable[[float], None]
"""Called with how far the work is, 0..1."""


def look(
    path: Path,
    *,
    name: str = "",
    sheet: str = "",
    header: int | None = None,
    past: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Describe a table that nobody knows: sheets, header, first rows (personal data masked), and a proposal.

    ``sheet`` and ``header`` are what a person chose, else the likeliest; ``name`` is what the file is called, by
    default its path's. Raises ``UnreadableFile``.
    """
    called = name or path.name
    opened = readers.open_file(path, called)
    channels = all_channels()
    lexicon = Lexicon.of(header_names(), channels)
    words = propose.vocabulary_of(channels)
    candidates = [one for one in opened.sheets if any(len(_given(row)) >= 2 for row in one.head)]
    chosen = next((one for one in candidates if one.name == sheet), None)
    if chosen is None:
        chosen = max(candidates, key=lambda one: _promise(one, lexicon), default=None)
    if chosen is None:
        raise refused("mapping.no_sheet", file=called)
    at = propose.header_row(chosen.head, lexicon) if header is None else min(header, len(chosen.head) - 1)
    titles = list(chosen.head[at])[:_MOST_COLUMNS]
    body = _first(chosen, at, range(len(titles)))
    proposal = propose.propose(
        titles, body.head(SAMPLE), lexicon=lexicon, words=words, divisions=load_divisions(), past=past
    )
    return {
        "sheets": [one.name for one in candidates],
        "sheet": chosen.name,
        "header": at,
        "above": [" ".join(_given(row))[:200] for row in chosen.head[:at]],
        "columns": [_column(column) for column in proposal.columns],
        "preview": _preview(body.head(SHOWN), proposal),
        "draft": {
            "channel": _channel_of(called, proposal, body),
            "shop": "",
            "sheet": chosen.name,
            "header": at,
            "columns": {str(position): field for field, position in proposal.fields.items()},
            "rows": proposal.rows,
            "carried": proposal.carried,
            "summed": list(proposal.summed),
            "words": {},
            "absent": {},
        },
    }


def _given(row: Sequence[str]) -> list[str]:
    return [cell.strip() for cell in row if cell.strip()]


def _promise(sheet: readers.Sheet, lexicon: Lexicon) -> float:
    row = sheet.head[propose.header_row(sheet.head, lexicon)]
    return sum(max(lexicon.scores(cell).values(), default=0.0) for cell in _given(row))


def _first(sheet: readers.Sheet, header: int, positions: Sequence[int]) -> pl.DataFrame:
    """First rows below the header, without those that are empty."""
    for pending in sheet.bodies(header, list(positions), size=_START):
        frame = pending().frame.head(4 * SAMPLE)
        return frame.filter(pl.any_horizontal(pl.exclude(readers.ROW).str.strip_chars() != ""))
    return pl.DataFrame(schema={str(position): pl.String() for position in positions})


def _column(column: propose.Column) -> dict[str, Any]:
    def plain(guess: propose.Guess) -> dict[str, Any]:
        return {"field": guess.field, "confidence": guess.confidence, "why": list(guess.why)}

    return {
        "position": column.position,
        "title": column.title[:_CELL],
        "guess": plain(column.guess) if column.guess else None,
        "others": [plain(guess) for guess in column.others],
        "filled": round(1 - column.shape.blank, 2),
    }


_HIDING: Final = (
    ("receiver_text", Pii.ADDRESS),
    ("phone", Pii.PHONE),
    ("address", Pii.ADDRESS),
    ("name_like", Pii.NAME),
)


_OF_PEOPLE: Final = frozenset({"receiver_name", "receiver_text", "buyer_token"})


def _pii(column: propose.Column) -> Pii:
    """Class of personal data of a raw column: what its cells look like counts as much as what it is taken for."""
    sure = column.guess is not None and column.guess.why[0] != "cells" and column.guess.field not in _OF_PEOPLE
    looks = [(name, pii) for name, pii in _HIDING if not (sure and name == "name_like")]
    by_shape = next((pii for name, pii in looks if column.shape.share(name) > 0.3), Pii.NONE)
    field = column.guess.field if column.guess else ""
    by_field = FIELDS[field].pii if field in FIELDS else Pii.ADDRESS if field == "receiver_text" else Pii.NONE
    return by_field if by_field not in {Pii.NONE, Pii.NOTE} else by_shape if by_shape is not Pii.NONE else Pii.NOTE


def _preview(rows: pl.DataFrame, proposal: propose.Proposal) -> list[dict[str, Any]]:
    hidden = {column.position: _hider(column) for column in proposal.columns}
    return [
        {
            "row": row[readers.ROW],
            "cells": {str(at): hide((row[str(at)] or "").strip("\t\r\n '`=\""))[:_CELL] for at, hide in hidden.items()},
        }
        for row in rows.to_dicts()
    ]


def _hider(column: propose.Column) -> Callable[[str], str]:
    pii = _pii(column)
    if column.guess and column.guess.field in {"order_no", "line_no", "sku_code"}:
        return str
    if column.shape.share("receiver_text") > 0.3:
        return lambda text: mask(text[:1] + "**" + mask(text[3:], Pii.NOTE), Pii.ADDRESS)[:24] if text else text
    return lambda text: mask(text, pii)


def _channel_of(file: str, proposal: propose.Proposal, body: pl.DataFrame) -> str:
    """Platform that the file's name or all of a column's cells name; ``several`` when the cells differ."""
    names = {normal_name(word): channel for one in all_channels() for word, channel in one.words.platforms.items()}
    in_name = {channel for word, channel in names.items() if word in normal_name(file)}
    for field in (PLATFORM_WORDS, "shop"):
        position = proposal.fields.get(field)
        if position is not None:
            cells = clean(body[str(position)]).drop_nulls().unique()
            named = {channel for cell in cells for word, channel in names.items() if word in normal_name(cell)}
            if len(named) > 1 and field == PLATFORM_WORDS:
                return SEVERAL
            if len(named) == 1:
                return named.pop()
    return in_name.pop() if len(in_name) == 1 else OTHER


def check(path: Path, draft: Draft, *, name: str = "", told: Told | None = None) -> dict[str, Any]:
    """Read the whole file as ``draft`` says and report what becomes of it; nothing is stored.

    Gives the mapping itself as well (``body``), in the form of a mapping file. Raises ``UnreadableFile``.
    """
    tell = told or (lambda _: None)
    opened = readers.open_file(path)
    sheet = next((one for one in opened.sheets if one.name == draft.sheet), opened.sheets[0])
    at = min(draft.header, len(sheet.head) - 1)
    titles = list(sheet.head[at])
    first = mapping_of(draft, titles, name=name or path.stem)
    counted = _count_words(sheet, at, draft)
    tell(0.3)
    draft = _with_known_words(draft, counted, first)
    channel = mapping_of(draft, titles, name=name or path.stem)

    def reading(progress: Progress) -> None:
        tell(0.9 if progress.phase != "reading" else 0.4)

    batch = read_batch([path], as_of=datetime.now(UTC), mappings=(channel,), progress=reading)
    report: dict[str, Any] = {
        "body": channel.model_dump(mode="json", exclude_defaults=True),
        "rows": sum(report.rows for report in batch.files),
        "orders": batch.orders.height,
        "lines": batch.lines.height,
        "refused": batch.refused.height,
        "refusals": _refusals(batch.refused),
        "notices": [notice.message.record() for notice in batch.notices if notice.message.id not in _KNOWN_HERE],
        "findings": _findings(batch),
        "words": _words_told(counted, draft),
        "preview": _orders(batch.orders.head(SHOWN)),
        "columns": [name for name in _PREVIEWED if _filled(batch.orders, name)],
        "values": draft.words,
    }
    if not batch.orders.height:
        report["findings"].insert(0, {**said("mapping.empty").record(), "level": "error"})
    tell(1.0)
    return report


_KNOWN_HERE: Final = frozenset({"unknown_words", "sheets_skipped"})
"""Notices that the wizard shows in a place of their own."""

Counted = dict[str, tuple[str, list[tuple[str, int]], int]]
"""Column of words → its header, its most frequent words with their rows, and how many different ones there are."""


def _count_words(sheet: readers.Sheet, header: int, draft: Draft) -> Counted:
    wanted = {at: field for at, field in draft.columns.items() if field in LISTS and at < len(sheet.head[header])}
    if not wanted:
        return {}
    positions = sorted(wanted)
    parts = []
    for pending in sheet.bodies(header, positions, size=_WHOLE):
        frame = pending().frame
        parts.append({at: clean(frame[str(at)]).value_counts(name="n").rename({str(at): "word"}) for at in positions})
    found: Counted = {}
    for at in positions:
        counts = (
            pl.concat([part[at] for part in parts]).drop_nulls("word").group_by("word").agg(pl.col("n").sum())
        ).sort("n", "word", descending=[True, False])
        shown = counts.head(_MOST_WORDS).with_columns(pl.col("word").str.slice(0, _LONGEST_WORD))
        found[wanted[at]] = (
            sheet.head[header][at].strip(),
            [(str(w), int(n)) for w, n in shown.iter_rows()],
            counts.height,
        )
    return found


def _with_known_words(draft: Draft, counted: Counted, channel: Channel) -> Draft:
    """Draft with the meanings that are known of the words found; what the person said of one stays."""
    chosen = {column: dict(words) for column, words in draft.words.items()}
    for column, (_, words, _) in counted.items():
        mine = chosen.setdefault(column, {})
        known = _meanings(column, channel)
        for word, _ in words:
            if word not in mine:
                mine[word] = known.get(normal_name(word), "")
    return draft.model_copy(update={"words": {column: chosen[column] for column in counted}})


def _meanings(column: str, channel: Channel) -> dict[str, str]:
    if column == "status":
        return {word: state for word, (state, _) in channel.words.status_meanings.items() if state}
    if column == PLATFORM_WORDS:
        every = {word: one for c in all_channels() for word, one in c.words.platforms.items()}
        labels = {name: value.id for value in FIELDS["channel"].values for name in (value.zh, value.en, value.id)}
        return {normal_name(word): value for word, value in {**every, **labels}.items()}
    words: dict[str, str] = getattr(channel.words, LISTS[column])
    return {normal_name(word): value for word, value in words.items()}


def _words_told(counted: Counted, draft: Draft) -> list[dict[str, Any]]:
    return [
        {
            "field": column,
            "title": title,
            "value_field": VALUES[column],
            "different": different,
            "words": [{"word": word, "count": count, "value": draft.words[column][word]} for word, count in words],
        }
        for column, (title, words, different) in counted.items()
    ]


def _refusals(refused_rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Refused rows by reason, with the first few row numbers of each."""
    grouped = refused_rows.group_by("reason", maintain_order=True).agg(
        pl.len().alias("count"), pl.col("zh", "en", "advice_zh", "advice_en").first(), pl.col("row").head(_ROWS)
    )
    told = grouped.rename({"row": "rows"}).head(_REASONS).to_dicts()
    return [{"id": one.pop("reason"), **one} for one in told]


def _findings(batch: Batch) -> list[dict[str, Any]]:
    """What a person should look at before saving: amounts that do not add up, columns that came out empty."""
    orders, lines = batch.orders, batch.lines
    found = []
    parts = orders.select("order_no", "paid_amount", whole=pl.col("goods_amount") + pl.col("freight").fill_null(0))
    goods = (
        lines.filter(~pl.col("gift"))
        .group_by("order_no")
        .agg(
            paid=pl.when(pl.col("line_paid_amount").null_count() == 0).then(pl.col("line_paid_amount").sum()),
            price=pl.when((pl.col("unit_price") * pl.col("quantity")).null_count() == 0).then(
                (pl.col("unit_price") * pl.col("quantity")).sum()
            ),
        )
    )
    sums = parts.join(goods, on="order_no", how="left", maintain_order="left").filter(pl.col("paid_amount") > 0)
    for finding, off in (
        ("lines_paid", (pl.col("paid") - pl.col("paid_amount")).abs() > _CENT),
        ("paid_above_goods", pl.col("paid_amount") > pl.coalesce("whole", "price") + _CENT),
        ("paid_far_below", pl.col("paid_amount") * 5 < pl.coalesce("whole", "price")),
    ):
        wrong = sums.filter(off.fill_null(value=False))
        if wrong.height:
            found.append(
                {
                    "id": finding,
                    "level": "warning",
                    "count": wrong.height,
                    "orders": wrong["order_no"].head(3).to_list(),
                    "of": orders.height,
                }
            )
    return found


_CENT: Final = 1


def _filled(orders: pl.DataFrame, name: str) -> bool:
    column = orders[name]
    if name in {"channel", "refund_state"}:
        return name == "refund_state" and column.null_count() < len(column)
    return bool((column.cast(pl.String).fill_null("") != "").any())


def _orders(orders: pl.DataFrame) -> list[dict[str, Any]]:
    """First orders as the store would hold them, personal data masked; money in fen, times in ISO 8601."""
    shown = []
    for order in orders.select(_PREVIEWED).to_dicts():
        row: dict[str, Any] = {}
        for name, value in order.items():
            field = FIELDS[name]
            if isinstance(value, str):
                row[name] = mask(value, field.pii)[: 2 * _CELL]
            elif field.type is Type.TIME and value is not None:
                row[name] = value.isoformat().replace("+00:00", "Z")
            else:
                row[name] = value
        shown.append(row)
    return shown

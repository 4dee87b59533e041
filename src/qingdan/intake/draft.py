"""What a person chose in the mapping wizard, and the mapping that it makes."""

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from qingdan.channels.mapping import WORD_LISTS, Channel, Origin, Table, Words, all_channels, normal_name
from qingdan.core.fields import CHANNELS, FIELDS
from qingdan.intake.headers import names_of
from qingdan.intake.lexicon import FIELDS_OFFERED
from qingdan.intake.mapping_messages import refused

OTHER: Final = "other"
SEVERAL: Final = "several"
"""Stands for a channel where each row names its own."""
PLATFORM_WORDS: Final = "platform_text"
LISTS: Final[dict[str, str]] = {**WORD_LISTS, PLATFORM_WORDS: "platforms"}
VALUES: Final[dict[str, str]] = {
    "status": "platform_state",
    "refund_state": "refund_state",
    "line_refund_state": "refund_state",
    "pay_method": "pay_method",
    "flag_color": "flag_color",
    PLATFORM_WORDS: "channel",
}
"""Columns of words, and the catalogue field whose values they may mean."""


class Draft(BaseModel):
    """Choices of a person about one table.

    ``columns``: position of a column → field. ``words``: column → word as the file writes it → value in the catalogue,
    or empty where the person does not know, which leaves those orders to people. ``absent``: what it means that the
    table has no such column.
    """

    model_config = ConfigDict(extra="forbid")

    channel: str = OTHER
    shop: str = Field("", max_length=100)
    sheet: str = Field("", max_length=200)
    header: int = Field(0, ge=0, le=100)
    columns: dict[int, str] = Field(default_factory=dict, max_length=1000)
    rows: Literal["order", "line"] = "order"
    carried: bool = False
    summed: list[str] = Field(default_factory=list, max_length=10)
    words: dict[str, dict[str, str]] = Field(default_factory=dict)
    absent: dict[Literal["refund_state", "platform_state"], str] = Field(default_factory=dict)


def mapping_of(draft: Draft, titles: list[str], *, name: str) -> Channel:
    """Mapping that ``draft`` describes, for a table with these headers.

    Raises ``UnreadableFile`` when no order number is chosen or a choice is none that a person may make.
    """
    unique = {position: _written(titles[position], name) for name, position in names_of(titles).items()}
    chosen = {at: field for at, field in draft.columns.items() if at in unique and field in FIELDS_OFFERED}
    if "order_no" not in chosen.values():
        raise refused("mapping.no_order_no")
    columns: dict[str, list[str]] = {}
    for position, field in sorted(chosen.items()):
        columns.setdefault(field, []).append(unique[position])
    several = draft.channel == SEVERAL
    if several and PLATFORM_WORDS not in columns:
        raise refused("mapping.no_platform")
    if not several:
        columns.pop(PLATFORM_WORDS, None)
    labels = {c.id: c.zh for c in CHANNELS}
    if not several and draft.channel not in labels:
        raise refused("mapping.no_platform")
    table = Table(
        kind="order",
        name=name,
        rows=draft.rows,
        signature=(tuple(dict.fromkeys(part for field in columns.values() for part in field)),),
        columns={field: Origin(any=tuple(names)) for field, names in columns.items()},
        summed=tuple(field for field in draft.summed if field in columns) if draft.rows == "line" else (),
        repeated_lines=True,
        carried=draft.carried and draft.rows == "line",
        absent=draft.absent,
    )
    label = draft.shop.strip() or labels.get(draft.channel, name)
    return Channel(channel=draft.channel, label=label, tables=(table,), words=_words(draft, several=several))


def _written(title: str, unique: str) -> str:
    """Header as the file writes it, where that names the column: ``A + B`` would be read as a sum."""
    plain = " ".join(title.strip("\t\r\n '`=\"").split())
    return plain if normal_name(plain) == unique and " + " not in plain else unique


def _words(draft: Draft, *, several: bool) -> Words:
    """Words that every team means alike, then the platform's own, then what the person said."""
    known = {channel.channel: channel.words for channel in all_channels()}
    bases = [known[OTHER], *([known[draft.channel]] if draft.channel in known and draft.channel != OTHER else [])]
    made = known[OTHER].model_dump()
    for base in bases[1:]:
        made |= {name: value for name, value in base.model_dump().items() if value and not isinstance(value, dict)}
    for name in (*dict.fromkeys(WORD_LISTS.values()), "state_holds", "prefixes"):
        made[name] = {word: value for base in bases for word, value in base.model_dump()[name].items()}
    if several:
        made["platforms"] = {}
    for column, chosen in draft.words.items():
        words = made.get(LISTS.get(column, ""))
        if words is None or (column == PLATFORM_WORDS and not several):
            continue
        values = set(FIELDS[VALUES[column]].value_ids)
        for word, value in chosen.items():
            for same in [known_word for known_word in words if normal_name(known_word) == normal_name(word)]:
                del words[same]
            if value in values:
                words[word] = value
    return Words.model_validate(made)

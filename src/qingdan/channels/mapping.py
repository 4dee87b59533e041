"""What one platform's exports look like, as data: ``channels/<channel>/mapping.yaml`` read into typed tables.

A platform is added by adding a folder with such a file. Nothing else names a header or a status word.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from qingdan.core.columns import LINE_SCHEMA, ORDER_SCHEMA
from qingdan.core.fields import CHANNELS, FIELDS

Kind = Literal["order", "item"]
Rows = Literal["order", "line"]

_SPACE: Final = re.compile(r"[\s\u00a0\u3000\ufeff\u200b]+")
_ASCII: Final = str.maketrans("（）：，；［］", "():,;[]")


def normal_name(name: str) -> str:
    """Header or status word as it is compared: without spaces, ASCII brackets and colons, lower case."""
    return _SPACE.sub("", name).translate(_ASCII).lower()


def _alternatives(value: Any) -> Any:
    """``A``, ``[A, B + C]`` or ``{first: [A, B]}`` as the dictionary that ``Origin`` validates."""
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list):
        return {"any": value}
    return value


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Origin(_Model):
    """Headers that a column is read from.

    ``any``: the first non-blank cell of those present wins; ``first``: the first header present is used and the
    others are ignored. An alternative ``A + B`` is the sum of two money columns.
    """

    any: tuple[str, ...] = ()
    first: tuple[str, ...] = ()

    @property
    def alternatives(self) -> tuple[tuple[str, ...], ...]:
        """Alternatives in order, each the normalised headers that it adds up."""
        return tuple(tuple(normal_name(part) for part in alt.split(" + ")) for alt in self.any or self.first)


Columns = dict[str, Annotated[Origin, BeforeValidator(_alternatives)]]


class HoldRule(_Model):
    """A column that tells that the platform does not want the order shipped.

    It tells so with one of ``words``; with ``blank``, when it is empty while the order waits; with ``given``, when it
    holds anything but ``words``.
    """

    column: str
    hold: str
    words: tuple[str, ...] = ()
    blank: bool = False
    given: bool = False


class Prefix(_Model):
    """What a bracketed word before a status means, as in ``(锁定)等待出库``."""

    state: str | None = None
    hold: str | None = None


class Step(_Model):
    """A pattern in the presale text and the step that it tells; the first that is found counts."""

    pattern: str
    step: str


class Words(_Model):
    """Words of a platform and the catalogue values that they mean.

    ``platforms`` is for files that carry orders of several platforms: a word in ``platform_text`` and the channel that
    it names.
    """

    platforms: dict[str, str] = Field(default_factory=dict)
    states: dict[str, str] = Field(default_factory=dict)
    state_holds: dict[str, str] = Field(default_factory=dict)
    prefixes: dict[str, Prefix] = Field(default_factory=dict)
    refunds: dict[str, str] = Field(default_factory=dict)
    pay_methods: dict[str, str] = Field(default_factory=dict)
    flags: dict[str, str] = Field(default_factory=dict)
    presale: tuple[Step, ...] = ()
    no_invoice: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _known_values(self) -> "Words":
        holds = {*self.state_holds.values(), *(p.hold for p in self.prefixes.values() if p.hold)}
        states = {*self.states.values(), *(p.state for p in self.prefixes.values() if p.state)}
        for field, values in (
            ("channel", set(self.platforms.values())),
            ("platform_state", states),
            ("platform_hold", holds),
            ("refund_state", set(self.refunds.values())),
            ("pay_method", set(self.pay_methods.values())),
            ("flag_color", set(self.flags.values())),
            ("presale_step", {s.step for s in self.presale}),
        ):
            if strange := values - set(FIELDS[field].value_ids):
                raise ValueError(f"{field}: not in the field catalogue: {sorted(strange)}")
        return self

    @property
    def status_meanings(self) -> dict[str, tuple[str | None, str | None]]:
        """Normalised status word → (platform state, platform hold), bracketed forms included."""
        plain = {normal_name(w): (state, self.state_holds.get(w)) for w, state in self.states.items()}
        bracketed = {
            f"({normal_name(p)}){word}": (rule.state or state, rule.hold or hold)
            for p, rule in self.prefixes.items()
            for word, (state, hold) in plain.items()
        }
        return {**bracketed, **plain}


class Generation(_Model):
    """A header generation, told by columns that only it has; only reported, never needed for reading."""

    name: str
    has: tuple[str, ...]


class Table(_Model):
    """One kind of file of a platform.

    ``rows`` says what a row is: a whole order, or a line on which the order's columns repeat. ``carried``: they stand
    on the first line only and are blank below it, as in merged cells. ``summed`` are amounts that rows of one order
    carry in parts. ``absent`` are values of columns that the file leaves out, where that means something.
    ``repeated_lines``: the line number is no line's own (a product id), so a second row with it is a second line and
    not a repetition of the first. ``joined_goods``: the title names all goods of the order in one text, which gives
    way to an item list and can not tell a warehouse what to pick.
    """

    kind: Kind
    name: str
    rows: Rows
    signature: tuple[tuple[str, ...], ...]
    unless: tuple[str, ...] = ()
    generations: tuple[Generation, ...] = ()
    columns: Columns
    gift: Columns = Field(default_factory=dict)
    summed: tuple[str, ...] = ()
    repeated_lines: bool = False
    joined_cells: bool = False
    joined_goods: bool = False
    carried: bool = False
    holds: tuple[HoldRule, ...] = ()
    absent: dict[Literal["refund_state", "platform_state"], str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known_columns(self) -> "Table":
        if strange := {*self.columns, *self.gift} - TARGETS.keys():
            raise ValueError(f"no such columns: {sorted(strange)}")
        if "order_no" not in self.columns:
            raise ValueError("order_no must be mapped")
        if unknown := [v for name, v in self.absent.items() if v not in FIELDS[name].value_ids]:
            raise ValueError(f"absent: not in the field catalogue: {unknown}")
        return self

    def matches(self, headers: Mapping[str, int]) -> bool:
        """Whether a row with these normalised headers is the header row of this table."""
        if any(normal_name(name) in headers for name in self.unless):
            return False
        return any(all(normal_name(name) in headers for name in group) for group in self.signature)

    def generation_of(self, headers: Mapping[str, int]) -> str:
        """Name of the newest generation whose telling columns are all there; empty when none is."""
        for generation in self.generations:
            if all(normal_name(name) in headers for name in generation.has):
                return generation.name
        return ""


class Name(_Model):
    """Name of a platform in both languages."""

    zh: str
    en: str


class Channel(_Model):
    """Everything that intake knows of one platform, or of an ERP whose rows name the platform that each is from.

    ``name`` and ``place`` make a platform of the field catalogue (see ``core.platforms``); an ERP has none, and a
    mapping that a team saved belongs to a platform that is there.
    """

    channel: str
    name: Name | None = None
    place: int = 0
    label: str
    tables: tuple[Table, ...]
    words: Words

    @model_validator(mode="after")
    def _known_channel(self) -> "Channel":
        if self.words.platforms:
            if any("platform_text" not in table.columns for table in self.tables):
                raise ValueError("platform_text must be mapped where words.platforms are given")
        elif self.channel not in {c.id for c in CHANNELS}:
            raise ValueError(f"channel not in the field catalogue: {self.channel}")
        return self


CellKind = Literal["order_no", "id", "phone", "text", "money", "int", "time", "deadline", "word", "refund_amount"]

_KIND_OF_TYPE: Final[dict[str, CellKind]] = {
    "text": "text",
    "money": "money",
    "int": "int",
    "time": "time",
    "enum": "word",
}
_KINDS: Final[dict[str, CellKind]] = {
    "order_no": "order_no",
    "line_no": "id",
    "payment_no": "id",
    "receiver_phone": "phone",
    "sku_code": "id",
    "platform_status": "word",
    "province": "text",
    "ship_by": "deadline",
    "pickup_by": "deadline",
}

TARGETS: Final[dict[str, CellKind]] = {
    **{
        name: _KINDS.get(name, _KIND_OF_TYPE.get(FIELDS[name].type.value, "text"))
        for name in (*ORDER_SCHEMA, *LINE_SCHEMA)
        if name in FIELDS and FIELDS[name].type.value not in {"bool", "enum_list"}
    },
    "status": "word",
    "region_text": "text",
    "region_text_changed": "text",
    "receiver_text": "text",
    "address_changed_word": "word",
    "gift_word": "word",
    "platform_text": "text",
    "presale_text": "text",
    "deposit_paid_at": "time",
    "refund_amount": "refund_amount",
    "invoice_type": "text",
    "invoice_title": "text",
    "item_total": "int",
    "kind_total": "int",
}
"""Columns that a mapping may fill and how their cells are read. Beyond the field catalogue: ``region_text`` is an
address in one piece with its province, ``region_text_changed`` one that replaces it, ``receiver_text`` a receiver in
one piece (name, phone and address in any order), ``item_total`` and
``kind_total`` are counts that the platform gives for the order, ``address_changed_word`` and ``gift_word`` are 是 or
否, ``deposit_paid_at`` is when a presale's deposit was paid (``paid_at`` is then its balance), ``platform_text`` names
the platform of a row."""


LOADER: Final = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


@cache
def load_channel(name: str) -> Channel:
    """Mapping of one platform, by folder name.

    Raises ``pydantic.ValidationError`` when the file names unknown columns or values.
    """
    text = resources.files("qingdan.channels").joinpath(name, "mapping.yaml").read_text(encoding="utf-8")
    return Channel.model_validate(yaml.load(text, Loader=LOADER))  # noqa: S506 - a safe loader, in C where there is one


@cache
def all_channels() -> tuple[Channel, ...]:
    """Mappings of every folder: platforms in the catalogue's order of channels, then files of several platforms."""
    loaded = sorted((load_channel(folder) for folder in _folders()), key=lambda c: c.channel)
    place = {c.id: number for number, c in enumerate(CHANNELS)}
    return tuple(sorted(loaded, key=lambda c: place.get(c.channel, len(place))))


def _folders() -> list[str]:
    return [
        entry.name
        for entry in resources.files("qingdan.channels").iterdir()
        if entry.is_dir() and entry.joinpath("mapping.yaml").is_file()
    ]


class Taught(_Model):
    """What a team taught beside the folders: its saved mappings, newest first, and meanings of words by channel.

    Plain data, so that it can be handed to the process that reads files (``model_dump(mode="json")``).
    """

    mappings: tuple[Channel, ...] = ()
    words: dict[str, Words] = Field(default_factory=dict)


def channels_of(taught: Taught) -> tuple[Channel, ...]:
    """Mappings that a header is compared with before those of the folders.

    The team's own come first, the longest signature before the others; then the platforms whose words it extended.
    What the team says of a word wins over the folder.
    """
    own = sorted(taught.mappings, key=_reach, reverse=True)
    extended = [channel for channel in all_channels() if channel.channel in taught.words and channel.tables]
    return tuple(_with_words(channel, taught.words.get(channel.channel)) for channel in (*own, *extended))


def _reach(channel: Channel) -> int:
    return max((len(group) for table in channel.tables for group in table.signature), default=0)


def _with_words(channel: Channel, words: Words | None) -> Channel:
    if words is None:
        return channel
    joined = {name: {**getattr(channel.words, name), **getattr(words, name)} for name in WORD_LISTS.values()}
    return channel.model_copy(update={"words": channel.words.model_copy(update=joined)})


WORD_LISTS: Final = {
    "status": "states",
    "refund_state": "refunds",
    "line_refund_state": "refunds",
    "pay_method": "pay_methods",
    "flag_color": "flags",
}
"""Columns whose cells are words, and the list in ``Words`` that says what they mean."""


def dump_mapping(channel: Channel) -> str:
    """Write a mapping in the form of the folders' ``mapping.yaml``, so that it can be contributed."""
    plain = channel.model_dump(mode="json", exclude_defaults=True)
    for table in plain.get("tables", ()):
        table["columns"] = {name: _written(origin) for name, origin in table["columns"].items()}
    return yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=110)


def _written(origin: dict[str, list[str]]) -> Any:
    if "first" in origin:
        return origin
    return origin["any"][0] if len(origin["any"]) == 1 else origin["any"]

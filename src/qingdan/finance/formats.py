"""What bills look like, as data: ``finance/formats/<format>.yaml`` read into typed tables.

A format is added by adding a file. Header names are compared without spaces, with ASCII brackets, in lower case.
"""

import re
from functools import cache
from importlib import resources
from typing import Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

Kind = Literal["payment", "refund", "fee", "transfer", "other"]
KINDS: Final[tuple[Kind, ...]] = ("payment", "refund", "fee", "transfer", "other")
_SPACE: Final = re.compile(r"[\s\u00a0\u3000\ufeff\u200b`]+")
_ASCII: Final = str.maketrans("（）：，", "():,")


def normal_name(name: str) -> str:
    """Header as it is compared."""
    return _SPACE.sub("", name).translate(_ASCII).lower()


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Title(_Model):
    """Name of a format in both languages."""

    zh: str
    en: str


class Footer(_Model):
    """A line below the rows that states a count and a sum of some of them.

    ``pattern`` finds the count and the sum in yuan; ``count`` and ``sum`` name the rows: ``income``, ``expense`` or
    a kind.
    """

    pattern: str
    count: str
    sum: str


class Format(_Model):
    """One kind of bill.

    ``columns`` maps what we read to the headers it may stand under; ``day`` and ``at`` together are the time where a
    bill keeps them apart. ``kinds`` maps a kind to words that its cells contain; rows without one of them are of
    ``kind``. ``signed`` says that an amount bears its own sign; ``wide`` is the header whose cells may hold commas that
    nobody quoted; ``ticks`` says that values begin with a back-tick; ``hints`` that a line below the header may explain
    the columns; ``totals`` are headers of a last line of sums. ``family`` names whose money it is: two bills of one
    family tell of the same payments.
    """

    id: str
    title: Title
    family: str
    marks: tuple[str, ...] = ()
    columns: dict[str, tuple[str, ...]]
    required: tuple[str, ...]
    kind: Kind = "other"
    kinds: dict[Kind, tuple[str, ...]] = {}
    signed: bool = False
    directions: dict[str, tuple[str, ...]] = {}
    wide: str = ""
    ticks: bool = False
    hints: bool = False
    footers: tuple[Footer, ...] = ()
    totals: dict[str, tuple[str, ...]] = {}

    @model_validator(mode="after")
    def _known(self) -> "Format":
        if missing := set(self.required) - set(self.columns):
            raise ValueError(f"{self.id}: required but not mapped: {', '.join(sorted(missing))}")
        return self

    def positions(self, header: list[str]) -> dict[str, list[int]]:
        """Return where each column stands in a header, in the order of its names; empty where it has none."""
        names = [normal_name(cell) for cell in header]
        return {
            column: [names.index(name) for name in map(normal_name, known) if name in names]
            for column, known in self.columns.items()
        }

    def fits(self, header: list[str]) -> bool:
        """Tell whether a header has every required column."""
        found = self.positions(header)
        return all(found[column] for column in self.required)


@cache
def all_formats() -> tuple[Format, ...]:
    """Return every format, those with more required columns first."""
    folder = resources.files("qingdan.finance") / "formats"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)
    made = [
        Format(id=file.name.removesuffix(".yaml"), **yaml.safe_load(file.read_text(encoding="utf-8"))) for file in files
    ]
    return tuple(sorted(made, key=lambda f: -len(f.required)))

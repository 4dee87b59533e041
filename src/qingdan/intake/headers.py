"""Finding the header row of a sheet and what its columns mean."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qingdan.channels.mapping import Channel, Table, normal_name


@dataclass(frozen=True, slots=True)
class Match:
    """A sheet recognised: its channel and table, where the header stands, and the position of each column."""

    channel: Channel
    table: Table
    row: int
    headers: Mapping[str, int]
    titles: Sequence[str]

    @property
    def generation(self) -> str:
        """Header generation, as the mapping names it."""
        return self.table.generation_of(self.headers)

    def title(self, header: str) -> str:
        """Header as the file writes it, for messages."""
        position = self.headers.get(header)
        return self.titles[position].strip() if position is not None else header


def names_of(cells: Sequence[str]) -> dict[str, int]:
    """Normalised header → position; a name that stands twice is told apart as ``分销员``, ``分销员#2``."""
    names: dict[str, int] = {}
    for position, cell in enumerate(cells):
        name = normal_name(cell.strip("\t\r\n '`=\""))
        if not name:
            continue
        number = 1
        unique = name
        while unique in names:
            number += 1
            unique = f"{name}#{number}"
        names[unique] = position
    return names


def find(head: Sequence[Sequence[str]], channels: Iterable[Channel]) -> Match | None:
    """First row of ``head`` that holds the signature columns of some table; None when no row does."""
    known = [(channel, table) for channel in channels for table in channel.tables]
    for row, cells in enumerate(head):
        if sum(1 for cell in cells if cell.strip()) < 2:
            continue
        headers = names_of(cells)
        for channel, table in known:
            if table.matches(headers):
                return Match(channel, table, row, headers, cells)
    return None


def widest(head: Sequence[Sequence[str]]) -> Sequence[str]:
    """Row that looks most like a header, to be named when none was recognised."""
    return max(head, key=lambda cells: sum(1 for cell in cells if cell.strip()), default=())

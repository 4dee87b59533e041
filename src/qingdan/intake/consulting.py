"""The mapping wizard's tasks of the reading child: the table is taken out of its archive, opened, and looked at."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from qingdan.channels.mapping import all_channels
from qingdan.intake import archives, headers, ownsheet, readers
from qingdan.intake.archives import Inner
from qingdan.intake.draft import Draft
from qingdan.intake.mapping_messages import refused
from qingdan.intake.messages import UnreadableFile
from qingdan.intake.wizard import check, look

LOOK: Final = "mapping_look"
CHECK: Final = "mapping_check"
_SUFFIXES: Final = frozenset({".csv", ".tsv", ".txt", ".xls", ".xlsx", ".xlsm"})

Tell = Callable[[Mapping[str, Any]], None]


def answer_look(order: Mapping[str, Any], tell: Tell) -> None:
    """Look at the table of a work order (see ``asking.Asked``) with ``sheet``, ``header`` and ``past``."""
    tables = _tables(order)
    table = _chosen(tables, order["inner"])
    with _named(table):
        seen = look(table.path, name=table.name, sheet=order["sheet"], header=order["header"], past=order["past"])
    several = [one.name for one in tables] if len(tables) > 1 or table.path != Path(order["path"]) else []
    inner = table.name if several else ""
    tell({"event": "answer", "answer": {**seen, "tables": several, "inner": inner, "size": table.path.stat().st_size}})


def answer_check(order: Mapping[str, Any], tell: Tell) -> None:
    """Check a ``draft``, whose mapping is to be called ``name``, on the whole table of a work order."""
    table = _chosen(_tables(order), order["inner"])

    def told(share: float) -> None:
        tell({"event": "progress", "file": table.name, "share": round(share, 4)})

    with _named(table):
        answer = check(table.path, Draft.model_validate(order["draft"]), name=order["name"], told=told)
    tell({"event": "answer", "answer": answer})


def _tables(order: Mapping[str, Any]) -> list[Inner]:
    """Tables that the upload holds; raises ``UnreadableFile`` when none of them can be opened."""
    path, folder = Path(order["path"]), Path(order["folder"]) / "unpacked"
    folder.mkdir()
    found = archives.expand(path, order["passwords"], folder, asked=order["given"])
    tables = [one for one in found if isinstance(one, Inner)]
    locked = [one for one in found if isinstance(one, archives.Problem) and one.protected]
    wanted = order["inner"]
    problem = next((one for one in [*locked, *found] if isinstance(one, archives.Problem)), None)
    missing = not tables or (wanted and wanted not in {one.name for one in tables})
    if missing and problem is not None:
        raise UnreadableFile(problem.message)
    if not tables:
        raise refused("mapping.no_sheet", file=path.name)
    return [_with_suffix(one, path) for one in tables]


def _with_suffix(table: Inner, upload: Path) -> Inner:
    """Table at a path that ends as its name does: what was unpacked is numbered."""
    suffix = Path(table.name).suffix.lower()
    if table.path == upload or suffix not in _SUFFIXES:
        return table
    return Inner(table.path.rename(table.path.with_suffix(suffix)), table.name)


def _chosen(tables: Sequence[Inner], wanted: str) -> Inner:
    """Table of that name, else the first whose header nobody knows."""
    named = next((one for one in tables if one.name == wanted), None)
    return named or next((one for one in tables if _unknown(one)), tables[0])


def _unknown(table: Inner) -> bool:
    try:
        sheets = readers.open_file(table.path, table.name).sheets
    except UnreadableFile:
        return False
    known = [ownsheet.find(sheet.head) or headers.find(sheet.head, all_channels()) for sheet in sheets]
    return bool(sheets) and not any(known)


@contextmanager
def _named(table: Inner) -> Iterator[None]:
    """Let a refusal name the table as the person knows it."""
    try:
        yield
    except UnreadableFile as error:
        if "file" not in error.message.params:
            raise
        raise UnreadableFile(replace(error.message, params={**error.message.params, "file": table.name})) from error

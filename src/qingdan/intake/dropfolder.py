"""A folder into which people and programs put exports: which files are finished, and where they go. No Django.

Polling, because network shares tell nobody when a file appears.
"""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

DONE: Final = "done"
REFUSED: Final = "refused"
_TEMPORARY: Final = frozenset(
    {
        ".tmp",
        ".temp",
        ".part",
        ".partial",
        ".crdownload",
        ".download",
        ".filepart",
        ".swp",
        ".lock",
        ".aria2",
        ".opdownload",
    }
)
_LITTER: Final = frozenset({"thumbs.db", "desktop.ini"})
_EMPTY_WAIT: Final = 12
"""How many times as long an empty file is waited for: some programs make the file before they fill it."""
_CHUNK: Final = 1 << 20

Signature = tuple[int, int]
"""Size and time of the last change."""


@dataclass(slots=True)
class Settling:
    """Files that were seen, and since when each has been as it is; ``clock`` gives seconds that only go forward."""

    settle: float
    clock: Callable[[], float]
    seen: dict[Path, tuple[Signature, float]] = field(default_factory=dict)

    def finished(self, folder: Path) -> list[Path]:
        """Look at the folder; return the files that have not changed for ``settle`` seconds, the oldest first."""
        now = self.clock()
        present = {path: signature for path in waiting(folder) if (signature := signature_of(path)) is not None}
        self.seen = {
            path: old if (old := self.seen.get(path)) and old[0] == signature else (signature, now)
            for path, signature in present.items()
        }
        ready = [path for path, (signature, since) in self.seen.items() if now - since >= self._wait(signature)]
        return sorted(ready, key=lambda path: (present[path][1], path.name))

    def _wait(self, signature: Signature) -> float:
        return self.settle if signature[0] else self.settle * _EMPTY_WAIT


def waiting(folder: Path) -> list[Path]:
    """Files in the folder that somebody may be still writing; not its folders, links and temporary files."""
    with os.scandir(folder) as entries:
        files = [Path(entry.path) for entry in entries if entry.is_file(follow_symlinks=False)]
    return sorted(path for path in files if not _is_temporary(path.name))


def _is_temporary(name: str) -> bool:
    lower = name.lower()
    return lower.startswith((".", "~")) or lower in _LITTER or Path(lower).suffix in _TEMPORARY


def signature_of(path: Path) -> Signature | None:
    """Size and time of the last change; None when the file has gone."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def place_for(path: Path, folder: Path) -> Path:
    """Where ``path`` may lie in ``folder`` without replacing another: ``订单.csv``, else ``订单 (2).csv``."""
    number, place = 1, folder / path.name
    while place.exists():
        number += 1
        place = folder / f"{path.stem} ({number}){path.suffix}"
    return place


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_bytes(content)
    temporary.replace(path)

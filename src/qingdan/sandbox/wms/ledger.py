"""What the simulated warehouse has taken in, stopped and shipped; kept in a file, so that it survives being killed."""

import json
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS effect (
    id INTEGER PRIMARY KEY, number TEXT NOT NULL, source TEXT NOT NULL, state TEXT NOT NULL, at REAL NOT NULL,
    ship_at REAL NOT NULL, protocol TEXT NOT NULL, lines TEXT NOT NULL, tracking TEXT NOT NULL DEFAULT '',
    told INTEGER NOT NULL DEFAULT 0, confirmed INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS effect_number ON effect (number);
CREATE INDEX IF NOT EXISTS effect_due ON effect (state, ship_at);
CREATE TABLE IF NOT EXISTS call (
    id INTEGER PRIMARY KEY, method TEXT NOT NULL, number TEXT NOT NULL, outcome TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS call_number ON call (number);
CREATE TABLE IF NOT EXISTS done (signature TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS acknowledged (sync_id INTEGER PRIMARY KEY);
"""
TAKEN: Final = "taken"
PAUSED: Final = "paused"
STOPPING: Final = "stopping"
STOPPED: Final = "stopped"
SHIPPED: Final = "shipped"


@dataclass(frozen=True, slots=True)
class Effect:
    """One delivery as the warehouse sees it."""

    id: int
    number: str
    source: str
    state: str
    protocol: str
    lines: list[list[Any]]
    tracking: str


TELLING: Final = "qimen"
"""The protocol whose warehouse tells its owner by itself."""
_COLUMNS: Final = "id, number, source, state, protocol, lines, tracking"


class Ledger:
    """Used by one thread."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        # a killed process loses nothing; a crash of the machine may, which is fine for a simulation
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.executescript(_TABLES)
        if "shipped_at" not in {row[1] for row in self._db.execute("PRAGMA table_info(effect)")}:
            self._db.execute("ALTER TABLE effect ADD COLUMN shipped_at REAL NOT NULL DEFAULT 0")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def find(self, number: str) -> Effect | None:
        """Return the newest effect under a delivery number."""
        row = self._db.execute(
            f"SELECT {_COLUMNS} FROM effect WHERE number = ? ORDER BY id DESC LIMIT 1",  # noqa: S608
            [number],
        ).fetchone()
        return _effect(row) if row else None

    def take(self, number: str, source: str, protocol: str, lines: Sequence[Sequence[object]], ship_in: float) -> int:
        """Take a delivery in; return the warehouse's number for it."""
        now = time.time()
        done = self._db.execute(
            "INSERT INTO effect (number, source, state, at, ship_at, protocol, lines) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [number, source, TAKEN, now, now + ship_in, protocol, json.dumps(lines, ensure_ascii=False)],
        )
        return int(done.lastrowid or 0)

    def note(self, method: str, number: str, outcome: str) -> None:
        """Keep a call."""
        self._db.execute(
            "INSERT INTO call (method, number, outcome, at) VALUES (?, ?, ?, ?)", [method, number, outcome, time.time()]
        )

    def by_id(self, key: int) -> Effect | None:
        """Return an effect by the warehouse's number for it."""
        row = self._db.execute(f"SELECT {_COLUMNS} FROM effect WHERE id = ?", [key]).fetchone()  # noqa: S608
        return _effect(row) if row else None

    def stop(self, number: str, *, later: bool = False) -> None:
        """Stop a delivery that has not left, or with ``later`` at the next sweep."""
        state = STOPPING if later else STOPPED
        self._db.execute(
            "UPDATE effect SET state = ? WHERE number = ? AND state IN (?, ?)", [state, number, TAKEN, PAUSED]
        )

    def pause(self, number: str, *, restore: bool) -> None:
        """Keep a delivery from leaving, or let it go on."""
        before, after = (PAUSED, TAKEN) if restore else (TAKEN, PAUSED)
        self._db.execute("UPDATE effect SET state = ? WHERE number = ? AND state = ?", [after, number, before])

    def was_done(self, signature: str) -> bool:
        """Whether a call with this very signature changed something before: then this one is a copy of it."""
        return self._db.execute("SELECT 1 FROM done WHERE signature = ?", [signature]).fetchone() is not None

    def note_done(self, signature: str) -> None:
        """Keep the signature of a call that changed something."""
        self._db.execute("INSERT OR IGNORE INTO done VALUES (?)", [signature])

    def to_tell(self, protocol: str, most: int) -> list[Effect]:
        """Return what was shipped and is not acknowledged in full, old ones first."""
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM effect WHERE state = ? AND protocol = ? AND confirmed = 0 ORDER BY id LIMIT ?",  # noqa: S608
            [SHIPPED, protocol, most],
        )
        return [_effect(row) for row in rows.fetchall()]

    def shipped_between(self, protocol: str, since: float, until: float) -> list[Effect]:
        """Return what was shipped in a span of time, old ones first."""
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM effect WHERE state = ? AND protocol = ? "  # noqa: S608
            "AND shipped_at BETWEEN ? AND ? ORDER BY shipped_at, id",
            [SHIPPED, protocol, since, until],
        )
        return [_effect(row) for row in rows.fetchall()]

    def is_acknowledged(self, sync_id: int) -> bool:
        """Whether the owner has taken in this parcel."""
        return self._db.execute("SELECT 1 FROM acknowledged WHERE sync_id = ?", [sync_id]).fetchone() is not None

    def acknowledge(self, sync_id: int) -> None:
        """Note that the owner has taken in a parcel."""
        self._db.execute("INSERT OR IGNORE INTO acknowledged VALUES (?)", [sync_id])

    def ship_due(self, most: int) -> list[Effect]:
        """Ship what is due and carry out stops; return what its owner is to be told of and has not confirmed.

        Old ones come first. Owners of the other protocols ask by themselves.
        """
        now = time.time()
        self._db.execute(
            "UPDATE effect SET state = ?, shipped_at = ?, tracking = 'SF' || printf('%012d', id) WHERE id IN ("
            "SELECT id FROM effect WHERE state = ? AND ship_at <= ? ORDER BY ship_at LIMIT ?)",
            [SHIPPED, now, TAKEN, now, most],
        )
        self._db.execute("UPDATE effect SET state = ? WHERE state = ?", [STOPPED, STOPPING])
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM effect WHERE state = ? AND protocol = ? AND confirmed = 0 "  # noqa: S608
            "ORDER BY told, id LIMIT ?",
            [SHIPPED, TELLING, most],
        )
        return [_effect(row) for row in rows.fetchall()]

    def told(self, effect: int, *, confirmed: bool) -> None:
        """Note that the owner was told of a shipment, and whether it confirmed."""
        self._db.execute(
            "UPDATE effect SET told = told + 1, confirmed = max(confirmed, ?) WHERE id = ?", [int(confirmed), effect]
        )

    def hurry(self) -> None:
        """Let everything ship now."""
        self._db.execute("UPDATE effect SET ship_at = 0 WHERE state = ?", [TAKEN])

    def summary(self) -> dict[str, Any]:
        """Count effects, calls, and the source orders that have more than one live effect."""
        states = dict(self._db.execute("SELECT state, count(*) FROM effect GROUP BY state").fetchall())
        outcomes = {
            f"{method} {outcome}": count
            for method, outcome, count in self._db.execute(
                "SELECT method, outcome, count(*) FROM call GROUP BY method, outcome"
            )
        }
        [(double,)] = self._db.execute(
            "SELECT count(*) FROM (SELECT source FROM effect WHERE state <> ? GROUP BY source HAVING count(*) > 1)",
            [STOPPED],
        ).fetchall()
        [(numbers, sources)] = self._db.execute(
            "SELECT count(DISTINCT number), count(DISTINCT source) FROM effect"
        ).fetchall()
        confirmed = self._db.execute("SELECT count(*) FROM effect WHERE confirmed = 1").fetchone()[0]
        return {
            "states": states,
            "calls": outcomes,
            "double_effects": double,
            "numbers": numbers,
            "sources": sources,
            "confirmed": confirmed,
        }


def _effect(row: tuple[Any, ...]) -> Effect:
    return Effect(row[0], row[1], row[2], row[3], row[4], json.loads(row[5]), row[6])

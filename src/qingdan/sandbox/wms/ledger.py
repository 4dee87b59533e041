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
"""
TAKEN: Final = "taken"
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

    def stop(self, number: str) -> None:
        """Stop a delivery that has not left."""
        self._db.execute("UPDATE effect SET state = ? WHERE number = ? AND state = ?", [STOPPED, number, TAKEN])

    def ship_due(self, most: int) -> list[Effect]:
        """Ship what is due, and return what has been shipped and not been confirmed to its owner, old ones first."""
        now = time.time()
        self._db.execute(
            "UPDATE effect SET state = ?, tracking = 'SF' || printf('%012d', id) WHERE id IN ("
            "SELECT id FROM effect WHERE state = ? AND ship_at <= ? ORDER BY ship_at LIMIT ?)",
            [SHIPPED, TAKEN, now, most],
        )
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM effect WHERE state = ? AND confirmed = 0 ORDER BY told, id LIMIT ?",  # noqa: S608
            [SHIPPED, most],
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

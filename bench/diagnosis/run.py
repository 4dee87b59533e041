"""The diagnosis on made-up weeks: the planted cause first, and nothing said of clean ones."""

import time
from collections import Counter
from typing import Any

from bench.diagnosis.world import CAUSES, PLANTS, world
from qingdan.core.flow.diagnosis import Diagnosis, diagnose
from qingdan.core.flow.eventlog import cases

WORLDS = 200


def told(seed: int, plant: str | None) -> tuple[Diagnosis, str]:
    """Diagnosis of one world and the planted value."""
    log, until, value = world(seed, plant)
    return diagnose(cases(log, until)), value


def right(found: Diagnosis, plant: str, value: str) -> bool:
    """Whether the planted cause stands first, with the very channel, owner or reason."""
    if not found.findings or found.causes[0].cause != CAUSES[plant]:
        return False
    return found.findings[0].value == value


def measure() -> list[dict[str, Any]]:
    """Rows for the benchmark table."""
    rows = []
    for plant in PLANTS:
        first, seconds = 0, 0.0
        firsts: Counter[str] = Counter()
        for seed in range(WORLDS):
            start = time.process_time()
            found, value = told(seed, plant)
            seconds += time.process_time() - start
            first += right(found, plant, value)
            firsts[found.causes[0].cause if found.causes else "nothing"] += 1
        rows.append(
            {
                "name": f"diagnosis: planted {plant} named first",
                "value": round(100 * first / WORLDS, 1),
                "unit": f"% of {WORLDS} worlds",
                "target": ">= 90",
                "peer": ", ".join(f"{name} {count}" for name, count in firsts.most_common()),
                "ratio": None,
            }
        )
    alarms = sum(bool(told(10_000 + seed, None)[0].findings) for seed in range(WORLDS))
    rows.append(
        {
            "name": "diagnosis: clean log, false alarm",
            "value": round(100 * alarms / WORLDS, 1),
            "unit": f"% of {WORLDS} worlds",
            "target": "<= 5",
            "peer": None,
            "ratio": None,
        }
    )
    return rows

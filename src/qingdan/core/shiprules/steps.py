"""What a rule charges, step after step, for many orders at once."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from qingdan.core.shiprules.model import Adds, Band, Rule

Numbers = NDArray[np.int64]


def increments(rule: Rule, paid: Numbers, units: Numbers) -> Iterator[tuple[int, Numbers]]:
    """Each moment after the deadline (µs) with what is charged on top there, fen (n,), in time order.

    ``paid`` (n,) fen and ``units`` (n,) how often the amount counts. Rounded so that the sum of the steps is the
    charged share of the whole.
    """
    charged, own, repeats = np.zeros_like(paid), np.zeros_like(paid), np.zeros_like(paid)
    for offset, repeat, bands in timetable(rule):
        amount = amounts(bands, paid) * units
        if repeat:
            repeats = repeats + amount
        else:
            own = own + amount if rule.adds is Adds.EXTRA else np.maximum(own, amount)
        total = own + repeats
        if rule.cap is not None:
            total = np.minimum(total, rule.cap)
        share = total * rule.share // 10_000
        yield offset, share - charged
        charged = share


def timetable(rule: Rule) -> list[tuple[int, bool, tuple[Band, ...]]]:
    """Offsets after the deadline with whether it is a repeated detection, and the bands that say how much."""
    rows = [(s.after + n * s.every, n > 0, s.bands) for s in rule.steps for n in range(s.times + 1)]
    return sorted(rows, key=lambda row: row[:2])


def amounts(bands: tuple[Band, ...], paid: Numbers) -> Numbers:
    """Amount of the first band that each order falls into; zero where none fits."""
    result = np.zeros_like(paid)
    for band in reversed(bands):
        value = np.maximum(band.flat + (paid * band.rate + 5_000) // 10_000, band.floor)
        if band.cap is not None:
            value = np.minimum(value, band.cap)
        result = np.where(paid < (band.below if band.below is not None else np.iinfo(np.int64).max), value, result)
    return result

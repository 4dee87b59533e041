"""Public holidays and make-up workdays of mainland China, by the yearly notice of the State Council's General Office.

The days come from the package ``chinesecalendar``; years it does not know yet come from ``workdays.yaml``, which a
team can complete on the day the notice appears instead of waiting for a release.
"""

import functools
from datetime import date
from importlib import resources

import chinese_calendar.constants as published
import yaml

from qingdan.core.worktime import PublicDays


@functools.cache
def china_public_days() -> PublicDays:
    """Every day known. Days after ``last`` follow the weekday alone, which a screen must say."""
    added = yaml.safe_load(resources.files("qingdan.data").joinpath("workdays.yaml").read_text("utf-8"))
    return with_years(added["years"] or {})


def with_years(years: dict[int, dict[str, dict[date, str]]]) -> PublicDays:
    """Give the package's days with ``years`` in place of, or beyond, its own.

    Raises ValueError when a year is left out, or a day stands under another year.
    """
    names = {holiday.value: holiday.chinese for holiday in published.Holiday}
    holidays = {day: names[name] for day, name in published.holidays.items() if day.year not in years}
    make_up = {day: names[name] for day, name in published.workdays.items() if day.year not in years}
    known = {day.year for day in published.holidays} | set(years)
    if known != set(range(min(known), max(known) + 1)):
        raise ValueError("workdays.yaml leaves out a year")
    for year, days in years.items():
        holidays |= days.get("holidays") or {}
        make_up |= days.get("make_up") or {}
        if any(day.year != year for part in days.values() for day in part or {}):
            raise ValueError(f"workdays.yaml holds a day of another year under {year}")
    return PublicDays(holidays, make_up, date(min(known), 1, 1), date(max(known), 12, 31))

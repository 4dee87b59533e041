"""The diagnosis names the planted cause, is silent on a clean log, counts what it says, and its exports open."""

import csv
import io
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import numpy as np
import polars as pl
import pytest
from bench.diagnosis.run import right, told
from bench.diagnosis.world import PLANTS, world
from hypothesis import given
from hypothesis import strategies as st

from qingdan.core.flow.diagnosis import compare, diagnose, levers
from qingdan.core.flow.diagnosis_messages import evidence, lever
from qingdan.core.flow.eventlog import CASE_SCHEMA, LOG_SCHEMA, cases
from qingdan.core.flow.logexport import csv_chunks, xes_chunks
from qingdan.core.flow.significance import above_zero, discoveries, student_tail
from qingdan.core.flow.signs import Cause
from qingdan.core.worktime import every_day, micros

BEGIN = datetime(2026, 11, 12, 1, tzinfo=UTC)  # nine in the morning in Shanghai


def log(*rows: tuple[str, str, float, str | None, list[str] | None]) -> pl.DataFrame:
    """Make a log of (order, kind, hours after nine, actor, reasons)."""
    return pl.DataFrame(
        [
            {
                "order": order,
                "kind": kind,
                "at": BEGIN + timedelta(hours=at),
                "actor": actor,
                "stage_from": None,
                "stage_to": None,
                "reasons": reasons,
                "channel": "jd",
                "shop": "一店",
            }
            for order, kind, at, actor, reasons in rows
        ],
        schema=LOG_SCHEMA,
    )


def until(hours: float) -> int:
    return micros(BEGIN + timedelta(hours=hours))


@pytest.mark.parametrize("plant", PLANTS)
def test_the_planted_cause_comes_first_with_its_very_place(plant: str) -> None:
    """Three worlds each; the benchmark plays 200."""
    for seed in (500, 501, 502):
        found, value = told(seed, plant)
        assert right(found, plant, value), (seed, value, found.findings)


def test_nothing_is_said_of_clean_logs() -> None:
    assert [told(seed, None)[0].findings for seed in range(600, 605)] == [()] * 5


def test_one_bad_hour_of_a_small_channel_is_luck_and_not_a_cause() -> None:
    events, moment, _ = world(600, None)
    names = events.filter(pl.col("kind") == "arrived").sort("at")["order"][700:725].to_list()
    mine = pl.col("order").is_in(names)
    events = events.with_columns(
        pl.when(mine).then(pl.lit("wechat")).otherwise("channel").alias("channel"),
        pl.when(mine & (pl.col("kind") == "placed"))
        .then(pl.col("at") - pl.duration(hours=10))
        .otherwise("at")
        .alias("at"),
    )
    assert diagnose(cases(events, moment)).findings == ()


STORY = log(
    ("a", "placed", -2, None, None),
    ("a", "arrived", 0, None, ["trust"]),
    ("a", "assigned", 1, "甲", None),
    ("a", "touched", 2.5, "甲", None),
    ("a", "asked", 3, "甲", None),
    ("a", "answered", 7, "主管", None),
    ("a", "assigned", 8, "乙", None),
    ("a", "released", 9, "乙", None),
    ("a", "sent", 10, None, None),
    ("b", "arrived", 1, None, ["trust", "payment"]),
    ("b", "held", 2, "甲", []),
    ("b", "resumed", 4, "甲", None),
    ("c", "arrived", 0, None, None),
    ("c", "released", 1, None, None),
    ("c", "reopened", 2, "丙", None),
    ("d", "placed", 0, None, None),
)


def test_a_case_tells_where_its_hours_went() -> None:
    told_ = {row["order"]: row for row in cases(STORY, until(12)).iter_rows(named=True)}
    assert set(told_) == {"a", "b", "c"}  # the fourth has not reached us
    first = told_["a"]
    assert [first[k] for k in ("lag", "ownerless", "queue", "unclear", "trigger", "open", "handovers")] == [
        2, 1, 1.5, 4, 1, 10, 7,
    ]  # fmt: skip
    assert (first["owner"], first["asks"], first["owners"], first["waits"]) == ("乙", 1, 2, False)
    second = told_["b"]
    assert (second["ownerless"], second["unclear"], second["unruled"], second["waits"]) == (11, 2, 1, True)
    third = told_["c"]
    assert (third["reopens"], third["waits"], third["unclear"], third["open"]) == (1, True, 10, 12)


def test_an_owner_is_idle_only_while_no_order_is_touched() -> None:
    """One works on from order to order and leaves two waiting; the other does nothing for hours, then something."""
    rows = [(f"a{n}", "arrived", 0.0, None, None) for n in range(4)] + [("b", "arrived", 0.0, None, None)]
    rows += [(f"a{n}", "assigned", 0.0, "甲", None) for n in range(4)] + [("b", "assigned", 0.0, "乙", None)]
    rows += [("a0", "touched", 1.0, "甲", None), ("a1", "touched", 2.0, "甲", None), ("b", "touched", 9.0, "乙", None)]
    idle = dict(cases(log(*rows), until(3)).select("order", "idle").iter_rows())
    assert idle == {"a0": 1, "a1": 1, "a2": 1, "a3": 1, "b": 3}


def test_hours_are_working_hours_where_a_calendar_is_given_but_a_late_file_is_late_by_the_wall_clock() -> None:
    office = every_day("09:00-12:00", "13:00-18:00").timeline(
        BEGIN.date() - timedelta(days=1), BEGIN.date() + timedelta(days=1)
    )
    first = cases(STORY, until(12), office).row(0, named=True)
    assert (first["lag"], first["unclear"], first["queue"]) == (2, 3, 1.5)  # three to seven o'clock, lunch taken out


def test_the_lever_is_the_check_that_alone_holds_the_most() -> None:
    piles = (("x", ["message"], 412), ("y", ["payment"], 30), ("z", ["payment", "trust"], 600))
    rows = [(f"{name}{n}", "arrived", 0.0, None, reasons) for name, reasons, count in piles for n in range(count)]
    found = levers(cases(log(*rows), until(1)))
    assert [(each.reason, each.alone, each.orders) for each in found] == [
        ("message", 412, 412), ("payment", 30, 630), ("trust", 0, 600),
    ]  # fmt: skip
    assert "412" in lever(found[0]).text("zh")
    assert lever(found[0]).text("en") == "Check “message” alone holds 412 orders (of 412 that fail it)"


def test_yuan_go_to_the_findings_that_took_the_hours_and_none_is_lost() -> None:
    events, moment, _ = world(501, "delay")
    table = cases(events, moment)
    penalty = dict.fromkeys(table["order"].to_list(), 300)
    found = diagnose(table, penalty=penalty)
    late = found.findings[0]
    assert late.fen == 300 * late.orders
    assert found.causes[0].cause is Cause.SYSTEM_GAP
    assert sum(share.fen for share in found.causes) <= 300 * table.height


@pytest.mark.parametrize("plant", PLANTS)
def test_the_evidence_is_said_in_both_languages(plant: str) -> None:
    found, value = told(502, plant)
    for language in ("zh", "en"):
        message = evidence(found.findings[0])
        said = message.text(language) + message.advice_text(language)
        assert value in said
        assert "{" not in said


def test_two_periods_are_compared_by_what_an_order_loses() -> None:
    before = cases(*world(7, "delay")[:2])
    after = cases(*world(7, None)[:2])
    changes = {change.part: change for change in compare(before, after)}
    assert compare(before, after)[0].part in {"lag", "open"}
    assert changes["lag"].after < changes["lag"].before
    assert changes["lag"].p < 0.01
    assert changes["unclear"].p > 0.01


def test_an_empty_log_has_no_cause() -> None:
    nothing = cases(log(), until(1))
    assert nothing.schema == pl.Schema(CASE_SCHEMA)
    assert diagnose(nothing).findings == ()
    assert compare(nothing, nothing)[0].p == 1


def test_students_tail_is_that_of_the_tables() -> None:
    for t, freedom, p in (
        (1.812, 10, 0.05),
        (2.764, 10, 0.01),
        (6.314, 1, 0.05),
        (1.6602, 100, 0.05),
        (-1.812, 10, 0.95),
    ):
        assert student_tail(t, freedom) == pytest.approx(p, abs=2e-4)
    assert above_zero(np.array([1.0, 2, 3])) == 1  # too few to tell


@given(st.lists(st.floats(0, 1), max_size=12), st.floats(0.01, 0.3))
def test_discoveries_are_those_of_benjamini_and_hochberg(values: list[float], rate: float) -> None:
    ranked = sorted(values)
    cut = max((p for place, p in enumerate(ranked, 1) if p <= rate * place / len(values)), default=-1.0)
    assert discoveries(np.array(values), rate).tolist() == [p <= cut for p in values]


def test_the_csv_opens_in_a_spreadsheet_and_runs_no_formula() -> None:
    rows = log(("=1+1", "arrived", 0, "甲,乙", ["trust", "payment"]), ("b", "sent", 1.5, "+8613800000001", None))
    data = b"".join(csv_chunks(rows))
    assert data.startswith(b"\xef\xbb\xbf")
    read = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert [row["order"] for row in read] == ["'=1+1", "b"]
    assert (read[0]["actor"], read[0]["reasons"]) == ("甲,乙", "trust;payment")
    assert read[1]["actor"].startswith("'+")
    assert read[1]["at"] == "2026-11-12T02:30:00.000000+00:00"


def test_the_xes_holds_every_event_in_its_trace() -> None:
    rows = log(
        ("b", "sent", 3, None, None), ("a<&>", "arrived", 0, '甲\x01"', ["trust"]), ("b", "arrived", 1, None, None)
    )
    root = ET.fromstring(b"".join(xes_chunks(rows)).decode())  # noqa: S314 - our own output
    space = "{http://www.xes-standard.org/}"
    traces = root.findall(f"{space}trace")
    named = [
        (
            trace.find(f"{space}string").get("value"),
            [event.find(f"{space}string").get("value") for event in trace.findall(f"{space}event")],
        )
        for trace in traces
    ]
    assert named == [("a<&>", ["arrived"]), ("b", ["arrived", "sent"])]
    assert 'value="2026-11-12T01:00:00.000000+00:00"' in b"".join(xes_chunks(rows)).decode()
    assert ET.fromstring(b"".join(xes_chunks(log())).decode()) is not None  # noqa: S314

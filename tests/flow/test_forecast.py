"""The burn-down's band holds as often as it says, beats the bootstrap of days, and knows the roster."""

import numpy as np
import pytest
from bench.forecast.run import score
from bench.forecast.world import world

from qingdan.core.flow.forecast import (
    Ahead,
    Forecast,
    History,
    Record,
    TooLittleHistoryError,
    adapted,
    crps,
    forecast,
    track_record,
)


def steady(days: int = 28, *, done: int = 300, arrived: int = 200, heads: float = 10.0) -> History:
    return History(np.full(days, done), np.full(days, arrived), np.full(days, heads), np.arange(days) % 7)


def ahead(heads: list[float]) -> Ahead:
    return Ahead(np.array(heads), np.arange(len(heads)) % 7)


def test_the_band_holds_and_the_bootstrap_is_beaten() -> None:
    """Few teams and coarse days; the benchmark holds 30 teams to 0.80 ± 0.04 at each horizon."""
    found = score(10, every=9, draws=200)
    assert np.all(np.abs(found["cover"] - 0.8) < 0.1), found["cover"]
    assert np.all(found["crps"] < found["bootstrap_crps"])


def test_a_steady_team_is_done_when_arithmetic_says_so() -> None:
    said = forecast(steady(), ahead([10.0] * 14), 1_000, np.random.default_rng(1))
    assert said.cleared(0.5) == 9  # a hundred less each day
    assert said.quantile(0.5)[:3] == pytest.approx([900, 800, 700], abs=5)
    assert forecast(steady(), ahead([10.0] * 5), 1_000, np.random.default_rng(1)).cleared(0.5) is None


def test_more_people_finish_earlier_and_nobody_finishes_nothing() -> None:
    rng = np.random.default_rng
    few = forecast(steady(), ahead([10.0] * 20), 1_000, rng(1)).cleared(0.8)
    more = forecast(steady(), ahead([12.0] * 20), 1_000, rng(1)).cleared(0.8)
    assert few is not None
    assert more is not None
    assert more < few
    closed = forecast(steady(), ahead([0.0, 0.0]), 1_000, rng(1))
    assert closed.quantile(0.5) == pytest.approx([1_200, 1_400], rel=0.02)


def test_known_arrivals_go_before_the_weekdays() -> None:
    promotion = Ahead(np.full(2, 10.0), np.arange(2), np.array([5_000.0, 200.0]))
    said = forecast(steady(), promotion, 0, np.random.default_rng(1))
    assert said.quantile(0.5) == pytest.approx([4_700, 4_600], rel=0.02)


def test_the_same_seed_gives_the_same_forecast() -> None:
    made = world(1)
    days = slice(101, 108)
    ahead_ = Ahead(made.days.heads[days], made.days.weekday[days])
    runs = [forecast(made.until(100), ahead_, 500, np.random.default_rng(3)).paths.tobytes() for _ in range(2)]
    assert runs[0] == runs[1]


def test_too_little_history_is_said_and_not_guessed() -> None:
    with pytest.raises(TooLittleHistoryError, match="10 days"):
        forecast(steady(9), ahead([10.0]), 100, np.random.default_rng(1))


def test_the_later_date_is_the_surer_one() -> None:
    made = world(2)
    days = slice(101, 131)
    said = forecast(
        made.until(100), Ahead(made.days.heads[days] * 1.4, made.days.weekday[days]), 1_500, np.random.default_rng(1)
    )
    middle, sure = said.cleared(0.5), said.cleared(0.8)
    assert middle is not None
    assert sure is not None
    assert middle <= sure
    low, high = said.band()
    assert np.all(low <= said.quantile(0.5))
    assert np.all(said.quantile(0.5) <= high)


def test_misses_widen_the_band_and_hits_narrow_it_until_it_holds() -> None:
    """A model that is twice too sure of itself ends with a band about twice as wide."""
    rng = np.random.default_rng(2)
    scale, hits = np.ones(1), []
    for _ in range(3_000):
        edge = 0.5 * 1.2816 * scale
        real = rng.standard_normal(1)
        hits.append(bool(abs(real[0]) <= edge[0]))
        scale = adapted(scale, -edge, edge, real)
    assert np.mean(hits[300:]) == pytest.approx(0.8, abs=0.02)
    assert scale[0] == pytest.approx(2, rel=0.3)
    unknown = np.array([np.nan])
    assert adapted(scale, unknown, unknown, unknown) == scale


def test_the_record_counts_what_could_be_checked() -> None:
    low, high = [0.0] * 40, [10.0] * 40
    real = [20.0] * 9 + [5.0] * 24 + [20.0] * 6 + [np.nan]
    assert track_record(low, high, real) == Record(24, 30)
    assert track_record(low, high, [np.nan] * 40) == Record(0, 0)


def test_crps_of_a_sample_is_its_definition() -> None:
    rng = np.random.default_rng(5)
    paths, real = rng.normal(size=(60, 2)), np.array([0.3, -2.0])
    pairs = np.abs(paths[:, None, :] - paths[None, :, :]).mean(axis=(0, 1)) / 2
    assert crps(paths, real) == pytest.approx(np.abs(paths - real).mean(axis=0) - pairs)


def test_a_scale_stretches_the_band_about_its_middle() -> None:
    paths = np.linspace(100, 200, 101)[:, None]
    low, high = Forecast(paths, np.array([2.0])).band()
    assert (low[0], high[0]) == (pytest.approx(70), pytest.approx(230))

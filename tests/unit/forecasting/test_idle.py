"""Runs without a sale, told from chance."""

from datetime import date

import numpy as np
import pytest

from forecasting.history import History
from forecasting.idle import idle_runs
from forecasting.shifts import level_shifts
from parstock.domain import DemandPanel, Floats

START = date(2024, 1, 1)
DAYS = 300


def sold(rate: float, days: int = DAYS, seed: int = 0, items: int = 1) -> Floats:
    """Items that sell at a rate."""
    return np.random.default_rng(seed).poisson(rate, size=(items, days)).astype(float)


def test_zeros_before_the_first_sale_are_before_the_launch_where_they_are_too_many() -> None:
    """An item that sells daily was not on sale for a hundred days; of one that sells once a month nothing is said."""
    brisk, rare = sold(2.0), np.zeros((1, DAYS))
    brisk[0, :100] = 0.0
    rare[0, [40, 90, 155, 210, 260]] = 1.0

    first = int((brisk > 0).argmax())
    assert idle_runs(brisk).before.sum() == first
    assert not idle_runs(rare).before.any()


def test_an_impossible_gap_is_found_and_a_natural_one_is_not() -> None:
    """Sixty days without a sale of an item that sells every other day are no chance; fourteen of a slow one are."""
    demand = np.concatenate([sold(0.7), sold(0.1)])
    demand[:, 150:210] = 0.0
    gap = idle_runs(demand).gap

    assert gap[0].sum() >= 60
    assert gap[0, 150:210].all()
    assert not gap[1].any()


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.5, 3.0])
def test_chance_alone_is_rarely_taken_for_anything(rate: float) -> None:
    """Of a thousand items that sell at a constant rate, next to none has a gap, a launch, or a change of level."""
    demand = sold(rate, items=1000)
    found = idle_runs(demand)

    assert found.gap.any(axis=1).sum() <= 2
    assert found.before.any(axis=1).sum() <= 25
    assert (found.end_days > 0).sum() <= 25
    assert (level_shifts(demand).column >= 0).sum() <= 1


def test_a_gap_is_left_out_of_the_history_and_the_end_is_not() -> None:
    """The history has NaN in the gap and keeps the zeros after the last sale."""
    demand = sold(2.0)
    demand[0, 100:160] = demand[0, 270:] = 0.0
    history = History.of(DemandPanel(("a",), START, demand))

    assert np.isnan(history.demand[0, 100:160]).all()
    assert not history.demand[0, 270:].any()
    assert history.known_days[0] <= DAYS - 60


def test_an_item_is_not_refused_for_what_was_left_out() -> None:
    """Three sales in the last week after a year of zeros are kept with the year: too little would be left."""
    demand = np.zeros((1, DAYS))
    demand[0, -6:-3] = 2.0
    history = History.of(DemandPanel(("a",), START, demand))

    assert history.status == ("ok",)
    assert np.isfinite(history.demand).all()


def test_what_all_items_do_together_is_no_change_of_level_of_one() -> None:
    """A season that lifts the whole shop is not told of each item."""
    demand = sold(10.0, items=60)
    demand[:, 200:] += sold(20.0, days=100, items=60, seed=1)
    alone = level_shifts(demand[:1])

    assert alone.column[0] >= 0
    assert not (level_shifts(demand).column >= 0).any()


def test_a_drifting_level_is_no_step() -> None:
    """Random walks without a step are rarely said to have one."""
    rng = np.random.default_rng(0)
    level = np.exp(np.cumsum(rng.normal(0, 0.01, size=(500, 364)), axis=1)) * 20
    assert (level_shifts(rng.poisson(level).astype(float)).column >= 0).mean() <= 0.1

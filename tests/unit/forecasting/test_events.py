"""Planning events on forecasts: what is multiplied, and what is left alone to the bit."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.events import apply_events
from parstock.domain import Forecast, Item, PlanningEvent

START = date(2026, 6, 1)
SKUS = ("mug", "pan", "kite", "rope")
ITEMS = {
    "mug": Item("mug", "Mug", "Kitchen", "YB", 1.0, 2.0),
    "pan": Item("pan", "Pan", "Kitchen", "KR", 1.0, 2.0),
    "kite": Item("kite", "Kite", "Toys", "YB", 1.0, 2.0),
}
"""The fourth item is sold and not recorded."""


def _forecast(*, whole: bool = True, paths: int = 200, days: int = 28) -> Forecast:
    rng = np.random.default_rng(3)
    units = rng.poisson(4.0, (len(SKUS), paths, days)) * (1.0 if whole else 0.37)
    return Forecast(SKUS, START, units.astype(np.float32), ("m",) * 4, ("ok",) * 4, ("r",) * 4)


def _event(pct: float, first: int | None = 5, last: int | None = 9, **scope: Any) -> PlanningEvent:
    start = None if first is None else START + timedelta(days=first)
    end = None if last is None else START + timedelta(days=last)
    return PlanningEvent("demand_change", start=start, end=end, pct=pct, status="confirmed", id="ev", **scope)


def _inside(rows: list[int], first: int = 5, last: int = 9, days: int = 28) -> np.ndarray:
    cells = np.zeros((len(SKUS), days), dtype=np.bool_)
    cells[rows, first : last + 1] = True
    return cells


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("pct", [40.0, -35.0, 12.5, 0.4])
def test_demand_moves_by_the_percentage_inside_and_not_by_a_bit_outside(whole: bool, pct: float) -> None:
    """Inside the window the mean of each day is multiplied; other days and other items keep their bits."""
    before = _forecast(whole=whole)
    after = apply_events(before, [_event(pct, item="mug")], ITEMS)
    cells = _inside([0])

    assert after.paths.dtype == np.float32
    outside = np.broadcast_to(~cells[:, None], before.paths.shape)
    assert before.paths[outside].tobytes() == after.paths[outside].tobytes()
    np.testing.assert_allclose(after.mean()[cells], (1 + pct / 100) * before.mean()[cells], atol=1 / 200 if whole else 1e-5)
    np.testing.assert_allclose(after.effects["event"], after.mean() - before.mean(), atol=1e-5)
    assert not after.effects["event"][~cells].any()


def test_whole_units_stay_whole_and_next_to_what_they_were_times() -> None:
    """Each unit of each path is rounded up or down, none goes below zero, and a path without a sale gets none."""
    before = _forecast()
    after = apply_events(before, [_event(40.0, item="mug")], ITEMS)
    exact = before.paths[0, :, 5:10].astype(np.float64) * 1.4

    assert (after.paths == np.rint(after.paths)).all()
    assert (np.abs(after.paths[0, :, 5:10] - exact) < 1).all()
    assert not after.paths[0, :, 5:10][before.paths[0, :, 5:10] == 0].any()


def test_rounding_adds_no_spread_over_days() -> None:
    """The total of a path over many days is the multiplied total to within a unit or two: no path is always rounded up."""
    steady = replace(_forecast(), paths=np.ones((4, 200, 28), dtype=np.float32))
    totals = apply_events(steady, [_event(40.0, None, None)], ITEMS).total()

    assert np.abs(totals - 1.4 * 28).max() < 2.5


@pytest.mark.parametrize(
    ("scope", "rows"),
    [
        ({}, [0, 1, 2, 3]),
        ({"item": "kite"}, [2]),
        ({"item": "rope"}, [3]),
        ({"category": "Kitchen"}, [0, 1]),
        ({"supplier": "YB"}, [0, 2]),
        ({"category": "Kitchen", "supplier": "YB"}, [0]),
        ({"item": "mug", "category": "Toys"}, []),
        ({"item": "nobody"}, []),
    ],
)
def test_an_event_meets_what_fits_all_that_it_names(scope: dict[str, Any], rows: list[int]) -> None:
    """Item, category and supplier narrow together; nothing named means all items."""
    before = _forecast()
    after = apply_events(before, [_event(-100.0, **scope)], ITEMS)

    np.testing.assert_array_equal((after.paths != before.paths).any(axis=(1, 2)).nonzero()[0], rows)
    assert not after.paths[rows, :, 5:10].any()


@pytest.mark.parametrize(
    ("first", "last", "columns"),
    [(None, 3, range(4)), (25, None, range(25, 28)), (None, None, range(28)), (-9, 2, range(3)), (26, 90, range(26, 28)),
     (30, 40, range(0)), (-9, -2, range(0)), (7, 7, range(7, 8))],
)  # fmt: skip
def test_days_are_counted_from_the_forecast_s_own(first: int | None, last: int | None, columns: range) -> None:
    """Both ends are included, open ends reach to the edge, and days outside the horizon change nothing."""
    before = _forecast()
    after = apply_events(before, [_event(-100.0, first, last, item="pan")], ITEMS)

    np.testing.assert_array_equal((after.paths[1] != before.paths[1]).any(axis=0).nonzero()[0], list(columns))


def test_events_of_one_day_multiply() -> None:
    """Where windows overlap the factors multiply, whatever the order, and rounding happens once."""
    before = _forecast()
    events = [_event(50.0, 5, 9, item="mug"), _event(20.0, 8, 12, category="Kitchen")]
    after = apply_events(before, events, ITEMS)
    expected = np.ones(28)
    expected[5:10] *= 1.5
    expected[8:13] *= 1.2

    np.testing.assert_allclose(after.mean()[0], expected * before.mean()[0], atol=1 / 200)
    np.testing.assert_array_equal(apply_events(before, events[::-1], ITEMS).paths, after.paths)


def test_only_confirmed_changes_of_demand_count() -> None:
    """Proposed and withdrawn ones, other types and 0 percent give the very same forecast back."""
    before = _forecast()
    others = [replace(_event(40.0), status="proposed"), replace(_event(40.0), status="withdrawn"), _event(0.0)]
    others += [PlanningEvent("discontinue", item="mug", end=START, status="confirmed")]
    others += [PlanningEvent("unit_cost_change", item="mug", pct=40.0, status="confirmed")]

    assert apply_events(before, others, ITEMS) is before
    assert apply_events(before, [], ITEMS) is before


def test_a_warehouse_s_event_changes_its_share() -> None:
    """On a forecast of all warehouses it changes what that one serves; on another's forecast nothing; on its own everything."""
    before = _forecast(whole=False)
    event = _event(40.0, warehouse="LON")
    shares = {"LON": {"mug": 0.25, "pan": 1.0}}
    ratio = apply_events(before, [event], ITEMS, shares=shares).mean()[:, 6] / before.mean()[:, 6]

    np.testing.assert_allclose(ratio, [1.1, 1.4, 1.0, 1.0], rtol=1e-6)
    np.testing.assert_allclose(
        apply_events(before, [event], ITEMS, warehouse="LON").mean()[:, 6], 1.4 * before.mean()[:, 6], rtol=1e-6
    )
    assert apply_events(before, [event], ITEMS, warehouse="ROTT") is before
    assert apply_events(before, [event], ITEMS) is before


def test_an_item_gets_the_same_units_alone_and_among_others() -> None:
    """The rounding depends on the item's paths and the date alone: not on the other items, nor on the horizon."""
    before, events = _forecast(), [_event(37.0, 3, 20)]
    together = apply_events(before, events, ITEMS)

    np.testing.assert_array_equal(apply_events(before.rows([2]), events, ITEMS).paths[0], together.paths[2])
    np.testing.assert_array_equal(apply_events(before.days(9), events, ITEMS).paths, together.paths[:, :, :9])


def test_effects_of_other_drivers_are_kept() -> None:
    """The change is added to what events did before, and other effects stay as they are."""
    holiday = np.ones((4, 28))
    before = replace(_forecast(), effects={"holiday": holiday, "event": np.full((4, 28), 2.0)})
    after = apply_events(before, [_event(100.0, item="mug")], ITEMS)

    assert after.effects["holiday"] is holiday
    np.testing.assert_allclose(after.effects["event"][0, 5:10], 2.0 + before.mean()[0, 5:10])
    assert (after.effects["event"][1:] == 2.0).all()
    assert (before.effects["event"] == 2.0).all()


@settings(max_examples=60, deadline=None)
@given(
    pct=st.floats(-100.0, 900.0),
    first=st.integers(-5, 15),
    days=st.integers(1, 20),
    rate=st.floats(0.01, 300.0),
    seed=st.integers(0, 99),
)
def test_any_event_keeps_means_units_and_bits(pct: float, first: int, days: int, rate: float, seed: int) -> None:
    """For any demand, percentage and window: whole, never negative, the mean multiplied, nothing else touched."""
    units = np.random.default_rng(seed).poisson(rate, (1, 50, 10)).astype(np.float32)
    before = Forecast(("mug",), START, units, ("m",), ("ok",))
    after = apply_events(before, [_event(pct, first, first + days - 1)], ITEMS)
    inside = np.zeros(10, dtype=np.bool_)
    inside[max(0, first) : max(0, first + days)] = True

    assert (after.paths == np.rint(after.paths)).all()
    assert (after.paths >= 0).all()
    np.testing.assert_array_equal(after.paths[:, :, ~inside], before.paths[:, :, ~inside])
    scaled = before.mean()[:, inside] * (1 + pct / 100)
    np.testing.assert_allclose(after.mean()[:, inside], scaled, atol=1 / 50 + 1e-6)

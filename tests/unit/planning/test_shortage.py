"""What a warehouse loses, needs and can spare."""

import numpy as np
import pytest

from planning.shortage import lost, lost_by_day, need, net_demand


def futures(seed: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Demand [2, 50, 20], arrivals [2, 20] and free units [2]."""
    rng = np.random.default_rng(seed)
    return (
        rng.poisson(3.0, (2, 50, 20)).astype(np.float32),
        rng.integers(0, 9, (2, 20)) * (rng.random((2, 20)) < 0.3) * 1.0,
        np.array([12.0, 0.0]),
    )


@pytest.mark.parametrize("day", [0, 1, 7, 19])
def test_units_lost_are_those_lived_through_day_by_day(day: int) -> None:
    """The highest climb of net demand above the stock is what day-by-day bookkeeping loses from a day on."""
    demand, arrivals, free = futures()
    found = lost(need(net_demand(demand, arrivals, 20, 0), free, day), np.zeros(2))

    for row in range(2):
        assert found[row] == pytest.approx(lost_by_day(demand[row], free[row], arrivals[row], day), abs=1e-4)


@pytest.mark.parametrize("units", [1.0, 5.0, 30.0])
def test_a_delivery_saves_what_bookkeeping_says(units: float) -> None:
    """Units that come on day 6 lower later losses by as much as a simulation with them does."""
    demand, arrivals, free = futures()
    needed = need(net_demand(demand, arrivals, 20, 0), free, 6)
    more = arrivals.copy()
    more[:, 6] += units

    for row in range(2):
        saved = lost(needed, np.zeros(2))[row] - lost(needed, np.full(2, units))[row]
        before, after = (lost_by_day(demand[row], free[row], kind[row]) for kind in (arrivals, more))
        assert saved == pytest.approx(before - after, abs=1e-4)


def test_paths_go_on_beyond_their_horizon() -> None:
    """A lead time longer than the forecast is looked through, on weeks of the same path."""
    demand, _, free = futures()
    net = net_demand(demand, np.zeros((2, 40)), 40, 0)
    assert net.shape == (2, 50, 40)
    assert (need(net, free, 0) > need(net[:, :, :20], free, 0)).all()

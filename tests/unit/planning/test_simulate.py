"""Stock lived through day by day, against hand computation and against queueing identities."""

import numpy as np
import pytest

from parstock.domain import Floats
from parstock.errors import InputError
from planning.simulate import Ordering, Past, Start, simulate


def up_to(level: float) -> Ordering:
    """Order up to a level."""
    return lambda past: np.maximum(level - past.position, 0.0)


def test_a_week_by_hand() -> None:
    """Three a day from four, and eight that were ordered on day 0 and take two days: day by day as on paper."""
    demand = np.full((1, 6), 3.0)
    flow = simulate(demand, Start.of(np.array([4.0])), lambda past: np.array([8.0 * (past.day == 0)]), 2, review_days=3)

    assert flow.stock.tolist() == [[1.0, 0.0, 5.0, 2.0, 0.0, 0.0]]
    assert flow.short.tolist() == [[0.0, 2.0, 0.0, 0.0, 1.0, 3.0]]
    assert flow.ordered.tolist() == [[8.0, 0.0]]
    assert flow.fill_rate == pytest.approx(12 / 18)


def test_demand_that_waits_is_served_first() -> None:
    """With backorders the shelf goes below zero and what arrives serves those who wait."""
    demand = np.array([[5.0, 0.0, 0.0, 1.0]])
    order = lambda past: np.array([10.0 * (past.day == 0)])  # noqa: E731 - one line of a test
    flow = simulate(demand, Start.of(np.array([2.0])), order, 2, review_days=10, backorders=True)

    assert flow.stock.tolist() == [[-3.0, -3.0, 7.0, 6.0]]
    assert flow.short.sum() == 3.0
    assert flow.position.tolist() == [6.0]


@pytest.mark.parametrize("backorders", [False, True])
def test_no_unit_appears_or_is_lost(backorders: bool) -> None:
    """Start + coming + ordered - sold is what is there and on the way at the end, whatever the lead times."""
    rng = np.random.default_rng(2)
    demand = rng.poisson(4.0, (30, 60)).astype(np.float64)
    coming = rng.poisson(0.2, (30, 70)).astype(np.float64)
    start, lead = Start(rng.poisson(20.0, 30).astype(np.float64), coming), rng.integers(0, 25, (30, 9))
    flow = simulate(demand, start, up_to(70.0), lead, backorders=backorders)

    sold = demand.sum(axis=1) - (0.0 if backorders else flow.short.sum(axis=1))
    ends = start.on_hand + coming.sum(axis=1) + flow.ordered.sum(axis=1) - sold
    assert flow.position == pytest.approx(ends)
    assert backorders or flow.stock.min() >= 0


def test_an_order_never_overtakes_an_earlier_one() -> None:
    """A quick order after a slow one arrives with it."""
    flow = simulate(np.zeros((1, 21)), Start.of(np.zeros(1)), lambda past: np.ones(1), np.array([[15, 2, 2]]))

    assert flow.arrives.tolist() == [[15, 15, 16]]
    assert flow.stock[0, [14, 15, 16]].tolist() == [0.0, 2.0, 3.0]


def test_whoever_orders_sees_only_the_past() -> None:
    """On each review day demand of the days before is shown, and nothing else; what is shown cannot change the stock."""
    demand = np.arange(15.0)[None, :].repeat(2, axis=0)
    seen: list[tuple[int, Floats]] = []

    def order(past: Past) -> Floats:
        seen.append((past.day, past.demand.copy()))
        past.on_hand[:] = 1e9
        return np.zeros(2)

    flow = simulate(demand, Start.of(np.zeros(2)), order, 1)
    assert [day for day, _ in seen] == [0, 7, 14]
    assert all((known == demand[:, :day]).all() for day, known in seen)
    assert flow.short.sum() == demand.sum()


def test_base_stock_reaches_its_cycle_service() -> None:
    """Poisson demand, order up to the 95 % quantile of lead time + review: about 95 % of the cycles have no shortage."""
    demand = np.random.default_rng(8).poisson(3.0, (400, 365)).astype(np.float64)
    level = 77.0  # the 95 % quantile of Poisson(63), 21 days at 3 a day: P(X <= 76) = 0.952, P(X <= 75) = 0.940
    flow = simulate(demand, Start.of(np.full(400, level)), up_to(level - 1), 14, backorders=True)

    assert float(np.nanmean(flow.cycle_service(28))) == pytest.approx(0.952, abs=0.006)


def test_cycles_are_judged_from_arrival_to_arrival() -> None:
    """A shortage spoils the cycle that it falls in and no other; cycles cut off by the end or before a day are not judged."""
    demand = np.zeros((1, 35))
    demand[0, 16] = 9.0
    flow = simulate(demand, Start.of(np.ones(1)), lambda past: np.zeros(1), 7)

    assert flow.arrives.tolist() == [[7, 14, 21, 28, 35]]
    assert flow.cycle_service().tolist() == [0.75]
    assert flow.cycle_service(21).tolist() == [1.0]
    assert np.isnan(flow.cycle_service(30)[0])


def test_what_makes_no_sense_is_refused() -> None:
    """Negative orders and lead times, and arrays that do not fit, are named."""
    demand, start = np.ones((2, 7)), Start.of(np.ones(2))
    with pytest.raises(InputError, match="order of day 0"):
        simulate(demand, start, lambda past: -np.ones(2), 1)
    with pytest.raises(InputError, match="lead_days"):
        simulate(demand, start, lambda past: np.ones(2), -1)
    with pytest.raises(InputError, match="rows"):
        simulate(demand, Start.of(np.ones(3)), lambda past: np.ones(2), 1)

"""Online ordering learns demand and the supplier, and refuses what cannot be."""

import numpy as np
import pytest

from parstock.errors import InputError
from planning.online import OnlinePolicy, OnlineTerms
from planning.online_demand import Draws, Learning, OnlineDemand
from planning.supply import OrderBook

DRAWS = Draws.of(64, np.random.default_rng(0))


def terms(items: int = 1, promised: int = 0, periods: int = 30, profit: float = 4.0) -> OnlineTerms:
    """Costs of 1 for holding."""
    return OnlineTerms(np.full(items, profit), np.ones(items), promised, periods)


def lived(jump: float) -> OnlineDemand:
    """Demand of 100 for 25 periods, then `jump` for four."""
    rng = np.random.default_rng(1)
    demand = OnlineDemand(rng.normal(100, 10, (1, 5)))
    for level in [100.0] * 20 + [jump] * 4:
        demand.observe(np.array([max(level + 10 * rng.standard_normal(), 0.0)]))
    return demand


def test_a_change_of_regime_is_followed_within_four_periods() -> None:
    """After demand halves or doubles, four periods bring the sampled mean most of the way."""
    for level in (50.0, 200.0):
        assert lived(level).sample(3, DRAWS).mean() == pytest.approx(level, rel=0.25)


def test_steady_demand_is_trusted_to_the_slow_smoothers() -> None:
    """Without a change, the mean of everything and the slowest smoother outweigh the fastest."""
    weights = lived(100.0).weights.reshape(2, -1).sum(axis=0)

    assert weights.sum() == pytest.approx(1.0)
    assert weights[:2].sum() > 10 * weights[4]


def test_the_first_order_covers_lead_time_demand() -> None:
    """With nothing on the way the first order is for one period of cover at least, and more with a dearer shortage."""
    nothing = OrderBook(np.zeros((1, 0)), np.zeros((1, 0)))
    first = np.array([[18.0, 22.0, 20.0, 19.0, 21.0]])
    cheap, dear = (OnlinePolicy(terms(1, 2, profit=profit), first).order(np.zeros(1), nothing)[0] for profit in (1.0, 19.0))

    assert 15 <= cheap <= dear <= 60


def test_an_overdue_order_is_replaced() -> None:
    """After deliveries that were all on time, an order that is long overdue no longer holds a new one back."""
    first = np.full((2, 5), 20.0) + np.arange(5) % 2
    policy = OnlinePolicy(terms(2, 1), first)
    placed = np.zeros((2, 12))
    arrived = np.full((2, 12), np.inf)
    placed[:, :8] = 20.0
    arrived[:, :8] = np.arange(1, 9)
    placed[0, 7], arrived[0, 7] = 200.0, np.inf
    placed[1, 11] = 200.0
    for _ in range(12):
        policy.observe(np.full(2, 20.0))
    lost, coming = policy.order(np.zeros(2), OrderBook(placed, arrived))

    assert lost >= 20
    assert coming == 0


def test_demand_of_nothing_needs_no_order() -> None:
    """An item that nobody asks for is soon not ordered."""
    policy = OnlinePolicy(terms(), np.zeros((1, 5)))
    for _ in range(10):
        policy.observe(np.zeros(1))

    assert policy.order(np.zeros(1), OrderBook(np.zeros((1, 10)), np.full((1, 10), np.inf)))[0] == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"unit_profit": np.array([0.0])}, "unit_profit"),
        ({"holding_cost": np.array([np.nan])}, "holding_cost"),
        ({"promised_lead_time": -1}, "promised_lead_time"),
        ({"promised_lead_time": 31}, "promised_lead_time"),
        ({"periods": 0}, "periods"),
    ],
)
def test_terms_that_cannot_be_are_refused(changes: dict[str, object], field: str) -> None:
    """A cost of nothing, a negative promise or one too long to sample, and no periods are input errors."""
    values: dict[str, object] = {
        "unit_profit": np.ones(1),
        "holding_cost": np.ones(1),
        "promised_lead_time": 2,
        "periods": 10,
    }
    with pytest.raises(InputError) as caught:
        OnlineTerms(**{**values, **changes})  # type: ignore[arg-type]
    assert caught.value.field == field


def test_demand_and_settings_that_cannot_be_are_refused() -> None:
    """Negative or unknown demand, no history, and shares outside 0 to 1 are input errors."""
    for first in (np.array([[-1.0]]), np.array([[np.nan]]), np.zeros((1, 0)), np.zeros(3)):
        with pytest.raises(InputError):
            OnlineDemand(first)
    for wrong in ({"speeds": (1.5,)}, {"evidence_kept": -0.1}, {"powers": ()}):
        with pytest.raises(InputError):
            Learning(**wrong)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="none is left"):
        OnlinePolicy(terms(periods=1), np.ones((1, 2))).order(np.zeros(1), OrderBook(np.zeros((1, 1)), np.full((1, 1), np.inf)))
    with pytest.raises(InputError, match="rows"):
        OnlinePolicy(terms(2), np.ones((1, 2)))

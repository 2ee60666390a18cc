"""Lead times and lost orders are learned from what came and when."""

import numpy as np
import pytest

from parstock.errors import InputError
from planning.supply import NEVER, LeadTimeBelief, OrderBook, learn_lead_times


def book(lead_times: list[float], now: int | None = None) -> OrderBook:
    """One item's orders, one a period, seen at the start of period `now`."""
    periods = len(lead_times) if now is None else now
    placed = np.zeros((1, periods))
    arrived = np.full((1, periods), np.inf)
    for period, lead_time in enumerate(lead_times):
        placed[0, period] = 10
        if period + lead_time < periods:
            arrived[0, period] = period + lead_time
    return OrderBook(placed, arrived)


def test_punctual_deliveries_make_losses_incredible() -> None:
    """After twenty orders on time, nearly all of the next one's probability is on the promised lead time."""
    belief = learn_lead_times(book([2.0] * 20, 30), promised=2)
    at_promise = belief.survival[0, 1] - belief.survival[0, 2]

    assert at_promise > 0.97
    assert belief.lost()[0] < 0.005


def test_the_share_of_lost_orders_is_learned_without_being_told() -> None:
    """With a quarter of many orders never arriving, and the rest after 1, 2 or 3 periods, a new order is lost with about 1/4."""
    lead_times = list(np.random.default_rng(2).permutation([1.0, 2.0, 3.0, np.inf] * 50))
    belief = learn_lead_times(book(lead_times, 215), promised=2)

    assert belief.lost()[0] == pytest.approx(0.25, abs=0.02)


def test_an_order_is_the_more_likely_lost_the_later_it_is() -> None:
    """By Bayes with lead times 1, 2, 3 and never, equally likely: lost with 1/4, 1/3, 1/2 and 1 at ages 1 to 4."""
    belief = LeadTimeBelief(np.array([[1.0, 0.75, 0.5, 0.25, 0.25]]))

    assert [belief.lost(age)[0] for age in (1, 2, 3, 4, 9)] == pytest.approx([1 / 4, 1 / 3, 1 / 2, 1.0, 1.0])


def test_what_is_on_the_way_is_phased_in_time() -> None:
    """From a supplier that is late only when an order is lost, each open order comes in its own period, an overdue one never."""
    punctual = LeadTimeBelief(np.array([[1.0, 1.0, 0.01, 0.01]]))
    placed = np.array([[7.0, 5.0, 3.0]])
    arrived = np.full((1, 3), np.inf)
    coming = punctual.arrivals(OrderBook(placed, arrived), np.full((4, 3), 0.5), horizon=3)

    np.testing.assert_array_equal(coming, np.broadcast_to([5.0, 3.0, 0.0], (1, 4, 3)))


def test_drawn_lead_times_have_the_believed_frequencies() -> None:
    """Inversion at evenly spread numbers gives each lead time its share, `NEVER` among them."""
    uniform = (np.arange(100) + 0.5) / 100
    drawn = LeadTimeBelief(np.array([[1.0, 0.75, 0.5, 0.25]])).draw(uniform)

    assert {int(value): int((drawn == value).sum()) for value in np.unique(drawn)} == {1: 25, 2: 25, 3: 25, NEVER: 25}


@pytest.mark.parametrize(
    ("placed", "arrived", "field"),
    [
        (np.array([[-1.0]]), np.array([[np.inf]]), "placed"),
        (np.array([[np.nan]]), np.array([[np.inf]]), "placed"),
        (np.array([[1.0, 1.0]]), np.array([[np.inf, 0.0]]), "arrived"),
        (np.array([[1.0]]), np.array([[1.0]]), "arrived"),
        (np.array([[1.0]]), np.array([[np.nan]]), "arrived"),
        (np.ones((1, 2)), np.ones((1, 1)), "arrived"),
    ],
)
def test_books_that_cannot_be_are_refused(placed: np.ndarray, arrived: np.ndarray, field: str) -> None:  # type: ignore[type-arg]
    """Negative or unknown units, and arrivals before their order or in the future, are input errors."""
    with pytest.raises(InputError) as caught:
        OrderBook(placed, arrived)
    assert caught.value.field == field

"""Lead times in days are learned from past orders; late orders count with the chance that they still come."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from parstock.domain import InboundOrder, Supplier
from parstock.errors import InputError
from planning.base import Deliveries
from planning.deliveries import PRIOR_ORDERS, SupplierBelief, learn_suppliers
from planning.supply import NEVER

Maker = Callable[..., Any]
TODAY = date(2025, 6, 2)
STRATA = (np.arange(400) + 0.5) / 400


def learned(days: list[float], came: list[bool] | None = None, *, mean: float = 20.0, sd: float = 3.0) -> SupplierBelief:
    """The belief about one supplier after such orders."""
    past = Deliveries(np.array(["S"] * len(days)), np.array(days), np.array(came or [True] * len(days)))
    return learn_suppliers({"S": Supplier("S", "S", mean, sd)}, past)["S"]


def test_many_orders_outweigh_what_the_supplier_states() -> None:
    """After 200 orders of about 30 days the lead time is 30, whatever was promised; with none it is what was promised, about."""
    days = list(np.random.default_rng(1).normal(30, 2, 200))

    assert (learned(days).mean_days, learned(days).spread_days) == pytest.approx((30.0, 2.5), abs=0.8)
    assert learned([]).mean_days == pytest.approx(20, abs=1.5)
    assert learned([]).orders == 0


def test_a_few_orders_move_the_belief_by_their_weight() -> None:
    """As many orders as the prior weighs move the mean about half of the way."""
    before, after = learned([]).mean_days, learned([40.0] * int(PRIOR_ORDERS)).mean_days

    assert after == pytest.approx((before + 40) / 2, abs=1.0)


def test_orders_that_never_came_make_losses_likely() -> None:
    """Where three of ten orders are missing for a year, a new one is lost with about that chance; where none is, hardly ever."""
    days = [20.0] * 70 + [365.0] * 30

    assert learned(days, [True] * 70 + [False] * 30).lost(20) == pytest.approx(0.3, abs=0.03)
    assert learned([20.0] * 100).lost(20) < 0.005


def test_an_order_is_the_more_likely_lost_the_later_it_is() -> None:
    """The chance that it never comes rises with every week, to certainty; draws show the same share."""
    belief = learned([20.0] * 10)
    chances = [belief.lost(due) for due in (3, -1, -8, -15, -22, -90)]
    drawn = belief.draw_open(STRATA, -8)

    assert chances == sorted(chances)
    assert (chances[0] < 0.02, chances[-1]) == (True, 1.0)
    assert float((drawn == NEVER).mean()) == pytest.approx(chances[2], abs=0.01)
    assert drawn[drawn < NEVER].min() >= 0


def test_an_order_with_a_day_of_its_own_is_late_or_early_by_that_day() -> None:
    """Due in sixty days from a supplier of twenty, an order comes about the sixtieth day."""
    assert float(np.median(learned([20.0] * 30).draw_open(STRATA, 60))) == 60.0


def test_impossible_past_orders_are_refused() -> None:
    """An order received before it was placed is an error that names the field."""
    with pytest.raises(InputError, match="received_on") as caught:
        learned([-3.0])
    assert caught.value.field == "received_on"


def test_plans_follow_the_lead_times_that_were_learned(make_shop: Maker) -> None:
    """Forty orders that took 14 days instead of 9 raise the order of that supplier's item alone, and the line says why."""
    shop = make_shop(2, constant=True)
    before = shop.plan().lines
    shop.terms = replace(shop.terms, deliveries=Deliveries(np.array(["S0"] * 40), np.full(40, 14.0), np.ones(40, dtype=np.bool_)))
    line, other = shop.plan().lines
    (fact,) = (fact for fact in line.facts if fact.what == "supplier.learned_lead_time")

    assert line.quantity >= before[0].quantity + 40
    assert line.lead_time_days == pytest.approx(13.6, abs=0.5)
    assert other == before[1]
    assert "40 past orders" in fact.en


def test_an_overdue_order_counts_with_the_chance_that_it_comes(make_shop: Maker) -> None:
    """Of 60 units due today all count; three weeks later few do, the order is larger, and the line says how many."""
    shop = make_shop(1, constant=True)
    shop.stock["A0"] = replace(shop.stock["A0"], on_order=60)
    quantities, counted = [], []
    for late in (0, 7, 21, 60):
        due = TODAY - timedelta(days=late)
        shop.inbound = [InboundOrder("P1", "A0", "", "S0", 60, due - timedelta(days=9), due)]
        line = shop.plan().lines[0]
        quantities.append(line.quantity)
        counted += [fact.value for fact in line.facts if fact.what == "orders.counted"]

    assert quantities == sorted(quantities)
    assert (quantities[0], quantities[-1]) == (65, 125)
    assert 60 > counted[0] > counted[1] > counted[2] == 0

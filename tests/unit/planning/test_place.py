"""One place as single numbers agrees with the plan that looks at many futures."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from parstock.domain import InboundOrder, PlanningEvent
from planning.base import Deliveries
from planning.place import Place

Maker = Callable[..., Any]
TODAY = date(2025, 6, 2)


def place(shop: Any) -> Place:
    """The shop as one place."""
    suppliers = [shop.suppliers[item.supplier] for item in shop.items]
    return Place.of(shop.items, suppliers, [shop.stock[item.sku] for item in shop.items], shop.inbound, shop.terms)


def event(shop: Any, kind: str, **said: Any) -> None:
    """Confirm one more event."""
    events = (*shop.terms.events, PlanningEvent(kind, status="confirmed", **said))  # type: ignore[arg-type]
    shop.terms = replace(shop.terms, events=events)


def test_lead_times_are_those_of_the_plan(make_shop: Maker) -> None:
    """Learned from past orders and changed by events, an order takes as long as the plan's line says."""
    shop = make_shop(2)
    past = Deliveries(np.array(["S0"] * 40), np.full(40, 14.0), np.ones(40, dtype=np.bool_))
    shop.terms = replace(shop.terms, deliveries=past)
    event(shop, "lead_time_change", item="A1", delta_days=4.0)
    event(shop, "supply_hold", supplier="S0", end=TODAY + timedelta(days=5))
    lines, here = shop.plan().lines, place(shop)

    assert here.lead_days.round(1).tolist() == [line.lead_time_days for line in lines]
    assert here.lead_days[0] > 14 + 5
    assert (here.until_days >= here.lead_days).all()


@pytest.mark.parametrize(("late", "most", "days"), [(-6, 60, [6]), (0, 60, [0]), (7, 59, None), (90, 0, [])])
def test_an_order_counts_as_in_the_plan(make_shop: Maker, late: int, most: int, days: list[int] | None) -> None:
    """On its day where it is not late; less of it, the surer it is lost; and its units are those of the stock position."""
    shop = make_shop(1, constant=True)
    due = TODAY - timedelta(days=late)
    shop.stock["A0"] = replace(shop.stock["A0"], on_order=60)
    shop.inbound = [InboundOrder("P1", "A0", "", "S0", 60, due - timedelta(days=9), due)]
    arriving = place(shop).arrivals(60)[0]
    told = {fact.what: fact.value for fact in shop.plan().lines[0].facts}

    assert arriving.sum() == told.get("orders.counted", 60)
    assert arriving.sum() <= most
    assert days is None or np.flatnonzero(arriving).tolist() == days


def test_more_kept_back_than_there_is_frees_only_what_there_is(make_shop: Maker) -> None:
    """Of 35 free units 100 are kept back for a week: none is free now, and 35, not 100, are afterwards."""
    shop = make_shop(1)
    event(shop, "reserve_stock", item="A0", quantity=100, end=TODAY + timedelta(days=6))
    here = place(shop)

    assert here.free.tolist() == [0.0]
    assert here.arrivals(14)[0].tolist() == [0.0] * 7 + [35.0] + [0.0] * 6


def test_nothing_on_order_brings_nothing(make_shop: Maker) -> None:
    """No items, or none on order, give empty arrivals of the right shape."""
    assert place(make_shop(2)).arrivals(5).tolist() == [[0.0] * 5] * 2
    assert place(make_shop(0)).arrivals(5).shape == (0, 5)

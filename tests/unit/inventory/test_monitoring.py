"""Alerts."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.monitoring import find_alerts
from parstock.domain import Item, StockPosition, Supplier

TODAY = date(2024, 1, 1)
SUPPLIER = Supplier("S", "Supplier", lead_time_days=10, lead_time_sd_days=2)
ITEM = Item("A", "Apple", "fruit", "S", 1.0, 2.0)


def _position(on_hand: int, on_order: int = 0, reserved: int = 0) -> StockPosition:
    return StockPosition("A", "", on_hand, reserved, on_order, TODAY)


@pytest.mark.parametrize(
    ("position", "demand", "expected"),
    [
        (_position(0, 50), 2.0, ("stockout", "high")),
        (_position(10, 0), 2.0, ("stockout", "high")),
        (_position(30, 0, reserved=20), 2.0, ("stockout", "high")),
        (_position(10, 50), 2.0, ("stockout", "medium")),
        (_position(25, 0), 2.0, ("stockout", "low")),
        (_position(25, 50), 2.0, None),
        (_position(100), 2.0, None),
        (_position(361), 2.0, ("overstock", "low")),
        (_position(361, 400), 2.0, ("overstock", "medium")),
        (_position(1500), 2.0, ("overstock", "high")),
        (_position(1), 0.0, ("overstock", "high")),
        (_position(0), 0.0, None),
    ],
)
def test_cover_against_lead_time_decides(position: StockPosition, demand: float, expected: tuple[str, str] | None) -> None:
    """With a lead time of 10 days and a review every 7, cover and what is on order give kind and severity."""
    alerts = find_alerts([ITEM], [position], {"A": demand}, [SUPPLIER], as_of=TODAY)

    assert [(alert.kind, alert.severity) for alert in alerts] == ([expected] if expected else [])


def test_an_alert_carries_its_numbers() -> None:
    """The days of cover, the lead time and the excess are there to be said."""
    short, long = find_alerts([ITEM], [_position(10), _position(400)], {"A": 2.0}, {"S": SUPPLIER}, as_of=TODAY)

    assert (short.days_of_cover, short.lead_time_days, short.excess_units) == (5, 10, 0)
    assert (long.days_of_cover, long.excess_units) == (200, 40)


def test_a_short_shelf_life_makes_stock_too_much_sooner() -> None:
    """What will perish before it is sold is an overstock, however few days the general limit allows."""
    milk = Item("A", "Milk", "dairy", "S", 1.0, 2.0, shelf_life_days=20)

    assert [alert.kind for alert in find_alerts([milk], [_position(50)], {"A": 2.0}, [SUPPLIER], as_of=TODAY)] == ["overstock"]


def test_unknown_demand_and_inactive_items_raise_no_alert() -> None:
    """An item without a known demand, and one that is no longer sold, are passed over."""
    retired = Item("A", "Apple", "fruit", "S", 1.0, 2.0, active=False)

    assert find_alerts([ITEM], [_position(0)], {}, [SUPPLIER], as_of=TODAY) == ()
    assert find_alerts([retired], [_position(0)], {"A": 1.0}, [SUPPLIER], as_of=TODAY) == ()


@given(st.integers(0, 5000), st.integers(0, 5000), st.floats(0.01, 100))
def test_more_stock_never_makes_a_stockout_worse(low: int, more: int, demand: float) -> None:
    """Raising the stock alone never turns no stockout into one, nor raises its severity."""
    order = ("none", "low", "medium", "high")

    def level(on_hand: int) -> int:
        alerts = find_alerts([ITEM], [_position(on_hand)], {"A": demand}, [SUPPLIER], as_of=TODAY)
        return max((order.index(alert.severity) for alert in alerts if alert.kind == "stockout"), default=0)

    assert level(low + more) <= level(low)


@pytest.mark.parametrize(
    ("due_in", "severity"),
    [(3.0, None), (7.0, "medium"), (-2.0, "medium"), (None, "medium")],
)
def test_a_delivery_that_comes_in_time_raises_no_alert(due_in: float | None, severity: str | None) -> None:
    """Ten units last five days: enough for a delivery in three days, not in seven, nor for one overdue or without a day."""
    due = {} if due_in is None else {"A": due_in}
    alerts = find_alerts([ITEM], [_position(10, 50)], {"A": 2.0}, [SUPPLIER], as_of=TODAY, next_delivery_days=due)

    assert [alert.severity for alert in alerts] == ([severity] if severity else [])


def test_a_delivery_that_is_too_small_raises_an_alert() -> None:
    """What is there and coming, 16 units, lasts eight days and the next order takes ten."""
    (alert,) = find_alerts([ITEM], [_position(10, 6)], {"A": 2.0}, [SUPPLIER], as_of=TODAY, next_delivery_days={"A": 1.0})

    assert (alert.kind, alert.severity) == ("stockout", "medium")

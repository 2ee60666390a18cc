"""The demonstration shop."""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from inventory.demo import AS_OF, make_demo
from inventory.demo.shop import demo_records, policies
from inventory.monitoring import find_alerts
from inventory.records import Records
from inventory.store import Store
from parstock.domain import DemandPanel
from parstock.errors import SetupError
from parstock.settings import Settings


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Records, float]]:
    """One demonstration shop for all tests here, its records and the processor seconds that it took."""
    settings = Settings(home=tmp_path_factory.mktemp("shop"))
    store = Store.open(settings)
    start = time.process_time()
    make_demo(store)
    yield store, Records(store, settings), time.process_time() - start
    store.close()


@pytest.fixture(scope="module")
def panel(shop: tuple[Store, Records, float]) -> DemandPanel:
    """The demand of all items in all warehouses."""
    return shop[1].panel()


@pytest.fixture
def records(shop: tuple[Store, Records, float]) -> Records:
    """The records of the shop."""
    return shop[1]


def test_it_is_made_in_twenty_seconds(shop: tuple[Store, Records, float]) -> None:
    """Making the whole shop takes at most 20 s of one core."""
    assert shop[2] <= 20


def test_the_shop_has_what_it_promises(records: Records) -> None:
    """408 items in 8 categories, a third with Chinese names, 3 warehouses, 14 suppliers of several countries, and a label."""
    items = records.items()
    assert len(items) == 408
    assert len(Counter(item.category for item in items)) == 8
    assert sum(item.name_zh is not None for item in items) == 136
    assert len({item.name for item in items}) == 408
    assert [warehouse.code for warehouse in records.warehouses()] == ["MAIN", "NORTH", "ROTT"]
    suppliers = records.suppliers()
    assert len(suppliers) == 14
    assert len({supplier.country for supplier in suppliers}) >= 8
    assert {min(s.lead_time_days for s in suppliers), max(s.lead_time_days for s in suppliers)} == {5, 60}
    assert records.label() == "simulated demonstration shop"


def test_terms_make_sense(records: Records) -> None:
    """Prices are above costs, minimum orders are whole packs, and food has a shelf life."""
    for item in records.items():
        assert 0 < item.unit_cost < item.unit_price
        assert item.min_order_quantity % item.pack_size == 0
        assert (item.shelf_life_days is not None) == (item.category in {"Grocery", "Beauty"})


def test_demand_is_two_years_up_to_the_day_before(records: Records, panel: DemandPanel) -> None:
    """The history spans 730 days and ends on 31 May 2026; some items were launched in between."""
    assert records.as_of() == panel.as_of == AS_OF == date(2026, 6, 1)
    assert panel.days == 730
    launched = np.isnan(panel.demand[:, 0])
    assert 25 <= launched.sum() <= 75
    assert not np.isnan(panel.demand[:, -30:]).any()


def test_demand_looks_like_a_shop_s(records: Records, panel: DemandPanel) -> None:
    """Garden sells in spring, toys before Christmas, promotions lift sales, and some items sell rarely."""
    category = np.array([item.category for item in records.items()])
    month = panel.dates().astype("datetime64[M]").astype(int) % 12 + 1
    units = np.nan_to_num(panel.demand)

    def daily(name: str, wanted: int) -> float:
        return float(units[category == name][:, month == wanted].mean())

    assert daily("Garden", 5) > 2 * daily("Garden", 11)
    assert daily("Toys", 12) > 1.5 * daily("Toys", 6)
    assert panel.promotion is not None
    mean = units.mean(axis=1, keepdims=True) + 1e-9
    assert (units / mean)[panel.promotion].mean() > 1.4
    assert 30 <= (np.mean(units > 0, axis=1) < 0.25).sum() <= 120


def test_promotions_are_planned_ahead(records: Records, panel: DemandPanel) -> None:
    """Twelve items have a promotion of a week or so in the month to come, a fifth off; the countries are the warehouses'."""
    ahead = panel.ahead
    assert ahead is not None
    assert ahead.promotion is not None
    assert ahead.price is not None
    days = ahead.promotion.sum(axis=1)
    usual = np.array([item.unit_price for item in records.items()])[:, None]

    assert np.count_nonzero(days) == 12
    assert 6 <= days[days > 0].min() <= days.max() <= 10
    assert ahead.promotion.shape[1] <= 35
    np.testing.assert_array_equal(np.isfinite(ahead.price), ahead.promotion)
    np.testing.assert_allclose((ahead.price / usual)[ahead.promotion], 0.8, atol=0.01)
    assert panel.countries == ("GB", "NL")
    assert len(set(panel.groups)) == 8


def test_nothing_is_sold_while_out_of_stock(records: Records) -> None:
    """Days without stock in a warehouse are recorded as such and have no sales."""
    panel = records.panel(warehouse="MAIN")
    assert panel.in_stock is not None
    out = ~panel.in_stock
    assert out.sum() > 500
    assert np.nansum(panel.demand[out]) == 0


def test_stock_has_shortage_and_excess(records: Records, panel: DemandPanel) -> None:
    """A few items cannot last for the lead time, some last for months, reserved units are never more than there are."""
    daily = dict(zip(panel.items, panel.demand[:, -28:].mean(axis=1), strict=True))
    lead = {supplier.code: supplier.lead_time_days for supplier in records.suppliers()}
    supplier = {item.sku: item.supplier for item in records.items()}
    cover, short = [], 0
    for position in records.stock():
        assert 0 <= position.reserved <= position.on_hand
        assert position.as_of == AS_OF
        days = position.inventory_position / max(daily[position.item], 0.01)
        cover.append(days)
        short += days < lead[supplier[position.item]]
    assert len(cover) == 408
    assert 3 <= short <= 60
    assert sum(days > 120 for days in cover) >= 20


def test_few_positions_are_likely_to_run_out(records: Records) -> None:
    """As in a shop that is looked after, 3 to 8 % of the positions raise a stockout alert."""
    warned = positions = 0
    for warehouse in records.warehouses():
        stock, panel = records.stock(warehouse=warehouse.code), records.panel(warehouse=warehouse.code, days=56)
        assert panel.in_stock is not None
        seen = np.where(panel.in_stock, panel.demand, np.nan)
        known = np.isfinite(seen).any(axis=1)
        rates = {sku: float(np.nanmean(row)) for sku, row, any_day in zip(panel.items, seen, known, strict=True) if any_day}
        due = {order.item: float((order.due_on - AS_OF).days) for order in reversed(records.inbound(warehouse=warehouse.code))}
        alerts = find_alerts(
            records.items(), stock, rates, records.suppliers(), as_of=AS_OF, review_days=7, next_delivery_days=due
        )
        warned += sum(alert.kind == "stockout" for alert in alerts)
        positions += len(stock)

    assert 0.03 <= warned / positions <= 0.08


def test_orders_are_open_and_some_overdue(records: Records) -> None:
    """There are open orders in whole packs, a few of them overdue, none ordered in the future or in no time."""
    items = {item.sku: item for item in records.items()}
    orders = records.inbound()
    assert 50 <= len({order.order_id for order in orders}) <= 100
    assert 3 <= len({order.order_id for order in orders if order.due_on < AS_OF}) <= 6
    for order in orders:
        item = items[order.item]
        assert order.quantity % item.pack_size == 0
        assert order.quantity >= item.min_order_quantity
        assert order.supplier == item.supplier
        assert order.ordered_on < AS_OF
        assert order.due_on - order.ordered_on >= timedelta(days=5)


def test_policies_come_in_two_languages(records: Records) -> None:
    """A dozen documents and three translations, with ids and titles as in their files."""
    found = {policy.id: policy for policy in records.policies()}
    assert len(found) == 16
    assert [key for key, policy in found.items() if policy.lang == "zh"] == [
        "approval-limits.zh",
        "service-levels.zh",
        "supplier-calendars.zh",
    ]
    assert found["service-levels"].title == "Service levels · 服务水平"
    assert list(policies()["id"]) == sorted(found)


def test_the_held_item_is_the_one_that_the_policy_names(records: Records) -> None:
    """The quality hold and the item records mean the same product."""
    item = next(item for item in records.items() if item.sku == "EL-5003")
    policy = next(policy for policy in records.policies() if policy.id == "quality-holds")
    assert item.name == "LED string lights, twin pack"
    assert f"EL-5003 ({item.name})" in policy.text


def test_notes_speak_of_the_shop(records: Records) -> None:
    """About 150 notes, a third in Chinese, dated before today, filed under items and suppliers that exist, true to the orders."""
    notes = records.notes()
    assert 130 <= len(notes) <= 151
    assert 40 <= sum(note.author in {"林梅", "周强"} for note in notes) <= 55
    skus = {item.sku for item in records.items()} | {""}
    codes = {supplier.code for supplier in records.suppliers()} | {""}
    overdue = {order.order_id for order in records.inbound() if order.due_on < AS_OF}
    for note in notes:
        assert note.item in skus
        assert note.supplier in codes
        assert note.written_at < AS_OF.isoformat()
        assert "{" not in note.text
        if "days late. " in note.text and "was due" in note.text:
            assert note.text.split()[0] in overdue


def test_a_seed_makes_one_shop() -> None:
    """The same seed makes the same records, another seed others."""
    first, again, other = demo_records(7), demo_records(7), demo_records(8)
    for kind, frame in first.items():
        pd.testing.assert_frame_equal(frame, again[kind])
    for kind in ("items", "sales", "stock", "purchase-orders", "notes"):
        assert not first[kind].equals(other[kind])


def test_a_shop_with_records_is_left_alone(shop: tuple[Store, Records, float]) -> None:
    """A demonstration is never mixed into records that are there already."""
    before = shop[1].fingerprint()
    with pytest.raises(SetupError, match="already holds items"):
        make_demo(shop[0])
    assert shop[1].fingerprint() == before

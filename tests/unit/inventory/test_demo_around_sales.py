"""The simulated shop around real sales."""

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from inventory.demo import around_sales, make_demo_around_sales
from inventory.records import Records
from inventory.store import Store
from parstock.errors import InputError, SetupError
from parstock.settings import Settings

NAMES = ["RED TOY TRAIN", "GARDEN BIRD FEEDER", "BLUE POLKADOT MUG", "CREAM HEART FRAME", "LAVENDER SOAP BAR", "DESK LAMP RETRO"]
CATEGORIES = ["Toys", "Garden", "Kitchen", "Home Decor", "Beauty", "Electronics"]


def invoices() -> pd.DataFrame:
    """A hundred days of invoice lines of six products, in the layout of the preset."""
    rng = np.random.default_rng(3)
    days = pd.date_range("2026-01-01", periods=100).repeat(len(NAMES))
    rows = len(days)
    return pd.DataFrame(
        {
            "Invoice": [f"{500000 + row}" for row in range(rows)],
            "StockCode": [f"2000{row % len(NAMES)}" for row in range(rows)],
            "Description": [NAMES[row % len(NAMES)] for row in range(rows)],
            "Quantity": rng.integers(1, 20, rows),
            "InvoiceDate": days.strftime("%Y-%m-%d 10:00:00"),
            "Price": [2.5 + row % len(NAMES) for row in range(rows)],
            "Customer ID": 12345,
            "Country": "United Kingdom",
        }
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Records, Path]]:
    """A shop around the invoices."""
    folder = tmp_path_factory.mktemp("around")
    path = folder / "invoices.csv"
    invoices().to_csv(path, index=False)
    settings = Settings(home=folder / "home")
    store = Store.open(settings)
    make_demo_around_sales(store, path, "online-retail")
    yield store, Records(store, settings), path
    store.close()


def test_sales_stay_real(made: tuple[Store, Records, Path]) -> None:
    """Every unit of the file is demand of the main warehouse, under the file's names and prices."""
    records = made[1]
    panel = records.panel(warehouse="MAIN")
    assert np.nansum(panel.demand) == invoices()["Quantity"].sum()
    assert records.as_of() == date(2026, 4, 11)
    assert [item.name for item in records.items()] == NAMES
    assert [item.unit_price for item in records.items()] == [2.5, 3.5, 4.5, 5.5, 6.5, 7.5]


def test_what_is_missing_is_simulated_around_them(made: tuple[Store, Records, Path]) -> None:
    """Items get categories by their names, known suppliers, costs below prices, whole-pack minimums and a stock position."""
    records = made[1]
    items = records.items()
    assert [item.category for item in items] == CATEGORIES
    codes = {supplier.code for supplier in records.suppliers()}
    assert len(codes) == 14
    for item in items:
        assert item.supplier in codes
        assert 0 < item.unit_cost < item.unit_price
        assert item.min_order_quantity % item.pack_size == 0
    assert [warehouse.code for warehouse in records.warehouses()] == ["MAIN", "NORTH", "ROTT"]
    assert {position.item for position in records.stock()} == {item.sku for item in items}
    assert len(records.policies()) == 16
    assert records.notes()


def test_the_label_says_what_is_real(made: tuple[Store, Records, Path]) -> None:
    """Whoever sees the shop is told which part is real and which is simulated."""
    assert made[1].label() == (
        "real: items, prices and sales from invoices.csv; simulated: suppliers, categories, unit costs, order minimums, "
        "stock, purchase orders, warehouses, policies and notes"
    )


def test_a_shop_with_records_is_left_alone(made: tuple[Store, Records, Path]) -> None:
    """Simulated terms never overwrite a shop's own."""
    with pytest.raises(SetupError, match="already holds items"):
        make_demo_around_sales(made[0], made[2], "online-retail")


def test_a_shop_that_was_not_finished_leaves_nothing_and_can_be_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped between the sales and what is simulated around them, the home stays empty and a second run completes."""
    path = tmp_path / "invoices.csv"
    invoices().to_csv(path, index=False)
    settings = Settings(home=tmp_path / "home")
    store = Store.open(settings)
    with monkeypatch.context() as patched:
        patched.setattr(around_sales, "write_notes", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            make_demo_around_sales(store, path, "online-retail")
    records = Records(store, settings)

    assert records.is_empty()
    make_demo_around_sales(store, path, "online-retail")
    assert records.label()
    assert len(records.items()) == len(NAMES)
    store.close()


def test_a_file_without_a_sale_is_refused(tmp_path: Path) -> None:
    """Where every row is dropped there is nothing to make a shop around, and the message says so."""
    path = tmp_path / "invoices.csv"
    invoices().assign(Quantity=0).to_csv(path, index=False)
    store = Store.open(Settings(home=tmp_path / "home"))
    with pytest.raises(InputError, match=r"'invoices.csv' holds no sale that could be taken: 600 rows were dropped"):
        make_demo_around_sales(store, path, "online-retail")
    store.close()


@pytest.mark.slow
def test_a_real_year_of_a_real_shop(tmp_path: Path) -> None:
    """The published year of Online Retail II becomes a shop of about 4,000 items with stock and orders."""
    path = Path(os.environ.get("PARSTOCK_SHARED", "")) / "data/online_retail_ii/online_retail_ii_year1.parquet"
    if not os.environ.get("PARSTOCK_SHARED") or not path.exists():
        pytest.skip("set PARSTOCK_SHARED to the folder that holds data/online_retail_ii")
    settings = Settings(home=tmp_path)
    store = Store.open(settings)
    make_demo_around_sales(store, path, "online-retail")
    records = Records(store, settings)
    assert len(records.items()) > 4000
    assert len(records.stock()) == len(records.items())
    assert len(records.inbound()) > 500
    store.close()

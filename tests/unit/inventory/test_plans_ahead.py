"""Prices and promotions of days to come: out of files of sales, into the panel, and never into demand."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from inventory.importing import import_file
from inventory.loading import load
from inventory.records import Records
from inventory.store import Store
from parstock.settings import Settings

NAN = np.nan
HEADINGS = ["item", "warehouse", "date", "units", "price", "promotion"]
SALES: list[tuple[object, ...]] = [
    ("A", "M", "2024-01-01", 3, 2.0, "no"),
    ("A", "N", "2024-01-02", 1, 2.0, "no"),
    ("B", "M", "2024-01-02", 4, 5.0, "yes"),
]
PLANS: list[tuple[object, ...]] = [
    ("A", "M", "2024-01-03", None, 1.5, "yes"),
    ("A", "N", "2024-01-03", None, 1.7, None),
    ("A", None, "2024-01-05", None, 1.0, "yes"),
    ("B", None, "2024-01-04", None, None, "yes"),
    ("B", "M", "2024-01-04", None, None, "no"),
]


def _write(path: Path, rows: list[tuple[object, ...]]) -> Path:
    pd.DataFrame(rows, columns=HEADINGS, dtype=object).to_csv(path, index=False)
    return path


@pytest.fixture
def planned(store: Store, tmp_path: Path) -> Store:
    """A shop of two items in two warehouses with plans for the days after its two days of sales."""
    import_file(store, "sales", _write(tmp_path / "sales.csv", SALES + PLANS))
    return store


def test_rows_of_days_to_come_are_plans(store: Store, records: Records, tmp_path: Path) -> None:
    """Rows without units after the last sale are counted as planned, and the counts of the report add up."""
    nonsense: list[tuple[object, ...]] = [
        ("A", "M", "2024-01-02", None, 2.0, None),  # a day that is over
        ("A", "M", "2024-01-09", None, None, None),  # says nothing
        ("A", "M", "2024-01-09", None, 0, None),  # nor does no price
        ("Z", None, "2024-01-09", None, 2.0, None),  # nobody knows it
        ("A", "Q", "2024-01-09", None, 2.0, None),  # nobody knows where
    ]
    report = import_file(store, "sales", _write(tmp_path / "sales.csv", SALES + PLANS + nonsense))

    assert (report.rows_read, report.kept, report.planned, report.changed, report.dropped) == (13, 3, 5, 0, 5)
    assert {count.reason: count.rows for count in report.drops} == {
        "no units": 3,
        "the item is not known: import items or sales first": 1,
        "plan of a warehouse that is not recorded": 1,
    }
    assert dict(report.written)["planned"] == 5
    assert (report.first_day, report.last_day) == ("2024-01-01", "2024-01-02")
    assert "13 rows read = 3 kept + 5 planned + 0 changed + 5 dropped." in str(report)
    assert "5 rows of days after 2024-01-02 have no units: they are taken as planned prices and promotions." in str(report)
    assert [item.sku for item in records.items()] == ["A", "B"]
    assert [warehouse.code for warehouse in records.warehouses()] == ["M", "N"]


def test_plans_are_no_demand(planned: Store, records: Records, settings: Settings) -> None:
    """They move neither today nor the last recorded day, and no row of demand comes of them."""
    assert records.as_of() == date(2024, 1, 3)
    np.testing.assert_array_equal(records.panel().demand, [[3, 1], [NAN, 4]])
    later = Records(planned, settings.model_copy(update={"as_of": date(2024, 1, 8)}))
    assert later.recorded_until() == date(2024, 1, 2)


@pytest.mark.usefixtures("planned")
def test_the_panel_knows_the_days_ahead(records: Records) -> None:
    """Over all warehouses planned prices are averaged and a promotion anywhere is one; what is not planned is unknown."""
    ahead = records.panel().ahead
    assert ahead is not None
    assert ahead.price is not None
    assert ahead.promotion is not None

    np.testing.assert_allclose(ahead.price, [[1.6, NAN, 1.0], [NAN, NAN, NAN]])
    np.testing.assert_array_equal(ahead.promotion, [[True, False, True], [False, True, False]])


@pytest.mark.usefixtures("planned")
def test_a_warehouse_s_plan_goes_before_that_of_all(records: Records) -> None:
    """One warehouse sees its own plans, and those of all where it has none; items come in the order asked for."""
    main, north = records.panel(["B", "A"], "M").ahead, records.panel(["B", "A"], "N").ahead
    assert main is not None
    assert north is not None
    assert main.promotion is not None
    assert north.promotion is not None
    assert north.price is not None

    np.testing.assert_array_equal(main.promotion, [[False, False, False], [True, False, True]])
    np.testing.assert_array_equal(north.promotion, [[False, True, False], [False, False, True]])
    np.testing.assert_allclose(north.price, [[NAN, NAN, NAN], [1.7, NAN, 1.0]])


def test_plans_without_prices_leave_them_unknown(small_shop: Store, records: Records) -> None:
    """Where only promotions are planned, no price ahead is known; where nothing is, nothing is."""
    assert records.panel().ahead is None
    with small_shop.writing() as connection:
        load(connection, "planned", pd.DataFrame({"item": ["A"], "date": ["2024-01-06"], "promotion": [True]}))
    ahead = records.panel().ahead
    assert ahead is not None

    assert ahead.price is None
    np.testing.assert_array_equal(ahead.promotion, [[False, False, True], [False] * 3, [False] * 3])
    assert records.panel(["B", "C"]).ahead is None


def test_plans_of_days_gone_by_without_sales_fill_them(planned: Store, settings: Settings) -> None:
    """With today set later than the records reach, plans say what was on in between; recorded days keep their own."""
    panel = Records(planned, settings.model_copy(update={"as_of": date(2024, 1, 5)})).panel()
    assert panel.price is not None
    assert panel.promotion is not None
    assert panel.ahead is not None
    assert panel.ahead.price is not None

    np.testing.assert_allclose(panel.price, [[2.0, 2.0, 1.6, NAN], [NAN, 5.0, NAN, NAN]])
    np.testing.assert_array_equal(panel.promotion, [[False, False, True, False], [False, True, False, True]])
    np.testing.assert_allclose(panel.ahead.price, [[1.0], [NAN]])
    np.testing.assert_array_equal(panel.demand, [[3, 1, NAN, NAN], [NAN, 4, NAN, NAN]])


@pytest.mark.usefixtures("planned")
def test_an_earlier_morning_has_its_plans_from_the_panel(records: Records) -> None:
    """A backtest that cuts the panel takes what was recorded then for what was planned then, as far as plans reach."""
    then = records.panel().until(date(2024, 1, 2))
    assert then.ahead is not None
    assert then.ahead.price is not None

    np.testing.assert_allclose(then.ahead.price, [[2.0, 1.6, NAN], [5.0, NAN, NAN]])


def test_sales_take_the_place_of_plans(planned: Store, records: Records, tmp_path: Path) -> None:
    """Once a day is sold, its record counts and the plan of that day does not."""
    rows: list[tuple[object, ...]] = [("A", "M", "2024-01-03", 9, 1.9, "no"), ("B", "M", "2024-01-03", 0, None, None)]
    import_file(planned, "sales", _write(tmp_path / "next.csv", rows))
    panel = records.panel()
    assert panel.price is not None
    assert panel.promotion is not None
    assert panel.ahead is not None
    assert panel.ahead.promotion is not None

    assert records.as_of() == date(2024, 1, 4)
    assert (round(panel.price[0, -1], 9), panel.promotion[0, -1]) == (1.9, False)
    np.testing.assert_array_equal(panel.ahead.promotion, [[False, True], [True, False]])


def test_a_plan_is_changed_by_importing_its_day_again(planned: Store, records: Records, tmp_path: Path) -> None:
    """The last word on a day counts; a promotion is taken back with "no", and repeated rows of a file are one plan."""
    rows: list[tuple[object, ...]] = [("A", None, "2024-01-05", None, 1.2, "yes"), ("A", None, "2024-01-05", None, None, "no")]
    report = import_file(planned, "sales", _write(tmp_path / "change.csv", rows))
    ahead = records.panel(["A"]).ahead
    assert ahead is not None
    assert ahead.price is not None
    assert ahead.promotion is not None

    assert (report.planned, dict(report.written)) == (2, {"planned": 1})
    np.testing.assert_allclose(ahead.price, [[1.6, NAN, NAN]])
    np.testing.assert_array_equal(ahead.promotion, [[True, False, False]])


def test_a_dry_run_plans_nothing(store: Store, records: Records, tmp_path: Path) -> None:
    """It says what it would plan and writes nothing; a file of plans alone is none, for nobody knows what is ahead."""
    import_file(store, "sales", _write(tmp_path / "sales.csv", SALES))
    before = records.fingerprint()
    report = import_file(store, "sales", _write(tmp_path / "plans.csv", PLANS), dry_run=True)

    assert report.planned == 5
    assert "Would write: 5 planned." in str(report)
    assert (records.fingerprint(), records.panel().ahead) == (before, None)


def test_a_plan_in_another_spelling_is_still_a_plan(planned: Store, records: Records, tmp_path: Path) -> None:
    """The rule that respelled it is told, and the row counts once, as planned."""
    report = import_file(planned, "sales", _write(tmp_path / "plans.csv", [("b", "m", "2024-01-06", None, 4.0, None)]))
    ahead = records.panel(["B"]).ahead
    assert ahead is not None
    assert ahead.price is not None

    assert (report.planned, report.changed, report.dropped) == (1, 0, 0)
    assert [(count.rows, count.found) for count in report.changes] == [(0, 1), (0, 1)]
    assert ahead.price[0, -1] == 4.0


def test_without_any_sale_nothing_is_a_plan(store: Store, tmp_path: Path) -> None:
    """In an empty shop rows without units are dropped as before: no day is known to be ahead."""
    report = import_file(store, "sales", _write(tmp_path / "plans.csv", PLANS))

    assert (report.planned, report.dropped) == (0, 5)


def test_plans_categories_and_countries_change_the_fingerprint_of_demand(
    small_shop: Store, records: Records, settings: Settings
) -> None:
    """A forecast that was kept is made anew when what it is made from changes."""
    seen = [records.demand_fingerprint()]
    writes: list[tuple[str, dict[str, object]]] = [
        ("planned", {"item": ["A"], "date": ["2024-01-06"], "promotion": [True]}),
        ("planned", {"item": ["A"], "date": ["2024-01-06"], "promotion": [False]}),
        ("items", {"sku": ["A"], "name": ["Apple"], "category": ["Fruit"], "unit_cost": [1.0], "unit_price": [2.0]}),
        ("warehouses", {"code": ["M"], "name": ["Main"], "country": ["GB"]}),
    ]
    for kind, columns in writes:
        with small_shop.writing() as connection:
            load(connection, kind, pd.DataFrame(columns))
        seen.append(records.demand_fingerprint())
    seen.append(Records(small_shop, settings.model_copy(update={"countries": ("CN",)})).demand_fingerprint())

    assert len(set(seen)) == len(seen)


def test_the_panel_has_categories_and_countries(small_shop: Store, records: Records, settings: Settings) -> None:
    """Groups are the items' categories in the order asked for; countries are the warehouses' unless they are set."""
    assert records.panel().countries == ()
    with small_shop.writing() as connection:
        places = {"code": ["M", "N", "O", "P"], "name": ["Main", "North", "Own", "Post"]}
        load(connection, "warehouses", pd.DataFrame({**places, "country": ["United Kingdom", "荷兰", "Narnia", "uk"]}))
        toys = {"sku": ["B"], "name": ["Bear"], "category": ["Toys"], "unit_cost": [2.0], "unit_price": [4.0]}
        load(connection, "items", pd.DataFrame(toys))

    assert records.panel(["C", "B"]).groups == ("uncategorised", "Toys")
    assert records.countries() == records.panel().countries == ("GB", "NL")
    assert Records(small_shop, settings.model_copy(update={"countries": ("US",)})).panel().countries == ("US",)


def test_the_share_of_a_warehouse_is_that_of_late(small_shop: Store, records: Records) -> None:
    """Units of the last half year, by item; an item that sold nothing has no share."""
    with small_shop.writing() as connection:
        old = {"item": ["A"], "warehouse": ["N"], "date": ["2023-01-01"], "units": [1000]}
        load(connection, "sales", pd.DataFrame(old))

    assert records.share_of_demand("M") == {"A": 3 / 8, "B": 1.0}
    assert records.share_of_demand("Z") == {"A": 0.0, "B": 0.0}

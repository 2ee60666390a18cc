"""Reading records, and loading them in bulk."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from inventory import schema
from inventory.loading import load, set_label
from inventory.notebook import add_note
from inventory.records import Records
from inventory.store import Store
from parstock.domain import InboundOrder, StockPosition
from parstock.errors import InputError, InsufficientData
from parstock.settings import Settings


def test_an_empty_shop_says_so(records: Records) -> None:
    """Without records there is no day to plan from and no panel."""
    assert records.is_empty()
    assert (records.items(), records.stock(), records.policies()) == ((), (), ())
    with pytest.raises(InsufficientData, match="import sales"):
        records.as_of()
    with pytest.raises(InsufficientData):
        records.panel()


@pytest.mark.usefixtures("small_shop")
def test_the_panel_sums_warehouses(records: Records) -> None:
    """Over all warehouses units add up, prices are weighted, and any warehouse with stock counts."""
    panel = records.panel()

    nan = np.nan
    assert panel.items == ("A", "B", "C")
    assert panel.start == date(2024, 1, 1)
    assert panel.as_of == records.as_of() == date(2024, 1, 4)
    np.testing.assert_array_equal(panel.demand, [[4, 0, 4], [nan, 5, 0], [nan, nan, nan]])
    assert panel.price is not None
    np.testing.assert_allclose(panel.price, [[2.5, nan, nan], [nan, 3, nan], [nan, nan, nan]])
    assert panel.in_stock is not None
    np.testing.assert_array_equal(panel.in_stock, [[True, True, True], [True, False, True], [True, True, True]])
    assert panel.promotion is not None
    np.testing.assert_array_equal(panel.promotion, [[False, False, True], [False] * 3, [False] * 3])


@pytest.mark.usefixtures("small_shop")
def test_the_panel_of_one_warehouse(records: Records) -> None:
    """One warehouse shows its own sales, in the order of items that was asked for."""
    panel = records.panel(["B", "A"], "M", days=2)

    assert panel.items == ("B", "A")
    np.testing.assert_array_equal(panel.demand, [[5, 0], [0, 0]])


@pytest.mark.usefixtures("small_shop")
def test_the_panel_never_looks_past_today(store: Store, settings: Settings) -> None:
    """With an as-of date inside the history, later sales are unknown."""
    records = Records(store, settings.model_copy(update={"as_of": date(2024, 1, 3)}))
    panel = records.panel()

    assert panel.as_of == date(2024, 1, 3)
    np.testing.assert_array_equal(panel.demand[0], [4, 0])


@pytest.mark.usefixtures("small_shop")
def test_days_after_the_last_record_are_unknown(store: Store, settings: Settings) -> None:
    """With today set later than the records reach, nothing is known of the days between, and the records say so."""
    records = Records(store, settings.model_copy(update={"as_of": date(2024, 1, 6)}))
    nan = np.nan

    np.testing.assert_array_equal(records.panel().demand, [[4, 0, 4, nan, nan], [nan, 5, 0, nan, nan], [nan] * 5])
    np.testing.assert_array_equal(records.panel(["A"], days=1).demand, [[nan]])
    assert records.recorded_until() == date(2024, 1, 3)
    for today in (None, date(2024, 1, 2), date(2024, 1, 4)):
        assert Records(store, settings.model_copy(update={"as_of": today})).recorded_until() is None


def test_an_item_is_out_of_stock_where_every_warehouse_that_sells_it_is(small_shop: Store, records: Records) -> None:
    """A warehouse without a record of the day had stock and sold nothing: the day is known, not censored."""
    frame = pd.DataFrame({"item": ["A"], "warehouse": ["M"], "date": ["2024-01-02"], "units": [0], "in_stock": [False]})
    with small_shop.writing() as connection:
        load(connection, "sales", frame)
    panel, one = records.panel(["A"]), records.panel(["A"], "M")
    assert panel.in_stock is not None
    assert one.in_stock is not None

    assert panel.in_stock.tolist() == [[True, True, True]]
    assert one.in_stock.tolist() == [[False, False, True]]


@pytest.mark.usefixtures("small_shop")
@pytest.mark.parametrize(
    ("arguments", "field"), [({"skus": ["Z"]}, "skus"), ({"warehouse": "Z"}, "warehouse"), ({"days": 0}, "days")]
)
def test_the_panel_refuses_what_is_not_recorded(records: Records, arguments: dict[str, object], field: str) -> None:
    """Unknown codes are an input error that names its field, never an empty row."""
    with pytest.raises(InputError) as caught:
        records.panel(**arguments)  # type: ignore[arg-type]
    assert caught.value.field == field


@pytest.mark.usefixtures("small_shop")
def test_stock_and_orders(records: Records) -> None:
    """Positions sum warehouses and count only what open orders bring; orders come by due date."""
    open_b = InboundOrder("1", "B", "M", "S", 6, date(2024, 1, 1), date(2024, 1, 20))
    open_a = InboundOrder("2", "A", "M", "S", 12, date(2024, 1, 1), date(2024, 2, 1))

    assert records.inbound() == (open_b, open_a)
    assert records.inbound(["A"], "M") == (open_a,)
    assert records.inbound(["A"], "N") == ()
    assert records.stock() == (StockPosition("A", "", 7, 1, 12, date(2024, 1, 3)),)
    assert records.stock(["A"], "N") == (StockPosition("A", "N", 4, 1, 0, date(2024, 1, 2)),)
    assert records.stock(["B"]) == ()
    assert records.stock([f"X{i}" for i in range(600)] + ["A"]) == records.stock()
    assert [position.on_order for position in records.stock_by_warehouse("A")] == [12, 0]


@pytest.mark.usefixtures("small_shop")
def test_items_come_with_defaults(records: Records) -> None:
    """Columns that a frame lacks take the kind's defaults."""
    apple = records.items()[0]

    assert apple.aliases == ("pome", "fruit")
    assert (apple.category, apple.pack_size, apple.min_order_quantity, apple.active) == ("uncategorised", 1, 1, True)
    assert records.suppliers()[0].lead_time_sd_days == 0
    assert not records.is_empty()


def test_loading_again_replaces_and_keeps_other_fields(small_shop: Store, records: Records) -> None:
    """An upsert changes the columns it has and leaves the others of a known record alone."""
    with small_shop.writing() as connection:
        frame = pd.DataFrame({"sku": ["A"], "name": ["Green apple"], "supplier": ["S"], "unit_cost": [1.5], "unit_price": [2.5]})
        assert load(connection, "items", frame) == 1
    apple = records.items()[0]

    assert (apple.name, apple.unit_cost, apple.aliases) == ("Green apple", 1.5, ("pome", "fruit"))


def test_every_write_changes_the_fingerprint(small_shop: Store, records: Records) -> None:
    """Loading and labelling are both seen by whoever caches by fingerprint."""
    before = records.fingerprint()
    with small_shop.writing() as connection:
        load(connection, "policies", pd.DataFrame({"id": ["p"], "title": ["P"], "text": ["# P"]}))
    between = records.fingerprint()
    with small_shop.writing() as connection:
        set_label(connection, "simulated: a test")

    assert len({before, between, records.fingerprint()}) == 3
    assert records.label() == "simulated: a test"
    assert records.policies()[0].lang == "en"


def test_only_what_changes_demand_changes_its_fingerprint(small_shop: Store, records: Records) -> None:
    """Notes, policies and known items leave it; sales and new items do not, in a database from before there was one too."""
    with small_shop.writing() as connection:
        connection.execute(schema.meta.delete().where(schema.meta.c.key == "demand_revision"))
    seen = [records.demand_fingerprint()]
    writes: list[tuple[str, dict[str, object]]] = [
        ("policies", {"id": ["p"], "title": ["P"], "text": ["# P"]}),
        ("items", {"sku": ["A"], "name": ["Green apple"], "supplier": ["S"], "unit_cost": [1.0], "unit_price": [2.0]}),
        ("sales", {"item": ["A"], "warehouse": ["M"], "date": ["2024-01-02"], "units": [9]}),
        ("sales", {"item": ["A"], "warehouse": ["M"], "date": ["2024-01-02"], "units": [8]}),
        ("items", {"sku": ["D"], "name": ["Dog"], "supplier": ["S"], "unit_cost": [1.0], "unit_price": [2.0]}),
        ("sales", {"item": ["A"], "warehouse": ["M"], "date": ["2024-01-04"], "units": [1]}),
    ]
    for kind, columns in writes:
        with small_shop.writing() as connection:
            load(connection, kind, pd.DataFrame(columns))
        seen.append(records.demand_fingerprint())
    add_note(small_shop, "anything", author="Ann")

    assert seen[0] == seen[1] == seen[2]
    assert len(set(seen[2:])) == 5
    assert records.demand_fingerprint() == seen[-1]


@pytest.mark.parametrize(
    ("kind", "frame", "said"),
    [
        ("sail", pd.DataFrame(), "unknown kind"),
        ("stock", pd.DataFrame({"item": ["A"], "colour": ["red"]}), "no field 'colour'"),
        ("stock", pd.DataFrame({"item": ["A"], "warehouse": ["M"], "on_hand": [1]}), "'as_of'"),
        ("warehouses", pd.DataFrame({"code": ["A", None], "name": ["a", "b"]}), "'code' is empty in row 2"),
        ("suppliers", pd.DataFrame({"code": ["A"], "name": ["a"], "lead_time_days": ["soon"]}), "must hold numbers"),
    ],
)
def test_loading_refuses_frames_that_do_not_fit(store: Store, kind: str, frame: pd.DataFrame, said: str) -> None:
    """A wrong frame is an input error that names what is wrong, and nothing is written."""
    with pytest.raises(InputError, match=said), store.writing() as connection:
        load(connection, kind, frame)

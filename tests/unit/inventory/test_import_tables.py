"""Importing items, suppliers, warehouses, stock, purchase orders, policies and notes."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from inventory import audit
from inventory.importing import ImportReport, import_file
from inventory.records import Records
from inventory.store import Store
from parstock.errors import InputError


def _import(store: Store, kind: str, folder: Path, **columns: list[object]) -> ImportReport:
    path = folder / f"{kind}.csv"
    pd.DataFrame(columns).to_csv(path, index=False)
    return import_file(store, kind, path)


def _dropped(report: ImportReport) -> dict[str, int]:
    return {count.reason: count.rows for count in report.drops}


def test_items_are_cleaned(small_shop: Store, records: Records, tmp_path: Path) -> None:
    """The last row of a key wins, senseless numbers are dropped, and a new supplier is stated."""
    report = _import(
        small_shop,
        "items",
        tmp_path,
        SKU=["a", "D", "D", "E", None],
        Name=["Apple", "Dog", "Dogs", "Eel", "No one"],
        Supplier=["S", "T", "T", None, "S"],
        Cost=[1, 2, 2, -1, 1],
        Price=["1,000.5", 3, 3, 4, 1],
        MOQ=[None, 12, 24, 1, 1],
    )
    found = {item.sku: item for item in records.items()}

    assert _dropped(report) == {
        "no sku": 1,
        "unit_cost below 0": 1,
        "the same sku comes again further down: the last row wins": 1,
    }
    assert (report.rows_read, report.kept, report.changed, report.dropped) == (5, 1, 1, 3)
    assert (found["A"].unit_price, found["A"].min_order_quantity, found["A"].aliases) == (1000.5, 1, ("pome", "fruit"))
    assert (found["D"].name, found["D"].supplier, found["D"].min_order_quantity) == ("Dogs", "T", 24)
    assert "Created the supplier T" in report.assumptions[0]


def test_items_of_a_new_shop_get_a_default_supplier(store: Store, records: Records, tmp_path: Path) -> None:
    """A list of items alone is enough to begin."""
    _import(store, "items", tmp_path, item=["A"], description=["Apple"], cost=[1], price=[2])

    assert records.items()[0].supplier == "DEFAULT"


def test_notes_come_in_the_order_of_their_days(store: Store, records: Records, tmp_path: Path) -> None:
    """However days are written, notes are kept by ISO date and read oldest first; what is no date is refused."""
    written = ["2 March 2024", "2024-01-05 09:30:00", "13/02/2024"]
    _import(store, "notes", tmp_path, id=["a", "b", "c"], text=["late", "early", "middle"], date=written)

    assert [(note.id, note.written_at) for note in records.notes()] == [
        ("b", "2024-01-05 09:30:00"),
        ("c", "2024-02-13"),
        ("a", "2024-03-02"),
    ]
    with pytest.raises(InputError, match="row 2: written_at is 'yesterday', not a date"):
        _import(store, "notes", tmp_path, id=["d"], text=["x"], date=["yesterday"])


def test_a_lead_time_that_no_plan_accepts_is_dropped(store: Store, tmp_path: Path) -> None:
    """A lead time of years is a slip of the pen: it is counted at import and does not stop every later plan."""
    report = _import(store, "suppliers", tmp_path, code=["S", "T"], name=["Slow", "Quick"], lead_time=[1400, 7])

    assert _dropped(report) == {"lead_time_days beyond 730": 1}


def test_stock_of_unknown_items_is_dropped_and_counted(small_shop: Store, records: Records, tmp_path: Path) -> None:
    """Unknown items are left out with their codes; negative stock is kept and flagged."""
    report = _import(
        small_shop,
        "stock",
        tmp_path,
        item=["A", "b", "Z", "A"],
        warehouse=["M", "m", "M", "W"],
        quantity=[10, -2, 5, "1e12"],
    )
    positions = {(position.item, position.warehouse): position for sku in "AB" for position in records.stock_by_warehouse(sku)}

    assert _dropped(report) == {"on_hand beyond 1,000,000,000": 1, "the item is not known: import items or sales first": 1}
    assert next(count for count in report.drops if "not known" in count.reason).examples == ("row 4: 'Z'",)
    assert positions["A", "M"].on_hand == 10
    assert positions["B", "M"].on_hand == -2
    assert positions["B", "M"].as_of == date(2024, 1, 4)
    assert "2024-01-04" in report.assumptions[0]
    assert report.flags[0].rows == 1


def test_purchase_orders_are_imported(small_shop: Store, records: Records, tmp_path: Path) -> None:
    """Open orders arrive, received ones close, and unknown items are counted."""
    report = _import(
        small_shop,
        "purchase-orders",
        tmp_path,
        PO=["1", "9", "9"],
        item=["B", "C", "Z"],
        warehouse=["M"] * 3,
        quantity=[6, 7, 8],
        order_date=["2024-01-01", "13/01/2024", "2024-01-01"],
        due=["2024-01-20"] * 3,
        status=["Received", None, "open"],
    )

    assert [(order.order_id, order.item, order.supplier) for order in records.inbound()] == [("9", "C", "S"), ("2", "A", "S")]
    assert report.dropped == 1


def test_policies_come_from_a_folder(store: Store, records: Records, tmp_path: Path) -> None:
    """A folder of Markdown is a set of policies, imported once while nothing in it changes."""
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "orders.md").write_text("# Orders\n\nOrder weekly.")
    (folder / "orders.zh.md").write_text("# 订货\n\n每周订货。", encoding="utf-8")
    import_file(store, "policies", folder)

    assert [(policy.id, policy.title, policy.lang) for policy in records.policies()] == [
        ("orders", "Orders", "en"),
        ("orders.zh", "订货", "zh"),
    ]
    assert import_file(store, "policies", folder).already_imported
    (folder / "orders.md").write_text("# Orders\n\nOrder daily.")
    assert not import_file(store, "policies", folder).already_imported
    assert "daily" in records.policies()[0].text


def test_notes_suppliers_and_warehouses_are_imported(store: Store, records: Records, tmp_path: Path) -> None:
    """The remaining kinds arrive whole, and every import is in the audit log."""
    _import(store, "suppliers", tmp_path, code=["S"], name=["Sun"], lead_time=[5.5], country=["CN"])
    _import(store, "warehouses", tmp_path, id=["W"], name=["West"], city=["Bath"])
    _import(store, "notes", tmp_path, id=[1], text=["Late again"], date=["2024-01-01"], by=["Ann"])

    assert records.suppliers()[0].lead_time_days == 5.5
    assert records.warehouses()[0].city == "Bath"
    assert (records.notes()[0].id, records.notes()[0].author) == ("1", "Ann")
    assert audit.verify(store) == 3


@pytest.mark.parametrize(
    ("kind", "columns", "said"),
    [
        ("items", {"sku": ["A"], "name": ["a"], "cost": [1], "price": [2], "moq": [1.5]}, "row 2: min_order_quantity is .*whole"),
        ("suppliers", {"code": ["A"], "name": ["a"]}, "field lead_time_days.*columns: code, name"),
        ("policies", {"id": ["p"], "title": ["P"], "text": ["t"], "lang": ["fr"]}, "lang is 'fr', not one of en, zh"),
    ],
)
def test_wrong_tables_are_refused(store: Store, tmp_path: Path, kind: str, columns: dict[str, list[object]], said: str) -> None:
    """What a file cannot mean is an input error with its place."""
    with pytest.raises(InputError, match=said):
        _import(store, kind, tmp_path, **columns)


def test_rows_of_unknown_items_can_be_imported_once_the_items_are(store: Store, records: Records, tmp_path: Path) -> None:
    """A file that was imported too early is taken again when its items are known, and then no more."""
    stock: dict[str, list[object]] = {"item": ["A"], "on_hand": [5]}
    early = _import(store, "stock", tmp_path, **stock)
    _import(store, "items", tmp_path, item=["A"], name=["Apple"], cost=[1], price=[2])
    again, third = _import(store, "stock", tmp_path, **stock), _import(store, "stock", tmp_path, **stock)

    assert (early.dropped, again.kept, again.already_imported, third.already_imported) == (1, 1, False, True)
    assert [position.on_hand for position in records.stock()] == [5]
    assert audit.verify(store) == 3

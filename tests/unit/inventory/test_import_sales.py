"""Importing sales: plain rows and the online-retail preset."""

import os
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from inventory.importing import ImportReport, import_file
from inventory.importing.known import Known
from inventory.importing.ledger import Ledger
from inventory.importing.online_retail import clean_online_retail
from inventory.importing.sales import clean_sales
from inventory.records import Records
from inventory.store import Store
from parstock.errors import InputError
from parstock.settings import Settings

NOTHING = Known({}, (), (), None)
HEADINGS = ["Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "Customer ID", "Country"]
DIRTY = [
    ("1", "10001A", "HEART", 6, "2010-01-04 09:00", 2.0, "C1", "UK"),
    ("1", "10001A", "HEART", 6, "2010-01-04 09:00", 2.0, "C1", "UK"),  # duplicate
    ("2", "10001a ", "HEART", 4, "2010-01-04 10:00", 4.0, "C2", "UK"),  # spelling
    ("3", "10001A", "HEART RED", 1, "2010-01-05 10:00", 2.0, "C2", "UK"),  # other description
    ("4", "10002", "BEAR", 500, "2010-01-05 10:00", 1.0, "C3", "UK"),  # mistake
    ("C5", "10002", "BEAR", -500, "2010-01-05 11:00", 1.0, "C3", "UK"),  # its cancellation
    ("6", "10002", "BEAR", 3, "2010-01-05 12:00", 1.0, "C3", "UK"),
    ("C7", "10002", "BEAR", -3, "2010-01-07 12:00", 1.0, "C3", "UK"),  # a later return keeps its sale
    ("A8", "B", "Adjust bad debt", 1, "2010-01-07 12:00", -500.0, None, "UK"),
    ("9", "POST", "POSTAGE", 1, "2010-01-07 12:00", 18.0, "C1", "UK"),
    ("9", "gift_0001_20", "Gift voucher", 1, "2010-01-07 12:00", 18.0, "C1", "UK"),
    ("9", "TEST0001", "Test", 1, "2010-01-07 12:00", 18.0, "C1", "UK"),
    ("10", "10001A", "damaged", -7, "2010-01-07 12:00", 0.0, None, "UK"),  # write-off
    ("11", "10001A", None, 5, "2010-01-07 12:00", 0.0, None, "UK"),  # neither description nor price
    ("11", "10001A", "HEART", 5, "2010-01-07 12:00", 0.0, None, "UK"),  # gift
    ("11", "10001A", "HEART", 5, "2010-01-07 12:00", None, None, "UK"),
    ("11", "10001A", "HEART", 0, "2010-01-07 12:00", 1.0, None, "UK"),
    ("11", "10001A", "HEART", 2_000_000_000, "2010-01-07 12:00", 1.0, None, "UK"),
    ("12", "DCGS0058", None, 2, "2010-01-08 12:00", 3.0, None, "UK"),  # nobody knows its name
]


def _write(path: Path, rows: list[tuple[object, ...]], headings: list[str] = HEADINGS) -> Path:
    pd.DataFrame(rows, columns=headings).to_csv(path, index=False)
    return path


def _decided(report: ImportReport) -> dict[str, int]:
    return {count.reason.split(":")[0].split(" (")[0]: count.rows for count in (*report.drops, *report.changes)}


def test_the_preset_cleans_by_its_rules(store: Store, records: Records, tmp_path: Path) -> None:
    """Every kind of dirt is dropped or repaired for its own reason, and what is left is the demand."""
    report = import_file(store, "sales", _write(tmp_path / "retail.csv", DIRTY), preset="online-retail")

    assert _decided(report) == {
        "exact duplicate of an earlier row": 1,
        "cancellation": 2,
        "sale that its customer cancelled in full on the same day": 1,
        "bad-debt adjustment": 1,
        "not a product": 3,
        "stock write-off": 1,
        "quantity missing or zero": 1,
        "quantity beyond 1,000,000,000": 1,
        "neither description nor price": 1,
        "price missing or infinite": 1,
        "price zero": 1,
        "price negative": 0,
        "item code in lower case or with blanks around it": 1,
        "no description": 1,
        "description replaced by the most frequent one of its code": 1,
    }
    assert (report.rows_read, report.kept, report.changed, report.dropped) == (19, 2, 3, 14)
    panel = records.panel()
    assert panel.items == ("10001A", "10002", "DCGS0058")
    np.testing.assert_array_equal(panel.demand, [[10, 1, 0, 0, 0], [np.nan, 3, 0, 0, 0], [np.nan, np.nan, np.nan, np.nan, 2]])
    assert panel.price is not None
    assert panel.price[0, 0] == pytest.approx((6 * 2 + 4 * 4) / 10)


def test_the_preset_makes_what_is_missing_and_says_so(store: Store, records: Records, tmp_path: Path) -> None:
    """Items take the median price and an assumed cost; the default warehouse and supplier are stated."""
    report = import_file(store, "sales", _write(tmp_path / "retail.csv", DIRTY), preset="online-retail")
    heart, _, nameless = records.items()

    assert (heart.name, heart.category, heart.unit_price, heart.unit_cost) == ("HEART", "uncategorised", 2.0, 1.2)
    assert nameless.name == "DCGS0058"
    assert [warehouse.code for warehouse in records.warehouses()] == ["MAIN"]
    assert [supplier.code for supplier in records.suppliers()] == ["DEFAULT"]
    text = str(report)
    assert "60% of it" in text
    assert "lead time of 14 days" in text
    assert "19 rows read = 2 kept + 3 changed + 14 dropped." in text


def test_a_dry_run_reports_the_same_and_writes_nothing(store: Store, records: Records, tmp_path: Path) -> None:
    """A dry run differs from the import in nothing but its word."""
    path = _write(tmp_path / "retail.csv", DIRTY)
    before = records.fingerprint()
    dry = import_file(store, "sales", path, preset="online-retail", dry_run=True)

    assert records.is_empty()
    assert records.fingerprint() == before
    wet = import_file(store, "sales", path, preset="online-retail")
    assert dry.to_json() | {"dry_run": False} == wet.to_json()
    assert "dry run" in str(dry)


def test_the_same_file_is_imported_once(store: Store, records: Records, tmp_path: Path) -> None:
    """The second run says so and changes nothing, even under another name."""
    path = _write(tmp_path / "retail.csv", DIRTY)
    first = import_file(store, "sales", path, preset="online-retail")
    before = records.fingerprint()
    again = import_file(store, "sales", path.rename(tmp_path / "copy.csv"), preset="online-retail")

    assert again.already_imported
    assert not first.already_imported
    assert "nothing was changed" in str(again)
    assert again.drops == first.drops
    assert records.fingerprint() == before


def test_overlapping_files_replace_days(store: Store, records: Records, tmp_path: Path) -> None:
    """A later file with some of the same days gives their new totals, adds its own, and says what it replaced."""
    headings = ["item", "date", "units"]
    rows: list[tuple[object, ...]] = [("A", "2024-01-01", 1), ("A", "2024-01-02", 2)]
    first = import_file(store, "sales", _write(tmp_path / "a.csv", rows, headings))
    later: list[tuple[object, ...]] = [("A", "2024-01-01", 1), ("a", "2024-01-02", 5), ("A", "2024-01-03", 3)]
    second = import_file(store, "sales", _write(tmp_path / "b.csv", later, headings))

    np.testing.assert_array_equal(records.panel().demand, [[1, 5, 3]])
    assert not any("whole days" in said for said in first.assumptions)
    assert second.assumptions == (
        "The file holds whole days: 1 daily totals recorded before, 2 units together, are replaced by its own, 5 units. "
        "Where it holds only part of a day, import that day whole.",
    )


def test_lines_that_differ_in_an_unused_column_are_no_duplicates(store: Store, records: Records, tmp_path: Path) -> None:
    """Two orders of one unit on one day are two units; the same line of the same order twice is one."""
    rows: list[tuple[object, ...]] = [("o1", "A", "2024-01-01", 1), ("o2", "A", "2024-01-01", 1), ("o2", "A", "2024-01-01", 1)]
    report = import_file(store, "sales", _write(tmp_path / "a.csv", rows, ["order", "item", "date", "units"]))

    assert (report.kept, report.dropped, report.ignored_columns) == (2, 1, ("order",))
    np.testing.assert_array_equal(records.panel().demand, [[2]])


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([b"A", b"B"], "row 2: item is b'A': bytes, not text"),
        ([["A"], ["B"]], "item holds lists, not single values"),
        (["A", "B" * 201], "row 3: item is 'B+'... with 201 characters; a code has at most 200"),
    ],
)
def test_cells_that_cannot_be_stored_are_refused(store: Store, tmp_path: Path, cells: list[object], said: str) -> None:
    """What a file can hold and a database cannot is an input error that names the cell, on every database."""
    path = tmp_path / "sales.parquet"
    pd.DataFrame({"item": cells, "date": ["2024-01-01"] * 2, "units": [1, 2]}).to_parquet(path)
    with pytest.raises(InputError, match=said):
        import_file(store, "sales", path)


def test_plain_sales_are_added_up(store: Store, records: Records, tmp_path: Path) -> None:
    """Several rows of a day are summed with prices weighted, and bad rows are counted by reason."""
    rows = [
        ("A", "2024-01-01", "2", "1.0", "no", "yes"),
        ("A", "2024-01-01", "6", "2.0", "yes", None),
        ("A", "2024-01-02", "0", "0", None, "no"),
        ("A", "2024-01-02", "0", "0", None, "no"),
        ("A", "2024-01-03", "-1", "1", None, None),
        ("A", "2024-01-03", "2e9", "1", None, None),
        (None, "2024-01-03", "1", "1", None, None),
        ("A", None, "1", "1", None, None),
        ("A", "2024-01-03", "nan", "1", None, None),
    ]
    headings = ["SKU", "Day", "Qty", "Price", "Promo", "In stock"]
    report = import_file(store, "sales", _write(tmp_path / "sales.csv", rows, headings))

    assert (report.kept, report.changed, report.dropped) == (2, 1, 6)
    panel = records.panel()
    np.testing.assert_array_equal(panel.demand, [[8, 0]])
    assert panel.price is not None
    np.testing.assert_array_equal(panel.price, [[1.75, np.nan]])
    assert panel.promotion is not None
    assert panel.promotion.tolist() == [[True, False]]
    assert panel.in_stock is not None
    assert panel.in_stock.tolist() == [[True, False]]


def test_sales_without_a_warehouse_need_one_to_be_certain(small_shop: Store, tmp_path: Path) -> None:
    """With several warehouses a file must say which; the message gives the option."""
    path = _write(tmp_path / "sales.csv", [("A", "2024-01-01", 1)], ["item", "date", "units"])
    with pytest.raises(InputError, match=r"several \(M, N\).*--map"):
        import_file(small_shop, "sales", path)


def test_spikes_and_closed_days_are_flagged_and_kept(store: Store, records: Records, tmp_path: Path) -> None:
    """A wholesale day and days without a sale are stated; the demand stays as it is."""
    days = pd.date_range("2024-01-01", periods=28)
    rows: list[tuple[object, ...]] = [("A", f"{day:%Y-%m-%d}", 5 + day.day % 3) for day in days if day.dayofweek != 5]
    rows[10] = (*rows[10][:2], 4000)
    report = import_file(store, "sales", _write(tmp_path / "sales.csv", rows, ["item", "date", "units"]))
    spike, gap = report.flags

    assert (spike.rows, gap.rows) == (1, 4)
    assert "4,000 units" in spike.examples[0]
    assert "4 of 4 Saturdays" in gap.examples
    assert np.nanmax(records.panel().demand) == 4000
    assert report.dropped == 0


def test_control_characters_are_taken_as_blanks(store: Store, records: Records, tmp_path: Path) -> None:
    """A NUL or an escape sequence reaches neither a database nor a terminal, and the rows count as changed."""
    path = tmp_path / "sales.parquet"
    cells = {"item": ["A\x00", "A", "B\x1b[31m"], "date": ["2024-01-01"] * 3, "units": [1, 2, 4]}
    pd.DataFrame({**cells, "tags": [[1], [1], []]}).to_parquet(path)
    report = import_file(store, "sales", path)

    assert (report.kept, report.changed, report.dropped, report.ignored_columns) == (1, 2, 0, ("tags",))
    assert report.changes[0].reason == "item with control characters: taken as blanks"
    assert [item.sku for item in records.items()] == ["A", "B [31m"]
    assert np.nansum(records.panel().demand) == 7


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"kind": "sails"}, "unknown kind .*'sails'"),
        ({"preset": "offline"}, "unknown preset 'offline'; known: online-retail"),
        ({"kind": "stock", "preset": "online-retail"}, "for sales, not for stock"),
        ({"mapping": {"x": "item"}}, "no column 'x'"),
    ],
)
def test_a_wrong_request_is_refused(store: Store, tmp_path: Path, arguments: dict[str, object], said: str) -> None:
    """Wrong kinds, presets and mappings are input errors that list what there is."""
    path = _write(tmp_path / "sales.csv", [("A", "2024-01-01", 1)], ["item", "date", "units"])
    with pytest.raises(InputError, match=said):
        import_file(store, **{"kind": "sales", "path": path, **arguments})  # type: ignore[arg-type]


def test_progress_is_told(store: Store, tmp_path: Path) -> None:
    """The stages come in order and end at the whole."""
    stages: list[tuple[str, float]] = []
    path = _write(tmp_path / "retail.csv", DIRTY)
    import_file(store, "sales", path, preset="online-retail", progress=lambda stage, share: stages.append((stage, share)))

    assert [stage for stage, _ in stages] == ["reading", "cleaning", "writing", "done"]
    assert [share for _, share in stages] == sorted(share for _, share in stages)
    assert stages[-1][1] == 1


def test_the_published_year_is_imported(tmp_path: Path) -> None:
    """The public year of invoices gives the published counts of its dirt."""
    shared = os.environ.get("PARSTOCK_SHARED")
    path = Path(shared or "absent") / "data/online_retail_ii/online_retail_ii_year1.parquet"
    if not path.exists():
        pytest.skip("PARSTOCK_SHARED does not lead to the online retail data")
    settings = Settings(home=tmp_path, database_url=None, as_of=None)
    store = Store.open(settings)
    report = import_file(store, "sales", path, preset="online-retail", dry_run=True)
    store.close()
    found = {count.reason.split(" (")[0]: count.found for count in report.drops}

    assert report.rows_read == 525_461
    assert found["exact duplicate of an earlier row"] == 6_865
    assert found["cancellation"] == 10_206
    assert found["bad-debt adjustment"] == 3
    assert (report.first_day, report.last_day) == ("2009-12-01", "2010-12-09")


_codes = st.sampled_from(["10001", "10001a", " 10001A", "POST", "TEST001", "", None])
_line = st.tuples(
    st.sampled_from(["1", "C1", "A1", None]),
    _codes,
    st.sampled_from(["HEART", "BEAR", None]),
    st.sampled_from([1, 5, -5, 0, None, 3_000_000_000]),
    st.sampled_from(["2010-01-04", "2010-01-05 10:00", None]),
    st.sampled_from([1.0, 0.0, -2.0, None, float("inf")]),
    st.sampled_from(["C1", None]),
)


@hypothesis_settings(max_examples=60, deadline=None)
@given(st.lists(_line, min_size=1, max_size=25))
def test_the_counts_of_any_dirty_invoices_add_up(rows: list[tuple[object, ...]]) -> None:
    """Every row is booked once, and the demand is the sum of the units of the rows that were taken."""
    names = ["invoice", "item", "description", "units", "date", "price", "customer"]
    frame = pd.DataFrame(rows, columns=names, dtype=object)
    ledger = Ledger(len(frame))
    cleaned = clean_online_retail(frame, NOTHING, ledger)
    taken = int(ledger.alive.sum())

    assert taken + sum(count.rows for count in ledger.drops) == len(frame)
    assert sum(count.rows for count in ledger.changes()) <= taken
    units = pd.to_numeric(frame["units"])[ledger.alive].sum()
    assert (cleaned.frames["sales"]["units"].sum() if taken else 0) == units


@hypothesis_settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            _codes, st.dates(date(2024, 1, 1), date(2024, 1, 5)) | st.none(), st.integers(-2, 9) | st.just(2**40) | st.none()
        ),
        min_size=1,
        max_size=25,
    )
)
def test_the_counts_of_any_dirty_sales_add_up(rows: list[tuple[object, ...]]) -> None:
    """Plain sales are booked once each too, and no unit appears or vanishes."""
    frame = pd.DataFrame(rows, columns=["item", "date", "units"], dtype=object)
    ledger = Ledger(len(frame))
    cleaned = clean_sales(frame, NOTHING, ledger)
    taken = int(ledger.alive.sum())

    assert taken + sum(count.rows for count in ledger.drops) == len(frame)
    assert (cleaned.frames["sales"]["units"].sum() if taken else 0) == pd.to_numeric(frame["units"])[ledger.alive].sum()

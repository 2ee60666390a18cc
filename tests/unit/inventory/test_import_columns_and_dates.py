"""Columns to fields, and cells to values."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.importing.columns import map_columns, normal
from inventory.importing.dates import as_days
from inventory.importing.online_retail import FIELDS
from inventory.importing.values import as_flags, as_numbers, as_text
from inventory.kinds import KINDS
from parstock.errors import InputError


@pytest.mark.parametrize(
    ("heading", "expected"),
    [("Customer ID", "customer_id"), ("CustomerID", "customer_id"), ("customer-id ", "customer_id"), ("StockCode", "stock_code")],
)
def test_headings_are_compared_by_their_words(heading: str, expected: str) -> None:
    """Blanks, hyphens and capitals do not matter."""
    assert normal(heading) == expected


def test_obvious_synonyms_are_guessed_and_told_columns_win() -> None:
    """A mapping that is told wins over a name, and a name over a synonym."""
    frame = pd.DataFrame(columns=["SKU", "Day", "units", "Quantity", "Colour"])
    guessed = map_columns(frame, KINDS["sales"].fields, {}, "sales")
    told = map_columns(frame, KINDS["sales"].fields, {"Quantity": "units"}, "sales")

    assert guessed.columns == {"SKU": "item", "Day": "date", "units": "units"}
    assert guessed.ignored == ("Quantity", "Colour")
    assert told.columns == {"SKU": "item", "Day": "date", "Quantity": "units"}


@pytest.mark.parametrize(
    "headings",
    [
        ["invoice", "stock_code", "description", "quantity", "invoice_date", "price", "customer_id", "country"],
        ["Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "Customer ID", "Country"],
        ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"],
    ],
)
def test_the_preset_knows_all_spellings_of_its_layout(headings: list[str]) -> None:
    """Both headings of the published files, and the repository's own, need no mapping."""
    mapped = map_columns(pd.DataFrame(columns=headings), FIELDS, {}, "sales")

    assert list(mapped.columns.values()) == ["invoice", "item", "description", "units", "date", "price", "customer", "country"]


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({}, "fields item, date.*columns: product no, when, units; .*--map"),
        ({"colour": "item"}, "no column 'colour'; columns: product no, when, units"),
        ({"when": "moment"}, "no field 'moment'; fields: item"),
        ({"when": "date", "product no": "date"}, "two columns, 'when' and 'product no'"),
    ],
)
def test_a_wrong_mapping_is_refused(mapping: dict[str, str], said: str) -> None:
    """The message names what is missing, what the file has, and the option that would help."""
    with pytest.raises(InputError, match=said):
        map_columns(pd.DataFrame(columns=["product no", "when", "units"]), KINDS["sales"].fields, mapping, "sales")


def test_the_missing_column_comes_with_the_option_that_names_it() -> None:
    """A column that sounds like the missing field is put into the hint."""
    with pytest.raises(InputError, match=r'--map "lead time in days=lead_time_days"'):
        map_columns(pd.DataFrame(columns=["code", "name", "lead time in days"]), KINDS["suppliers"].fields, {}, "suppliers")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["2024-03-01", "2024/3/2", "20240303", "2024年3月4日", "5 March 2024", "Mar 6, 2024", "07-Mar-2024"], range(1, 8)),
        (["1/3/2024", "02/03/2024 08:30", "13/3/2024"], [1, 2, 13]),
        (["3/1/2024 8:26", "3/13/2024 17:00:01"], [1, 13]),
        (["2024-03-01T10:00:00Z", "2024-03-02 10:00:00.5+08:00", "2024-03-03 23:59"], [1, 2, 3]),
        (["3/3/2024"], [3]),
        ([pd.Timestamp("2024-03-01 10:00"), date(2024, 3, 2)], [1, 2]),
        (["2024-03-01", "13.03.2024"], [1, 13]),
    ],
)
def test_dates_are_read(cells: list[object], expected: list[int]) -> None:
    """Every common form of a date means one day; the time of day is cut off."""
    days = as_days(pd.Series(cells, dtype=object), "date")

    assert days.tolist() == [date(2024, 3, day) for day in expected]


def test_typed_and_blank_dates() -> None:
    """Timestamps with and without a zone keep their own day; blank cells stay blank."""
    zoned = pd.Series(pd.to_datetime(["2024-03-01 23:30"])).dt.tz_localize("Asia/Shanghai")

    assert as_days(zoned, "date").tolist() == [date(2024, 3, 1)]
    assert np.isnat(as_days(pd.Series([None, "  ", "2024-03-01"], dtype=object), "date")).tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (
            ["13/03/2024", "2024-03-01", "03/04/2024"],
            r"row 4: .*'03/04/2024' may be 2024-04-03 .* or 2024-03-04 .*several forms",
        ),
        (["13/03/2024", "03/13/2024", "03/04/2024"], r"row 4: .*several forms"),
        (["03/03/2024", "03/04/2024"], r"row 3: .*2024-04-03.*2024-03-04.*nothing|row 3: .*no other date"),
        (["2024-03-01", "soon"], r"row 3: date is 'soon', not a date"),
        (["2024-13-01"], r"row 2: date is '2024-13-01'"),
        (["2024-03-01", "0204-03-01"], r"row 3: .*outside the years"),
    ],
)
def test_dates_in_two_readings_are_refused(cells: list[str], said: str) -> None:
    """A date that the column does not settle is an input error with the row and both readings."""
    with pytest.raises(InputError, match=said):
        as_days(pd.Series(cells, dtype=object), "date")


@given(st.lists(st.dates(date(1990, 1, 1), date(2099, 12, 31)), min_size=1, max_size=20), st.booleans())
def test_a_column_of_one_form_is_read_back_or_refused(days: list[date], month_first: bool) -> None:
    """Written in one form, a column is read as it was meant or refused; it is never read wrongly if a day beyond 12 is in it."""
    form = "%m/%d/%Y" if month_first else "%d/%m/%Y"
    cells = pd.Series([day.strftime(form) for day in days], dtype=object)
    if any(day.day > 12 for day in days) or all(day.day == day.month for day in days):
        assert as_days(cells, "date").tolist() == days
    else:
        with pytest.raises(InputError):
            as_days(cells, "date")


def test_numbers_and_flags_are_read() -> None:
    """Grouped thousands, blanks and the usual words are understood; codes from spreadsheets lose their ".0"."""
    assert as_numbers(pd.Series(["1,200.5", "-3", " ", "n/a", "1e3"]), "units").tolist()[:2] == [1200.5, -3]
    assert np.isnan(as_numbers(pd.Series([" ", "NaN"]), "units")).all()
    assert as_flags(pd.Series(["Yes", "0", None, "是", "FALSE"]), "promotion").tolist() == [True, False, None, True, False]
    assert as_flags(pd.Series([True, False]), "promotion").tolist() == [True, False]
    assert as_text(pd.Series([85048.0, " x ", None, 7, ""], dtype=object)).tolist() == ["85048", "x", None, "7", None]


def test_unreadable_numbers_and_flags_are_refused() -> None:
    """The message names the row, the field and the value."""
    with pytest.raises(InputError, match="row 3: units is 'three'"):
        as_numbers(pd.Series(["1", "three"]), "units")
    with pytest.raises(InputError, match="row 2: units is '3,5'"):
        as_numbers(pd.Series(["3,5"]), "units")
    with pytest.raises(InputError, match="row 2: promotion is 'maybe'"):
        as_flags(pd.Series(["maybe"]), "promotion")

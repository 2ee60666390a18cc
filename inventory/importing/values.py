"""Cells into values: text, numbers and flags. Blank cells stay missing; unreadable ones are refused with their row."""

from typing import Any

import numpy as np
import pandas as pd

from inventory.importing.ledger import row_number
from parstock.domain import Floats
from parstock.errors import InputError

_FLAGS = {
    **dict.fromkeys(("true", "t", "yes", "y", "1", "1.0", "是"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0", "0.0", "否"), False),
}
_BLANK = frozenset({"", "nan", "none", "null", "n/a", "na", "nat", "-"})
"""What people write for "nothing" in a column of numbers, flags or dates."""


def as_text(series: "pd.Series[Any]") -> "pd.Series[Any]":
    """Text without surrounding blanks, None where the cell is blank; 85048.0 from a spreadsheet becomes "85048"."""
    return _by_distinct(series, _text)


def as_numbers(series: "pd.Series[Any]", field: str) -> Floats:
    """[n] numbers, NaN where the cell is blank; thousands may be grouped by commas ("1,200.50").

    Raises:
        InputError: A cell is no number; names the row and the value.
    """
    if pd.api.types.is_numeric_dtype(series.dtype) and not pd.api.types.is_bool_dtype(series.dtype):
        return np.asarray(series.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)
    text = as_text(series).astype("string")
    grouped = text.str.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?").fillna(False)
    plain = text.mask(grouped, text.str.replace(",", "", regex=False)).mask(_is_blank(text))
    numbers = pd.to_numeric(plain.astype(object), errors="coerce")
    _refuse(plain.notna() & numbers.isna(), series, field, "a number such as 12 or 1200.50")
    return np.asarray(numbers.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)


def as_flags(series: "pd.Series[Any]", field: str) -> "pd.Series[Any]":
    """True, False or None.

    Raises:
        InputError: A cell is neither; names the row and the value.
    """
    text = as_text(series).str.casefold()
    blank = _is_blank(text)
    _refuse(~blank & ~text.isin(list(_FLAGS)), series, field, "true or false")
    return text.map(_FLAGS).astype(object).where(~blank, None)


def _is_blank(text: "pd.Series[Any]") -> "pd.Series[Any]":
    return text.isna() | text.str.casefold().isin(list(_BLANK))


def _refuse(bad: "pd.Series[Any]", series: "pd.Series[Any]", field: str, wanted: str) -> None:
    where = bad.to_numpy(dtype=bool)
    if where.any():
        position = int(where.argmax())
        value = series.iloc[position]
        raise InputError(f"row {row_number(position)}: {field} is {value!r}, not {wanted}", field=field)


def _by_distinct(series: "pd.Series[Any]", convert: Any) -> "pd.Series[Any]":
    """Convert each distinct value once: files repeat their values."""
    codes, distinct = pd.factorize(series)
    converted = np.array([*map(convert, distinct), None], dtype=object)
    return pd.Series(converted[codes], index=series.index, dtype=object)


def _text(value: object) -> str | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    return text or None

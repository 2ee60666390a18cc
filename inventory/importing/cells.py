"""Cells as a file holds them, made fit for a database before anything is read from them."""

import re
from collections.abc import Collection
from typing import Any

import pandas as pd

from inventory.importing.ledger import Ledger, row_number
from parstock.domain import Bools
from parstock.errors import InputError

LONGEST_CODE = 200
"""Characters that the code of an item, warehouse, supplier, order or document may have."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+")


def repeated(frame: pd.DataFrame) -> Bools:
    """[n] True where a row is the same as an earlier one in every column of the file."""
    try:
        return frame.duplicated().to_numpy()
    except TypeError:  # a column of lists, such as Parquet may have
        return frame.astype(str).duplicated().to_numpy()


def clean_cells(frame: pd.DataFrame, codes: Collection[str], ledger: Ledger) -> pd.DataFrame:
    """The frame with blanks in place of control characters, which some databases refuse and terminals obey.

    Args:
        frame: Columns called like fields.
        codes: Fields that hold codes.
        ledger: Takes the changes.

    Raises:
        InputError: A cell holds a list or bytes, or a code is too long; names the row or the column.
    """
    cleaned = {}
    for name in frame.columns:
        series = frame[name]
        if series.dtype == object or pd.api.types.is_string_dtype(series.dtype):
            replaced = _replacements(series, longest=LONGEST_CODE if name in codes else None)
            if replaced:
                ledger.change(series.isin(list(replaced)).to_numpy(), f"{name} with control characters: taken as blanks", series)
                series = series.map(lambda value, replaced=replaced: replaced.get(value, value))
        cleaned[name] = series
    return pd.DataFrame(cleaned, index=frame.index)


def _replacements(series: "pd.Series[Any]", longest: int | None) -> dict[str, str]:
    """Text with control characters -> the same with blanks."""
    try:
        distinct = series.unique()
    except TypeError as error:
        raise InputError(f"{series.name} holds lists, not single values", field=str(series.name)) from error
    replaced = {}
    for value in distinct:
        if isinstance(value, bytes):
            raise InputError(f"{_place(series, value)} is {value[:40]!r}: bytes, not text", field=str(series.name))
        if not isinstance(value, str):
            continue
        if longest is not None and len(value) > longest:
            said = f"{value[:40]!r}... with {len(value):,} characters; a code has at most {longest}"
            raise InputError(f"{_place(series, value)} is {said}", field=str(series.name))
        if _CONTROL.search(value):
            replaced[value] = _CONTROL.sub(" ", value)
    return replaced


def _place(series: "pd.Series[Any]", value: object) -> str:
    position = int((series == value).to_numpy().argmax())
    return f"row {row_number(position)}: {series.name}"

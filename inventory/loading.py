"""Bulk writing of records: whole frames, upserted by key. Cleans nothing; see `inventory/importing` for that."""

from collections.abc import Callable
from typing import Any

import pandas as pd
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from inventory import meta
from inventory.kinds import Field, FieldType, Kind, stored_kind
from inventory.schema import demand, planned_days
from parstock.errors import InputError

CHUNK_ROWS = 50_000
"""Rows of one bulk statement."""


def load(connection: Connection, kind: str, frame: pd.DataFrame) -> int:
    """Write a frame of records in the caller's transaction; records with the same key are replaced.

    A field that the frame has no column for keeps its stored value in a record that exists already
    and takes the kind's default in a new one.

    Args:
        connection: Inside a transaction, such as `store.writing()` gives.
        kind: One of `inventory.kinds.KINDS`, or "planned".
        frame: Columns called like the kind's fields.

    Returns:
        The number of rows written.

    Raises:
        InputError: Unknown kind or column, a required column is missing or has an empty or unreadable value.
    """
    spec = stored_kind(kind)
    given = [spec.field(str(name)) for name in frame.columns]
    missing = [field.name for field in spec.fields if _must_hold(spec, field) and field.name not in frame.columns]
    if missing:
        raise InputError(f"{kind} need the column {missing[0]!r}; found: {', '.join(map(str, frame.columns))}", field=missing[0])
    if not len(frame):
        return 0
    statement = _upsert(connection, spec, given)
    for start in range(0, len(frame), CHUNK_ROWS):
        chunk = frame.iloc[start : start + CHUNK_ROWS]
        columns = {_column(field): _values(spec, field, chunk[field.name]) for field in given}
        for field in spec.fields:
            if field.name not in frame.columns:
                columns[_column(field)] = [field.default] * len(chunk)
        names = list(columns)
        connection.execute(statement, [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)])
    meta.bump_revision(connection)
    if spec.table in (demand, planned_days):
        meta.bump_demand_revision(connection)
    return len(frame)


def set_label(connection: Connection, text: str) -> None:
    """Store what is said wherever these records are shown, such as "simulated: ..."."""
    meta.write(connection, "label", text)
    meta.bump_revision(connection)


def _column(field: Field) -> str:
    return field.column or field.name


def _must_hold(spec: Kind, field: Field) -> bool:
    """Whether the table refuses an empty value that no default fills."""
    return field.default is None and not spec.table.c[_column(field)].nullable


def _upsert(connection: Connection, spec: Kind, given: list[Field]) -> postgresql.Insert | sqlite.Insert:
    """INSERT ... ON CONFLICT DO UPDATE of the columns that are given."""
    insert = (postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert)(spec.table)
    key = [column.name for column in spec.table.primary_key]
    changed = {_column(field): insert.excluded[_column(field)] for field in given if _column(field) not in key}
    if not changed:
        return insert.on_conflict_do_nothing(index_elements=key)
    return insert.on_conflict_do_update(index_elements=key, set_=changed)


def _values(spec: Kind, field: Field, series: "pd.Series[Any]") -> list[object]:
    """The column as plain Python values, empty ones replaced by the default."""
    try:
        values = _CONVERTERS[field.type](series)
    except (ValueError, TypeError) as error:
        message = f"{spec.name}: column {field.name!r} must hold {_WANTED[field.type]}: {error}"
        raise InputError(message, field=field.name) from error
    known = values.notna()
    if _must_hold(spec, field) and not known.all():
        position = int((~known).to_numpy().argmax())
        raise InputError(f"{spec.name}: column {field.name!r} is empty in row {position + 1}", field=field.name)
    return values.astype(object).where(known, field.default).tolist()


def _days(series: "pd.Series[Any]") -> "pd.Series[Any]":
    stamps = pd.to_datetime(series)
    return stamps.dt.date.where(stamps.notna(), None)


_CONVERTERS: dict[FieldType, Callable[["pd.Series[Any]"], "pd.Series[Any]"]] = {
    "text": lambda series: series.astype("string"),
    "number": lambda series: series.astype("Float64"),
    "integer": lambda series: series.astype("Float64").astype("Int64"),
    "flag": lambda series: series.astype("boolean"),
    "day": _days,
    "moment": lambda series: series.astype("string"),
}
_WANTED: dict[FieldType, str] = {
    "text": "text",
    "number": "numbers",
    "integer": "whole numbers",
    "flag": "true or false",
    "day": "dates",
    "moment": "dates with or without a time",
}

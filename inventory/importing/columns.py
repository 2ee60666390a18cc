"""Which column of a file means which field: as told, by name, or by an obvious synonym."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from inventory.kinds import Field
from parstock.errors import InputError


@dataclass(frozen=True, eq=False, slots=True)
class MappedRecords:
    """A file's rows under the names of fields."""

    frame: pd.DataFrame
    """Columns called like fields; values as in the file."""
    columns: Mapping[str, str]
    """Column of the file -> field."""
    ignored: tuple[str, ...]
    """Columns that mean no field."""


def map_columns(frame: pd.DataFrame, fields: Sequence[Field], mapping: Mapping[str, str], noun: str) -> MappedRecords:
    """Give the columns of a file the names of fields.

    Args:
        frame: The rows as read.
        fields: What is wanted.
        mapping: Column of the file -> field, as a person told; wins over any guess.
        noun: What is imported, for messages ("sales").

    Raises:
        InputError: The mapping names an unknown column or field or one field twice, or a required field has no column.
    """
    seen = [str(column) for column in frame.columns]
    told = _told(seen, fields, mapping, noun)
    chosen = dict(told)
    for name_of in (_own_name, _synonyms):
        for field in fields:
            if field.name in chosen.values():
                continue
            for heading in name_of(field):
                column = next((c for c in seen if c not in chosen and normal(c) == heading), None)
                if column is not None:
                    chosen[column] = field.name
                    break
    missing = [field.name for field in fields if field.required and field.name not in chosen.values()]
    if missing:
        raise _missing(missing, [column for column in seen if column not in chosen], seen, noun)
    ordered = {column: chosen[column] for column in seen if column in chosen}
    positions = [seen.index(column) for column in ordered]
    mapped = frame.iloc[:, positions]
    mapped.columns = pd.Index(list(ordered.values()))
    return MappedRecords(mapped, ordered, tuple(column for column in seen if column not in ordered))


def normal(heading: str) -> str:
    """A heading in lower case with `_` between words: "Customer ID", "CustomerID" and "customer-id" are one."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", heading.strip())
    return re.sub(r"[^\w]+|_+", "_", spaced.casefold()).strip("_")


def _told(seen: Sequence[str], fields: Sequence[Field], mapping: Mapping[str, str], noun: str) -> dict[str, str]:
    names = tuple(field.name for field in fields)
    for column, name in mapping.items():
        if column not in seen:
            raise InputError(
                f"the file has no column {column!r}; columns: {', '.join(seen)}", field="mapping", choices=tuple(seen)
            )
        if name not in names:
            raise InputError(f"{noun} have no field {name!r}; fields: {', '.join(names)}", field="mapping", choices=names)
    twice = sorted({name for name in mapping.values() if list(mapping.values()).count(name) > 1})
    if twice:
        columns = " and ".join(repr(column) for column, name in mapping.items() if name == twice[0])
        raise InputError(f"two columns, {columns}, are mapped to the field {twice[0]!r}; keep one", field="mapping")
    return dict(mapping)


def _own_name(field: Field) -> tuple[str, ...]:
    return (field.name,)


def _synonyms(field: Field) -> tuple[str, ...]:
    return field.synonyms


def _missing(missing: Sequence[str], free: Sequence[str], seen: Sequence[str], noun: str) -> InputError:
    """What is missing, what the file has, and the options that would help."""
    hints = []
    for name in missing:
        close = difflib.get_close_matches(name, [normal(column) for column in free], n=1, cutoff=0.5)
        column = next((c for c in free if close and normal(c) == close[0]), "COLUMN")
        hints.append(f'--map "{column}={name}"')
    fields = "fields" if len(missing) > 1 else "field"
    return InputError(
        f"{noun} need the {fields} {', '.join(missing)}, and no column says {'them' if len(missing) > 1 else 'it'}; "
        f"columns: {', '.join(seen)}; name the column with {' '.join(hints)}",
        field=missing[0],
        choices=tuple(free),
    )

"""The seam of record sources: what a reader of files must do, and where readers are found."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pandas as pd

from parstock.errors import InputError
from parstock.registry import Registry


@dataclass(frozen=True, eq=False, slots=True)
class RawRecords:
    """A file as it was read: nothing is cleaned yet."""

    frame: pd.DataFrame
    """One row a record, columns called as in the file, index 0, 1, 2, ...; empty cells are missing values."""
    remarks: tuple[str, ...] = ()
    """What a person should know of the reading, such as the encoding, one sentence each."""


class RecordSource(Protocol):
    """Reads one format of files."""

    suffixes: tuple[str, ...]
    """Lower-case endings of the files it reads, such as ".csv"; "" stands for a folder."""

    def read(self, path: Path) -> RawRecords:
        """Read the whole file, which exists.

        Raises:
            InputError: The file is not of this format, is damaged, or has no heading.
        """
        ...


sources: Registry[Callable[[], RecordSource]] = Registry("record source", "inventory.sources")


def read_records(path: Path) -> RawRecords:
    """Read a file by the source for its ending.

    Raises:
        InputError: There is no such file, no source for it, or nothing in it.
    """
    if not path.exists():
        raise InputError(f"there is no file {str(path)!r}", field="path")
    suffix = "" if path.is_dir() else path.suffix.lower()
    known = {ending: source for name in sources for source in (sources.get(name)(),) for ending in source.suffixes}
    if suffix not in known:
        wanted = ", ".join(sorted(filter(None, known)))
        raise InputError(f"cannot read {path.name!r}: its ending is none of {wanted}", field="path", choices=tuple(sorted(known)))
    if path.is_file() and path.stat().st_size == 0:
        raise InputError(f"{path.name!r} is empty", field="path")
    records = known[suffix].read(path)
    if not len(records.frame):
        raise InputError(f"{path.name!r} has no rows", field="path")
    return records

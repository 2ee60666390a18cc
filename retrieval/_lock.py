"""Several processes on one index folder: each opens and writes it in turn. Knows nothing about what is in it."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from parstock.errors import SetupError

LOCK_SECONDS = 60.0
"""How long a process waits for another one that opens or writes the same index."""
_PASSING = re.compile(r"locked|busy|disk is full|read-?only|unable to open|permission denied|too many open files", re.I)
"""What SQLite and Chroma say of a folder that cannot be used now and is not damaged."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other processes out of `folder`, by a lock that ends with this process however it ends."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = sqlite3.connect(folder / "lock.sqlite", timeout=LOCK_SECONDS, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise unusable(folder, error) from error
    with closing(lock):
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            raise unusable(folder, error) from error
        yield


def unusable(folder: Path, error: Exception) -> SetupError:
    """Return what to tell an operator about a folder that cannot be used now."""
    return SetupError(
        f"the search index in {str(folder)!r} cannot be used now ({error}); see that no other process holds it and that it can "
        "be written, and try again"
    )


def is_passing(error: Exception) -> bool:
    """Whether an error says that a folder cannot be used now, and not that it is damaged."""
    return isinstance(error, (OSError, MemoryError, ImportError)) or _PASSING.search(str(error)) is not None

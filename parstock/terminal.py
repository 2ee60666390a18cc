"""How the command line reads small arguments and shows its work: text, tables, bars and files. Knows no command and no record."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from parstock.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console
    from rich.table import Table

Tell: TypeAlias = Callable[[str, float], None]
"""Told what is being done and the share done, 0 to 1."""
PIPE_WIDTH = 250
"""Columns of a table that goes to a file or a pipe, where no terminal says how wide it is."""
FORMATS = (".csv", ".parquet", ".xlsx", ".json")
"""Kinds of files that a table can be written to."""
MOST_XLSX_ROWS = 1_048_575
"""Rows that a sheet holds below its heading."""


def console(*, stderr: bool = False) -> "Console":
    """Return the terminal, or what stands in for it."""
    from rich.console import Console

    found = Console(stderr=stderr, markup=False, highlight=False, emoji=False)
    if not found.is_terminal:
        found.width = PIPE_WIDTH
    return found


def say(data: object, as_json: bool, *shown: object) -> None:
    """Print what a command found.

    Args:
        data: For machines, printed as JSON on one line.
        as_json: Whether a machine reads.
        shown: Texts and tables for people, one below the other.
    """
    if as_json:
        shown = (json.dumps(data, ensure_ascii=False, allow_nan=False),)
    for part in shown:
        if isinstance(part, str):
            sys.stdout.write(part + "\n")
        else:
            console().print(part)
    sys.stdout.flush()


def parts(text: str, field: str) -> list[str]:
    """Return the parts of a list written with commas.

    Raises:
        InputError: There is none.
    """
    found = [part.strip() for part in text.split(",") if part.strip()]
    if not found:
        raise InputError(f"{field} is {text!r}, which names nothing; separate several by commas", field=field)
    return found


def column_and_field(pair: str) -> tuple[str, str]:
    """Return the two sides of COLUMN=FIELD.

    Raises:
        InputError: One of them is missing.
    """
    column, _, field = pair.rpartition("=")
    if not (column.strip() and field.strip()):
        raise InputError(f"map is {pair!r}; it must be COLUMN=FIELD, such as 'Stock No=item'", field="map")
    return column.strip(), field.strip()


@contextmanager
def progress() -> Iterator[Tell]:
    """Draw a bar on stderr from the first word to the last, where that is a terminal; silent work draws none."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    screen = console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal)
    task = bar.add_task("", total=1.0)

    def tell(what: str, share: float) -> None:
        bar.update(task, description=what, completed=share)
        if share < 1:
            bar.start()
        else:
            bar.stop()

    try:
        yield tell
    finally:
        bar.stop()


def table(title: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]], *, whole: Sequence[str] = ()) -> "Table":
    """Return rows as a table, numbers to the right.

    Args:
        title: Stands above; "" for none.
        columns: Keys of the rows, in order.
        rows: What to show.
        whole: Columns whose cells are never broken over lines.
    """
    from rich import box
    from rich.table import Table

    shown = Table(title=title or None, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    for column in columns:
        numeric = any(isinstance(row[column], (int, float)) for row in rows)
        shown.add_column(column.replace("_", " "), justify="right" if numeric else "left", no_wrap=column in whole)
    for row in rows:
        shown.add_row(*(_cell(row[column]) for column in columns))
    return shown


def _cell(value: object) -> str:
    if isinstance(value, (int, float)):
        return f"{value:,}"
    return "" if value is None else str(value)


def check_out(out: Path | None) -> None:
    """Refuse a file that a table cannot be written to, before the work begins.

    Raises:
        InputError: Its name asks for an unknown format, or its folder does not exist.
    """
    if out is None:
        return
    if out.suffix not in FORMATS:
        raise InputError(f"out is {str(out)!r}; its name must end in {', '.join(FORMATS)}", field="out", choices=FORMATS)
    if not out.parent.is_dir():
        raise InputError(f"out is {str(out)!r}, but there is no folder {str(out.parent)!r}", field="out")


def write_table(rows: "pd.DataFrame", out: Path) -> None:
    """Write a table in the format that the file's name asks for; `check_out` says which there are.

    Raises:
        InputError: It has more rows than a sheet holds.
    """
    if out.suffix == ".parquet":
        rows.to_parquet(out, index=False)
    elif out.suffix == ".xlsx":
        if len(rows) > MOST_XLSX_ROWS:
            message = (
                f"out is {str(out)!r}, but the table has {len(rows):,} rows and a sheet holds {MOST_XLSX_ROWS:,}; use .parquet"
            )
            raise InputError(message, field="out")
        rows.to_excel(out, index=False)
    elif out.suffix == ".json":
        rows.to_json(out, orient="records", force_ascii=False, indent=1)
    else:
        rows.to_csv(out, index=False)

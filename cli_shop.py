"""What commands share: options of the same name, the settings, and the shop of a home. Holds no command."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from parstock.terminal import progress

if TYPE_CHECKING:
    from parstock.settings import Settings
    from tools.context import ToolContext

Home = Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of database, index and settings.env (./parstock-home).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Lang = Annotated[Literal["en", "zh"] | None, typer.Option(help="Language of the answer; by default that of the question.")]


def settings_of(home: Path | None, model: str | None = None) -> "Settings":
    """Read the settings; what was given on the command line wins."""
    from parstock.settings import Settings

    return Settings.load(home, **({} if model is None else {"model": model}))


@contextmanager
def open_shop(settings: "Settings") -> "Iterator[ToolContext]":
    """The records of the home with what tools need around them, closed afterwards; long forecasts draw a bar."""
    from inventory.store import Store
    from tools.context import ToolContext

    store = Store.open(settings)
    try:
        with progress() as tell:
            yield replace(ToolContext.open(settings, store), progress=lambda share, what: tell(what, share))
    finally:
        store.close()

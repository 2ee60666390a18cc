"""What commands share: options of the same name, settings, the shop of a home; and how a plan is laid out. Holds no command."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from parstock.terminal import progress, table

if TYPE_CHECKING:
    from parstock.settings import Settings
    from tools.context import ToolContext
    from tools.note_reader import NoteReader

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
    from tools.note_reader import LateNoteReader

    store = Store.open(settings)
    context = ToolContext.open(settings, store)
    reader = LateNoteReader(lambda: _open_reader(context))
    try:
        with progress() as tell:
            yield replace(context, progress=lambda share, what: tell(what, share), note_reader=reader)
    finally:
        store.close()


def _open_reader(context: "ToolContext") -> "NoteReader":
    """Whoever reads notes with the chat model that the settings name."""
    from agent.models import open_model
    from agent.note_reading import ModelNoteReader
    from agent.shop_names import ShopNames

    return ModelNoteReader(open_model(context.settings), lambda: ShopNames.of(context).linker)


def plan_tables(found: dict[str, Any]) -> list[object]:
    """A plan's orders, and what is ordered less or not at all although it is needed, with the reason."""
    orders = [line | {"why": ", ".join(line["clauses"])} for line in found["lines"] if line["quantity"]]
    columns = ("item", "name", "quantity", "order_by", "days_of_cover", "reorder_point", "cost", "why")
    shown: list[object] = [table("", columns, orders, whole=("item", "quantity", "order_by", "cost"))] if orders else []
    cut = [line for line in found["lines"] if line["binding"] in _CUTS]
    rows = [line | {"needed": next((f["value"] for f in line["facts"] if f["what"] == "need"), "")} for line in cut]
    if rows:
        shown.append(table("Cut, changed or left out", ("item", "name", "needed", "quantity", "binding"), rows, whole=("item",)))
    return shown


_CUTS = frozenset({"budget", "capacity", "min_order_value", "max_days_of_cover", "order_hold"})


def plan_proof(found: dict[str, Any]) -> list[str]:
    """What is proven about a plan, in one sentence."""
    told = (fact[found["lang"]] for fact in found["facts"] if fact["what"] == "certificate.expected_cost")
    return list(told)[:1]

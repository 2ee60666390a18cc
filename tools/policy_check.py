"""What an import of policies has to know of their rules before anything is written: that they can be read, and whom they bind."""

from collections.abc import Callable

import pandas as pd

from inventory.importing.report import Count
from parstock.domain import Clause, Policy
from parstock.errors import InputError, InsufficientData
from retrieval.clauses import parse_clauses
from tools.context import ToolContext

UNKNOWN_NAME = "rules that bind nothing: no category, item, supplier or warehouse is certain to be meant by their name"
_MOST_EXAMPLES = 5


def check_policies(frame: pd.DataFrame, context: ToolContext) -> tuple[Count, ...]:
    """Read the rules of documents that are about to be imported.

    Args:
        frame: One row a document, with at least `id`, `title` and `text`.
        context: The shop whose items, categories and suppliers the rules may be about.

    Returns:
        For the import's report: the rules about names that are not recorded, if there are any.

    Raises:
        InputError: A rule block cannot be read; the message names document, line, field and value.
    """
    columns = (frame[name].astype(str) for name in ("id", "title", "text"))
    documents = [Policy(key, title, text) for key, title, text in zip(*columns, strict=True)]
    clauses = parse_clauses(documents, currency=context.settings.currency)
    idle = [said for clause in clauses if (said := _unknown(clause, context))]
    return (Count(UNKNOWN_NAME, len(idle), len(idle), tuple(idle[:_MOST_EXAMPLES])),) if idle else ()


def _unknown(clause: Clause, context: ToolContext) -> str:
    """The first name of a clause that is not recorded or fits several things, with the clause's id; empty where all are known."""
    names = context.names
    resolvers: list[tuple[str, str, Callable[[str], object]]] = [
        ("category", clause.category, names.resolve_category),
        ("item", clause.item, names.resolve_item),
        ("supplier", clause.supplier, names.resolve_supplier),
        *(("between", name, names.resolve_warehouse) for name in clause.between),
    ]
    for field, name, resolve in resolvers:
        try:
            if name:
                resolve(name)
        except (InputError, InsufficientData):
            return f"{clause.id}: {field} {name!r}"
    return ""

"""What tools work with: the shop's records, and what is worth keeping between calls (names, clauses, forecasts, index)."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from forecasting.base import Progress
from inventory.keys import SCOPES
from inventory.records import Records
from inventory.store import Store
from parstock.domain import Clause, DemandPanel, Forecast, Item, Supplier, Warehouse
from parstock.errors import InputError, InsufficientData, ToolFailed
from parstock.results import Citation
from parstock.settings import Settings
from planning.base import PlanTerms
from retrieval.base import Documents
from retrieval.chunk import passages_of
from retrieval.clauses import parse_clauses
from tools.forecasts import Forecasts
from tools.kept import Kept
from tools.names import NameIndex

if TYPE_CHECKING:
    from retrieval.index import PassageIndex
    from tools.note_reader import NoteReader


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shelf:
    """Slow-changing records of one revision, by code."""

    items: Mapping[str, Item]
    warehouses: Mapping[str, Warehouse]
    suppliers: Mapping[str, Supplier]
    names: NameIndex


@dataclass(frozen=True, eq=False, slots=True)
class Caches:
    """What all contexts of one process share; every cache has its own lock and follows the records' fingerprint."""

    shelf: Kept[Shelf] = field(default_factory=Kept)
    clauses: Kept[tuple[Clause, ...]] = field(default_factory=Kept)
    terms: Kept[PlanTerms] = field(default_factory=Kept)
    index: Kept["PassageIndex"] = field(default_factory=Kept)
    synced: Kept["PassageIndex"] = field(default_factory=Kept)


@dataclass(frozen=True, eq=False, slots=True)
class ToolContext:
    """One caller's view of the shop. Cheap to copy for another caller with `acting`; safe in several threads."""

    settings: Settings
    store: Store
    records: Records
    forecasts: Forecasts
    actor: str = "planner"
    """Who drafts and writes notes through this context."""
    scopes: frozenset[str] = frozenset(SCOPES)
    """What this caller may do; a tool whose scope is not among them is refused."""
    idempotency_key: str | None = None
    """A repeated draft with the same key by the same actor gives the first draft back."""
    progress: Progress | None = None
    """Told the share done while the whole shop is forecast, which takes a while the first time."""
    note_reader: "NoteReader | None" = None
    """Says what a new note means for the plan; without one notes are only kept."""
    caches: Caches = field(default_factory=Caches)

    @classmethod
    def open(cls, settings: Settings, store: Store, *, actor: str = "planner") -> "ToolContext":
        """Make the context of an open store."""
        records = Records(store, settings)
        return cls(settings, store, records, Forecasts(records, settings.home / "cache"), actor)

    def acting(self, actor: str, scopes: frozenset[str] | None = None, idempotency_key: str | None = None) -> "ToolContext":
        """Return the same shop for another caller, who may do what this one may where no `scopes` are given."""
        allowed = self.scopes if scopes is None else scopes
        return replace(self, actor=actor, scopes=allowed, idempotency_key=idempotency_key)

    def as_of(self) -> date:
        """The planner's today. Raises InsufficientData where nothing is recorded."""
        return self.records.as_of()

    def shelf(self) -> Shelf:
        """Items, warehouses, suppliers and their names as they are now."""
        return self.caches.shelf.get(self.records.fingerprint(), "shelf", self._read_shelf)

    @property
    def names(self) -> NameIndex:
        """The one place where names are resolved."""
        return self.shelf().names

    def warehouse_code(self, text: str | None, *, argument: str = "warehouse") -> str:
        """Return the code of the warehouse called `text`; "" (all together) where none is given."""
        return "" if text is None else self.names.resolve_warehouse(text, field=argument).code

    def warehouse_name(self, code: str) -> str:
        """Return the name of a warehouse."""
        warehouse = self.shelf().warehouses.get(code)
        return warehouse.name if warehouse else code

    def supplier_of(self, item: Item) -> Supplier:
        """Return who supplies an item.

        Raises:
            ToolFailed: The item's supplier is not recorded.
        """
        supplier = self.shelf().suppliers.get(item.supplier)
        if supplier is None:
            raise ToolFailed(
                f"the supplier {item.supplier!r} of {item.name!r} is not recorded, so its lead time is unknown; import suppliers"
            )
        return supplier

    def clauses(self) -> tuple[Clause, ...]:
        """Typed rules of the policies in force.

        Raises:
            ToolFailed: A policy holds a rule that cannot be read; no plan is made past it.
        """
        return self.caches.clauses.get(self.records.fingerprint(), "clauses", self._read_clauses)

    def citations(self, clause_ids: Sequence[str]) -> tuple[Citation, ...]:
        """Return the clauses with these ids as citations, each once, in order."""
        titles = {policy.id: policy.title for policy in self.records.policies()}
        by_id = {clause.id: clause for clause in self.clauses()}
        found = (by_id[clause_id] for clause_id in dict.fromkeys(clause_ids) if clause_id in by_id)
        return tuple(Citation(c.id, titles.get(c.id.partition("#")[0], c.id), c.text, c.id.partition("#")[0]) for c in found)

    def index(self) -> "PassageIndex":
        """The search index, holding the policies and notes as they are now."""
        return self.caches.synced.get(self.records.fingerprint(), "index", self._synced_index)

    def panel(self, skus: Sequence[str], warehouse: str = "", days: int | None = None) -> DemandPanel:
        """Past demand of some items. Raises InsufficientData where none is recorded."""
        return self.records.panel(skus, warehouse, days)

    def forecast(self, item: Item, warehouse: str, horizon_days: int, model: str = "auto") -> Forecast:
        """Forecast one item, from what is kept where that reaches far enough."""
        return self.forecasts.of_items((item.sku,), warehouse, horizon_days, model, progress=self.progress)

    def _read_shelf(self) -> Shelf:
        items, warehouses, suppliers = self.records.items(), self.records.warehouses(), self.records.suppliers()
        return Shelf(
            {item.sku: item for item in items},
            {warehouse.code: warehouse for warehouse in warehouses},
            {supplier.code: supplier for supplier in suppliers},
            NameIndex(items, warehouses, suppliers),
        )

    def _read_clauses(self) -> tuple[Clause, ...]:
        try:
            parsed = parse_clauses(self.records.policies(), currency=self.settings.currency)
        except InputError as error:
            raise ToolFailed(f"a policy rule cannot be read, so nothing is planned past it: {error}") from error
        return tuple(self._with_codes(clause) for clause in parsed)

    def _with_codes(self, clause: Clause) -> Clause:
        """The clause with codes where the policy names its item, supplier, category or warehouses in words."""
        try:
            return replace(
                clause,
                item=self.names.resolve_item(clause.item).sku if clause.item else "",
                supplier=self.names.resolve_supplier(clause.supplier).code if clause.supplier else "",
                category=self.names.resolve_category(clause.category) if clause.category else "",
                between=tuple(self.names.resolve_warehouse(name).code for name in clause.between),
            )
        except (InputError, InsufficientData) as error:
            log.warning("clause %s is about nothing that is recorded: %s", clause.id, error)
            return clause

    def _synced_index(self) -> "PassageIndex":
        index = self.caches.index.get("", "index", self._open_index)
        index.sync(passages_of(Documents.of(self.records.policies(), self.records.notes())))
        return index

    def _open_index(self) -> "PassageIndex":
        from retrieval.index import PassageIndex

        return PassageIndex.open(self.settings.home / "index")

"""A what-if from one item's records to facts: today's plan beside a changed one, or beside a planner's own number."""

from collections.abc import Sequence
from dataclasses import dataclass

from parstock.domain import Clause, Forecast, InboundOrder, Item, StockPosition, Supplier
from parstock.results import Fact
from planning.base import PlanTerms
from planning.facts import Notebook
from planning.forced import Breach, tell_binding, tell_breaches, tell_quantity
from planning.scenario import Change, Outcome, live, scene_of, standard_errors
from planning.scenario_facts import tell_comparison


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """Today's terms against changed ones, over the same futures."""

    item: str
    horizon_days: int
    base: Outcome
    changed: Outcome
    errors: dict[str, float]
    """Measure -> standard error of the difference between both."""
    breaches: tuple[Breach, ...]
    """Rules that a forced quantity does not keep to."""
    facts: tuple[Fact, ...]


def simulate_scenario(
    item: Item,
    supplier: Supplier,
    forecast: Forecast,
    stock: StockPosition,
    inbound: Sequence[InboundOrder],
    clauses: Sequence[Clause],
    terms: PlanTerms,
    change: Change,
    *,
    warehouse: str = "",
    horizon_days: int | None = None,
    companions: Sequence[tuple[Item, StockPosition]] = (),
) -> ScenarioResult:
    """Return what the change does to the order of today and to the weeks after it.

    Args:
        item: The item.
        supplier: Who it is bought from.
        forecast: Sample paths; may hold more items.
        stock: Its stock.
        inbound: Open orders with due dates.
        clauses: Rules that bind today's order; a forced quantity is set beside them.
        terms: The shop's terms.
        change: What differs.
        warehouse: Code, or "" for all together.
        horizon_days: Days to simulate; default: the forecast's horizon, or two review periods beyond the longer lead time.
        companions: Other items of the supplier with their stock, planned together with the item; the forecast and `inbound` hold
            theirs too.

    Raises:
        InputError: A number makes no sense.
        InsufficientData: There is no forecast to simulate with.
    """
    records = (item, supplier, forecast, stock, inbound, clauses, terms, change)
    scene = scene_of(*records, warehouse=warehouse, horizon_days=horizon_days, companions=companions)
    other = scene.changed(change)
    base, changed = live(scene), live(other, change.order_quantity)
    errors, book = standard_errors(base, changed), Notebook()
    broken: tuple[Breach, ...] = ()
    if change.order_quantity is not None and change.is_quantity_alone:
        tell_quantity(book, other, base, changed)
    tell_comparison(book, item, scene.days, change, (base.outcome, changed.outcome), errors, terms.currency)
    if change.order_quantity is not None:
        broken = tell_breaches(book, other, changed)
    tell_binding(book, scene, base, detail=change.order_quantity is None)
    return ScenarioResult(item.sku, scene.days, base.outcome, changed.outcome, errors, broken, book.filed)

"""Which policy clause applies to which item, as arrays. Knows nothing of quantities."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from parstock.domain import Clause, ClauseKind, Floats, Item, Supplier
from parstock.errors import InputError
from planning.base import PlanTerms, checked


@dataclass(frozen=True, eq=False, slots=True)
class Applied:
    """One kind of clause over N items."""

    value: Floats
    """[N] value of the clause in force; NaN where there is none."""
    clause: NDArray[np.intp]
    """[N] position of that clause in `clauses`; -1 where there is none."""
    clauses: tuple[Clause, ...]

    def ids(self, row: int) -> tuple[str, ...]:
        """Id of the clause in force for one item, none or one."""
        return (self.clauses[self.clause[row]].id,) if self.clause[row] >= 0 else ()


_STRICTER: Mapping[ClauseKind, Callable[[float], float]] = {
    "service_level": lambda value: value,
    "min_order_value": lambda value: value,
    "order_hold": lambda value: value,
    "min_markup": lambda value: value,
    "approval_limit": lambda value: -value,
    "max_days_of_cover": lambda value: -value,
    "transfer_days": lambda value: value,
    "transfer_cost": lambda value: value,
    "transfer_unit_cost": lambda value: value,
    "transfer_keep_days": lambda value: value,
    "transfer_min_value": lambda value: value,
    "transfer_hold": lambda value: value,
}
"""Kind -> how strict a value is: of two clauses that are equally specific the stricter holds."""
_ABOUT_THE_GOODS: frozenset[ClauseKind] = frozenset({"service_level", "max_days_of_cover"})
"""Kinds that say how much there should be on the shelf: in season when an order placed today arrives, not when it is placed."""


def specificity(clause: Clause) -> int:
    """How narrow a clause is: both ends of a transfer, one, item, supplier, category, season; the first that differs decides."""
    return (
        16 * len(clause.between)
        + 8 * bool(clause.item)
        + 4 * bool(clause.supplier)
        + 2 * bool(clause.category)
        + bool(clause.season)
    )


def apply_clauses(
    kind: ClauseKind, clauses: Sequence[Clause], items: Sequence[Item], suppliers: Sequence[Supplier], terms: PlanTerms
) -> Applied:
    """Return for every item the most specific clause of the kind that is in force.

    A season is judged on `terms.as_of` for rules about ordering, and for rules about the goods themselves on the day on which
    an order placed then arrives, at the supplier's mean lead time.

    Items and suppliers may be named by code or by name, in any case. `suppliers` are those of the items, [N] too.

    Raises:
        InputError: A clause's value makes no sense for its kind.
    """
    chosen = [clause for clause in clauses if clause.kind == kind]
    for clause in chosen:
        _check(clause)
    days = [terms.as_of + timedelta(days=supplier.lead_time_days * (kind in _ABOUT_THE_GOODS)) for supplier in suppliers]
    chosen.sort(key=lambda clause: (specificity(clause), _STRICTER[kind](clause.value)))
    scopes = {
        "item": _names([item.sku for item in items], [item.name for item in items]),
        "supplier": _names([supplier.code for supplier in suppliers], [supplier.name for supplier in suppliers]),
        "category": _names([item.category for item in items]),
    }
    value, index = np.full(len(items), np.nan), np.full(len(items), -1, dtype=np.intp)
    for position, clause in enumerate(chosen):
        match = np.array([clause.in_season(day) for day in days], dtype=np.bool_)
        for scope, names in scopes.items():
            if wanted := getattr(clause, scope):
                match &= (names == wanted.casefold()).any(axis=0)
        value[match], index[match] = clause.value, position
    return Applied(value, index, tuple(chosen))


def _names(*columns: Sequence[str]) -> NDArray[np.str_]:
    """Return [ways of naming, N] names in lower case."""
    return np.array([[name.casefold() for name in column] for column in columns], dtype=np.str_)


def _check(clause: Clause) -> None:
    of = f"clause {clause.id!r}"
    if clause.kind == "service_level":
        checked("service_level", clause.value, low=0, high=1, open_ends=True, of=of)
    elif clause.kind == "min_markup":
        checked(clause.kind, clause.value, low=-1, of=of)
    elif clause.kind not in {"order_hold", "transfer_hold"}:
        checked(clause.kind, clause.value, low=0, of=of)
    if clause.season and not all(len(day) == 5 and day[2] == "-" for day in clause.season):
        raise InputError(f"season of {of} is {clause.season!r}; it must be two days written MM-DD", field="season")


@dataclass(frozen=True, eq=False, slots=True)
class Rules:
    """The clauses in force over N items, by kind."""

    service_level: Applied
    order_hold: Applied
    max_days_of_cover: Applied
    approval_limit: Applied
    min_order_value: Applied

    @classmethod
    def of(cls, clauses: Sequence[Clause], items: Sequence[Item], suppliers: Sequence[Supplier], terms: PlanTerms) -> "Rules":
        """Apply every kind of clause to the items.

        Raises:
            InputError: A clause's value makes no sense for its kind.
        """
        return cls(
            service_level=apply_clauses("service_level", clauses, items, suppliers, terms),
            order_hold=apply_clauses("order_hold", clauses, items, suppliers, terms),
            max_days_of_cover=apply_clauses("max_days_of_cover", clauses, items, suppliers, terms),
            approval_limit=apply_clauses("approval_limit", clauses, items, suppliers, terms),
            min_order_value=apply_clauses("min_order_value", clauses, items, suppliers, terms),
        )

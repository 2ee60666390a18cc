"""What it takes to move an item from one warehouse to another: days, money, and what policies allow. Moves nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from parstock.domain import Bools, Clause, ClauseKind, Floats, Item, Supplier
from planning.base import PlanTerms, checked
from planning.rules import Applied, apply_clauses


@dataclass(frozen=True, slots=True)
class LaneDefaults:
    """What holds on lanes that no policy speaks of."""

    days: int
    """Days on the way."""
    cost: float
    """Money for a line."""
    cost_rate: float
    """Money for a unit, as a share of its purchase price."""

    def __post_init__(self) -> None:
        checked("transfer_days", self.days, low=0, high=365)
        checked("transfer_cost", self.cost, low=0)
        checked("transfer_cost_rate", self.cost_rate, low=0)


@dataclass(frozen=True, eq=False, slots=True)
class Lanes:
    """Terms of moving N items between W warehouses; every array is [N, W, W], from the second index to the third."""

    codes: tuple[str, ...]
    """[W] codes of the warehouses."""
    days: Floats
    """Whole days on the way."""
    cost: Floats
    """Money for a line."""
    unit_cost: Floats
    """Money for a unit."""
    keep_days: Floats
    """Days of its own expected sales that the sender keeps."""
    least_value: Floats
    """Least worth of a line at purchase prices, money."""
    held: Bools
    """Whether nothing may be moved."""
    rules: Mapping[tuple[int, int, ClauseKind], Applied]
    """(warehouse, warehouse, kind) -> clauses over the items, the lower warehouse first; absent where there is none."""

    @classmethod
    def of(
        cls,
        clauses: Sequence[Clause],
        items: Sequence[Item],
        suppliers: Sequence[Supplier],
        codes: Sequence[str],
        terms: PlanTerms,
        defaults: LaneDefaults,
    ) -> "Lanes":
        """Return the terms as policies and defaults have them.

        Args:
            clauses: All rules; those about transfers count, `between` holding codes of warehouses.
            items: N items.
            suppliers: [N] of the items.
            codes: W codes of warehouses.
            terms: Of the run.
            defaults: Where no rule says.

        Raises:
            InputError: A value makes no sense.
        """
        found: dict[tuple[int, int, ClauseKind], Applied] = {}
        known: dict[tuple[ClauseKind, tuple[int, ...]], Applied] = {}  # lanes under the same clauses share their arrays
        of_kind = {kind: [clause for clause in clauses if clause.kind == kind] for kind in _KINDS}
        for one in range(len(codes)):
            for other in range(one + 1, len(codes)):
                ends = {codes[one], codes[other]}
                for kind in _KINDS:
                    binding = [clause for clause in of_kind[kind] if ends.issuperset(clause.between)]
                    if binding:
                        key = kind, tuple(map(id, binding))
                        if key not in known:
                            known[key] = apply_clauses(kind, binding, items, suppliers, terms)
                        found[one, other, kind] = known[key]
        shape = len(items), len(codes), len(codes)

        def spread(kind: ClauseKind, default: Floats | float) -> Floats:
            values = np.broadcast_to(np.asarray(default, dtype=np.float64), shape).copy()
            for (one, other, of), applied in found.items():
                if of == kind:
                    for lane in ((one, other), (other, one)):
                        own = values[:, *lane]
                        values[:, *lane] = np.where(applied.clause >= 0, applied.value, own)
            return values

        price = np.array([item.unit_cost for item in items], dtype=np.float64)[:, None, None]
        return cls(
            codes=tuple(codes),
            days=np.ceil(spread("transfer_days", float(defaults.days))),
            cost=spread("transfer_cost", defaults.cost),
            unit_cost=spread("transfer_unit_cost", defaults.cost_rate * price),
            keep_days=spread("transfer_keep_days", 0.0),
            least_value=spread("transfer_min_value", 0.0),
            held=np.isfinite(spread("transfer_hold", np.nan)),
            rules=found,
        )

    def clause(self, kind: ClauseKind, row: int, source: int, target: int) -> Clause | None:
        """Return the clause of a kind that binds one item on one lane, if any does."""
        applied = self.rules.get((min(source, target), max(source, target), kind))
        return None if applied is None or applied.clause[row] < 0 else applied.clauses[applied.clause[row]]

    def rows(self, index: Sequence[int]) -> "Lanes":
        """The terms of some items only; the rules are left out."""
        rows = np.asarray(index, dtype=np.intp)
        return Lanes(
            codes=self.codes,
            days=self.days[rows],
            cost=self.cost[rows],
            unit_cost=self.unit_cost[rows],
            keep_days=self.keep_days[rows],
            least_value=self.least_value[rows],
            held=self.held[rows],
            rules={},
        )


_KINDS: tuple[ClauseKind, ...] = (
    "transfer_days",
    "transfer_cost",
    "transfer_unit_cost",
    "transfer_keep_days",
    "transfer_min_value",
    "transfer_hold",
)

"""A small shop for planning tests: two suppliers, a few items, steady sampled demand."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from parstock.domain import Clause, Forecast, InboundOrder, Item, StockPosition, Supplier
from parstock.results import Plan
from planning.base import PlanTerms
from planning.replenish import plan_replenishment

TODAY = date(2025, 6, 2)


@dataclass
class Shop:
    """Everything that a plan is made from; tests change what they are about."""

    items: list[Item]
    forecast: Forecast
    stock: dict[str, StockPosition]
    suppliers: dict[str, Supplier]
    inbound: list[InboundOrder] = field(default_factory=list)
    clauses: list[Clause] = field(default_factory=list)
    terms: PlanTerms = field(default_factory=lambda: PlanTerms(as_of=TODAY))

    def plan(self, **options: Any) -> Plan:
        """Plan the shop."""
        return plan_replenishment(
            self.items, self.suppliers, self.forecast, self.stock, self.inbound, self.clauses, self.terms, **options
        )

    def change(self, sku: str, **values: Any) -> None:
        """Replace fields of one item."""
        self.items = [replace(item, **values) if item.sku == sku else item for item in self.items]


@pytest.fixture
def make_shop() -> Callable[..., Shop]:
    """Return a maker of shops with Poisson demand (or constant, or given paths)."""

    def make(count: int = 3, *, rate: float = 10.0, constant: bool = False, days: int = 28, on_hand: int = 40) -> Shop:
        codes = tuple(f"A{n}" for n in range(count))
        rng = np.random.default_rng(5)
        paths = np.full((count, 100, days), rate) if constant else rng.poisson(rate, size=(count, 100, days))
        return Shop(
            items=[Item(code, f"Mug {code}", "kitchen", f"S{n % 2}", 2.0, 5.0) for n, code in enumerate(codes)],
            forecast=Forecast(codes, TODAY, paths.astype(np.float32), ("test",) * count, ("ok",) * count),
            stock={code: StockPosition(code, "", on_hand, 5, 0, TODAY) for code in codes},
            suppliers={"S0": Supplier("S0", "Yiwu Bright", 9.0, 0.0), "S1": Supplier("S1", "Delft Clay", 5.0, 2.0)},
        )

    return make

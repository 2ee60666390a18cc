"""Lots and networks at the size of a catalogue: CPU seconds of one core, and what is proven about the answers."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from planning.solvers.allocation import allocate
from planning.solvers.lot_sizing import lot_sizing
from planning.solvers.order_portfolio import order_portfolio, profit_levels
from planning.solvers.programs import relative_gap
from planning.solvers.wagner_whitin import wagner_whitin

SEED = 20


@dataclass(frozen=True)
class Speed:
    """One row of the table."""

    task: str
    cpu_seconds: float
    target_seconds: float | None
    """Most that is aimed for; None where there is no target."""
    note: str


def speed_rows() -> list[Speed]:
    """Every task, solved once."""
    return [
        _timed("Wagner-Whitin, 10,000 items x 52 weeks", 3.0, _wagner_whitin),
        _timed("lots with packs, minimum and capacity, 1,000 x 52", None, _lot_sizing),
        _timed("allocation, 2,000 items x 5 x 8, loose throughput", 1.5, lambda: _allocation(1.0)),
        _timed("allocation, 2,000 items x 5 x 8, throughput for 80 % of the stock", 1.5, lambda: _allocation(0.8)),
        _timed("portfolio, 5,000 items, budget, minimum, packs, room", 30.0, _portfolio),
    ]


def _timed(task: str, target: float | None, work: Callable[[], str]) -> Speed:
    begun = time.process_time()
    note = work()
    return Speed(task, time.process_time() - begun, target, note)


def _demand(items: int) -> np.ndarray:
    return np.random.default_rng(SEED).poisson(40, (items, 52))


def _wagner_whitin() -> str:
    rng = np.random.default_rng(SEED)
    plan = wagner_whitin(_demand(10_000), rng.uniform(50, 300, (10_000, 1)), rng.uniform(0.1, 1, (10_000, 52)))
    return f"mean cost {plan.cost.mean():.2f}, exact"


def _lot_sizing() -> str:
    fixed = np.random.default_rng(SEED).uniform(50, 300, (1000, 1))
    plan = lot_sizing(_demand(1000), fixed, 0.5, pack_size=12, minimum_order=24, capacity=200)
    return f"mean cost {plan.cost.mean():.2f}, exact"


def _allocation(share: float) -> str:
    rng = np.random.default_rng(SEED)
    stock, wanted = rng.integers(0, 60, (2000, 5)), rng.integers(0, 40, (2000, 8))
    costs, penalty = rng.uniform(1, 6, (2000, 5, 8)), rng.uniform(10, 20, (2000, 8))
    plan = allocate(stock, wanted, costs, penalty, throughput=share * stock.sum(axis=0))
    return f"cost {plan.cost:.2f}, gap {relative_gap(plan.cost, plan.lower_bound):.1e}"


def _portfolio() -> str:
    rng = np.random.default_rng(SEED)
    items = 5000
    mean, cost = rng.lognormal(3, 1, items), rng.lognormal(2, 0.8, items)
    levels = profit_levels(
        mean,
        mean * rng.uniform(0.3, 1, items),
        cost,
        cost * rng.uniform(0.2, 0.8, items),
        cost * rng.uniform(0, 0.6, items),
        rng.choice([1, 6, 12, 24], items),
        rng.choice([0, 12, 24, 48], items),
        rng.uniform(0, 1, items) * mean,
    )
    uses = np.stack([cost, rng.uniform(0.1, 2, items)])
    found = order_portfolio(levels, uses, 0.3 * uses @ mean)
    return f"profit {found.value:.2f}, bound {found.upper_bound:.2f}, gap {found.gap:.1e}"


def main() -> None:
    """Print the table."""
    print("| task | CPU s | target | answer |\n|---|---|---|---|")
    for row in speed_rows():
        print(f"| {row.task} | {row.cpu_seconds:.2f} | {row.target_seconds or '-'} | {row.note} |")


if __name__ == "__main__":
    main()

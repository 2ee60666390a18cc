"""The planner's exact solvers at the size of a catalogue: seconds of one core, and how many times stockpyl's they are.

    OMP_NUM_THREADS=1 python benchmarks/solvers.py
    OMP_NUM_THREADS=1 python benchmarks/solvers.py --newsvendor 100000 --items 1000 --peer-items 5

stockpyl solves one item a call, so it is timed on the first few items and multiplied up;
`pip install stockpyl==1.0.2` to have it.
"""

import argparse
import importlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from planning.solvers.allocation import allocate
from planning.solvers.finite_horizon import PeriodCosts, finite_horizon
from planning.solvers.lost_sales import lost_sales_optimum
from planning.solvers.min_max import ss_poisson
from planning.solvers.newsvendor import newsvendor_normal
from planning.solvers.newsvendor_units import newsvendor_poisson
from planning.solvers.probabilities import poisson_pmf
from planning.solvers.reorder_quantity import rq_normal, rq_poisson

PEER = "stockpyl"
_THROUGHPUT = (("", np.inf), (", throughput binds", 0.6), (", throughput binds hard", 0.3))
"""What is said of a warehouse's throughput, and its share of the stock there."""


@dataclass(frozen=True)
class Problem:
    """One line of the table."""

    name: str
    columns: tuple[np.ndarray, ...]
    """Of N items, in the order of our solver's arguments."""
    ours: Callable[..., Any]
    peer: Callable[..., Any] | None = None
    """For one item, with the same arguments."""

    @property
    def count(self) -> int:
        """N."""
        return len(self.columns[0])


def problems(newsvendors: int, items: int, seed: int) -> list[Problem]:
    """Random costs about those of the textbooks' examples: K 64, h 1, p 9."""
    rng = np.random.default_rng(seed)

    def costs(count: int) -> tuple[np.ndarray, np.ndarray]:
        return rng.uniform(0.5, 2, count), 9 * rng.uniform(0.5, 2, count)

    fixed = 64 * rng.uniform(0.5, 2, items)
    rates, sds, leads = rng.uniform(50, 200, items), rng.uniform(5, 30, items), rng.uniform(0.1, 3, items)
    means = rng.uniform(5, 100, newsvendors)
    few = costs(items)
    return [
        Problem(
            "newsvendor, normal",
            (*costs(newsvendors), means, 0.3 * means),
            newsvendor_normal,
            _peer("newsvendor", "newsvendor_normal"),
        ),
        Problem(
            "newsvendor, Poisson", (*costs(newsvendors), means), newsvendor_poisson, _peer("newsvendor", "newsvendor_poisson")
        ),
        *(
            Problem(f"(s, S), Poisson {mean}", (*few, fixed, np.full(items, float(mean))), ss_poisson, _peer_min_max())
            for mean in (10, 20, 50)
        ),
        Problem("(r, Q), normal", (*few, fixed, rates, sds, leads), rq_normal),
        Problem("(r, Q), Poisson", (*few, fixed, rates / 10, leads), rq_poisson, _peer_poisson_lot()),
        Problem("finite horizon, 10 periods", (*few, fixed, rng.uniform(5, 30, items)), _ten_periods),
        Problem("lost sales, lead time 2", (np.ones(10), np.linspace(4, 40, 10)), _lost_sales),
        *(
            Problem(f"allocation 5 x 8{said}", _scarce(items // 5, rng), partial(_allocated, share))
            for said, share in _THROUGHPUT
        ),
    ]


def _scarce(items: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Supply [N, 5], demand [N, 8], penalty [N, 1] and cost of lanes [N, 5, 8], the same for every item."""
    lanes = np.broadcast_to(rng.uniform(1, 10, (5, 8)), (items, 5, 8))
    return rng.integers(0, 60, (items, 5)), rng.integers(0, 40, (items, 8)), rng.uniform(5, 30, (items, 1)), lanes


def _allocated(share: float, supply: np.ndarray, demand: np.ndarray, penalty: np.ndarray, lanes: np.ndarray) -> Any:
    return allocate(supply, demand, lanes, penalty, throughput=share * supply.sum(axis=0))


def _ten_periods(holding: np.ndarray, stockout: np.ndarray, fixed: np.ndarray, mean: np.ndarray) -> Any:
    pmf = np.repeat(poisson_pmf(mean)[:, None], 10, axis=1)
    columns = (array[:, None] for array in (holding, stockout))
    return finite_horizon(pmf, PeriodCosts(*columns, fixed=fixed[:, None], terminal_stockout=stockout))


def _lost_sales(holding: np.ndarray, penalty: np.ndarray) -> Any:
    return [lost_sales_optimum(h, p, poisson_pmf(5), 2) for h, p in zip(holding, penalty, strict=True)]


def _peer(module: str, name: str) -> Callable[..., Any] | None:
    """A function of the peer, or nothing where it is not installed."""
    try:
        return getattr(importlib.import_module(f"{PEER}.{module}"), name, None)
    except ImportError:
        return None


def _peer_min_max() -> Callable[..., Any] | None:
    solve = _peer("ss", "s_s_discrete_exact")
    return solve and (lambda h, p, fixed, mean: solve(h, p, fixed, use_poisson=True, demand_mean=mean))


def _peer_poisson_lot() -> Callable[..., Any] | None:
    solve = _peer("rq", "r_q_poisson_exact")
    return solve and (lambda h, p, fixed, rate, lead: solve(h, p, fixed, rate, lead))


def cpu_seconds(work: Callable[[], Any]) -> float:
    """Seconds of the processor."""
    began = time.process_time()
    work()
    return time.process_time() - began


def _peer_seconds(problem: Problem, sample: int) -> float | None:
    """What the peer would need for all items, from the first few."""
    solve, count = problem.peer, min(sample, problem.count)
    if solve is None or count == 0:
        return None
    rows = [tuple(float(column[row]) for column in problem.columns) for row in range(count)]
    return cpu_seconds(lambda: [solve(*row) for row in rows]) / count * problem.count


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--newsvendor", type=int, default=1_000_000, metavar="N", help="items of the newsvendors")
    parser.add_argument("--items", type=int, default=10_000, metavar="N", help="items of the other problems")
    parser.add_argument("--peer-items", type=int, default=10, metavar="N", help=f"items that {PEER} solves; 0 for none")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.peer_items and _peer("newsvendor", "newsvendor_normal") is None:
        print(f"{PEER} is not installed, so the last two columns are empty; `pip install {PEER}==1.0.2` fills them\n")
    print(f"| problem | items | CPU s | items a second | {PEER}, CPU s | ratio |\n|---|---|---|---|---|---|")
    for problem in problems(options.newsvendor, options.items, options.seed):
        ours, peer = (
            cpu_seconds(lambda problem=problem: problem.ours(*problem.columns)),
            _peer_seconds(problem, options.peer_items),
        )
        theirs = "- | -" if peer is None else f"{peer:,.0f} | {peer / ours:,.0f}x"
        print(f"| {problem.name} | {problem.count:,} | {ours:.3f} | {problem.count / ours:,.0f} | {theirs} |", flush=True)


if __name__ == "__main__":
    main()

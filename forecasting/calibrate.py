"""Conformal widening: futures whose 95 % quantile covered too little in a backtest are spread further. Fits no model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from forecasting.base import Paths
from parstock.domain import Floats

DemandClass: TypeAlias = Literal["smooth", "erratic", "intermittent", "lumpy"]

TARGET = 0.95
TOLERANCE = 0.01
"""Coverage this much under the target is put right."""
MOST_WIDENING = 2.0
MIN_DAYS, MIN_TOTALS = 60, 20
"""Backtested days, or horizon totals, of a class without which nothing is learned from it."""


@dataclass(frozen=True, slots=True)
class Widening:
    """How one demand class is spread: factors of the distance from the mean, 1 where coverage was enough."""

    day: float
    total: float
    day_coverage: float
    """Share of backtested days under the 95 % quantile before widening."""
    total_coverage: float
    """The same of horizon totals."""

    @property
    def sentence(self) -> str:
        """What was done and why; empty where nothing was."""
        said = []
        if self.day > 1:
            said.append(f"days x{self.day:.2f} (95 % quantile had covered {self.day_coverage:.0%})")
        if self.total > 1:
            said.append(f"horizon totals x{self.total:.2f} (95 % quantile had covered {self.total_coverage:.0%})")
        return "spread widened for its demand class: " + ", ".join(said) if said else ""


def demand_classes(demand: Floats) -> tuple[DemandClass, ...]:
    """Sort [N, T] items by how often and how evenly they sell.

    Intermittent or lumpy where the mean interval between sales is 1.32 days or more; erratic or lumpy where the
    squared coefficient of variation of sizes is 0.49 or more. Source: Syntetos, Boylan, Croston 2005, JORS 56.
    """
    sold = demand > 0
    count = np.maximum(sold.sum(axis=1), 1)
    sizes = np.where(sold, demand, 0.0)
    mean = sizes.sum(axis=1) / count
    variance = np.where(sold, (demand - mean[:, None]) ** 2, 0.0).sum(axis=1) / count
    seldom = np.isfinite(demand).sum(axis=1) >= 1.32 * count
    uneven = variance >= 0.49 * mean**2
    names: tuple[DemandClass, ...] = ("smooth", "erratic", "intermittent", "lumpy")
    return tuple(names[2 * int(rare) + int(wild)] for rare, wild in zip(seldom.tolist(), uneven.tolist(), strict=True))


def learn(day_reach: Floats, total_reach: Floats, classes: tuple[DemandClass, ...]) -> dict[DemandClass, Widening]:
    """Learn the factors of each class.

    Args:
        day_reach: [W, N, H] of the models chosen; see `Backtest.day_reach`.
        total_reach: [W, N] the same of horizon totals.
        classes: [N] class of each item.
    """
    member = np.array(classes)
    learned = {}
    for name in sorted(set(classes)):
        days, totals = day_reach[:, member == name], total_reach[:, member == name]
        day, total = _factor(days, MIN_DAYS), _factor(totals, MIN_TOTALS)
        learned[name] = Widening(day, max(1.0, total / day), _covered(days), _covered(totals))
    return learned


def widen(futures: Paths, classes: tuple[DemandClass, ...], factors: Mapping[DemandClass, Widening]) -> None:
    """Spread the futures of [N] items in place: each day around its mean, then each path's total around the mean total."""
    for name, factor in factors.items():
        rows = np.array([i for i, found in enumerate(classes) if found == name], dtype=np.intp)
        if not rows.size:
            continue
        if factor.day > 1:
            futures[rows] = stretch(futures[rows], factor.day)
        if factor.total > 1:
            totals = futures[rows].sum(axis=2, keepdims=True)
            wanted = stretch(totals, factor.total)
            futures[rows] *= np.divide(wanted, totals, out=np.zeros_like(totals), where=totals > 0)


def stretch(values: Paths, factor: float) -> Paths:
    """Move values above their mean (over axis 1) away from it by `factor`, and scale the others down to keep the mean.

    Zeros stay zeros. Where there is too little below the mean to pay for what is added above, the mean rises.
    """
    mean = values.mean(axis=1, keepdims=True)
    above = values > mean
    added = (factor - 1) * np.where(above, values - mean, 0).mean(axis=1, keepdims=True)
    below = np.where(above, 0, values).mean(axis=1, keepdims=True)
    left = np.maximum(below - added, 0)
    share = np.divide(left, below, out=np.zeros_like(below), where=below > 0)
    return np.asarray(np.where(above, mean + factor * (values - mean), share * values), dtype=np.float32)


def _factor(reaches: Floats, fewest: int) -> float:
    """The conformal quantile of the reaches, where they are many enough and cover too little; else 1."""
    known: NDArray[np.float64] = np.sort(reaches[~np.isnan(reaches)])
    if known.size < fewest or _covered(reaches) >= TARGET - TOLERANCE:
        return 1.0
    rank = min(int(np.ceil((known.size + 1) * TARGET)), known.size)
    return float(np.clip(known[rank - 1], 1.0, MOST_WIDENING))


def _covered(reaches: Floats) -> float:
    known = reaches[~np.isnan(reaches)]
    return float((known <= 1).mean()) if known.size else float("nan")

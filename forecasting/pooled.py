"""Regression of counts of many items at once, each item shrunk to its group and each group to the panel.

A log-linear quasi-Poisson model: expected demand of item i on day t is level(i, t) * exp(x(i, t) . b(i)), with normal
priors b(i) ~ (b(group), s^2), b(group) ~ (b(panel), S^2), b(panel) ~ (0, S^2). What an item has seen often it is believed
on; what it has seen once or never it takes from its group. Knows columns by kind alone.

Sources: iteratively reweighted least squares, McCullagh and Nelder, "Generalized Linear Models", 1989, section 2.5;
quasi-likelihood, the same, chapter 9; normal priors on groups of coefficients, Gelman and Hill, "Data Analysis Using
Regression and Multilevel/Hierarchical Models", 2007, chapters 12-13 and 15.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.design import Design, Kind
from parstock.domain import Bools, Floats

ITEM_SPREAD: Mapping[Kind, float] = {
    "trend": 0.15,
    "yearly": 0.1,
    "weekday": 0.15,
    "holiday": 0.15,
    "promotion": 0.3,
    "price": 0.7,
    "event": 0.1,
}
"""Standard deviation of items' coefficients around their group's; 0.1 is about 10 % of demand."""
PANEL_SPREAD: Mapping[Kind, float] = {
    "trend": 0.15,
    "yearly": 0.4,
    "weekday": 1.0,
    "holiday": 0.7,
    "promotion": 1.0,
    "price": 2.0,
    "event": 0.5,
}
"""Standard deviation of groups' coefficients around the panel's, and of the panel's around none."""
HALF_LIFE_DAYS = 365.0
"""A day this long ago counts half."""
MOST_DEVIATION = 4.0
"""A day counts as at most this many standard deviations above what is expected."""
MOST_LOG = 4.0
"""No day is expected to sell more than e^4, or less than e^-4, times the level."""
LEAST_DISPERSION = 0.5
ITERATIONS = 2
FEW_ITEMS = 8


@dataclass(frozen=True, eq=False, slots=True)
class _Groups:
    """Which of G groups each of N items is in."""

    index: NDArray[np.intp]
    count: int

    def total(self, values: Floats) -> Floats:
        """[G, ...] sums of [N, ...] over the items of each group."""
        order = np.argsort(self.index, kind="stable")
        begins = np.searchsorted(self.index[order], np.arange(self.count))
        return np.asarray(np.add.reduceat(values[order], begins, axis=0))

    @classmethod
    def of(cls, names: Sequence[str], items: int) -> "_Groups":
        """Number the groups; one of all items where none are known."""
        if not names:
            return cls(np.zeros(items, dtype=np.intp), 1)
        found, index = np.unique(np.array(names), return_inverse=True)
        return cls(index.astype(np.intp), len(found))


@dataclass(frozen=True, eq=False, slots=True)
class _Columns:
    """A design with the products of its shared columns, which all normal equations are sums of."""

    design: Design
    row: NDArray[np.intp]
    """[P] rows of the upper triangle, and below its columns."""
    column: NDArray[np.intp]
    products: Floats | None
    """[T, P]; None where so few items are fitted that each is quicker by itself."""

    @classmethod
    def of(cls, design: Design, items: int) -> "_Columns":
        """Multiply each pair of shared columns."""
        row, column = np.triu_indices(len(design.shared_kinds))
        shared = design.shared
        return cls(design, row, column, shared[:, row] * shared[:, column] if items > FEW_ITEMS else None)

    def squares(self, weights: Floats) -> Floats:
        """[M, K, K] products of the shared columns, summed over the days with [M, T] weights."""
        shared = self.design.shared
        if self.products is None:
            return np.stack([(shared * one[:, None]).T @ shared for one in weights])
        totals = np.zeros((weights.shape[0], shared.shape[1], shared.shape[1]))
        upper = weights @ self.products
        totals[:, self.row, self.column], totals[:, self.column, self.row] = upper, upper
        return totals


def regress(
    demand: Floats,
    design: Design,
    groups: Sequence[str],
    *,
    window_days: float | None,
    common_shock: float,
    offset: Floats | None = None,
) -> Floats:
    """Fit all items.

    Args:
        demand: [N, T] units a day; NaN where unknown.
        design: Columns on the T days.
        groups: [N] group of each item; empty = one group.
        window_days: Exponential window, to both sides, over which the level is taken; None = one level for all days.
        common_shock: What moves all items of a group on one day beyond the columns, as a share. It keeps a holiday seen once
            from being believed as if every item were a witness of its own.
        offset: [N, T] logarithms of factors that are taken as given.

    Returns:
        [N, C] coefficients in the order of `Design.kinds`.
    """
    known = np.isfinite(demand)
    units, given = np.where(known, demand, 0.0), np.zeros_like(demand) if offset is None else offset
    recent = known * np.exp2(-np.arange(demand.shape[1])[::-1] / HALF_LIFE_DAYS)
    member, columns = _Groups.of(groups, demand.shape[0]), _Columns.of(design, demand.shape[0])
    coefficients = np.zeros((demand.shape[0], len(design.kinds)))
    effect = np.zeros_like(demand)
    level = _level(units, known * np.exp(given), recent, window_days)
    for _ in range(ITERATIONS if design.kinds else 0):
        expected = level * np.exp(given + effect)
        dispersion = _dispersion(units, expected, known)
        capped = np.minimum(units, expected + MOST_DEVIATION * np.sqrt(dispersion * expected))
        weights = recent * expected / dispersion
        score = recent * (capped - expected) / dispersion
        coefficients = _posterior(columns, weights, score + weights * effect, member, common_shock)
        effect = np.clip(design.times(coefficients), -MOST_LOG, MOST_LOG)
        level = _level(capped * known, known * np.exp(given + effect), recent, window_days)
    return coefficients


def _dispersion(units: Floats, expected: Floats, known: Bools) -> Floats:
    """[N, 1] variance over mean, deviations capped so that a wild day does not pass for noise."""
    squares = np.where(known, np.square(units - expected) / np.maximum(expected, 1e-9), 0.0)
    count = np.maximum(known.sum(axis=1, keepdims=True), 1)
    first = squares.sum(axis=1, keepdims=True) / count
    second = np.minimum(squares, MOST_DEVIATION**2 * first).sum(axis=1, keepdims=True) / count
    return np.asarray(np.maximum(second, LEAST_DISPERSION))


def _level(units: Floats, factors: Floats, recent: Floats, window_days: float | None) -> Floats:
    """Units over factors: over all days by recency, or in an exponential window to both sides."""
    if window_days is None:
        total = (recent * units).sum(axis=1, keepdims=True)
        return np.asarray(np.maximum(total / np.maximum((recent * factors).sum(axis=1, keepdims=True), 1e-12), 1e-9))
    usual = units.sum(axis=1, keepdims=True) / np.maximum(factors.sum(axis=1, keepdims=True), 1e-12)
    keep = np.exp(-1 / window_days)
    sold, stood = _both_sides(units, keep), _both_sides(factors, keep)
    return np.asarray(np.maximum((sold + usual) / (stood + 1.0), 1e-9))


def _both_sides(values: Floats, keep: float) -> Floats:
    """[N, T] sums over all days, each day away counting `keep` times less."""
    from scipy.signal import lfilter

    before = lfilter([1.0], [1.0, -keep], values, axis=1)
    after = lfilter([1.0], [1.0, -keep], values[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(before + after - values)


def _posterior(columns: _Columns, weights: Floats, working: Floats, member: _Groups, common_shock: float) -> Floats:
    """Solve the panel, then each group towards it, then each item towards its group.

    Args:
        columns: Of the design.
        weights: [N, T] information of each day on the logarithm of its expectation.
        working: [N, T] the same times the working response.
        member: Groups of the items.
        common_shock: As in `regress`.

    Returns:
        [N, K + J] coefficients.
    """
    common = member.total(weights)
    shared_weight = 1 / (1 + common_shock**2 * common)
    trust = shared_weight[member.index]
    group_left, group_right = _normal(columns, trust * weights, trust * working, member)
    item_left, item_right = _normal(columns, weights, working, None)
    kinds = columns.design.kinds
    panel_precision, item_precision = _precisions(kinds, PANEL_SPREAD), _precisions(kinds, ITEM_SPREAD)
    panel = _solve(group_left.sum(axis=0), group_right.sum(axis=0), panel_precision, np.zeros(len(kinds)))
    groups = _solve(group_left, group_right, panel_precision, panel) if member.count > 1 else panel[None]
    return _solve(item_left, item_right, item_precision, groups[member.index])


def _normal(known: _Columns, weights: Floats, working: Floats, member: _Groups | None) -> tuple[Floats, Floats]:
    """Left [M, C, C] and right [M, C] sides of the normal equations of each item, or of each group.

    The level of each item is eliminated (the Schur complement of an intercept): columns count by how they differ from what
    the item saw of them on average, so that half a year is not taken for the whole.
    """
    shared, own = known.design.shared, known.design.own
    count, columns = shared.shape[1], len(known.design.kinds)

    def gathered(values: Floats) -> Floats:
        return values if member is None else member.total(values)

    rows = gathered(weights)
    left = np.zeros((rows.shape[0], columns, columns))
    right = np.zeros((rows.shape[0], columns))
    left[:, :count, :count] = known.squares(rows)
    right[:, :count] = gathered(working) @ shared
    for j, values in enumerate(own):
        weighted = weights * values
        cross = gathered(weighted) @ shared
        left[:, count + j, :count], left[:, :count, count + j] = cross, cross
        right[:, count + j] = gathered((working * values).sum(axis=1))
        for i in range(j + 1):
            both = gathered((weighted * own[i]).sum(axis=1))
            left[:, count + j, count + i], left[:, count + i, count + j] = both, both
    seen = np.column_stack([weights @ shared, *((weights * values).sum(axis=1) for values in own)])
    total = np.maximum(weights.sum(axis=1), 1e-12)
    left -= gathered(seen[:, :, None] * (seen / total[:, None])[:, None, :])
    right -= gathered(seen * (working.sum(axis=1) / total)[:, None])
    return left, right


def _precisions(kinds: Sequence[Kind], spread: Mapping[Kind, float]) -> Floats:
    return np.array([spread[kind] ** -2 for kind in kinds])


def _solve(left: Floats, right: Floats, precision: Floats, prior: Floats) -> Floats:
    """Coefficients [..., C] of normal equations shrunk towards a prior mean."""
    matrix = left + np.diag(precision)
    return np.asarray(np.linalg.solve(matrix, (right + precision * prior)[..., None])[..., 0])

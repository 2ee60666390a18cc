"""Quantiles of a day ahead, learned from many items and many past origins: linear regression, then boosted trees on top."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from forecasting.covariates import Covariates
from forecasting.features import Past, sample
from forecasting.history import MIN_KNOWN_DAYS
from forecasting.marginals import LEVELS
from forecasting.quantile_regression import linear_quantiles
from parstock.domain import Floats

if TYPE_CHECKING:
    import lightgbm

HORIZON_DAYS = 56
"""Days ahead that are learned; a day farther ahead is forecast as if it were this far."""
ORIGIN_STEP_DAYS = 3
"""Days between the origins that examples are drawn from; every weekday has its turn."""
MOST_EXAMPLES = 100_000
EXAMPLES_PER_DAY = 2
"""Examples drawn for each known day of demand, at most: a day is seen from several origins."""
MOST_LINEAR_EXAMPLES = 15_000
ROUNDS = 20
TREES: Mapping[str, float | str | bool] = {
    "objective": "quantile",
    "learning_rate": 0.15,
    "num_leaves": 15,
    "min_data_in_leaf": 200,
    "feature_fraction": 0.5,
    "lambda_l2": 1.0,
    "max_bin": 63,
    "deterministic": True,
    "force_col_wise": True,
    "seed": 0,
    "verbosity": -1,
}
"""Deterministic and column-wise: the number of threads does not change the trees."""
LINEAR = (
    "unit", "smooth0.3", "smooth0.1", "smooth0.03", "mean7", "mean28", "mean91", "weekday8", "quantile28_0.5", "quantile28_0.9",
    "quantile91_0.25", "quantile91_0.5", "quantile91_0.75", "quantile91_0.9", "quantile91_0.97", "deviation28", "deviation91",
    "size91",
)  # fmt: skip
"""Features that the linear part sees; products of some others come on top."""
MOST_PROFILE = 4.0
Features = dict[str, NDArray[np.float32]]


@dataclass(frozen=True, eq=False, slots=True)
class Examples:
    """M item-days as seen from an earlier morning each."""

    features: Features
    target: Floats
    """[M] demand, and a uniform share of the next unit where it comes in whole ones, in units of the item's scale then."""


@dataclass(frozen=True, eq=False, slots=True)
class BoostedQuantiles:
    """A learned model; knows no item by name, so it serves any items seen through the same features."""

    names: tuple[str, ...]
    """Features in the order the trees know them."""
    coefficients: Floats
    """[P, Q] of the linear part."""
    trees: tuple["lightgbm.Booster", ...]
    """Q boosters of what the linear part leaves."""

    @classmethod
    def learn(cls, examples: Examples, seed: int) -> Self:
        """Fit both parts; the same examples and seed give the same model, however many threads there are."""
        import lightgbm

        inputs, target = _inputs(examples.features), examples.target
        some = np.random.default_rng(seed).permutation(target.size)[:MOST_LINEAR_EXAMPLES]
        coefficients = linear_quantiles(inputs[some], target[some], LEVELS)
        names = tuple(examples.features)
        data = lightgbm.Dataset(_matrix(examples.features, names), target, params=dict(TREES), free_raw_data=False)
        started = _started(inputs, coefficients)
        trees = []
        for position, level in enumerate(LEVELS):
            data.set_init_score(started[:, position].copy())
            trees.append(lightgbm.train({**TREES, "alpha": level}, data, ROUNDS))
        return cls(names, coefficients, tuple(trees))

    def quantiles(
        self, past: Past, covariates: Covariates, origin: int, rows: NDArray[np.intp], columns: NDArray[np.intp]
    ) -> Floats:
        """[M, Q] ascending quantiles of item-days, in units; of demand plus a share of a unit where it comes in whole ones.

        Arguments as of `forecasting.features.sample`.
        """
        features = sample(past, covariates, origin, rows, columns)
        features["ahead"] = np.minimum(features["ahead"], HORIZON_DAYS)
        matrix = _matrix(features, self.names)
        found = _started(_inputs(features), self.coefficients)
        for position, booster in enumerate(self.trees):
            found[:, position] += np.asarray(booster.predict(matrix))
        found.sort(axis=1)
        return np.asarray(np.maximum(found, 0.0) * past.scale(origin)[rows, None])


def draw_examples(past: Past, seed: int) -> Examples:
    """Draw item-days and the mornings they are seen from; none where the history is too short.

    Origins are evenly spaced in time, items and days ahead drawn at random, the nearer days more often.
    """
    rng = np.random.default_rng(seed)
    days = past.demand.shape[1]
    origins = range(days - 1, MIN_KNOWN_DAYS - 1, -ORIGIN_STEP_DAYS)
    wanted = min(MOST_EXAMPLES, EXAMPLES_PER_DAY * int(past.known[:, -1].sum()))
    each = -(-wanted // max(len(origins), 1))
    parts, targets = [], []
    for origin in origins:
        able = np.flatnonzero(past.can_learn(origin, MIN_KNOWN_DAYS))
        if not able.size:
            continue
        rows = rng.choice(able, each)
        columns = origin + (rng.random(each) ** 2 * min(HORIZON_DAYS, days - origin)).astype(np.intp)
        known = np.isfinite(past.demand[rows, columns])
        rows, columns = rows[known], columns[known]
        parts.append(sample(past, past.covariates, origin, rows, columns))
        jittered = past.demand[rows, columns] + past.unit[rows] * rng.random(rows.size)
        targets.append(jittered / past.scale(origin)[rows])
    if not parts:
        return Examples({}, np.zeros(0))
    return Examples({name: np.concatenate([part[name] for part in parts]) for name in parts[0]}, np.concatenate(targets))


def _inputs(features: Features) -> Floats:
    """[M, P] what the linear part sees."""
    profile = np.minimum(features["profile"], MOST_PROFILE)
    columns: list[NDArray[Any]] = [np.nan_to_num(features[name]) for name in LINEAR]
    columns += [features["smooth0.1"] * profile, np.nan_to_num(features["mean91"]) * profile]
    columns += [features["smooth0.1"] * features["ahead"] / HORIZON_DAYS, np.ones_like(profile)]
    return np.stack(columns, axis=1).astype(np.float64)


def _started(inputs: Floats, coefficients: Floats) -> Floats:
    """[M, Q] quantiles of the linear part, from which the trees go on; rounded as the coefficients are."""
    return np.asarray(inputs @ coefficients).astype(np.float32).astype(np.float64)


def _matrix(features: Features, names: tuple[str, ...]) -> NDArray[np.float32]:
    """[M, F] in the trees' order; NaN where a feature that was learned is no longer known."""
    unknown = np.full(next(iter(features.values())).size, np.nan, dtype=np.float32)
    return np.stack([features.get(name, unknown) for name in names], axis=1)

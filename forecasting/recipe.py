"""How each item is to be forecast - shares, calibration, and why - learned from a backtest and applied to new futures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecasting import explain
from forecasting.backtest import Backtest
from forecasting.base import Paths
from forecasting.calibrate import SAFETY_LEVELS, Calibration, recalibrate
from forecasting.choose import Candidate, candidates, own_winners, whole_windows
from forecasting.evidence import Evidence
from forecasting.gate import TOTAL_DAYS, Verdict, admit, judge
from forecasting.margins import amounts, idle
from forecasting.mixture import mix
from parstock.domain import Bools, Floats, Language

LEAST_KEPT = 20
"""A class with fewer items than this in the replay learns from the whole panel."""
_P95 = SAFETY_LEVELS.index(0.95)


@dataclass(frozen=True, eq=False, slots=True)
class Recipe:
    """How some items are forecast."""

    weights: Floats
    """[M] shares of the models."""
    calibration: Calibration
    model: str
    """Names of the models, heaviest first, joined by "+"."""
    reason: str
    reason_zh: str


@dataclass(frozen=True, eq=False, slots=True)
class Recipes:
    """The recipe of each of N items."""

    models: tuple[str, ...]
    """M names."""
    recipes: tuple[Recipe, ...]
    index: NDArray[np.intp]
    """[N] position in `recipes`."""

    @property
    def weights(self) -> Floats:
        """[N, M] shares of the models."""
        return np.stack([recipe.weights for recipe in self.recipes])[self.index]

    def only(self, models: tuple[str, ...]) -> "Recipes":
        """The same recipes in terms of some of the models, which must be all that are used."""
        columns = [self.models.index(name) for name in models]
        return replace(self, models=models, recipes=tuple(replace(r, weights=r.weights[columns]) for r in self.recipes))

    def items(self) -> list[Recipe]:
        """[N] the recipe of each item."""
        return [self.recipes[position] for position in self.index.tolist()]


def fallback(model: str, items: int, horizon_days: int) -> Recipes:
    """Give every item the model that asks least of a history, because none could be replayed over `horizon_days`."""
    return Recipes((model,), (_fallback(model, (model,), horizon_days),), np.zeros(items, dtype=np.intp))


def learn(tested: Backtest, classes: Sequence[explain.Group], whole: Bools, last_resort: str) -> Recipes:
    """Decide for each demand class, and for the items that are clearly better off with a model of their own.

    Args:
        tested: A backtest that kept a replay.
        classes: [N] demand class of each item.
        whole: [N] items that sell in whole units.
        last_resort: Model of items of which nothing was replayed.
    """
    replay = tested.replay
    if replay is None:
        raise ValueError("recipes are learned from a backtest that kept the futures of some items")
    member = np.array(classes)
    kept = member[replay.rows]
    step = (tested.origins[1] - tested.origins[0]).days if len(tested.origins) > 1 else tested.horizon_days
    apart = -(-tested.horizon_days // step)
    recipes: list[Recipe] = []
    index = np.zeros(member.size, dtype=np.intp)
    small = [name for name in sorted(set(classes)) if (kept == name).sum() < LEAST_KEPT]
    groups: dict[explain.Group, list[explain.Group]] = {name: [name] for name in sorted(set(classes)) if name not in small}
    if small:
        groups["all"] = small
    for group, names in groups.items():
        of_group = np.arange(kept.size) if group == "all" else np.flatnonzero(kept == group)
        evidence = Evidence.of(replay, tested.models, of_group, whole[replay.rows], apart)
        rows = np.flatnonzero(np.isin(member, names))
        found, own = _of_group(tested, evidence, group, rows, last_resort)
        index[rows] = len(recipes) + own
        recipes += found
    return Recipes(tested.models, tuple(recipes), index)


def put_together(
    parts: Sequence[Paths], recipes: Recipes, rows: NDArray[np.intp], whole: Bools, rng: np.random.Generator
) -> Paths:
    """Follow the recipes of some items: [n, S, H] units a day.

    Args:
        parts: A forecast for each of `recipes.models`, [n, S, H] units a day; they are used up.
        recipes: Of all N items.
        rows: [n] positions of the items among the N.
        whole: [n] items that sell in whole units.
        rng: Source of chance.
    """
    weights, asleep = recipes.weights[rows], idle(parts)
    used = np.flatnonzero(weights.any(axis=0)).tolist()
    mixed = mix(amounts([parts[m] for m in used], whole, rng), weights[:, used])
    learned = [recipes.recipes[position].calibration for position in recipes.index[rows].tolist()]
    daily = recalibrate(
        mixed,
        np.stack([one.factors for one in learned]),
        np.array([one.strength for one in learned]),
        whole,
        rng,
    )
    daily *= ~asleep[:, :, None]
    return np.ascontiguousarray(daily.swapaxes(1, 2))


def _of_group(
    tested: Backtest, evidence: Evidence, group: explain.Group, rows: NDArray[np.intp], last_resort: str
) -> tuple[list[Recipe], NDArray[np.intp]]:
    """Recipes of a group, that of most items first, and the position of each item's among them."""
    cells = tested.measures["scaled_pinball"]
    ranked = candidates(evidence, cells if group == "all" else cells[:, :, rows])
    if not np.isfinite(ranked[0].loss):
        return [_fallback(last_resort, tested.models, tested.horizon_days)], np.zeros(rows.size, dtype=np.intp)
    verdict, refused = admit(evidence, ranked)
    record = _Record(tested, group, ranked)
    recipes = [record.recipe(verdict, refused)]
    shares = np.repeat(verdict.candidate.weights[None], rows.size, axis=0)
    of_all = whole_windows(cells)
    winners = own_winners(cells[:, of_all][:, :, rows], shares)
    place = np.zeros(rows.size, dtype=np.intp)
    for model in sorted(set(winners.tolist()) - {-1}):
        single = next(one for one in ranked if one.weights[model] == 1)
        alone = judge(evidence, single)
        if not alone.refused:
            place[winners == model] = len(recipes)
            recipes.append(record.recipe(alone, [], own_windows=int(of_all.sum())))
    return recipes, place


def _fallback(model: str, models: tuple[str, ...], horizon_days: int) -> Recipe:
    weights = np.array([float(name == model) for name in models])
    said = {lang: explain.unjudged(model, horizon_days, lang) for lang in _LANGUAGES}
    return Recipe(weights, Calibration.none(), model, said["en"], said["zh"])


_LANGUAGES: tuple[Language, ...] = ("en", "zh")


@dataclass(frozen=True, eq=False, slots=True)
class _Record:
    """What is told of every recipe of a group."""

    tested: Backtest
    group: explain.Group
    ranked: Sequence[Candidate]

    def recipe(self, verdict: Verdict, refused: Sequence[Verdict], *, own_windows: int = 0) -> Recipe:
        """Put a verdict into a recipe and words; with `own_windows` for items that went their own way in so many windows."""
        shares = self._shares(verdict.candidate)
        alone = sorted((one for one in self.ranked if one.weights.max() == 1), key=lambda one: one.loss)
        decision = explain.Decision(
            shares=shares,
            group=self.group,
            windows=own_windows or len(self.tested.origins),
            horizon_days=self.tested.horizon_days,
            loss=verdict.candidate.loss,
            rivals=tuple(explain.Loss(self._shares(one)[0].model, one.loss) for one in alone),
            refused=tuple(explain.Refusal(explain.model_name(self._shares(v.candidate)), _worst(v)) for v in refused),
            forced=verdict.refused or any(verdict.candidate is one.candidate for one in refused),
            calibrated=_calibrated(verdict) if verdict.tested else (),
            own=own_windows > 0,
        )
        en, zh = (explain.sentence(decision, lang) for lang in _LANGUAGES)
        return Recipe(verdict.candidate.weights, verdict.calibration, explain.model_name(shares), en, zh)

    def _shares(self, candidate: Candidate) -> tuple[explain.Share, ...]:
        order = np.argsort(-candidate.weights, kind="stable")
        return tuple(
            explain.Share(self.tested.models[m], float(candidate.weights[m])) for m in order.tolist() if candidate.weights[m]
        )


def _worst(verdict: Verdict) -> explain.Covered:
    """The quantile that is furthest from what it says."""
    row, column = np.unravel_index(int(verdict.excess.argmax()), verdict.excess.shape)
    return explain.Covered(
        SAFETY_LEVELS[column],
        (1, *TOTAL_DAYS)[row],
        float(verdict.coverage[row, column]),
        float(verdict.error[row, column]),
    )


def _calibrated(verdict: Verdict) -> tuple[explain.Calibrated, ...]:
    """The 95 % quantile of days and of the longest totals."""
    return tuple(
        explain.Calibrated(
            (1, *TOTAL_DAYS)[row],
            float(verdict.before[row, _P95]),
            float(verdict.coverage[row, _P95]),
            float(verdict.error[row, _P95]),
        )
        for row in (0, len(verdict.coverage) - 1)
    )

"""The choice of a model for each item from a backtest, and the sentence that says why. Fits nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.backtest import Backtest
from parstock.domain import Floats

TIE = 0.01
"""A model must beat every simpler one by this share to displace it."""
FALLBACK = "croston"
"""Model of items that no backtest can judge: it asks least of a history."""


@dataclass(frozen=True, eq=False, slots=True)
class Choice:
    """Which model each of N items gets."""

    models: tuple[str, ...]
    """[N] names."""
    index: NDArray[np.intp]
    """[N] position of the model in the backtest; -1 where no backtest judged the item."""
    scores: dict[str, Floats]
    """Model -> [N] scaled pinball loss; NaN where it did not compete."""
    reasons: tuple[str, ...]
    """[N] one sentence each."""


def choose(tested: Backtest, classes: Sequence[str]) -> Choice:
    """Give each item the model that does best for its class, unless another beats it on the item in every window.

    A few windows of one item are mostly noise, so the class (with one item: the item) has the first word.

    Args:
        tested: The backtest; `tested.models` runs from simple to elaborate, and ties go to the simpler.
        classes: [N] demand class of each item.
    """
    cells = tested.measures["scaled_pinball"]
    scores = {name: tested.score("scaled_pinball", name) for name in tested.models}
    table = np.stack(list(scores.values()))
    judged = np.isfinite(table).any(axis=0)
    first = _class_winners(table, np.array(classes))
    own = _simplest_best(np.where(np.isfinite(table), table, np.inf))
    items = np.arange(table.shape[1])
    loses = cells[first, :, items] < cells[own, :, items] * (1 + TIE)
    index = np.where(judged, np.where(loses.any(axis=1), first, own), -1)
    coverage = np.stack([tested.score("coverage_95", name) for name in tested.models])
    return Choice(
        models=tuple(tested.models[i] if i >= 0 else FALLBACK for i in index.tolist()),
        index=index,
        scores=scores,
        reasons=tuple(
            _why(tested, table[:, row], int(i), float(coverage[i, row]), classes[row])
            if i >= 0
            else unjudged(tested.horizon_days)
            for row, i in enumerate(index.tolist())
        ),
    )


def _simplest_best(losses: Floats) -> NDArray[np.intp]:
    """Position of the lowest of [M, N] losses; a later model must be better than the one held by `TIE`."""
    kept = np.zeros(losses.shape[1], dtype=np.intp)
    for challenger in range(1, losses.shape[0]):
        held = np.take_along_axis(losses, kept[None], axis=0)[0]
        kept = np.where(losses[challenger] < held * (1 - TIE), challenger, kept)
    return kept


def _class_winners(table: Floats, classes: NDArray[np.str_]) -> NDArray[np.intp]:
    """[N] the model whose [M, N] loss, relative to the item's mean loss over the models, is lowest in the item's class."""
    center = table.mean(axis=0)
    relative = np.where(center > 0, table / np.where(center > 0, center, 1.0), 1.0)
    winners = np.zeros(table.shape[1], dtype=np.intp)
    for name in np.unique(classes):
        rows = (classes == name) & np.isfinite(center)
        if rows.any():
            winners[classes == name] = _simplest_best(relative[:, rows].mean(axis=1, keepdims=True))[0]
    return winners


def unjudged(horizon_days: int) -> str:
    """Say why an item without a backtest gets the fallback."""
    return f"{FALLBACK}: too little history for a backtest of {horizon_days} days, so the model that asks least of it is used"


def _why(tested: Backtest, losses: Floats, winner: int, coverage: float, kind: str) -> str:
    """One sentence on one item, from its [M] losses."""
    competed = [i for i in np.argsort(losses, kind="stable").tolist() if i != winner and np.isfinite(losses[i])]
    others = ", ".join(f"{tested.models[i]} {losses[i]:.3f}" for i in competed) or "no rival"
    name, loss = tested.models[winner], f"{losses[winner]:.3f}"
    over = f"over {len(tested.origins)} backtest windows of {tested.horizon_days} days"
    if competed and losses[competed[0]] < losses[winner]:
        verdict = f"{name} at scaled pinball loss {loss} {over}, best for {kind} items and not clearly beaten on this one"
    else:
        verdict = f"{name} has the lowest scaled pinball loss, {loss}, {over}"
    return f"{verdict} ({others}); its 95 % quantile covered {coverage:.0%} of the days"

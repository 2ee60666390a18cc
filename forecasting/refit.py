"""A few items forecast anew in a forecast that stands: quick models, for items whose sales changed since. Keeps nothing."""

from collections import defaultdict
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forecasting import run
from parstock.domain import DemandPanel, Driver, Floats, Forecast

QUICK = ("ets", "croston", "seasonal_naive")
"""Models that fit an item in milliseconds and learn next to nothing from others."""
PLANNED = "linear"
"""The quick model that knows of prices and promotions ahead."""
FALLBACK = "croston"
"""Model of an item of which nothing is known from before."""
CONTEXT_ITEMS = 256
"""Other items that are fitted beside those to forecast, so that closed days, weekdays and the shop's year are seen as before."""


def refit(panel: DemandPanel, changed: NDArray[np.intp], earlier: Forecast) -> Forecast:
    """Forecast some rows of a panel anew and take the others from an earlier forecast of the same days.

    An item keeps the heaviest of its models that is quick, or else gets the quick one that did best in its backtest; one with a
    price or promotion planned ahead gets the model that knows of them. What was learned of its mixture and its
    calibration does not carry over, which its reason says.

    Args:
        panel: All N items, as they are now.
        changed: Rows to forecast anew.
        earlier: A forecast from the same morning over the same horizon; it has all the other items.

    Returns:
        The N items in the order of the panel.
    """
    row_of = {item: row for row, item in enumerate(earlier.items)}
    is_changed = np.zeros(len(panel.items), dtype=np.bool_)
    is_changed[changed] = True
    by_model: dict[str, list[int]] = defaultdict(list)
    for row in changed.tolist():
        by_model[_model(panel, row, earlier, row_of.get(panel.items[row]))].append(row)
    kept = np.flatnonzero(~is_changed)
    parts = [earlier.rows([row_of[panel.items[row]] for row in kept.tolist()])]
    order = [kept]
    for model, rows in by_model.items():
        context = kept[np.linspace(0, kept.size - 1, min(kept.size, CONTEXT_ITEMS)).astype(np.intp)]
        made = run.forecast(
            panel.rows([*rows, *context.tolist()]), model=model, horizon_days=earlier.horizon_days, paths=earlier.paths.shape[1]
        )
        before = [row_of.get(panel.items[row]) for row in rows]
        names = [None if row is None else earlier.models[row] for row in before]
        parts.append(_told(made.rows(list(range(len(rows)))), model, names))
        order.append(np.array(rows, dtype=np.intp))
    return _in_order(parts, np.concatenate(order), panel)


def _model(panel: DemandPanel, row: int, earlier: Forecast, before: int | None) -> str:
    """The quick model of an item; `before` is its row in the earlier forecast, if it had one."""
    if _is_planned(panel, row):
        return PLANNED
    if before is None:
        return FALLBACK
    mixed = [name for name in earlier.models[before].split("+") if name in QUICK]
    if mixed:
        return mixed[0]
    losses = {name: float(earlier.scores[name][before]) for name in QUICK if name in earlier.scores}
    judged = [name for name, loss in losses.items() if np.isfinite(loss)]
    return min(judged, key=lambda name: losses[name]) if judged else FALLBACK


def _is_planned(panel: DemandPanel, row: int) -> bool:
    """Whether a price or a promotion of the item is known ahead."""
    ahead = panel.ahead
    if ahead is None:
        return False
    priced = ahead.price is not None and bool(np.isfinite(ahead.price[row]).any())
    return priced or (ahead.promotion is not None and bool(ahead.promotion[row].any()))


def _told(made: Forecast, model: str, before: list[str | None]) -> Forecast:
    """The rows, each with why it is by this model now."""
    said = [_why(model, name) if status == "ok" else None for status, name in zip(made.status, before, strict=True)]
    told = [
        why or refused for why, refused in zip(said, zip(made.reasons, made.reasons_zh or made.reasons, strict=True), strict=True)
    ]
    return replace(made, reasons=tuple(en for en, _ in told), reasons_zh=tuple(zh for _, zh in told), scores={})


def _why(model: str, before: str | None) -> tuple[str, str]:
    """Why an item is by this model alone, in English and Chinese; `before` is what the run over all items gave it."""
    return (
        f"its records changed after the run over all items, so it was forecast anew by {model} alone, without calibration "
        f"({f'in that run: {before}' if before else 'not in that run'})",
        f"全部商品统一预测之后，该商品的记录有变化，因此仅用{model}重新预测，未经校准"
        f"（{f'此前：{before}' if before else '此前未预测'}）",
    )


def _in_order(parts: list[Forecast], rows: NDArray[np.intp], panel: DemandPanel) -> Forecast:
    """The parts as one forecast in the order of the panel; `rows` are the panel's rows of the parts' items, part by part."""
    position = np.argsort(rows).tolist()
    horizon_days = parts[0].horizon_days
    models = [name for part in parts for name in part.models]
    status = [one for part in parts for one in part.status]
    reasons = [why for part in parts for why in part.reasons]
    reasons_zh = [why for part in parts for why in (part.reasons_zh or ("",) * len(part.items))]
    drivers: list[Driver] = sorted({driver for part in parts for driver in part.effects})
    paths = np.empty((len(panel.items), *parts[0].paths.shape[1:]), dtype=np.float32)
    first = 0
    for part in parts:
        paths[rows[first : first + len(part.items)]] = part.paths
        first += len(part.items)

    def joined(values: list[Floats]) -> Floats:
        return np.asarray(np.concatenate(values)[position], dtype=np.float64)

    return Forecast(
        items=panel.items,
        start=parts[0].start,
        paths=paths,
        models=tuple(models[i] for i in position),
        status=tuple(status[i] for i in position),
        reasons=tuple(reasons[i] for i in position),
        reasons_zh=tuple(reasons_zh[i] for i in position) if any(reasons_zh) else (),
        scores={
            name: joined([part.scores.get(name, np.full(len(part.items), np.nan)) for part in parts])
            for name in sorted({name for part in parts for name in part.scores})
        },
        effects={
            driver: joined([part.effects.get(driver, np.zeros((len(part.items), horizon_days))) for part in parts])
            for driver in drivers
        },
    )

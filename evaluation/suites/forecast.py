"""The suite `forecast`: our forecasters on somebody's own demand, measured on the days that followed."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from evaluation.base import Form, Options, Progress, Report, suites
from evaluation.cost import Cost
from evaluation.intervals import interval
from evaluation.panels import MissingDays, Replay, read_replay
from evaluation.scores import DEFINITIONS, ItemScores, Prediction, by_class, item_scores, summary
from forecasting.base import forecasters
from forecasting.calibrate import demand_classes
from forecasting.history import observed
from forecasting.run import forecast
from parstock.domain import Floats, Json
from parstock.errors import InputError

BASELINE = "seasonal_naive"
"""The model that the others must beat; always measured."""
DEFAULT_MODELS = (BASELINE, "croston", "ets", "linear", "gradient_boosting", "auto")
"""Measured where none are named, as far as they are registered."""
PATHS = 200
WITH_INTERVALS = ("pinball", "rmsse")
OWN_DEFINITIONS: Mapping[str, str] = {
    "items": "items in either table; one without a forecast counts with zeros for every day, mean and quantiles",
    "scored_items": "items whose scaled pinball loss is defined: a day of the test is known and something was sold before; "
    "refused items are among them",
    "refused": "items without a forecast, by reason: insufficient_data, no_recent_demand",
    "worse_than_seasonal_naive": f"share of scored items with a higher scaled pinball loss than {BASELINE}",
    "intervals": "95 % bootstrap intervals of the mean over items (2,000 resamples)",
    "seconds": "wall clock of fitting, choosing and sampling all items; cpu_seconds: of the processor, all threads together",
    "series_per_second": "items over seconds",
    "peak_mib": "highest resident memory of the process meanwhile, the tables included",
    "missing_days": "days of the history without a row, from each item's first on, and how they and the test's were read",
}


class ForecastForm(Form):
    """What the suite is given."""

    history: Annotated[Path, Field(description="FILE: long table item, date, demand and what else is known")]
    test: Annotated[Path, Field(description="FILE: the same of the days to forecast")]
    horizon_days: Annotated[int, Field(ge=1, le=365, description="days to forecast, 1 to 365")]
    models: Annotated[str, Field(description="forecasters, separated by commas")] = ""
    countries: Annotated[str, Field(description="ISO codes of countries whose holidays count, such as GB,US")] = ""
    missing_days: Annotated[MissingDays, Field(description="zero or unknown: how days without a row are read")] = "auto"
    seed: Annotated[int, Field(ge=0, description="of the sampling")] = 0

    def chosen(self) -> tuple[str, ...]:
        """The models to measure, the baseline first.

        Raises:
            InputError: One is unknown.
        """
        named = [name.strip() for name in self.models.split(",") if name.strip()]
        for name in named:
            forecasters.get(name)
        return tuple(dict.fromkeys([BASELINE, *(named or (name for name in DEFAULT_MODELS if name in forecasters))]))


@suites.register("forecast")
class ForecastSuite:
    """Forecasts the days after the history with each model and measures them on the test."""

    def run(self, options: Options, progress: Progress | None = None) -> Report:
        """Read both tables, then fit, forecast and measure model by model."""
        form = options.read(ForecastForm)
        for name, value in (("model", options.model), ("cases", options.cases)):
            if value is not None:
                message = (
                    f"--{name} is {str(value)!r}, but this suite asks no chat model; it takes --history, --test and --models"
                )
                raise InputError(message, field=name)
        models = form.chosen()
        named = [code for code in form.countries.split(",") if code.strip()]
        replay = read_replay(
            form.history,
            form.test,
            form.horizon_days,
            missing=form.missing_days,
            countries=named,
            usual=options.settings.countries or (),
        )
        history = observed(replay.panel)
        classes = np.array(demand_classes(history))
        measured: dict[str, Json] = {}
        baseline = np.zeros(0)
        for position, name in enumerate(models):
            tell = None if progress is None else partial(_told, progress, position, len(models), name)
            scores, figures = _measure(name, replay, history, form.seed, tell)
            baseline = scores["pinball"] if name == BASELINE else baseline
            measured[name] = figures | _compared(scores, baseline, classes)
        if progress is not None:
            progress(1.0, "done")
        return _about(form, replay, classes) | {"models": measured, "definitions": {**DEFINITIONS, **OWN_DEFINITIONS}}

    def sample(self, folder: Path) -> Mapping[str, str]:
        """Write eight weeks and one of three items, with prices and promotions."""
        rng, first = np.random.default_rng(3), date(2026, 1, 5)
        lines = {"history": ["item,date,demand,price,promotion"], "test": ["item,date,demand,price,promotion"]}
        for item, level in (("tray", 9.0), ("lamp", 2.0), ("vase", 0.4)):
            for day in range(63):
                reduced = day % 21 < 3
                units = rng.poisson(level * (1.8 if reduced else 1.0))
                table = lines["history" if day < 56 else "test"]
                table.append(f"{item},{first + timedelta(days=day)},{units},{4 if reduced else 5},{int(reduced)}")
        for name, rows in lines.items():
            (folder / f"{name}.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        files = {name: str(folder / f"{name}.csv") for name in lines}
        return files | {"horizon-days": "7", "models": "croston,ets"}


def _told(progress: Progress, position: int, count: int, name: str, share: float, what: str) -> None:
    """Turn one model's progress into that of all."""
    progress(min((position + share) / count, 0.999), what if name in what else f"{name}: {what}")


def _measure(
    name: str, replay: Replay, history: Floats, seed: int, progress: Progress | None
) -> tuple[ItemScores, dict[str, Json]]:
    """Forecast with one model; its scores by item, and its figures."""
    with Cost() as cost:
        made = forecast(replay.panel, model=name, horizon_days=replay.actual.shape[1], paths=PATHS, seed=seed, progress=progress)
    scores = item_scores(Prediction.of(made, replay.actual), replay.actual, history)
    items = len(made.items)
    figures: dict[str, Json] = {key: _rounded(value) for key, value in summary(scores).items()}
    return scores, {
        **figures,
        "intervals": {key: list(interval(known)) for key in WITH_INTERVALS if (known := _known(scores[key])).size},
        "items": items,
        "scored_items": int(np.isfinite(scores["pinball"]).sum()),
        "refused": {status: made.status.count(status) for status in sorted(set(made.status) - {"ok"})},
        "seconds": round(cost.seconds, 3),
        "cpu_seconds": round(cost.cpu_seconds, 3),
        "series_per_second": round(items / cost.seconds, 1),
        "peak_mib": round(cost.peak_mib, 1),
    }


def _compared(scores: ItemScores, baseline: Floats, classes: NDArray[np.str_]) -> dict[str, Json]:
    """Figures of each class, and beside the baseline's [N] losses."""
    loss = scores["pinball"]
    scored = np.isfinite(loss)
    covered: dict[str, Json] = {key: _rounded(value) for key, value in by_class(scores["coverage_95"], classes).items()}
    worse = float((loss > baseline)[scored].mean()) if scored.any() else None
    return {"coverage_95_by_class": covered, "worse_than_seasonal_naive": _rounded(worse)}


def _about(form: ForecastForm, replay: Replay, classes: NDArray[np.str_]) -> Report:
    """What was forecast, and how the tables were read."""
    panel = replay.panel
    return {
        "suite": "forecast",
        "n": len(panel.items),
        "history": form.history.name,
        "test": form.test.name,
        "first_day": panel.as_of.isoformat(),
        "horizon_days": form.horizon_days,
        "history_days": panel.days,
        "seed": form.seed,
        "paths": PATHS,
        "countries": list(panel.countries),
        "missing_days": replay.missing_days,
        "columns": replay.columns,
        "classes": {str(name): int((classes == name).sum()) for name in np.unique(classes)},
    }


def _known(values: Floats) -> Floats:
    return values[np.isfinite(values)]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)

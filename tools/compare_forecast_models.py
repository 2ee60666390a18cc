"""The tool `compare_forecast_models`: which forecaster did best on one product's past."""

from typing import ClassVar

import numpy as np

from parstock.domain import DemandPanel, Item, Json, ToolResult
from tools.base import HorizonDays, Scope, ToolArguments, tools
from tools.context import ToolContext
from tools.factbook import FactBook
from tools.wording import days, named, number, percent

WINDOWS = 4
"""Past horizons that every model has to forecast, where the history is long enough."""
MEASURES = ("scaled_pinball", "wape", "bias", "mase", "rmsse", "coverage_80", "coverage_95")


@tools.register("compare_forecast_models")
class CompareForecastModels:
    """Backtests all forecasters on one product and ranks them."""

    name: ClassVar[str] = "compare_forecast_models"
    scope: ClassVar[Scope] = "read"

    class Arguments(ToolArguments):
        """Which item, and how far ahead the models have to look."""

        item: str
        horizon_days: HorizonDays | None = None

    def run(self, args: Arguments, context: ToolContext) -> ToolResult:
        """Replay the item's past with every model.

        Raises:
            InsufficientData: The history is shorter than one window.
        """
        item = context.names.resolve_item(args.item)
        horizon = args.horizon_days or context.settings.horizon_days
        ranking, windows = _ranking(context.panel([item.sku]), horizon)
        book = FactBook(context)
        _tell_ranking(book, item, ranking)
        book.add(
            "backtest.windows",
            windows,
            "windows",
            f"Each model forecast {number(windows)} past {'period' if windows == 1 else 'periods'} of {days(horizon)}.",
            f"每个模型都对过去{number(windows)}个{horizon}天的时段作了回测。",
            source=f"backtest/{item.sku}",
        )
        book.item(item)
        if args.horizon_days is None:
            book.default_horizon(horizon)
        rows: list[Json] = [{"model": model, **measures} for model, measures in ranking]
        data: dict[str, Json] = {"sku": item.sku, "horizon_days": horizon, "windows": windows, "models": rows}
        return ToolResult(self.name, data, book.facts(), defaults=book.defaults())


def _ranking(panel: DemandPanel, horizon_days: int) -> tuple[list[tuple[str, dict[str, Json]]], int]:
    """Models with their measures, best scaled pinball loss first, and the number of windows."""
    from forecasting.backtest import backtest
    from forecasting.base import forecasters

    models = [name for name in forecasters if name != "auto"]
    tested = backtest(panel, models, horizon_days=horizon_days, windows=WINDOWS)
    measured: list[tuple[str, dict[str, Json]]] = []
    for model in models:
        scores = {name: float(tested.score(name, model)[0]) for name in MEASURES}
        measured.append((model, {name: round(s, 4) if np.isfinite(s) else None for name, s in scores.items()}))
    measured.sort(key=lambda entry: (entry[1]["scaled_pinball"] is None, entry[1]["scaled_pinball"], entry[0]))
    return measured, len(tested.origins)


def _tell_ranking(book: FactBook, item: Item, ranking: list[tuple[str, dict[str, Json]]]) -> None:
    source = f"backtest/{item.sku}"
    judged = [(model, measures) for model, measures in ranking if isinstance(measures["scaled_pinball"], float)]
    if not judged:
        book.add(
            "backtest.status",
            "not_judged",
            "",
            f"No model can be judged on {item.name}: its past windows hold no demand to measure against.",
            f"无法评判{named(item, 'zh')}的模型：回测时段内没有可比的销量。",
            source=source,
            required=True,
        )
        return
    best = judged[0][0]
    book.add(
        "backtest.best",
        best,
        "name",
        f"{best} forecasts {item.name} best.",
        f"对{named(item, 'zh')}预测最准的是{best}。",
        source=source,
        required=True,
    )
    for rank, (model, measures) in enumerate(judged, start=1):
        loss = measures["scaled_pinball"]
        assert isinstance(loss, float)
        book.add(
            "backtest.loss",
            loss,
            "scaled pinball loss",
            f"{model} has a loss of {number(loss, 3)} (lower is better).",
            f"{model}的损失为{number(loss, 3)}（越低越好）。",
            source=source,
            required=rank <= 3,
        )
        wape = measures["wape"]
        if rank == 1 and isinstance(wape, float):
            book.add(
                "backtest.wape",
                100 * wape,
                "%",
                f"{model} was off by {percent(wape)} of the units sold, day by day.",
                f"{model}逐日误差占销量的{percent(wape)}。",
                source=source,
            )

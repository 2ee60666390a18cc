"""The tool `compare_forecast_models`: which forecaster did best on one product's past."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from parstock.domain import DemandPanel, Item, Json
from parstock.results import ToolResult
from parstock.wording import days, named, number, whole_percent
from tools.base import HorizonDays, Scope, ToolArguments, tools
from tools.context import ToolContext
from tools.factbook import FactBook, Figure

WINDOWS = 4
"""Past horizons that every model has to forecast, where the history is long enough."""
MOST_TOLD = 8
"""Models that an answer names."""
MEASURES = ("scaled_pinball", "wape", "bias", "mase", "rmsse", "coverage_80", "coverage_95")


@tools.register("compare_forecast_models")
class CompareForecastModels:
    """Backtests on one product all forecasters that can learn from it alone, and ranks them."""

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
        models, left_out = _models()
        ranking, windows = _ranking(context.panel([item.sku]), models, horizon)
        book = FactBook(context)
        _tell_ranking(book, item, ranking, windows, horizon)
        _tell_left_out(book, left_out)
        book.item(item)
        if args.horizon_days is None:
            book.default_horizon(horizon)
        rows: list[Json] = [{"model": model, **measures} for model, measures in ranking]
        data: dict[str, Json] = {
            "sku": item.sku,
            "horizon_days": horizon,
            "windows": windows,
            "models": rows,
            "left_out": list(left_out),
        }
        return ToolResult(self.name, data, book.facts(), defaults=book.defaults())


def _models() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Forecasters that can be judged on one item, and those that learn one thing from all items of a shop."""
    from forecasting.base import Conditional, forecasters

    alone = {name: not isinstance(forecasters.get(name)(), Conditional) for name in forecasters if name != "auto"}
    return tuple(name for name, can in alone.items() if can), tuple(name for name, can in alone.items() if not can)


def _ranking(panel: DemandPanel, models: Sequence[str], horizon_days: int) -> tuple[list[tuple[str, dict[str, Json]]], int]:
    """Models with their measures, best scaled pinball loss first, and the number of windows."""
    from forecasting.backtest import backtest

    tested = backtest(panel, models, horizon_days=horizon_days, windows=WINDOWS)
    measured: list[tuple[str, dict[str, Json]]] = []
    for model in models:
        scores = {name: float(tested.score(name, model)[0]) for name in MEASURES}
        measured.append((model, {name: round(s, 4) if np.isfinite(s) else None for name, s in scores.items()}))
    measured.sort(key=lambda entry: (entry[1]["scaled_pinball"] is None, entry[1]["scaled_pinball"], entry[0]))
    return measured, len(tested.origins)


def _tell_ranking(
    book: FactBook, item: Item, ranking: list[tuple[str, dict[str, Json]]], windows: int, horizon_days: int
) -> None:
    source = f"backtest/{item.sku}"
    judged = [(model, loss) for model, measures in ranking if isinstance(loss := measures["scaled_pinball"], float)]
    figures = (Figure("backtest.windows", windows, "windows"), Figure("backtest.days", horizon_days, "days"))
    last = "the last period" if windows == 1 else f"the last {number(windows)} periods"
    over_en = f"{last} of {days(horizon_days)}"
    over_zh = f"过去{number(windows)}个{horizon_days}天的时段"
    if not judged:
        book.tell(
            f"No model can be judged on {item.name}: {over_en} hold no demand to measure against.",
            f"无法评判{named(item, 'zh')}的模型：{over_zh}没有可比的销量。",
            Figure("backtest.status", "not_judged", ""),
            *figures,
            source=source,
            required=True,
        )
        return
    best = judged[0][0]
    book.tell(
        f"{best} forecasts {item.name} best, over {over_en}; loss by model (lower is better):",
        f"在{over_zh}上，对{named(item, 'zh')}预测最准的是{best}。各模型的损失（越低越好）：",
        Figure("backtest.best", best, "name"),
        *figures,
        source=source,
        required=True,
    )
    for rank, (model, loss) in enumerate(judged, start=1):
        en, zh = f"{model}: {number(loss, 3)}.", f"{model}：{number(loss, 3)}。"
        book.add("backtest.loss", loss, "scaled pinball loss", en, zh, source=source, required=rank <= MOST_TOLD)
    wape = dict(ranking)[best]["wape"]
    if isinstance(wape, float):
        shown = whole_percent(wape)
        en = f"Day by day {best} was off by {shown} of the units sold."
        book.add("backtest.wape", 100 * wape, "%", en, f"{best}的逐日误差占销量的{shown}。", source=source)


def _tell_left_out(book: FactBook, models: Sequence[str]) -> None:
    """Say which models were not compared, and why."""
    if models:
        en = f"Models that learn from the whole shop are not compared on one item: {', '.join(models)}."
        zh = f"需要用全店数据学习的模型不在单个商品上比较：{'、'.join(models)}。"
        book.add("backtest.left_out", ", ".join(models), "name", en, zh, source="forecasting")

"""The tool `forecast_demand`: how much will sell, how sure that is, and what drives it."""

from datetime import timedelta
from typing import ClassVar, Literal, TypeAlias

import numpy as np

from forecasting.history import RECENT_DAYS, History, recorded
from forecasting.split import split
from parstock.domain import DemandPanel, Forecast, ForecastStatus, Item, Json
from parstock.errors import ToolFailed
from parstock.results import ToolResult
from parstock.wording import day, days, named, number, rate, units, whole_percent
from planning.facts import Direction
from tools.base import HorizonDays, Scope, ToolArguments, tools
from tools.charts import forecast_chart
from tools.context import ToolContext
from tools.event_facts import cited_notes, demand_events, tell_events
from tools.factbook import FactBook, Figure
from tools.forecast_facts import special_json, split_json, tell_history, tell_split
from tools.forecasts import SHOP_DAYS

Model: TypeAlias = Literal["auto", "arima", "lstm", "vae_lstm", "linear", "gradient_boosting", "ets", "croston", "seasonal_naive"]
NETWORKS: tuple[Model, ...] = ("lstm", "vae_lstm")
"""Models that train for minutes."""
FLAT = 0.03
"""A change of expected demand below this share counts as none."""
STRONG_WEEKDAY = 1.25
"""A weekday is named as a driver when it sells this many times an average day."""
WEEKDAY_DAYS = 182
"""Days of history, whole weeks, that weekdays are compared over."""
LEAST_WEEKDAY_UNITS = 100
"""Fewer units than this say nothing about weekdays."""
_WEEKDAYS = (
    ("Monday", "周一"),
    ("Tuesday", "周二"),
    ("Wednesday", "周三"),
    ("Thursday", "周四"),
    ("Friday", "周五"),
    ("Saturday", "周六"),
    ("Sunday", "周日"),
)


@tools.register("forecast_demand")
class ForecastDemand:
    """Forecasts one product's demand as a distribution."""

    name: ClassVar[str] = "forecast_demand"
    scope: ClassVar[Scope] = "read"

    class Arguments(ToolArguments):
        """Which item, where, how far, and with which model."""

        item: str
        warehouse: str | None = None
        horizon_days: HorizonDays | None = None
        model: Model | None = None

    def run(self, args: Arguments, context: ToolContext) -> ToolResult:
        """Forecast the item, from a kept forecast where there is one."""
        item = context.names.resolve_item(args.item)
        warehouse = context.warehouse_code(args.warehouse)
        horizon = args.horizon_days or context.settings.horizon_days
        forecast = _forecast(context, item, warehouse, horizon, args.model or "auto")
        panel = context.panel([item.sku], warehouse)
        remarks = History.of(recorded(panel)).remarks()[0]
        book = FactBook(context)
        data: dict[str, Json] = {
            "sku": item.sku,
            "warehouse": warehouse,
            "start": forecast.start.isoformat(),
            "end": (forecast.start + timedelta(days=horizon - 1)).isoformat(),
            "horizon_days": horizon,
            "sold_before": _sold_before(panel, horizon),
            "sold_before_unknown_days": horizon - int(np.isfinite(panel.demand[0, -horizon:]).sum()),
            "status": forecast.status[0],
            "model": forecast.models[0],
            "reason": forecast.reasons[0] if forecast.reasons else "",
            "reason_zh": forecast.reasons_zh[0] if forecast.reasons_zh else "",
            "history": [remark.as_json() for remark in remarks],
        }
        parts = split(forecast)
        events = demand_events(context, item, warehouse, forecast.start, horizon) if "event" in forecast.effects else ()
        citations = cited_notes(context, (event.note for event in events))
        if forecast.status[0] == "ok":
            _tell_totals(book, item, panel, forecast)
            tell_split(book, item.sku, forecast, parts, panel.countries)
            tell_events(book, events, context, cited=True)
            tell_history(book, item.sku, remarks)
            _tell_drivers(book, panel)
            _tell_model(book, forecast, asked=args.model is not None)
            _tell_alone(book, horizon, args.model or "auto")
            data |= _numbers(forecast)
            data |= {"split": split_json(parts), "special_days": special_json(parts, forecast.start, panel.countries)}
        else:
            _tell_refusal(book, item, panel, forecast.status[0])
        book.item(item)
        book.warehouse(warehouse)
        if args.horizon_days is None:
            book.default_horizon(horizon)
        if args.model is None:
            book.default("model", "auto", "The model is chosen by backtest.", "模型按回测结果自动选择。", detail=True)
        book.cited(citations)
        chart = forecast_chart(item, panel, forecast, parts)
        return ToolResult(self.name, data, book.facts(), chart, citations, defaults=book.defaults())


def _forecast(context: ToolContext, item: Item, warehouse: str, horizon_days: int, model: Model) -> Forecast:
    """Forecast the item; by a model that learns from all items together, as its row of the whole shop's run.

    Raises:
        ToolFailed: The model is a neural network and no run of it is kept: training takes longer than anybody waits here.
    """
    from forecasting.base import Conditional, forecasters

    if not isinstance(forecasters.get(model)(), Conditional):
        return context.forecast(item, warehouse, horizon_days, model)
    if model in NETWORKS and not context.forecasts.has_shop(warehouse, horizon_days, model):
        options = f" --warehouse {warehouse}" * bool(warehouse) + f" --horizon-days {horizon_days}" * (horizon_days > SHOP_DAYS)
        raise ToolFailed(
            f"{model} learns from the whole shop, which takes minutes; run `parstock forecast --model {model}{options}` first, "
            "or ask for another model"
        )
    shop = context.forecasts.of_shop(warehouse, horizon_days, model, progress=context.progress)
    return shop.rows([shop.items.index(item.sku)])


def _sold_before(panel: DemandPanel, horizon: int) -> float | None:
    """Return the units sold on those of the last days that are known; None where none is."""
    past = panel.demand[0, -horizon:]
    return round(float(np.nansum(past)), 2) if np.isfinite(past).any() else None


def _tell_totals(book: FactBook, item: Item, panel: DemandPanel, forecast: Forecast) -> None:
    horizon, source = forecast.horizon_days, f"forecast/{item.sku}"
    totals = forecast.total()[0]
    mean, daily = round(float(totals.mean())), float(totals.mean()) / horizon
    low, high = (round(value) for value in np.quantile(totals, (0.1, 0.9)).tolist())
    last = forecast.start + timedelta(days=horizon - 1)
    book.tell(
        f"{item.name} is expected to sell {units(mean) if mean else 'next to nothing'} in the {days(horizon)} "
        f"to {day(last, 'en')}, {rate(daily)} a day.",
        f"{named(item, 'zh')}到{day(last, 'zh')}为止的{horizon}天内，预计{f'售出{number(mean)}件' if mean else '几乎没有销量'}，"
        f"日均{rate(daily)}件。",
        Figure("forecast.total", mean, "units"),
        Figure("forecast.daily", round(daily, 2), "units a day"),
        Figure("forecast.days", horizon, "days"),
        Figure("forecast.until", last, "date"),
        source=source,
        required=True,
    )
    book.tell(
        f"With a chance of 80% it lies between {number(low)} and {number(high)}.",
        f"有80%的可能在{number(low)}至{number(high)}件之间。",
        Figure("forecast.low", low, "units"),
        Figure("forecast.high", high, "units"),
        Figure("forecast.chance", 80, "%"),
        source=source,
    )
    _tell_change(book, panel, float(totals.mean()), horizon, source)


def _tell_change(book: FactBook, panel: DemandPanel, mean: float, horizon: int, source: str) -> None:
    """Compare with the last days of the same number, where something sold in them."""
    past = panel.demand[0, -horizon:]
    if len(past) < horizon or not np.isfinite(past).all() or past.sum() <= 0:
        return
    sold = float(past.sum())
    share = mean / sold - 1
    direction: Direction = "flat" if abs(share) < FLAT else "up" if share > 0 else "down"
    shown = whole_percent(abs(share))
    en = {"up": f"{shown} more than", "down": f"{shown} less than", "flat": f"within {shown} of"}[direction]
    zh = {"up": f"多{shown}", "down": f"少{shown}", "flat": f"相差在{shown}以内"}[direction]
    book.tell(
        f"That is {en} the {units(sold)} of the last {days(horizon)}.",
        f"比最近{horizon}天的{number(sold)}件{zh}。",
        Figure("forecast.change", 100 * abs(share), "%", direction=direction),
        Figure("demand.before", sold, "units"),
        source=source,
    )


def _tell_drivers(book: FactBook, panel: DemandPanel) -> None:
    """Name the weekday that sells most, where one stands out in the history."""
    past = panel.demand[0, -WEEKDAY_DAYS:]
    weekdays = (panel.as_of.weekday() - len(past) + np.arange(len(past))) % 7
    known = np.isfinite(past)
    if known.sum() < WEEKDAY_DAYS or past.sum() < LEAST_WEEKDAY_UNITS:
        return
    by_weekday = np.array([past[weekdays == weekday].mean() for weekday in range(7)]) / past.mean()
    best = int(by_weekday.argmax())
    if by_weekday[best] >= STRONG_WEEKDAY:
        en, zh = _WEEKDAYS[best]
        times = number(float(by_weekday[best]), 1)
        book.add(
            "driver.weekday",
            round(float(by_weekday[best]), 3),
            "times",
            f"{en} is the strongest day of the week, at {times} times the average.",
            f"{zh}卖得最好，是日均的{times}倍。",
            source="demand",
        )


def _tell_model(book: FactBook, forecast: Forecast, *, asked: bool) -> None:
    """Say which model made the forecast and how it compared."""
    model = forecast.models[0]
    source = f"model/{model}"
    en, zh = ("as asked", "按要求") if asked else ("chosen by backtest", "按回测选定")
    book.add("model", model, "name", f"Model: {model}, {en}.", f"模型：{model}（{zh}）。", source=source)
    if forecast.reasons and forecast.reasons_zh:
        en, zh = f"Why: {forecast.reasons[0]}.", f"原因：{forecast.reasons_zh[0]}。"
        book.add("model.reason", forecast.reasons[0], "reason", en, zh, source=source, detail=True)
    losses = {name: float(loss[0]) for name, loss in forecast.scores.items() if np.isfinite(loss[0])}
    for name in sorted(losses, key=lambda name: (name != model, losses[name], name)):
        shown = number(losses[name], 3)
        book.add(
            "model.loss",
            round(losses[name], 4),
            "scaled pinball loss",
            f"{name}: loss of {shown} on past windows (scaled pinball, lower is better).",
            f"{name}：历史回测损失{shown}（标准化分位数损失，越低越好）。",
            source=f"model/{name}",
            detail=True,
        )


def _tell_alone(book: FactBook, horizon_days: int, model: str) -> None:
    """Say where the forecast is not the one that plans are made from."""
    if model != "auto":
        en, zh = (
            "Plans are made with the model chosen by backtest, so theirs may differ.",
            "计划使用按回测选定的模型，数字可能不同。",
        )
        book.add("forecast.alone", model, "name", en, zh, source="forecasts")
    elif horizon_days > SHOP_DAYS:
        book.add(
            "forecast.alone",
            SHOP_DAYS,
            "days",
            f"Plans look {days(SHOP_DAYS)} ahead; beyond that the item is forecast by itself, so figures may differ a little.",
            f"计划使用{SHOP_DAYS}天的预测；更长的期限单独预测该商品，数字可能略有出入。",
            source="forecasts",
        )


def _tell_refusal(book: FactBook, item: Item, panel: DemandPanel, status: ForecastStatus) -> None:
    """Say why there is no forecast."""
    known, zh_name = int(np.isfinite(panel.demand[0]).sum()), named(item, "zh")
    if status == "no_recent_demand":
        value, en = RECENT_DAYS, f"{item.name} sold nothing in the last {days(RECENT_DAYS)}, so no demand is forecast."
        zh = f"{zh_name}最近{RECENT_DAYS}天没有销量，不作预测。"
    else:
        value, en = known, f"{item.name} cannot be forecast yet: only {days(known)} of sales are known."
        zh = f"{zh_name}暂时无法预测：只有{known}天的销售数据。"
    book.add("forecast.status", value, "days", en, zh, source=f"forecast/{item.sku}", required=True)


def _numbers(forecast: Forecast) -> dict[str, Json]:
    totals = forecast.total()[0]
    p10, p50, p90 = np.quantile(forecast.paths[0], (0.1, 0.5, 0.9), axis=0)
    columns = {"mean": forecast.mean()[0], "p10": p10, "p50": p50, "p90": p90}
    return {
        "total": {
            "mean": round(float(totals.mean()), 2),
            "p10": round(float(np.quantile(totals, 0.1)), 2),
            "p50": round(float(np.quantile(totals, 0.5)), 2),
            "p90": round(float(np.quantile(totals, 0.9)), 2),
        },
        "daily": {name: [round(float(value), 3) for value in values] for name, values in columns.items()},
        "scores": {name: round(float(loss[0]), 4) for name, loss in forecast.scores.items() if np.isfinite(loss[0])},
    }

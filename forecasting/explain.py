"""Why an item is forecast as it is, in English and Chinese from the same record. Decides nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from forecasting.calibrate import DemandClass
from forecasting.history import MIN_KNOWN_DAYS, RECENT_DAYS, History
from parstock.domain import Language

Group = DemandClass | Literal["all"]
MOST_RIVALS = 4
"""Competitors whose loss is told."""
_GROUPS_ZH = {"smooth": "平稳型", "erratic": "波动型", "intermittent": "间歇型", "lumpy": "块状需求型", "all": "全部"}


@dataclass(frozen=True, slots=True)
class Share:
    """A model and its part in the forecast."""

    model: str
    weight: float


@dataclass(frozen=True, slots=True)
class Loss:
    """A model and its mean scaled pinball loss."""

    model: str
    loss: float


@dataclass(frozen=True, slots=True)
class Covered:
    """What one quantile covered: of days where `days` is 1, of totals over so many days elsewhere."""

    level: float
    days: int
    coverage: float
    error: float


@dataclass(frozen=True, slots=True)
class Refusal:
    """A model or mixture that was not let through, and the quantile that was furthest off."""

    model: str
    worst: Covered


@dataclass(frozen=True, slots=True)
class Calibrated:
    """Coverage of the 95 % quantile without calibration, and with it on windows that it had not seen."""

    days: int
    before: float
    after: float
    error: float


@dataclass(frozen=True, slots=True)
class Decision:
    """All that is said of one group of items, or of an item that went its own way."""

    shares: tuple[Share, ...]
    """Heaviest first."""
    group: Group
    windows: int
    horizon_days: int
    loss: float
    rivals: tuple[Loss, ...]
    """Models alone, best first."""
    refused: tuple[Refusal, ...]
    forced: bool
    """Whether nothing passed, so that the nearest to nominal is used, widened."""
    calibrated: tuple[Calibrated, ...]
    """Empty where there were too few windows to tell."""
    own: bool = False
    """Whether the item follows a model of its own, having been better served by it in every window."""


def model_name(shares: Sequence[Share]) -> str:
    """The name of a forecast: its models, heaviest first, joined by "+"."""
    return "+".join(share.model for share in shares)


def sentence(decision: Decision, lang: Language) -> str:
    """State the decision in one line."""
    return _english(decision) if lang == "en" else _chinese(decision)


def unjudged(model: str, horizon_days: int, lang: Language) -> str:
    """Say why an item without a backtest gets the fallback."""
    if lang == "en":
        return f"{model}: too little history for a backtest of {horizon_days} days, so the model that asks least of it is used"
    return f"{model}：历史太短，无法做{horizon_days}天的回测，因此采用对历史要求最低的模型"


def refusals_zh(history: History) -> list[str | None]:
    """Say in Chinese of each item why it is not forecast; None where it is. See `forecasting.base.refusals`."""
    recently = history.end - timedelta(days=RECENT_DAYS)
    return [
        None
        if status == "ok"
        else f"只有{known:.0f}天的需求记录，至少需要{MIN_KNOWN_DAYS}天"
        if status == "insufficient_data"
        else f"自{recently.isoformat()}以来（{RECENT_DAYS}天）有货的日子里没有销售记录"
        for status, known in zip(history.status, history.known_days.tolist(), strict=True)
    ]


def _english(decision: Decision) -> str:
    what = _mixed(decision, " + ", " ")
    over = f"{decision.windows} backtest window{'s' if decision.windows != 1 else ''} of {decision.horizon_days} days"
    whom = "this panel" if decision.group == "all" else f"{decision.group} items"
    if decision.own:
        said = [f"{what}: beat the models of {whom} clearly on this item in every one of {over}"]
    elif decision.forced:
        said = [f"{what}: no model covers {whom} as its quantiles say; this one comes nearest over {over} and is widened"]
    elif decision.refused:
        said = [f"{what}: best for {whom} over {over} of those that pass the coverage gate"]
    else:
        said = [f"{what}: best for {whom} over {over}"]
    rivals = ", ".join(f"{rival.model} {rival.loss:.3f}" for rival in decision.rivals[:MOST_RIVALS])
    said[0] += f" (scaled pinball loss {decision.loss:.3f}; alone: {rivals})"
    said += [
        f"refused for {whom}: {refusal.model}, its {refusal.worst.level * 100:g} % quantile of "
        f"{'days' if refusal.worst.days == 1 else f'{refusal.worst.days}-day totals'} covered "
        f"{refusal.worst.coverage:.0%} (give or take {refusal.worst.error * 100:.0f})"
        for refusal in decision.refused
    ]
    if decision.calibrated:
        covered = "; ".join(
            f"{'days' if one.days == 1 else f'{one.days}-day totals'} {one.before:.1%} before calibration, {one.after:.1%} after"
            f" (give or take {one.error * 100:.1f})"
            for one in decision.calibrated
        )
        said.append(f"its 95 % quantile covered of {covered}")
    else:
        said.append("too few windows to test its coverage")
    return "; ".join(said)


def _chinese(decision: Decision) -> str:
    what = _mixed(decision, " + ", " ")
    over = f"{decision.windows}个{decision.horizon_days}天的回测窗口"
    whom = "本批商品" if decision.group == "all" else f"{_GROUPS_ZH[decision.group]}商品"
    if decision.own:
        said = [f"{what}：在{over}中，每个窗口都明显优于{whom}所用的模型"]
    elif decision.forced:
        said = [f"{what}：对{whom}没有模型的分位数达到其标称覆盖率；在{over}中它最接近，已放宽后使用"]
    elif decision.refused:
        said = [f"{what}：在{over}中，是通过覆盖率检验的模型里对{whom}最好的"]
    else:
        said = [f"{what}：在{over}中对{whom}最好"]
    rivals = "，".join(f"{rival.model} {rival.loss:.3f}" for rival in decision.rivals[:MOST_RIVALS])
    said[0] += f"（标准化分位数损失{decision.loss:.3f}；单独使用：{rivals}）"
    said += [
        f"对{whom}拒用{refusal.model}：其{refusal.worst.level * 100:g}%分位数对"
        f"{'每日需求' if refusal.worst.days == 1 else f'{refusal.worst.days}天总量'}的覆盖率为{refusal.worst.coverage:.0%}"
        f"（误差约{refusal.worst.error * 100:.0f}个百分点）"
        for refusal in decision.refused
    ]
    if decision.calibrated:
        covered = "；".join(
            f"{'每日需求' if one.days == 1 else f'{one.days}天总量'}校准前{one.before:.1%}，校准后{one.after:.1%}"
            f"（误差约{one.error * 100:.1f}个百分点）"
            for one in decision.calibrated
        )
        said.append(f"95%分位数的覆盖率：{covered}")
    else:
        said.append("窗口太少，无法检验覆盖率")
    return "；".join(said)


def _mixed(decision: Decision, plus: str, space: str) -> str:
    if len(decision.shares) == 1:
        return decision.shares[0].model
    return plus.join(f"{share.model}{space}{share.weight:.0%}" for share in decision.shares)

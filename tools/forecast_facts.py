"""Sentences on why demand is forecast as it is: what trend, season, special days and plans add, and what the past showed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from forecasting.remarks import Remark, RemarkKind
from forecasting.split import Split
from parstock.domain import Floats, Forecast, Json
from parstock.special_days import SpecialDay, special_days
from parstock.wording import number, units
from tools.factbook import FactBook, Figure

LEAST_SHARE = 0.02
"""A part below this share of the forecast is not told."""
LEAST_ERRORS = 4.0
"""Nor are a trend and a season below this many standard errors of the sampled mean: sampling alone makes some of each."""
NEAR_DAYS = 7
"""A special day is felt this many days before it, and after it as far as none is nearer."""
MOST_NAMED = 2
"""Special days that are named; the others are counted."""
_SAYINGS: Mapping[str, tuple[str, str]] = {
    "trend up": ("Rising sales over these days", "期间需求走高"),
    "trend down": ("Falling sales over these days", "期间需求走低"),
    "season": ("The time of year and other swings", "时令及其他波动"),
    "holiday": ("Special days", "节日"),
    "promotion": ("Planned promotions", "计划中的促销"),
    "price": ("Planned prices", "计划中的价格"),
    "event": ("Confirmed planning events", "已确认的计划事件"),
}
"""Part -> what is said, in the plural, to add or take away."""


_IN_PASSING: tuple[RemarkKind, ...] = ("stock_doubted", "shop_shut", "gap", "capped")
"""Remarks on the history that only full detail tells."""


@dataclass(frozen=True, slots=True)
class Felt:
    """A special day and what it does to one item."""

    day: SpecialDay
    units: float
    """Over the days that it is felt on; negative where it takes away."""


def felt_days(effect: Floats, start: date, countries: tuple[str, ...]) -> list[Felt]:
    """Give each day's effect to the special day that it is about, strongest first.

    Args:
        effect: [H] units a day that special days add.
        start: The first day.
        countries: Whose special days move demand.
    """
    end = start + timedelta(days=len(effect) - 1)
    near = timedelta(days=NEAR_DAYS)
    known = special_days(countries, start - near, end + near)
    if not known or not effect.any():
        return []
    position = np.array([(special.day - start).days for special in known])
    ahead = position[None, :] - np.arange(len(effect))[:, None]
    distance = np.where((ahead >= 0) & (ahead <= NEAR_DAYS), ahead, NEAR_DAYS + 1 + np.abs(ahead))
    told = np.bincount(distance.argmin(axis=1), weights=effect, minlength=len(known))
    by_name: dict[str, Felt] = {}
    for special, added in zip(known, told.tolist(), strict=True):
        if added:
            before = by_name.get(special.name_en)
            by_name[special.name_en] = Felt(special, added if before is None else before.units + added)
    return sorted(by_name.values(), key=lambda felt: -abs(felt.units))


def tell_split(book: FactBook, sku: str, forecast: Forecast, split: Split, countries: tuple[str, ...]) -> None:
    """Tell of one item what makes its forecast more or less than the usual level, as far as it matters.

    Args:
        book: Where facts go.
        sku: The item.
        forecast: One row.
        split: Of the same row.
        countries: Whose special days move demand.
    """
    totals = {name: float(total[0]) for name, total in split.totals().items()}
    paths = forecast.total()[0]
    mean, error = float(paths.mean()), float(paths.std()) / np.sqrt(paths.size)
    least = max(0.5, LEAST_SHARE * mean)
    bounds = {name: max(least, LEAST_ERRORS * error if name in ("trend", "season") else 0.0) for name in totals}
    moving = [name for name in totals if name not in ("level", "weekday") and abs(totals[name]) >= bounds[name]]
    if not moving:
        return
    usual = max(0, round(totals["level"] + totals["weekday"]))
    book.add(
        "forecast.level",
        usual,
        "units",
        f"Of this the usual level makes {units(usual)}.",
        f"其中按平常水平为{number(usual)}件。",
        source=f"forecast/{sku}",
    )
    for name in moving:
        if name == "holiday":
            _tell_holidays(book, sku, totals[name], felt_days(split.drivers["holiday"][0], forecast.start, countries))
        else:
            key = f"trend {'up' if totals[name] > 0 else 'down'}" if name == "trend" else name
            _tell_part(book, sku, f"forecast.{name}", totals[name], *_SAYINGS[key])


def tell_history(book: FactBook, sku: str, remarks: Sequence[Remark]) -> None:
    """Tell what was found in an item's history and done about it."""
    for remark in remarks:
        what = f"history.{remark.kind}"
        figures = [Figure(what, remark.days, "days")] if remark.days else []
        if remark.kind == "level_shift":
            share = 100 * abs(remark.change)
            figures.append(Figure(what, round(share, 1), "%", direction="up" if remark.change > 0 else "down"))
        if remark.units:
            figures.append(Figure(what, round(remark.units, 1), "units"))
        if remark.kind == "ended":
            figures.append(Figure(what, round(100 * max(remark.chance, 0.001), 1), "%"))
        if remark.day is not None:
            figures.append(Figure(what, remark.day, "date"))
        book.tell(remark.en, remark.zh, *figures, source=f"demand/{sku}", detail=remark.kind in _IN_PASSING)


def split_json(split: Split) -> dict[str, Json]:
    """Units of each part of one item over the horizon; they add up to the mean."""
    return {name: round(float(total[0]), 2) for name, total in split.totals().items()}


def special_json(split: Split, start: date, countries: tuple[str, ...]) -> list[Json]:
    """The special days that move one item's demand, with their units."""
    if "holiday" not in split.drivers:
        return []
    return [
        {"day": felt.day.day.isoformat(), "name": felt.day.name_en, "name_zh": felt.day.name_zh, "units": round(felt.units, 2)}
        for felt in felt_days(split.drivers["holiday"][0], start, countries)
    ]


def _tell_holidays(book: FactBook, sku: str, total: float, felt: list[Felt]) -> None:
    """Name the special days that do most of it, as far as they work in the same direction."""
    named = [one.day for one in felt if one.units * total > 0][:MOST_NAMED]
    if not named:
        _tell_part(book, sku, "forecast.holiday", total, *_SAYINGS["holiday"])
        return
    others = len(felt) - len(named)
    names_en, names_zh = [day.name_en for day in named], [day.name_zh for day in named]
    figures = [Figure("forecast.holiday.name", name, "name") for name in names_en]
    if others:
        names_en.append(f"{others} more special {'day' if others == 1 else 'days'}")
        figures.append(Figure("forecast.holiday.others", others, ""))
        figures.append(Figure("forecast.holiday.days", len(felt), ""))
    en = " and ".join(filter(None, [", ".join(names_en[:-1]), names_en[-1]]))
    zh = f"{'、'.join(names_zh)}等{len(felt)}个节日" if others else "和".join(names_zh)
    _tell_part(book, sku, "forecast.holiday", total, en, zh, *figures, one=len(felt) == 1)


def _tell_part(book: FactBook, sku: str, what: str, total: float, en: str, zh: str, *figures: Figure, one: bool = False) -> None:
    """Say that something adds or takes away units over the horizon; `one` where a single thing does."""
    shown, rises = max(1, round(abs(total))), total > 0
    verb = ("adds" if one else "add") if rises else ("takes away" if one else "take away")
    book.tell(
        f"{en} {verb} about {units(shown)}.",
        f"{zh}约{'增加' if rises else '减少'}{number(shown)}件。",
        Figure(what, shown, "units", direction="up" if rises else "down"),
        *figures,
        source=f"forecast/{sku}",
    )

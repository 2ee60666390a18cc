"""How good the orders are on real demand: our weekly orders against two rules of thumb, everything else the same.

    python benchmarks/decisions.py --retail FILE --m5 DIR [--model ets] [--items 300]

FILE has the layout of UCI Online Retail II, DIR holds the M5 files that `benchmarks/forecasts.py` names. The last 26 weeks of
each are lived through day by day: an order every week in the morning, delivery two weeks later, demand beyond the shelf is lost,
and whoever orders knows the days before and nothing else (`planning.simulate`). The first four weeks warm up and are not judged.

- ours: the policy `base_stock` at a cycle-service target of 95 %, on sample paths that the model makes anew every week.
- z sigma sqrt(L): mean demand of 21 days + z x daily standard deviation x sqrt(21), over the last 4, 8, 12 or 26 weeks.
- weeks of cover: so many weeks of the mean demand of the last 4, 8, 12 or 26 weeks.

Each rule is judged at its nominal setting (z = 1.645; four weeks), and then with z, or the weeks, tuned on these very days until
it has our fill rate: help that no planner has. Costs are holding at 25 % of the purchase
price a year and the margin of what is lost; the purchase price is taken as 60 % of the mean selling price.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from _windows import Window, m5_window, retail_window

from evaluation.cost import Cost
from forecasting import run
from forecasting.history import observed
from parstock.domain import DemandPanel, Floats
from planning.base import PlanInputs, policies
from planning.simulate import Flow, Past, Start, simulate

WEEKS, WARM_UP_DAYS, REVIEW_DAYS, LEAD_DAYS = 26, 28, 7, 14
COVERED_DAYS = LEAD_DAYS + REVIEW_DAYS
HOLDING_RATE, COST_SHARE = 0.25, 0.6
LOOK_BACK_WEEKS = (4, 8, 12, 26)
TARGET = 0.95


@dataclass(frozen=True)
class Case:
    """Items with their whole history, the last 26 weeks of which are lived through."""

    name: str
    panel: DemandPanel
    """N items on T days, all of them known afterwards."""
    price: Floats
    """[N]"""

    @property
    def first(self) -> int:
        """Column of the first day lived through."""
        return self.panel.days - 7 * WEEKS

    @property
    def demand(self) -> Floats:
        """[N, 7 x WEEKS] units that are asked for."""
        return np.nan_to_num(self.panel.demand[:, self.first :])

    def live(self, order_up_to: Sequence[Floats]) -> Flow:
        """What happens when the stock position is raised to a level on each Monday."""
        start = Start.of(np.round(recent(self.panel.demand, self.first, 12)[0] * COVERED_DAYS))

        def order(past: Past) -> Floats:
            return np.maximum(order_up_to[past.day // REVIEW_DAYS] - past.position, 0.0)

        return simulate(self.demand, start, order, LEAD_DAYS, review_days=REVIEW_DAYS)


@dataclass(frozen=True)
class Score:
    """What a way of ordering came to on the days that are judged."""

    cycle_service: float
    fill_rate: float
    """Of the demand's value at cost."""
    holding: float
    lost: float
    orders: int

    @property
    def cost(self) -> float:
        """Money for holding and lost sales."""
        return self.holding + self.lost


def recent(demand: Floats, until: int, weeks: int) -> tuple[Floats, Floats]:
    """[N] mean and standard deviation of daily demand over the weeks before a column; unknown days are none."""
    last = np.nan_to_num(demand[:, max(until - 7 * weeks, 0) : until])
    return last.mean(axis=1), last.std(axis=1, ddof=1)


def score(case: Case, flow: Flow) -> Score:
    """Judge a flow."""
    days = slice(WARM_UP_DAYS, None)
    cost = COST_SHARE * case.price[:, None]
    lost = (flow.short[:, days] * cost).sum()
    return Score(
        cycle_service=float(np.nanmean(flow.cycle_service(WARM_UP_DAYS))),
        fill_rate=1 - float(lost / (flow.demand[:, days] * cost).sum()),
        holding=float((flow.stock[:, days] * cost).sum()) * HOLDING_RATE / 365,
        lost=float(lost) * (1 - COST_SHARE) / COST_SHARE,
        orders=int((flow.ordered[:, WARM_UP_DAYS // REVIEW_DAYS :] > 0).sum()),
    )


def ours(case: Case, model: str, paths: int, seed: int) -> list[Floats]:
    """Order-up-to levels of each Monday, from a forecast of what was known that morning."""
    levels = []
    for column in range(case.first, case.panel.days, REVIEW_DAYS):
        known = case.panel.until(case.panel.dates()[column].item())
        forecast = run.forecast(known, model=model, horizon_days=COVERED_DAYS, paths=paths, seed=seed)
        total = forecast.total(LEAD_DAYS), forecast.total(COVERED_DAYS)
        ones = np.ones(len(total[0]))
        inputs = PlanInputs(*total, TARGET * ones, total[1].mean(axis=1) / COVERED_DAYS, ones, ones, ones, 0.0)
        levels.append(policies.get("base_stock").levels(inputs).order_up_to)
    return levels


def rule(case: Case, weeks: int, level: Callable[[Floats, Floats], Floats]) -> list[Floats]:
    """Order-up-to levels of a rule of mean and standard deviation, rounded up."""
    columns = range(case.first, case.panel.days, REVIEW_DAYS)
    return [np.ceil(np.maximum(level(*recent(case.panel.demand, column, weeks)), 0.0)) for column in columns]


def normal(z: float) -> Callable[[Floats, Floats], Floats]:
    """Mean demand and z standard deviations of it, over the days to be covered."""
    return lambda mean, sd: mean * COVERED_DAYS + z * sd * np.sqrt(COVERED_DAYS)


def cover(weeks: float) -> Callable[[Floats, Floats], Floats]:
    """So many weeks of mean demand."""
    return lambda mean, sd: 7 * weeks * mean


RULES = {
    "z sigma sqrt(L)": (normal, 1.645, (-3.0, 30.0)),
    "weeks of cover": (cover, 4.0, (0.0, 60.0)),
}
"""Name -> rule, nominal setting, and between what it is tuned."""
HEAD = "| way of ordering | setting | cycle service | fill rate | holding | lost margin | cost | orders | our cost / its | "
HEAD += "our holding / its |\n" + "|---" * 10 + "|"


def tuned(case: Case, name: str, weeks: int, fill_rate: float) -> tuple[float, Score]:
    """The setting at which a rule has a fill rate, by bisection, and its score."""
    make, _, (low, high) = RULES[name]
    for _ in range(16):
        middle = (low + high) / 2
        found = score(case, case.live(rule(case, weeks, make(middle))))
        low, high = (middle, high) if found.fill_rate < fill_rate else (low, middle)
    return high, score(case, case.live(rule(case, weeks, make(high))))


def case_of(window: Window, items: int, seed: int) -> Case:
    """Some items that sold on at least eight days of the 13 weeks before the first order, drawn at random."""
    past = window.panel
    demand = np.concatenate([observed(past), window.actual], axis=1)
    first = demand.shape[1] - 7 * WEEKS
    sold = (np.nan_to_num(demand[:, first - 91 : first]) > 0).sum(axis=1) >= 8
    rows = np.random.default_rng(seed).permutation(np.flatnonzero(sold))[:items]
    prices = np.full(len(demand), np.nan) if past.price is None else past.price[:, :first]
    known = np.array([np.nanmean(row) if np.isfinite(row).any() else np.nan for row in prices[rows]])
    panel = DemandPanel(
        items=tuple(past.items[row] for row in rows),
        start=past.start,
        demand=demand[rows],
        groups=tuple(past.groups[row] for row in rows) if past.groups else (),
        countries=past.countries,
    )
    return Case(window.name, panel, np.where(np.isfinite(known), known, np.nanmedian(known)))


def report(case: Case, model: str, paths: int, seed: int) -> str:
    """Markdown: achieved service at nominal settings, then costs at our fill rate."""
    with Cost() as spent:
        levels = ours(case, model, paths, seed)
    own = score(case, case.live(levels))
    title = f"### {case.name}: {len(case.panel.items)} items, {WEEKS} weeks to {case.panel.as_of}"
    lines = [
        f"{title}, forecasts by `{model}` in {spent.cpu_seconds:.0f} CPU s",
        "",
        HEAD,
        _line(f"ours, {model}", f"{TARGET:.0%}", own, own),
    ]
    for name, (make, nominal, _) in RULES.items():
        at_nominal = {weeks: score(case, case.live(rule(case, weeks, make(nominal)))) for weeks in LOOK_BACK_WEEKS}
        lines += [_line(f"{name}, last {weeks} weeks", f"{nominal:g}", found, own) for weeks, found in at_nominal.items()]
        for weeks in LOOK_BACK_WEEKS:
            setting, found = tuned(case, name, weeks, own.fill_rate)
            lines.append(_line(f"{name}, last {weeks} weeks, at our fill rate", f"{setting:.2f}", found, own))
    return "\n".join([*lines, ""])


def _line(name: str, setting: str, found: Score, own: Score) -> str:
    cells = (
        f"{found.cycle_service:.3f}",
        f"{found.fill_rate:.3f}",
        f"{found.holding:,.0f}",
        f"{found.lost:,.0f}",
        f"{found.cost:,.0f}",
        f"{found.orders:,}",
        f"{own.cost / found.cost:.3f}",
        f"{own.holding / found.holding:.3f}",
    )
    return f"| {name} | {setting} | {' | '.join(cells)} |"


def main() -> None:
    """Print a table for each data set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--retail", type=Path, metavar="FILE")
    parser.add_argument("--m5", type=Path, metavar="DIR")
    parser.add_argument("--model", default="ets")
    parser.add_argument("--items", type=int, default=300)
    parser.add_argument("--paths", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    windows = []
    if options.retail:
        windows.append(retail_window(options.retail, options.seed, dev=False))
    if options.m5:
        windows.append(m5_window(options.m5, 4 * options.items, options.seed, dev=False))
    for window in windows:
        print(report(case_of(window, options.items, options.seed), options.model, options.paths, options.seed))


if __name__ == "__main__":
    main()

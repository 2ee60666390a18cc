"""How good the orders are on real demand: our weekly orders against two rules of thumb, everything else the same.

    python benchmarks/decisions.py --retail FILE --m5 DIR [--model linear+croston] [--items 300]

FILE has the layout of UCI Online Retail II, DIR holds the M5 files that `benchmarks/forecasts.py` names. The last 26 weeks of
each are lived through day by day: an order every week in the morning, delivery two weeks later, demand beyond the shelf is lost,
and whoever orders knows the days before and nothing else (`planning.simulate`). The first four weeks warm up and are not judged.

- base_stock: our policy at a cycle-service target, on sample paths that the model makes anew every week (a+b: those of both).
- cost_optimal: our policy that weighs holding against margin, on the same paths; its number multiplies the margin.
- z sigma sqrt(L): mean demand of 21 days + z x daily standard deviation x sqrt(21), over the last 4, 8, 12 or 26 weeks.
- weeks of cover: so many weeks of the mean demand of the last 4, 8, 12 or 26 weeks.

Every way of ordering has one number, the same for all items. The first tables judge our policies at a target of 95 % and at the
margin as it is, and the rules at their nominal setting (z = 1.645; four weeks) and with the number tuned on these very days
until they have our fill rate: help that no planner has. In the last table everybody's number is the one of `GRIDS` that cost
least in the first half of the days, the second half is judged, and the rules are also tuned on the second half until they have
our fill rate. Costs are holding at 25 % of the purchase price a year and the margin of what is lost; the purchase price is taken
as 60 % of the mean selling price. Orders cost nothing.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
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
JUDGED = slice(WARM_UP_DAYS, 7 * WEEKS)
HALVES = slice(WARM_UP_DAYS, WARM_UP_DAYS + 77), slice(WARM_UP_DAYS + 77, 7 * WEEKS)


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


def score(case: Case, flow: Flow, days: slice = JUDGED) -> Score:
    """Judge some days of a flow; the cycle service is that from the first of them to the end."""
    cost = COST_SHARE * case.price[:, None]
    lost = (flow.short[:, days] * cost).sum()
    return Score(
        cycle_service=float(np.nanmean(flow.cycle_service(days.start))),
        fill_rate=1 - float(lost / (flow.demand[:, days] * cost).sum()),
        holding=float((flow.stock[:, days] * cost).sum()) * HOLDING_RATE / 365,
        lost=float(lost) * (1 - COST_SHARE) / COST_SHARE,
        orders=int((flow.ordered[:, days.start // REVIEW_DAYS : days.stop // REVIEW_DAYS] > 0).sum()),
    )


def sampled(case: Case, models: Sequence[str], paths: int, seed: int) -> list[tuple[Floats, Floats]]:
    """[N, S] demand over lead time, and lead time and review, from forecasts of what was known on each Monday morning."""
    found = []
    for column in range(case.first, case.panel.days, REVIEW_DAYS):
        known = case.panel.until(case.panel.dates()[column].item())
        made = [run.forecast(known, model=model, horizon_days=COVERED_DAYS, paths=paths, seed=seed) for model in models]
        lead, interval = (np.concatenate([each.total(days) for each in made], axis=1) for days in (LEAD_DAYS, COVERED_DAYS))
        found.append((lead, interval))
    return found


def ours(case: Case, demand: Sequence[tuple[Floats, Floats]], policy: str, number: float) -> list[Floats]:
    """Order-up-to levels of one of our policies on each Monday; the number is that of `NOMINAL`."""
    cost = COST_SHARE * case.price
    target, times = (number, 1.0) if policy == "base_stock" else (NOMINAL["base_stock"], number)
    levels = []
    for lead, interval in demand:
        inputs = PlanInputs(
            lead_time_demand=lead,
            interval_demand=interval,
            service_level=np.full(len(cost), target),
            daily_demand=interval.mean(axis=1) / COVERED_DAYS,
            shortage_cost=times * (1 - COST_SHARE) * case.price,
            overage_cost=HOLDING_RATE * cost * COVERED_DAYS / 365,
            holding_cost=HOLDING_RATE * cost,
            order_cost=0.0,
        )
        levels.append(policies.get(policy).levels(inputs).order_up_to)
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


NOMINAL = {"base_stock": 0.95, "cost_optimal": 1.0}
"""Our policies and their numbers: the target, and what the margin is multiplied by."""
RULES = {
    "z sigma sqrt(L)": (normal, 1.645, (-3.0, 30.0)),
    "weeks of cover": (cover, 4.0, (0.0, 60.0)),
}
"""Name -> rule, nominal setting, and between what it is tuned."""
GRIDS = {
    "base_stock": (0.8, 0.85, 0.9, 0.93, 0.95, 0.965, 0.975, 0.985, 0.99, 0.995, 0.9975, 0.999),
    "cost_optimal": (0.03, 0.06, 0.12, 0.25, 0.4, 0.5, 0.7, 1.0, 1.4, 2.0, 4.0, 8.0),
    "z sigma sqrt(L)": (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 14.0),
    "weeks of cover": (3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 12.0, 14.0, 16.0, 20.0),
}
"""Twelve numbers for each way of ordering, of which the first half of the days chooses one."""
COLUMNS = "cycle service | fill rate | holding | lost margin | cost | orders | our cost / its | our holding / its |"
HEAD = f"| way of ordering | setting | {COLUMNS}\n" + "|---" * 10 + "|"


def tuned(case: Case, name: str, weeks: int, fill_rate: float, days: slice = JUDGED) -> tuple[float, Score]:
    """The setting at which a rule has a fill rate on some days, by bisection, and its score on them."""
    make, _, (low, high) = RULES[name]
    for _ in range(16):
        middle = (low + high) / 2
        found = score(case, case.live(rule(case, weeks, make(middle))), days)
        low, high = (middle, high) if found.fill_rate < fill_rate else (low, middle)
    return high, score(case, case.live(rule(case, weeks, make(high))), days)


def learned(case: Case, name: str, levels: Callable[[float], Sequence[Floats]]) -> tuple[float, Score]:
    """The number of a way's grid that cost least in the first half, and its score in the second."""
    flows = {number: case.live(levels(number)) for number in GRIDS[name]}
    best = min(flows, key=lambda number: score(case, flows[number], HALVES[0]).cost)
    return best, score(case, flows[best], HALVES[1])


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


def report(case: Case, models: Sequence[str], paths: int, seed: int) -> str:
    """Markdown: achieved service at nominal settings, costs at our fill rate, and costs with what the first half taught."""
    with Cost() as spent:
        demand = sampled(case, models, paths, seed)
    title = f"### {case.name}: {len(case.panel.items)} items, {WEEKS} weeks to {case.panel.as_of}"
    lines = [f"{title}, forecasts by `{'+'.join(models)}` in {spent.cpu_seconds:.0f} CPU s"]
    for policy, number in NOMINAL.items():
        own = score(case, case.live(ours(case, demand, policy, number)))
        lines += ["", f"Nominal settings, and rules tuned to the fill rate of `{policy}`", "", HEAD]
        lines += [_line(policy, number, own, own), *_against(case, own)]
    for policy in NOMINAL:
        number, own = learned(case, policy, partial(ours, case, demand, policy))
        lines += ["", f"Second half; each number had the least cost of its grid in the first, `{policy}` is ours", "", HEAD]
        lines += [_line(policy, number, own, own), *_second_half(case, own)]
    return "\n".join([*lines, ""])


def _against(case: Case, own: Score) -> Iterator[str]:
    """The rules at their nominal settings, then at our fill rate."""
    for name, (make, nominal, _) in RULES.items():
        for weeks in LOOK_BACK_WEEKS:
            yield _line(f"{name}, last {weeks} weeks", nominal, score(case, case.live(rule(case, weeks, make(nominal)))), own)
        for weeks in LOOK_BACK_WEEKS:
            yield _line(f"{name}, last {weeks} weeks, at our fill rate", *tuned(case, name, weeks, own.fill_rate), own)


def _second_half(case: Case, own: Score) -> Iterator[str]:
    """The rules with the numbers of the first half, then at our fill rate in hindsight."""
    for name in RULES:
        for weeks in LOOK_BACK_WEEKS:
            found = learned(case, name, partial(_by_rule, case, name, weeks))
            yield _line(f"{name}, last {weeks} weeks", *found, own)
        for weeks in LOOK_BACK_WEEKS:
            found = tuned(case, name, weeks, own.fill_rate, HALVES[1])
            yield _line(f"{name}, last {weeks} weeks, at our fill rate", *found, own)


def _by_rule(case: Case, name: str, weeks: int, number: float) -> list[Floats]:
    """Levels of a rule at a setting."""
    return rule(case, weeks, RULES[name][0](number))


def _line(name: str, setting: float, found: Score, own: Score) -> str:
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
    return f"| {name} | {setting:.4g} | {' | '.join(cells)} |"


def main() -> None:
    """Print a table for each data set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--retail", type=Path, metavar="FILE")
    parser.add_argument("--m5", type=Path, metavar="DIR")
    parser.add_argument("--model", default="linear+croston", help="forecasters, joined by +, whose paths are pooled")
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
        print(report(case_of(window, options.items, options.seed), options.model.split("+"), options.paths, options.seed))


if __name__ == "__main__":
    main()

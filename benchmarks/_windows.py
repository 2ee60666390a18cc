"""What is forecast: a panel as it was known on one morning, and what happened in the days after. Knows no model."""

import tempfile
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from forecasting.history import observed
from parstock.domain import Bools, DemandPanel, Floats, KnownAhead

HORIZON_DAYS = 28
M5_START, M5_FIRST, M5_LAST = date(2015, 3, 3), 1495, 1913


@dataclass(frozen=True, eq=False)
class Window:
    """One window of one data set."""

    name: str
    panel: DemandPanel
    """Demand before the window, and what was known ahead of it."""
    actual: Floats
    """[N, 28] units a day in the window."""

    def rows(self, index: np.ndarray) -> "Window":
        """Some items only."""
        return Window(self.name, self.panel.rows(index), self.actual[index])


def m5_window(folder: Path, series: int, seed: int, dev: bool) -> Window:
    """`series` random items of M5, last 28 days before the official evaluation (dev) or the evaluation itself.

    Prices and the days on which food stamps are paid (SNAP) are known ahead, as they were in the competition.
    A product counts as on sale, and a day without a record as no sale, from its first week with a price on.
    """
    sales = pd.read_parquet(folder / f"m5_sales_d{M5_FIRST}_d{M5_LAST}.parquet")
    sales = sales.sample(min(series, len(sales)), random_state=seed)
    calendar = pd.read_parquet(folder / "m5_calendar.parquet").set_index("d")
    days = [f"d_{day}" for day in range(M5_FIRST, M5_LAST + 1)]
    demand = sales[days].to_numpy(dtype=np.float64)
    weeks = calendar.loc[days, "wm_yr_wk"].to_numpy()
    on_sale = weeks >= sales["first_price_wk"].to_numpy()[:, None]
    demand = np.where(np.isnan(demand) & on_sale, 0.0, demand)
    if not dev:
        test = pd.read_parquet(folder / f"m5_sales_test_d{M5_LAST + 1}_d{M5_LAST + HORIZON_DAYS}.parquet").set_index("id")
        ahead = [f"d_{day}" for day in range(M5_LAST + 1, M5_LAST + HORIZON_DAYS + 1)]
        demand = np.concatenate([demand, test.loc[sales["id"], ahead].to_numpy(dtype=np.float64)], axis=1)
        days += ahead
    panel = DemandPanel(
        items=tuple(sales["id"]),
        start=M5_START,
        demand=demand,
        price=_m5_prices(folder, sales, calendar.loc[days, "wm_yr_wk"].to_numpy()),
        covariates={"snap": _m5_snap(sales, calendar.loc[days])},
        groups=tuple(sales["dept_id"]),
        countries=("US",),
    )
    return _cut("m5-dev" if dev else "m5", panel, planned=True)


def _m5_prices(folder: Path, sales: pd.DataFrame, weeks: np.ndarray) -> Floats:
    """[N, D] price of each day; NaN where not on sale."""
    prices = pd.read_parquet(folder / "m5_sell_prices_wk11505_11617.parquet")
    known = np.unique(weeks)
    prices = prices[prices["wm_yr_wk"].isin(known)]
    rows = sales[["item_id", "store_id"]].assign(row=np.arange(len(sales)))
    found = prices.merge(rows, on=["item_id", "store_id"])
    table = np.full((len(sales), known.size), np.nan)
    table[found["row"], np.searchsorted(known, found["wm_yr_wk"])] = found["sell_price"]
    return table[:, np.searchsorted(known, weeks)]


def _m5_snap(sales: pd.DataFrame, calendar: pd.DataFrame) -> Floats:
    """[N, D] 1 on days on which the store's state pays food stamps."""
    states = {state: calendar[f"snap_{state}"].to_numpy(dtype=np.float64) for state in ("CA", "TX", "WI")}
    return np.stack([states[state] for state in sales["state_id"]])


def retail_window(file: Path, seed: int, dev: bool) -> Window:
    """All items of a year of Online Retail II in random order, cleaned by the product's own importer; its last 28 days.

    With `dev` the 28 days before those, and nothing of the last ones.
    """
    from inventory.importing import import_file
    from inventory.records import Records
    from inventory.store import Store
    from parstock.settings import Settings

    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home))
        store = Store.open(settings)
        try:
            import_file(store, "sales", file, preset="online-retail")
            panel = Records(store, settings).panel()
        finally:
            store.close()
    if dev:
        panel = panel.until(panel.as_of - timedelta(days=HORIZON_DAYS))
    window = _cut("retail-dev" if dev else "retail", replace(panel, countries=("GB",)), planned=False)
    return window.rows(np.random.default_rng(seed).permutation(np.flatnonzero(sold_before(window.panel))))


def sold_before(panel: DemandPanel) -> Bools:
    """[N] whether anything of the item was ever sold: nobody can forecast what is not there yet."""
    return np.asarray((observed(panel) > 0).any(axis=1))


def _cut(name: str, panel: DemandPanel, *, planned: bool) -> Window:
    """The panel as it was known before its last 28 days; with their prices and covariates where those were `planned`."""
    known = panel.until(panel.as_of - timedelta(days=HORIZON_DAYS))
    ahead = KnownAhead(
        price=None if panel.price is None else panel.price[:, -HORIZON_DAYS:],
        covariates={key: values[:, -HORIZON_DAYS:] for key, values in panel.covariates.items()},
    )
    return Window(name, replace(known, ahead=ahead if planned else None), observed(panel)[:, -HORIZON_DAYS:])

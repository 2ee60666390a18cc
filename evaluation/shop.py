"""The shop that conversations are held over: a copy of the demonstration shop, or of one that is given. Asks no model."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

import inventory
from forecasting.base import Progress
from inventory.demo import make_demo
from inventory.loading import load
from inventory.records import Records
from inventory.store import Store
from parstock.errors import InputError
from parstock.settings import Settings
from tools.context import ToolContext
from tools.forecasts import Forecasts

DATABASE = "parstock.sqlite"
"""File of a home that holds the records."""
SEED = 7
"""Of the demonstration shop; the cases that are shipped name its items."""
_MADE_FROM = ("demo", "migrations")
"""Folders of `inventory` that decide what the demonstration shop holds."""


@contextmanager
def shop(settings: Settings, home: Path | None, progress: Progress | None = None) -> Iterator[ToolContext]:
    """A shop that a suite may write to: what is drafted and noted is gone afterwards.

    The demonstration shop is made once, in the folder `evaluation` of the settings' home. Forecasts are kept beside the
    original, so that the next run has them.

    Args:
        settings: The service level, currency and so on that the tools go by.
        home: Home of the shop to ask; the demonstration shop by default.
        progress: Told when the demonstration shop is being made.

    Raises:
        InputError: `home` holds no database.
    """
    if home is not None and not (home / DATABASE).is_file():
        raise InputError(f"shop is {str(home)!r}, which holds no {DATABASE}; give the home of a shop", field="shop")
    original = home or _demo_home(settings, progress)
    with tempfile.TemporaryDirectory(prefix="parstock-evaluation-") as folder:
        copy = Path(folder) / "home"
        shutil.copytree(original, copy, ignore=shutil.ignore_patterns("cache"))
        asked = settings.model_copy(update={"home": copy, "database_url": None})
        store = Store.open(asked)
        try:
            records = Records(store, asked)
            yield ToolContext(asked, store, records, Forecasts(records, original / "cache"), "evaluation")
        finally:
            store.close()


def _demo_home(settings: Settings, progress: Progress | None) -> Path:
    """The home of the demonstration shop, made where it is not there yet or the way it is made has changed."""
    source = Path(inventory.__file__).parent
    made_from = sorted(
        path for name in _MADE_FROM for path in (source / name).rglob("*") if path.suffix in (".py", ".csv", ".md")
    )
    version = hashlib.sha256(b"".join(path.read_bytes() for path in made_from)).hexdigest()[:12]
    home = settings.home / "evaluation" / f"demo-{SEED}-{version}"
    if (home / DATABASE).is_file():
        return home
    if progress is not None:
        progress(0.0, "making the demonstration shop")
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent) as folder:
        making = settings.model_copy(update={"home": Path(folder), "database_url": None})
        store = Store.open(making)
        try:
            make_demo(store, seed=SEED)
            ToolContext.open(making, store).index()
        finally:
            store.close()
        shutil.copytree(folder, home, dirs_exist_ok=True)
    return home


def write_sample_shop(home: Path) -> None:
    """Make a shop of two items and four months, for the conformance suite."""
    rng, first = np.random.default_rng(5), date(2026, 2, 1)
    days = [first + timedelta(days=day) for day in range(120)]
    skus = ("T-1", "T-2")
    frames = {
        "warehouses": pd.DataFrame({"code": ["W"], "name": ["Depot"], "city": ["Leeds"], "country": ["GB"]}),
        "suppliers": pd.DataFrame(
            {"code": ["S"], "name": ["Mill"], "lead_time_days": [14.0], "lead_time_sd_days": [3.0], "country": ["GB"]}
        ),
        "items": pd.DataFrame(
            {"sku": skus, "name": ["Oak tray", "Tin mug"], "category": "Kitchen", "supplier": "S", "unit_cost": [4.0, 2.0]}
        ).assign(unit_price=[9.0, 5.0], min_order_quantity=1, pack_size=1),
        "sales": pd.DataFrame(
            {
                "item": np.repeat(skus, len(days)),
                "warehouse": "W",
                "date": pd.to_datetime(days * 2),
                "units": rng.poisson(6, size=2 * len(days)),
            }
        ),
        "stock": pd.DataFrame(
            {
                "item": skus,
                "warehouse": "W",
                "on_hand": [40, 5],
                "reserved": 0,
                "as_of": pd.Timestamp(days[-1] + timedelta(days=1)),
            }
        ),
    }
    store = Store.open(Settings(home=home, database_url=None))
    try:
        with store.writing() as connection:
            for kind, frame in frames.items():
                load(connection, kind, frame)
    finally:
        store.close()

"""The measures give the scores that others published for the same forecasts."""

import importlib.util
import os
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

BENCHMARK = Path(__file__).parents[3] / "benchmarks" / "_published.py"


@pytest.fixture(scope="module")
def published() -> ModuleType:
    """The part of the benchmark that reads M3 and M4."""
    spec = importlib.util.spec_from_file_location("published_scores", BENCHMARK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def folder(name: str) -> Path:
    """A folder of the shared data; the test is skipped where it is not."""
    path = Path(os.environ.get("PARSTOCK_SHARED", "")) / "data" / name
    if not os.environ.get("PARSTOCK_SHARED") or not path.exists():
        pytest.skip(f"set PARSTOCK_SHARED to the folder that holds data/{name}")
    return path


@pytest.mark.parametrize("name", ["weekly", "yearly", "hourly"])
def test_naive_forecasts_of_m4_score_as_published(published: ModuleType, name: str) -> None:
    """Our sMAPE and MASE of M4's naive forecasts are the organisers' to the last printed digit."""
    assert published.m4_naive_scores(folder("m4"), name) == pytest.approx(published.M4_PUBLISHED[name], abs=5e-4)


def test_methods_of_m3_score_as_published(published: ModuleType) -> None:
    """Our sMAPE of every M3 method's forecasts is the published one, for each period and all together."""
    theirs = pd.read_csv(folder("m3") / "m3_smape_by_method.csv").set_index("method")
    ours = published.m3_smape(folder("m3")).rename(columns=str.lower)
    columns = ["yearly", "quarterly", "monthly", "other", "pooled_all"]

    assert len(theirs) == 24
    pd.testing.assert_frame_equal(
        ours.loc[theirs.index, columns], theirs[columns].astype(float), check_names=False, atol=6e-4, rtol=0
    )

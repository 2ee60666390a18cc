"""The suite `forecast`: reading tables, measuring, and what it refuses."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cli import main
from evaluation.base import Options, options_of, run_suite
from evaluation.intervals import interval
from evaluation.panels import read_replay
from evaluation.suites.forecast import ForecastSuite
from parstock.errors import InputError
from parstock.settings import Settings

Tables = Callable[..., dict[str, str]]


def long(items: dict[str, list[float]], first: str, **columns: Any) -> pd.DataFrame:
    """A long table of daily demand from a first day on; NaN leaves the row out."""
    rows = [
        (item, day, units)
        for item, demand in items.items()
        for day, units in zip(pd.date_range(first, periods=len(demand)), demand, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["item", "date", "demand"]).assign(**columns)
    return frame[frame["demand"].notna()].reset_index(drop=True)


def ordinary(days: int = 70, seed: int = 0) -> dict[str, list[float]]:
    """Three items of different pace that sell every other day at least."""
    rng = np.random.default_rng(seed)
    return {item: (1 + rng.poisson(mean, days)).astype(float).tolist() for item, mean in (("a", 9), ("b", 4), ("c", 1))}


PAST, NEXT = long(ordinary(), "2026-01-05"), long(ordinary(7, 1), "2026-03-16")
"""Ten weeks, and the one after them."""


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    """Writes a history and a test as Parquet or CSV; returns the suite's options."""

    def write(
        past: pd.DataFrame = PAST, following: pd.DataFrame = NEXT, suffix: str = "parquet", **options: str
    ) -> dict[str, str]:
        given = {"history": str(tmp_path / f"past.{suffix}"), "test": str(tmp_path / f"next.{suffix}")}
        for path, frame in zip(given.values(), (past, following), strict=True):
            frame.to_parquet(path) if suffix == "parquet" else frame.to_csv(path, index=False)
        return given | {"horizon-days": "7", "models": "croston"} | options

    return write


def run(given: dict[str, str], **settings: Any) -> dict[str, Any]:
    """The suite's report."""
    return run_suite("forecast", Options(Settings(**settings), given=given))


def replay(given: dict[str, str], **options: Any) -> Any:
    """The tables as they are read."""
    return read_replay(Path(given["history"]), Path(given["test"]), int(given["horizon-days"]), **options)


def test_a_report_has_the_promised_figures_of_each_model(tables: Tables) -> None:
    """Each model, and the baseline unasked, has every figure, and each figure that is no cost is defined."""
    report = run(tables(models="croston,ets"))

    assert list(report["models"]) == ["seasonal_naive", "croston", "ets"]
    promised = {"rmsse", "mase", "wape", "bias", "pinball", "coverage_80", "coverage_95", "total_coverage_95", "wql", "seconds"}
    promised |= {"series_per_second", "cpu_seconds", "peak_mib", "items", "scored_items", "refused", "coverage_95_by_class"}
    for figures in report["models"].values():
        assert promised <= figures.keys()
        assert figures["items"] == figures["scored_items"] == 3
        assert figures["refused"] == {}
    assert promised <= report["definitions"].keys() | {"cpu_seconds"}
    assert report["models"]["seasonal_naive"]["worse_than_seasonal_naive"] == 0


def test_csv_and_parquet_give_the_same_report(tables: Tables) -> None:
    """The format of the tables does not matter."""
    reports = [run(tables(suffix=suffix)) for suffix in ("csv", "parquet")]
    kept = [{name: figures["pinball"] for name, figures in report["models"].items()} for report in reports]

    assert kept[0] == kept[1]


def test_figures_are_those_of_the_definitions(tables: Tables) -> None:
    """WAPE, bias and RMSSE of a constant item that is forecast exactly, and then sells double, come out by hand."""
    past = long({"a": [4.0, 6.0] * 35}, "2026-01-05")
    report = run(tables(past, long({"a": [10.0] * 7}, "2026-03-16"), models="seasonal_naive"))
    figures = report["models"]["seasonal_naive"]

    assert figures["wape"] == pytest.approx(0.5, abs=0.03)
    assert figures["bias"] == pytest.approx(-0.5, abs=0.03)
    assert figures["rmsse"] == pytest.approx(5 / 2, abs=0.2)
    assert figures["coverage_95"] == 0


def test_refused_items_are_scored_with_zeros_and_counted(tables: Tables) -> None:
    """An item that sold long ago gets no forecast, and what it then sells counts in full against the model."""
    past = long({"a": [5.0] + [0.0] * 299, "b": ([3.0, 4.0, 5.0] * 100)}, "2026-01-05")
    following = long({"a": [2.0] * 7, "b": [4.0] * 7}, "2026-11-01")
    report = run(tables(past, following))
    figures = report["models"]["croston"]

    assert figures["refused"] == {"no_recent_demand": 1}
    assert figures["scored_items"] == 2
    assert figures["wape"] >= 14 / 42
    only = run(tables(past[past["item"] == "b"], following[following["item"] == "b"]))
    assert figures["pinball"] > 10 * only["models"]["croston"]["pinball"]


def test_an_item_without_history_is_counted_but_has_no_scale(tables: Tables) -> None:
    """An item that only the test has is refused, adds to WAPE, and cannot be scored on a scale of its past."""
    figures = run(tables(PAST, pd.concat([NEXT, long({"new": [9.0] * 7}, "2026-03-16")])))["models"]["croston"]

    assert figures["refused"] == {"insufficient_data": 1}
    assert (figures["items"], figures["scored_items"]) == (4, 3)
    assert figures["wape"] > run(tables())["models"]["croston"]["wape"]


def test_missing_days_of_a_ledger_of_sales_are_zeros(tables: Tables) -> None:
    """Where no row of the history says 0, a day without a row sold nothing, until the history's end and in the test."""
    nan = float("nan")
    past = long({"a": [5.0, nan, 2.0, nan], "b": [nan, 1.0, 1.0, 1.0]}, "2026-01-05")
    found = replay(tables(past, long({"a": [nan, 1.0], "b": [2.0, nan]}, "2026-01-09"), **{"horizon-days": "2"}))

    np.testing.assert_array_equal(found.panel.demand, [[5, 0, 2, 0], [nan, 1, 1, 1]])
    np.testing.assert_array_equal(found.actual, [[0, 1], [2, 0]])
    assert found.missing_days == {"count": 2, "read_as": "zero"}


def test_missing_days_of_a_table_that_writes_zeros_are_unknown(tables: Tables) -> None:
    """Where the history writes zeros, a day without a row is unknown; the option decides otherwise."""
    nan = float("nan")
    past = long({"a": [5.0, nan, 0.0, nan], "b": [nan, 1.0, 1.0, 1.0]}, "2026-01-05")
    given = tables(past, long({"a": [nan, 1.0], "b": [2.0, nan]}, "2026-01-09"), **{"horizon-days": "2"})
    found = replay(given)

    np.testing.assert_array_equal(found.panel.demand, [[5, nan, 0, nan], [nan, 1, 1, 1]])
    np.testing.assert_array_equal(found.actual, [[nan, 1], [2, nan]])
    assert found.missing_days == {"count": 2, "read_as": "unknown"}
    assert replay(given, missing="zero").missing_days == {"count": 2, "read_as": "zero"}
    assert run(given | {"missing-days": "zero"})["missing_days"]["read_as"] == "zero"


def test_days_between_history_and_test_are_unknown(tables: Tables) -> None:
    """A gap between the tables is forecast through, not read as zeros."""
    found = replay(tables(PAST, long(ordinary(7, 1), "2026-03-20")))

    assert found.panel.as_of == date(2026, 3, 20)
    assert np.isnan(found.panel.demand[:, -4:]).all()
    assert found.missing_days["count"] == 0


def test_columns_of_both_tables_are_known_ahead(tables: Tables) -> None:
    """Price, promotion and other numbers of both tables become plans; the report says what was left out, and why."""
    more = {"price": 2.5, "promotion": True, "footfall": 7, "note": "x"}
    report = run(given := tables(PAST.assign(**more, cost=1.0, category="toys"), NEXT.assign(**more, weather=3.0)))
    ahead = replay(given).panel.ahead

    assert (ahead.price == 2.5).all()
    assert ahead.promotion.all()
    assert (ahead.covariates["footfall"] == 7).all()
    assert ahead.price.shape == (3, 7)
    assert replay(given).panel.groups == ("toys",) * 3
    assert report["columns"] == {
        "category": "group of the item",
        "cost": "left out: only in the history",
        "footfall": "known ahead",
        "note": "left out: text",
        "price": "known ahead",
        "promotion": "known ahead",
        "weather": "left out: only in the test",
    }


def test_a_group_that_changes_is_left_out(tables: Tables) -> None:
    """A category that is not the same on all days of an item groups nothing; the next one does."""
    past = PAST.assign(category=[str(i % 2) for i in range(len(PAST))], brand=12)
    found = replay(tables(past))

    assert found.panel.groups == ("12",) * 3
    assert found.columns == {"brand": "group of the item", "category": "left out: it changes within an item"}


def test_days_out_of_stock_are_not_scored(tables: Tables) -> None:
    """A day of the test on which the item could not be sold says nothing of demand."""
    stock = [day >= pd.Timestamp("2026-03-18") for day in NEXT["date"]]
    found = replay(tables(PAST.assign(in_stock=1), NEXT.assign(in_stock=stock)))

    assert np.isnan(found.actual[:, :2]).all()
    assert np.isfinite(found.actual[:, 2:]).all()
    assert found.panel.in_stock.all()


def test_countries_come_from_the_option_the_column_or_the_settings(tables: Tables) -> None:
    """The option wins over the column `country`, and that over the settings; a column of unknown names is left out."""
    with_column = tables(PAST.assign(country="fr"))
    assert run(with_column, countries="US")["countries"] == ["FR"]
    assert run(with_column | {"countries": "gb,us"})["countries"] == ["GB", "US"]
    report = run(tables(PAST.assign(country="Narnia")), countries="US")
    assert report["countries"] == ["US"]
    assert report["columns"]["country"] == "left out: it names countries that are not known"


def test_days_after_the_horizon_are_not_used(tables: Tables) -> None:
    """A test that is longer than the horizon is measured on the horizon."""
    longer = long({item: [*units, 1e9] for item, units in ordinary(7, 1).items()}, "2026-03-16")

    assert run(tables(PAST, longer))["models"]["croston"]["pinball"] == run(tables())["models"]["croston"]["pinball"]


def _changed(column: str, row: int, value: object) -> pd.DataFrame:
    frame = PAST.astype({column: object})
    frame.loc[row, column] = value
    return frame.astype({column: str})


@pytest.mark.parametrize(
    ("past", "following", "field", "said"),
    [
        (
            PAST.drop(columns="demand"),
            NEXT,
            "history",
            r"'past\.csv' has no column 'demand'; it needs item, date, demand and has",
        ),
        (PAST, NEXT.rename(columns={"item": "sku"}), "test", r"'next\.csv' has no column 'item'"),
        (_changed("date", 4, "soon"), NEXT, "history", r"'past\.csv': row 6: date is 'soon', not a date such as 2024-03-31"),
        (_changed("date", 4, ""), NEXT, "history", r"row 6: date is nan; every row needs a date"),
        (_changed("item", 2, " "), NEXT, "history", r"row 4: item is blank"),
        (_changed("demand", 3, "many"), NEXT, "history", r"row 5: demand is 'many', not a number"),
        (_changed("demand", 3, "-2"), NEXT, "history", r"row 5: demand is '-2'; it must be a number of units, 0 or more"),
        (_changed("demand", 3, ""), NEXT, "history", r"row 5: demand is nan; it must be a number of units, 0 or more"),
        (_changed("demand", 3, "inf"), NEXT, "history", r"row 5: demand is 'inf'"),
        (PAST.assign(promotion="perhaps"), NEXT, "history", r"promotion is 'perhaps', not true or false"),
        (PAST.assign(price=np.inf), NEXT, "history", r"row 2: price is 'inf'; it must be a number, or blank"),
        (pd.concat([PAST, PAST[:1]]), NEXT, "history", r"item 'a' has the date 2026-01-05 twice; give one row"),
        (PAST, PAST, "test", r"first day is 2026-01-05, but the history goes on until 2026-03-15; the test must begin after it"),
        (PAST, NEXT[NEXT["date"] < "2026-03-20"], "horizon_days", r"horizon_days is 7, but the test 'next\.csv' has the 4 days"),
        (PAST, long(ordinary(7), "2027-01-01"), "test", r"begins 291 days after the history ends on 2026-03-15; at most 90"),
        (PAST[:0], NEXT, "history", r"'past\.csv' has no rows"),
        (
            pd.concat([PAST, long({"z": [1.0]}, "1990-01-01")]),
            NEXT,
            "history",
            r"first day is 1990-01-01, more than twenty years",
        ),
        (PAST.assign(date=PAST["date"] + 6 * (PAST["date"] - PAST["date"].min())), NEXT, "history", r"dates are 7 days apart"),
    ],
)
def test_tables_that_cannot_be_right_are_refused(
    tables: Tables, past: pd.DataFrame, following: pd.DataFrame, field: str, said: str
) -> None:
    """The error names the option, the file, the row, the column and the value, and says what would be right."""
    with pytest.raises(InputError, match=said) as caught:
        run(tables(past, following, "csv"))
    assert caught.value.field == field


def test_monthly_tables_are_refused(tables: Tables) -> None:
    """Months are not read as single days."""
    months = pd.DataFrame({"item": "a", "date": pd.date_range("2024-01-01", periods=24, freq="MS"), "demand": 5.0})
    with pytest.raises(InputError, match="it holds weeks or months; give demand by day"):
        run(tables(months, NEXT))


@pytest.mark.parametrize(
    ("options", "field", "said"),
    [
        ({"models": "croston,oracle"}, "forecaster", "unknown forecaster 'oracle'; known: "),
        ({"horizon-days": "0"}, "horizon_days", "--horizon-days is '0': .*greater than or equal to 1"),
        ({"horizon-days": "soon"}, "horizon_days", "--horizon-days is 'soon'"),
        ({"countries": "Narnia"}, "countries", "country 'Narnia' is not known"),
        ({"missing-days": "perhaps"}, "missing_days", "--missing-days is 'perhaps'"),
        ({"seed": "-1"}, "seed", "--seed is '-1'"),
        ({"horizont": "7"}, "horizont", "--horizont is not known; options of this suite: --history"),
    ],
)
def test_options_that_cannot_be_right_are_refused(tables: Tables, options: dict[str, str], field: str, said: str) -> None:
    """A wrong option is named with its value before anything is forecast."""
    with pytest.raises(InputError, match=said) as caught:
        run(tables(**options))
    assert caught.value.field == field


def test_a_missing_option_is_named() -> None:
    """Without tables the error lists what the suite takes."""
    with pytest.raises(InputError, match=r"--history is missing; options of this suite: --history \(FILE"):
        run({})


@pytest.mark.parametrize(
    ("arguments", "said"), [(["x"], "'x' is neither"), (["--seed"], "--seed has no value"), (["--"], "neither")]
)
def test_options_without_name_or_value_are_refused(arguments: list[str], said: str) -> None:
    """What follows a suite's name is pairs of name and value."""
    with pytest.raises(InputError, match=said):
        options_of(arguments)


def test_the_sample_is_forecast_by_every_default_model(tmp_path: Path) -> None:
    """Without --models the default ones are measured, and the report is JSON."""
    report = run(dict(ForecastSuite().sample(tmp_path)) | {"models": ""})

    assert {"seasonal_naive", "croston", "ets", "auto"} <= report["models"].keys()
    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_the_command_takes_the_suites_options(tables: Tables, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`parstock evaluate forecast` hands on options that only the suite knows, prints a row a model, and writes the report."""
    given, report = tables(), tmp_path / "report.json"
    options = [f"--{name}={value}" for name, value in given.items()]
    with pytest.raises(SystemExit) as left:
        main(["evaluate", "forecast", *options, "--home", str(tmp_path / "home"), "--report", str(report)])
    printed = capsys.readouterr().out

    assert left.value.code == 0
    assert "seasonal_naive" in printed
    assert "croston" in printed
    assert json.loads(report.read_text(encoding="utf-8"))["models"].keys() == {"seasonal_naive", "croston"}


def test_intervals_of_many_items_need_little_memory() -> None:
    """Resamples drawn in pieces are those drawn at once: the interval of a known sample does not depend on the piece."""
    values = np.random.default_rng(0).normal(size=6000)
    picks = np.random.default_rng(20).integers(0, values.size, size=(2000, values.size))
    low, high = np.quantile(values[picks].mean(axis=1), [0.025, 0.975])

    assert interval(values) == (round(float(low), 4), round(float(high), 4))

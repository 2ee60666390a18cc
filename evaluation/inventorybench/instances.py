"""Instances of InventoryBench (Peng et al. 2026, arXiv 2602.12631) from two tables into arrays. Plays nothing.

`instances.parquet` has a row an instance and period: `instance_id, kind, lead_time_setting, split` ("train" for the periods known
at the start, "test" for those to be lived through), `period, demand, actual_lead_time` (infinite: lost), `unit_profit,
unit_holding_cost`. `instance_descriptions.parquet` has `instance_id, promised_lead_time`. `published_results.parquet`, with the
ratios of other policies, may be there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from parstock.domain import Floats
from parstock.errors import InputError

INSTANCES, DESCRIPTIONS, PUBLISHED = "instances.parquet", "instance_descriptions.parquet", "published_results.parquet"
COLUMNS = {
    INSTANCES: [
        *("instance_id", "kind", "lead_time_setting", "split", "period"),
        *("demand", "actual_lead_time", "unit_profit", "unit_holding_cost"),
    ],
    DESCRIPTIONS: ["instance_id", "promised_lead_time"],
    PUBLISHED: ["instance_id", "model", "ratio_or", "ratio_llm", "ratio_llm_to_or", "ratio_or_to_llm"],
}


@dataclass(frozen=True, eq=False, slots=True)
class Batch:
    """N instances of one group with T periods each: what is known at the start, and what is to come."""

    group: str
    """Kind and setting of the lead time, such as "real/lead_time_4"."""
    names: tuple[str, ...]
    first: Floats
    """[N, k] units asked for before the start."""
    demand: Floats
    """[N, T] units asked for."""
    lead_times: Floats
    """[N, T] periods until an order of that period comes; infinite where it is lost."""
    unit_profit: Floats
    """[N] money for a unit sold."""
    holding_cost: Floats
    """[N] money for a unit left at the end of a period."""
    promised_lead_time: int


def read_instances(folder: Path) -> list[Batch]:
    """Read the instances of a folder, grouped by kind, lead time and length.

    Raises:
        InputError: A file or a column is missing, or a value cannot be; names the file.
    """
    rows = read_file(folder, INSTANCES)
    promised = read_file(folder, DESCRIPTIONS).drop_duplicates("instance_id").set_index("instance_id")["promised_lead_time"]
    test = _checked(rows[rows["split"] == "test"])
    train = rows[rows["split"] == "train"]
    about = test.groupby("instance_id")[["kind", "lead_time_setting", "unit_profit", "unit_holding_cost"]].first()
    about["periods"] = test.groupby("instance_id").size()
    about["known"] = train.groupby("instance_id").size()
    about["promised"] = promised
    if not len(about) or about[["known", "promised"]].isna().any(axis=None):
        raise _wrong(INSTANCES, f"every instance needs periods of test and of train, and a promised lead time in {DESCRIPTIONS}")
    batches = []
    for (kind, setting, *_), alike in about.groupby(["kind", "lead_time_setting", "promised", "periods", "known"]):
        names = tuple(alike.index)
        batches.append(
            Batch(
                f"{kind}/{setting}",
                names,
                _grid(train, "demand", names),
                _grid(test, "demand", names),
                _grid(test, "actual_lead_time", names),
                alike["unit_profit"].to_numpy(dtype=np.float64),
                alike["unit_holding_cost"].to_numpy(dtype=np.float64),
                int(alike["promised"].iloc[0]),
            )
        )
    return batches


def read_file(folder: Path, name: str) -> pd.DataFrame:
    """Read one of the tables.

    Raises:
        InputError: It is not there, is no Parquet file, or lacks a column.
    """
    try:
        table = pd.read_parquet(folder / name)
    except (OSError, ValueError) as error:
        message = f"--data {str(folder)!r}: {name} cannot be read there ({type(error).__name__}); give InventoryBench's folder"
        raise InputError(message, field="data") from error
    if missing := [column for column in COLUMNS[name] if column not in table]:
        raise _wrong(name, f"it has no column {missing[0]!r}; it must have {', '.join(COLUMNS[name])}")
    return table


def product_of(name: str) -> str:
    """What instances share that are not independent: the article, or the demand pattern.

    >>> product_of("real/lead_time_4/108775044"), product_of("synthetic/lead_time_0/p07_seasonal/v1_period10/r1_low")
    ('108775044', 'p07_seasonal')
    """
    return [*name.split("/"), ""][2]


def demand_of(name: str) -> str:
    """What instances with the very same demand share.

    >>> demand_of("synthetic/lead_time_0/p07_seasonal/v1_period10/r1_low")
    'p07_seasonal/v1_period10/r1'
    """
    return "/".join(name.split("/")[2:]).rsplit("_", 1)[0] if name.count("/") > 2 else product_of(name)


def _checked(test: pd.DataFrame) -> pd.DataFrame:
    """The rows to be played, if a game can be played with them."""
    for column, least in (("demand", 0.0), ("actual_lead_time", 0.0), ("unit_profit", 1e-9), ("unit_holding_cost", 1e-9)):
        wrong = test[~(test[column] >= least)]
        if len(wrong):
            name, value = wrong["instance_id"].iloc[0], float(wrong[column].iloc[0])
            raise _wrong(INSTANCES, f"{column} of {name!r} is {value!r}; it must be {'above' if least else 'at least'} 0")
    return test


def _grid(rows: pd.DataFrame, column: str, names: Sequence[str]) -> Floats:
    """[N, T] values by period."""
    if rows.duplicated(["instance_id", "period"]).any():
        raise _wrong(INSTANCES, "an instance has a period twice")
    chosen = rows[rows["instance_id"].isin(names)]
    return chosen.pivot(index="instance_id", columns="period", values=column).loc[list(names)].to_numpy(dtype=np.float64)


def _wrong(name: str, what: str) -> InputError:
    return InputError(f"--data: {name}: {what}", field="data")

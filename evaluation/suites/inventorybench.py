"""The suite `inventorybench`: online ordering on InventoryBench's instances, beside its baseline and published entries."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field

from evaluation.base import Form, Options, Progress, Report, suites
from evaluation.cost import Cost
from evaluation.inventorybench.game import CappedBaseStock, Player, play
from evaluation.inventorybench.instances import DESCRIPTIONS, INSTANCES, Batch, read_instances
from evaluation.inventorybench.published import SOURCE, published_ratios, published_rows
from evaluation.inventorybench.report import Scored
from parstock.domain import Floats, Json
from parstock.errors import InputError
from planning.online import OnlinePolicy, OnlineTerms
from planning.online_demand import Learning

OURS = "online"
DEFAULT = "default"
LEARNINGS: Mapping[str, Learning] = {
    DEFAULT: Learning(),
    "evidence never fades": Learning(evidence_kept=1.0),
    "evidence fades fast": Learning(evidence_kept=0.9),
    "spread never fades": Learning(spread_kept=1.0),
    "with damped trends": Learning(trends=(0.1,)),
    "no pull to the mean": Learning(pulls=()),
    "steady spread only": Learning(powers=(0.0,)),
}
"""Settings among which each half of the products chooses, to see what choosing by score is worth."""
DEFINITIONS: Mapping[str, str] = {
    "score": "mean over instances of max(0, reward / (unit profit x all demand)), the published metric",
    "intervals": "95 % bootstrap intervals (2,000 resamples); instances with the same demand are drawn together",
    "visibility": "the paper's: all demand is seen, an arrival when its period ends, lost orders stay in transit unmarked",
    OURS: "planning/online.py: smoothers weighed by their likelihood, lead times learned, marginal costs; no language model",
    "or": "capped base stock as published; or_write_off: orders older than any that came are not counted; "
    "or_write_off_weighted: and each period's weight is 0.7 of the next one's",
    "published": "as printed by others, on all 1,320 instances; published_here: the same on the instances of this folder, "
    "gain: our score less theirs, by instance",
    "split_halves": "[score of half 0, of half 1] of each setting, halves by article or demand pattern; held_out_score: each "
    "half scored with the setting that the other would choose",
    "cpu_seconds": "of the processor, all threads together; seconds: wall clock",
}


class InventoryBenchForm(Form):
    """What the suite is given."""

    data: Annotated[Path, Field(description=f"DIR: folder with {INSTANCES} and {DESCRIPTIONS}")]
    seed: Annotated[int, Field(ge=0, description="of the sampled futures")] = 0


@suites.register("inventorybench")
class InventoryBenchSuite:
    """Plays every instance with our policy and with the paper's."""

    def run(self, options: Options, progress: Progress | None = None) -> Report:
        """Read the instances, play them all with each policy, and compare."""
        form = options.read(InventoryBenchForm)
        for name, value in (("model", options.model), ("cases", options.cases)):
            if value is not None:
                raise InputError(f"--{name} is {str(value)!r}, but this suite asks no chat model; it takes --data", field=name)
        batches, published = read_instances(form.data), published_ratios(form.data)
        scored = Scored.of(batches)
        makers = _players(form.seed)
        models: dict[str, Json] = {}
        scores: dict[str, Floats] = {}
        for position, (name, make) in enumerate(makers.items()):
            if progress is not None:
                progress(position / len(makers), name)
            with Cost() as cost:
                scores[name] = np.concatenate([play(batch, make(batch)).score for batch in batches])
            spent: dict[str, Json] = {"cpu_seconds": round(cost.cpu_seconds, 2), "seconds": round(cost.seconds, 2)}
            if name not in LEARNINGS:
                models[name] = scored.figures(scores[name]) | spent
        if progress is not None:
            progress(1.0, "done")
        candidates = {name: scores[OURS if name == DEFAULT else name] for name in LEARNINGS}
        ours = scored.figures(scores[OURS])
        return {
            "suite": "inventorybench",
            "n": len(scored.names),
            "score": ours["score"],
            "by_group": ours["by_group"],
            "seed": form.seed,
            "models": models,
            "split_halves": scored.split_halves(candidates, DEFAULT),
            "published": published_rows(),
            "published_source": SOURCE,
            "published_here": scored.against(scores[OURS], published),
            "definitions": dict(DEFINITIONS),
        }

    def sample(self, folder: Path) -> Mapping[str, str]:
        """Write a short instance of each group."""
        rng = np.random.default_rng(4)
        rows: list[dict[str, object]] = []
        promises: list[dict[str, object]] = []
        for kind in ("real", "synthetic"):
            for setting, promised, lead_times in (("0", 0, [0.0]), ("4", 4, [4.0]), ("stochastic", 2, [1.0, 2.0, 3.0, np.inf])):
                name = f"{kind}/lead_time_{setting}/p{len(rows)}"
                promises.append({"instance_id": name, "promised_lead_time": promised})
                shared = {"instance_id": name, "kind": kind, "lead_time_setting": f"lead_time_{setting}"}
                for period, demand in enumerate(rng.poisson(20, size=17)):
                    split = ("train", period + 1) if period < 5 else ("test", period - 4)
                    costs = {"actual_lead_time": rng.choice(lead_times), "unit_profit": 4.0, "unit_holding_cost": 1.0}
                    rows.append({**shared, "split": split[0], "period": split[1], "demand": int(demand), **costs})
        pd.DataFrame(rows).to_parquet(folder / INSTANCES)
        pd.DataFrame(promises).to_parquet(folder / DESCRIPTIONS)
        return {"data": str(folder)}


def _players(seed: int) -> dict[str, Callable[[Batch], Player]]:
    """Every policy, by name; those of the settings that are not the default's last."""

    def online(learning: Learning) -> Callable[[Batch], Player]:
        return lambda batch: online_player(batch, seed, learning)

    return {
        OURS: online(LEARNINGS[DEFAULT]),
        "or_write_off_weighted": lambda batch: CappedBaseStock(batch, weight_kept=0.7, write_off=True),
        "or_write_off": lambda batch: CappedBaseStock(batch, write_off=True),
        "or": CappedBaseStock,
        **{name: online(learning) for name, learning in LEARNINGS.items() if name != DEFAULT},
    }


def online_player(batch: Batch, seed: int = 0, learning: Learning | None = None) -> OnlinePolicy:
    """Our policy, told what the paper's policies are told: costs, promise, length and the first periods' demand."""
    terms = OnlineTerms(batch.unit_profit, batch.holding_cost, batch.promised_lead_time, batch.demand.shape[1], seed)
    return OnlinePolicy(terms, batch.first, learning)

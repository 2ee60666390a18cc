"""Scores of instances into a report: by group, with intervals, and chosen on one half but scored on the other. Plays nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.intervals import RESAMPLES, SEED
from evaluation.inventorybench.instances import Batch, demand_of, product_of
from evaluation.inventorybench.published import scores_of
from parstock.domain import Floats, Json


@dataclass(frozen=True, eq=False, slots=True)
class Scored:
    """Who the n scores belong to."""

    names: tuple[str, ...]
    groups: NDArray[np.str_]
    """[n]."""

    @classmethod
    def of(cls, batches: list[Batch]) -> "Scored":
        """All instances, batch by batch."""
        names = tuple(name for batch in batches for name in batch.names)
        return cls(names, np.array([batch.group for batch in batches for _ in batch.names]))

    def figures(self, scores: Floats) -> dict[str, Json]:
        """Mean of the [n] scores, its interval, and the same of each group."""
        of_group: dict[str, Json] = {}
        for group in np.unique(self.groups):
            chosen = np.flatnonzero(self.groups == group)
            of_group[str(group)] = {
                "n": int(chosen.size),
                "score": round(float(scores[chosen].mean()), 4),
                "interval": list(self.interval(scores, chosen)),
            }
        return {
            "score": round(float(scores.mean()), 4),
            "intervals": {"score": list(self.interval(scores))},
            "by_group": of_group,
        }

    def interval(self, values: Floats, chosen: NDArray[np.intp] | None = None) -> tuple[float, float]:
        """95 % bootstrap interval of the mean of some of the [n] values; instances with the same demand are drawn together."""
        rows = np.arange(values.size) if chosen is None else chosen
        _, cluster = np.unique([demand_of(self.names[row]) for row in rows], return_inverse=True)
        total, count = np.bincount(cluster, values[rows]), np.bincount(cluster)
        drawn = np.random.default_rng(SEED).integers(0, count.size, size=(RESAMPLES, count.size))
        low, high = np.quantile(total[drawn].sum(axis=1) / count[drawn].sum(axis=1), [0.025, 0.975])
        return round(float(low), 4), round(float(high), 4)

    def halves(self) -> NDArray[np.intp]:
        """[n] 0 or 1: every other article, and every other demand pattern."""
        products = [(name.split("/")[0], product_of(name)) for name in self.names]
        side: dict[tuple[str, str], int] = {}
        for kind in {kind for kind, _ in products}:
            side |= {product: rank % 2 for rank, product in enumerate(sorted({p for p in products if p[0] == kind}))}
        return np.array([side[product] for product in products])

    def split_halves(self, candidates: Mapping[str, Floats], default: str) -> dict[str, Json]:
        """What each half of the products would choose, and what that scores on the other half."""
        halves, table = self.halves(), {}
        for name, scores in candidates.items():
            table[name] = [round(float(scores[halves == half].mean()), 4) if (halves == half).any() else 0.0 for half in (0, 1)]
        chosen: list[Json] = []
        held_out = np.zeros(len(self.names))
        for half in (0, 1):
            best = max(table, key=lambda name: table[name][half])
            held_out[halves != half] = candidates[best][halves != half]
            chosen.append({"half": half, "chosen": best, "score": table[best][half], "other_half": table[best][1 - half]})
        return {
            "candidates": {name: list(scores) for name, scores in table.items()},
            "chosen": chosen,
            "held_out_score": round(float(held_out.mean()), 4),
            "default": default,
            "default_score": round(float(candidates[default].mean()), 4),
        }

    def against(self, scores: Floats, ratios: Mapping[str, dict[str, float]]) -> dict[str, Json]:
        """Published results on the very same instances, and what ours gain on each."""
        found: dict[str, Json] = {}
        for name, by_instance in ratios.items():
            theirs = scores_of(by_instance, self.names)
            if theirs is not None:
                gain = scores - theirs
                found[name] = self.figures(theirs) | {
                    "gain": round(float(gain.mean()), 4),
                    "gain_interval": list(self.interval(gain)),
                }
        return found

"""What others scored, as printed; and by the same instances where their results are there. Plays nothing."""

from pathlib import Path

import numpy as np

from evaluation.inventorybench.instances import PUBLISHED, read_file
from parstock.domain import Floats, Json

SOURCE = (
    "TianyiPeng/InventoryBench@62b1f116 leaderboard (arXiv 2602.12631), all 1,320 instances; means of the groups recomputed "
    "from its order files"
)
GROUPS = tuple(f"{kind}/lead_time_{setting}" for kind in ("real", "synthetic") for setting in ("0", "4", "stochastic"))
_ROWS = {
    "Gemini 3 Flash, OR then LLM": (0.5380, 0.7439, 0.3071, 0.3531, 0.8391, 0.5395, 0.4107),
    "Grok 4.1 Fast, OR then LLM": (0.5139, 0.6914, 0.2918, 0.3034, 0.8493, 0.5473, 0.3574),
    "Gemini 3 Flash, LLM then OR": (0.5009, 0.7716, 0.3033, 0.2375, 0.8604, 0.5576, 0.2434),
    "Gemini 3 Flash, LLM only": (0.4945, 0.7364, 0.2400, 0.3119, 0.8253, 0.4341, 0.3865),
    "Grok 4.1 Fast, LLM then OR": (0.4934, 0.7696, 0.3085, 0.1981, 0.8584, 0.5555, 0.2364),
    "GPT-5 Mini, OR then LLM": (0.4611, 0.7645, 0.2840, 0.1819, 0.8525, 0.4937, 0.1643),
    "GPT-5 Mini, LLM only": (0.4597, 0.7646, 0.2879, 0.1643, 0.8371, 0.4900, 0.1875),
    "Grok 4.1 Fast, LLM only": (0.4593, 0.7068, 0.1555, 0.3073, 0.8387, 0.3166, 0.3959),
    "GPT-5 Mini, LLM then OR": (0.4578, 0.7319, 0.2797, 0.1681, 0.8452, 0.5302, 0.1593),
    "OR, capped base stock": (0.4447, 0.6708, 0.3017, 0.2100, 0.8179, 0.5359, 0.1068),
}
"""Score of all instances, then of each group."""
STRATEGIES = ("or", "llm", "llm_to_or", "or_to_llm")


def published_rows() -> dict[str, Json]:
    """Each entry's score and score by group."""
    return {name: {"score": row[0], "by_group": dict(zip(GROUPS, row[1:], strict=True))} for name, row in _ROWS.items()}


def published_ratios(folder: Path) -> dict[str, dict[str, float]]:
    """Entry -> instance -> ratio, where the folder has the published results; else nothing.

    Raises:
        InputError: The file is there but cannot be read.
    """
    if not (folder / PUBLISHED).exists():
        return {}
    table = read_file(folder, PUBLISHED)
    found: dict[str, dict[str, float]] = {}
    for model, rows in table.groupby("model"):
        for strategy in STRATEGIES:
            name = "or" if strategy == "or" else f"{model}, {strategy}"
            found[name] = dict(zip(rows["instance_id"], rows[f"ratio_{strategy}"].astype(float), strict=True))
    return found


def scores_of(ratios: dict[str, float], names: tuple[str, ...]) -> Floats | None:
    """[N] scores of the instances called so; None where one has no result."""
    if any(name not in ratios for name in names):
        return None
    return np.asarray(np.maximum([ratios[name] for name in names], 0.0))

"""The tables of one window: every model on the same items, and ratios between ours and the peers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from _kept import Kept, Said
from _windows import Window

from evaluation.scores import ItemScores, Prediction, by_class, item_scores, summary
from forecasting.calibrate import demand_classes
from forecasting.history import observed

COLUMNS = ("pinball", "rmsse", "mase", "wape", "bias", "wql", "coverage_80", "coverage_95", "total_coverage_95")
CLASSES = ("smooth", "erratic", "intermittent", "lumpy")
HEAD = (
    "| model | SPL | RMSSE | MASE | WAPE | bias | wQL | cov80 | cov95 | cov95 of totals | cov95 " + ", ".join(CLASSES) + " | "
    "refused | CPU s | CPU ms an item | peak MiB |\n|---" + "|---" * 14 + "|"
)


@dataclass(frozen=True)
class Row:
    """One model on some items."""

    name: str
    said: Said
    scores: ItemScores


def tables(kept: Kept, ours: Sequence[str], peers: Sequence[str], first: int) -> str:
    """Markdown: all items by the models that forecast all, then the first items by every model, then ratios."""
    window = kept.window
    count = len(window.panel.items)
    made = {name: said for name in (*ours, *peers) if (said := kept.said(name)) is not None}
    parts = [_table(window, {name: said for name, said in made.items() if len(said.rows) == count}, count)]
    if any(len(said.rows) < count for said in made.values()):
        parts.append(_table(window, {name: said for name, said in made.items() if len(said.rows) >= min(first, count)}, first))
    best = next((name for name in ("auto", *reversed(ours)) if name in made and name in ours), None)
    if best is not None:
        parts.append(_ratios(window, best, {name: said for name, said in made.items() if name in peers or name == best}))
    return "\n".join(parts)


def _table(window: Window, made: dict[str, Said], count: int) -> str:
    rows = [_row(window, name, said, np.arange(count)) for name, said in made.items()]
    classes = np.array(demand_classes(observed(window.panel.rows(np.arange(count)))))
    counts = ", ".join(f"{name} {int((classes == name).sum())}" for name in CLASSES)
    title = f"### {window.name}: {count} items ({counts}), {window.actual.shape[1]} days from {window.panel.as_of}"
    lines = [_line(row, classes) for row in sorted(rows, key=lambda row: summary(row.scores)["pinball"] or np.inf)]
    return "\n".join([title, "", HEAD, *lines, ""])


def _row(window: Window, name: str, said: Said, items: np.ndarray) -> Row:
    """Score a model on some of the items that it forecast."""
    found = np.searchsorted(said.rows, items)
    part = said.prediction
    total = None if part.total_q95 is None else part.total_q95[found]
    predicted = Prediction(part.mean[found], part.quantiles[found], total)
    return Row(name, said, item_scores(predicted, window.actual[items], observed(window.panel.rows(items))))


def _line(row: Row, classes: np.ndarray) -> str:
    figures = summary(row.scores)
    of_class = by_class(row.scores["coverage_95"], classes)
    cells = [
        row.name,
        *(
            _number(figures[name], "+.3f" if name == "bias" else ".4f" if name in {"pinball", "rmsse"} else ".3f")
            for name in COLUMNS
        ),
        ", ".join(_number(of_class.get(name), ".3f") for name in CLASSES),
        str(sum(row.said.status.values()) - row.said.status.get("ok", 0)) if row.said.status else "-",
        f"{row.said.cpu_seconds:.1f}",
        f"{1000 * row.said.cpu_seconds / len(row.said.rows):.2f}",
        f"{row.said.peak_mib:.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


def _ratios(window: Window, best: str, made: dict[str, Said]) -> str:
    """Losses of ours over those of each peer, and how many times less it takes of the processor, on the items of both."""
    lines = [f"`{best}` against each peer, on the items of both (losses: below 1 ours is better)", ""]
    lines += ["| peer | SPL ratio | RMSSE ratio | WAPE ratio | wQL ratio | times less CPU an item |", "|---" * 6 + "|"]
    own = made[best]
    for name, said in made.items():
        if name != best:
            ours, theirs = (summary(_row(window, key, of, said.rows).scores) for key, of in ((best, own), (name, said)))
            ratios = [_ratio(ours[key], theirs[key]) for key in ("pinball", "rmsse", "wape", "wql")]
            speed = (said.cpu_seconds / len(said.rows)) / (own.cpu_seconds / len(own.rows))
            lines.append(f"| {name} | {' | '.join(ratios)} | {speed:.1f} |")
    return "\n".join([*lines, ""])


def _ratio(ours: float | None, theirs: float | None) -> str:
    return "-" if ours is None or not theirs else f"{ours / theirs:.3f}"

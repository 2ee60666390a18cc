"""What each model said of a window, kept in files so that nothing is computed twice. Each run has a process of its own."""

import json
import multiprocessing
import sys
import zlib
from dataclasses import asdict, dataclass, field
from functools import cache, cached_property
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from _peers import PEERS
from _windows import HORIZON_DAYS, Window

import forecasting
from evaluation.cost import Cost
from evaluation.scores import Prediction

WARM_UP_ITEMS = 3
"""Items forecast before the clock starts, so that compiling is not counted."""


@dataclass(frozen=True)
class Said:
    """What a model said of some items of a window, and what that took."""

    prediction: Prediction
    rows: np.ndarray
    """[n] positions of the items in the window."""
    seconds: float
    cpu_seconds: float
    peak_mib: float
    status: dict[str, int] = field(default_factory=dict)
    """Items by status, where the model has one."""


class Kept:
    """The folder of one window's results."""

    def __init__(self, folder: Path, window: Window, seed: int) -> None:
        self.window = window
        self.seed = seed
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    @cached_property
    def _stamp(self) -> str:
        """Of what was forecast: another draw of items, or other data, is another file."""
        panel = self.window.panel
        known = f"{panel.items}{panel.as_of}{np.nansum(panel.demand)}".encode()
        return f"{zlib.crc32(known):08x}"

    def forecast_ours(self, name: str, paths: int) -> None:
        """Let one of our models forecast the window, unless it did."""
        self._once(name, self._ours(name), np.arange(len(self.window.panel.items)), paths)

    def forecast_peer(self, name: str, items: int, piece: int) -> None:
        """Let a peer forecast the first items of the window in whole pieces, those that it did not yet."""
        count = len(self.window.panel.items)
        size = count if PEERS[name].whole else piece
        for first in range(0, min(items, count), size):
            last = min(first + size, count)
            self._once(name, f"{name}.{first}-{last - 1}", np.arange(first, last), 0)

    def said(self, name: str) -> Said | None:
        """All that is kept of a model; None where nothing is."""
        files = [p for pattern in (self._ours(name), f"{name}.*-*") for p in self._folder.glob(f"{self._file(pattern)}.npz")]
        if not files:
            return None
        parts = [(np.load(path), json.loads(path.with_suffix(".json").read_text())) for path in files]
        order = np.argsort(np.concatenate([part["rows"] for part, _ in parts]), kind="stable")

        def joined(key: str) -> np.ndarray:
            return np.concatenate([part[key] for part, _ in parts])[order].astype(np.float64)

        totals = joined("total_q95")
        costs = [cost for _, cost in parts]
        status: dict[str, int] = {}
        for cost in costs:
            status = {key: status.get(key, 0) + cost["status"].get(key, 0) for key in {*status, *cost["status"]}}
        return Said(
            prediction=Prediction(joined("mean"), joined("quantiles"), None if np.isnan(totals).all() else totals),
            rows=joined("rows").astype(np.intp),
            seconds=sum(cost["seconds"] for cost in costs),
            cpu_seconds=sum(cost["cpu_seconds"] for cost in costs),
            peak_mib=max(cost["peak_mib"] for cost in costs),
            status=status,
        )

    def _ours(self, name: str) -> str:
        """One of our models, as the code of `forecasting` is now."""
        return f"ours.{name}.{_code_stamp()}"

    def _file(self, what: str) -> str:
        return f"{self.window.name}.{self._stamp}.{what.replace(' ', '_')}"

    def _once(self, name: str, what: str, rows: np.ndarray, paths: int) -> None:
        path = self._folder / f"{self._file(what)}.npz"
        if path.with_suffix(".json").exists():
            return
        print(f"{self.window.name}: {name}, {len(rows)} items from {rows[0] if len(rows) else 0}", file=sys.stderr, flush=True)
        context = multiprocessing.get_context("spawn")
        receiver, sender = context.Pipe(duplex=False)
        child = context.Process(target=_run, args=(self.window.rows(rows), name, paths, self.seed, path, rows, sender))
        child.start()
        sender.close()
        try:
            cost = receiver.recv()
        except EOFError:
            sys.exit(f"{name} on {self.window.name} ended without a result")
        child.join()
        path.with_suffix(".json").write_text(json.dumps(cost, indent=1))


@cache
def _code_stamp() -> str:
    """Changes with any line of our forecasters."""
    folder = Path(forecasting.__path__[0])
    code = b"".join(path.read_bytes() for path in sorted(folder.rglob("*.py")))
    return f"{zlib.crc32(code):08x}"


def _run(window: Window, name: str, paths: int, seed: int, path: Path, rows: np.ndarray, sender: Connection) -> None:
    """Forecast in a process of its own, so that memory is counted for this model alone."""
    few = window.panel.rows(np.arange(min(WARM_UP_ITEMS, len(window.panel.items))))
    _predict(Window(window.name, few, window.actual[: len(few.items)]), name, min(paths, 10), seed)
    with Cost() as cost:
        said, status = _predict(window, name, paths, seed)
    totals = np.full(len(rows), np.nan) if said.total_q95 is None else said.total_q95
    arrays = {"mean": said.mean, "quantiles": said.quantiles, "total_q95": totals}
    with path.open("wb") as file:
        np.savez_compressed(file, rows=rows, **{key: values.astype(np.float32) for key, values in arrays.items()})
    sender.send(asdict(cost) | {"status": status})


def _predict(window: Window, name: str, paths: int, seed: int) -> tuple[Prediction, dict[str, int]]:
    """One of our models where `paths` are asked for, else a peer."""
    if not paths:
        return PEERS[name].predict(window.panel, HORIZON_DAYS), {}
    from forecasting.run import forecast

    made = forecast(window.panel, model=name, horizon_days=HORIZON_DAYS, paths=paths, seed=seed)
    status = {kind: made.status.count(kind) for kind in sorted(set(made.status))}
    return Prediction.of(made, window.actual), status

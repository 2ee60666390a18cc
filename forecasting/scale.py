"""The same forecast as `forecasting.run`, its pieces spread over Ray workers, finished ones on disk.

Bit for bit the result of one process: a piece takes its items, its seed and nothing else. (Linear algebra on several threads
may add in another order; Ray gives each worker one thread, so give a single process `OMP_NUM_THREADS=1` to compare.)

Memory stays bounded: as many pieces travel as there are workers and one more, results are written as they come, and
the whole is put together in a file that is mapped into memory. A run that is stopped, or a piece that fails twice, leaves the
finished pieces in the folder, and the next call takes them up.
"""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from forecasting import run
from forecasting.base import Forecaster, Progress, forecasters
from forecasting.pieces import Job, Joined, Piece
from parstock.domain import DemandPanel, Forecast
from parstock.errors import InputError, SetupError, ToolFailed

log = logging.getLogger(__name__)

MOST_TRIES = 2
"""A piece that fails, or whose worker dies, is tried once more."""
PATIENCE_SECONDS = 1.0
"""How often progress is told, and may stop the work, while no piece is finished."""
MOST_NAMED = 3
"""Failed pieces that a message names."""
_NO_TELEMETRY = {"RAY_USAGE_STATS_ENABLED": "0"}
_LOOPBACK_ONLY = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
"""Ray's switch for machines on which it must not be reached from elsewhere: every port is opened on 127.0.0.1 alone."""


def forecast(
    panel: DemandPanel,
    *,
    folder: Path,
    workers: int = 2,
    address: str = "local",
    model: str = "auto",
    horizon_days: int = 28,
    paths: int = 200,
    seed: int = 0,
    progress: Progress | None = None,
) -> Forecast:
    """Forecast every item of the panel on a cluster.

    Args:
        panel: Demand up to the day before the forecast starts, as far as it is known.
        folder: Where finished pieces are kept and those of an earlier run with the same inputs are taken up, and where the
            paths of the result lie: it must stay as long as the result is used.
        workers: Worker processes of a local cluster; pieces worked on at once, on another.
        address: "local" to start a cluster on this machine and stop it afterwards, "auto" or "host:port" to join one.
        model: Name of a registered forecaster.
        horizon_days: Days to forecast.
        paths: Sample paths an item.
        seed: Seed; the same inputs and seed give the same paths.
        progress: Told the share done; what it raises stops the work, and what is finished is kept.

    Returns:
        What `forecasting.run.forecast` returns; its paths are a read-only file in `folder` mapped into memory.

    Raises:
        InputError: Unknown model, or a size that is not positive.
        SetupError: Ray is not installed, or there is no cluster at the address.
        ToolFailed: A piece failed `MOST_TRIES` times; the message says which items, why, and where the others are.
    """
    if workers < 1:
        raise InputError(f"workers is {workers!r}; it must be 1 or more", field="workers")
    job = Job.of(panel, model, horizon_days, paths, seed, run.ITEMS_AT_ONCE)
    make = forecasters.get(model)
    if job.is_refused:
        return job.refused()
    folder.mkdir(parents=True, exist_ok=True)
    waiting = [number for number in range(len(job)) if job.piece(number).load(folder) is None]
    tell = _Told(progress, len(job), len(job) - len(waiting))
    if waiting:
        with _cluster(workers, address) as ray:
            failed = _Crew(ray, job, make, folder, workers, tell).work(waiting)
        if failed:
            raise ToolFailed(_complaint(job, failed, folder))
    return _joined(job, make, folder)


@dataclass(eq=False, slots=True)
class _Told:
    """Says how many pieces are done."""

    progress: Progress | None
    pieces: int
    done: int

    def __call__(self, finished: int = 0) -> None:
        self.done += finished
        if self.progress is not None:
            self.progress(self.done / self.pieces, f"{self.done} of {self.pieces} pieces forecast")


@dataclass(eq=False, slots=True)
class _Crew:
    """Sends pieces to workers and writes what comes back."""

    ray: Any
    job: Job
    make: Callable[[], Forecaster]
    folder: Path
    workers: int
    tell: _Told
    tries: dict[int, int] = field(default_factory=dict)
    on_the_way: dict[Any, int] = field(default_factory=dict)
    """Ray's promise of a forecast -> number of its piece."""

    def work(self, waiting: list[int]) -> dict[int, str]:
        """Do the pieces with these numbers; return those that could not be done, and why."""
        todo, failed = list(waiting), dict[int, str]()
        remote = self.ray.remote(num_cpus=1, max_retries=0)(_forecast_piece)
        try:
            while todo or self.on_the_way:
                while todo and len(self.on_the_way) <= self.workers:
                    number = todo.pop(0)
                    self.tries[number] = self.tries.get(number, 0) + 1
                    self.on_the_way[remote.remote(self.make, self.job.piece(number))] = number
                self.tell()
                ready, _ = self.ray.wait(list(self.on_the_way), num_returns=1, timeout=PATIENCE_SECONDS)
                for promise in ready:
                    number = self.on_the_way.pop(promise)
                    why = self._take(promise, number)
                    if why and self.tries[number] < MOST_TRIES:
                        log.warning("%s failed and is tried again: %s", self.job.piece(number).label, why)
                        todo.append(number)
                    elif why:
                        failed[number] = why
        finally:
            for promise in self.on_the_way:
                with suppress(Exception):  # a worker that is gone already cannot be stopped
                    self.ray.cancel(promise, force=True)
        return failed

    def _take(self, promise: Any, number: int) -> str:
        """Keep a finished piece; "" where that went well, else why it did not."""
        try:
            made = self.ray.get(promise)
        except self.ray.exceptions.RayError as error:
            return _reason(error)
        self.job.piece(number).save(made, self.folder)
        self.tell(1)
        return ""


def _forecast_piece(make: Callable[[], Forecaster], piece: Piece) -> Forecast:
    """What a worker does."""
    return piece.forecast(make)


def _joined(job: Job, make: Callable[[], Forecaster], folder: Path) -> Forecast:
    """Put the finished pieces together, one in memory at a time."""
    place = folder / "paths.npy"
    place.unlink(missing_ok=True)  # who still reads an earlier result keeps it
    shape = (len(job.panel.items), job.paths, job.horizon_days)
    paths = np.zeros(shape, np.float32) if 0 in shape else np.lib.format.open_memmap(place, "w+", np.float32, shape)
    joined = Joined(job, paths)
    for piece in job.pieces():
        made = piece.load(folder)
        if made is None:  # taken away or damaged meanwhile
            made = piece.forecast(make)
            piece.save(made, folder)
        joined.add(piece, made)
    paths.flags.writeable = False
    joined.paths = np.asarray(paths)
    return joined.forecast()


@contextmanager
def _cluster(workers: int, address: str) -> Iterator[Any]:
    """Ray, connected; a cluster that this process was connected to already stays connected."""
    os.environ.update(_NO_TELEMETRY | (_LOOPBACK_ONLY if address == "local" else {}))
    try:
        import ray
    except ImportError as error:
        message = "forecasting on several workers needs Ray, which is not installed: pip install 'parstock[scale]'"
        raise SetupError(message) from error
    if ray.is_initialized():
        yield ray
        return
    logging.getLogger("ray").setLevel(logging.ERROR)
    local = {"num_cpus": workers, "include_dashboard": False} if address == "local" else {}
    try:
        ray.init(address=address, log_to_driver=False, configure_logging=False, **local)
    except (ConnectionError, RuntimeError, ValueError) as error:
        message = f"no Ray cluster could be joined at {address!r}: {_reason(error)}; give 'local', 'auto' or HOST:PORT"
        raise SetupError(message) from error
    try:
        yield ray
    finally:
        ray.shutdown()


def _reason(error: BaseException) -> str:
    """The first line of what went wrong, without Ray's wrapping."""
    cause = getattr(error, "cause", None) or error
    return f"{type(cause).__name__}: {(str(cause).strip().splitlines() or [''])[0][:300]}"


def _complaint(job: Job, failed: dict[int, str], folder: Path) -> str:
    """Which items were not forecast and why, and where the others are."""
    named = [f"{job.piece(number).label}: {failed[number]}" for number in sorted(failed)[:MOST_NAMED]]
    more = [f"and {len(failed) - MOST_NAMED} more pieces"] if len(failed) > MOST_NAMED else []
    return (
        f"{len(failed)} of {len(job)} pieces could not be forecast, each tried {MOST_TRIES} times: {'; '.join(named + more)}. "
        f"The other {len(job) - len(failed)} are kept in {str(folder)!r}, and another run takes them up"
    )

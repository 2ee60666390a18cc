"""Pieces over Ray: the same result, whatever fails on the way."""

import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import numpy as np
import psutil
import pytest

from forecasting import run, scale
from forecasting.base import forecasters
from forecasting.models.seasonal_naive import SeasonalNaive
from parstock.domain import DemandPanel, Forecast
from parstock.errors import InputError, SetupError, ToolFailed

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed: pip install 'parstock[scale]'"),
    pytest.mark.filterwarnings("ignore::FutureWarning:ray"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


def panel() -> DemandPanel:
    """Ten items, one of them unknown, that make four pieces of at most three."""
    demand = np.random.default_rng(1).poisson(3.0, size=(10, 120)).astype(float)
    demand[7] = np.nan
    return DemandPanel(items=tuple("abcdefghij"), start=date(2024, 1, 1), demand=demand, groups=tuple("xy" * 5))


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    """Two workers that all tests of this file share."""
    with scale._cluster(2, "local"):
        yield


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "ITEMS_AT_ONCE", 3)


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> Callable[[type], str]:
    """Registers a forecaster for one test."""

    def register(forecaster: type) -> str:
        forecasters.names()
        monkeypatch.setitem(forecasters._entries, "for_a_test", forecaster)
        return "for_a_test"

    return register


def assert_same(one: Forecast, other: Forecast) -> None:
    """Equal in every field, to the bit."""
    np.testing.assert_array_equal(one.paths, other.paths)
    for name in ("items", "start", "models", "status", "reasons", "reasons_zh"):
        assert getattr(one, name) == getattr(other, name)
    assert set(one.scores) == set(other.scores)
    for model, scores in one.scores.items():
        np.testing.assert_array_equal(scores, other.scores[model])


@pytest.mark.parametrize("model", ["croston", "auto"])
def test_two_workers_give_the_bits_of_one_process(cluster: None, tmp_path: Path, model: str) -> None:
    """Paths, models, statuses, reasons and scores are those of `run.forecast`."""
    alone = run.forecast(panel(), model=model, horizon_days=7, paths=30, seed=5)
    spread = scale.forecast(panel(), folder=tmp_path, model=model, horizon_days=7, paths=30, seed=5)

    assert_same(spread, alone)
    assert not spread.paths.flags.writeable


def test_a_second_call_takes_what_is_finished(cluster: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is forecast again, whoever of the two engines asks; other data is no longer the same piece."""
    first = scale.forecast(panel(), folder=tmp_path, model="croston", horizon_days=7, paths=30)
    monkeypatch.setattr(scale.Piece, "forecast", lambda *_: pytest.fail("a finished piece was forecast again"))

    assert_same(scale.forecast(panel(), folder=tmp_path, model="croston", horizon_days=7, paths=30), first)
    assert_same(run.forecast(panel(), folder=tmp_path, model="croston", horizon_days=7, paths=30), first)
    changed = panel()
    changed.demand[4, -1] += 1
    with pytest.raises(pytest.fail.Exception):
        run.forecast(changed, folder=tmp_path, model="croston", horizon_days=7, paths=30)


@pytest.mark.parametrize("place", [0.2, 0.7])
def test_a_damaged_piece_is_done_again(cluster: None, tmp_path: Path, place: float) -> None:
    """One flipped byte in a finished piece costs that piece and nothing else."""
    first = scale.forecast(panel(), folder=tmp_path, model="croston", horizon_days=7, paths=30)
    paths = np.array(first.paths)
    files = sorted(tmp_path.glob("piece-*.npz"))
    data = bytearray(files[1].read_bytes())
    data[int(len(data) * place)] ^= 0xFF
    files[1].write_bytes(data)
    before = [file.stat().st_mtime_ns for file in files]
    again = scale.forecast(panel(), folder=tmp_path, model="croston", horizon_days=7, paths=30)

    np.testing.assert_array_equal(again.paths, paths)
    assert [file.stat().st_mtime_ns != old for file, old in zip(files, before, strict=True)] == [False, True, False, False]


def test_a_worker_that_dies_is_replaced(cluster: None, tmp_path: Path, registered: Callable[[type], str]) -> None:
    """A process killed in the middle of a piece costs one more try and changes no number."""
    killed = tmp_path / "killed"

    class DiesOnce(SeasonalNaive):
        """Takes its process with it, the first time."""

        def fit(self, panel: DemandPanel) -> "DiesOnce":
            if "e" in panel.items and not killed.exists():
                killed.touch()
                os._exit(1)
            return super().fit(panel)

    spread = scale.forecast(panel(), folder=tmp_path, model=registered(DiesOnce), horizon_days=7, paths=30)
    assert killed.exists()
    np.testing.assert_array_equal(spread.paths, run.forecast(panel(), model="seasonal_naive", horizon_days=7, paths=30).paths)


def test_a_piece_that_fails_twice_is_named_and_the_others_are_kept(
    cluster: None, tmp_path: Path, registered: Callable[[type], str]
) -> None:
    """The message has the items, the reason and the folder; once the reason is gone, only that piece is forecast."""
    tries, mended = tmp_path / "tries", tmp_path / "mended"

    class Fails(SeasonalNaive):
        """Cannot forecast the item e."""

        def fit(self, panel: DemandPanel) -> "Fails":
            if "e" in panel.items and not mended.exists():
                with tries.open("a") as file:
                    file.write("x")
                raise ArithmeticError("e is beyond me")
            return super().fit(panel)

    name = registered(Fails)
    with pytest.raises(ToolFailed, match=r"1 of 4 pieces .* items 3 to 5 \('c' to 'e'\): ArithmeticError: e is beyond me"):
        scale.forecast(panel(), folder=tmp_path / "kept", model=name, horizon_days=7, paths=30)
    assert tries.read_text() == "xx"
    assert len(list((tmp_path / "kept").glob("piece-*.npz"))) == 3
    mended.touch()
    assert scale.forecast(panel(), folder=tmp_path / "kept", model=name, horizon_days=7, paths=30).items == panel().items


def test_work_that_is_stopped_keeps_what_is_finished(cluster: None, tmp_path: Path) -> None:
    """An exception from the progress callback ends the work at once; the next call begins where it stood."""

    def stop(share: float, _: str) -> None:
        if share >= 0.25:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scale.forecast(panel(), folder=tmp_path, model="croston", horizon_days=7, paths=30, progress=stop)
    kept = len(list(tmp_path.glob("piece-*.npz")))
    told: list[float] = []
    scale.forecast(
        panel(), folder=tmp_path, model="croston", horizon_days=7, paths=30, progress=lambda share, _: told.append(share)
    )
    assert 1 <= kept < 4
    assert told[0] == kept / 4
    assert told[-1] == 1.0


def test_nothing_listens_to_other_machines(cluster: None) -> None:
    """Every port that Ray opens is on the loopback interface."""
    import ray

    session = ray._private.worker._global_node.get_session_dir_path()
    ours = [p for p in psutil.process_iter(["cmdline"]) if any(session in part for part in p.info["cmdline"] or ())]
    open_to = {c.laddr.ip for p in ours for c in p.net_connections("inet") if c.status == psutil.CONN_LISTEN}
    assert len(ours) >= 3
    assert open_to <= {"127.0.0.1", "::1", "::ffff:127.0.0.1"}


def test_without_ray_the_operator_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing package is a setup error with the command that puts it right."""
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(SetupError, match=r"pip install 'parstock\[scale\]'"):
        scale.forecast(panel(), folder=tmp_path, model="croston")


def test_no_workers_are_refused(tmp_path: Path) -> None:
    """The message names the field and the value."""
    with pytest.raises(InputError, match="workers is 0"):
        scale.forecast(panel(), folder=tmp_path, workers=0)

"""Forecasts as files, and digests of what they were made from."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from forecasting.files import item_digests, load, load_notes, save
from parstock.domain import DemandPanel, Forecast, KnownAhead


def made() -> Forecast:
    """A forecast with every field filled."""
    return Forecast(
        items=("a", "b"),
        start=date(2025, 6, 1),
        paths=np.random.default_rng(0).random((2, 5, 3), dtype=np.float32),
        models=("ets", "ets"),
        status=("ok", "no_recent_demand"),
        reasons=("why", "why not"),
        scores={"ets": np.array([0.5, np.nan])},
        reasons_zh=("因为", "没有销量"),
        effects={"promotion": np.ones((2, 3)), "event": np.zeros((2, 3))},
    )


def test_every_field_comes_back(tmp_path: Path) -> None:
    """Chinese reasons and effects of drivers too, and the notes beside them; nothing else is left in the folder."""
    save(made(), tmp_path / "one.npz", {"told": np.array(["x", "y"])})
    back = load(tmp_path / "one.npz")

    assert back is not None
    for name in ("items", "start", "models", "status", "reasons", "reasons_zh"):
        assert getattr(back, name) == getattr(made(), name)
    np.testing.assert_array_equal(back.paths, made().paths)
    np.testing.assert_array_equal(back.scores["ets"], made().scores["ets"])
    assert list(back.effects) == ["promotion", "event"]
    np.testing.assert_array_equal(back.effects["promotion"], np.ones((2, 3)))
    assert {name: texts.tolist() for name, texts in load_notes(tmp_path / "one.npz").items()} == {"told": ["x", "y"]}
    assert [path.name for path in tmp_path.iterdir()] == ["one.npz"]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_file_cut_short_is_no_forecast(tmp_path: Path, share: float) -> None:
    """Wherever the file ends, nothing is read from it and nothing is raised."""
    path = tmp_path / "one.npz"
    save(made(), path)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    assert load(path) is None
    assert load_notes(path) == {}


def test_a_flipped_byte_in_the_paths_is_noticed(tmp_path: Path) -> None:
    """Every number is under a checksum."""
    path = tmp_path / "one.npz"
    save(made(), path)
    data = bytearray(path.read_bytes())
    at = data.index(made().paths.tobytes()) + 17
    data[at] ^= 1
    path.write_bytes(data)
    assert load(path) is None


def panel() -> DemandPanel:
    """Two items with everything that a panel can know."""
    return DemandPanel(
        ("a", "b"),
        date(2025, 1, 1),
        np.ones((2, 9)),
        in_stock=np.ones((2, 9), dtype=bool),
        price=np.ones((2, 9)),
        promotion=np.zeros((2, 9), dtype=bool),
        covariates={"rain": np.zeros((2, 9))},
        ahead=KnownAhead(np.ones((2, 3)), np.zeros((2, 3), dtype=bool), {"rain": np.zeros((2, 3))}),
        groups=("x", "y"),
        countries=("GB",),
    )


@pytest.mark.parametrize(
    "what", ["demand", "in_stock", "price", "promotion", "rain", "price ahead", "promotion ahead", "rain ahead"]
)
def test_a_digest_changes_with_its_own_row_only(what: str) -> None:
    """One changed number of an item changes its digest and no other's."""
    changed = panel()
    name, _, ahead = what.partition(" ")
    holder = changed.ahead if ahead else changed
    values = holder.covariates[name] if name == "rain" else getattr(holder, name)  # type: ignore[union-attr]
    values[1, 2] = not values[1, 2] if values.dtype == bool else 7.0
    before, after = item_digests(panel()), item_digests(changed)

    assert before[0] == after[0]
    assert before[1] != after[1]


def test_a_digest_is_of_what_all_items_share_too() -> None:
    """Another first day, another country, another category: another digest; the place in the panel does not matter."""
    before = item_digests(panel())
    assert item_digests(panel().rows([1, 0])).tolist() == before[::-1].tolist()
    assert (item_digests(replace(panel(), start=date(2025, 1, 2))) != before).all()
    assert (item_digests(replace(panel(), countries=("US",))) != before).all()
    assert (item_digests(replace(panel(), groups=("x", "z"))) != before).tolist() == [False, True]
    assert len(set(before.tolist())) == 2

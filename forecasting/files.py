"""Forecasts as files of plain arrays, and digests that say what they were made from. No object is ever pickled."""

import hashlib
import logging
import os
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias, cast, get_args
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from parstock.domain import DemandPanel, Driver, Forecast, ForecastStatus

log = logging.getLogger(__name__)

Texts: TypeAlias = NDArray[np.str_]
_DAMAGED = (OSError, ValueError, KeyError, IndexError, EOFError, BadZipFile)
"""What reading a file that is cut short, overwritten, or of another kind raises."""
_NOTE, _ROWS = "note ", " of rows"


def save(forecast: Forecast, path: Path, notes: Mapping[str, Texts] | None = None) -> None:
    """Write a forecast as plain arrays; the file appears whole or not at all, whoever else writes it.

    Args:
        forecast: What to keep.
        path: Where; its folder is made.
        notes: Arrays of text to keep beside it, for `load_notes`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        with unfinished.open("wb") as file:
            np.savez(
                file,
                allow_pickle=False,
                items=_texts(forecast.items),
                start=_texts([forecast.start.isoformat()]),
                paths=forecast.paths,
                **_packed("models", _texts(forecast.models)),
                **_packed("status", _texts(forecast.status)),
                **_packed("reasons", _texts(forecast.reasons)),
                **_packed("reasons_zh", _texts(forecast.reasons_zh)),
                scored=_texts(tuple(forecast.scores)),
                scores=np.array(tuple(forecast.scores.values()), dtype=np.float64),
                drivers=_texts(tuple(forecast.effects)),
                effects=np.array(tuple(forecast.effects.values()), dtype=np.float64),
                **{
                    key: value for name, texts in (notes or {}).items() for key, value in _packed(f"{_NOTE}{name}", texts).items()
                },
            )
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def load(path: Path) -> Forecast | None:
    """Read a forecast that `save` wrote; None where there is none or the file is damaged."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return Forecast(
                items=tuple(stored["items"].tolist()),
                start=date.fromisoformat(stored["start"].tolist()[0]),
                paths=stored["paths"],
                models=tuple(_unpacked(stored, "models").tolist()),
                status=tuple(_status(text) for text in _unpacked(stored, "status").tolist()),
                reasons=tuple(_unpacked(stored, "reasons").tolist()),
                scores=dict(zip(stored["scored"].tolist(), stored["scores"], strict=True)),
                reasons_zh=tuple(_unpacked(stored, "reasons_zh").tolist()),
                effects=dict(zip((_driver(text) for text in stored["drivers"].tolist()), stored["effects"], strict=True)),
            )
    except FileNotFoundError:
        return None
    except _DAMAGED as error:
        log.warning("the kept forecast %s cannot be read (%s); it is made anew", path, error)
        return None


def load_notes(path: Path) -> dict[str, Texts]:
    """Read the texts that `save` wrote beside a forecast; nothing where there is no such file or it is damaged."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            names = [name for name in stored.files if name.startswith(_NOTE) and f"{name}{_ROWS}" in stored.files]
            return {name.removeprefix(_NOTE): _unpacked(stored, name) for name in names}
    except _DAMAGED:
        return {}


def item_digests(panel: DemandPanel) -> Texts:
    """Return [N] a digest of all that is known of each item, past and ahead; equal where the rows are."""
    common = f"{panel.start.isoformat()} {','.join(panel.countries)}".encode()
    rows = {name: np.ascontiguousarray(values) for name, values in _arrays(panel)}
    groups = panel.groups or ("",) * len(panel.items)
    digests = []
    for row, (item, group) in enumerate(zip(panel.items, groups, strict=True)):
        digest = hashlib.blake2b(common, digest_size=12)
        digest.update(f"\0{item}\0{group}".encode())
        for name, values in rows.items():
            digest.update(f"\0{name} {values.dtype.str} {values.shape[1]}\0".encode())
            digest.update(values[row].tobytes())
        digests.append(digest.hexdigest())
    return _texts(digests)


def digest_of(*parts: object) -> str:
    """Return a name for what something is made from: the digest of the parts' texts."""
    return hashlib.blake2b("\0".join(map(str, parts)).encode(), digest_size=12).hexdigest()


def _arrays(panel: DemandPanel) -> Iterator[tuple[str, NDArray[np.generic]]]:
    """Every [N, days] array of a panel by a name of its own."""
    ahead = panel.ahead
    named: dict[str, NDArray[np.generic] | None] = {
        "demand": panel.demand,
        "in_stock": panel.in_stock,
        "price": panel.price,
        "promotion": panel.promotion,
        "price ahead": None if ahead is None else ahead.price,
        "promotion ahead": None if ahead is None else ahead.promotion,
        **{f"of {name}": values for name, values in sorted(panel.covariates.items())},
        **({} if ahead is None else {f"of {name} ahead": values for name, values in sorted(ahead.covariates.items())}),
    }
    return ((name, values) for name, values in named.items() if values is not None)


def _packed(name: str, texts: Texts) -> dict[str, NDArray[np.generic]]:
    """Each text once, and which one every row has: items share most of their sentences."""
    different, rows = np.unique(texts, return_inverse=True)
    return {name: different, f"{name}{_ROWS}": rows.astype(np.int32)}


def _unpacked(stored: Mapping[str, NDArray[Any]], name: str) -> Texts:
    return np.asarray(stored[name][stored[f"{name}{_ROWS}"]], dtype=np.str_)


def _texts(texts: "tuple[str, ...] | list[str]") -> Texts:
    return np.array(texts, dtype=np.str_)


def _status(text: str) -> ForecastStatus:
    if text not in get_args(ForecastStatus):
        raise ValueError(f"unknown forecast status {text!r}")
    return cast(ForecastStatus, text)


def _driver(text: str) -> Driver:
    if text not in get_args(Driver):
        raise ValueError(f"unknown driver {text!r}")
    return cast(Driver, text)

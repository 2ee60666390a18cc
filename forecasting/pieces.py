"""A big panel cut into pieces: each is forecast by itself, anywhere and in any order, with the same result. Runs nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Protocol, Self, runtime_checkable

import numpy as np

from forecasting.base import VERSION, Forecaster, Paths, Progress, check_sizes
from forecasting.files import digest_of, item_digests, load, save
from forecasting.history import recorded
from parstock.domain import DemandPanel, Driver, Floats, Forecast, ForecastStatus

MOST_MISSING_DAYS = 90
"""Where the records end longer ago than this, nothing is forecast."""


@dataclass(frozen=True, eq=False, slots=True)
class Piece:
    """Some items of a panel and all that is needed to forecast them: the unit of learning, of memory, and of a cluster."""

    number: int
    first: int
    """Row of its first item in the whole panel."""
    panel: DemandPanel
    """What is known of its items, up to the last recorded day."""
    model: str
    missing_days: int
    """Days between the last recorded one and the first to forecast."""
    horizon_days: int
    paths: int
    seed: int

    @property
    def label(self) -> str:
        """Its items as a message names them."""
        items = self.panel.items
        return f"items {self.first + 1} to {self.first + len(items)} ({items[0]!r} to {items[-1]!r})"

    def forecast(self, make: Callable[[], Forecaster], report: Progress | None = None) -> Forecast:
        """Learn and sample; the days that are missing are forecast through and left out.

        Args:
            make: Makes the forecaster of the piece's model.
            report: Told the share done, by forecasters whose fit takes long.
        """
        forecaster = make()
        if isinstance(forecaster, _Reports):
            forecaster.progress = report
        made = forecaster.fit(self.panel).predict(self.missing_days + self.horizon_days, paths=self.paths, seed=self.seed)
        return Forecast(
            items=made.items,
            start=made.start + timedelta(days=self.missing_days),
            paths=made.paths[:, :, self.missing_days :],
            models=made.models,
            status=made.status,
            reasons=made.reasons,
            scores=made.scores,
            reasons_zh=made.reasons_zh,
            effects={driver: units[:, self.missing_days :] for driver, units in made.effects.items()},
        )

    def file(self, folder: Path) -> Path:
        """Where the finished piece is kept; the name changes with the data, the model, the sizes and the seed."""
        made_from = (self.model, self.missing_days, self.horizon_days, self.paths, self.seed, VERSION)
        return folder / f"piece-{self.number:05d}-{digest_of(*item_digests(self.panel).tolist(), *made_from)}.npz"

    def load(self, folder: Path) -> Forecast | None:
        """The finished piece that `save` kept; None where there is none or its file is damaged."""
        made = load(self.file(folder))
        whole = (len(self.panel.items), self.paths, self.horizon_days)
        return made if made is not None and made.items == self.panel.items and made.paths.shape == whole else None

    def save(self, made: Forecast, folder: Path) -> None:
        """Keep the finished piece."""
        save(made, self.file(folder))


@runtime_checkable
class _Reports(Protocol):
    """A forecaster whose fit takes long enough to say how far it is."""

    progress: Progress | None


@dataclass(frozen=True, eq=False, slots=True)
class Job:
    """A panel to forecast, and how."""

    panel: DemandPanel
    known: DemandPanel
    """The panel up to the last recorded day."""
    model: str
    horizon_days: int
    paths: int
    seed: int
    bounds: tuple[int, ...]
    """Rows at which pieces begin, and the number of items."""

    @classmethod
    def of(cls, panel: DemandPanel, model: str, horizon_days: int, paths: int, seed: int, items_at_once: int) -> Self:
        """Plan the work.

        Raises:
            InputError: A size is not positive.
        """
        check_sizes(horizon_days, paths)
        count = len(panel.items)
        pieces = max(1, -(-count // items_at_once))
        bounds = tuple(count * piece // pieces for piece in range(pieces + 1))
        return cls(panel, recorded(panel), model, horizon_days, paths, seed, bounds)

    @property
    def missing_days(self) -> int:
        """Days between the last recorded one and the first to forecast."""
        return self.panel.days - self.known.days

    @property
    def is_refused(self) -> bool:
        """Whether the records end too long ago."""
        return self.missing_days > MOST_MISSING_DAYS

    def __len__(self) -> int:
        """Number of pieces."""
        return len(self.bounds) - 1

    def pieces(self) -> Iterator[Piece]:
        """Cut the pieces, one when it is asked for: each is a copy of its rows."""
        return (self.piece(number) for number in range(len(self)))

    def piece(self, number: int) -> Piece:
        """Cut one piece."""
        first, last = list(pairwise(self.bounds))[number]
        rows = self.known.rows(list(range(first, last)))
        return Piece(number, first, rows, self.model, self.missing_days, self.horizon_days, self.paths, self.seed + number)

    def remarks(self) -> tuple[str, str]:
        """Say in English and Chinese where the records end before the forecast starts; empty where they do not."""
        if not self.missing_days:
            return "", ""
        last = self.known.as_of - timedelta(days=1)
        return (
            f"sales are recorded only until {last} (days missing: {self.missing_days})",
            f"销售记录只到{last}（缺少{self.missing_days}天）",
        )

    def refused(self) -> Forecast:
        """No forecast of any item, and why."""
        en, zh = self.remarks()
        count = len(self.panel.items)
        status: list[ForecastStatus] = ["insufficient_data"] * count
        return Forecast(
            items=self.panel.items,
            start=self.panel.as_of,
            paths=np.zeros((count, self.paths, self.horizon_days), dtype=np.float32),
            models=(self.model,) * count,
            status=tuple(status),
            reasons=(f"{en}; at most {MOST_MISSING_DAYS} may be missing",) * count,
            reasons_zh=(f"{zh}，最多允许缺少{MOST_MISSING_DAYS}天",) * count,
        )


@dataclass(eq=False, slots=True)
class Joined:
    """The forecast of a whole job, filled piece by piece in order; paths are copied once and their piece let go."""

    job: Job
    paths: Paths
    """[N, S, H] to fill: memory, or a file mapped into it."""
    _parts: list[Forecast] = field(default_factory=list)

    def add(self, piece: Piece, made: Forecast) -> None:
        """Take in the next piece."""
        self.paths[piece.first : piece.first + len(made.items)] = made.paths
        self._parts.append(
            Forecast(
                items=made.items,
                start=made.start,
                paths=np.zeros((len(made.items), 0, 0), dtype=np.float32),
                models=made.models,
                status=made.status,
                reasons=made.reasons,
                scores=made.scores,
                reasons_zh=made.reasons_zh,
                effects=made.effects,
            )
        )

    def forecast(self) -> Forecast:
        """The whole, once every piece is in."""
        parts, (en, zh) = self._parts, self.job.remarks()
        every_zh = all(len(part.reasons_zh) == len(part.items) for part in parts)
        return Forecast(
            items=self.job.panel.items,
            start=self.job.panel.as_of,
            paths=self.paths,
            models=tuple(name for part in parts for name in part.models),
            status=tuple(status for part in parts for status in part.status),
            reasons=tuple(f"{reason}; {en}" if en else reason for part in parts for reason in part.reasons),
            scores=_joined_scores(parts),
            reasons_zh=tuple(f"{why}；{zh}" if zh else why for part in parts for why in part.reasons_zh) if every_zh else (),
            effects=_joined_effects(parts, self.job.horizon_days),
        )


def _joined_scores(parts: list[Forecast]) -> dict[str, Floats]:
    names = sorted({name for part in parts for name in part.scores})
    return {name: np.concatenate([part.scores.get(name, np.full(len(part.items), np.nan)) for part in parts]) for name in names}


def _joined_effects(parts: list[Forecast], horizon_days: int) -> dict[Driver, Floats]:
    drivers = sorted({driver for part in parts for driver in part.effects})
    none = {len(part.items): np.zeros((len(part.items), horizon_days)) for part in parts}
    return {driver: np.concatenate([part.effects.get(driver, none[len(part.items)]) for part in parts]) for driver in drivers}

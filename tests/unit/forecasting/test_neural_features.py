"""What a network is told of a panel: nothing of the future, and unknown days as unknown."""

from datetime import date

import numpy as np
import torch

from forecasting.covariates import Covariates
from forecasting.history import History
from forecasting.neural.features import Vocabulary, features
from forecasting.neural.windows import CONTEXT_DAYS, Batch, Panel, Sizes
from parstock.domain import DemandPanel, Floats, KnownAhead

START, DAYS, HORIZON = date(2024, 1, 1), 160, 28


def demand(items: int = 5) -> Floats:
    """Counts of different pace."""
    return np.random.default_rng(0).poisson(np.geomspace(0.3, 40, items)[:, None], (items, DAYS)).astype(float)


def told(units: Floats, **known: object) -> tuple[Panel, Vocabulary]:
    """A panel as a network sees it."""
    panel = DemandPanel(tuple(f"i{row}" for row in range(len(units))), START, units, **known)  # type: ignore[arg-type]
    history = History.of(panel)
    covariates = Covariates.of_history(history, HORIZON)
    words = Vocabulary.of(history, covariates)
    return Panel(features(history, covariates, words, 14), torch.device("cpu")), words


def window(panel: Panel, origin: int, until: int | None = None) -> Batch:
    """All items at one origin."""
    rows = torch.arange(panel.items)
    return panel.batch(rows, torch.full_like(rows, origin), HORIZON, until=until)


def test_an_origin_knows_nothing_of_its_future() -> None:
    """Demand on and after the origin changes nothing that the network is fed, only what it is judged by."""
    units, other = demand(), demand()
    other[:, 120:] = 3 * other[:, 120:] + 1
    first, second = (window(told(values)[0], 120, DAYS) for values in (units, other))
    for name in ("days", "origin", "target", "log_usual", "scale"):
        torch.testing.assert_close(getattr(first, name), getattr(second, name))
    assert not torch.equal(first.demand, second.demand)


def test_sizes_agree_with_batches() -> None:
    """The widths that a network is built for are those it is fed, with every kind of covariate."""
    units = demand()
    price = np.where(np.arange(DAYS) % 30 < 5, 8.0, 10.0) * np.ones_like(units)
    panel, words = told(
        units,
        price=price,
        promotion=price < 9,
        covariates={"rain": np.random.default_rng(1).random(units.shape)},
        groups=("a", "b", "a", "b", "a"),
        ahead=KnownAhead(price[:, :HORIZON], price[:, :HORIZON] < 9, {"rain": np.ones((5, HORIZON))}),
    )
    sizes, batch = Sizes.of(words), window(panel, DAYS)
    assert words.own == 3
    assert batch.days.shape == (5, CONTEXT_DAYS, sizes.daily)
    assert batch.origin.shape == (5, 1, sizes.origin)
    assert batch.target.shape == (5, 1, HORIZON, sizes.target)
    assert batch.group.tolist() == [1, 2, 1, 2, 1]
    assert sizes.groups == 3


def test_a_group_never_seen_is_unknown() -> None:
    """Items of other groups, or of none, get the embedding of the unknown."""
    history = History.of(DemandPanel(("x", "y"), START, demand(2), groups=("new", "a")))
    covariates = Covariates.of_history(history, HORIZON)
    words = Vocabulary(groups=("a",), price=False, promotion=False, year=False, extra={})
    assert features(history, covariates, words, 14).group.tolist() == [0, 1]


def test_unknown_days_are_masked() -> None:
    """A day without a record has a zero in the mask that the encoder reads and in the loss."""
    units = demand()
    units[:, 100] = units[:, 130] = np.nan
    batch = window(told(units)[0], 120, DAYS)
    assert not batch.days[:, CONTEXT_DAYS - 20, :3].any()
    assert batch.days[:, CONTEXT_DAYS - 19, 1].all()
    assert not batch.known[:, 10].any()
    assert batch.known[:, 9].all()


def test_days_after_the_end_are_not_in_the_loss() -> None:
    """Only days before `until` are judged, and origins before an item's first sale are not judged at all."""
    units = demand()
    units[0, :100] = np.nan
    panel = told(units)[0]
    batch = window(panel, 110, 120)
    assert batch.known[1:].sum(dim=1).tolist() == [10.0] * 4
    assert not batch.known[0].any()
    assert int(panel.first_origin[0]) >= 114

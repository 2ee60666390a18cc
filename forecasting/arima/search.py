"""The search for each item's order, and the fit of the one found: all items of one season length side by side.

A funnel in place of Hyndman and Khandakar's walk from neighbour to neighbour, which has to wait for each answer: every
candidate is tried by two regressions, the best dozen are fitted by conditional likelihood, the best few of those by exact
likelihood, and AICc decides.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from forecasting.arima.differences import choose_differences, differenced, inside
from forecasting.arima.estimate import Measure, minimise
from forecasting.arima.filters import impulse, multiply
from forecasting.arima.likelihood import Batch, conditional, exact, scores
from forecasting.arima.orders import MOST_DIFFERENCED_FOR_MEAN, ROOM_FACTOR, candidates
from forecasting.arima.polynomials import Degrees, parameters_of, partial_correlations, polynomials
from forecasting.arima.screen import regress, room
from forecasting.arima.series import MOST_GAPS, Series
from forecasting.arima.simulate import Model

SCREENED, FINALISTS = 12, 3
"""Candidates an item that are fitted by conditional likelihood, and of these by exact likelihood."""
SCREEN_ROUNDS, FINAL_ROUNDS, POLISH_ROUNDS = 5, 8, 12
"""Most steps of a fit by conditional likelihood, by exact likelihood, and of the winner's."""
TOLERANCE, POLISH_TOLERANCE = 1e-2, 1e-4
"""Gain of log-likelihood below which a fit is done."""
ROWS_AT_ONCE = 192
"""Models fitted together: enough to spread the cost of a call, few enough for the processor's cache."""
GAP_CLASSES = (0, 4, 16)
"""Models with up to so many gaps are fitted together."""
GAPS_LIKE_A_SEASON = 16
"""So many gaps take as much memory as the rest of a model."""
MOST_PARTIAL_CORRELATION = 0.999
"""A model with a partial correlation beyond this is not chosen: at a unit root the differences are wrong, not the order."""


@dataclass(frozen=True, eq=False, slots=True)
class Fits:
    """R models, each of one order for one item."""

    items: Tensor
    """[R] row of the series."""
    orders: Tensor
    """[R, 4] p, q, P, Q."""
    constant: Tensor
    """[R] 1 with a mean, 0 without."""
    parameters: Tensor
    """[R, k] laid out as in `screen.room`."""
    log_likelihood: Tensor
    """[R]"""

    def take(self, index: Tensor) -> "Fits":
        """Some models only."""
        return Fits(
            self.items[index], self.orders[index], self.constant[index], self.parameters[index], self.log_likelihood[index]
        )


@dataclass(frozen=True, eq=False, slots=True)
class Stationary:
    """N series, differenced, in units of their own standard deviation."""

    series: Series
    differences: Tensor
    """[N] d"""
    seasonal: Tensor
    """[N] D"""
    values: Tensor
    """[N, T] zeros from each row's end on."""
    days: Tensor
    """[N] length of each row."""
    scale: Tensor
    """[N] units of demand in one of `values`."""
    centre: Tensor
    """[N] mean of `values`."""

    @property
    def lost(self) -> Tensor:
        """[N] days lost to differencing."""
        return self.differences + self.series.season * self.seasonal

    @property
    def observed(self) -> Tensor:
        """[N] days of `values` on which demand is known; a gap among the days lost to differencing stays filled."""
        return self.days - (self.series.gaps >= self.lost.unsqueeze(1)).sum(dim=1)

    @classmethod
    def of(cls, series: Series, differences: Tensor, seasonal: Tensor) -> "Stationary":
        """Difference each row d and D times."""
        values, days = differenced(series.values, series.days, differences, seasonal, series.season)
        count = days.clamp_min(1).to(values.dtype)
        centre = values.sum(dim=1) / count
        scale = ((values.square().sum(dim=1) / count) - centre.square()).clamp_min(0).sqrt()
        scale = torch.where(scale > 1e-9 * centre.abs().clamp_min(1e-9), scale, centre.abs().clamp_min(1.0))
        return cls(series, differences, seasonal, values / scale.unsqueeze(1), days, scale, centre / scale)

    def batch(self, fits: Fits, *, gaps: bool) -> tuple[Batch, Tensor]:
        """Lay models out to be fitted, means taken off; with it the places of `room` that the batch has, [k]."""
        width = int(self.days[fits.items].max())
        p, q, seasonal_p, seasonal_q = fits.orders.amax(dim=0).tolist()
        degrees = Degrees(p, q, seasonal_p, seasonal_q, self.series.season)
        within = inside(self.days[fits.items], width)
        centre = (self.centre[fits.items] * fits.constant).unsqueeze(1)
        used = used_places(fits.orders, self.series.season)
        columns = _columns(degrees, used.device)
        missing = self.series.gaps[fits.items] if gaps else self.series.gaps[fits.items, :0]
        missing = missing - self.lost[fits.items].unsqueeze(1)
        missing = missing[:, (missing >= 0).any(dim=0)]
        batch = Batch(
            series=(self.values[fits.items, :width] - centre) * within,
            inside=within,
            used=used[:, columns],
            constant=fits.constant,
            gaps=missing.clamp_min(-1),
            differencing=self.differencing(fits.items, width) if missing.shape[1] else within,
            degrees=degrees,
        )
        return batch, columns

    def differencing(self, items: Tensor, width: int) -> Tensor:
        """[R, width] coefficients of (1 - B)^d (1 - B^s)^D."""
        one = impulse(items.shape[0], width, self.values)
        for lag, taken in [(self.series.season, self.seasonal > 0), (1, self.differences > 0), (1, self.differences > 1)]:
            one = multiply(one, -taken[items].to(one.dtype).unsqueeze(1), lag)
        return one


def search(series: Series) -> tuple[Stationary, Fits, Tensor, Tensor]:
    """Find each item's order and fit it.

    Returns:
        The differenced series, the best model of each item in the items' order, [N] its AICc, and [N] the number of orders
        that competed.
    """
    data = Stationary.of(series, *choose_differences(series.values, series.days, series.season))
    table = torch.tensor(candidates(series.season), device=series.values.device)
    screened, competed = regressed(data, table)
    shortlist = best(data, estimate(data, screened, conditional, SCREEN_ROUNDS, TOLERANCE), FINALISTS)
    finalists = estimate(data, _with_drift(data, shortlist), scores, FINAL_ROUNDS, TOLERANCE)
    chosen = estimate(data, best(data, finalists, 1), scores, POLISH_ROUNDS, POLISH_TOLERANCE)
    return data, chosen, criterion(data, chosen), competed


def estimate(data: Stationary, fits: Fits, measure: Measure, rounds: int, tolerance: float) -> Fits:
    """Maximise the likelihood of every model from its parameters on."""
    parameters, value = fits.parameters.clone(), fits.log_likelihood.clone()
    for rows in _alike(data, fits):
        batch, columns = data.batch(fits.take(rows), gaps=measure is scores)
        found, lost = minimise(batch, parameters[rows][:, columns], measure, rounds, tolerance)
        parameters[rows[:, None], columns] = found
        value[rows] = -lost
    return Fits(fits.items, fits.orders, fits.constant, parameters, value)


def criterion(data: Stationary, fits: Fits) -> Tensor:
    """[R] AICc: Hurvich and Tsai 1989, Biometrika 76; of demand in its own units."""
    days = data.observed[fits.items]
    count = fits.orders.sum(dim=1) + fits.constant + 1
    likelihood = fits.log_likelihood - days * torch.log(data.scale[fits.items])
    correction = 2 * count * (count + 1) / (days - count - 1).clamp_min(1)
    return -2 * likelihood + 2 * count + correction


def best(data: Stationary, fits: Fits, number: int) -> Fits:
    """The models of each item with the lowest AICc, `number` of each, sorted by item; ones next to a unit root come last."""
    partial = partial_correlations(fits.parameters) * used_places(fits.orders, data.series.season)
    at_root = partial.abs().amax(dim=1) > MOST_PARTIAL_CORRELATION
    cost = criterion(data, fits) + 1e9 * at_root
    turn = torch.argsort(cost, stable=True)
    turn = turn[torch.argsort(fits.items[turn], stable=True)]
    items = fits.items[turn]
    first = torch.searchsorted(items, items, right=False)
    rank = torch.arange(items.shape[0], device=items.device) - first
    return fits.take(turn[rank < number])


def used_places(orders: Tensor, season: int) -> Tensor:
    """[R, k] 1 for each place of `screen.room` that an order of [R, 4] has a coefficient for."""
    places = room(season).places
    number = torch.cat([torch.arange(size) for size in places]).to(orders.device)
    block = torch.cat([torch.full((size,), i) for i, size in enumerate(places)]).to(orders.device)
    return (number < orders[:, block]).to(torch.float64)


def _alike(data: Stationary, fits: Fits) -> list[Tensor]:
    """Models to fit together: a batch has room for its longest lag and its most gaps, which all of it pay for."""
    gaps = (data.series.gaps >= 0).sum(dim=1)[fits.items]
    few = torch.tensor(GAP_CLASSES, device=gaps.device)
    kind = torch.searchsorted(few, gaps)
    weights = torch.tensor([1, 4, 16, 64], device=gaps.device)
    turn = torch.argsort(kind * 4 * int(weights[-1]) + (fits.orders * weights).sum(dim=1), stable=True)
    return [
        rows
        for number, most in enumerate((*GAP_CLASSES, MOST_GAPS))
        for rows in torch.split(turn[kind[turn] == number], ROWS_AT_ONCE // (1 + most // GAPS_LIKE_A_SEASON))
        if rows.numel()
    ]


def regressed(data: Stationary, table: Tensor) -> tuple[Fits, Tensor]:
    """Try every candidate by regression; keep each item's best, with parameters to start from, and count the tried."""
    season = data.series.season
    used = used_places(table, season)
    constant = (data.differences + data.seasonal == 0).to(torch.float64)
    within = inside(data.days, data.values.shape[1])
    centred = (data.values - (data.centre * constant).unsqueeze(1)) * within
    parts = [
        regress(part, mask, used, season)
        for part, mask in zip(torch.split(centred, ROWS_AT_ONCE), torch.split(within, ROWS_AT_ONCE), strict=True)
    ]
    coefficients, squares = (torch.cat(part) for part in zip(*parts, strict=True))
    days = data.days.clamp_min(1).unsqueeze(1)
    memory = torch.maximum(table[:, 0] + season * table[:, 2], table[:, 1] + season * table[:, 3])
    count = table.sum(dim=1) + constant.unsqueeze(1) + 1
    cost = days * torch.log(squares.clamp_min(1e-300) / days) + 2 * count * days / (days - count - 1).clamp_min(1)
    fits_in = ROOM_FACTOR * memory <= days
    cost = torch.where(fits_in, cost, torch.inf)
    order = torch.argsort(cost, dim=1, stable=True)[:, :SCREENED]
    kept = torch.isfinite(torch.gather(cost, 1, order))
    items, position = torch.nonzero(kept, as_tuple=True)
    place = order[items, position]
    fits = Fits(
        items=items,
        orders=table[place],
        constant=constant[items],
        parameters=parameters_of(coefficients[items, place], used[place], room(season)),
        log_likelihood=torch.zeros_like(data.centre)[items],
    )
    return fits, fits_in.sum(dim=1)


def _with_drift(data: Stationary, fits: Fits) -> Fits:
    """The models, and each item's first once more with a drift where one difference was taken."""
    first = torch.ones_like(fits.items, dtype=torch.bool)
    first[1:] = fits.items[1:] != fits.items[:-1]
    again = torch.nonzero(first & ((data.differences + data.seasonal)[fits.items] == MOST_DIFFERENCED_FOR_MEAN)).squeeze(1)
    more = fits.take(again)
    return Fits(
        torch.cat([fits.items, more.items]),
        torch.cat([fits.orders, more.orders]),
        torch.cat([fits.constant, torch.ones_like(more.constant)]),
        torch.cat([fits.parameters, more.parameters]),
        torch.cat([fits.log_likelihood, more.log_likelihood]),
    )


def _columns(degrees: Degrees, device: torch.device) -> Tensor:
    """[k] places of `room` that lower degrees have too."""
    places = room(degrees.season).places
    firsts = [sum(places[:i]) for i in range(4)]
    found = [torch.arange(first, first + size) for first, size in zip(firsts, degrees.places, strict=True)]
    return torch.cat(found).to(device)


def conclude(data: Stationary, fits: Fits) -> Model:
    """Run the chosen model of each item, in the items' order, over its history."""
    series, (count, width) = data.series, data.values.shape
    innovations, values = torch.zeros_like(series.values), series.values.clone()
    mean = torch.zeros_like(data.centre)
    days = torch.arange(width, device=innovations.device)
    for rows in torch.split(torch.arange(count, device=innovations.device), ROWS_AT_ONCE):
        chosen = fits.take(rows)
        batch, columns = data.batch(chosen, gaps=True)
        found = exact(batch, chosen.parameters[:, columns])
        scale = data.scale[rows]
        mean[rows] = (found.mean + data.centre[rows] * chosen.constant) * scale
        errors = torch.zeros(rows.shape[0], width, dtype=torch.float64, device=rows.device)
        errors[:, : batch.series.shape[1]] = found.innovations * scale.unsqueeze(1)
        since = days - data.lost[rows].unsqueeze(1)
        innovations[rows] = torch.gather(errors, 1, since.clamp_min(0)) * (since >= 0)
        if batch.gaps.shape[1]:
            column = (batch.gaps + data.lost[rows].unsqueeze(1)).clamp_min(0)
            excess = found.missing * scale.unsqueeze(1) * (batch.gaps >= 0)
            values[rows] = values[rows].scatter_add(1, column, -excess)
    places = room(series.season)
    shape = polynomials(fits.parameters, used_places(fits.orders, series.season), places)
    return Model(shape, data.differences, data.seasonal, mean, values, innovations, data.lost, series.days)

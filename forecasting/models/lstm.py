"""LSTM: one recurrent network for all items, with counts as its likelihood."""

from typing import ClassVar

from forecasting.base import forecasters
from forecasting.neural.forecaster import NeuralForecaster


@forecasters.register("lstm")
class Lstm(NeuralForecaster):
    """Global probabilistic LSTM with static features of each item, covariates, and a common level along each path.

    Inputs in units of each item's own recent mean and the negative binomial are DeepAR's (Salinas, Flunkert, Gasthaus,
    Januschowski 2020, Int. J. Forecasting 36); all days of the horizon are decoded at once (Wen, Torkkola,
    Narayanaswamy, Madeka 2017), so that no path runs away on its own samples. See `forecasting.neural`.
    """

    name: ClassVar[str] = "lstm"

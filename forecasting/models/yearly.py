"""Croston and exponential smoothing that follow the time of year; for panels of two years and more."""

from typing import ClassVar

from forecasting.base import forecasters
from forecasting.season import FollowsYear


@forecasters.register("croston_yearly")
class CrostonYearly(FollowsYear):
    """`croston` times last year's pooled change at this time of year."""

    name: ClassVar[str] = "croston_yearly"
    base: ClassVar[str] = "croston"


@forecasters.register("ets_yearly")
class EtsYearly(FollowsYear):
    """`ets` times last year's pooled change at this time of year."""

    name: ClassVar[str] = "ets_yearly"
    base: ClassVar[str] = "ets"

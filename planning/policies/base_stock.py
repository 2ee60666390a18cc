"""Periodic review, order up to S: at every occasion raise the position to what lasts until the next order arrives."""

from dataclasses import dataclass

from planning.base import Levels, PlanInputs, empirical_quantile, policies, whole_units


@dataclass(frozen=True, slots=True)
class BaseStock:
    """S is the service-level quantile of demand over lead time + review period, read off the sample paths.

    Today's decision must last until an order placed at the *next* occasion arrives, one review period
    and one lead time from now. So an order is placed whenever the position is below S; a position between the
    reorder point and S that was left alone would meet the target only until an order placed today arrived.
    """

    name: str = "base_stock"

    def levels(self, inputs: PlanInputs) -> Levels:
        """Return S, and the reorder point as the same quantile of demand over the lead time alone."""
        up_to = whole_units(empirical_quantile(inputs.interval_demand, inputs.service_level))
        reorder_point = whole_units(empirical_quantile(inputs.lead_time_demand, inputs.service_level))
        return Levels(reorder_point, up_to, up_to, inputs.service_level)


policies.register("base_stock")(BaseStock())

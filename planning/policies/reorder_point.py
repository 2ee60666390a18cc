"""Continuous review, (s, Q): when the position falls to the reorder point s, order an economic quantity Q."""

from dataclasses import dataclass

import numpy as np

from parstock.domain import Floats
from planning.base import Levels, PlanInputs, empirical_quantile, policies, whole_units


def economic_order_quantity(order_cost: Floats | float, holding_cost: Floats | float, demand_rate: Floats | float) -> Floats:
    r"""Return Q* = sqrt(2 K lambda / h), which balances the cost of ordering against the cost of holding.

    Args:
        order_cost: K, money for each order.
        holding_cost: h, money for a unit held for a year, > 0 (0 gives 0: no economic quantity exists).
        demand_rate: lambda, units a year.

    Snyder & Shen, 2nd ed., Example 3.1:

    >>> round(float(economic_order_quantity(8, 0.225, 1300)), 3)
    304.047
    """
    ordering, holding, rate = np.broadcast_arrays(
        *(np.asarray(x, dtype=np.float64) for x in (order_cost, holding_cost, demand_rate))
    )
    squared = np.divide(2.0 * ordering * rate, holding, where=holding > 0, out=np.zeros(holding.shape))
    return np.asarray(np.sqrt(squared))


@dataclass(frozen=True, slots=True)
class ReorderPoint:
    """s is the service-level quantile of demand over the lead time; Q is the economic order quantity.

    Right where stock is watched every day. Then nothing is ordered while the position is above s.
    """

    name: str = "reorder_point"

    def levels(self, inputs: PlanInputs) -> Levels:
        """Return s, and s + Q as the level that an order raises the position to."""
        reorder_point = whole_units(empirical_quantile(inputs.lead_time_demand, inputs.service_level))
        quantity = economic_order_quantity(inputs.order_cost, inputs.holding_cost, 365.0 * inputs.daily_demand)
        up_to = reorder_point + np.maximum(whole_units(quantity), inputs.daily_demand > 0)
        return Levels(reorder_point, up_to, reorder_point + 1, inputs.service_level)


policies.register("reorder_point")(ReorderPoint())

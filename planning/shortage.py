"""How many units more a warehouse could sell, or can spare, on every future: sales that find no stock are lost.

Stock that loses sales is demand reflected at zero (Asmussen 2003, Applied Probability and Queues, ch. IX.2): what is lost is
the highest that net demand has climbed above the stock. So one number a future says everything about a further delivery or a
withdrawal: q units more save min(q, need) where the need is positive, q units fewer lose what they exceed the spare units by.
"""

import numpy as np
from numpy.typing import NDArray

from parstock.domain import Floats
from planning.demand import extend


def net_demand(paths: NDArray[np.float32], arrivals: Floats, days: int, seed: int) -> NDArray[np.float32]:
    """Return [N, S, days] units demanded less units arrived by the end of each day.

    Args:
        paths: [N, S, H] units demanded a day; continued by whole weeks where `days` goes beyond H.
        arrivals: [N, D] units that come in the morning of each day, D at least `days`.
        days: Days to look ahead, 1 or more.
        seed: Of demand beyond H.
    """
    total = np.cumsum(extend(paths, days, seed), axis=2, dtype=np.float32)
    total -= np.cumsum(arrivals[:, :days], axis=1, dtype=np.float32)[:, None, :]
    return total


def need(net: NDArray[np.float32], free: Floats, day: int) -> Floats:
    """Return [N, S] units that would be lost from `day` on, and that a delivery on its morning would sell; negative: spare ones.

    Args:
        net: [N, S, H] from `net_demand`.
        free: [N] units free to sell this morning.
        day: Day of the delivery, 0 for this morning, below H.

    Two are there, three are asked for today and two tomorrow: three more could be sold from today, two from tomorrow.

    >>> net = np.array([[[3.0, 5.0]]], dtype=np.float32)
    >>> need(net, np.array([2.0]), 0).tolist(), need(net, np.array([2.0]), 1).tolist()
    ([[3.0]], [[2.0]])
    """
    served = free[:, None]
    if day:
        served = np.maximum(served, net[:, :, :day].max(axis=2))
    return np.asarray(net[:, :, day:].max(axis=2) - served, dtype=np.float64)


def lost(needed: Floats, more: Floats) -> Floats:
    """Return [N] mean units lost when a warehouse gets `more` [N] units (or gives them up, where negative).

    >>> lost(np.array([[4.0, -3.0]]), np.array([1.0])), lost(np.array([[4.0, -3.0]]), np.array([-5.0]))
    (array([1.5]), array([5.5]))
    """
    return np.asarray(np.maximum(needed - more[:, None], 0.0).mean(axis=1))


def lost_by_day(paths: NDArray[np.float32], free: float, arrivals: Floats, first_day: int = 0) -> float:
    """Return mean units of one item lost from `first_day` on, lived through day by day: the second way to every figure above.

    Args:
        paths: [S, H] units demanded a day.
        free: Units free to sell this morning.
        arrivals: [H] units that come in the morning of each day.
        first_day: Losses of earlier days are not counted.
    """
    stock, total = np.full(paths.shape[0], float(free)), 0.0
    for day in range(paths.shape[1]):
        left = stock + arrivals[day] - paths[:, day]
        total += float(np.maximum(-left, 0.0).mean()) if day >= first_day else 0.0
        stock = np.maximum(left, 0.0)
    return total

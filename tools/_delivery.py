"""A delivery that is to be split over the warehouses, and what each may look forward to without it. Splits nothing."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parstock.domain import Floats, InboundOrder, Item
from parstock.errors import InputError, InsufficientData
from planning.allocation import Receivers
from planning.shortage import need, net_demand
from tools._network import ShopNetwork, shop_network
from tools.context import ToolContext
from tools.recent import recent_demand


@dataclass(frozen=True, eq=False, slots=True)
class Delivery:
    """What is split, and each warehouse's prospects without it."""

    item: Item
    quantity: int
    order: InboundOrder | None
    """The open order that it is; None for units that are there today."""
    shop: ShopNetwork
    """The item alone, without that order."""
    at: int
    """The warehouse with the goods."""
    days: NDArray[np.intp]
    """[W] days until a share is there."""
    until: NDArray[np.intp]
    """[W] days until the next receipt after it."""
    receivers: Receivers
    stock: Floats
    """[W] units expected to be free when the share comes."""
    shares: Floats
    """[W] units a day sold of late."""


def delivery_of(item: Item, quantity: int | None, context: ToolContext) -> Delivery:
    """What is to be split.

    Raises:
        InputError: No quantity is given and nothing is on order.
        InsufficientData: No warehouse or no sale is recorded.
    """
    if not context.shelf().warehouses:
        raise InsufficientData("no warehouse is recorded, so there is nothing to split over")
    order = next(iter(context.records.inbound([item.sku])), None) if quantity is None else None
    if order is None and quantity is None:
        raise InputError(f"nothing of {item.name} is on order; say how many units to allocate", field="quantity")
    shop = shop_network(context, [item], order.order_id if order else "")
    sold = np.array([recent_demand(context, item.sku, place.code) or 0.0 for place in shop.places])
    codes = [place.code for place in shop.places]
    at = codes.index(order.warehouse) if order else int(np.argmax(sold))
    ready = max(0, (order.due_on - shop.today).days) if order else 0
    return _prospects(item, order.quantity if order else int(quantity or 0), order, shop, at, ready, sold)


def _prospects(
    item: Item, quantity: int, order: InboundOrder | None, shop: ShopNetwork, at: int, ready: int, sold: Floats
) -> Delivery:
    """Look ahead in every warehouse from the day its share would come to its next receipt."""
    network, lanes, places = shop.network, shop.lanes, range(len(shop.places))
    days = np.array([ready + (0 if site == at else int(lanes.days[0, at, site])) for site in places], dtype=np.intp)
    width = max(network.arrivals.shape[2], int(days.max()) + 2)
    arrivals = np.zeros((len(shop.places), width))
    arrivals[:, : network.arrivals.shape[2]] = network.arrivals[0]
    until, needs, stock = [], [], []
    for site in places:
        later = np.flatnonzero(arrivals[site, days[site] + 1 :]) + days[site] + 1
        end = int(later[0]) if later.size else max(int(network.until[0]), int(days[site]) + 1)
        net = net_demand(network.paths[site][:1], arrivals[site : site + 1], end, network.seed)
        free = network.free[:1, site]
        until.append(end)
        needs.append(need(net, free, int(days[site]))[0])
        stock.append(float(_stock_before(net, free, int(days[site])).mean()))
    daily = network.daily[0]
    room = network.most_cover[0] * daily if np.isfinite(network.most_cover[0]) else np.full(len(places), np.inf)
    room = np.maximum(room - network.free[0] - arrivals.sum(axis=1), 0.0)
    away = np.arange(len(places)) != at
    receivers = Receivers(
        need=np.stack(needs),
        cost=np.where(away, lanes.cost[0, at], 0.0),
        unit_cost=np.where(away, lanes.unit_cost[0, at], 0.0),
        room=np.where(lanes.held[0, at] & away, 0.0, room),
        at=at,
        margin=float(network.margin[0]),
        pack=item.pack_size,
    )
    return Delivery(item, quantity, order, shop, at, days, np.array(until, dtype=np.intp), receivers, np.array(stock), sold)


def _stock_before(net: NDArray[np.float32], free: Floats, day: int) -> Floats:
    """[S] units on the shelf in the morning of a day, what comes that morning not counted."""
    if day == 0:
        return np.full(net.shape[1], float(free[0]))
    return np.asarray(np.maximum(net[0, :, :day].max(axis=1), free[0]) - net[0, :, day - 1], dtype=np.float64)

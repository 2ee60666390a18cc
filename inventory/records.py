"""Reading the shop's records as domain objects: a handful of statements each, never one per item."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import ColumnElement, case, func, select

from inventory import meta
from inventory._ahead import plan_days
from inventory._panel import last_day, read_panel
from inventory.events import read_events
from inventory.schema import demand, items, notes, policies, purchase_orders, stock, suppliers, warehouses
from inventory.store import Store
from parstock.domain import (
    DemandPanel,
    EventStatus,
    InboundOrder,
    Item,
    Note,
    PlanningEvent,
    Policy,
    StockPosition,
    Supplier,
    Warehouse,
)
from parstock.errors import InputError, InsufficientData
from parstock.settings import Settings
from parstock.special_days import country_code

_MOST_SKUS_IN_A_STATEMENT = 500
"""Beyond this many item codes it is quicker to read all items and to choose here."""
_SHARE_DAYS = 182
"""Days over which the warehouses' shares of an item's demand are taken."""


class Records:
    """The shop as it is known: everything that the planner computes from."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    def items(self) -> tuple[Item, ...]:
        """All items by code, inactive ones too."""
        with self._store.reading() as connection:
            rows = connection.execute(select(items).order_by(items.c.sku)).mappings()
            return tuple(Item(**{**row, "aliases": _aliases(row["aliases"])}) for row in rows)

    def warehouses(self) -> tuple[Warehouse, ...]:
        """All warehouses by code."""
        with self._store.reading() as connection:
            rows = connection.execute(select(warehouses).order_by(warehouses.c.code)).mappings()
            return tuple(Warehouse(**{**row, "aliases": _aliases(row["aliases"])}) for row in rows)

    def suppliers(self) -> tuple[Supplier, ...]:
        """All suppliers by code."""
        with self._store.reading() as connection:
            rows = connection.execute(select(suppliers).order_by(suppliers.c.code)).mappings()
            return tuple(Supplier(**{**row, "aliases": _aliases(row["aliases"])}) for row in rows)

    def as_of(self) -> date:
        """The planner's today: the setting, else the day after the last recorded demand.

        Raises:
            InsufficientData: No setting and no demand.
        """
        if self._settings.as_of is not None:
            return self._settings.as_of
        with self._store.reading() as connection:
            last = last_day(connection)
        if last is None:
            raise InsufficientData("no sales are recorded, so there is no day to plan from; import sales or set PARSTOCK_AS_OF")
        return last + timedelta(days=1)

    def recorded_until(self) -> date | None:
        """The last recorded day, where days between it and today are missing; None where the records are up to date.

        Demand on the missing days is unknown, which is to be said wherever anything is computed from it.
        """
        if self._settings.as_of is None:
            return None
        with self._store.reading() as connection:
            last = last_day(connection)
        return None if last is None or last + timedelta(days=1) >= self._settings.as_of else last

    def countries(self) -> tuple[str, ...]:
        """ISO codes of the countries whose days move demand: the setting, else those of the warehouses that are recognised."""
        if self._settings.countries is not None:
            return self._settings.countries
        found = (country_code(warehouse.country) for warehouse in self.warehouses())
        return tuple(dict.fromkeys(code for code in found if code))

    def panel(self, skus: Sequence[str] | None = None, warehouse: str = "", days: int | None = None) -> DemandPanel:
        """Daily demand of some items, or of all, up to the day before `as_of`.

        Args:
            skus: Item codes, one row each in this order; None for all items by code.
            warehouse: Code of one warehouse; "" for the sum over all.
            days: At most this many last days; None for the whole history.

        Returns:
            The panel [N, T]: NaN before an item's first recorded day and after the last day that the shop recorded at
            all, 0 on days between without a record. `in_stock`, `price` and `promotion` are None where nothing of the
            kind is recorded. Over all warehouses an item is out of stock where every warehouse that has begun to sell
            it says so, and the price is the mean weighted by units. `ahead` has the prices and promotions planned for days
            from `as_of` on, `groups` the items' categories.

        Raises:
            InputError: Unknown item or warehouse, or `days` below 1.
            InsufficientData: No sales are recorded before `as_of`.
        """
        if days is not None and days < 1:
            raise InputError(f"days is {days!r}; it must be 1 or more", field="days")
        as_of = self.as_of()
        with self._store.reading() as connection:
            category = dict(iter(connection.execute(select(items.c.sku, items.c.category).order_by(items.c.sku))))
            if warehouse and not connection.scalar(select(warehouses.c.code).where(warehouses.c.code == warehouse)):
                codes = tuple(connection.scalars(select(warehouses.c.code).order_by(warehouses.c.code)))
                raise InputError(f"no warehouse {warehouse!r}; known: {', '.join(codes)}", field="warehouse", choices=codes)
            rows = tuple(category) if skus is None else tuple(skus)
            unknown = set(rows) - set(category)
            if unknown:
                raise InputError(f"no item {min(unknown)!r} is recorded; give an item's code", field="skus")
            chosen = _chosen(demand.c.item, skus)
            if warehouse:
                chosen.append(demand.c.warehouse == warehouse)
            panel = read_panel(connection, rows, chosen, as_of, days)
            panel = plan_days(connection, panel, warehouse)
        return replace(panel, groups=tuple(category[sku] for sku in rows), countries=self.countries())

    def stock(self, skus: Sequence[str] | None = None, warehouse: str = "") -> tuple[StockPosition, ...]:
        """Stock of each item that has a record, by item code.

        Args:
            skus: Item codes; None for all.
            warehouse: Code of one warehouse; "" for the sum over all.

        Returns:
            One position an item; `on_order` is what open purchase orders will bring, `as_of` the latest count.
        """
        chosen = _chosen(stock.c.item, skus)
        if warehouse:
            chosen.append(stock.c.warehouse == warehouse)
        coming = self._on_order(skus, warehouse)
        with self._store.reading() as connection:
            rows = connection.execute(
                select(stock.c.item, func.sum(stock.c.on_hand), func.sum(stock.c.reserved), func.max(stock.c.as_of))
                .where(*chosen)
                .group_by(stock.c.item)
                .order_by(stock.c.item)
            ).all()
        wanted = None if skus is None else set(skus)
        return tuple(
            StockPosition(item, warehouse, int(on_hand), int(reserved), coming.get(item, 0), date.fromisoformat(str(counted)))
            for item, on_hand, reserved, counted in rows
            if wanted is None or item in wanted
        )

    def stock_by_warehouse(self, sku: str) -> tuple[StockPosition, ...]:
        """Stock of one item in each warehouse that has a record of it, by warehouse code."""
        coming: dict[str, int] = {}
        for order in self.inbound([sku]):
            coming[order.warehouse] = coming.get(order.warehouse, 0) + order.quantity
        with self._store.reading() as connection:
            rows = connection.execute(select(stock).where(stock.c.item == sku).order_by(stock.c.warehouse)).all()
        return tuple(
            StockPosition(sku, row.warehouse, row.on_hand, row.reserved, coming.get(row.warehouse, 0), row.as_of) for row in rows
        )

    def inbound(self, skus: Sequence[str] | None = None, warehouse: str = "") -> tuple[InboundOrder, ...]:
        """Open purchase-order lines by due date, late ones too."""
        table = purchase_orders.c
        chosen = [table.status == "open", *_chosen(table.item, skus)]
        if warehouse:
            chosen.append(table.warehouse == warehouse)
        names = ("order_id", "item", "warehouse", "supplier", "quantity", "ordered_on", "due_on")
        with self._store.reading() as connection:
            rows = connection.execute(
                select(*(table[name] for name in names)).where(*chosen).order_by(table.due_on, table.order_id, table.item)
            ).all()
        wanted = None if skus is None else set(skus)
        return tuple(InboundOrder(*row) for row in rows if wanted is None or row.item in wanted)

    def past_orders(self) -> tuple[tuple[str, date, date | None], ...]:
        """Supplier, day of order and day of receipt, None while it is open, of every purchase order that was not cancelled.

        The lines of one order that came on one day are one; what was ordered today or came after it is left as of yesterday.
        """
        table, as_of = purchase_orders.c, self.as_of()
        query = (
            select(table.supplier, table.ordered_on, table.received_on, table.order_id)
            .where(table.status.in_(["open", "received"]), table.ordered_on < as_of)
            .distinct()
            .order_by(table.supplier, table.ordered_on, table.order_id, table.received_on)
        )
        with self._store.reading() as connection:
            rows = connection.execute(query).all()
        return tuple((row[0], row[1], None if row[2] is None or row[2] >= as_of else row[2]) for row in rows)

    def policies(self) -> tuple[Policy, ...]:
        """All policy documents by id."""
        with self._store.reading() as connection:
            return tuple(Policy(**row) for row in connection.execute(select(policies).order_by(policies.c.id)).mappings())

    def notes(self) -> tuple[Note, ...]:
        """All notes, oldest first."""
        with self._store.reading() as connection:
            rows = connection.execute(select(notes).order_by(notes.c.written_at, notes.c.id)).mappings()
            return tuple(Note(**row) for row in rows)

    def events(self, status: EventStatus | None = None) -> tuple[PlanningEvent, ...]:
        """Planning events, oldest first: all, or those of one status. Only confirmed ones count.

        Raises:
            InputError: Unknown status.
        """
        with self._store.reading() as connection:
            return read_events(connection, status)

    def share_of_demand(self, warehouse: str) -> dict[str, float]:
        """Item code -> share of its units of late that one warehouse served; items without a sale are left out."""
        recent = demand.c.day >= self.as_of() - timedelta(days=_SHARE_DAYS), demand.c.day < self.as_of()
        here = func.sum(case((demand.c.warehouse == warehouse, demand.c.units), else_=0.0))
        query = select(demand.c.item, here, func.sum(demand.c.units)).where(*recent).group_by(demand.c.item)
        with self._store.reading() as connection:
            return {item: units / total for item, units, total in connection.execute(query) if total > 0}

    def is_empty(self) -> bool:
        """Whether neither items nor sales are recorded."""
        with self._store.reading() as connection:
            return connection.scalar(select(items.c.sku).limit(1)) is None

    def label(self) -> str:
        """What to say wherever these records are shown ("simulated: ..."); empty for real ones."""
        with self._store.reading() as connection:
            return meta.read(connection, "label")

    def fingerprint(self) -> str:
        """A text that changes whenever any record changes: the database's identity and its counter of writes."""
        with self._store.reading() as connection:
            return f"{meta.read(connection, 'identity')}-{meta.read(connection, 'revision')}"

    def demand_fingerprint(self) -> str:
        """A text that changes whenever a panel of demand may: with the day, items, sales, plans, countries; not with a note.

        Raises:
            InsufficientData: No setting and no demand.
        """
        as_of, countries = self.as_of(), ",".join(self.countries())
        with self._store.reading() as connection:
            identity, revision = meta.read(connection, "identity"), meta.read(connection, "demand_revision")
            rows = connection.execute(select(items.c.sku, items.c.category).order_by(items.c.sku))
            told = "\n".join([*(f"{sku}\t{category}" for sku, category in rows), countries])
        return f"{identity}-{revision}-{as_of:%Y%m%d}-{hashlib.blake2b(told.encode(), digest_size=8).hexdigest()}"

    def _on_order(self, skus: Sequence[str] | None, warehouse: str) -> dict[str, int]:
        """Item code -> units that open purchase orders will bring."""
        coming: dict[str, int] = {}
        for order in self.inbound(skus, warehouse):
            coming[order.item] = coming.get(order.item, 0) + order.quantity
        return coming


def _aliases(stored: str) -> tuple[str, ...]:
    return tuple(alias for alias in stored.split("|") if alias)


def _chosen(column: ColumnElement[str], skus: Sequence[str] | None) -> list[ColumnElement[bool]]:
    """The condition that the item is one of `skus`, where the list is short enough for a statement."""
    if skus is None or len(skus) > _MOST_SKUS_IN_A_STATEMENT:
        return []
    return [column.in_(list(skus))]

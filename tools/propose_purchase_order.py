"""The tool `propose_purchase_order`: a draft that waits for a person, with what speaks against it."""

from typing import Annotated, ClassVar

from pydantic import Field

from inventory import proposals
from parstock.domain import Json
from parstock.errors import InputError
from parstock.results import ToolResult
from tools import _orders
from tools._orders import Order
from tools.base import Scope, ToolArguments, tools
from tools.context import ToolContext
from tools.factbook import FactBook
from tools.recent import recent_demand

MOST_UNITS = 1_000_000_000
"""A larger order is a slip of the pen."""


@tools.register("propose_purchase_order")
class ProposePurchaseOrder:
    """Drafts a purchase order; nothing is ordered until a person approves it."""

    name: ClassVar[str] = "propose_purchase_order"
    scope: ClassVar[Scope] = "propose"

    class Arguments(ToolArguments):
        """What to order, how much, for where, from whom."""

        item: str
        quantity: Annotated[int, Field(ge=1)]
        warehouse: str | None = None
        supplier: str | None = None

    def run(self, args: Arguments, context: ToolContext) -> ToolResult:
        """Store the draft with its facts."""
        order = _order(args, context)
        item, supplier = order.item, order.supplier
        book = FactBook(context)
        currency = context.settings.currency
        _orders.tell_order(book, order, currency)
        warnings = [*_orders.tell_stops(book, context, order), *_orders.tell_terms(book, order)]
        clauses = _orders.broken_clauses(context, order)
        for clause in clauses:
            _orders.tell_clause(book, order, clause, currency)
        warnings += [clause.kind for clause in clauses]
        citations = context.citations([clause.id for clause in clauses])
        book.cited(citations)
        _tell_defaults(book, args, order, context)
        payload: dict[str, Json] = {
            "item": item.sku,
            "name": item.name,
            "warehouse": order.warehouse,
            "supplier": supplier.code,
            "supplier_name": supplier.name,
            "quantity": order.quantity,
            "unit_cost": item.unit_cost,
            "cost": round(order.cost, 2),
            "currency": currency,
            "placed_on": order.placed_on.isoformat(),
            "due_on": order.due_on.isoformat(),
            "warnings": list(warnings),
            "clauses": [clause.id for clause in clauses],
        }
        proposal = proposals.draft(
            context.store,
            "purchase_order",
            payload,
            book.facts(),
            actor=context.actor,
            idempotency_key=context.idempotency_key,
        )
        book.add(
            "proposal.id",
            proposal.id,
            "name",
            f"Kept as {proposal.id}: nothing is ordered until a person approves it.",
            f"已存为{proposal.id}，须经人工批准才会下单。",
            source=proposal.id,
            required=True,
        )
        return ToolResult(
            self.name,
            {"proposal": proposal.id, "state": proposal.state, **payload},
            book.facts(),
            citations=citations,
            proposals=(proposal,),
            defaults=book.defaults(),
        )


def _order(args: ProposePurchaseOrder.Arguments, context: ToolContext) -> Order:
    """The order that is meant, with what is not said filled in."""
    if args.quantity > MOST_UNITS:
        raise InputError(
            f"quantity is {args.quantity}; it must be at most {MOST_UNITS:,}",
            field="quantity",
            reason="out_of_bounds",
            bounds={"maximum": MOST_UNITS},
        )
    item = context.names.resolve_item(args.item)
    supplier = context.names.resolve_supplier(args.supplier) if args.supplier is not None else context.supplier_of(item)
    codes = tuple(context.shelf().warehouses)
    warehouse = context.warehouse_code(args.warehouse) or (codes[0] if len(codes) == 1 else "")
    daily = recent_demand(context, item.sku, warehouse)
    position = next(iter(context.records.stock([item.sku], warehouse)), None)
    held = position.inventory_position if position else 0
    cover = None if not daily else (max(0, held) + args.quantity) / daily
    item, supplier, stops = _orders.terms_today(context, item, supplier)
    return Order(item, supplier, warehouse, args.quantity, context.as_of(), cover, stops)


def _tell_defaults(book: FactBook, args: ProposePurchaseOrder.Arguments, order: Order, context: ToolContext) -> None:
    if args.supplier is None:
        book.default("supplier", order.supplier.code, "From the item's own supplier.", "向该商品的固定供应商订购。")
    if args.warehouse is not None:
        book.warehouse(order.warehouse)
    elif order.warehouse:
        place = context.warehouse_name(order.warehouse)
        book.default("warehouse", order.warehouse, f"To {place}, the only warehouse.", f"送到唯一的仓库{place}。")
    else:
        book.default("warehouse", "", "Whoever approves it names the warehouse.", "收货仓库由批准人指定。")

"""The tool `find_items`: which products are called something like this."""

from typing import Annotated, ClassVar

from pydantic import Field

from parstock.domain import Json
from parstock.errors import InputError
from parstock.results import ToolResult
from parstock.wording import money, named, number
from tools.base import Scope, ToolArguments, tools
from tools.context import ToolContext
from tools.factbook import FactBook

DEFAULT_LIMIT = 10


@tools.register("find_items")
class FindItems:
    """Looks products up by words in their name, category or supplier."""

    name: ClassVar[str] = "find_items"
    scope: ClassVar[Scope] = "read"

    class Arguments(ToolArguments):
        """What to look for."""

        query: str
        limit: Annotated[int, Field(ge=1, le=50)] | None = None

    def run(self, args: Arguments, context: ToolContext) -> ToolResult:
        """Search the names of the shop's items."""
        if not args.query:
            raise InputError("query is empty; give words of a name, a category or a supplier", field="query")
        limit = args.limit or DEFAULT_LIMIT
        shelf = context.shelf()
        found, total = shelf.names.find(args.query, limit)
        book = FactBook(context)
        book.add(
            "items.found",
            total,
            "items",
            f"{number(total) if total else 'No'} {'item fits' if total == 1 else 'items fit'} “{args.query}”"
            f"{':' if 0 < total <= limit else f'; the best {limit}:' if total else '.'}",
            f"与“{args.query}”相符的商品有{number(total)}种{'：' if total <= limit else f'，最相符的{limit}种：'}"
            if total
            else f"没有与“{args.query}”相符的商品。",
            source="items",
            required=True,
        )
        rows: list[Json] = []
        for item in found:
            supplier = shelf.suppliers.get(item.supplier)
            supplier_name = supplier.name if supplier else item.supplier
            supplier_zh = named(supplier, "zh") if supplier else item.supplier
            price = money(item.unit_price, context.settings.currency)
            gone = "" if item.active else ", no longer sold"
            book.add(
                "item.found",
                item.unit_price,
                context.settings.currency,
                f"{item.name} ({item.sku}): {item.category}, from {supplier_name}, {price}{gone}.",
                f"{named(item, 'zh')}（{item.sku}）：{item.category}，供应商{supplier_zh}，售价{price}"
                f"{'' if item.active else '，已停售'}。",
                source=f"items/{item.sku}",
                required=True,
            )
            rows.append(
                {
                    "sku": item.sku,
                    "name": item.name,
                    "name_zh": item.name_zh,
                    "category": item.category,
                    "supplier": item.supplier,
                    "supplier_name": supplier_name,
                    "unit_price": item.unit_price,
                    "active": item.active,
                }
            )
        if args.limit is None and total > limit:
            book.default(
                "limit", limit, f"{limit} shown by default.", f"默认列出{limit}种。", shown=limit, unit="items", detail=True
            )
        return ToolResult(self.name, {"total": total, "items": rows}, book.facts(), defaults=book.defaults())

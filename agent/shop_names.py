"""Everything in the shop that has a name, for the linker and the verifier. Resolves nothing: the tools do."""

from dataclasses import dataclass

from agent.link import Linker
from tools.context import ToolContext


@dataclass(frozen=True, slots=True)
class ShopNames:
    """The names of one revision of the records."""

    all: tuple[str, ...]
    """Codes and names of items, warehouses and suppliers."""
    linker: Linker
    """Finds them in a planner's words."""

    @classmethod
    def of(cls, context: ToolContext) -> "ShopNames":
        """Read the names of a shop."""
        shelf = context.shelf()
        items, warehouses, suppliers = shelf.items.values(), shelf.warehouses.values(), shelf.suppliers.values()
        names = [name for item in items for name in (item.sku, item.name, item.name_zh) if name]
        names += [name for warehouse in warehouses for name in (warehouse.code, warehouse.name)]
        names += [name for supplier in suppliers for name in (supplier.code, supplier.name)]
        return cls(tuple(dict.fromkeys(names)), Linker.of(items, warehouses, suppliers))

"""What can be loaded: the kinds of records, their fields and their tables. Reads and writes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from sqlalchemy import Table

from inventory import schema
from parstock.errors import InputError

FieldType: TypeAlias = Literal["text", "number", "integer", "flag", "day", "moment"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind: a column of a file and of a table."""

    name: str
    type: FieldType = "text"
    required: bool = False
    """A file without a column for it is refused."""
    default: str | float | bool | None = None
    """What a new record gets where the file says nothing."""
    column: str = ""
    """Column of the table, where it is not called like the field."""
    synonyms: tuple[str, ...] = ()
    """Headings that obviously mean this field, in lower case with `_` between words."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of records."""

    name: str
    table: Table
    fields: tuple[Field, ...]

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the fields that a file must have."""
        return tuple(field.name for field in self.fields if field.required)

    @property
    def codes(self) -> frozenset[str]:
        """Names of the text fields that records are found by or refer to others with."""
        columns = self.table.c
        named = [(field.name, columns[field.column or field.name]) for field in self.fields if field.type == "text"]
        return frozenset(name for name, column in named if column.primary_key or column.foreign_keys)

    def field(self, name: str) -> Field:
        """The field called `name`.

        Raises:
            InputError: There is none; the message lists the fields.
        """
        for field in self.fields:
            if field.name == name:
                return field
        known = tuple(field.name for field in self.fields)
        raise InputError(f"{self.name} have no field {name!r}; fields: {', '.join(known)}", field="mapping", choices=known)


_SKU = ("item", "sku", "stock_code", "stockcode", "product", "product_id", "product_code", "item_id", "item_code", "article")
_SITE = ("site", "location", "store", "store_id", "warehouse_code", "warehouse_id", "depot")
_VENDOR = ("vendor", "supplier_code", "supplier_id", "vendor_id")
_NAME = ("description", "title", "item_name", "product_name", "warehouse_name", "supplier_name", "vendor_name")
_QUANTITY = ("qty", "amount", "units", "pieces", "order_quantity")

_ITEMS = Kind(
    "items",
    schema.items,
    (
        Field("sku", required=True, synonyms=_SKU),
        Field("name", required=True, synonyms=_NAME),
        Field("category", default="uncategorised", synonyms=("group", "department", "product_category", "family")),
        Field("supplier", default="", synonyms=_VENDOR),
        Field("unit_cost", "number", required=True, synonyms=("cost", "purchase_price", "cost_price", "buying_price")),
        Field("unit_price", "number", required=True, synonyms=("price", "selling_price", "sale_price", "retail_price")),
        Field("min_order_quantity", "integer", default=1, synonyms=("moq", "minimum_order", "min_order", "min_order_qty")),
        Field("pack_size", "integer", default=1, synonyms=("pack", "case_size", "units_per_pack", "case_pack")),
        Field("name_zh", synonyms=("chinese_name", "name_cn")),
        Field("aliases", default="", synonyms=("alias", "also_known_as")),
        Field("shelf_life_days", "integer", synonyms=("shelf_life",)),
        Field("active", "flag", default=True, synonyms=("is_active", "enabled")),
    ),
)
_WAREHOUSES = Kind(
    "warehouses",
    schema.warehouses,
    (
        Field("code", required=True, synonyms=("warehouse", "id", *_SITE)),
        Field("name", required=True, synonyms=_NAME),
        Field("city", default="", synonyms=("town",)),
        Field("country", default="", synonyms=("land",)),
        Field("aliases", default="", synonyms=("alias", "also_known_as")),
    ),
)
_SUPPLIERS = Kind(
    "suppliers",
    schema.suppliers,
    (
        Field("code", required=True, synonyms=("supplier", "id", *_VENDOR)),
        Field("name", required=True, synonyms=_NAME),
        Field("lead_time_days", "number", required=True, synonyms=("lead_time", "leadtime", "lead_days", "mean_lead_time")),
        Field("lead_time_sd_days", "number", default=0.0, synonyms=("lead_time_sd", "lead_time_std", "lead_time_stdev")),
        Field("country", default="", synonyms=("land",)),
        Field("aliases", default="", synonyms=("alias", "also_known_as")),
    ),
)
_SALES = Kind(
    "sales",
    schema.demand,
    (
        Field("item", required=True, synonyms=_SKU),
        Field("warehouse", default="", synonyms=_SITE),
        Field("date", "day", required=True, column="day", synonyms=("day", "invoice_date", "order_date", "sale_date", "sold_on")),
        Field("units", "number", required=True, synonyms=("quantity", "qty", "units_sold", "sales", "demand", "sold")),
        Field("price", "number", synonyms=("unit_price", "selling_price", "sale_price")),
        Field("promotion", "flag", synonyms=("promo", "on_promotion", "is_promotion")),
        Field("in_stock", "flag", synonyms=("available", "instock", "is_in_stock")),
    ),
)
_STOCK = Kind(
    "stock",
    schema.stock,
    (
        Field("item", required=True, synonyms=_SKU),
        Field("warehouse", default="", synonyms=_SITE),
        Field("on_hand", "integer", required=True, synonyms=("quantity", "stock", "stock_on_hand", "qty_on_hand", *_QUANTITY)),
        Field("reserved", "integer", default=0, synonyms=("allocated", "committed")),
        Field("as_of", "day", synonyms=("date", "day", "counted_on", "snapshot_date")),
    ),
)
_PURCHASE_ORDERS = Kind(
    "purchase-orders",
    schema.purchase_orders,
    (
        Field("order_id", required=True, synonyms=("order", "po", "po_number", "order_number", "id")),
        Field("item", required=True, synonyms=_SKU),
        Field("warehouse", default="", synonyms=_SITE),
        Field("supplier", default="", synonyms=_VENDOR),
        Field("quantity", "integer", required=True, synonyms=_QUANTITY),
        Field("ordered_on", "day", required=True, synonyms=("order_date", "ordered", "placed_on", "date")),
        Field("due_on", "day", required=True, synonyms=("due", "due_date", "expected", "expected_on", "eta", "delivery_date")),
        Field("status", default="open", synonyms=("state",)),
        Field("received_on", "day", synonyms=("received", "received_date", "delivered_on")),
    ),
)
_POLICIES = Kind(
    "policies",
    schema.policies,
    (
        Field("id", required=True, synonyms=("document", "policy")),
        Field("title", required=True, synonyms=("heading", "name")),
        Field("text", required=True, synonyms=("markdown", "body", "content")),
        Field("lang", default="en", synonyms=("language",)),
    ),
)
_NOTES = Kind(
    "notes",
    schema.notes,
    (
        Field("id", required=True, synonyms=("note_id", "note")),
        Field("text", required=True, synonyms=("body", "content", "message")),
        Field("written_at", "moment", required=True, synonyms=("date", "created_at", "timestamp", "at")),
        Field("author", default="", synonyms=("by", "user", "planner")),
        Field("item", default="", synonyms=_SKU),
        Field("supplier", default="", synonyms=_VENDOR),
    ),
)

KINDS: Mapping[str, Kind] = {
    kind.name: kind for kind in (_SALES, _STOCK, _ITEMS, _SUPPLIERS, _WAREHOUSES, _PURCHASE_ORDERS, _POLICIES, _NOTES)
}
"""Every kind by name, as the command line spells it."""
PLANNED = "planned"
"""Prices and promotions of days to come, which come in files of sales."""
_STORED: Mapping[str, Kind] = {
    **KINDS,
    PLANNED: Kind(
        PLANNED,
        schema.planned_days,
        (
            Field("item", required=True),
            Field("warehouse", default=""),
            Field("date", "day", required=True, column="day"),
            Field("price", "number"),
            Field("promotion", "flag"),
        ),
    ),
}


def stored_kind(name: str) -> Kind:
    """The kind called `name`, plans of days ahead too.

    Raises:
        InputError: There is none; the message lists the kinds of files.
    """
    return _STORED[name] if name in _STORED else kind_called(name)


def kind_called(name: str) -> Kind:
    """The kind called `name`.

    Raises:
        InputError: There is none; the message lists the kinds.
    """
    if name not in KINDS:
        raise InputError(f"unknown kind of records {name!r}; known: {', '.join(KINDS)}", field="kind", choices=tuple(KINDS))
    return KINDS[name]

"""The tables of the shop's records, the same on SQLite and PostgreSQL. Holds no query.

Foreign keys are checked at commit, so that a transaction may load a shop in any order. The tables of a
new database are made by the migrations in `inventory/migrations`, never from this module; a test
proves that both agree.
"""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

REVISION = "0002"
"""Newest migration: what the tables of this version of Parstock look like."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _refers_to(target: str) -> ForeignKey:
    """A foreign key that is checked when the transaction commits."""
    return ForeignKey(target, deferrable=True, initially="DEFERRED")


suppliers = Table(
    "suppliers",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("lead_time_days", Double, nullable=False),
    Column("lead_time_sd_days", Double, nullable=False),
    Column("country", Text, nullable=False),
    Column("aliases", Text, nullable=False),
)

warehouses = Table(
    "warehouses",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("city", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("aliases", Text, nullable=False),
)

items = Table(
    "items",
    metadata,
    Column("sku", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("supplier", Text, _refers_to("suppliers.code"), nullable=False),
    Column("unit_cost", Double, nullable=False),
    Column("unit_price", Double, nullable=False),
    Column("min_order_quantity", Integer, nullable=False),
    Column("pack_size", Integer, nullable=False),
    Column("name_zh", Text),
    Column("aliases", Text, nullable=False),
    Column("shelf_life_days", Integer),
    Column("active", Boolean, nullable=False),
)

demand = Table(
    "demand",
    metadata,
    Column("item", Text, _refers_to("items.sku"), primary_key=True),
    Column("warehouse", Text, _refers_to("warehouses.code"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("units", Double, nullable=False),
    Column("price", Double),
    Column("promotion", Boolean),
    Column("in_stock", Boolean),
    Index(None, "day"),
    sqlite_with_rowid=False,
)

planned_days = Table(
    "planned_days",
    metadata,
    Column("item", Text, _refers_to("items.sku"), primary_key=True),
    Column("warehouse", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("price", Double),
    Column("promotion", Boolean),
)
"""Prices and promotions of days to come; a warehouse of "" means all of them. What sold is in `demand`."""

stock = Table(
    "stock",
    metadata,
    Column("item", Text, _refers_to("items.sku"), primary_key=True),
    Column("warehouse", Text, _refers_to("warehouses.code"), primary_key=True),
    Column("on_hand", Integer, nullable=False),
    Column("reserved", Integer, nullable=False),
    Column("as_of", Date, nullable=False),
)

purchase_orders = Table(
    "purchase_orders",
    metadata,
    Column("order_id", Text, primary_key=True),
    Column("item", Text, _refers_to("items.sku"), primary_key=True),
    Column("warehouse", Text, _refers_to("warehouses.code"), primary_key=True),
    Column("supplier", Text, _refers_to("suppliers.code"), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("ordered_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("status", Text, nullable=False),
    Column("received_on", Date),
    Index(None, "status"),
)

policies = Table(
    "policies",
    metadata,
    Column("id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("lang", Text, nullable=False),
)

notes = Table(
    "notes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("text", Text, nullable=False),
    Column("written_at", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("supplier", Text, nullable=False),
)

planning_events = Table(
    "planning_events",
    metadata,
    Column("id", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("supplier", Text, nullable=False),
    Column("warehouse", Text, nullable=False),
    Column("start", Date),
    Column("end", Date),
    Column("pct", Double),
    Column("days", Double),
    Column("delta_days", Double),
    Column("quantity", Integer),
    Column("unit_cost", Double),
    Column("replacement", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("decided_at", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Index(None, "status"),
)

proposals = Table(
    "proposals",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("idempotency_key", Text),
    UniqueConstraint("created_by", "idempotency_key"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("name", Text, primary_key=True),
    Column("secret_sha256", Text, nullable=False, unique=True),
    Column("scopes", Text, nullable=False),
    Column("created_at", Text, nullable=False),
)

threads = Table(
    "threads",
    metadata,
    Column("id", Text, primary_key=True),
    Column("created_at", Text, nullable=False),
)

turns = Table(
    "turns",
    metadata,
    Column("thread", Text, _refers_to("threads.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("message", JSON, nullable=False),
    Column("at", Text, nullable=False),
)

plans = Table(
    "plans",
    metadata,
    Column("id", Text, primary_key=True),
    Column("created_at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("body", JSON, nullable=False),
)

imports = Table(
    "imports",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("imported_at", Text, nullable=False),
    Column("report", JSON, nullable=False),
)

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

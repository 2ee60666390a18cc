"""Single values about the whole database: its identity, revision counters, label and audit head.

The first migration makes the keys, so that writing one is always an update of one row: concurrent
writers wait for one another and no count is lost. The counter of demand came later: its key is made by the first write.
"""

from typing import Literal, TypeAlias

from sqlalchemy import Connection, Integer, Text, cast, select, update
from sqlalchemy.dialects import postgresql, sqlite

from inventory.schema import meta

Key: TypeAlias = Literal["identity", "revision", "demand_revision", "label", "audit_head"]


def read(connection: Connection, key: Key) -> str:
    """The value called `key`; empty where nothing made it yet."""
    return connection.scalar(select(meta.c.value).where(meta.c.key == key)) or ""


def write(connection: Connection, key: Key, value: str) -> None:
    """Set the value called `key`."""
    connection.execute(update(meta).where(meta.c.key == key).values(value=value))


def bump_revision(connection: Connection) -> None:
    """Note that records changed, so that whatever was computed from them is out of date."""
    _count_up(connection, "revision")


def bump_demand_revision(connection: Connection) -> None:
    """Note that recorded demand changed, so that forecasts made from it are out of date."""
    _count_up(connection, "demand_revision")


def _count_up(connection: Connection, key: Key) -> None:
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(meta)
    following = cast(cast(meta.c.value, Integer) + 1, Text)
    connection.execute(
        insert.values(key=key, value="1").on_conflict_do_update(index_elements=[meta.c.key], set_={"value": following})
    )

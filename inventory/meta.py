"""Single values about the whole database: its identity, revision counter, label and audit head.

The first migration makes the keys, so that writing one is always an update of one row: concurrent
writers wait for one another and no count is lost.
"""

from typing import Literal, TypeAlias

from sqlalchemy import Connection, Integer, Text, cast, select, update

from inventory.schema import meta

Key: TypeAlias = Literal["identity", "revision", "label", "audit_head"]


def read(connection: Connection, key: Key) -> str:
    """The value called `key`."""
    return str(connection.scalar(select(meta.c.value).where(meta.c.key == key)))


def write(connection: Connection, key: Key, value: str) -> None:
    """Set the value called `key`."""
    connection.execute(update(meta).where(meta.c.key == key).values(value=value))


def bump_revision(connection: Connection) -> None:
    """Note that records changed, so that whatever was computed from them is out of date."""
    following = cast(cast(meta.c.value, Integer) + 1, Text)
    connection.execute(update(meta).where(meta.c.key == "revision").values(value=following))

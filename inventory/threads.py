"""The memory of conversations: the messages of each thread in order, as plain JSON."""

from collections.abc import Mapping
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite

from inventory._stamps import checked, now
from inventory.schema import threads, turns
from inventory.store import Store
from parstock.domain import Json


def append_turn(store: Store, thread_id: str, message: Mapping[str, Json]) -> None:
    """Add a message to the end of a thread, making the thread with its first message.

    Raises:
        InputError: The thread's id is empty or longer than 200 characters.
    """
    thread_id = checked("thread", thread_id, longest=200)
    with store.writing() as connection:
        insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(threads)
        connection.execute(insert.values(id=thread_id, created_at=now()).on_conflict_do_nothing())
        connection.execute(select(threads.c.id).where(threads.c.id == thread_id).with_for_update())
        last = connection.scalar(select(func.max(turns.c.position)).where(turns.c.thread == thread_id))
        position = 0 if last is None else last + 1
        connection.execute(turns.insert().values(thread=thread_id, position=position, message=dict(message), at=now()))


def load_turns(store: Store, thread_id: str) -> tuple[Mapping[str, Json], ...]:
    """The messages of a thread, oldest first; none for a thread that does not exist.

    Raises:
        InputError: The thread's id is empty or longer than 200 characters.
    """
    thread_id = checked("thread", thread_id, longest=200)
    with store.reading() as connection:
        messages = connection.scalars(select(turns.c.message).where(turns.c.thread == thread_id).order_by(turns.c.position))
        return tuple(cast("Mapping[str, Json]", message) for message in messages)

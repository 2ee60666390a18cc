"""The append-only log."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from inventory import audit, schema
from inventory.store import Store
from parstock.errors import ParstockError

_CHANGES = {"at": "1999", "actor": "Eve", "action": "nothing", "subject": "?", "detail": "{}", "previous_hash": "0", "hash": "0"}


def _append(store: Store, number: int) -> None:
    with store.writing() as connection:
        audit.append(connection, actor="Ann", action="test", subject=f"s{number}", detail={"n": number, "zh": "补货"})


def _without_triggers(store: Store, statement: object) -> None:
    """Change the log as somebody with the database file could."""
    with store.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE audit DISABLE TRIGGER ALL"))
        else:
            connection.execute(text("DROP TRIGGER IF EXISTS audit_refuse_update"))
            connection.execute(text("DROP TRIGGER IF EXISTS audit_refuse_delete"))
        connection.execute(statement)  # type: ignore[call-overload]


def test_an_untouched_log_verifies(store: Store) -> None:
    """Every row that was appended is checked; an empty log is fine."""
    assert audit.verify(store) == 0
    for number in range(5):
        _append(store, number)
    assert audit.verify(store) == 5


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'Eve'", "DELETE FROM audit"])
def test_the_database_refuses_to_change_the_log(store: Store, statement: str) -> None:
    """UPDATE and DELETE fail in the database itself."""
    _append(store, 1)
    with pytest.raises(DBAPIError, match="append-only"), store.engine.begin() as connection:
        connection.execute(text(statement))
    assert audit.verify(store) == 1


def test_concurrent_appends_make_one_chain(store: Store) -> None:
    """Threads that append at once get consecutive rows of one chain."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: _append(store, number), range(40)))

    assert audit.verify(store) == 40


@pytest.mark.parametrize("statement", ["DELETE FROM audit WHERE id = 3", "DELETE FROM audit WHERE id = 5", "DELETE FROM audit"])
def test_removed_rows_are_noticed(store: Store, statement: str) -> None:
    """A row cut out of the middle, the end cut off, or the whole log gone: verify raises."""
    for number in range(5):
        _append(store, number)
    _without_triggers(store, text(statement))
    with pytest.raises(ParstockError, match="audit"):
        audit.verify(store)


@hypothesis_settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(row=st.integers(1, 6), column=st.sampled_from(sorted(_CHANGES)))
def test_any_single_changed_row_is_noticed(store: Store, row: int, column: str) -> None:
    """Whatever column of whichever row is changed behind the triggers, verify names the row or the one after."""
    with store.reading() as connection:
        have = connection.execute(select(schema.audit.c.id)).all()
    for number in range(len(have), 6):
        _append(store, number)
    with store.reading() as connection:
        before = connection.scalar(select(schema.audit.c[column]).where(schema.audit.c.id == row))
    change = update(schema.audit).where(schema.audit.c.id == row)
    _without_triggers(store, change.values({column: _CHANGES[column]}))
    with pytest.raises(ParstockError, match=f"row ({row}|{row + 1}) "):
        audit.verify(store)
    _without_triggers(store, change.values({column: before}))
    assert audit.verify(store) == 6

"""The append-only log of who did what: every row carries the hash of the row before it.

`hash = SHA-256(previous_hash + canonical JSON of [id, at, actor, action, subject, detail])`. The database
refuses UPDATE and DELETE by triggers; whoever goes around them breaks the chain, and `verify` says where.
The hash of the last row is kept apart, so that a log cut short at its end is noticed too.
"""

import hashlib
import json
from collections.abc import Mapping

from sqlalchemy import Connection, select, text

from inventory import meta
from inventory._stamps import now
from inventory.schema import audit
from inventory.store import Store
from parstock.domain import Json
from parstock.errors import ParstockError

_ROWS_AT_ONCE = 10_000


class BrokenChain(ParstockError):
    """The audit log was changed behind Parstock's back."""


def lock(connection: Connection) -> None:
    """Keep other writers out of the log until the transaction ends, so that rows get their numbers one after another."""
    if connection.dialect.name == "postgresql":  # SQLite's write lock already does
        connection.execute(text("LOCK TABLE audit IN EXCLUSIVE MODE"))


def append(connection: Connection, *, actor: str, action: str, subject: str, detail: Mapping[str, Json]) -> None:
    """Write one row in the caller's transaction, so that the deed and its record stand or fall together.

    Args:
        connection: Inside a transaction that may write.
        actor: Who did it: a person, an API key's name, "agent".
        action: What was done, such as "proposal.drafted".
        subject: To what: the id of a proposal, file, key, note.
        detail: Anything worth keeping; JSON.
    """
    lock(connection)
    last = connection.execute(select(audit.c.id, audit.c.hash).order_by(audit.c.id.desc()).limit(1)).one_or_none()
    number, previous = (last.id + 1, last.hash) if last is not None else (1, "")
    row = {
        "id": number,
        "at": now(),
        "actor": actor,
        "action": action,
        "subject": subject,
        "detail": json.dumps(detail, ensure_ascii=True, allow_nan=False, sort_keys=True),
    }
    digest = _hash(previous, list(row.values()))
    connection.execute(audit.insert().values(**row, previous_hash=previous, hash=digest))
    meta.write(connection, "audit_head", f"{number}:{digest}")


def verify(store: Store) -> int:
    """Check the whole chain.

    Returns:
        The number of rows checked.

    Raises:
        BrokenChain: A row was changed, inserted, removed or moved, or the end was cut off; says at which row.
    """
    previous, checked = "", 0
    with store.reading() as connection:
        head = meta.read(connection, "audit_head")
        query = select(audit).order_by(audit.c.id).execution_options(yield_per=_ROWS_AT_ONCE)
        with connection.execute(query) as rows:
            for row in rows:
                checked += 1
                if row.id != checked:
                    raise BrokenChain(f"audit row {checked} is missing: the log was changed outside Parstock")
                if row.previous_hash != previous or row.hash != _hash(previous, list(row)[:6]):
                    raise BrokenChain(f"audit row {checked} does not match its hash: the log was changed outside Parstock")
                previous = row.hash
    if head != (f"{checked}:{previous}" if checked else ""):
        raise BrokenChain(f"the audit log ends at row {checked}, which is not its recorded end: rows were removed or added")
    return checked


def _hash(previous: str, values: list[object]) -> str:
    canonical = json.dumps(values, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256((previous + canonical).encode()).hexdigest()

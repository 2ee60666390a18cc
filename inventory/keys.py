"""API keys: made once, stored as a hash, checked on every request."""

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import select

from inventory import audit
from inventory._stamps import checked, now
from inventory.schema import api_keys
from inventory.store import Store
from parstock.errors import InputError

SCOPES = ("read", "plan", "propose", "approve", "admin")
"""What a key may allow."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """Who a request comes from and what it may do."""

    name: str
    scopes: frozenset[str]


def create(store: Store, name: str, scopes: frozenset[str]) -> str:
    """Make a key.

    Args:
        store: The database.
        name: Who the key is for; unique.
        scopes: Any of `SCOPES`.

    Returns:
        The secret, which is shown this once: only its SHA-256 is stored.

    Raises:
        InputError: The name is empty or taken, or a scope is unknown or none is given.
    """
    name = checked("name", name, longest=200)
    unknown = scopes - set(SCOPES)
    if unknown or not scopes:
        said = f"unknown scope {min(unknown)!r}" if unknown else "a key needs a scope"
        raise InputError(f"{said}; known: {', '.join(SCOPES)}", field="scopes", choices=SCOPES)
    secret = f"par_{secrets.token_urlsafe(32)}"  # 256 random bits: a plain hash cannot be guessed back
    with store.writing() as connection:
        audit.lock(connection)
        if connection.scalar(select(api_keys.c.name).where(api_keys.c.name == name)) is not None:
            raise InputError(f"a key named {name!r} exists; choose another name", field="name")
        allowed = sorted(scopes)
        connection.execute(
            api_keys.insert().values(name=name, secret_sha256=_hash(secret), scopes=" ".join(allowed), created_at=now())
        )
        audit.append(connection, actor="operator", action="key.created", subject=name, detail={"scopes": [*allowed]})
    return secret


def check(store: Store, secret: str) -> ApiKey | None:
    """The key that `secret` opens; None where it opens none."""
    with store.reading() as connection:
        row = connection.execute(select(api_keys).where(api_keys.c.secret_sha256 == _hash(secret))).one_or_none()
    return None if row is None else ApiKey(row.name, frozenset(row.scopes.split()))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()

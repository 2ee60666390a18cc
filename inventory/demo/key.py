"""The API key of a demonstration, kept in the home so that a restart needs no new one."""

import os
import secrets
from pathlib import Path

from inventory import keys
from inventory.store import Store


def demo_key(store: Store, home: Path) -> str:
    """Return a key with every scope; its secret lies in `<home>/demo.key`, readable by the owner alone."""
    path = home / "demo.key"
    secret = path.read_text(encoding="utf-8").strip() if path.is_file() else ""
    if secret and keys.check(store, secret) is not None:
        return secret
    secret = keys.create(store, f"demo-{secrets.token_hex(4)}", frozenset(keys.SCOPES))
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(secret + "\n")
    return secret

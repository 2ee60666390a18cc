"""Small text checks and stamps that every written record shares. Knows no table."""

from datetime import UTC, datetime
from uuid import uuid4

from parstock.errors import InputError

LONGEST_TEXT = 100_000
"""Characters that one stored text may have."""


def now() -> str:
    """The moment, UTC, as ISO 8601 with microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def new_id(prefix: str) -> str:
    """A fresh id such as "po-3f2a9c1b7d4e"."""
    return f"{prefix}-{uuid4().hex[:12]}"


def checked(field: str, text: str, *, longest: int = LONGEST_TEXT) -> str:
    """`text` without surrounding blanks.

    Raises:
        InputError: It is empty, longer than `longest` characters, or holds characters that no database stores.
    """
    stripped = text.strip()
    if not stripped:
        raise InputError(f"{field} is empty; write something", field=field)
    if len(stripped) > longest:
        raise InputError(f"{field} has {len(stripped):,} characters; at most {longest:,} are kept", field=field)
    if "\x00" in stripped or any("\ud800" <= character <= "\udfff" for character in stripped):
        raise InputError(f"{field} holds a NUL or half a surrogate pair, which cannot be stored: {stripped[:40]!r}", field=field)
    return stripped

"""Values that are worth keeping while the records stay as they are. Knows nothing about what they are."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import RLock
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """Values by key for the latest revision of the records, the most recently used ones.

    One lock guards lookup and building, so that two callers never build the same value at once.

    Args:
        most: How many values are kept.
    """

    def __init__(self, most: int = 1) -> None:
        self._most = most
        self._lock = RLock()
        self._revision = ""
        self._values: OrderedDict[Hashable, T] = OrderedDict()

    def get(self, revision: str, key: Hashable, build: Callable[[], T], *, serves: Callable[[T], bool] = lambda _: True) -> T:
        """Return the value kept under `key`.

        Args:
            revision: Revision of the records; values of another one are forgotten.
            key: What the value is of.
            build: Makes the value where there is none that serves.
            serves: Whether a kept value is good enough for this caller.
        """
        with self._lock:
            if revision != self._revision:
                self._values.clear()
                self._revision = revision
            if key not in self._values or not serves(self._values[key]):
                self._values[key] = build()
                if len(self._values) > self._most:
                    self._values.popitem(last=False)
            self._values.move_to_end(key)
            return self._values[key]

    def peek(self, revision: str, key: Hashable) -> T | None:
        """Return the value kept under `key` for this `revision`, or None."""
        with self._lock:
            return self._values.get(key) if revision == self._revision else None

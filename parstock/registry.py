"""One registry for every seam: the public files of a folder, by name."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from parstock.errors import InputError, SetupError

T = TypeVar("T")
E = TypeVar("E")


class Registry(Generic[T]):
    """Named implementations found in the public modules of one package.

    Each module of `package` whose name does not start with an underscore registers what it offers with
    `@registry.register("name")`. The modules are imported on first use, so that listing a seam's
    names costs nothing until somebody asks.

    Args:
        noun: What the entries are, for messages ("forecaster").
        package: Dotted name of the folder that holds the implementations.
    """

    def __init__(self, noun: str, package: str) -> None:
        self.noun = noun
        self.package = package
        self._entries: dict[str, T] = {}
        self._loaded = False

    def register(self, name: str) -> Callable[[E], E]:
        """Return a decorator that files its argument under `name`.

        Raises:
            SetupError: Another entry already has that name.
        """

        def file(entry: E) -> E:
            if name in self._entries and self._entries[name] is not entry:
                raise SetupError(f"two {self.noun}s are named {name!r}: {self._entries[name]!r} and {entry!r}")
            self._entries[name] = entry  # type: ignore[assignment]
            return entry

        return file

    def get(self, name: str) -> T:
        """Return the entry called `name`.

        Raises:
            InputError: There is none; the message lists the known names.
        """
        self._load()
        if name not in self._entries:
            known = ", ".join(sorted(self._entries))
            raise InputError(
                f"unknown {self.noun} {name!r}; known: {known}", field=self.noun, choices=tuple(sorted(self._entries))
            )
        return self._entries[name]

    def names(self) -> tuple[str, ...]:
        """All names, sorted."""
        self._load()
        return tuple(sorted(self._entries))

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __contains__(self, name: object) -> bool:
        return name in self.names()

    def _load(self) -> None:
        if self._loaded:
            return
        package = importlib.import_module(self.package)
        for module in pkgutil.iter_modules(package.__path__):
            if not module.name.startswith("_"):
                importlib.import_module(f"{self.package}.{module.name}")
        self._loaded = True

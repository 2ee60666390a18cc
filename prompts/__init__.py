"""Prompts as plain Markdown files and `load`, which fills them in. Knows nothing about models or tools."""

import re
from functools import cache
from importlib.resources import files

_PLACEHOLDER = re.compile(r"\{\{\s*([a-z_]+)\s*\}\}")


@cache
def names() -> tuple[str, ...]:
    """Names of all prompts, sorted, such as "system.en"."""
    return tuple(sorted(entry.name.removesuffix(".md") for entry in files(__name__).iterdir() if entry.name.endswith(".md")))


@cache
def _template(name: str) -> str:
    if name not in names():
        raise LookupError(f"unknown prompt {name!r}; known: {', '.join(names())}")
    return files(__name__).joinpath(f"{name}.md").read_text(encoding="utf-8").strip()


def load(name: str, **values: object) -> str:
    """Return the prompt `name` with every `{{ placeholder }}` replaced by its value.

    Values are put in as they are: braces inside a value are never read as placeholders.

    Args:
        name: File name without `.md`, such as "system.en".
        **values: One value for each placeholder, no more and no less.

    Raises:
        LookupError: There is no such prompt.
        ValueError: A placeholder has no value, or a value has no placeholder.
    """
    template = _template(name)
    wanted = set(_PLACEHOLDER.findall(template))
    if missing := wanted - values.keys():
        raise ValueError(f"prompt {name!r} needs a value for: {', '.join(sorted(missing))}")
    if unused := values.keys() - wanted:
        raise ValueError(f"prompt {name!r} has no placeholder for: {', '.join(sorted(unused))}")
    return _PLACEHOLDER.sub(lambda match: str(values[match.group(1)]), template)

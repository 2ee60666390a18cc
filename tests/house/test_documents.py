"""What the documents say can be done, can be done."""

import re
from pathlib import Path

import pytest

from agent.models import chat_models
from cli import app
from evaluation.base import suites
from forecasting.base import forecasters
from parstock.registry import Registry
from planning.base import policies
from retrieval.base import sources
from tools.base import tools

COMMANDS = {str(command.name or getattr(command.callback, "__name__", "")).rstrip("_") for command in app.registered_commands}
GROUPS = {str(group.name): group.typer_instance for group in app.registered_groups}
EVERY_COMMAND = [("", command) for command in app.registered_commands]
EVERY_COMMAND += [(f"{name} ", command) for name, group in GROUPS.items() if group for command in group.registered_commands]
SEAMS: tuple[Registry[object], ...] = (forecasters, policies, tools, chat_models, sources, suites)  # type: ignore[assignment]


def _targets(makefile: str) -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))


def _code(text: str) -> str:
    """The code of a Markdown text: fenced blocks and inline spans, without comments."""
    return re.sub(r"\s# .*", "", "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL)))


def test_documented_commands_exist(tracked: tuple[Path, ...], root: Path) -> None:
    """Every `parstock X` and `make Y` of README, CONTRIBUTING, AGENTS and docs is a real command."""
    targets = _targets((root / "Makefile").read_text(encoding="utf-8"))
    unknown = set()
    for path in (path for path in tracked if path.suffix == ".md" and "tests" not in path.parts):
        code = _code(path.read_text(encoding="utf-8")) if path.relative_to(root).parts[0] in ("docs", path.name) else ""
        said = re.findall(r"(?:^|[`/]|[$|&;] |^\w+=\S+ )parstock ([a-z][a-z-]*)", code, re.MULTILINE)
        unknown |= {f"{path.name}: parstock {word}" for word in said if word not in COMMANDS | set(GROUPS)}
        for line in re.findall(r"(?:^|[`$ ])make((?: [a-z][a-z-]*(?![\w=-]))+)", code, re.MULTILINE):
            unknown |= {f"{path.name}: make {word}" for word in line.split() if word not in targets}
    assert not unknown


def _spoken(part: object) -> str:
    """The name of a command or a group, the same in every process."""
    made_by = getattr(part, "callback", None)
    return str(getattr(part, "name", None) or getattr(made_by, "__name__", None) or part).strip()


@pytest.mark.parametrize(("group", "command"), EVERY_COMMAND, ids=_spoken)
def test_every_command_shows_an_example(group: str, command: object) -> None:
    """`--help` of each command says what it does and ends with a line that works when copied."""
    name = str(command.name or command.callback.__name__)  # type: ignore[attr-defined]
    assert str(command.epilog).startswith(f"Example: parstock {group}{name}")  # type: ignore[attr-defined]
    assert command.callback.__doc__  # type: ignore[attr-defined]


@pytest.mark.parametrize("seam", SEAMS, ids=lambda seam: seam.noun)
def test_every_registered_name_is_documented(seam: Registry[object], root: Path) -> None:
    """Each forecaster, policy, tool, chat model, document source and suite has its place in docs/reference."""
    pages = list((root / "docs" / "reference").glob("*.md"))
    if not pages:
        pytest.skip("there is no docs/reference in this tree")
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    assert not [name for name in seam.names() if f"`{name}`" not in text]

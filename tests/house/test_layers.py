"""A folder imports only from rows above it."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path


def test_imports_obey_the_layers(root: Path) -> None:
    """No folder imports from its own row or one below it, as pyproject.toml draws them."""
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as main; main()", "--no-cache"],
        cwd=root,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_package_of_the_wheel_is_in_the_layers(root: Path) -> None:
    """A folder that is shipped cannot escape the layer check."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    shipped = project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    linted = project["tool"]["importlinter"]
    packages = {name for name in shipped if not name.endswith(".py")}
    drawn = {name.strip() for layer in linted["contracts"][0]["layers"] for name in layer.split("|")}
    assert packages == set(linted["root_packages"]) == drawn == set(linted["contracts"][1]["source_modules"])


def test_the_web_door_does_not_know_the_command_line(root: Path) -> None:
    """`server.py`, which the layer check cannot see as it is no package, imports nothing of `cli.py`."""
    tree = ast.parse((root / "server.py").read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert "cli" not in imported

"""What is installed is what was written, and nothing of ours is somebody else's."""

import importlib.metadata
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder


@pytest.fixture(scope="session")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from the working tree."""
    folder = tmp_path_factory.mktemp("wheel")
    built = next(iter(WheelBuilder(str(root)).build(directory=str(folder), versions=["standard"])))
    return Path(built)


def test_wheel_holds_every_file_of_the_packages(wheel: Path, root: Path, tracked: tuple[Path, ...]) -> None:
    """Migrations, prompts, policies, the catalogue, pages and weights are shipped, not only Python files."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    shipped = project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    relative = [path.relative_to(root) for path in tracked]
    wanted = {str(path) for path in relative if path.parts[0] in shipped}
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == wanted
    assert {"tools/catalogue.json", "inventory/migrations/env.py", "prompts/system.zh.md", "cli.py"} <= held


def test_wheel_carries_the_licence(wheel: Path) -> None:
    """Whoever installs the wheel gets the licence's text with it."""
    with zipfile.ZipFile(wheel) as archive:
        texts = [archive.read(name).decode() for name in archive.namelist() if name.endswith("licenses/LICENSE")]
    assert len(texts) == 1
    assert "Apache License" in texts[0]


def test_nobody_else_ships_our_names(root: Path) -> None:
    """No other installed distribution has a top-level module called like one of ours (`tools`, `agent` ... are plain words)."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    ours = {Path(name).stem for name in project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]}
    clashes = {
        f"{distribution.name} ships {file}"
        for distribution in importlib.metadata.distributions()
        if distribution.name != "parstock"
        for file in distribution.files or ()
        if file.suffix == ".py" and Path(file.parts[0]).stem in ours and len(file.parts) <= 2
    }
    assert not clashes


@pytest.mark.slow
def test_the_wheel_runs_without_the_working_tree(wheel: Path, tmp_path: Path) -> None:
    """`parstock --help` and `parstock tools` work from an unpacked wheel alone."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed")}
    script = "import cli, sys; assert cli.__file__.startswith(sys.argv[1]); cli.main(sys.argv[2:])"
    for arguments in (["--help"], ["tools", "--json"]):
        command = [sys.executable, "-c", script, str(tmp_path), *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

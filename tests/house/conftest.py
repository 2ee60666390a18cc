"""The project's own files, as the house's tests look at them."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    """Folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def tracked(root: Path) -> tuple[Path, ...]:
    """Files that are, or are about to be, under version control."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("the project is not in a git checkout")
    files = (root / name for name in listed.stdout.split("\0") if name)
    return tuple(path for path in files if path.is_file())


@pytest.fixture(scope="session")
def modules(tracked: tuple[Path, ...], root: Path) -> tuple[Path, ...]:
    """Python files of the product, without tests and scripts around it."""
    around = {"tests", "benchmarks", "examples", ".ci", "docs"}
    return tuple(p for p in tracked if p.suffix == ".py" and p.relative_to(root).parts[0] not in around)

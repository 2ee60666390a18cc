"""What tests of the command line share."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def home(tiny_home: Path, tmp_path: Path) -> Path:
    """A copy of the tiny shop."""
    return Path(shutil.copytree(tiny_home, tmp_path / "home"))

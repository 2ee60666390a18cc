"""Rules of policies are looked at when the policies are imported, by the command line."""

from collections.abc import Callable
from pathlib import Path

import pytest

import cli
from inventory.records import Records
from tools.context import ToolContext

DOCUMENT = "# Levels\n\n## 1 Kitchen\n\nKitchen is planned for 98 %.\n\n```parstock\nrule: service_level\nvalue: {}\n{}\n```\n"


@pytest.fixture
def shop(own_shop: Callable[..., ToolContext]) -> ToolContext:
    """A tiny shop to import policies into."""
    return own_shop()


def run_import(shop: ToolContext, *arguments: str) -> int:
    """Exit code of `parstock import policies`."""
    with pytest.raises(SystemExit) as ended:
        cli.main(["import", "policies", *arguments, "--home", str(shop.settings.home)])
    return int(ended.value.code or 0)


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_a_rule_that_cannot_be_read_refuses_the_import(
    shop: ToolContext, tmp_path: Path, capsys: pytest.CaptureFixture[str], dry: tuple[str, ...]
) -> None:
    """A bad block is said with document, line, field and value, and no document of the folder is written."""
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "fine.md").write_text(DOCUMENT.format("97 %", "category: Kitchen"), encoding="utf-8")
    (folder / "levels.md").write_text(DOCUMENT.format("198 %", "category: Kitchen"), encoding="utf-8")
    before = shop.records.policies()

    assert run_import(shop, str(folder), *dry) == 2
    said = capsys.readouterr()
    assert "policy 'levels', line 9: value '198 %' cannot be read; write a probability" in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""
    assert Records(shop.store, shop.settings).policies() == before


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
@pytest.mark.parametrize(
    ("scope", "idle"),
    [
        ("category: Jewellery", "levels#1: category 'Jewellery'"),
        ("item: X-99", "levels#1: item 'X-99'"),
        ("item: regency cakestand", "levels#1: item 'regency cakestand'"),
        ("supplier: Nobody Ltd", "levels#1: supplier 'Nobody Ltd'"),
        ("category: kitchen", ""),
        ("supplier: Yiwu Bright", ""),
        ("season: 03-01..06-30", ""),
    ],
)
def test_a_rule_for_nobody_is_named_in_the_report(
    shop: ToolContext, tmp_path: Path, capsys: pytest.CaptureFixture[str], scope: str, idle: str, dry: tuple[str, ...]
) -> None:
    """A rule about a name that is not recorded is imported, and the report shows it with its section."""
    path = tmp_path / "levels.md"
    path.write_text(DOCUMENT.format("98 %", scope), encoding="utf-8")

    assert run_import(shop, str(path), *dry) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "bind nothing" in line]
    assert len(lines) == bool(idle)
    assert all(line.endswith(idle) for line in lines)

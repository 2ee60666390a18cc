"""The documentation says what the code does."""

import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from forecasting.base import forecasters
from inventory import kinds
from parstock.domain import DemandPanel
from parstock.settings import Settings
from tools.catalogue import catalogue, function

DOCS = Path(__file__).parents[2] / "docs"


def test_every_setting_is_documented() -> None:
    """Each field of Settings stands in the reference with its variable."""
    text = (DOCS / "reference" / "settings.md").read_text(encoding="utf-8")

    assert [name for name in Settings.model_fields if f"`PARSTOCK_{name.upper()}`" not in text] == []


def test_every_argument_of_every_tool_is_documented() -> None:
    """The tools page has each tool's arguments, and says which tools are not built yet."""
    text = (DOCS / "reference" / "tools.md").read_text(encoding="utf-8")
    for spec in catalogue():
        tool = function(spec)
        section = text.split(f"## `{tool['name']}`")[1].split("\n## ")[0]
        assert all(f"`{name}`" in section for name in tool["parameters"]["properties"])  # type: ignore[index, call-overload]


@pytest.mark.parametrize(
    "kind", [kind for kind in vars(kinds).values() if isinstance(kind, kinds.Kind)], ids=lambda kind: kind.name
)
def test_every_field_that_can_be_imported_is_documented(kind: kinds.Kind) -> None:
    """The import page lists each kind's fields, the required ones first."""
    lines = (DOCS / "how-to" / "import.md").read_text(encoding="utf-8").splitlines()
    cells = next(line.split("|") for line in lines if line.startswith(f"| {kind.name} |"))

    assert re.findall(r"`(\w+)`", cells[2]) == [f.name for f in kind.fields if f.required]
    assert re.findall(r"`(\w+)`", cells[3]) == [f.name for f in kind.fields if not f.required]


def test_the_documented_forecaster_works() -> None:
    """The forecaster of the extension page is registered and forecasts when its text is run."""
    code = re.search(r"```python\n(.*?)```", (DOCS / "how-to" / "extend.md").read_text(encoding="utf-8"), re.DOTALL)
    assert code is not None
    assert "recent_days" not in forecasters
    try:
        exec(code[1], {"__name__": "recent_days"})
        demand = np.tile([1.0, 2, 3, 4, 5, 6, 7], (2, 20))
        forecast = forecasters.get("recent_days")().fit(DemandPanel(("a", "b"), date(2026, 1, 5), demand)).predict(7)
    finally:
        forecasters._entries.pop("recent_days", None)

    assert np.allclose(forecast.mean(), [1, 2, 3, 4, 5, 6, 7])

"""Settings from the environment: the countries, and what is said of wrong ones."""

from pathlib import Path

import pytest

from parstock.errors import SetupError
from parstock.settings import Settings


@pytest.mark.parametrize(
    ("text", "countries"),
    [(None, None), ("", None), ("GB", ("GB",)), (" gb, United States ,cn", ("GB", "US", "CN")), ("UK,GB,英国", ("GB",))],
)
def test_countries_are_codes_separated_by_commas(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str | None, countries: tuple[str, ...] | None
) -> None:
    """Codes and names are read from the environment or the home's file; nothing set means those of the warehouses."""
    if text is not None:
        monkeypatch.setenv("PARSTOCK_COUNTRIES", text)
    assert Settings.load(tmp_path).countries == countries
    monkeypatch.delenv("PARSTOCK_COUNTRIES", raising=False)
    (tmp_path / "settings.env").write_text(f"PARSTOCK_COUNTRIES={text or ''}\n", encoding="utf-8")
    assert Settings.load(tmp_path).countries == countries


def test_an_unknown_country_names_the_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The operator reads which setting is wrong, its value, and what would be right."""
    monkeypatch.setenv("PARSTOCK_COUNTRIES", "GB,Narnia")
    with pytest.raises(SetupError, match=r"^PARSTOCK_COUNTRIES is 'GB,Narnia': country 'Narnia' is not known; give ISO codes"):
        Settings.load(tmp_path)

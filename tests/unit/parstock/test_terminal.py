"""What the terminal shows while something takes long."""

import io

import pytest
from rich.console import Console

from parstock import terminal


@pytest.mark.parametrize(("told", "drawn"), [((), False), ((("forecasting", 0.5),), True), ((("read", 1.0),), False)])
def test_a_bar_is_drawn_only_while_there_is_work(
    monkeypatch: pytest.MonkeyPatch, told: tuple[tuple[str, float], ...], drawn: bool
) -> None:
    """Silent work draws nothing; a bar names what is done, and the screen is given back at the end."""
    screen = io.StringIO()
    monkeypatch.setattr(terminal, "console", lambda *, stderr: Console(file=screen, force_terminal=True))
    with terminal.progress() as tell:
        for what, share in told:
            tell(what, share)
    assert ("forecasting" in screen.getvalue()) == drawn
    assert screen.getvalue().count("\x1b[?25l") == screen.getvalue().count("\x1b[?25h")

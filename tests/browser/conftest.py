"""A real browser on a real server."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, sync_playwright

from inventory import keys
from web.shop import Shop


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium: the system's, or Playwright's own where that is installed."""
    system = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        if system is None and not Path(playwright.chromium.executable_path).exists():
            pytest.skip("no browser: install chromium, or run `playwright install chromium`")
        try:
            opened = playwright.chromium.launch(executable_path=system, args=["--no-sandbox"])
        except Error as error:
            pytest.skip(f"the browser does not start: {error.message.splitlines()[0]}")
        yield opened
        opened.close()


@pytest.fixture
def door(web_shop: Callable[..., Shop], served: Callable[[Shop], AbstractContextManager[str]]) -> Iterator[tuple[str, str]]:
    """Address of a running server, and a key for it."""
    shop = web_shop()
    secret = keys.create(shop.store, "lina", frozenset({"read", "plan", "propose"}))
    shop.agent()
    with served(shop) as url:
        yield url, secret


@pytest.fixture
def open_page(browser: Browser, door: tuple[str, str]) -> Iterator[Callable[..., Page]]:
    """Opens the chat page as somebody with the key does; fails the test on any script error or blocked resource."""
    wrong: list[str] = []
    url, secret = door

    def opened(key: str | None = secret, **context: object) -> Page:
        page = browser.new_context(**{"locale": "en-GB", **context}).new_page()  # type: ignore[arg-type]
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "console", lambda said: wrong.append(said.text) if said.type == "error" and "status of" not in said.text else None
        )
        page.goto(f"{url}/#key={key}" if key else url)
        return page

    yield opened
    for context in browser.contexts:
        context.close()
    assert [text for text in wrong if "the server responded with a status of" not in text] == []

"""A real browser: headless Chromium, driven by Playwright."""

import shutil
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.running import missing

NAMES = ("chromium", "chromium-browser", "google-chrome")
# It shall look for nothing outside this machine.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE = {"width": 1600, "height": 1000}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One a module: Playwright keeps an event loop running, in which other tests cannot run theirs.

    Without Chromium, tests are skipped, but fail in CI.
    """
    place = next((found for name in NAMES if (found := shutil.which(name))), None)
    if place is None:
        missing("no Chromium on PATH (on Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=place, args=list(ARGUMENTS))
        yield started
        started.close()


class Tab(NamedTuple):
    """A tab, and what the pages in it have complained of."""

    page: Page
    complaints: list[str]


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Tab]:
    """One a module, in light: a tab of its own would cost each test a second of CPU."""
    complaints: list[str] = []
    context = browser.new_context(viewport=WIDE, color_scheme="light", accept_downloads=True)  # type: ignore[arg-type]
    context.add_init_script("try { localStorage.clear(); } catch { /* an empty page has none */ }")
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    opened.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield Tab(opened, complaints)
    context.close()


@pytest.fixture
def page(tab: Tab) -> Iterator[Page]:
    """An empty page that has stored nothing; what it complains of fails the test."""
    tab.page.mouse.move(0, 0)
    tab.page.goto("about:blank")
    tab.page.context.clear_cookies()
    tab.complaints.clear()
    yield tab.page
    assert tab.complaints == []

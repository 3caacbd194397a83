"""A real browser: headless Chromium, driven by Playwright."""

import shutil
from collections.abc import Iterator

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


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page, in light; what it complains of fails the test."""
    complaints: list[str] = []
    context = browser.new_context(viewport=WIDE, color_scheme="light", accept_downloads=True)  # type: ignore[arg-type]
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    opened.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert complaints == []

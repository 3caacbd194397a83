"""`workbench serve` in a real browser: a run watched to its end, and two runs side by side."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from harness.results import store
from tests.builders import document_of
from tests.cli.conftest import BARE

LOAD = ("--load", "closed:4", "--rounds", "2", "--duration", "500ms")
RUN = ("run", BARE, "-w", "sleep", "-c", "asyncio:2", "-c", "celery-threads:2", *LOAD, "--quiet")
ENDS_WITHIN_MS = 60_000


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The address of a server of an empty folder."""
    (tmp_path / "runs").mkdir()
    argv = [sys.executable, "-m", "harness", "serve", "runs", "--port", "0"]
    server = subprocess.Popen(argv, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    found = re.search(r"http://\S+/", server.stdout.readline())
    assert found is not None
    yield found[0]
    server.send_signal(signal.SIGINT)
    assert server.wait(10) == 0
    server.stdout.close()


def test_a_run_is_watched_to_its_end(page: Page, served: str, tmp_path: Path) -> None:
    """Trials done, both sides' rate and latency, each trial's row as it ends; then the report."""
    with (tmp_path / "log").open("w") as log:
        run = subprocess.Popen(
            [sys.executable, "-m", "harness", *RUN, "-o", "runs/mine"], cwd=tmp_path, env=os.environ, stderr=log
        )
        try:
            while not (tmp_path / "runs" / "mine" / store.DOCUMENT).exists():
                assert run.poll() is None, (tmp_path / "log").read_text()
                page.wait_for_timeout(50)
            page.goto(served)
            page.get_by_role("link", name="mine", exact=True).click()
            expect(page.locator("#trials tr").first).to_be_visible(timeout=ENDS_WITHIN_MS)
            for side in ("asyncio", "celery"):
                figure = page.locator(f"figure[data-side={side}]")
                expect(figure.locator(".rate")).to_contain_text("requests/s", timeout=ENDS_WITHIN_MS)
            expect(page.locator("#left")).to_contain_text("trials")
            page.wait_for_url("**/runs/mine/?report", timeout=ENDS_WITHIN_MS)
            expect(page.locator("h1")).to_contain_text("sleep: ")
            assert run.wait(30) == 0
        finally:
            run.kill()
            run.wait()
    assert page.context.cookies() == []


def test_two_runs_are_compared(page: Page, served: str, tmp_path: Path) -> None:
    """Chosen in the list, shown side by side, with the way back."""
    for name in ("one", "two"):
        (tmp_path / "runs" / name).mkdir()
        store.write(tmp_path / "runs" / name / store.DOCUMENT, document_of("quick"))
    page.goto(served)
    page.get_by_label("one is the base").check()
    page.get_by_label("two is the new run").check()
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".answer")).to_contain_text("No difference")
    expect(page.get_by_role("columnheader", name="new ÷ base").first).to_be_visible()
    page.get_by_role("link", name="All runs").click()
    expect(page.get_by_role("heading", name="Runs")).to_be_visible()

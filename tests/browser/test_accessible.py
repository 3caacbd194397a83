"""Every kind of page for every reader: axe-core finds no serious fault, and the keyboard reaches everything.

Each page is loaded once: wide and light, folded out, then narrow and dark.
"""

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser.pages import LIVE_EVENTS, NO_SERVER, PAGES, written

WIDE, MIDDLE, NARROW = ({"width": width, "height": 900} for width in (1400, 800, 400))
RUN = """async (rules) => (await axe.run(document, {
    resultTypes: ["violations"], ...(rules ? { runOnly: { type: "rule", values: rules } } : {}) })).violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`))"""
OF_LOOKS = ["color-contrast", "scrollable-region-focusable"]
"""Rules whose outcome depends on colours and width."""
UNFOLD = "document.querySelectorAll('details').forEach((details) => { details.open = true; })"
DRAWN = """[...document.querySelectorAll("figure[data-chart]")].every((figure) =>
    figure.parentElement.closest("details:not([open])") || /light|dark/.test(figure.dataset.drawn))"""
AS_THEY_OPEN = ("card", "crashes", "flame", "sweep")
"""Pages with dozens of charts, each as those of the page `report`: they are not folded out."""
UNREACHED = """() => [...document.querySelectorAll("a[href], button, input, summary, .scroll, .drawing, pre")]
    .filter((part) => part.checkVisibility() && part.tabIndex !== 0).map((part) => part.outerHTML.slice(0, 80))"""
NAMELESS = """() => [...document.querySelectorAll("figure[data-chart]")].filter((figure) =>
    !figure.querySelector("[role=img]").getAttribute("aria-label") || !figure.querySelector(".figures table tbody tr"))
    .map((figure) => figure.dataset.chart)"""


@pytest.fixture
def shown(request: pytest.FixtureRequest, page: Page, tmp_path: Path) -> Page:
    """A page as it opens, in light, 1400 px wide."""
    name = request.node.callspec.params["name"]
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    if name == "live":
        page.add_init_script(NO_SERVER)
    page.goto(written(name, tmp_path))
    for event in LIVE_EVENTS if name == "live" else []:
        page.evaluate("(event) => source.onmessage({ data: JSON.stringify(event) })", event)
    page.evaluate(AXE_SCRIPT)
    return page


@pytest.mark.parametrize("name", sorted(PAGES))
def test_no_page_has_a_serious_fault(shown: Page, name: str) -> None:
    """Folded and wide; then folded out; then narrow and dark. Charts have a name, a table, and a place in the order."""
    found: list[Any] = shown.evaluate(RUN) if name in ("report", *AS_THEY_OPEN) else []
    if name not in AS_THEY_OPEN:
        shown.evaluate(UNFOLD)
        shown.wait_for_function(DRAWN)
        found += shown.evaluate(RUN)
        assert shown.evaluate(NAMELESS) == []
    assert shown.evaluate(UNREACHED) == []
    shown.set_viewport_size(MIDDLE if name == "index" else NARROW)  # type: ignore[arg-type]
    shown.get_by_role("button", name="Dark").click()
    found += shown.evaluate(RUN, OF_LOOKS)
    assert found == []
    assert shown.evaluate("document.documentElement.scrollWidth") <= shown.evaluate("innerWidth")


@pytest.mark.parametrize("name", ["report"])
def test_marks_of_a_chart_are_reached_by_arrow_keys(shown: Page, name: str) -> None:
    """What the pointer would be told is shown and spoken; Escape ends it."""
    place = shown.locator("figure[data-chart] .drawing").first
    place.focus()
    for key in ("ArrowRight", "ArrowRight", "Home"):
        shown.keyboard.press(key)
    first = shown.locator("#spoken").text_content() or ""
    assert "asyncio:4" in first
    assert "asyncio:4" in shown.locator("#tip").inner_text()
    shown.keyboard.press("End")
    assert "celery-threads:4" in (shown.locator("#spoken").text_content() or "")
    shown.keyboard.press("Escape")
    assert shown.locator("#tip").is_hidden()


@pytest.mark.parametrize("name", ["live"])
def test_a_line_of_the_live_page_is_of_one_kind_of_trial(shown: Page, name: str) -> None:
    """Rates of a no-op and of work are no one line; a row says how its trial ended before its figures."""
    began = {"type": "trial_begins", "round": 1, "side": "asyncio", "contender": "asyncio:4", "load": "closed:8"}
    rate = {"type": "current", "side": "asyncio", "per_s": 40_000.0, "latency_ms": 0.01}
    for event in ({**began, "workload": "noop"}, rate, {**began, "workload": "sleep"}, {**rate, "per_s": 80.0}):
        shown.evaluate("(event) => source.onmessage({ data: JSON.stringify(event) })", event)
    of_side = shown.locator('figure.side[data-side="asyncio"]')
    assert of_side.locator(".under").inner_text() == "asyncio:4: sleep, closed:8"
    assert of_side.locator(".reach").text_content() == "0 to 80.00 requests/s"
    assert shown.locator("#trials td:nth-child(5)").all_inner_texts() == ["failed", "measured"]


@pytest.mark.parametrize("name", ["report"])
def test_a_word_is_explained_to_the_keyboard(shown: Page, name: str) -> None:
    """Where it first stands; Escape ends it. So are the heads of columns."""
    word = shown.locator("dfn").first
    word.focus()
    meaning = word.get_attribute("data-means") or ""
    assert shown.locator("#tip").inner_text() == meaning == shown.locator("#spoken").text_content()
    shown.keyboard.press("Escape")
    assert shown.locator("#tip").is_hidden()
    shown.locator("th button[data-means]").first.focus()
    assert shown.locator("#tip").is_visible()

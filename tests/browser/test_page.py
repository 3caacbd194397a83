"""The report's page in a real browser, opened from disk."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect

from harness import registry
from harness.plan.reading import load_plan
from harness.report.report import build
from harness.report.table import BRIEF_MOST
from harness.results.model import Failure, Results
from tests.browser import pages
from tests.builders import cell_of, document_of, results_of, summarised, trial_of
from tests.modelled import modelled

HOSTILE = "</script><script>document.title='hacked'</script><img src=x onerror=\"document.title='hacked'\">"


def written(document: Results, folder: Path) -> str:
    """The page's address."""
    file = folder / "report.html"
    file.write_text(registry.load("format", "html").render(document), "utf-8")
    return file.as_uri()


@pytest.fixture(scope="module")
def document() -> Results:
    """A run of the plan `slots`."""
    return document_of("slots")


@pytest.fixture(scope="module")
def address(document: Results, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of that run's page."""
    return written(document, tmp_path_factory.mktemp("slots"))


@pytest.fixture
def opened(page: Page, address: str) -> Page:
    """A run of the plan `slots`, whose figures depend on slots; every request that the page makes is noted."""
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(address)
    assert requested == [address]
    return page


def column(page: Page, name: str, table: int = 0) -> list[str]:
    """The texts of a table's column."""
    found: list[str] = page.evaluate(
        """([name, index]) => {
            const table = document.querySelectorAll("table[data-table]")[index];
            const at = [...table.tHead.rows[0].cells].findIndex((cell) => cell.textContent.trim() === name);
            return [...table.tBodies[0].rows].map((row) => row.cells[at].textContent.trim());
        }""",
        [name, table],
    )
    return found


def test_the_answer_comes_first(opened: Page, document: Results) -> None:
    """The headline, then each comparison, whose points lie on the side of the better one."""
    screen = build(document).first
    assert opened.locator("h1").inner_text().replace("\u00a0", " ") == screen.headline  # units stay beside numbers
    shown = opened.locator(".overview tbody tr")
    said = shown.locator("td.said").first.text_content() or ""
    assert said.replace("\u2060", "") == screen.overview[0].speed_text  # an interval stays in one line
    assert shown.count() == len(screen.overview)
    axis = shown.first.locator(".axis").first.bounding_box()
    point = shown.first.locator(".point").first.bounding_box()
    assert axis is not None
    assert point is not None
    middle = axis["x"] + axis["width"] / 2
    assert (point["x"] + point["width"] / 2 > middle) == (screen.overview[0].speed.standing == "first")


def test_all_columns_are_behind_a_button(opened: Page) -> None:
    """At most nine at first sight; the rest when asked for, and back."""
    heads = opened.locator("section table[data-table=results]").first.locator("thead th")
    assert heads.locator("visible=true").count() <= BRIEF_MOST
    opened.get_by_role("button", name="All columns").click()
    assert heads.locator("visible=true").count() == heads.count() > BRIEF_MOST
    opened.get_by_role("button", name="All columns").click()
    assert heads.locator("visible=true").count() <= BRIEF_MOST


def test_the_figures_of_a_chart_are_a_table_for_the_keyboard(opened: Page) -> None:
    """Made when it is folded out: a row for each mark."""
    figure = opened.locator("figure[data-chart^=ranked]").first
    figure.locator("details.figures summary").focus()
    opened.keyboard.press("Enter")
    rows = figure.locator("details.figures tbody tr")
    expect(rows.first).to_be_visible()
    assert rows.first.locator("td").first.text_content() == "asyncio:2"


def test_rows_sort_by_the_number_and_with_the_keyboard(opened: Page) -> None:
    """Best first, then the other way; screen readers are told."""
    head = opened.get_by_role("columnheader", name="requests /s").first
    head.get_by_role("button").focus()
    opened.keyboard.press("Enter")
    down = [float(text.split()[0].replace(",", "")) for text in column(opened, "requests /s")]
    assert down == sorted(down, reverse=True)
    assert head.get_attribute("aria-sort") == "descending"
    opened.keyboard.press("Enter")
    assert [float(text.split()[0].replace(",", "")) for text in column(opened, "requests /s")] == sorted(down)
    assert head.get_attribute("aria-sort") == "ascending"
    opened.get_by_role("columnheader", name="contender").first.get_by_role("button").click()
    names = column(opened, "contender")
    assert names == sorted(names)
    assert head.get_attribute("aria-sort") is None


def test_the_filter_leaves_rows_with_every_word(opened: Page, document: Results) -> None:
    """In all tables; sections without any are gone; how many is said."""
    opened.get_by_label("Filter").fill("threads closed:64")
    left = opened.locator("table[data-table]").first.locator("tbody tr:visible th").all_text_contents()
    assert set(left) == {"celery-threads"}
    shown, rows = (opened.locator(f"section tbody tr{which}").count() for which in (":not([hidden])", ""))
    assert opened.get_by_role("status").text_content() == f"{shown} of {rows} rows"
    opened.get_by_label("Filter").fill("no such thing")
    assert opened.locator("section:visible").count() == 0
    opened.get_by_label("Filter").fill("")
    assert opened.locator("section:visible").count() == len(build(document).sections)


def test_every_chart_shows_something_in_light_and_in_dark(opened: Page) -> None:
    """Drawn when it comes into sight; drawn anew in the other colours."""
    figures = opened.locator("figure[data-chart]")
    assert figures.count() >= 10
    opened.evaluate("workbench.drawAll()")
    marks = opened.evaluate(
        """() => [...document.querySelectorAll("figure[data-chart]")].map((figure) =>
            figure.querySelectorAll(".mark-rect path, .mark-symbol path, .mark-line path, .mark-rule line").length)"""
    )
    assert min(marks) > 0
    colour = "getComputedStyle(document.querySelector('.mark-text text')).fill"
    ground = "getComputedStyle(document.body).backgroundColor"
    light = opened.evaluate(f"[{colour}, {ground}]")
    opened.get_by_role("button", name="Dark").click()
    expect(opened.locator("figure[data-drawn='light']")).to_have_count(0)
    expect(opened.get_by_role("button", name="Light")).to_be_visible()  # it names what it switches to
    dark = opened.evaluate(f"[{colour}, {ground}]")
    assert light[0] != dark[0]
    assert light[1] != dark[1]
    opened.emulate_media(media="print")
    assert opened.evaluate(f"[{colour}, {ground}]") == ["rgb(34, 34, 34)", "rgb(255, 255, 255)"]
    opened.emulate_media(media="screen")


def test_charts_are_drawn_once_they_are_open(opened: Page) -> None:
    """Two of a section at once, without scrolling; the others when they are folded out."""
    section = opened.locator("section").first
    shown = section.locator("details.section > .charts figure")
    assert shown.count() == 2
    for figure in shown.all():
        expect(figure).to_have_attribute("data-drawn", "light")
    folded = section.locator("details.more-charts figure").first
    assert folded.get_attribute("data-drawn") is None
    section.locator("details.more-charts > summary").click()
    expect(folded).to_have_attribute("data-drawn", "light")


def test_a_chart_tells_its_figures_under_the_pointer(opened: Page) -> None:
    """As text."""
    opened.locator("details.more-charts > summary").first.click()
    opened.locator("figure[data-chart='cpu'] .mark-rect path").first.hover()
    said = dict(row.split("\t") for row in opened.locator("#tip").inner_text().splitlines())
    assert said["contender"].startswith(("asyncio", "celery-"))
    assert any(re.fullmatch(r"[\d.,]+", value) for value in said.values())


@pytest.mark.parametrize("width", [400, 1600])
def test_nothing_is_cut_off(browser: Browser, address: str, width: int) -> None:
    """Tables scroll in their own frame, also with the keyboard; the page itself does not scroll sideways."""
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.goto(address)
    page.evaluate("workbench.drawAll()")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    focusable = page.evaluate("[...document.querySelectorAll('.scroll')].map((frame) => frame.tabIndex === 0)")
    assert focusable == [True] * page.locator("table").count() != []
    context.close()


def test_a_table_that_goes_on_fades_at_its_edge(browser: Browser, address: str) -> None:
    """Until it has been scrolled to its end; one that is shown whole does not."""
    context = browser.new_context(viewport={"width": 800, "height": 900})
    page = context.new_page()
    page.goto(address)
    page.evaluate("document.documentElement.dataset.columns = 'all'")
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    goes_on = "(all) => all.map((it) => [it.scrollWidth > it.clientWidth, it.classList.contains('goes-on')])"
    frames = page.locator(".scroll")
    page.wait_for_function("document.querySelector('.scroll.goes-on') !== null")
    seen = frames.evaluate_all(goes_on)
    assert {wide for wide, _ in seen} == {True, False}
    assert all(wide == fades for wide, fades in seen)
    page.locator(".scroll.goes-on").first.evaluate("(it) => { it.id = 'scrolled'; it.scrollLeft = it.scrollWidth; }")
    page.wait_for_function("!document.getElementById('scrolled').classList.contains('goes-on')")
    context.close()


def test_kinds_of_crash_are_not_cut_off(page: Page, tmp_path: Path) -> None:
    """The longest of them names its workload too."""
    page.set_viewport_size({"width": 1400, "height": 900})
    page.goto(pages.written("crashes", tmp_path))
    heads = page.locator(".crashes thead th").evaluate_all("(all) => all.map((th) => [th.scrollWidth, th.clientWidth])")
    assert heads
    assert all(needed <= given for needed, given in heads)


@pytest.mark.parametrize(("plan", "screens"), [("quick", 4), ("catalogue", 6)])
def test_what_is_shown_at_first_is_a_few_screens(page: Page, tmp_path: Path, plan: str, screens: int) -> None:
    """At 1400 px, before anything is folded out; the headline, the comparisons and the figures in the first one."""
    page.set_viewport_size({"width": 1400, "height": 900})
    page.goto(written(modelled(load_plan(plan), rounds=1), tmp_path))
    assert page.evaluate("document.documentElement.scrollHeight") < screens * 900
    if plan == "quick":
        assert page.locator(".tile").last.evaluate("(tile) => tile.getBoundingClientRect().bottom") < 900


def test_files_are_downloaded_from_the_page_itself(opened: Page, document: Results, tmp_path: Path) -> None:
    """What the run wrote, whole."""
    for name in ("results.json", "trials.csv"):
        with opened.expect_download() as download:
            opened.get_by_role("button", name=f"Download {name}").click()
        download.value.save_as(tmp_path / name)
    assert msgspec.json.decode((tmp_path / "results.json").read_bytes(), type=Results) == document
    rows = list(csv.DictReader((tmp_path / "trials.csv").read_text().splitlines()))
    assert len(rows) == sum(len(cell.trials) for cell in document.cells)


def test_hostile_names_are_text(page: Page, tmp_path: Path) -> None:
    """In tables, notes, charts and their tips: nothing of them is executed or loaded."""
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    failures = [Failure(kind=HOSTILE, count=1, example=HOSTILE)]
    changes: dict[str, Any] = {"workload": HOSTILE, "params": {HOSTILE: HOSTILE}, "reason": HOSTILE}
    cells = [
        summarised(cell_of(HOSTILE, id=f"c{n}", slots=n, trials=[trial_of(1, failures=failures)], **changes))
        for n in (1, 2)
    ]
    page.goto(written(results_of(cells), tmp_path))
    page.evaluate("workbench.drawAll()")
    page.locator("figure[data-chart='ranked-throughput_per_s'] .mark-symbol path").first.hover()
    assert HOSTILE in (page.locator("#tip").text_content() or "")
    assert page.title().startswith("Celery or asyncio?")
    assert page.locator("img").count() == 0
    assert len(requested) == 1
    assert HOSTILE in json.dumps(page.locator("td, th").all_text_contents(), ensure_ascii=False).replace('\\"', '"')

"""What a report shows of a row that was sampled: packages that add up, a sentence, a flame graph; no rank."""

import msgspec
import pytest

from harness import registry
from harness.accounting.summary import Floor
from harness.plan.floor import floor_of
from harness.report.card.shape import Card
from harness.report.charts.of_section import charts
from harness.report.formats import terminal
from harness.report.page.flame import LEAST, WIDTH, flame
from harness.report.report import build
from harness.results.model import Cell, Profile, Results, RoleProfile, Usages, View
from harness.results.profile import VIEW
from harness.statistics.comparisons import comparisons
from harness.statistics.profile_doubts import of_profile
from harness.statistics.two_runs import changes
from tests.builders import cell_of, results_of, summarised, trial_of, usage_of, view_of


def role(**packages: float) -> RoleProfile:
    """A role with these shares."""
    return RoleProfile(processes=1, samples=600, cpu_s=6.0, waiting_s=0.0, packages=packages)


PROFILE = Profile(
    sampler="py-spy 0.4.3",
    period_ms=10.0,
    seconds=6.0,
    file="profiles/9.folded",
    roles={"driver": role(kombu=0.5, redis=0.5), "workers": role(celery=0.75, kombu=0.248, rare=0.002)},
    missing={},
    stacks=[
        ("driver;kombu: publish", 0.25),
        ("driver;redis: send", 0.249),
        ("workers;celery: run", 0.5),
        ("workers", 0.001),
    ],
)


def profiled() -> Cell:
    """5 ms a request: driver 1, workers 3, broker 1."""
    usage = Usages(driver=usage_of(0.2), workers=usage_of(0.6), broker=usage_of(0.2))
    trials = [trial_of(1, 1000.0, usage=usage, profile=PROFILE, doubts=of_profile(PROFILE, Usages()))]
    return summarised(
        cell_of("celery-threads", trials=trials, side="celery", views=[VIEW], id="profiled a", workload="noop")
    )


def document() -> Results:
    """A run of two rows, of which one was sampled once more."""
    rows = [
        summarised(cell_of(name, [200.0, 201.0, 199.0, 200.0, 202.0], id=name, workload="noop", side=side))  # type: ignore[arg-type]
        for name, side in (("asyncio", "asyncio"), ("celery-threads", "celery"))
    ]
    views = [view_of(), View(name=VIEW, about="", matched="none")]
    cells = [*rows, profiled()]
    results = results_of(cells, comparisons=comparisons(cells, views))
    return msgspec.structs.replace(results, run=msgspec.structs.replace(results.run, views=views))


def test_packages_add_up_to_the_cpu_of_a_request() -> None:
    """By role; the broker has no stacks, and what is rare is put together."""
    (section,) = [section for section in build(document()).sections if section.profile]
    (table,) = section.tables
    rows = {str(row.values["package"]): row.values for row in table.rows}
    assert list(rows) == ["celery", "kombu", "the broker", "redis", "others", "the whole"]
    assert rows["celery"]["workers"] == pytest.approx(2.25)
    assert rows["kombu"]["cpu"] == pytest.approx(0.5 + 0.744)
    assert sum(float(str(values["cpu"])) for name, values in rows.items() if name != "the whole") == pytest.approx(5.0)
    assert rows["the whole"]["cpu"] == pytest.approx(5.0)


def test_a_sentence_says_it_with_the_doubt() -> None:
    """In the answer and among the findings of the first screen."""
    report = build(document())
    sentence = (
        "Profile, noop, celery-threads:16, closed:32: of 5 ms CPU a request: celery 45 %, kombu 25 %, the broker 20 %, "
        "redis 10 %, others 0 %. Doubts: profiled (celery-threads:16)."
    )
    assert report.answer[-1] == sentence
    assert sentence in report.first.findings


def test_a_sampled_row_is_compared_with_nothing() -> None:
    """In no comparison, no ratio of two runs, no floor, no matrix."""
    results = document()
    assert VIEW not in {comparison.view for comparison in results.comparisons}
    assert all(not change.cell.profiled for change in changes(results, results))
    alone = msgspec.structs.replace(profiled(), load=msgspec.structs.replace(profiled().load, text="closed:1"))
    assert floor_of([alone], alone.name, alone.slots) == Floor()
    assert all(table.key != "matrix" for table in build(results).tables)


def test_the_flame_graph_stacks_shares() -> None:
    """As wide as they are, the outermost at the bottom; what is too narrow is left out."""
    graph = flame(PROFILE.stacks)
    titles = {box.title: box for box in graph.boxes}
    wanted = (
        "driver, 49.9 %",
        "workers, 50.1 %",
        "kombu: publish, 25.0 %",
        "redis: send, 24.9 %",
        "celery: run, 50.0 %",
    )
    assert set(titles) == set(wanted)
    assert titles["celery: run, 50.0 %"].width == pytest.approx(WIDTH / 2)
    assert titles["celery: run, 50.0 %"].x == titles["workers, 50.1 %"].x
    assert titles["celery: run, 50.0 %"].y < titles["workers, 50.1 %"].y
    assert min(box.width for box in graph.boxes) >= LEAST
    assert flame([]).boxes == []


def test_the_page_has_it_inline_and_hostile_names_are_text() -> None:
    """No network, no script of its own."""
    hostile = msgspec.structs.replace(PROFILE, stacks=[("driver;the job: <script>alert(1)</script>", 1.0)])
    cell = msgspec.structs.replace(
        profiled(), trials=[msgspec.structs.replace(trial, profile=hostile) for trial in profiled().trials]
    )
    results = msgspec.structs.replace(document(), cells=[cell])
    page = registry.load("format", "html").render(results)
    assert '<svg class="flame"' in page
    assert "<script>alert(1)" not in page
    (section,) = [section for section in build(results).sections if section.profile]
    assert [chart.key for chart in charts(section)] == ["profile"]


def test_below_a_card_stands_where_the_cpu_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a decision, whose card is all else that is printed."""
    report = build(document())
    card = Card("noop", ("", "asyncio", "Celery"), [], [], [], [], [])
    monkeypatch.setattr(terminal, "build", lambda _: report._replace(card=card))
    shown = terminal.FORMAT.first_screen(document())
    assert shown.startswith("Celery or asyncio? noop")
    assert "Profile, noop, celery-threads:16" in shown
    assert max(map(len, shown.splitlines())) <= 80

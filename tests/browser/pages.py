"""Every kind of page, written to a file: what a person may be shown."""

import gzip
from collections.abc import Callable
from pathlib import Path

import msgspec

from harness import registry
from harness.report import two_runs
from harness.report.board.board import Entry, board_of, machine_of, report_of
from harness.report.page.rendering import page, report_page
from harness.report.report import build
from harness.report.run_list import ListedRun
from harness.report.serve import index_page
from harness.report.so_far import SoFar
from harness.results import store
from harness.results.model import Failure, Results
from tests.builders import cell_of, results_of, summarised, trial_of
from tests.harness.report.card.decided import decided
from tests.harness.report.test_profile import document as profiled
from tests.ladders import effect_of, ladder_results_of
from tests.modelled import ad_hoc, modelled

PAIR = ["asyncio:4", "celery-threads:4"]
LIVE_EVENTS = [
    {"type": "begin", "trials": 4, "expected_s": 4.2},
    *({"type": "current", "side": side, "per_s": 80.0, "latency_ms": 52.0} for side in ("asyncio", "celery")),
    *(
        {
            **{"type": "trial_ends", "round": 1, "side": side, "workload": "sleep", "contender": contender},
            **{"load": "closed:8", "per_s": 80.0, "p50_ms": 52.0, "p99_ms": 60.0, "ok": 80, "submitted": 80},
            **{"status": status, "error": None if status == "measured" else "the worker has ended"},
        }
        for side, contender, status in (("asyncio", "asyncio:4", "measured"), ("celery", "celery-solo", "failed"))
    ),
]
NO_SERVER = """
globalThis.EventSource = class { constructor() { globalThis.source = this; } close() {} };
globalThis.fetch = async () => ({
  ok: true,
  json: async () => ({ headline: "undecided; 1 more round.", certainty: [["How sure", "1 round"]] }),
});
"""
"""In place of what the live page asks its server."""


def report() -> str:
    """Two rows in a table, charts."""
    return _html(modelled(ad_hoc("sleep", PAIR, "closed:8", seconds=0.05)))


def doubtful_document() -> Results:
    """Rows that failed, lost requests, were impossible, have doubts."""
    failures = [Failure(kind="TimeoutError", count=4, example="no answer within 10 s")]
    lossy = cell_of("celery-threads", id="t", trials=[trial_of(n, 240.0, lost=6, failures=failures) for n in (1, 2)])
    failed = cell_of("celery-prefork", id="p", status="failed", reason="it has ended; its last lines:\n    Killed")
    beyond = cell_of("celery-gevent", id="g", status="impossible", reason="481/s is beyond 320/s")
    celery = [msgspec.structs.replace(cell, side="celery") for cell in (summarised(lossy), failed, beyond)]
    return results_of([summarised(cell_of(rates=[100.0, 160.0])), *celery])


def doubtful() -> str:
    """The page of those rows."""
    return _html(doubtful_document())


def sweep() -> str:
    """Lines over a number."""
    plan = ad_hoc("sleep", PAIR, "closed:8")
    view = msgspec.structs.replace(plan.view[0], set={"sleep": {"seconds": [0.01, 0.02, 0.05, 0.1]}})
    return _html(modelled(msgspec.structs.replace(plan, view=[view]), rounds=2))


def ladder() -> str:
    """Changes, one of them unsafe."""
    effects = [
        effect_of("batch", "publish_per_s", "faster", 1.9),
        effect_of("events", "throughput_per_s", "slower", 0.7),
    ]
    return _html(ladder_results_of(*effects, unsafe=("batch",)))


def card() -> str:
    """A decision."""
    return _html(decided())


def compare() -> str:
    """Two runs."""
    run = modelled(ad_hoc("sleep", PAIR, "closed:8"))
    return report_page(two_runs.build(run, run), [], None, links=(("/", "All runs"),))


def board() -> str:
    """Machines beside contenders, and a run that is left out."""
    run = modelled(ad_hoc("sleep", PAIR, "closed:8"))
    shown = board_of([("a", Entry("a", machine_of(run.environment), run)), ("b", "disturbed: noisy-machine")])
    return report_page(report_of(shown), [], None, links=(("/", "All runs"),))


def flame() -> str:
    """Where the CPU goes, by package and as a flame graph."""
    report = build(profiled())
    return report_page(report._replace(sections=[each for each in report.sections if each.profile]), [], None)


def index() -> str:
    """The list of runs: one that is well, one that failed, one that cannot be read."""
    said = ("equally fast", "either", "5 rounds", ("floor",))
    well = ListedRun("a", "/runs/a/", "2026-01-01T00:00:00", "quick", "2 CPUs", 5, "done", *said)
    runs = [well, well._replace(id="b", status="failed"), ListedRun("c", "/runs/c/", error="it ends too early")]
    return index_page(Path("results"), runs)


def live() -> str:
    """A run that goes on, once `LIVE_EVENTS` have come to `source`."""
    so_far = SoFar("No figures yet.", [("How sure", "not at all")])
    links = (("/", "All runs"),)
    return page("live.html", ["page.js", "live.js"], title="a is running", id="a", so_far=so_far, links=links)


def crashes() -> str:
    """What was lost by which kind of crash: the example of the docs."""
    kept = Path(__file__).parents[2] / "docs/example/crashes.json.gz"
    return _html(store.parse(gzip.decompress(kept.read_bytes()), kept.name, kept.parent))


PAGES: dict[str, Callable[[], str]] = {
    made.__name__: made for made in (report, doubtful, sweep, ladder, crashes, card, compare, board, flame, index, live)
}


def written(name: str, folder: Path) -> str:
    """The address of that page."""
    file = folder / f"{name}.html"
    file.write_text(PAGES[name](), "utf-8")
    return file.as_uri()


def _html(document: Results) -> str:
    return str(registry.load("format", "html").render(document))

"""No ratio that the set-up decides: with twice the clients, a run says the same."""

import re
from collections.abc import Iterator

import pytest

from harness.plan.plan import Plan
from harness.plan.reading import load_plan, shipped
from harness.report.report import build
from harness.results.model import Results
from tests.modelled import ad_hoc, modelled, multiplied

GIVEN = {
    "slots kept busy": ad_hoc("http_date", ["asyncio:16", "celery-threads:16"], "closed:32"),
    "idle slots": ad_hoc("http_date", ["asyncio:16", "celery-threads:16"], "closed:4"),
    "unbounded": ad_hoc("sleep", ["asyncio", "celery-threads:16"], "closed:64"),
    "no-op": ad_hoc("noop", ["asyncio:4", "celery-threads:4"], "closed:64"),
    "less work than the floor": ad_hoc("sleep", ["asyncio:4", "celery-threads:4"], "closed:64", seconds=0.002),
    "a burst": ad_hoc("sleep", ["asyncio:4", "celery-threads:4"], "burst:100"),
}
CHANGES = re.compile(
    r"closed:\d+|\(-?[\d.,]+ to -?[\d.,]+\)|, [\d.]+ % of its ceiling"
    r"|\d[\d,.]*(?= (requests/s|comments/s|MiB/s|ms|clients per slot)|/s)"
)
"""What twice the clients may change in a sentence: the load itself, rates and latencies with their intervals."""


def sentences(results: Results) -> Iterator[str]:
    """All that a report says of its rows."""
    report = build(results)
    yield report.first.headline
    yield from report.first.findings
    yield from report.answer
    for row in report.first.overview:
        yield f"{row.name}: {row.speed_text}; {row.cpu_text}"
    for section in report.sections:
        yield section.summary


def without_figures(results: Results) -> list[str]:
    """Its sentences, without what may differ."""
    return [CHANGES.sub("…", sentence) for sentence in sentences(results)]


@pytest.mark.parametrize("name", sorted({*shipped(), *GIVEN} - {"latency"}))
def test_twice_the_clients_change_no_ratio_and_no_verdict(name: str) -> None:
    """Of every plan that comes with the project, and of what is given on the command line."""
    plan: Plan = GIVEN.get(name) or load_plan(name)
    once = without_figures(modelled(plan, rounds=2))
    assert any(once)
    assert without_figures(modelled(multiplied(plan, 2), rounds=2)) == once


def test_where_slots_are_kept_busy_a_ratio_is_told() -> None:
    """By throughput; 50 ms of work, 0.2 ms and 4 ms beside it."""
    report = build(modelled(GIVEN["slots kept busy"]))
    assert report.first.overview[0].speed.ratio == pytest.approx(54 / 50.2, rel=1e-3)
    assert "asyncio:16 was faster than the fastest Celery contender, celery-threads:16: 1.08 times" in report.answer[0]


@pytest.mark.parametrize("name", ["idle slots", "less work than the floor"])
def test_where_the_set_up_decides_the_rates_cpu_alone_is_compared(name: str) -> None:
    """With the reason."""
    report = build(modelled(GIVEN[name]))
    (row,) = report.first.overview
    assert row.speed.ratio is None
    assert row.cpu is not None
    assert row.cpu.ratio == pytest.approx(12.0)
    assert report.first.headline.endswith(": Celery takes 12 times asyncio's CPU.")
    assert any(
        "by CPU alone (" in answer and "a factor of 12 in CPU per 1,000 requests" in answer for answer in report.answer
    )


def test_a_no_op_has_no_ratio_at_all() -> None:
    """Its CPU is told as two figures."""
    report = build(modelled(GIVEN["no-op"]))
    assert report.first.headline == "CPU of a no-op, each side's own cost: asyncio 0.50 ms, Celery 6.0 ms."
    assert not any(re.search(r"times|×", sentence) for sentence in sentences(modelled(GIVEN["no-op"])))

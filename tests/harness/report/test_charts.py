"""Charts: defined once, of whatever a run has."""

import json
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from harness.loads.open import Open
from harness.plan.reading import shipped
from harness.report.chart import FAMILIES, GREY, Chart, colours
from harness.report.chart_export import export_charts
from harness.report.charts import costs, stages
from harness.report.charts.of_section import charts
from harness.report.report import build
from harness.report.table import Section
from harness.results.model import Cell, Curve, Point, Results, Scaling, Timeline
from tests.builders import cell_of, document_of, latency_of, results_of, summarised, trial_of


def of(document: Results) -> list[Chart]:
    """All charts of a document."""
    return [chart for section in build(document).sections for chart in charts(section)]


def encodings(spec: Any) -> list[dict[str, Any]]:
    """Every channel's definition in a specification."""
    if isinstance(spec, list):
        return [found for one in spec for found in encodings(one)]
    if not isinstance(spec, dict):
        return []
    here = [one for one in spec.get("encoding", {}).values() if isinstance(one, dict)]
    return here + [found for key, one in spec.items() if key != "encoding" for found in encodings(one)]


@pytest.mark.parametrize("plan", sorted(shipped()))
def test_every_chart_shows_something_with_titles_and_units(plan: str) -> None:
    """Rows to draw; each axis of numbers has a title; each field that is drawn is in the rows."""
    found = of(document_of(plan))
    kinds = {one.key.partition("-closed-")[0] for one in found}  # a chart for each load, where a workload has several
    assert {"percentiles", "stages", "cpu", "memory", "timeline-rate", "timeline-latency"} <= kinds
    for chart in found:
        rows = chart.spec["data"]["values"]
        assert rows
        assert chart.title
        channels = encodings(chart.spec)
        assert all(one["axis"]["title"] for one in channels if one.get("type") == "quantitative" and "axis" in one)
        fields = {one["field"] for one in channels if "field" in one}
        layers = [row for layer in chart.spec["layer"] for row in layer.get("data", {}).get("values", [])]
        assert fields <= {key for row in (*rows, *layers) for key in row}, chart.key
        assert json.loads(json.dumps(chart.spec)) == chart.spec


def test_a_load_shows_what_it_ranks_by() -> None:
    """Latency at a rate; else throughput."""
    opened = [summarised(cell_of(name, [50.0, 50.1], id=name, load=Open(50.0).describe())) for name in ("asyncio", "b")]
    assert "ranked-latency_p50_ms" in {chart.key for chart in of(results_of(opened))}
    closed = [summarised(cell_of(name, [50.0, 50.1], id=name)) for name in ("asyncio", "b")]
    assert "ranked-throughput_per_s" in {chart.key for chart in of(results_of(closed))}


def test_each_side_has_one_family_of_colours() -> None:
    """In every chart that has contenders; none of another's."""
    scale = colours(
        {"asyncio": "asyncio", "celery-solo": "celery", "asyncio-uvloop": "asyncio", "celery-gevent": "celery"}
    )
    given = dict(zip(scale["domain"], scale["range"], strict=True))
    assert {given["asyncio"], given["asyncio-uvloop"]} <= set(FAMILIES["asyncio"])
    assert {given["celery-solo"], given["celery-gevent"]} <= set(FAMILIES["celery"])
    assert len(set(scale["range"])) == 4
    assert colours({"celery-gevent:16@rabbitmq, closed:4": "celery"})["range"] == [given["celery-gevent"]]
    assert not set(FAMILIES["asyncio"]) & set(FAMILIES["celery"])


def test_scaling_is_drawn_with_its_crossover() -> None:
    """A cross of its own, where the sides change places."""
    rates = {("asyncio", 2): 80.0, ("asyncio", 8): 40.0, ("celery-threads", 2): 40.0, ("celery-threads", 8): 80.0}
    cells = [
        summarised(cell_of(name, [rate], id=f"{name}{slots}", slots=slots, side=name.partition("-")[0]))  # type: ignore[arg-type]
        for (name, slots), rate in rates.items()
    ]
    chart = next(one for one in of(results_of(cells)) if one.key == "over-throughput_per_s")
    (cross,) = chart.spec["layer"][-1]["data"]["values"]
    assert cross["x"] == pytest.approx(4.0, rel=0.01)


def test_what_was_not_measured_is_not_drawn() -> None:
    """And a document without figures has no charts."""
    bad = cell_of("celery-threads", side="celery", status="disqualified", reason="wrong", trials=[])
    assert of(results_of([bad])) == []


def test_no_chart_has_a_rate_of_what_lost_requests_nor_a_percentile_beyond_the_longest() -> None:
    """As tables have neither: a counter of a histogram stands for the highest of its values."""
    trials = [trial_of(1, 50.0, submitted=100, ok=40, lost=60), trial_of(2, 50.0, latency_ms=latency_of(2.499))]
    lossy, whole = (
        summarised(cell_of(f"c{trial.round}", trials=[trial], id=str(trial.round), ceiling_per_s=None))
        for trial in trials
    )
    drawn = {chart.key: chart.spec["data"]["values"] for chart in of(results_of([lossy, whole]))}
    assert {row["name"] for row in drawn["ranked-throughput_per_s"]} == {"c2:16"}
    assert {row["latency"] for row in drawn["percentiles"] if row["name"] == "c2:16"} == {4 * 2.499}


def test_the_doubts_of_a_chart_stand_behind_what_it_shows_or_alone() -> None:
    """Never behind a full stop of nothing."""
    cell = summarised(cell_of(rates=[50.0]))
    told = {
        doubts: {chart.about for chart in charts(_section(cell, doubts))} for doubts in ("", " Doubts: drifting (a).")
    }
    assert told[" Doubts: drifting (a)."] == {f"{about}. Doubts: drifting (a)." for about in told[""]}
    (scaling,) = charts(_section(cell, " Doubts: drifting (a).")._replace(cells=[], scalings=[LINE]))
    assert scaling.about == "Doubts: drifting (a)."


LINE = Scaling(
    view="a",
    over="slots",
    unit="",
    fixed="sleep",
    metric="throughput_per_s",
    curves=[Curve(contender="asyncio", side="asyncio", points=[Point(x=1, y=1), Point(x=2, y=2)])],
    crossovers=[],
    without=[],
)


def _section(cell: Cell, doubts: str) -> Section:
    return Section(title="t", about="", tables=[], cells=[cell], doubts=doubts)


def test_charts_are_drawn_as_svg_and_png_files(tmp_path: Path) -> None:
    """Titled with what they show; hostile text is text."""
    pytest.importorskip("vl_convert", reason="vl-convert is an optional part of the install")
    cell = summarised(cell_of("<script>alert(1)</script>", [50.0, 51.0], id="a"))
    files = list(export_charts(results_of([cell]), tmp_path / "new" / "charts"))
    assert {file.suffix for file in files} == {".svg", ".png"}
    for file in files:
        assert file.stat().st_size > 1000
        if file.suffix == ".svg":
            text = file.read_text("utf-8")
            assert "matched slots" in text
            assert "<script" not in text
        else:
            assert file.read_bytes().startswith(b"\x89PNG")


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("ground", ["#ffffff", "#15181c"])
def test_every_colour_stands_out_from_a_light_and_from_a_dark_page(ground: str) -> None:
    """Contrast of 3 and more (WCAG 2.2, 1.4.11): of contenders, roles and stages."""
    used = {*chain.from_iterable(FAMILIES.values()), *costs.COLOURS.values(), *stages.COLOURS.values(), GREY}
    for colour in used:
        darker, lighter = sorted((luminance(colour), luminance(ground)))
        assert (lighter + 0.05) / (darker + 0.05) >= 3, colour


def test_a_timeline_shows_no_single_waves() -> None:
    """Slices of five service times and of 20 replies at the least; where that leaves fewer than three, no chart."""
    timeline = Timeline(slice_s=0.05, ok=[0, 16] * 20, mean_ms=[None, 50.0] * 20, max_ms=[None, 60.0] * 20)
    cell = summarised(cell_of("asyncio", trials=[trial_of(1, 160.0, timeline=timeline)]))
    chart = next(one for one in of(results_of([cell])) if one.key == "timeline-rate")
    rows = chart.spec["data"]["values"]
    assert len(rows) == 8
    assert [rows[0]["at"], rows[0]["mean"]] == pytest.approx([0.125, 50.0])
    assert {row["rate"] for row in rows} <= {32 / 0.25, 48 / 0.25}
    short = Timeline(slice_s=0.05, ok=[0, 16] * 5, mean_ms=[None, 50.0] * 5, max_ms=[None, 60.0] * 5)
    cell = summarised(cell_of("asyncio", trials=[trial_of(1, 160.0, timeline=short)]))
    assert not any(one.key.startswith("timeline") for one in of(results_of([cell])))

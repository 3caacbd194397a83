"""What a report shows of layers: a row a layer that add up, the answer, the headline."""

import csv
import io

import msgspec
import pytest

from harness import registry
from harness.loads.closed import Closed
from harness.report.answers.layers import sentences
from harness.report.charts.layers import charts
from harness.report.first.layers import of_layers
from harness.report.report import build
from harness.report.tables.layers import sections
from harness.results.model import Interval, Layer, Layers, Results, View
from tests.builders import document_of, results_of

VIEW = View(name="layers", about="", matched="layers")


def layer(name: str, difference: float, ci95: Interval | None, share: float) -> Layer:
    """One of them."""
    return Layer(name=name, contender=f"{name}:16", difference=difference, ci95=ci95, share=share)


def document(celery: Interval = (1.4, 1.6), rounds: int = 6) -> Results:
    """2 ms of CPU, of which Celery is three quarters."""
    one = Layers(
        view="layers",
        workload="noop",
        params={},
        load=Closed(16).describe(),
        figure="cpu_ms",
        whole=2.0,
        layers=[
            layer("the work, in process", 0.1, (0.09, 0.11), 5.0),
            layer("boundary", 0.4, (0.3, 0.5), 20.0),
            layer("Celery", 1.5, celery, 75.0),
        ],
        rounds=rounds,
        boots=3,
    )
    found = results_of([], layers=[one])
    return msgspec.structs.replace(found, run=msgspec.structs.replace(found.run, views=[VIEW]))


def test_one_row_a_layer_and_the_whole() -> None:
    """With its interval and its share."""
    (section,) = sections(document())
    (table,) = section.tables
    assert [table.cells(row) for row in table.rows] == [
        ["the work, in process", "the work, in process:16", "0.100", "0.09 … 0.11", "5.0"],
        ["boundary", "boundary:16", "0.400", "0.3 … 0.5", "20.0"],
        ["Celery", "Celery:16", "1.50", "1.4 … 1.6", "75.0"],
        ["the whole", "–", "2.00", "–", "100"],
    ]
    assert table.notes == []


def test_an_undecided_layer_is_said_to_be_so() -> None:
    """Under the table, in the answer, and not in the headline."""
    unclear = document(celery=(-0.1, 3.1))
    (section,) = sections(unclear)
    assert [note.text for note in section.tables[0].notes] == ["Undecided, because the interval includes 0: Celery."]
    assert "Celery 1.5 ms (undecided)" in next(sentences(unclear, VIEW))
    assert of_layers(unclear) == "noop on Celery:16 takes 2.0 ms of CPU: boundary 20 %."


def test_the_answer_and_the_headline_name_the_shares() -> None:
    """The largest first in the headline, which has at most 15 words."""
    assert list(sentences(document(), VIEW)) == [
        "noop, closed:16: of 2 ms CPU a request with Celery:16: the work, in process 0.1 ms (5 %), "
        "boundary 0.4 ms (20 %), Celery 1.5 ms (75 %)."
    ]
    assert of_layers(document()) == "noop on Celery:16 takes 2.0 ms of CPU: Celery 75 %, boundary 20 %."
    assert "(indicative)" in str(of_layers(document(rounds=2)))
    assert of_layers(results_of([])) is None


def test_the_chart_stacks_the_layers() -> None:
    """In one bar a figure."""
    (section,) = sections(document())
    (chart,) = charts(section.layers)
    assert chart.key == "layers"
    assert [row["part"] for row in chart.spec["data"]["values"]] == ["the work, in process", "boundary", "Celery"]


def test_every_layer_has_a_colour() -> None:
    """The first ten one each, as adjacent ones must."""
    (one,) = document().layers
    many = msgspec.structs.replace(one, layers=[layer(f"layer {n}", 0.1, None, 8.0) for n in range(12)])
    (chart,) = charts([many])
    scale = chart.spec["layer"][0]["encoding"]["color"]["scale"]
    assert scale["domain"] == [layer.name for layer in many.layers]
    assert len(scale["range"]) == 12
    assert len(set(scale["range"][:10])) == 10


def test_a_layer_that_saves_time_is_in_the_sum_of_its_bar() -> None:
    """Which stands where the bar ends; else it would say more than the figure."""
    (one,) = document().layers
    *others, last = one.layers
    saving = msgspec.structs.replace(one, layers=[*others, msgspec.structs.replace(last, difference=-0.1)])
    (chart,) = charts([saving])
    (total,) = chart.spec["layer"][1]["data"]["values"]
    assert total["end"] - total["total"] == pytest.approx(0.1)
    assert total["total"] == pytest.approx(sum(layer.difference for layer in saving.layers))


def test_layers_as_csv_have_a_row_each() -> None:
    """That add up, with the ends of their intervals."""
    rows = list(csv.DictReader(io.StringIO(registry.load("format", "layers-csv").render(document()))))
    assert [row["layer"] for row in rows] == ["the work, in process", "boundary", "Celery"]
    assert sum(float(row["difference_ms"]) for row in rows) == pytest.approx(float(rows[0]["whole_ms"]))
    assert (rows[1]["difference_low_ms"], rows[1]["difference_high_ms"], rows[1]["undecided"]) == (
        "0.3",
        "0.5",
        "False",
    )
    assert rows[2]["figure"] == "cpu_ms"


def test_layers_come_first_where_the_plan_is_about_them_and_else_after_what_is_compared() -> None:
    """There, one table stands for them all; the headline is that of what does some work."""
    about = build(document_of("layers"))
    assert about.sections[0].title == "noop — layers of a no-op: what it is made of"
    assert about.first.headline == of_layers(document_of("layers"))
    assert [figure.label for figure in about.first.tiles[0].figures] == [
        *("asyncio:16", "queue-bare:16", "taskiq:16", "celery-asyncio:16", "celery-threads:16")
    ]
    beside = build(document_of("quick"))
    shown = [section for section in beside.sections if not section.detail]
    assert shown[-1].title == "noop — layers: what CPU a request is made of, closed:1"
    assert [table.detail for table in shown[-1].tables] == [False, True]
    assert [row.values["layer"] for row in shown[-1].tables[0].rows] == [
        "the work, in process",
        "process boundary and broker",
        "a task queue, Celery and style of the body",
        "the whole",
    ]
    assert beside.first.headline.startswith("http_date")
    assert beside.first.tiles_of.startswith("http_date")

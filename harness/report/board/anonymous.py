"""A document as it may be published: figures, and words of the workbench's own; no name of a machine, path or person.

What is kept is listed (`vocabulary.py`), by type: numbers and choices always, texts by a rule each. Sentences are
written anew from the glossary. What several rows show together is computed again from what is left.
"""

import hashlib
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from harness import registry
from harness.recording.hdr import Histogram
from harness.report.board.vocabulary import OTHER_VIEW, RULES, planned, plans, platform, processor
from harness.report.words.doubts import BY_KIND
from harness.results.keeping import kept
from harness.results.model import SCHEMA, Cell, Doubt, Environment, Results, Rung, Summary, Trial, View
from harness.statistics.comparisons import comparisons
from harness.statistics.layers import layers
from harness.statistics.sweeps import scalings

UNTOLD = "not published"
Kind = TypeVar("Kind", Trial, Summary)


def anonymised(document: Results) -> Results:
    """The same measurements, without what names a machine, a path, an address or a person."""
    named = _with_known_names(document)
    copied = kept(named, RULES)
    cells = [_cell(*both, str(place)) for place, both in enumerate(zip(copied.cells, named.cells, strict=True))]
    places = {cell.id: str(place) for place, cell in enumerate(document.cells)}
    views = [_view(view, before.rung, places) for view, before in zip(copied.run.views, named.run.views, strict=True)]
    run = msgspec.structs.replace(
        copied.run, id="", views=views, decision=None, command=f"workbench run {copied.run.plan}".rstrip()
    )
    return _identified(
        msgspec.structs.replace(
            copied,
            run=run,
            cells=cells,
            comparisons=comparisons(cells, views),
            scalings=scalings(cells, views),
            layers=layers(cells, views),
        )
    )


def _with_known_names(document: Results) -> Results:
    """Views, platform and processor in words that are kept; without what is computed again."""
    names = _view_names(document.run.views)
    views = [msgspec.structs.replace(view, name=names[view.name]) for view in document.run.views]
    cells = [
        msgspec.structs.replace(cell, views=[names.get(name, "") for name in cell.views]) for cell in document.cells
    ]
    return msgspec.structs.replace(
        document,
        schema=SCHEMA,
        run=msgspec.structs.replace(document.run, views=views),
        environment=_environment(document.environment),
        cells=cells,
        comparisons=[],
        scalings=[],
        layers=[],
    )


def published_plan(document: Results) -> bool:
    """Whether it is of a plan that everybody has."""
    return document.run.plan in plans() and document.run.decision is None


def _identified(document: Results) -> Results:
    """Named by its contents: a folder's name may be anything."""
    contents = msgspec.json.encode(document, order="deterministic")
    identity = hashlib.sha256(contents).hexdigest()[:16]
    return msgspec.structs.replace(document, run=msgspec.structs.replace(document.run, id=identity))


def _view_names(views: list[View]) -> dict[str, str]:
    """Those of shipped plans; others are numbered."""
    return {
        view.name: view.name if view.name in planned() or OTHER_VIEW.fullmatch(view.name) else f"view {number}"
        for number, view in enumerate(views, start=1)
    } | {name: name for name in planned()}


def _view(view: View, rung: Rung | None, places: Mapping[str, str]) -> View:
    if rung is None or view.rung is None:
        return view
    base = tuple(places[identity] for identity in rung.base if identity in places)
    return msgspec.structs.replace(
        view, rung=msgspec.structs.replace(view.rung, base=base, target=places.get(rung.target, ""))
    )


def _environment(environment: Environment) -> Environment:
    """What is a free text there, in the words that are kept."""
    return msgspec.structs.replace(
        environment, platform=platform(environment.platform), cpu_model=processor(environment.cpu_model)
    )


def _cell(cell: Cell, before: Cell, identity: str) -> Cell:
    not_measured = cell.status not in ("measured", "pending")
    return msgspec.structs.replace(
        cell,
        id=identity,
        params=_params(before),
        reason=UNTOLD if not_measured else None,
        trials=[_trial(trial) for trial in cell.trials],
        summary=cell.summary and _with_sentences(cell.summary),
    )


def _params(cell: Cell) -> dict[str, object]:
    """Those of a workload that everybody has, as its types allow: numbers and choices; else none."""
    if cell.workload not in registry.shipped("workload"):
        return {}
    try:
        params = msgspec.convert(cell.params, registry.load("workload", cell.workload).Params)
    except (msgspec.ValidationError, ValueError):
        return {}
    return {key: value for key, value in msgspec.to_builtins(params).items() if key in cell.params}


def _trial(trial: Trial) -> Trial:
    return _with_sentences(
        msgspec.structs.replace(
            trial,
            error=None if trial.status == "measured" else UNTOLD,
            failures=[],
            histograms={name: Histogram.decode(text).encode() for name, text in trial.histograms.items()},
        )
    )


def _with_sentences(concerned: Kind) -> Kind:
    """Its doubts as the glossary words them."""
    known = [BY_KIND[doubt.kind] for doubt in concerned.doubts if doubt.kind in BY_KIND]
    doubts = [Doubt(kind=word.name, text=word.means.rstrip("."), advice=word.do.rstrip(".")) for word in known]
    return msgspec.structs.replace(concerned, doubts=doubts)

"""A run's document before its first trial: the run, where it takes place, and its cells without figures."""

import platform
from datetime import UTC, datetime

from harness import registry
from harness.contenders.contender import contender_of
from harness.contenders.settings.setting import written
from harness.loads.load import parse_load
from harness.plan.arriving import not_in_effect
from harness.plan.contender_spec import parse_contender
from harness.plan.plan import AUTO, CellPlan, ViewPlan
from harness.recording.parts import has_parts
from harness.results.environment import environment
from harness.results.model import SCHEMA, Cell, Results, Run, Settings, View
from harness.session.cells import RunCells
from harness.session.services import RunServices
from harness.session.setup import RunSetup


def new_results(setup: RunSetup, services: RunServices) -> Results:
    """Once the services run: what they report of themselves is in it."""
    plan, options, cells = setup.plan, setup.options, setup.cells
    run = Run(
        id=setup.store.folder.name,
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        finished=None,
        seed=options.seed,
        rounds=plan.rounds_most,
        boots=1 if options.external or plan.rounds == AUTO else plan.boots_most,
        kept=options.kept,
        plan=plan.name,
        command=options.command,
        status="running",
        time_scale=plan.time_scale or 1,
        views=[view_of(view) for view in plan.view],
    )
    return Results(
        schema=SCHEMA,
        run=run,
        environment=environment(services.brokers.described(), services.called.origin_shown),
        cells=[pending_cell(cell, cells, services) for cell in cells.plans.values()],
        comparisons=[],
    )


def pending_cell(plan: CellPlan, cells: RunCells, services: RunServices) -> Cell:
    """A cell without trials; its workers, where it has any, say with which settings they run."""
    contender = cells.contender(plan)
    workers, effective = services.workers.described(plan)
    definition = registry.load("workload", plan.workload)
    work = definition(definition.Params(**plan.params), services.called.for_work, 0)
    ideal_s = work.ideal_s
    # a few jobs of several kinds have another mean than the share has in the long run
    has_ceiling = plan.slots and ideal_s and not contender.several(plan.workload) and not has_parts(work)
    return Cell(
        id=plan.id,
        views=plan.views,
        workload=plan.workload,
        params=plan.params,
        side=contender.side,
        contender=plan.contender,
        tuning=plan.tuning,
        producer=contender.producer(plan.workload, backlog=plan.has_backlog),
        broker=plan.broker,
        settings=Settings(
            asked=contender.settings(plan.slots, plan.workload),
            effective=effective or {"slots": plan.slots, "python": platform.python_version()},
        ),
        workers=workers,
        slots=plan.slots,
        drivers=plan.drivers,
        load=parse_load(plan.load, plan.id).describe(),
        not_in_effect=not_in_effect(
            plan,
            contender.body,
            services.asked_drivers,
            foreign_origin=not services.called.for_work.origin_is_ours,
        ),
        ideal_s=ideal_s,
        ceiling_per_s=plan.slots / ideal_s if has_ceiling else None,
        status=cells.status(plan),
        reason=cells.reason(plan),
        trials=[],
        summary=None,
    )


def view_of(view: ViewPlan) -> View:
    """As the results document has it."""
    return View(name=view.name, about=view.about, matched=view.matched, rung=view.rung, parts=_parts(view))


def _parts(view: ViewPlan) -> dict[str, list[str]]:
    """By the names of its contenders, where it is of layers."""
    if view.matched != "layers":
        return {}
    specs = [parse_contender(text, view.name) for text in view.contenders]
    return {
        f"{spec.name}{written(spec.settings)}": list(contender_of(spec.name, spec.settings).parts) for spec in specs
    }

"""`workbench run`: measures a plan."""

from harness.cli.run_options import RunOptions


def run(options: RunOptions) -> int:
    """Run a plan and print its tables.

    With -w, -c or --load, one view is made of what they name; what they leave out comes from the plan's first view.
    Exit status: 0 done; 1 requests failed, were wrong or lost; 2 bad usage or plan; 3 no broker, origin or workers;
    70 a defect of the workbench; 130 interrupted, with what was measured saved.
    """
    from harness.cli.measuring import measure, schedule_of
    from harness.plan.making import make_plan

    plan = make_plan(options)
    return measure(options, plan, schedule_of(plan), options.place)

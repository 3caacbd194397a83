"""The command line of a case, and its plan: two short trials of one cell, whose requests wait and cost little CPU."""

from pathlib import Path

from chaos.case import Case

TRIALS = 2
TRIALS_ON_GIVEN = 4
"""A service that a run cannot start again may fail three in a row, and so end it."""
TRIALS_UNHURT = 6
"""Of a run that nothing hits: enough for an interval."""
TIMEOUT_S = 8.0
"""Longer than the 5 s after which Celery replaces a pool process that has died while it started."""
WAIT_S = 40.0
"""For a lease that a killed run had: it ends 12 s after that run's last word."""
SETTINGS = {
    "sleep": "seconds = 0.1",
    "http_date": "latency_ms = 100",
    "sql_query": "slow_ms = 100",
    "periodic": "every_ms = 100\ntimes = 6",
}


def trials(case: Case) -> int:
    """How many the plan has: after each that is hit, one that is not."""
    if not case.strikes:
        return TRIALS_UNHURT
    return TRIALS_ON_GIVEN if case.hits_given else TRIALS * len(case.strikes)


def plan(case: Case) -> str:
    """As TOML."""
    return f"""\
rounds = {trials(case)}
boots = {case.boots}
warmup = "200ms"
duration = "800ms"

[[view]]
name = "chaos"
workloads = ["{case.workload}"]
contenders = ["{case.contender}"]
loads = ["{case.load}"]
floor = false

[view.set.{case.workload}]
{SETTINGS[case.workload]}
"""


def arguments(case: Case, plan_file: Path, output: Path, broker_url: str | None) -> list[str]:
    """Of `workbench`."""
    given = ["run", str(plan_file), "-o", str(output), "--seed", str(case.seed), "--timeout", f"{TIMEOUT_S:g}s"]
    given += ["--wait", f"{WAIT_S:g}s"] if case.workers == "external" else []
    given += ["--repeats", "0", "--quiet", "--drivers", str(case.drivers), "--workers", case.workers]
    given += ["--broker", "rabbitmq"] if case.broker == "own rabbitmq" else []
    return given if broker_url is None else [*given, "--broker", broker_url]

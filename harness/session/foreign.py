"""What others had to do with a trial: their tasks in its workers, their messages, their signals, other processors."""

from harness import registry
from harness.accounting.disturbance import of_foreign_work, of_lost_processes
from harness.jobs import registered
from harness.machine.cores import cpu_model
from harness.recording.executed import Executed
from harness.results.model import Doubt, Trial
from harness.session.driver_spec import TrialWork
from harness.session.roles import Roles
from harness.statistics.fleet_doubts import of_processors

LOST_WITH_PROCESS = "WorkerLostError"
"""What Celery says of a task whose process has ended."""


async def doubts_of_others(
    work: TrialWork, roles: Roles, trial: Trial, executed: Executed | None, before: int
) -> list[Doubt]:
    """The doubts; `before`: how many messages waited in its queue when it began, where none of its own can be.

    Work whose caller publishes tasks itself has some that no request tells of, which may still wait.
    """
    of_others, of_nobody = (executed.of_others, executed.of_nobody) if executed is not None else (0, 0)
    is_own_job = registered.find(work.plan.workload) is not None
    if is_own_job or work.several or not registry.load("workload", work.plan.workload).one_execution:
        foreign = of_foreign_work(0, of_others)
    else:
        after = 0 if trial.lost else await roles.waiting(work.queue)
        foreign = of_foreign_work(before + after, of_others + of_nobody)
    return foreign + _of_lost_processes(trial, executed) + of_processors(roles.cpu_models(), cpu_model())


def _of_lost_processes(trial: Trial, executed: Executed | None) -> list[Doubt]:
    """Of those that nothing else shows: a request that was lost with its process says so itself."""
    if executed is None:
        return []
    told = sum(failure.count for failure in trial.failures if failure.kind == LOST_WITH_PROCESS)
    return of_lost_processes(max(0, executed.processes_ended - told - trial.lost))

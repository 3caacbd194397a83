"""A trial as tests of it run one: with sources of drivers, and roles, that stand in for real ones."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from harness.driver.messages import TrialSpec
from harness.session.driver_spec import TrialWork
from harness.session.roles import Roles
from harness.session.trial import Ran, TrialRun
from tests.harness.session.doubles import plan_of
from tests.harness.session.driver_doubles import DriverDouble, Driving
from workloads.workload import Services


class Source:
    """Gives each trial a driver of its own, of that kind: by default one that drives it with `fake`."""

    def __init__(self, kind: Callable[[TrialSpec], DriverDouble] = Driving) -> None:
        self._kind = kind

    async def fork(self, spec: TrialSpec) -> DriverDouble:
        """Such a driver."""
        return self._kind(spec)


def trial_run(tmp_path: Path, sources: list[Any], roles: Roles | None = None, **changes: Any) -> TrialRun:
    """A trial of a second on 4 slots of 50 ms."""
    roles = roles or Roles()
    work = TrialWork(
        plan=plan_of(duration_s=1.0),
        drivers=len(sources),
        services=Services(origin_url=None),
        queue="q",
        workers=roles.worker_names(),
        trial_id=9,
        timeout_s=1.0,
        seed=1,
        sampled=False,
        spool=tmp_path / "3.spool",
    )
    run = TrialRun(
        round=2,
        order=3,
        work=work,
        sources=sources,
        roles=roles,
        on_rate=lambda per_s, latency_ms: None,
        on_window=lambda state: None,
    )
    return msgspec.structs.replace(run, **changes)


def ran(tmp_path: Path, sources: list[Any], roles: Roles | None = None, **changes: Any) -> Ran:
    """What became of it."""
    return asyncio.run(trial_run(tmp_path, sources, roles, **changes).run())

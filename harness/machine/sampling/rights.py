"""Whether this process may look into others, tried before a run that needs it."""

import asyncio
import re
import tempfile
from asyncio.subprocess import PIPE
from pathlib import Path

from harness.errors import UsageError
from harness.machine.deadline import in_time
from harness.machine.processes import python, spawn, stop_tree
from harness.machine.sampling.running import Sampling
from harness.machine.sampling.samplers import LIMIT_S, Sampler

TRIED_S = 0.3
"""For how long a process is sampled to see whether that is allowed."""
PTRACE = re.compile("permission denied|operation not permitted|ptrace", re.IGNORECASE)
FORBIDDEN = (
    "--profile: {name} may not look into other processes ({reason}). Start a container with --cap-add SYS_PTRACE "
    "(compose: cap_add: [SYS_PTRACE]). On a machine where /proc/sys/kernel/yama/ptrace_scope is 1, run as root, or "
    "sudo sysctl kernel.yama.ptrace_scope=0 until the next start."
)


def check_allowed(chosen: Sampler) -> None:
    """Sample a process that does nothing; raises UsageError where that is not allowed, with what to do."""
    asyncio.run(_try(chosen))


async def _try(chosen: Sampler) -> None:
    target = await spawn(python("-c", f"import time; print(flush=True); time.sleep({LIMIT_S})"), stdout=PIPE)
    try:
        with tempfile.TemporaryDirectory(prefix="workbench-profile-") as folder:
            await _started(target)
            sampling = await Sampling.of(chosen, target.pid, Path(folder))
            if sampling.failed is None:
                await asyncio.sleep(TRIED_S)
            await sampling.stop()
    finally:
        await stop_tree(target, 0)
    if (reason := sampling.failed) is not None:
        raise UsageError(refused(chosen, reason))


async def _started(target: asyncio.subprocess.Process) -> None:
    """Python runs in it: before, there are no stacks."""
    if target.stdout is not None:
        await in_time(LIMIT_S, target.stdout.readline())


def refused(chosen: Sampler, reason: str) -> str:
    """Why it cannot sample, with what to do where that is a matter of rights."""
    if PTRACE.search(reason):
        return FORBIDDEN.format(name=chosen.name, reason=reason)
    return f"--profile: {chosen.name} cannot sample a process: {reason}"

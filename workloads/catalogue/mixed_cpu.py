"""mixed_cpu: waiting with a share of computing, to find where coroutines in one process are overtaken."""

from typing import Annotated, Any

from msgspec import Meta

from workloads.workload import Params, Payload, Workload


class MixedCpuParams(Params, frozen=True, kw_only=True):
    """Settings of `mixed_cpu`."""

    work_ms: Annotated[float, Meta(ge=0, le=60_000, description="waiting and computing, in milliseconds")] = 50.0
    cpu_percent: Annotated[float, Meta(ge=0, le=100, description="share of it that is computing, in percent")] = 10.0


class MixedCpu(Workload[MixedCpuParams]):
    """Waits, then computes. Sweep `cpu_percent`: coroutines share one core, prefork workers have all."""

    summary = "I/O with a settable share of CPU: when do processes win?"
    in_practice = "I/O with parsing, templating, validation or encryption behind it: most handlers"
    look_at = "requests/s over `cpu_percent`: the crossover is the share from which on processes win (plan `cpu`)"
    Params = MixedCpuParams

    def payload(self, number: int) -> Payload:
        """How long to wait, and how much CPU time to use: as much on every side."""
        cpu_s = self.params.work_ms * self.params.cpu_percent / 100_000
        return {"wait_s": max(0.0, self.params.work_ms / 1000 - cpu_s), "cpu_s": cpu_s}

    def check(self, payload: Payload, reply: Any) -> str | None:
        """At least the CPU time that was asked for was used."""
        good = isinstance(reply, float) and reply >= payload["cpu_s"]
        return None if good else f"expected at least {payload['cpu_s']} CPU-seconds, got {reply!r}"

    @property
    def ideal_s(self) -> float:
        """Both."""
        return self.params.work_ms / 1000


WORKLOAD = MixedCpu

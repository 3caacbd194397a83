"""mixed_cpu: waiting and a share of computing, to find the share at which processes overtake coroutines."""

from typing import Annotated, Any

from msgspec import Meta

from workloads.workload import Params, Payload, Workload


class MixedCpuParams(Params, frozen=True, kw_only=True):
    """Settings of `mixed_cpu`."""

    work_ms: Annotated[float, Meta(ge=0, le=60_000, description="waiting and computing")] = 50.0
    cpu_percent: Annotated[
        float, Meta(ge=0, le=100, title="the time spent computing", description="share of it that is computing")
    ] = 10.0


class MixedCpu(Workload[MixedCpuParams]):
    """Waits, then computes. Coroutines share one core; prefork workers use all cores."""

    summary = "I/O with a configurable share of CPU: when do processes win?"
    in_practice = "I/O followed by parsing, templating, validation or encryption: most handlers"
    look_at = "requests/s over `cpu_percent`: above the crossover, processes win (plan `cpu`)"
    Params = MixedCpuParams
    waits = frozenset({"work_ms"})

    def payload(self, number: int) -> Payload:
        """How long to wait and how much CPU time to use, the same on both sides."""
        return {"wait_s": max(0.0, self.params.work_ms / 1000 - self.cpu_s), "cpu_s": self.cpu_s}

    def check(self, payload: Payload, reply: Any) -> str | None:
        """At least the CPU time that was asked for was used."""
        good = isinstance(reply, float) and reply >= payload["cpu_s"]
        return None if good else f"expected at least {payload['cpu_s']} CPU-seconds, got {reply!r}"

    @property
    def cpu_s(self) -> float:
        """The share that is computing."""
        return self.params.work_ms * self.params.cpu_percent / 100_000

    @property
    def ideal_s(self) -> float:
        """Waiting and computing together."""
        return self.params.work_ms / 1000


WORKLOAD = MixedCpu

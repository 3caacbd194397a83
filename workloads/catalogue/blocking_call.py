"""blocking_call: a library that only blocks, as many database drivers and SDKs do."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from workloads.promises import THREADS
from workloads.workload import Params, Payload, Places, Workload


class BlockingCallParams(Params, frozen=True, kw_only=True):
    """Settings of `blocking_call`."""

    seconds: Annotated[float, Meta(ge=0, le=60, title="blocking", description="how long the call blocks")] = 0.02
    how: Annotated[
        Literal["inline", "to_thread", "process"],
        Meta(
            description="asyncio only: called in the coroutine (wrong on purpose), in a thread, "
            "or in a pool of processes"
        ),
    ] = "to_thread"
    threads: Annotated[
        int,
        Meta(ge=0, le=1000, description=f"asyncio only: size of the thread pool; 0: the number of slots, or {THREADS}"),
    ] = 0

    def __post_init__(self) -> None:
        if self.threads and self.how != "to_thread":
            raise ValueError(f"threads={self.threads} has no effect with how={self.how}")


class BlockingCall(Workload[BlockingCallParams]):
    """How long does everything else wait?"""

    summary = "a call that blocks: in the loop, in a thread or in a process, against a plain task"
    in_practice = "a driver, an SDK or a C library without an asynchronous version, such as boto3"
    look_at = "the event loop's lag, and requests/s of `to_thread` against a worker's threads"
    Params = BlockingCallParams
    places = ("threads",)
    asyncio_only = frozenset({"how", "threads"})
    waits = frozenset({"seconds"})

    def payload(self, number: int) -> Payload:
        """How long, and how asyncio calls it."""
        return {"seconds": self.params.seconds, "how": self.params.how}

    def resources(self) -> dict[str, Any]:
        """Which pool, and its size."""
        return {"threads": self.params.threads, "how": self.params.how}

    def check(self, payload: Payload, reply: Any) -> str | None:
        """The reply is the time that was asked for."""
        return None if reply == payload["seconds"] else f"expected {payload['seconds']}, got {reply!r}"

    def at_once(self, side: str, slots: int | None) -> Places | None:
        """The pool of threads, where there are fewer than slots; in the loop, one call at a time."""
        if side != "asyncio" or self.params.how == "process":
            return None
        if self.params.how == "inline":
            return Places("event loop", 1, self.ideal_s)
        threads = self.params.threads or slots or THREADS
        return Places("threads", threads, self.ideal_s) if slots is None or threads < slots else None

    @property
    def ideal_s(self) -> float:
        """The call itself."""
        return self.params.seconds


WORKLOAD = BlockingCall

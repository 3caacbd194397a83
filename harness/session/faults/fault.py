"""The contract of a fault: what it strikes, and how what it struck is started again, as a supervisor would."""

from typing import ClassVar, Literal, Protocol

from harness.services.servers.own import OwnServer

Part = Literal["app", "child", "worker", "broker"]


class Target(Protocol):
    """The processes of a trial, as a fault strikes them."""

    def signal_app(self, number: int) -> None:
        """Send a signal to the process that accepts requests; on asyncio it executes them too."""
        ...

    async def app_again(self) -> None:
        """Wait until that process has ended, and start another; raises ServiceError."""
        ...

    async def signal_child(self, number: int) -> None:
        """Send a signal to a child of a worker that executes a request."""
        ...

    def signal_workers(self, number: int, most: int | None = None) -> None:
        """Send a signal to the main processes of the workers, or to so many of them."""
        ...

    async def workers_end(self, within_s: float) -> None:
        """Wait until the workers that were struck have ended, or for so long."""
        ...

    def kill_struck(self) -> None:
        """SIGKILL to those that still run."""
        ...

    def scaled_s(self, seconds: float) -> float:
        """A time of whoever strikes, by the run's time scale."""
        ...

    async def workers_again(self) -> None:
        """Wait until the workers that were struck have ended, and start others; raises ServiceError."""
        ...

    @property
    def broker(self) -> OwnServer:
        """The run's own broker."""
        ...


class Fault:
    """One fault; stateless. By default nothing is prepared and nothing needs to be started again."""

    summary: ClassVar[str]
    part: ClassVar[Part]
    """What it strikes."""
    only_on: ClassVar[tuple[str, ...]] = ()
    """Kinds of broker on which it means something; empty: on each."""
    told: ClassVar[bool] = False
    """Whether that is told to end, so that it could end in order."""
    down_s: ClassVar[float] = 0.3
    """After how long what died is started again, as a supervisor does."""
    back_s: ClassVar[float] = 0.1
    """About how long it then takes until it is there again; only used to estimate times."""
    quiet_s: ClassVar[float] = 1.0
    """How long nothing may happen after it was started again, until nothing more is expected."""
    settles_s: ClassVar[float | None] = None
    """How long that usually takes, where it is another time; only used to estimate times."""
    told_is_final: ClassVar[bool] = False
    """Whether a request whose caller was told that it failed is not executed again."""

    async def prepare(self, target: Target) -> None:
        """Before the first request."""

    async def strike(self, target: Target) -> None:
        """Do it."""
        raise NotImplementedError

    async def restore(self, target: Target) -> None:
        """Start again what was struck, a while later."""

    async def abandon(self, target: Target) -> None:
        """The run ends in mid-trial: let go what would keep it from ending; it starts nothing again."""

    async def clean(self, target: Target) -> None:
        """After the trial: undo what `prepare` did."""

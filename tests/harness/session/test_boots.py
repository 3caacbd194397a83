"""The boots of a run: services are started afresh, one boot at a time, and always stopped."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

import pytest

from harness.errors import ServiceError
from harness.session import boots as boots_module
from harness.session.boots import GRACE_INTERRUPTED_S, GRACE_S, Boots
from harness.session.services import RunServices
from tests.harness.session.doubles import Reported


class ServicesDouble:
    """Services that note what is done to them; their start waits for `until`, and raises what it was given."""

    def __init__(self, number: int, did: list[str]) -> None:
        self.until: asyncio.Event | None = None
        self.fails: Exception | None = None
        self._number = number
        self._did = did

    async def start(self, scratch: Path) -> None:
        """Note it, with the folder for their files."""
        self._did.append(f"{self._number} starts in {scratch.name}")
        if self.until is not None:
            await self.until.wait()
        if self.fails is not None:
            raise self.fails

    async def stop(self, grace_s: float) -> None:
        """Note it."""
        self._did.append(f"{self._number} stops within {grace_s:g} s")
        if self.until is not None:
            self.until.set()


class Booted:
    """A run of such services."""

    def __init__(self, scratch: Path) -> None:
        self.did: list[str] = []
        self.made: list[ServicesDouble] = []
        self.progress = Reported()
        self.boots = Boots(self.make, self.progress, scratch)
        self.later: Callable[[ServicesDouble], None] = lambda services: None

    def make(self, number: int) -> RunServices:
        """Doubles, which are kept."""
        self.made.append(ServicesDouble(number, self.did))
        if number:
            self.later(self.made[-1])
        return cast("RunServices", self.made[-1])

    def run(self, during: Callable[[Boots], Awaitable[None]]) -> None:
        """Do that while the services are up."""

        async def main() -> None:
            async with self.boots.running():
                await during(self.boots)

        asyncio.run(main())


async def three(boots: Boots) -> None:
    """Rounds of three boots, two of each."""
    for number in (0, 0, 1, 1, 2, 2):
        await boots.begin(number)


def test_each_boot_is_begun_once_in_a_folder_of_its_own_and_ended(tmp_path: Path) -> None:
    """Rounds of one boot share its services."""
    booted = Booted(tmp_path)
    booted.run(three)
    starts = [done for done in booted.did if "starts" in done]
    assert starts == ["0 starts in boot-0", "1 starts in boot-1", "2 starts in boot-2"]
    assert sorted(set(booted.did) - set(starts)) == [f"{number} stops within {GRACE_S:g} s" for number in range(3)]
    assert booted.boots.number == 2
    assert booted.progress.steps == [
        "starting all services afresh (boot 2)",
        "starting all services afresh (boot 3)",
        "stopping",
    ]


def test_a_boot_is_up_when_it_has_begun_and_the_last_one_has_ended(tmp_path: Path) -> None:
    """They overlap while no trial runs: the new ones start while the old ones still end."""
    booted = Booted(tmp_path)

    async def begin(boots: Boots) -> None:
        booted.made[0].until = asyncio.Event()  # set when they are stopped
        booted.later = lambda services: setattr(services, "until", booted.made[0].until)
        await boots.begin(1)
        booted.did.append("trials")
        up: object = boots.services
        assert up is booted.made[1]

    booted.run(begin)
    assert set(booted.did[1:3]) == {f"0 stops within {GRACE_S:g} s", "1 starts in boot-1"}
    assert booted.did[3:] == ["trials", f"1 stops within {GRACE_S:g} s"]


def test_after_a_failure_services_are_stopped_at_once(tmp_path: Path) -> None:
    """Whatever failed."""

    async def breaks(boots: Boots) -> None:
        raise RuntimeError

    booted = Booted(tmp_path)
    with pytest.raises(RuntimeError):
        booted.run(breaks)
    assert booted.did[-1] == f"0 stops within {GRACE_INTERRUPTED_S:g} s"
    assert booted.progress.steps == []


def test_a_boot_that_does_not_start_ends_the_run_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither what of it has started, nor the boot before it; it was tried three times."""
    monkeypatch.setattr(boots_module, "AGAIN_S", 0.0)
    booted = Booted(tmp_path)
    booted.later = lambda services: setattr(services, "fails", ServiceError("the worker did not start"))
    with pytest.raises(ExceptionGroup) as raised:
        booted.run(three)
    assert raised.group_contains(ServiceError, match="did not start")
    assert {"0 stops within 1.5 s", "1 stops within 1.5 s"} <= set(booted.did)
    assert booted.did.count("1 stops within 0 s") == 2


@pytest.mark.parametrize(
    "error",
    [ServiceError("the broker is full"), ExceptionGroup("together", [ServiceError("the broker is full")])],
)
def test_a_service_that_is_away_when_a_boot_begins_is_waited_for(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As during a trial, which fails while the run goes on; a defect of the workbench ends the run."""
    monkeypatch.setattr(boots_module, "AGAIN_S", 0.0)
    booted = Booted(tmp_path)
    booted.later = lambda services: setattr(services, "fails", error if len(booted.made) < 4 else None)
    booted.run(three)
    assert [done for done in booted.did if "starts" in done][1:] == [
        *(f"1 starts in boot-{place}" for place in (1, 2, 3)),
        "2 starts in boot-4",
    ]
    said = "services did not start, and are started again in 0 s: the broker is full"
    assert booted.progress.steps.count(said) == 2
    booted = Booted(tmp_path / "defect")
    (tmp_path / "defect").mkdir()
    booted.later = lambda services: setattr(services, "fails", ExceptionGroup("together", [KeyError("defect")]))
    with pytest.raises(ExceptionGroup):
        booted.run(three)
    assert len(booted.made) == 2


def test_services_that_no_longer_serve_are_killed_before_others_start(tmp_path: Path) -> None:
    """At once, because one of them does not answer; the reason is reported."""
    booted = Booted(tmp_path)

    async def renewed(boots: Boots) -> None:
        await boots.renew("the broker does not answer.\nIts last lines")
        await boots.begin(1)

    booted.run(renewed)
    assert booted.did == [
        "0 starts in boot-0",
        "0 stops within 0 s",
        "1 starts in boot-1",
        f"1 stops within {GRACE_S:g} s",
    ]
    assert "starting all services afresh: the broker does not answer" in booted.progress.steps
